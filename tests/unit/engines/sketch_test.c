/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/sketch.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/random.h"

static void setup(void) { hash_setup(NULL); }

TestSuite(sketch, .init = setup);

Test(sketch, counts_exactly_while_there_is_room) {
    struct sketch *sketch = sketch_create(3);
    sketch_add(sketch, BYTES("a"), 1);
    sketch_add(sketch, BYTES("b"), 5);
    sketch_add(sketch, BYTES("a"), 2);
    cr_assert_eq(sketch_count(sketch, BYTES("a")), 3);
    cr_assert_eq(sketch_count(sketch, BYTES("b")), 5);
    cr_assert_eq(sketch_count(sketch, BYTES("c")), 0);
    cr_assert_eq(sketch_item_count(sketch), 2);
    sketch_clear(sketch);
    cr_assert_eq(sketch_count(sketch, BYTES("a")), 0);
    sketch_destroy(&sketch);
    cr_assert_null(sketch);
}

Test(sketch, a_new_key_takes_over_the_smallest_and_its_count_as_error) {
    struct sketch *sketch = sketch_create(2);
    sketch_add(sketch, BYTES("a"), 10);
    sketch_add(sketch, BYTES("b"), 4);
    sketch_add(sketch, BYTES("c"), 1);
    cr_assert_eq(sketch_count(sketch, BYTES("b")), 0);
    cr_assert_eq(sketch_count(sketch, BYTES("c")), 5);
    for (size_t i = 0; i < 2; i++) {
        struct sketch_item item = sketch_item_at(sketch, i);
        cr_assert_eq(item.error, bytes_is(item.key, "c") ? 4 : 0);
    }
    sketch_destroy(&sketch);
}

Test(sketch, keeps_its_bounds_over_a_skewed_stream) {
    enum { KEYS = 5000, CAPACITY = 100, ADDS = 200000 };
    static uint64_t truth[KEYS];
    struct random random;
    random_init(&random, 1);
    struct sketch *sketch = sketch_create(CAPACITY);
    for (int i = 0; i < ADDS; i++) {
        uint64_t key = random_below(&random,
                                    1 + random_below(&random, 1 + random_below(&random, KEYS)));
        char text[24];
        size_t len = (size_t)snprintf(text, sizeof(text), "key:%lu", (unsigned long)key);
        sketch_add(sketch, bytes_make(text, len), 1);
        truth[key]++;
    }
    cr_assert_eq(sketch_item_count(sketch), CAPACITY);
    for (int key = 0; key < KEYS; key++) {
        char text[24];
        size_t len = (size_t)snprintf(text, sizeof(text), "key:%d", key);
        uint64_t count = sketch_count(sketch, bytes_make(text, len));
        if (count > 0) cr_assert_geq(count, truth[key]);
        if (count > 0) cr_assert_leq(count, truth[key] + ADDS / CAPACITY);
        if (truth[key] > ADDS / CAPACITY) cr_assert_gt(count, 0);
    }
    sketch_destroy(&sketch);
}

Test(sketch, recent_counts_fade_with_the_span) {
    struct sketch_recent recent;
    sketch_recent_init(&recent, 10, 60000);
    int64_t now_ms = 1700000040000; /* the first second of a minute */
    for (int i = 0; i < 100; i++) sketch_recent_add(&recent, BYTES("k"), 1, now_ms);
    cr_assert_eq(sketch_recent_count(&recent, BYTES("k"), now_ms + 59999), 100);
    sketch_recent_advance(&recent, now_ms + 90000);
    cr_assert_eq(sketch_recent_count(&recent, BYTES("k"), now_ms + 90000), 50);
    sketch_recent_advance(&recent, now_ms + 200000);
    cr_assert_eq(sketch_recent_count(&recent, BYTES("k"), now_ms + 200000), 0);
    sketch_recent_deinit(&recent);
}

Test(sketch, long_keys_are_known_by_their_beginning) {
    static char text[SKETCH_KEY_BYTES_MAX + 10];
    struct sketch *sketch = sketch_create(4);
    sketch_add(sketch, bytes_make(text, sizeof(text)), 1);
    sketch_add(sketch, bytes_make(text, sizeof(text) - 1), 1);
    cr_assert_eq(sketch_item_count(sketch), 1);
    cr_assert_eq(sketch_item_at(sketch, 0).key.len, SKETCH_KEY_BYTES_MAX);
    cr_assert_gt(sketch_bytes(sketch), SKETCH_KEY_BYTES_MAX);
    sketch_destroy(&sketch);
}
