/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/random.h"

static const size_t SIZES[] = {0, 1, 8, 9, 100, 4096, 5000, 70000, 3000000};
enum { SIZE_COUNT = sizeof SIZES / sizeof SIZES[0] };

Test(memory, counts_what_each_block_really_takes) {
    size_t before = memory_used_bytes();
    void *blocks[SIZE_COUNT];
    size_t sum = 0;
    for (int i = 0; i < SIZE_COUNT; i++) {
        blocks[i] = memory_allocate(SIZES[i]);
        memset(blocks[i], 1, SIZES[i]);
        cr_assert_geq(memory_block_bytes(blocks[i]), SIZES[i]);
        sum += memory_block_bytes(blocks[i]);
        cr_assert_eq(memory_used_bytes() - before, sum, "at size %zu", SIZES[i]);
    }
    for (int i = 0; i < SIZE_COUNT; i++) memory_free(blocks[i]);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(memory, counts_a_block_that_moves_by_where_it_ends_up) {
    size_t before = memory_used_bytes();
    struct random random;
    random_init(&random, 1);
    char *block = NULL;
    for (int i = 0; i < 2000; i++) {
        size_t size = random_below(&random, i % 10 == 0 ? 300000 : 300) + 1;
        block = i % 2 == 0 ? memory_reallocate(block, size) : memory_try_reallocate(block, size);
        cr_assert_not_null(block);
        block[size - 1] = 'x';
        cr_assert_eq(memory_used_bytes() - before, memory_block_bytes(block));
    }
    memory_free(block);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(memory, keeps_the_bytes_of_a_block_that_moves) {
    char *block = memory_allocate(10);
    memcpy(block, "0123456789", 10);
    block = memory_reallocate(block, 1000000);
    cr_assert_eq(memcmp(block, "0123456789", 10), 0);
    block = memory_reallocate(block, 4);
    cr_assert_eq(memcmp(block, "0123", 4), 0);
    memory_free(block);
}

Test(memory, gives_zeroed_blocks_even_where_others_lived) {
    for (int i = 0; i < 100; i++) {
        char *dirty = memory_allocate(777);
        memset(dirty, 0xff, 777);
        memory_free(dirty);
        char *clean = memory_allocate_zero(777);
        for (int j = 0; j < 777; j++) cr_assert_eq(clean[j], 0);
        memory_free(clean);
    }
}

Test(memory, frees_nothing_as_nothing) {
    size_t before = memory_used_bytes();
    memory_free(NULL);
    cr_assert_eq(memory_used_bytes(), before);
}

/* --- threads ------------------------------------------------------------------------------ */

enum { HANDED = 50 };
static void *handed[HANDED];

static void *allocate_in_a_thread(void *nothing) {
    (void)nothing;
    for (int i = 0; i < HANDED; i++) handed[i] = memory_allocate((size_t)i * 100);
    return NULL;
}

static void run_thread(void *(*body)(void *)) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, body, NULL), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(memory, counts_a_block_that_one_thread_took_and_another_freed) {
    size_t before = memory_used_bytes();
    run_thread(allocate_in_a_thread);
    size_t sum = 0;
    for (int i = 0; i < HANDED; i++) sum += memory_block_bytes(handed[i]);
    cr_assert_eq(memory_used_bytes() - before, sum);
    for (int i = 0; i < HANDED; i++) memory_free(handed[i]);
    cr_assert_eq(memory_used_bytes(), before);
}

static void *churn(void *nothing) {
    (void)nothing;
    void *blocks[16] = {NULL};
    for (size_t i = 0; i < 20000; i++) {
        memory_free(blocks[i % 16]);
        blocks[i % 16] = memory_allocate(i % 500);
    }
    for (int i = 0; i < 16; i++) memory_free(blocks[i]);
    return NULL;
}

/* More threads than there are lines to count in, several at a time. */
Test(memory, counts_exactly_for_any_number_of_threads) {
    size_t before = memory_used_bytes();
    for (int round = 0; round < 20; round++) {
        pthread_t threads[5];
        for (int i = 0; i < 5; i++) {
            cr_assert_eq(pthread_create(&threads[i], NULL, churn, NULL), 0);
        }
        for (int i = 0; i < 5; i++) cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }
    cr_assert_eq(memory_used_bytes(), before);
    run_thread(allocate_in_a_thread);
    size_t sum = 0;
    for (int i = 0; i < HANDED; i++) sum += memory_block_bytes(handed[i]);
    cr_assert_eq(memory_used_bytes() - before, sum);
    for (int i = 0; i < HANDED; i++) memory_free(handed[i]);
}

/* --- refusing ----------------------------------------------------------------------------- */

Test(memory, refuses_the_try_that_the_plan_names_and_no_other) {
    memory_fail_try(3);
    void *first = memory_try_allocate(10);
    void *second = memory_small_try_allocate(10);
    cr_assert_not_null(first);
    cr_assert_not_null(second);
    cr_assert_null(memory_try_reallocate(first, 2000));
    first = memory_try_reallocate(first, 2000);
    cr_assert_not_null(first);
    void *third = memory_allocate(10); /* not a try */
    cr_assert_eq(memory_fail_try(0), 4u);
    cr_assert_eq(memory_fail_try(0), 0u);
    memory_free(first);
    memory_small_free(second, 10);
    memory_free(third);
}

Test(memory, counts_nothing_for_what_it_refused) {
    size_t before = memory_used_bytes();
    char *block = memory_try_allocate(100);
    size_t with_block = memory_used_bytes();
    memory_fail_try(1);
    cr_assert_null(memory_try_allocate(100));
    memory_fail_try(1);
    cr_assert_null(memory_try_reallocate(block, 100000));
    memory_fail_try(1);
    cr_assert_null(memory_small_try_allocate(40));
    cr_assert_null(memory_try_allocate(SIZE_MAX));
    cr_assert_null(memory_try_allocate(SIZE_MAX / 2 + 1));
    cr_assert_null(memory_try_reallocate(block, SIZE_MAX - 7));
    cr_assert_null(memory_small_try_allocate(SIZE_MAX));
    cr_assert_eq(memory_used_bytes(), with_block);
    block[99] = 'x';
    memory_free(block);
    cr_assert_eq(memory_used_bytes(), before);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they abort instead */
Test(memory, refuses_what_the_system_cannot_give) {
    size_t before = memory_used_bytes();
    cr_assert_null(memory_try_allocate(SIZE_MAX / 2 - 4096));
    cr_assert_null(memory_small_try_allocate(SIZE_MAX / 4));
    void *block = memory_allocate(1);
    cr_assert_null(memory_try_reallocate(block, SIZE_MAX / 4));
    memory_free(block);
    cr_assert_eq(memory_used_bytes(), before);
}
#endif

Test(memory, aborts_when_what_must_be_had_is_refused, .signal = SIGABRT) {
    (void)memory_allocate(SIZE_MAX);
}

/* --- reports ------------------------------------------------------------------------------ */

Test(memory, remembers_the_peak_that_was_sampled) {
    memory_reset_peak();
    size_t before = memory_peak_bytes();
    cr_assert_eq(before, memory_used_bytes());
    void *block = memory_allocate(5000000);
    cr_assert_eq(memory_peak_bytes(), before);
    memory_sample_peak();
    size_t peak = memory_peak_bytes();
    cr_assert_eq(peak, memory_used_bytes());
    memory_free(block);
    memory_sample_peak();
    cr_assert_eq(memory_peak_bytes(), peak);
    memory_reset_peak();
    cr_assert_eq(memory_peak_bytes(), before);
}

Test(memory, reports_figures_that_agree_with_each_other) {
    void *block = memory_allocate(3000000);
    memset(block, 1, 3000000);
    struct memory_report report = memory_report();
    cr_assert_eq(report.used, memory_used_bytes());
    cr_assert_geq(memory_resident_bytes(), 3000000u);
    if (strcmp(memory_allocator_name(), "libc") == 0) {
        cr_assert_eq(report.allocated, 0u);
    } else {
        cr_assert_eq(strncmp(memory_allocator_name(), "jemalloc-", 9), 0);
        cr_assert_geq(report.allocated, report.used);
        cr_assert_geq(report.active, report.allocated);
        cr_assert_geq(report.resident, report.active);
    }
    memory_free(block);
}

#ifndef MEMORY_PLAIN
Test(memory, gives_free_pages_back_when_purged) {
    enum { COUNT = 4000, BYTES_EACH = 10000 };
    static void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = memory_allocate(BYTES_EACH);
        memset(blocks[i], 1, BYTES_EACH);
    }
    size_t full = memory_resident_bytes();
    for (int i = 0; i < COUNT; i++) memory_free(blocks[i]);
    memory_purge();
    cr_assert_lt(memory_resident_bytes(), full - (size_t)COUNT * BYTES_EACH / 10 * 9);
}
#endif
