/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

static struct arena arena;

static void begin(void) { arena_init(&arena); }

static void end(void) { arena_deinit(&arena); }

TestSuite(arena, .init = begin, .fini = end);

Test(arena, costs_nothing_before_its_first_use) {
    size_t before = memory_used_bytes();
    struct arena other;
    arena_init(&other);
    arena_reset(&other);
    arena_deinit(&other);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(arena, hands_out_blocks_that_are_aligned_and_apart) {
    enum { COUNT = 3000 };
    static unsigned char *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = arena_allocate(&arena, (size_t)(i % 97));
        cr_assert_eq((uintptr_t)blocks[i] % 16, 0u);
        memset(blocks[i], i % 251, (size_t)(i % 97));
    }
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < i % 97; j++) cr_assert_eq(blocks[i][j], i % 251);
    }
}

Test(arena, gives_everything_but_the_first_block_back_at_reset) {
    (void)arena_allocate(&arena, 1);
    size_t first = memory_used_bytes();
    for (int i = 0; i < 100; i++) memset(arena_allocate(&arena, 5000), 1, 5000);
    memset(arena_allocate(&arena, 1 << 20), 2, 1 << 20);
    cr_assert_gt(memory_used_bytes(), first + (1 << 20));
    arena_reset(&arena);
    cr_assert_eq(memory_used_bytes(), first);
    arena_deinit(&arena);
    cr_assert_lt(memory_used_bytes(), first);
}

Test(arena, asks_for_no_memory_in_a_hot_call) {
    for (int call = 0; call < 100; call++) {
        for (int i = 0; i < 50; i++) (void)arena_allocate(&arena, 200);
        size_t used = memory_used_bytes();
        arena_reset(&arena);
        cr_assert_eq(memory_used_bytes(), used);
    }
}

Test(arena, keeps_small_blocks_in_one_place_after_a_large_one) {
    char *before = arena_allocate(&arena, 16);
    (void)arena_allocate(&arena, 1 << 20);
    char *after = arena_allocate(&arena, 16);
    cr_assert_eq(after - before, 16);
}

Test(arena, starts_with_a_large_request) {
    memset(arena_allocate(&arena, 1 << 20), 3, 1 << 20);
    memset(arena_allocate(&arena, 100), 4, 100);
    arena_reset(&arena);
    memset(arena_allocate(&arena, 100), 5, 100);
}

Test(arena, refuses_sizes_that_cannot_be) {
    cr_assert_null(arena_try_allocate(&arena, SIZE_MAX));
    cr_assert_null(arena_try_allocate(&arena, SIZE_MAX - 20));
    cr_assert_null(arena_try_allocate(&arena, SIZE_MAX / 2));
    cr_assert_not_null(arena_try_allocate(&arena, 0));
    cr_assert_not_null(arena_try_allocate(&arena, 100));
    cr_assert_null(arena_try_allocate(&arena, SIZE_MAX));
}

Test(arena, survives_a_refusal) {
    memory_fail_try(1);
    cr_assert_null(arena_try_allocate(&arena, 100000));
    char *block = arena_try_allocate(&arena, 100000);
    cr_assert_not_null(block);
    memset(block, 1, 100000);
    memory_fail_try(0);
}

Test(arena, copies_bytes_as_they_are) {
    struct bytes copy = arena_copy(&arena, BYTES("a\0b"));
    cr_assert(bytes_equal(copy, BYTES("a\0b")));
    cr_assert_eq(arena_copy(&arena, BYTES("")).len, 0u);
    cr_assert_eq(arena_copy(&arena, (struct bytes){NULL, 0}).len, 0u);
}

Test(arena, formats_text_of_any_length) {
    struct bytes text = arena_format(&arena, "%s-%d", "key", 42);
    cr_assert(bytes_equal(text, BYTES("key-42")));
    cr_assert_eq(text.data[6], '\0');
    struct bytes wide = arena_format(&arena, "%0*d", 100000, 7);
    cr_assert_eq(wide.len, 100000u);
    cr_assert_eq(wide.data[0], '0');
    cr_assert_eq(wide.data[99999], '7');
}
