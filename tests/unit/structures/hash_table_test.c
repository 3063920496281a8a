/* SPDX-License-Identifier: BSD-3-Clause */
/* The table against a plain array that remembers what must be in it, its promise about walks with
 * a cursor, what it costs, and keys that were built to collide. */
#include "structures/hash_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "unit/structures/colliding_keys.h"

/* An item: its key, and what the test knows of it. */
struct item {
    uint32_t number;
    uint32_t seen;
    uint16_t key_len;
    char key[16];
};

static struct bytes key_of(const void *item) {
    const struct item *it = item;
    return bytes_make(it->key, it->key_len);
}

static void name(struct item *item, uint32_t number) {
    item->number = number;
    item->key_len = (uint16_t)snprintf(item->key, sizeof(item->key), "key:%u", number);
}

static uint64_t hash_of(const struct item *item) { return hash_bytes(key_of(item)); }

static void *find(const struct hash_table *table, const struct item *item,
                  struct hash_place *place) {
    return hash_table_find(table, hash_of(item), key_of(item), place);
}

static void take_out(struct hash_table *table, const struct item *item) {
    struct hash_place place;
    cr_assert_eq(find(table, item, &place), item);
    hash_table_remove(table, place);
}

static struct random chance;

static void start(struct hash_table *table, uint64_t seed) {
    hash_setup(NULL);
    random_init(&chance, seed);
    hash_table_init(table, key_of);
}

/* --- against a model --- */

enum { MODEL_KEYS = 4000 };

static void check_all(const struct hash_table *table, struct item *const *model) {
    size_t count = 0;
    struct item probe;
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        name(&probe, i);
        struct hash_place place;
        cr_assert_eq(find(table, &probe, &place), model[i], "key %u", i);
        count += model[i] != NULL;
    }
    cr_assert_eq(table->item_count, count);
}

static struct item *make(uint32_t number) {
    struct item *item = memory_small_allocate(sizeof(*item));
    *item = (struct item){0};
    name(item, number);
    return item;
}

static void discard(struct item *item) { memory_small_free(item, sizeof(*item)); }

/* One random step: more inserts than removals, or the other way round. */
static void model_step(struct hash_table *table, struct item **model, bool growing) {
    uint32_t i = (uint32_t)random_below(&chance, MODEL_KEYS);
    bool insert = random_below(&chance, 10) < (growing ? 8 : 2);
    if (model[i] == NULL && insert) {
        model[i] = make(i);
        struct hash_place place = hash_table_insert(table, hash_of(model[i]), model[i]);
        struct hash_place found;
        cr_assert_eq(find(table, model[i], &found), model[i]);
        cr_assert(place.bucket == found.bucket && place.index == found.index);
    } else if (model[i] != NULL && !insert) {
        take_out(table, model[i]);
        discard(model[i]);
        model[i] = NULL;
    } else if (model[i] != NULL) {
        struct hash_place place;
        cr_assert_eq(find(table, model[i], &place), model[i]);
        struct item *moved = make(i);
        hash_table_set(place, moved);
        discard(model[i]);
        model[i] = moved;
    }
}

Test(hash_table, holds_what_a_plain_array_holds) {
    static struct item *model[MODEL_KEYS];
    struct hash_table table;
    size_t before = memory_used_bytes();
    start(&table, 1);
    for (int phase = 0; phase < 8; phase++) {
        for (int i = 0; i < 20000; i++) model_step(&table, model, phase % 2 == 0);
        check_all(&table, model);
    }
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        if (model[i] == NULL) continue;
        take_out(&table, model[i]);
        discard(model[i]);
    }
    cr_assert_eq(table.item_count, 0);
    cr_assert_eq(table.bucket_count, 1);
    hash_table_deinit(&table);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(hash_table, finds_nothing_when_it_is_empty) {
    struct hash_table table;
    start(&table, 2);
    struct item probe;
    name(&probe, 1);
    cr_assert_null(find(&table, &probe, NULL));
    cr_assert_eq(hash_table_memory_bytes(&table), 0);
    cr_assert_eq(hash_table_scan(&table, 0, NULL, NULL), 0);
    hash_table_deinit(&table);
}

/* A dozen items are more than a bucket has slots for. */
Test(hash_table, keeps_items_of_one_hash_apart_by_their_keys) {
    static struct item items[300];
    struct hash_table table;
    start(&table, 3);
    table.held = 1; /* splitting would ask for their true hashes */
    for (uint32_t i = 0; i < 300; i++) {
        name(&items[i], i);
        hash_table_insert(&table, 42, &items[i]);
    }
    for (uint32_t i = 0; i < 300; i++) {
        struct hash_place place;
        cr_assert_eq(hash_table_find(&table, 42, key_of(&items[i]), &place), &items[i]);
        if (i % 2 == 0) hash_table_remove(&table, place);
    }
    for (uint32_t i = 0; i < 300; i++) {
        void *expected = i % 2 == 0 ? NULL : &items[i];
        cr_assert_eq(hash_table_find(&table, 42, key_of(&items[i]), NULL), expected);
    }
    hash_table_deinit(&table);
}

/* --- walking --- */

struct walk {
    uint64_t cursor;
    bool running;
    uint32_t visits;
};

static void see(void *context, void *item) {
    struct walk *walk = context;
    ((struct item *)item)->seen = 1;
    walk->visits++;
}

enum { STEADY = 1500, MOVING = 6000 };

/* Some items stay from the first call to the last, others come and go so that the table grows
 * and shrinks by much between calls. */
static void walk_once(struct hash_table *table, struct item *steady, struct item *moving,
                      uint32_t *in_count) {
    struct walk walk = {0};
    for (uint32_t i = 0; i < STEADY; i++) steady[i].seen = 0;
    bool growing = random_below(&chance, 2) == 0;
    do {
        walk.cursor = hash_table_scan(table, walk.cursor, see, &walk);
        if (random_below(&chance, 20) == 0) growing = !growing;
        uint64_t steps = random_below(&chance, 60);
        for (; steps > 0 && growing && *in_count < MOVING; steps--) {
            struct item *item = &moving[(*in_count)++];
            hash_table_insert(table, hash_of(item), item);
        }
        for (; steps > 0 && !growing && *in_count > 0; steps--)
            take_out(table, &moving[--*in_count]);
    } while (walk.cursor != 0);
    for (uint32_t i = 0; i < STEADY; i++) cr_assert(steady[i].seen, "item %u was left out", i);
}

Test(hash_table, a_walk_visits_whatever_stays_while_the_table_grows_and_shrinks) {
    static struct item steady[STEADY], moving[MOVING];
    struct hash_table table;
    start(&table, 4);
    for (uint32_t i = 0; i < STEADY; i++) {
        name(&steady[i], i);
        hash_table_insert(&table, hash_of(&steady[i]), &steady[i]);
    }
    for (uint32_t i = 0; i < MOVING; i++) name(&moving[i], STEADY + i);
    uint32_t in_count = 0;
    for (int i = 0; i < 60; i++) walk_once(&table, steady, moving, &in_count);
    hash_table_deinit(&table);
}

Test(hash_table, a_walk_that_nothing_disturbs_visits_each_item_once) {
    static struct item items[5000];
    struct hash_table table;
    start(&table, 5);
    for (uint32_t count = 0; count < 5000; count += 1 + count / 7) {
        while (table.item_count < count) {
            struct item *item = &items[table.item_count];
            name(item, (uint32_t)table.item_count);
            hash_table_insert(&table, hash_of(item), item);
        }
        for (uint32_t i = 0; i < count; i++) items[i].seen = 0;
        struct walk walk = {0};
        do walk.cursor = hash_table_scan(&table, walk.cursor, see, &walk);
        while (walk.cursor != 0);
        cr_assert_eq(walk.visits, count);
        for (uint32_t i = 0; i < count; i++) cr_assert(items[i].seen);
    }
    hash_table_deinit(&table);
}

Test(hash_table, takes_any_cursor_a_stranger_makes_up) {
    static struct item items[3000];
    struct hash_table table;
    start(&table, 6);
    for (uint32_t i = 0; i < 3000; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    struct walk walk = {0};
    for (int i = 0; i < 10000; i++) hash_table_scan(&table, random_next(&chance), see, &walk);
    hash_table_scan(&table, UINT64_MAX, see, &walk);
    cr_assert_gt(walk.visits, 0);
    hash_table_deinit(&table);
}

static void count_like(void *context, void *item) {
    (void)item;
    ++*(uint32_t *)context;
}

Test(hash_table, knows_items_by_48_bits_of_their_hash) {
    static struct item items[2000];
    struct hash_table table;
    start(&table, 7);
    for (uint32_t i = 0; i < 2000; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    uint32_t visits = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t before = visits;
        uint64_t low = hash_of(&items[i]) & (((uint64_t)1 << 48) - 1);
        hash_table_visit_like(&table, low, count_like, &visits);
        cr_assert_gt(visits, before);
    }
    cr_assert_lt(visits, 2000 + 200, "a tag of eight bits tells 255 of 256 neighbours apart");
    hash_table_deinit(&table);
}

/* --- taking down --- */

static void free_item(void *context, void *item) {
    ++*(uint32_t *)context;
    discard(item);
}

Test(hash_table, is_taken_down_bucket_by_bucket) {
    size_t before = memory_used_bytes();
    struct hash_table table;
    start(&table, 8);
    for (uint32_t i = 0; i < 20000; i++) {
        struct item *item = make(i);
        hash_table_insert(&table, hash_of(item), item);
    }
    uint32_t freed = 0;
    size_t calls = 1;
    while (hash_table_demolish(&table, free_item, &freed)) calls++;
    cr_assert_eq(freed, 20000);
    cr_assert_geq(calls, 20000 / HASH_TABLE_LOAD_MAX);
    cr_assert_eq(memory_used_bytes(), before);
    cr_assert_not(hash_table_demolish(&table, free_item, &freed));
    struct item *item = make(1);
    hash_table_insert(&table, hash_of(item), item);
    cr_assert_eq(find(&table, item, NULL), item, "it can be used again");
    discard(item);
    hash_table_deinit(&table);
}

/* --- chance --- */

static uint64_t next(void *context) { return random_next(context); }

/* Pearson's test: with 2000 items and 200 throws an item the statistic lies within 2000 plus or
 * minus 64 on average; six of these deviations are never left by a fair throw. */
Test(hash_table, throws_fairly) {
    enum { ITEMS = 2000, THROWS = ITEMS * 200 };
    static struct item items[ITEMS];
    struct hash_table table;
    start(&table, 9);
    for (uint32_t i = 0; i < ITEMS; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    for (int i = 0; i < THROWS; i++)
        ((struct item *)hash_table_random(&table, next, &chance))->seen++;
    double statistic = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        double away = (double)items[i].seen - 200;
        statistic += away * away / 200;
    }
    cr_assert_lt(statistic, ITEMS + 6 * 64, "chi squared is %g", statistic);
    hash_table_deinit(&table);
}

Test(hash_table, throws_hit_the_last_item_of_a_table_that_was_large) {
    static struct item items[3000];
    struct hash_table table;
    start(&table, 10);
    cr_assert_null(hash_table_random(&table, next, &chance));
    for (uint32_t i = 0; i < 3000; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    for (uint32_t i = 1; i < 3000; i++) take_out(&table, &items[i]);
    for (int i = 0; i < 100; i++) cr_assert_eq(hash_table_random(&table, next, &chance), &items[0]);
    hash_table_deinit(&table);
}

/* --- cost --- */

Test(hash_table, takes_less_than_9_6_bytes_an_item) {
    enum { ITEMS = 1000000 };
    struct item *items = memory_allocate_zero(ITEMS * sizeof(*items));
    struct hash_table table;
    start(&table, 11);
    double worst = 0;
    size_t before = memory_used_bytes();
    for (uint32_t i = 0; i < ITEMS; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
        if (i < 200000 || i % 9973 != 0) continue;
        double share = (double)hash_table_memory_bytes(&table) / i;
        if (share > worst) worst = share;
    }
    double share = (double)hash_table_memory_bytes(&table) / ITEMS;
    cr_log_info("%.2f bytes an item with a million of them, %.2f at worst from 200 000 on", share,
                worst);
    cr_assert_leq(share, 9.6);
    cr_assert_leq(worst, 9.8);
    cr_assert_eq(memory_used_bytes() - before, hash_table_memory_bytes(&table),
                 "what it says it takes is what it takes");
    hash_table_deinit(&table);
    memory_free(items);
}

Test(hash_table, makes_room_ahead_in_slices) {
    static struct item items[4000];
    struct hash_table table;
    start(&table, 12);
    int calls = 1;
    while (!hash_table_reserve(&table, 4000, 100)) calls++;
    cr_assert_eq(calls, 5);
    size_t buckets = table.bucket_count;
    for (uint32_t i = 0; i < 4000; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    cr_assert_eq(table.bucket_count, buckets);
    hash_table_deinit(&table);
}

/* Each bucket asked for has the item, in itself or in the overflow array that it says it has. */
Test(hash_table, names_the_bucket_of_a_key_ahead_and_whether_it_overflows) {
    static struct item items[4000];
    struct hash_table table;
    start(&table, 14);
    cr_assert_null(hash_table_prefetch(&table, 1), "an empty table has no bucket");
    for (uint32_t i = 0; i < 4000; i++) {
        name(&items[i], i);
        hash_table_insert(&table, hash_of(&items[i]), &items[i]);
    }
    size_t overflowing = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        struct hash_place place;
        cr_assert_eq(find(&table, &items[i], &place), &items[i]);
        const struct hash_bucket *bucket = hash_table_prefetch(&table, hash_of(&items[i]));
        cr_assert_eq(bucket, place.bucket);
        bool overflows = hash_bucket_prefetch_items(bucket, hash_of(&items[i]));
        cr_assert(overflows || place.index < HASH_TABLE_SLOTS);
        if (overflows) hash_bucket_prefetch_overflow(bucket, hash_of(&items[i]));
        overflowing += place.index >= HASH_TABLE_SLOTS;
    }
    cr_assert_gt(overflowing, 0);
    hash_table_deinit(&table);
}

/* --- keys built to collide --- */

/* A key of any length. */
struct long_item {
    uint32_t len;
    uint8_t key[];
};

static struct bytes long_key_of(const void *item) {
    const struct long_item *it = item;
    return bytes_make(it->key, it->len);
}

static size_t items_met;

/* Counts each item whose key the table looks at. */
static struct bytes counted_key_of(const void *item) {
    items_met++;
    return long_key_of(item);
}

struct cost {
    size_t items_met;
    size_t overflow_bytes;
};

/* Inserts all and finds all: every item of a bucket that an equal tag or a full bucket makes the
 * table look at counts. */
static struct cost cost_of(build_key *build, size_t len) {
    struct hash_table table;
    hash_table_init(&table, counted_key_of);
    size_t size = sizeof(struct long_item) + len;
    struct long_item **items = memory_allocate(COLLIDING_KEYS * sizeof(items[0]));
    items_met = 0;
    for (unsigned i = 0; i < COLLIDING_KEYS; i++) {
        items[i] = memory_allocate(size);
        items[i]->len = (uint32_t)len;
        build(items[i]->key, i);
        struct bytes key = long_key_of(items[i]);
        uint64_t hash = hash_bytes(key);
        cr_assert_null(hash_table_find(&table, hash, key, NULL));
        hash_table_insert(&table, hash, items[i]);
    }
    struct cost cost = {items_met, table.overflow_bytes};
    for (unsigned i = 0; i < COLLIDING_KEYS; i++) {
        struct bytes key = long_key_of(items[i]);
        cr_assert_eq(hash_table_find(&table, hash_bytes(key), key, NULL), items[i]);
    }
    cost.items_met = items_met;
    hash_table_deinit(&table);
    for (unsigned i = 0; i < COLLIDING_KEYS; i++) memory_free(items[i]);
    memory_free(items);
    return cost;
}

static void build_random_key(uint8_t *key, unsigned number) {
    (void)number;
    for (int i = 0; i < 24; i++) key[i] = (uint8_t)random_next(&chance);
}

Test(hash_table, keys_built_to_collide_cost_what_random_ones_cost) {
    hash_setup(NULL);
    random_init(&chance, 13);
    struct cost plain = cost_of(build_random_key, 24);
    struct cost xxh64 = cost_of(build_xxh64_key, XXH64_KEY_BYTES);
    struct cost xxh3 = cost_of(build_xxh3_key, XXH3_KEY_BYTES);
    cr_log_info("items met: %zu, built against XXH64 %zu, against XXH3 with a seed %zu",
                plain.items_met, xxh64.items_met, xxh3.items_met);
    cr_assert_leq((double)xxh64.items_met, 1.5 * (double)plain.items_met);
    cr_assert_leq((double)xxh3.items_met, 1.5 * (double)plain.items_met);
    cr_assert_leq((double)xxh64.overflow_bytes, 1.5 * (double)plain.overflow_bytes);
    cr_assert_leq((double)xxh3.overflow_bytes, 1.5 * (double)plain.overflow_bytes);
}
