/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/packed_deque.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

#define MODEL_MAX 3000

/* The same elements in an array. */
struct model {
    struct bytes items[MODEL_MAX];
    size_t count;
};

static struct bytes text_make(size_t len, char fill) {
    char *text = malloc(len + 1);
    memset(text, fill, len + 1);
    return bytes_make(text, len);
}

static void text_free(struct bytes text) { free((char *)(uintptr_t)text.data); }

static void model_insert(struct model *model, size_t at, struct bytes text) {
    memmove(model->items + at + 1, model->items + at,
            (model->count - at) * sizeof(model->items[0]));
    model->items[at] = text;
    model->count++;
}

static void model_remove(struct model *model, size_t at) {
    text_free(model->items[at]);
    model->count--;
    memmove(model->items + at, model->items + at + 1,
            (model->count - at) * sizeof(model->items[0]));
}

static size_t model_remove_equal(struct model *model, struct bytes text, size_t count, bool back) {
    size_t removed = 0;
    for (size_t i = 0; i < model->count && removed < count;) {
        size_t at = back ? model->count - 1 - i : i;
        if (!bytes_equal(model->items[at], text)) {
            i++;
            continue;
        }
        model_remove(model, at);
        removed++;
    }
    return removed;
}

static void expect_item(const struct packed_deque *deque, struct packed_cursor cursor,
                        struct bytes text) {
    char scratch[TEXT_INTEGER_MAX];
    struct packed_item item = packed_deque_get(deque, cursor);
    cr_assert(bytes_equal(packed_item_text(&item, scratch), text));
}

static void expect_same(const struct packed_deque *deque, const struct model *model) {
    cr_assert(packed_deque_is_sound(deque));
    cr_assert_eq(packed_deque_count(deque), model->count);
    struct packed_cursor cursor;
    bool on = packed_deque_seek(deque, 0, &cursor);
    size_t at = 0;
    for (; on; on = packed_deque_next(deque, &cursor))
        expect_item(deque, cursor, model->items[at++]);
    cr_assert_eq(at, model->count);
    on = at > 0 && packed_deque_seek(deque, at - 1, &cursor);
    for (; on; on = packed_deque_previous(deque, &cursor))
        expect_item(deque, cursor, model->items[--at]);
    cr_assert_eq(at, 0);
    for (size_t i = 0; i < model->count; i += 1 + model->count / 16) {
        cr_assert(packed_deque_seek(deque, i, &cursor));
        expect_item(deque, cursor, model->items[i]);
    }
    cr_assert_not(packed_deque_seek(deque, model->count, &cursor));
}

/* Few texts are different, so that there is something to be found; some are long. */
static struct bytes text_any(struct random *random) {
    uint64_t kind = random_below(random, 100);
    if (kind < 40) {
        char digits[24];
        int len = snprintf(digits, sizeof(digits), "%d", (int)random_below(random, 12) * 977 - 9);
        struct bytes text = text_make((size_t)len, 0);
        memcpy((char *)(uintptr_t)text.data, digits, (size_t)len);
        return text;
    }
    if (kind < 92) return text_make(random_below(random, 40), 'a');
    if (kind < 98) return text_make(60 + random_below(random, 200), 'b');
    return text_make(random_below(random, 9000), 'c');
}

struct history {
    struct packed_deque deque;
    struct model model;
    struct packed_rule rule;
    struct random random;
};

static void push(struct history *history, bool front) {
    struct bytes text = text_any(&history->random);
    cr_assert(packed_deque_push(&history->deque, &history->rule, front, text));
    model_insert(&history->model, front ? 0 : history->model.count, text);
}

static void drop(struct history *history) {
    bool front = random_below(&history->random, 2) == 0;
    size_t count = random_below(&history->random, 3) > 0 ? 1 : random_below(&history->random, 80);
    packed_deque_drop(&history->deque, front, count);
    for (; count > 0 && history->model.count > 0; count--)
        model_remove(&history->model, front ? 0 : history->model.count - 1);
}

/* Puts an element between others, or in the place of one. */
static void change(struct history *history) {
    size_t at = random_below(&history->random, history->model.count);
    struct packed_cursor cursor;
    cr_assert(packed_deque_seek(&history->deque, at, &cursor));
    struct bytes text = text_any(&history->random);
    if (random_below(&history->random, 2) == 0) {
        cr_assert(packed_deque_insert(&history->deque, &history->rule, cursor, text));
        model_insert(&history->model, at, text);
        return;
    }
    cr_assert(packed_deque_replace(&history->deque, &history->rule, cursor, text));
    text_free(history->model.items[at]);
    history->model.items[at] = text;
}

static void remove_equal(struct history *history) {
    struct bytes text = text_any(&history->random);
    struct packed_item needle = packed_item_of(text);
    bool back = random_below(&history->random, 2) == 0;
    size_t count = random_below(&history->random, 3) == 0 ? SIZE_MAX
                                                          : 1 + random_below(&history->random, 5);
    size_t removed = packed_deque_remove_equal(&history->deque, &history->rule, &needle, count,
                                               back);
    cr_assert_eq(removed, model_remove_equal(&history->model, text, count, back));
    text_free(text);
}

static void step(struct history *history, uint64_t growth) {
    uint64_t kind = random_below(&history->random, 100);
    if (kind < growth && history->model.count < MODEL_MAX - 1)
        push(history, random_below(&history->random, 2) == 0);
    else if (kind < 70) drop(history);
    else if (kind < 95 && history->model.count > 0 && history->model.count < MODEL_MAX - 1)
        change(history);
    else remove_equal(history);
}

static void live(struct packed_rule rule, uint64_t seed) {
    static struct history history;
    history = (struct history){.rule = rule};
    random_init(&history.random, seed);
    packed_deque_init(&history.deque);
    for (int i = 0; i < 12000; i++) {
        step(&history, i % 4000 < 2500 ? 66 : 20);
        if (i % 64 == 0) expect_same(&history.deque, &history.model);
    }
    expect_same(&history.deque, &history.model);
    struct packed_deque copy;
    packed_deque_init(&copy);
    cr_assert(packed_deque_try_copy(&history.deque, &copy));
    expect_same(&copy, &history.model);
    packed_deque_deinit(&copy);
    packed_deque_deinit(&history.deque);
    cr_assert_eq(history.deque.memory_bytes, 0);
    while (history.model.count > 0) model_remove(&history.model, history.model.count - 1);
}

Test(packed_deque, is_an_array_through_random_histories_with_blocks_of_any_size) {
    size_t before = memory_used_bytes();
    live((struct packed_rule){8192, 65534}, 1);
    live((struct packed_rule){128, 65534}, 2);
    live((struct packed_rule){8192, 1}, 3);
    live((struct packed_rule){8192, 5}, 4);
    live((struct packed_rule){65536, 65534}, 5);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(packed_deque, fills_its_blocks) {
    struct packed_rule rule = {8192, 65534};
    for (int front = 0; front < 2; front++) {
        struct packed_deque deque;
        packed_deque_init(&deque);
        for (int i = 0; i < 100000; i++)
            cr_assert(packed_deque_push(&deque, &rule, front, BYTES("a text of 16 ch.")));
        size_t bytes = 100000 * 18;
        cr_assert_eq(deque.entry_bytes, bytes);
        cr_assert_lt(deque.memory_bytes, bytes + bytes / 50);
        packed_deque_deinit(&deque);
    }
}

Test(packed_deque, gives_memory_back_as_it_empties_from_either_end) {
    struct packed_rule rule = {8192, 65534};
    for (int front = 0; front < 2; front++) {
        struct packed_deque deque;
        packed_deque_init(&deque);
        for (int i = 0; i < 1000; i++)
            cr_assert(packed_deque_push(&deque, &rule, true, BYTES("a text of 16 ch.")));
        for (int i = 0; i < 995; i++) packed_deque_drop(&deque, front, 1);
        cr_assert_lt(deque.memory_bytes, 1024);
        packed_deque_drop(&deque, front, 100);
        cr_assert_eq(packed_deque_count(&deque), 0);
        packed_deque_deinit(&deque);
    }
}

/* One operation on a deque of some blocks, at each try that it makes for memory. */
static bool attempt(struct packed_deque *deque, int kind) {
    struct packed_rule rule = {256, 65534};
    static char text[4000];
    memset(text, 'x', sizeof(text));
    struct packed_cursor cursor;
    cr_assert(packed_deque_seek(deque, 10, &cursor));
    switch (kind) {
    case 0: return packed_deque_push(deque, &rule, true, bytes_make(text, 100));
    case 1: return packed_deque_push(deque, &rule, false, bytes_make(text, 4000));
    case 2: return packed_deque_insert(deque, &rule, cursor, bytes_make(text, 300));
    case 3: return packed_deque_insert(deque, &rule, cursor, bytes_make(text, 90));
    default: return packed_deque_replace(deque, &rule, cursor, bytes_make(text, 4000));
    }
}

Test(packed_deque, holds_what_it_held_when_memory_is_refused) {
    struct packed_rule rule = {256, 65534};
    for (int kind = 0; kind < 5; kind++) {
        for (uint64_t nth = 1; nth < 20; nth++) {
            struct model model = {.count = 0};
            struct packed_deque deque;
            packed_deque_init(&deque);
            for (int i = 0; i < 30; i++) {
                struct bytes text = text_make(20, (char)('a' + i % 26));
                cr_assert(packed_deque_push(&deque, &rule, false, text));
                model_insert(&model, model.count, text);
            }
            memory_fail_try(nth);
            bool done = attempt(&deque, kind);
            memory_fail_try(0);
            if (!done) expect_same(&deque, &model);
            else cr_assert(packed_deque_is_sound(&deque));
            packed_deque_deinit(&deque);
            while (model.count > 0) model_remove(&model, model.count - 1);
        }
    }
}
