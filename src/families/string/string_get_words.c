/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading one string, and reading it for the last time. */
#include "base/hash.h"
#include "families/string/string_condition.h"
#include "families/string/string_words.h"

bool string_answer(struct call *call, struct bytes key) {
    struct value value;
    if (LIKELY(key_read(call, key, &string_type, &value))) string_reply(call, &value);
    else if (!call->failed) reply_null(call);
    return !call->failed;
}

void string_get(struct call *call) { string_answer(call, args_key(call)); }

void string_strlen(struct call *call) {
    struct value value;
    if (key_read(call, args_key(call), &string_type, &value))
        reply_integer(call, (int64_t)string_length(&value));
    else if (!call->failed) reply_integer(call, 0);
}

void string_digest(struct call *call) {
    struct value value;
    if (key_read(call, args_key(call), &string_type, &value)) {
        char scratch[TEXT_INTEGER_MAX];
        char hex[HASH_DIGEST64_HEX];
        hash_digest64(string_bytes(&value, scratch), hex);
        reply_bulk(call, bytes_make(hex, sizeof(hex)));
    } else if (!call->failed) {
        reply_null(call);
    }
}

void string_getdel(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    if (!string_answer(call, key) || !edit_open(&edit, call, key, NULL)) return;
    if (edit_exists(&edit)) string_delete(&edit, EVENT_GENERIC, "del");
    else edit_cancel(&edit);
}

/* --- GETEX --- */

/* Both: false when out of memory was replied. */
static bool set_deadline(struct edit *edit, const struct string_expiry *expiry) {
    struct call *call = edit->call;
    if (string_expiry_is_past(call, expiry)) {
        string_delete(edit, EVENT_GENERIC, "del");
        return true;
    }
    if (!edit_set_deadline(edit, expiry->deadline_ms)) return false;
    edit_commit_as(edit, EVENT_GENERIC, "expire");
    if (call_wants_effects(call))
        call_effect_of(call, BYTES("PEXPIREAT"), edit->key,
                       call_integer_text(call, expiry->deadline_ms));
    return true;
}

static bool clear_deadline(struct edit *edit) {
    if (!edit_has_deadline(edit)) {
        edit_cancel(edit);
        return true;
    }
    if (!edit_clear_deadline(edit)) return false;
    edit_commit_as(edit, EVENT_GENERIC, "persist");
    call_effect_of(edit->call, BYTES("PERSIST"), edit->key);
    return true;
}

void string_getex(struct call *call) {
    struct bytes key = args_key(call);
    struct string_expiry expiry = {0};
    while (args_left(call) > 0)
        if (!string_expiry_take(call, &expiry, STRING_EXPIRY_PERSIST)) args_syntax_error(call);
    if (args_failed(call)) return;

    struct value value;
    if (!key_read(call, key, &string_type, &value)) {
        if (!call->failed) reply_null(call);
        return;
    }
    if (!string_expiry_settle(call, &expiry, "getex")) return;
    struct reply_mark mark = reply_mark(call);
    string_reply(call, &value);
    if (expiry.kind == STRING_EXPIRY_NONE) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    bool persists = expiry.kind == STRING_EXPIRY_PERSIST;
    bool done = persists ? clear_deadline(&edit) : set_deadline(&edit, &expiry);
    if (!done) string_answer_failure_alone(call, mark);
}

/* --- deleting under a condition --- */

static void delete_where(struct edit *edit, const struct string_condition *condition) {
    struct call *call = edit->call;
    if (!edit_exists(edit) || !string_condition_holds(condition, &edit->value)) {
        edit_cancel(edit);
        reply_integer(call, 0);
        return;
    }
    string_delete(edit, EVENT_GENERIC, "del");
    reply_integer(call, 1);
}

void string_delifeq(struct call *call) {
    struct bytes key = args_key(call);
    struct string_condition condition = {STRING_CONDITION_IFEQ, args_bytes(call)};
    struct edit edit;
    if (edit_open(&edit, call, key, &string_type)) delete_where(&edit, &condition);
}

void string_delex(struct call *call) {
    struct bytes key = args_key(call);
    struct string_condition condition = {0};
    int given = args_left(call);
    if (given != 0 && given != 2) args_wrong_number(call);
    if (given == 2) string_condition_take(call, &condition);
    if (given == 2 && !string_condition_compares(&condition))
        args_fail(call, "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
    if (args_failed(call) || !string_condition_check(call, &condition)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (given == 2 && edit_exists(&edit) && edit.value.type != &string_type) {
        edit_cancel(&edit);
        reply_error(call, "ERR Key should be of string type if conditions are specified");
        return;
    }
    delete_where(&edit, &condition);
}
