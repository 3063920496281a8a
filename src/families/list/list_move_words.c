/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements that go from one list to another, or round in one: LMOVE and its kin. */
#include "commands/waiting.h"
#include "families/list/list_words.h"

struct move {
    struct bytes source, target;
    bool from_front, to_front;
    bool counted; /* LMOVEM: as an array */
    int64_t count;
};

static const char *pop_event(const struct move *move) { return move->from_front ? "lpop" : "rpop"; }
static const char *push_event(const struct move *move) {
    return move->to_front ? "lpush" : "rpush";
}

/* Copies the elements that are going to move, in the order in which they leave. NULL: no memory. */
static struct bytes *copy_elements(struct call *call, const struct value *value, bool front,
                                   size_t count) {
    struct arena *arena = call_arena(call);
    struct bytes *elements = arena_try_allocate(arena, count * sizeof(*elements));
    if (elements == NULL) return NULL;
    struct list_walk walk;
    bool on = list_walk_start(&walk, value, front ? 0 : list_count(value) - 1);
    for (size_t i = 0; on && i < count; i++) {
        char scratch[TEXT_INTEGER_MAX];
        struct bytes text = packed_item_text(&walk.item, scratch);
        char *copy = arena_try_allocate(arena, text.len);
        if (copy == NULL) return NULL;
        if (text.len > 0) memcpy(copy, text.data, text.len);
        elements[i] = bytes_make(copy, text.len);
        on = front ? list_walk_next(&walk) : list_walk_previous(&walk);
    }
    return elements;
}

static void reply_moved(struct call *call, const struct move *move, const struct bytes *elements,
                        size_t count) {
    if (move->counted) reply_array(call, count);
    for (size_t i = 0; i < count; i++) reply_bulk(call, elements[i]);
}

/* Turns the elements at one end round, as taking them out and putting them back does. */
static bool turn_round(struct value_home *home, const struct collection_limits *limits, bool front,
                       const struct bytes *elements, size_t count) {
    size_t total = list_count(home->value);
    for (size_t i = 0; count > 1 && i < count; i++) {
        size_t index = front ? i : total - 1 - i;
        if (!list_replace(home, limits, index, elements[count - 1 - i])) return false;
    }
    return true;
}

/* Source and target are one. */
static void move_round(struct edit *edit, const struct move *move, const struct bytes *elements,
                       size_t count) {
    struct call *call = edit->call;
    struct edit_home home;
    edit_home_init(&home, edit);
    const struct collection_limits *limits = list_limits(call);
    bool moved = move->from_front == move->to_front
                     ? turn_round(&home.home, limits, move->from_front, elements, count)
                     : list_push(&home.home, limits, move->to_front, elements, count);
    if (!moved) {
        list_refused(edit);
        return;
    }
    if (move->from_front != move->to_front) list_drop(&home.home, limits, move->from_front, count);
    edit_event(edit, EVENT_LIST, push_event(move));
    edit_commit_as(edit, EVENT_LIST, pop_event(move));
    reply_moved(call, move, elements, count);
}

static void move_over(struct edit *edit, const struct move *move, const struct bytes *elements,
                      size_t count) {
    struct call *call = edit->call;
    struct edit target;
    struct edit_home home;
    if (!edit_open(&target, call, move->target, &list_type)) {
        edit_cancel(edit);
        return;
    }
    if (!list_push(edit_home_init(&home, &target), list_limits(call), move->to_front, elements,
                   count)) {
        list_refused(&target);
        edit_cancel(edit);
        return;
    }
    edit_commit_as(&target, EVENT_LIST, push_event(move));
    list_take_away(edit, move->from_front, count, pop_event(move));
    reply_moved(call, move, elements, count);
}

/* False: there is no source, and nothing was replied. */
static bool move_elements(struct call *call, const struct move *move) {
    struct edit edit;
    if (!edit_open(&edit, call, move->source, &list_type)) return true;
    if (!edit_exists(&edit)) {
        edit_cancel(&edit);
        return false;
    }
    size_t there = list_count(&edit.value);
    size_t count = (uint64_t)move->count < there ? (size_t)move->count : there;
    struct bytes *elements = copy_elements(call, &edit.value, move->from_front, count);
    if (elements == NULL) list_refused(&edit);
    else if (bytes_equal(move->source, move->target)) move_round(&edit, move, elements, count);
    else move_over(&edit, move, elements, count);
    return true;
}

/* --- the words --- */

static struct move take_keys(struct call *call) {
    struct move move = {.to_front = true, .count = 1};
    move.source = args_key(call);
    move.target = args_key(call);
    return move;
}

static struct move take_move(struct call *call) {
    struct move move = take_keys(call);
    move.from_front = list_take_end(call);
    move.to_front = list_take_end(call);
    return move;
}

static void take_count(struct call *call, struct move *move) {
    move->counted = true;
    if (args_left(call) == 0) return;
    if (args_left(call) == 2 && args_word(call, "COUNT"))
        move->count = args_integer_or(call, 1, INT64_MAX, "count should be greater than 0");
    else args_syntax_error(call);
}

static void move_now(struct call *call, const struct move *move) {
    if (args_failed(call) || move_elements(call, move)) return;
    if (move->counted) reply_null_array(call);
    else reply_null(call);
}

void list_word_lmove(struct call *call) {
    struct move move = take_move(call);
    move_now(call, &move);
}

void list_word_rpoplpush(struct call *call) {
    struct move move = take_keys(call);
    move_now(call, &move);
}

void list_word_lmovem(struct call *call) {
    struct move move = take_move(call);
    take_count(call, &move);
    move_now(call, &move);
}

/* Where nobody can wait the answer is that of the word that does not wait. */
static void give_up(struct call *call) {
    if (call->in_transaction) reply_null(call);
    else reply_null_array(call);
}

/* False: nothing was moved; it waits, or has replied. */
static bool move_or_wait(struct call *call, const struct move *move, int64_t timeout_ms) {
    if (args_failed(call)) return false;
    if (move_elements(call, move)) return call->changed;
    wait_for_keys(call,
                  &(struct wait_request){.keys = &move->source,
                                         .key_count = 1,
                                         .timeout_ms = timeout_ms,
                                         .type = &list_type,
                                         .give_up = move->counted ? reply_null_array : give_up});
    return false;
}

static struct bytes end_word(bool front) { return front ? BYTES("LEFT") : BYTES("RIGHT"); }

void list_word_blmove(struct call *call) {
    struct move move = take_move(call);
    int64_t timeout_ms = args_timeout_ms(call);
    if (move_or_wait(call, &move, timeout_ms) && call_wants_effects(call))
        call_effect_of(call, BYTES("LMOVE"), move.source, move.target, end_word(move.from_front),
                       end_word(move.to_front));
}

void list_word_brpoplpush(struct call *call) {
    struct move move = take_keys(call);
    int64_t timeout_ms = args_timeout_ms(call);
    if (move_or_wait(call, &move, timeout_ms) && call_wants_effects(call))
        call_effect_of(call, BYTES("RPOPLPUSH"), move.source, move.target);
}

void list_word_blmovem(struct call *call) {
    struct move move = take_move(call);
    int64_t timeout_ms = args_timeout_ms(call);
    take_count(call, &move);
    if (move_or_wait(call, &move, timeout_ms) && call_wants_effects(call))
        call_effect_of(call, BYTES("LMOVEM"), move.source, move.target, end_word(move.from_front),
                       end_word(move.to_front), BYTES("COUNT"),
                       call_integer_text(call, move.count));
}
