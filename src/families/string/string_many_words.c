/* SPDX-License-Identifier: BSD-3-Clause */
/* Many keys in one step: MGET, MSET, MSETNX, MSETEX. */
#include "families/string/string_condition.h"
#include "families/string/string_words.h"

void string_mget(struct call *call) {
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        struct value value;
        if (key_read(call, args_key(call), NULL, &value) && value.type == &string_type)
            string_reply(call, &value);
        else reply_null(call);
    }
}

static void tell_set(struct edit *edit, const struct string_expiry *expiry) {
    edit_commit_as(edit, EVENT_STRING, "set");
    if (string_expiry_has_deadline(expiry)) edit_event(edit, EVENT_GENERIC, "expire");
}

/* --- much of it: all or nothing --- */

#define MUCH_BYTES ((size_t)16 * 1024)
#define MANY_PAIRS 256

/* What memory may well refuse. */
static bool is_much(const struct call *call, int count) {
    size_t bytes = 0;
    if (count > MANY_PAIRS) return true;
    for (int i = 0; i < count * 2; i++) bytes += args_peek(call, i).len;
    return bytes > MUCH_BYTES;
}

struct pair {
    struct edit edit;
    struct entry *made;
};

static void forget_pairs(struct pair *pairs, int count) {
    for (int i = 0; i < count; i++) {
        edit_unmake(&pairs[i].edit, pairs[i].made);
        edit_cancel(&pairs[i].edit);
    }
}

/* Opens the key of the next pair and makes what it is to hold. False: out of memory was replied. */
static bool make_pair(struct call *call, struct pair *pair, const struct string_expiry *expiry) {
    struct bytes key = args_key(call), bytes = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    struct value value;
    if (!edit_open(&pair->edit, call, key, NULL)) return false;
    if (!string_value_try(bytes, blob, &value)) {
        reply_error(call, "OOM command not allowed: no memory for the value");
        edit_cancel(&pair->edit);
        return false;
    }
    bool keeps = expiry->kind == STRING_EXPIRY_KEEP && edit_has_deadline(&pair->edit);
    bool has_deadline = keeps || string_expiry_has_deadline(expiry);
    int64_t deadline_ms = keeps ? edit_deadline_ms(&pair->edit) : expiry->deadline_ms;
    pair->made = edit_make(&pair->edit, &value, has_deadline, deadline_ms);
    if (pair->made == NULL) string_value_drop(&value);
    return pair->made != NULL;
}

static bool set_much(struct call *call, int count, const struct string_expiry *expiry) {
    struct pair *pairs = arena_try_allocate(call_arena(call), (size_t)count * sizeof(*pairs));
    if (pairs == NULL) {
        reply_error(call, "OOM command not allowed: no memory for so many keys");
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (make_pair(call, &pairs[i], expiry)) continue;
        forget_pairs(pairs, i);
        return false;
    }
    for (int i = 0; i < count; i++) {
        edit_put(&pairs[i].edit, pairs[i].made);
        tell_set(&pairs[i].edit, expiry);
    }
    return true;
}

/* --- setting --- */

/* Sets `count` pairs, which begin with the next argument, without a word to the client. False: out
 * of memory was replied; `done` says how many pairs were set before, of few small ones perhaps
 * some, else none. */
static bool set_pairs(struct call *call, int count, const struct string_expiry *expiry, int *done) {
    if (UNLIKELY(is_much(call, count))) {
        bool all = set_much(call, count, expiry);
        *done = all ? count : 0;
        return all;
    }
    for (*done = 0; *done < count; ++*done) {
        struct bytes key = args_key(call);
        struct bytes bytes = args_bytes(call);
        struct blob *blob = args_taken_blob(call);
        struct edit edit;
        if (!edit_open(&edit, call, key, NULL)) return false;
        if (!string_replace(&edit, bytes, blob, expiry)) return false;
        tell_set(&edit, expiry);
    }
    return true;
}

/* The arguments as they are, but only so many pairs: what was done when memory ran out. */
static void effect_of_some(struct call *call, int pairs) {
    if (pairs > 0) call_effect_lasting(call, call->argv, 1 + pairs * 2);
}

static bool any_exists(struct call *call, int count, bool wanted) {
    for (int i = 0; i < count; i++)
        if (key_exists(call, args_peek(call, i * 2)) == wanted) return true;
    return false;
}

void string_mset(struct call *call) {
    int count = args_left(call) / 2;
    int done;
    if (args_left(call) % 2 != 0) args_wrong_number(call);
    else if (set_pairs(call, count, &(struct string_expiry){0}, &done)) reply_ok(call);
    else effect_of_some(call, done);
}

void string_msetnx(struct call *call) {
    int count = args_left(call) / 2;
    int done;
    if (args_left(call) % 2 != 0) args_wrong_number(call);
    else if (any_exists(call, count, true)) reply_integer(call, 0);
    else if (set_pairs(call, count, &(struct string_expiry){0}, &done)) reply_integer(call, 1);
    else effect_of_some(call, done);
}

/* --- MSETEX --- */

static void delete_all(struct call *call, int count) {
    for (int i = 0; i < count; i++) {
        struct bytes key = args_key(call);
        args_bytes(call);
        struct edit edit;
        if (!edit_open(&edit, call, key, NULL)) return;
        if (edit_exists(&edit)) string_delete(&edit, EVENT_EXPIRED, "expired");
        else edit_cancel(&edit);
    }
}

/* Room for the words of effect_of_pairs, if they are wanted. False: out of memory was replied. */
static bool make_words(struct call *call, int count, struct bytes **words) {
    *words = NULL;
    if (!call_wants_effects(call)) return true;
    *words = arena_try_allocate(call_arena(call), ((size_t)count * 2 + 4) * sizeof(struct bytes));
    if (*words == NULL) reply_error(call, "OOM command not allowed: no memory for so many keys");
    return *words != NULL;
}

/* MSETEX with its deadline as an instant, and without a condition. */
static void effect_of_pairs(struct call *call, int count, const struct string_expiry *expiry,
                            struct bytes *words) {
    if (count == 0 || words == NULL) return;
    const int first = 2;
    int at = 0;
    words[at++] = BYTES("MSETEX");
    words[at++] = call_integer_text(call, count);
    for (int i = 0; i < count * 2; i++) words[at++] = call->argv[first + i];
    if (expiry->kind == STRING_EXPIRY_KEEP) {
        words[at++] = BYTES("KEEPTTL");
    } else if (expiry->kind != STRING_EXPIRY_NONE) {
        words[at++] = BYTES("PXAT");
        words[at++] = call_integer_text(call, expiry->deadline_ms);
    }
    call_effect_lasting(call, words, at);
}

/* How many pairs follow; 0: a mistake was replied. */
static int take_pair_count(struct call *call) {
    int64_t count = args_integer_or(call, 1, INT32_MAX, "invalid numkeys value or out of range");
    if (args_left(call) < count * 2) args_syntax_error(call);
    return args_failed(call) ? 0 : (int)count;
}

void string_msetex(struct call *call) {
    int count = take_pair_count(call);
    int pairs_at = args_index(call);
    struct string_condition condition = {0};
    struct string_expiry expiry = {0};
    for (int i = 0; i < count * 2; i++) args_bytes(call);
    while (args_left(call) > 0) {
        if (string_condition_take_existence(call, &condition)) continue;
        if (!string_expiry_take(call, &expiry, STRING_EXPIRY_KEEP)) args_syntax_error(call);
    }
    if (args_failed(call) || !string_expiry_settle(call, &expiry, "msetex")) return;

    call->arg_at = pairs_at;
    bool refused = (condition.kind == STRING_CONDITION_NX && any_exists(call, count, true)) ||
                   (condition.kind == STRING_CONDITION_XX && any_exists(call, count, false));
    if (refused) {
        reply_integer(call, 0);
    } else if (string_expiry_is_past(call, &expiry)) {
        delete_all(call, count);
        reply_integer(call, 1);
    } else {
        int done;
        struct bytes *words;
        if (!make_words(call, count, &words)) return;
        if (set_pairs(call, count, &expiry, &done)) reply_integer(call, 1);
        effect_of_pairs(call, done, &expiry, words);
    }
}
