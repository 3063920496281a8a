/* SPDX-License-Identifier: BSD-3-Clause */
/* SET and its older forms: one key gets a whole new value. */
#include "families/string/string_condition.h"
#include "families/string/string_words.h"

bool string_replace(struct edit *edit, struct bytes bytes, struct blob *blob,
                    const struct string_expiry *expiry) {
    struct value value;
    if (!string_value_try(bytes, blob, &value)) {
        reply_error(edit->call, "OOM command not allowed: no memory for the value");
        edit_cancel(edit);
        return false;
    }
    bool stored;
    if (string_expiry_has_deadline(expiry))
        stored = edit_replace_until(edit, &value, expiry->deadline_ms);
    else if (expiry->kind == STRING_EXPIRY_KEEP && edit_has_deadline(edit))
        stored = edit_replace_until(edit, &value, edit_deadline_ms(edit));
    else stored = edit_replace(edit, &value);
    if (!stored) string_value_drop(&value);
    return stored;
}

void string_delete(struct edit *edit, uint32_t event_class, const char *event) {
    struct call *call = edit->call;
    bool lazy = call->executor->lazy_user_del;
    edit_delete(edit, lazy);
    edit_commit_as(edit, event_class, event);
    call_effect_of(call, lazy ? BYTES("UNLINK") : BYTES("DEL"), edit->key);
}

void string_set_effect(struct call *call, struct bytes key, struct bytes value,
                       const struct string_expiry *expiry) {
    if (!call_wants_effects(call)) return;
    if (string_expiry_has_deadline(expiry)) {
        call_effect_of(call, BYTES("SET"), key, value, BYTES("PXAT"),
                       call_integer_text(call, expiry->deadline_ms));
    } else if (expiry->kind == STRING_EXPIRY_KEEP) {
        call_effect_of(call, BYTES("SET"), key, value, BYTES("KEEPTTL"));
    } else {
        call_effect_of(call, BYTES("SET"), key, value);
    }
}

bool string_put(struct edit *edit, struct bytes bytes, struct blob *blob,
                const struct string_expiry *expiry) {
    if (!string_replace(edit, bytes, blob, expiry)) return false;
    edit_commit_as(edit, EVENT_STRING, "set");
    if (string_expiry_has_deadline(expiry)) edit_event(edit, EVENT_GENERIC, "expire");
    string_set_effect(edit->call, edit->key, bytes, expiry);
    return true;
}

/* --- SET --- */

struct set_options {
    struct string_condition condition;
    struct string_expiry expiry;
    bool get;
};

/* False: a mistake was replied. */
static bool take_options(struct call *call, struct set_options *options) {
    *options = (struct set_options){0};
    while (args_left(call) > 0) {
        if (string_condition_take(call, &options->condition)) continue;
        if (string_expiry_take(call, &options->expiry, STRING_EXPIRY_KEEP)) continue;
        if (args_word(call, "GET")) options->get = true;
        else args_syntax_error(call);
    }
    return !args_failed(call) && string_expiry_settle(call, &options->expiry, "set") &&
           string_condition_check(call, &options->condition);
}

static bool condition_holds(struct edit *edit, const struct string_condition *condition) {
    return string_condition_holds(condition, edit_exists(edit) ? &edit->value : NULL);
}

void string_answer_failure_alone(struct call *call, struct reply_mark mark) {
    reply_rewind(call, mark);
    reply_error(call, "OOM command not allowed: no memory for the value");
}

static __attribute__((noinline)) void set_with_options(struct call *call, struct bytes key,
                                                       struct bytes value, struct blob *blob) {
    struct set_options options;
    if (!take_options(call, &options)) return;
    struct reply_mark mark = reply_mark(call);
    if (options.get && !string_answer(call, key)) return;

    bool compares = string_condition_compares(&options.condition);
    struct edit edit;
    if (!edit_open(&edit, call, key, compares ? &string_type : NULL)) return;
    if (!condition_holds(&edit, &options.condition)) {
        edit_cancel(&edit);
        if (!options.get) reply_null(call);
        return;
    }
    bool stored = string_put(&edit, value, blob, &options.expiry);
    if (!stored && options.get) string_answer_failure_alone(call, mark);
    if (stored && !options.get) reply_ok(call);
}

void string_set(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes bytes = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    if (args_left(call) > 0) {
        set_with_options(call, key, bytes, blob);
        return;
    }
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (!string_replace(&edit, bytes, blob, &(struct string_expiry){0})) return;
    edit_commit_as(&edit, EVENT_STRING, "set");
    reply_ok(call);
}

/* --- the older forms --- */

void string_setnx(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes bytes = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (edit_exists(&edit)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    if (!string_replace(&edit, bytes, blob, &(struct string_expiry){0})) return;
    edit_commit_as(&edit, EVENT_STRING, "set");
    reply_integer(call, 1);
}

static void set_until(struct call *call, enum string_expiry_kind kind, const char *command) {
    struct bytes key = args_key(call);
    struct string_expiry expiry = {.kind = kind, .number = args_bytes(call)};
    struct bytes bytes = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    if (!string_expiry_settle(call, &expiry, command)) return;
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (string_put(&edit, bytes, blob, &expiry)) reply_ok(call);
}

void string_setex(struct call *call) { set_until(call, STRING_EXPIRY_EX, "setex"); }

void string_psetex(struct call *call) { set_until(call, STRING_EXPIRY_PX, "psetex"); }

void string_getset(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes bytes = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    struct reply_mark mark = reply_mark(call);
    if (!string_answer(call, key)) return;
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (!string_replace(&edit, bytes, blob, &(struct string_expiry){0})) {
        string_answer_failure_alone(call, mark);
        return;
    }
    edit_commit_as(&edit, EVENT_STRING, "set");
}
