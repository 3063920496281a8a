/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

#define SLAB_BYTES 16384u
#define EXTENT_BYTES (2u << 20)

/* An object's bytes say whose it is; whoever overwrites them is found when it is freed. */
struct object {
    unsigned char *block;
    size_t size;
    unsigned char mark;
};

static void make(struct object *object, size_t size, unsigned mark) {
    object->block = memory_small_allocate(size);
    object->size = size;
    object->mark = (unsigned char)mark;
    memset(object->block, object->mark, size);
}

static void unmake(struct object *object) {
    for (size_t i = 0; i < object->size; i++) {
        cr_assert_eq(object->block[i], object->mark, "byte %zu of %zu", i, object->size);
    }
    memory_small_free(object->block, object->size);
    object->block = NULL;
}

Test(slab, rounds_to_eight_bytes_up_to_its_limit) {
    cr_assert_eq(memory_small_class(0), 8u);
    for (size_t size = 1; size <= MEMORY_SMALL_MAX; size++) {
        cr_assert_eq(memory_small_class(size), (size + 7) / 8 * 8);
    }
    cr_assert_geq(memory_small_class(MEMORY_SMALL_MAX + 1), (size_t)MEMORY_SMALL_MAX + 1);
}

Test(slab, counts_the_class_of_each_object) {
    size_t before = memory_used_bytes();
    size_t sum = 0;
    static void *blocks[1200];
    for (size_t size = 0; size < 1200; size++) {
        blocks[size] = memory_small_allocate(size);
        sum += memory_small_class(size);
        cr_assert_eq(memory_used_bytes() - before, sum, "at size %zu", size);
    }
    for (size_t size = 0; size < 1200; size++) memory_small_free(blocks[size], size);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(slab, aligns_objects_as_far_as_their_size_is) {
    for (size_t size = 8; size <= MEMORY_SMALL_MAX; size += 8) {
        size_t alignment = size % 64 == 0 ? 64 : size % 16 == 0 ? 16 : 8;
        struct object objects[700];
        for (int i = 0; i < 700; i++) {
            make(&objects[i], size, size);
            cr_assert_eq((uintptr_t)objects[i].block % alignment, 0u, "size %zu", size);
        }
        for (int i = 0; i < 700; i++) unmake(&objects[i]);
    }
}

/* Sizes and lives as chance wants them, every byte written and looked at again. */
Test(slab, keeps_objects_apart_in_a_long_random_life) {
    enum { SLOTS = 20000, STEPS = 400000 };
    static struct object objects[SLOTS];
    struct random random;
    random_init(&random, 11);
    size_t before = memory_used_bytes();
    size_t live = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        struct object *object = &objects[random_below(&random, SLOTS)];
        if (object->block != NULL) {
            live -= memory_small_class(object->size);
            unmake(object);
        } else {
            /* A few common sizes and all the others. */
            size_t size = random_below(&random, 2) == 0 ? 56 : random_below(&random, 600);
            make(object, size, step);
            live += memory_small_class(size);
        }
        if (step % 1000 == 0) cr_assert_eq(memory_used_bytes() - before, live);
    }
    for (int i = 0; i < SLOTS; i++) {
        if (objects[i].block != NULL) unmake(&objects[i]);
    }
    cr_assert_eq(memory_used_bytes(), before);
}

Test(slab, moves_an_object_only_when_its_class_changes) {
    size_t before = memory_used_bytes();
    char *block = memory_small_allocate(17);
    memcpy(block, "0123456789abcdef", 17);
    cr_assert_eq(memory_small_reallocate(block, 17, 24), block);
    static const size_t sizes[] = {24, 25, 512, 513, 5000, 600, 512, 8, 20, 100000, 16};
    size_t kept = 17;
    for (size_t i = 1; i < sizeof sizes / sizeof sizes[0]; i++) {
        block = memory_small_reallocate(block, sizes[i - 1], sizes[i]);
        if (sizes[i] < kept) kept = sizes[i];
        cr_assert_eq(memcmp(block, "0123456789abcdef", kept), 0, "to %zu", sizes[i]);
        cr_assert_eq(memory_used_bytes() - before, memory_small_class(sizes[i]));
    }
    memory_small_free(block, 16);
    cr_assert_eq(memory_used_bytes(), before);
}

/* Both of the general count and of the slabs: the command thread may hand slabs over. */
static void *take_over(void *block) {
    memory_small_own();
    memory_small_free(block, 48);
    void *other = memory_small_allocate(48);
    memory_small_free(other, 48);
    return NULL;
}

static void *trespass(void *block) {
    memory_small_free(block, 48);
    return NULL;
}

static void run_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, body, argument), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(slab, moves_to_another_thread_that_takes_over) {
    size_t before = memory_used_bytes();
    run_thread(take_over, memory_small_allocate(48));
    cr_assert_eq(memory_used_bytes(), before);
}

Test(slab, stops_a_thread_that_does_not_own_it, .signal = SIGABRT) {
    run_thread(trespass, memory_small_allocate(48));
}

#ifndef MEMORY_PLAIN

Test(slab, stops_whoever_frees_with_another_size, .signal = SIGABRT) {
    memory_small_free(memory_small_allocate(48), 56);
}

Test(slab, wastes_little_on_many_objects) {
    enum { COUNT = 200000 };
    static void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) blocks[i] = memory_small_allocate(56);
    struct memory_report report = memory_report();
    cr_assert_geq(report.used, (size_t)COUNT * 56);
    cr_assert_lt(report.slab_free, (size_t)COUNT * 56 / 100 + SLAB_BYTES, "over one part in 100");
    for (int i = 0; i < COUNT; i++) memory_small_free(blocks[i], 56);
}

Test(slab, gives_back_what_is_empty_but_for_one_slab_a_class) {
    enum { COUNT = 300000 };
    static void *blocks[COUNT];
    struct memory_report before = memory_report();
    for (int i = 0; i < COUNT; i++) blocks[i] = memory_small_allocate(56);
    struct memory_report full = memory_report();
    for (int i = 0; i < COUNT; i++) memory_small_free(blocks[i], 56);
    struct memory_report after = memory_report();
    cr_assert_leq(after.slab_free, before.slab_free + SLAB_BYTES);
    cr_assert_leq(after.slab_empty, 2 * EXTENT_BYTES, "the one of the spare slab, and a spare one");
    cr_assert_lt(after.allocated, full.allocated - (size_t)COUNT * 56 + 3 * EXTENT_BYTES);
    memory_purge();
    cr_assert_leq(memory_report().slab_empty, EXTENT_BYTES);
}

Test(slab, lets_another_class_have_what_is_empty) {
    enum { COUNT = 100000 };
    static void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) blocks[i] = memory_small_allocate(64);
    size_t allocated = memory_report().allocated;
    void *anchor = blocks[COUNT - 1];
    for (int i = 0; i < COUNT - 1; i++) memory_small_free(blocks[i], 64);
    for (int i = 0; i < COUNT - 1; i++) blocks[i] = memory_small_allocate(48);
    cr_assert_leq(memory_report().allocated, allocated);
    for (int i = 0; i < COUNT - 1; i++) memory_small_free(blocks[i], 48);
    memory_small_free(anchor, 64);
}

/* Every second object goes and as many come: no new slab is needed. */
Test(slab, fills_holes_before_it_grows) {
    enum { COUNT = 100000 };
    static void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) blocks[i] = memory_small_allocate(40);
    struct memory_report full = memory_report();
    for (int i = 0; i < COUNT; i += 2) memory_small_free(blocks[i], 40);
    cr_assert_geq(memory_report().slab_free, full.slab_free + COUNT / 2 * 40);
    for (int i = 0; i < COUNT; i += 2) blocks[i] = memory_small_allocate(40);
    cr_assert_eq(memory_report().slab_free, full.slab_free);
    for (int i = 0; i < COUNT; i++) memory_small_free(blocks[i], 40);
}

/* One object that comes and goes at the edge of a slab takes no slab back and forth. */
Test(slab, keeps_one_empty_slab_for_an_object_that_comes_and_goes) {
    memory_small_free(memory_small_allocate(200), 200);
    struct memory_report before = memory_report();
    for (int i = 0; i < 1000; i++) memory_small_free(memory_small_allocate(200), 200);
    struct memory_report after = memory_report();
    cr_assert_eq(after.slab_free, before.slab_free);
    cr_assert_eq(after.slab_empty, before.slab_empty);
}

Test(slab, works_the_same_with_huge_pages) {
    enum { COUNT = 500000 };
    static struct object objects[COUNT];
    memory_small_use_huge_pages(true);
    for (int i = 0; i < COUNT; i++) make(&objects[i], 56, (unsigned)i);
    for (int i = 0; i < COUNT; i++) unmake(&objects[i]);
    memory_small_use_huge_pages(false);
}

#endif
