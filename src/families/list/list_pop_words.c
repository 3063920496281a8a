/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements that go and are given: LPOP, LMPOP and their kin, at once and by waiting. */
#include "commands/waiting.h"
#include "families/list/list_words.h"

static const char *pop_event(bool front) { return front ? "lpop" : "rpop"; }

/* Gives `count` elements from an end, takes them out and ends the edit. There are as many. */
static void pop(struct edit *edit, bool front, size_t count) {
    struct list_walk walk;
    bool on = list_walk_start(&walk, &edit->value, front ? 0 : list_count(&edit->value) - 1);
    for (size_t i = 0; on && i < count; i++) {
        list_reply_item(edit->call, &walk.item);
        on = front ? list_walk_next(&walk) : list_walk_previous(&walk);
    }
    list_take_away(edit, front, count, pop_event(front));
}

static size_t at_most(const struct edit *edit, int64_t count) {
    size_t there = list_count(&edit->value);
    return (uint64_t)count < there ? (size_t)count : there;
}

/* --- LPOP, RPOP --- */

static void pop_of_one(struct call *call, bool front) {
    struct bytes key = args_key(call);
    bool counted = args_left(call) > 0;
    int64_t count = 1;
    if (args_left(call) > 1) args_wrong_number(call);
    if (counted)
        count = args_integer_or(call, 0, INT64_MAX, "value is out of range, must be positive");
    struct edit edit;
    if (args_failed(call) || !edit_open(&edit, call, key, &list_type)) return;
    if (!edit_exists(&edit) || count == 0) {
        bool there = edit_exists(&edit);
        edit_cancel(&edit);
        if (there) reply_array(call, 0);
        else if (counted) reply_null_array(call);
        else reply_null(call);
        return;
    }
    size_t taken = at_most(&edit, count);
    if (counted) reply_array(call, taken);
    pop(&edit, front, taken);
}

void list_word_lpop(struct call *call) { pop_of_one(call, true); }
void list_word_rpop(struct call *call) { pop_of_one(call, false); }

/* --- of the first list of several --- */

/* What a replay shall do. */
static void effect_of_pop(struct call *call, struct bytes key, bool front, size_t count) {
    if (!call_wants_effects(call)) return;
    struct bytes word = front ? BYTES("LPOP") : BYTES("RPOP");
    if (count == 1) call_effect_of(call, word, key);
    else call_effect_of(call, word, key, call_integer_text(call, (int64_t)count));
}

static void pop_or_wait(struct call *call, bool front) {
    int first = args_index(call), count = args_left(call) - 1;
    call->arg_at = call->argc - 1;
    int64_t timeout_ms = args_timeout_ms(call);
    if (args_failed(call)) return;
    call->arg_at = first;
    struct edit edit;
    if (!edit_open_first(&edit, call, count, &list_type)) {
        if (!call->failed) wait_for_arguments(call, first, count, &list_type, timeout_ms);
        return;
    }
    struct bytes key = edit.key;
    reply_array(call, 2);
    reply_bulk(call, key);
    pop(&edit, front, 1);
    effect_of_pop(call, key, front, 1);
}

void list_word_blpop(struct call *call) { pop_or_wait(call, true); }
void list_word_brpop(struct call *call) { pop_or_wait(call, false); }

/* --- LMPOP, BLMPOP --- */

struct many_pop {
    int first, keys; /* where the keys are in argv */
    bool front;
    int64_t count;
};

/* False: a mistake was replied. */
static bool take_many(struct call *call, struct many_pop *many) {
    *many = (struct many_pop){.count = -1};
    int64_t keys = args_integer_or(call, 1, INT64_MAX, "numkeys should be greater than 0");
    many->first = args_index(call);
    if (keys >= args_left(call)) args_syntax_error(call);
    if (args_failed(call)) return false;
    many->keys = (int)keys;
    call->arg_at += many->keys;
    many->front = list_take_end(call);
    while (args_left(call) > 0) {
        if (many->count < 0 && args_left(call) > 1 && args_word(call, "COUNT"))
            many->count = args_integer_or(call, 1, INT64_MAX, "count should be greater than 0");
        else args_syntax_error(call);
    }
    if (many->count < 0) many->count = 1;
    return !args_failed(call);
}

/* False: no key has a list, or one holds another type, which was replied. */
static bool pop_many(struct call *call, const struct many_pop *many) {
    call->arg_at = many->first;
    struct edit edit;
    if (!edit_open_first(&edit, call, many->keys, &list_type)) return false;
    struct bytes key = edit.key;
    size_t taken = at_most(&edit, many->count);
    reply_array(call, 2);
    reply_bulk(call, key);
    reply_array(call, taken);
    pop(&edit, many->front, taken);
    effect_of_pop(call, key, many->front, taken);
    return true;
}

void list_word_lmpop(struct call *call) {
    struct many_pop many;
    if (!take_many(call, &many)) return;
    if (!pop_many(call, &many) && !call->failed) reply_null_array(call);
}

void list_word_blmpop(struct call *call) {
    struct many_pop many;
    int at = args_index(call);
    args_bytes(call); /* the timeout, which is read last */
    if (!take_many(call, &many)) return;
    call->arg_at = at;
    int64_t timeout_ms = args_timeout_ms(call);
    if (args_failed(call)) return;
    if (!pop_many(call, &many) && !call->failed)
        wait_for_arguments(call, many.first, many.keys, &list_type, timeout_ms);
}
