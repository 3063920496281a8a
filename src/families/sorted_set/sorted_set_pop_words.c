/* SPDX-License-Identifier: BSD-3-Clause */
/* Members that are taken out and given: ZPOPMIN, ZPOPMAX, ZMPOP, ZPOPRANGE, and the forms that
 * wait. */
#include "commands/waiting.h"
#include "families/sorted_set/sorted_set_words.h"

struct popping {
    struct call *call;
    bool nested; /* each member and its score as an array */
    bool named;  /* ZREM with the names is the effect */
    struct bytes *words;
    int word_count;
};

static void give(void *context, const struct sorted_set_item *item) {
    struct popping *popping = context;
    struct call *call = popping->call;
    if (popping->nested) reply_array(call, 2);
    reply_bulk(call, item->name);
    reply_double(call, item->score);
    if (popping->words != NULL)
        popping->words[popping->word_count++] = arena_copy(call_arena(call), item->name);
}

static void give_all(struct popping *popping, const struct value *value,
                     struct sorted_set_window window, bool reverse) {
    struct sorted_set_walk walk;
    size_t from = reverse ? window.first + window.count - 1 : window.first;
    bool on = sorted_set_walk_start(&walk, value, from);
    for (size_t i = 0; on && i < window.count; i++) {
        give(popping, &walk.item);
        on = reverse ? sorted_set_walk_previous(&walk) : sorted_set_walk_next(&walk);
    }
}

/* Gives the members of a window that is not empty, in order, and takes them out. Ends the edit. */
static void pop_window(struct edit *edit, struct popping *popping, struct sorted_set_window window,
                       bool reverse, const char *event) {
    struct call *call = edit->call;
    if (popping->named && call_wants_effects(call)) {
        popping->words = arena_allocate(call_arena(call),
                                        (window.count + 2) * sizeof(*popping->words));
        popping->words[0] = BYTES("ZREM");
        popping->words[1] = edit->key;
        popping->word_count = 2;
    }
    struct edit_home home;
    edit_home_init(&home, edit);
    size_t total = sorted_set_count(&edit->value);
    if (window.count < total && (window.count == 1 || !reverse)) {
        sorted_set_remove_ranks(&home.home, window.first, window.count, give, popping);
    } else {
        give_all(popping, &edit->value, window, reverse);
        if (window.count == total) edit_delete(edit, call->executor->lazy_server_del);
        else sorted_set_remove_ranks(&home.home, window.first, window.count, NULL, NULL);
    }
    if (edit_exists(edit)) sorted_set_expect(&edit->value, reverse);
    sorted_set_removed(edit, event);
    if (popping->words != NULL) call_effect(call, popping->words, popping->word_count);
}

/* From one end, at most `count`. */
static void pop_end(struct edit *edit, struct popping *popping, size_t count, bool highest) {
    struct sorted_set_window window = {highest ? sorted_set_count(&edit->value) - count : 0, count};
    pop_window(edit, popping, window, highest, highest ? "zpopmax" : "zpopmin");
}

static size_t at_most(const struct edit *edit, int64_t count) {
    size_t there = sorted_set_count(&edit->value);
    return (uint64_t)count < there ? (size_t)count : there;
}

/* --- ZPOPMIN, ZPOPMAX --- */

static void pop(struct call *call, bool highest) {
    struct bytes key = args_key(call);
    bool counted = args_left(call) > 0;
    if (args_left(call) > 1) args_syntax_error(call);
    int64_t count = 1;
    if (counted)
        count = args_integer_or(call, 0, INT64_MAX, "value is out of range, must be positive");
    if (args_failed(call)) return;
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    if (!edit_exists(&edit) || count == 0) {
        edit_cancel(&edit);
        reply_array(call, 0);
        return;
    }
    struct popping popping = {.call = call, .nested = counted && call->output->protocol != 2};
    size_t taken = at_most(&edit, count);
    reply_array(call, popping.nested ? taken : taken * 2);
    pop_end(&edit, &popping, taken, highest);
}

void sorted_set_word_zpopmin(struct call *call) { pop(call, false); }
void sorted_set_word_zpopmax(struct call *call) { pop(call, true); }

/* --- of the first set that has members --- */

/* A pop that did not come as one: what a replay shall do. */
static void effect_of_pop(struct call *call, struct bytes key, size_t count, bool highest) {
    if (!call_wants_effects(call)) return;
    struct bytes word = highest ? BYTES("ZPOPMAX") : BYTES("ZPOPMIN");
    call_effect_of(call, word, key, call_integer_text(call, (int64_t)count));
}

static void pop_or_wait(struct call *call, bool highest) {
    int first = args_index(call), count = args_left(call) - 1;
    call->arg_at = call->argc - 1;
    int64_t timeout_ms = args_timeout_ms(call);
    if (args_failed(call)) return;
    call->arg_at = first;
    struct edit edit;
    if (!edit_open_first(&edit, call, count, &sorted_set_type)) {
        if (!call->failed) wait_for_arguments(call, first, count, &sorted_set_type, timeout_ms);
        return;
    }
    struct bytes key = edit.key;
    reply_array(call, 3);
    reply_bulk(call, key);
    pop_end(&edit, &(struct popping){.call = call}, 1, highest);
    effect_of_pop(call, key, 1, highest);
}

void sorted_set_word_bzpopmin(struct call *call) { pop_or_wait(call, false); }
void sorted_set_word_bzpopmax(struct call *call) { pop_or_wait(call, true); }

/* --- ZMPOP, BZMPOP --- */

struct many_pop {
    int first, keys; /* where the keys are in argv */
    bool highest;
    int64_t count;
};

/* False: a mistake was replied. */
static bool take_many(struct call *call, struct many_pop *many) {
    int64_t keys = args_integer_or(call, 1, INT64_MAX, "numkeys should be greater than 0");
    many->first = args_index(call);
    if (keys >= args_left(call)) args_syntax_error(call);
    if (args_failed(call)) return false;
    many->keys = (int)keys;
    call->arg_at += many->keys;
    many->highest = args_word(call, "MAX");
    if (!many->highest && !args_word(call, "MIN")) args_syntax_error(call);
    many->count = 1;
    bool counted = false;
    while (args_left(call) > 0) {
        if (counted || args_left(call) < 2 || !args_word(call, "COUNT")) {
            args_syntax_error(call);
            break;
        }
        many->count = args_integer_or(call, 1, INT64_MAX, "count should be greater than 0");
        counted = true;
    }
    return !args_failed(call);
}

/* False: there is nothing to pop, and nothing was replied unless the call failed. */
static bool pop_many(struct call *call, const struct many_pop *many) {
    call->arg_at = many->first;
    struct edit edit;
    if (!edit_open_first(&edit, call, many->keys, &sorted_set_type)) return false;
    struct bytes key = edit.key;
    size_t count = at_most(&edit, many->count);
    reply_array(call, 2);
    reply_bulk(call, key);
    reply_array(call, count);
    pop_end(&edit, &(struct popping){.call = call, .nested = true}, count, many->highest);
    effect_of_pop(call, key, count, many->highest);
    return true;
}

void sorted_set_word_zmpop(struct call *call) {
    struct many_pop many;
    if (!take_many(call, &many)) return;
    if (!pop_many(call, &many) && !call->failed) reply_null_array(call);
}

void sorted_set_word_bzmpop(struct call *call) {
    int timeout_at = args_index(call);
    struct many_pop many;
    args_bytes(call);
    if (!take_many(call, &many)) return;
    call->arg_at = timeout_at;
    int64_t timeout_ms = args_timeout_ms(call);
    if (args_failed(call)) return;
    if (!pop_many(call, &many) && !call->failed)
        wait_for_arguments(call, many.first, many.keys, &sorted_set_type, timeout_ms);
}

/* --- ZPOPRANGE, BZPOPRANGE --- */

/* False: there is nothing in the range, or the call failed. */
static bool pop_range(struct call *call, struct bytes key, const struct sorted_set_range *range) {
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return false;
    struct sorted_set_window window = {0};
    if (edit_exists(&edit)) window = sorted_set_range_window(range, &edit.value);
    if (window.count == 0) {
        edit_cancel(&edit);
        return false;
    }
    struct popping popping = {.call = call, .nested = call->output->protocol != 2, .named = true};
    reply_array(call, popping.nested ? window.count : window.count * 2);
    pop_window(&edit, &popping, window, range->reverse, "zpoprange");
    return true;
}

/* False: a mistake was replied. */
static bool take_pop_range(struct call *call, struct bytes *key,
                           struct sorted_set_question *question) {
    *key = args_key(call);
    *question = (struct sorted_set_question){.rank_is_a_word = true};
    sorted_set_question_take(call, question);
    return !args_failed(call);
}

void sorted_set_word_zpoprange(struct call *call) {
    struct bytes key;
    struct sorted_set_question question;
    if (!take_pop_range(call, &key, &question)) return;
    if (!pop_range(call, key, &question.range) && !call->failed) reply_array(call, 0);
}

void sorted_set_word_bzpoprange(struct call *call) {
    int64_t timeout_ms = args_timeout_ms(call);
    int key_at = args_index(call);
    struct bytes key;
    struct sorted_set_question question;
    if (args_failed(call) || !take_pop_range(call, &key, &question)) return;
    if (!pop_range(call, key, &question.range) && !call->failed)
        wait_for_arguments(call, key_at, 1, &sorted_set_type, timeout_ms);
}
