/* SPDX-License-Identifier: BSD-3-Clause */
/* Values whose elements end, and values that are freed in slices. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/memory.h"
#include "keyspace/keyspace.h"

/* A value that is its next deadline; -1: none. */
static int64_t next_deadline(const struct value *value) {
    return value->integer < 0 ? INT64_MAX : value->integer;
}

static const struct value_type timed_type = {.name = "timed", .next_deadline_ms = next_deadline};

/* A value that is a heap of blocks. */
struct heap {
    size_t left;
    void *blocks[1000];
};

static size_t heap_effort(const void *boxed) { return ((const struct heap *)boxed)->left; }

static bool heap_demolish(void *boxed, size_t *steps) {
    struct heap *heap = boxed;
    for (; heap->left > 0; --*steps) {
        if (*steps == 0) return false;
        memory_free(heap->blocks[--heap->left]);
    }
    memory_free(heap);
    return true;
}

static void heap_destroy(void *boxed) {
    size_t steps = SIZE_MAX;
    cr_assert(heap_demolish(boxed, &steps));
}

static const struct value_type heap_type = {
    .name = "heap", .effort = heap_effort, .demolish = heap_demolish, .destroy = heap_destroy};

static struct keyspace keyspace;

static void setup(void) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {3, 1, 4, 1, 5};
    hash_setup(secret);
    keyspace_init(&keyspace, 2, 1000, 1);
    keyspace_add_type(&keyspace, &timed_type);
    keyspace_add_type(&keyspace, &heap_type);
}

TestSuite(keyspace_members, .init = setup);

static void put(struct bytes key, const struct value *value) {
    struct database *database = &keyspace.databases[0];
    struct keyspace_place place = keyspace_find(database, key, hash_bytes(key));
    cr_assert(keyspace_store(&keyspace, database, key, &place, value, false, 0));
}

static void put_heap(struct bytes key, size_t blocks) {
    struct heap *heap = memory_allocate(sizeof(*heap));
    heap->left = blocks;
    for (size_t i = 0; i < blocks; i++) heap->blocks[i] = memory_allocate(100);
    put(key, &(struct value){.type = &heap_type, .storage = VALUE_BOXED, .boxed = heap});
}

static void drop(struct bytes key) {
    struct database *database = &keyspace.databases[0];
    struct keyspace_place place = keyspace_find(database, key, hash_bytes(key));
    keyspace_delete(&keyspace, database, &place, true);
}

struct heard {
    size_t count;
    int64_t step_ms;
};

/* One element goes; the next ends `step_ms` later, up to 5000. */
static void one_goes(void *context, struct database *database, struct entry *entry) {
    struct heard *heard = context;
    heard->count++;
    struct bytes key = entry_key(entry);
    struct keyspace_place place = keyspace_find(database, key, hash_bytes(key));
    struct value value;
    keyspace_value(&keyspace, entry, &value);
    value.integer += heard->step_ms;
    if (value.integer > 5000) keyspace_delete(&keyspace, database, &place, true);
    else keyspace_rewrite(&place, &value);
}

Test(keyspace_members, asks_for_elements_to_go_when_their_time_comes) {
    struct database *database = &keyspace.databases[0];
    put(BYTES("a"), &(struct value){.type = &timed_type, .integer = 2000});
    put(BYTES("b"), &(struct value){.type = &timed_type, .integer = -1});
    struct heard heard = {.step_ms = 1500};
    cr_assert(keyspace_advance_members(&keyspace, database, 1999, 100, one_goes, &heard));
    cr_assert_eq(heard.count, 0);
    cr_assert(keyspace_advance_members(&keyspace, database, 2000, 100, one_goes, &heard));
    cr_assert_eq(heard.count, 1);
    cr_assert(keyspace_advance_members(&keyspace, database, 3499, 100, one_goes, &heard));
    cr_assert_eq(heard.count, 1);
    cr_assert(keyspace_advance_members(&keyspace, database, 6000, 100, one_goes, &heard));
    cr_assert(keyspace_advance_members(&keyspace, database, 6002, 100, one_goes, &heard));
    cr_assert_eq(heard.count, 3);
    cr_assert_eq(database->table.item_count, 1);
    keyspace_deinit(&keyspace);
}

Test(keyspace_members, goes_on_with_a_key_that_has_more_to_lose_within_the_budget) {
    struct database *database = &keyspace.databases[0];
    put(BYTES("a"), &(struct value){.type = &timed_type, .integer = 2000});
    struct heard heard = {.step_ms = 1};
    size_t slices = 1;
    while (!keyspace_advance_members(&keyspace, database, 4000, 100, one_goes, &heard)) {
        cr_assert_leq(heard.count, slices * 100);
        slices++;
    }
    cr_assert_eq(heard.count, 2001);
    keyspace_deinit(&keyspace);
}

Test(keyspace_members, takes_the_timers_of_a_database_along_when_it_is_emptied) {
    size_t before = memory_used_bytes();
    put(BYTES("a"), &(struct value){.type = &timed_type, .integer = 2000});
    cr_assert_not_null(keyspace.databases[0].member_wheel);
    keyspace_flush(&keyspace, &keyspace.databases[0], 1000);
    cr_assert_null(keyspace.databases[0].member_wheel);
    while (!keyspace_free_condemned(&keyspace, 10)) continue;
    cr_assert_eq(memory_used_bytes(), before);
    keyspace_deinit(&keyspace);
}

Test(keyspace_members, frees_big_values_in_slices) {
    size_t before = memory_used_bytes();
    put_heap(BYTES("small"), 10);
    put_heap(BYTES("big"), 1000);
    drop(BYTES("small"));
    cr_assert_not(keyspace_has_condemned(&keyspace));
    drop(BYTES("big"));
    cr_assert(keyspace_has_condemned(&keyspace));
    size_t slices = 0;
    while (!keyspace_free_condemned(&keyspace, 100)) slices++;
    cr_assert_geq(slices, 9);
    put_heap(BYTES("big"), 1000);
    put_heap(BYTES("bigger"), 1000);
    keyspace_flush(&keyspace, &keyspace.databases[0], 1000);
    while (!keyspace_free_condemned(&keyspace, 100)) slices++;
    cr_assert_geq(slices, 27);
    cr_assert_eq(keyspace.condemned_count, 0);
    cr_assert_leq(memory_used_bytes(), before + 4096);
    keyspace_deinit(&keyspace);
}
