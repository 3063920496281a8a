/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys with deadlines: each expires in its millisecond, no later and no sooner, and what becomes
 * meaningless does not pile up. */
#include "unit/keyspace/keyspace_fixture.h"

#define REBUILD_SLACK 1024

struct expiry {
    struct keyspace *keyspace;
    struct database *database;
    int64_t now_ms;
    int64_t last_due_ms;
    size_t expired;
};

static void expire(void *context, struct entry *entry) {
    struct expiry *expiry = context;
    cr_assert_leq(entry_deadline_ms(entry), expiry->now_ms);
    struct bytes key = entry_key(entry);
    struct keyspace_place place = keyspace_find(expiry->database, key, hash_bytes(key));
    expiry->last_due_ms = entry_deadline_ms(entry);
    expiry->expired++;
    keyspace_delete(expiry->keyspace, expiry->database, &place, false);
}

static void advance(struct expiry *expiry, int64_t now_ms, size_t budget) {
    expiry->now_ms = now_ms;
    while (!deadlines_advance(&expiry->database->deadlines, &expiry->database->table, now_ms,
                              budget, expire, expiry))
        continue;
}

static void start(struct keyspace *keyspace, struct expiry *expiry) {
    fixture_init(keyspace, 1);
    *expiry = (struct expiry){.keyspace = keyspace, .database = &keyspace->databases[0]};
}

static void set_deadline(struct expiry *expiry, uint32_t number, int64_t deadline_ms) {
    struct keyspace_place place = place_of(expiry->database, number);
    cr_assert(keyspace_set_deadline(expiry->keyspace, expiry->database, &place, deadline_ms != 0,
                                    deadline_ms));
}

Test(deadlines, every_key_is_gone_in_its_millisecond_and_not_before) {
    enum { KEYS = 3000 };
    static int64_t due_ms[KEYS];
    struct keyspace keyspace;
    struct expiry expiry;
    struct random random;
    start(&keyspace, &expiry);
    random_init(&random, 1);
    int64_t now_ms = START_MS;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 60; i++) {
            uint32_t number = (uint32_t)random_below(&random, KEYS);
            int64_t away_ms = 1 + (int64_t)random_below(&random, 2u << (i % 20));
            uint64_t what = random_below(&random, 4);
            bool there = place_of(expiry.database, number).entry != NULL;
            if (there && what == 0) set_deadline(&expiry, number, due_ms[number] = 0);
            else if (there && what == 1)
                set_deadline(&expiry, number, due_ms[number] = now_ms + away_ms);
            else
                put(&keyspace, expiry.database, number, string_value_integer(number),
                    due_ms[number] = now_ms + away_ms);
        }
        now_ms += 1 + (int64_t)random_below(&random, 2u << (round % 14));
        advance(&expiry, now_ms, 1 + random_below(&random, 50));
        deadlines_tend(&expiry.database->deadlines, &expiry.database->table,
                       expiry.database->volatile_count, 3);
        for (uint32_t i = 0; i < KEYS; i++) {
            bool there = place_of(expiry.database, i).entry != NULL;
            if (due_ms[i] != 0) cr_assert_eq(there, due_ms[i] > now_ms);
            if (!there) due_ms[i] = 0;
        }
    }
    cr_assert_gt(expiry.expired, 1000);
    keyspace_deinit(&keyspace);
}

Test(deadlines, a_key_far_beyond_48_bits_stays) {
    struct keyspace keyspace;
    struct expiry expiry;
    start(&keyspace, &expiry);
    put(&keyspace, expiry.database, 1, string_value_integer(1), INT64_MAX);
    put(&keyspace, expiry.database, 2, string_value_integer(2), -1);
    advance(&expiry, START_MS, 100);
    cr_assert_eq(expiry.expired, 1);
    advance(&expiry, START_MS + ((int64_t)1 << 46), 100);
    cr_assert_eq(expiry.expired, 1);
    cr_assert_not_null(place_of(expiry.database, 1).entry);
    keyspace_deinit(&keyspace);
}

static void tend(struct expiry *expiry, size_t steps) {
    struct database *database = expiry->database;
    deadlines_tend(&database->deadlines, &database->table, database->volatile_count, steps);
}

Test(deadlines, setting_and_deleting_leaves_a_bounded_rest) {
    struct keyspace keyspace;
    struct expiry expiry;
    start(&keyspace, &expiry);
    struct database *database = expiry.database;
    for (uint32_t i = 0; i < 2000; i++)
        put(&keyspace, database, i, string_value_integer(i), START_MS + 3600000 + i);
    size_t most = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        uint32_t number = 5000 + i % 100;
        put(&keyspace, database, number, string_value_integer(i), START_MS + 1000000 + i);
        struct keyspace_place place = place_of(database, number);
        keyspace_delete(&keyspace, database, &place, false);
        if (i % 10 == 0) tend(&expiry, 16);
        if (database->deadlines.wheel.item_count > most)
            most = database->deadlines.wheel.item_count;
    }
    /* What comes in while a rebuild walks the table is the slack. */
    cr_assert_leq(most, 2 * database->volatile_count + REBUILD_SLACK + 500);
    cr_assert_leq(deadlines_memory_bytes(&database->deadlines), 150 * 1024);
    advance(&expiry, START_MS + 3600000 + 2000, 1000);
    cr_assert_eq(expiry.expired, 2000, "a rebuild loses nobody");
    keyspace_deinit(&keyspace);
}

Test(deadlines, moving_a_deadline_to_and_fro_leaves_a_bounded_rest) {
    struct keyspace keyspace;
    struct expiry expiry;
    start(&keyspace, &expiry);
    struct database *database = expiry.database;
    put(&keyspace, database, 1, string_value_integer(1), START_MS + 5000);
    for (int i = 0; i < 100000; i++) {
        set_deadline(&expiry, 1, START_MS + (i % 2 == 0 ? 100000 : 5000));
        if (i % 10 == 0) tend(&expiry, 16);
        cr_assert_leq(database->deadlines.wheel.item_count, 2 + REBUILD_SLACK + 100);
    }
    advance(&expiry, START_MS + 5000, 100000);
    cr_assert_eq(expiry.expired, 1);
    keyspace_deinit(&keyspace);
}

Test(deadlines, a_rebuild_under_way_hears_of_every_change) {
    struct keyspace keyspace;
    struct expiry expiry;
    start(&keyspace, &expiry);
    struct database *database = expiry.database;
    for (uint32_t i = 0; i < 3000; i++)
        put(&keyspace, database, i, string_value_integer(i), START_MS + 100000);
    for (uint32_t i = 0; i < 2500; i++) set_deadline(&expiry, i, 0);
    tend(&expiry, 1);
    cr_assert_not_null(database->deadlines.rebuilt);
    for (uint32_t i = 0; i < 2500; i++) {
        set_deadline(&expiry, i, START_MS + 50000);
        if (i % 20 == 0) tend(&expiry, 1);
    }
    for (int i = 0; i < 5000; i++) tend(&expiry, 4);
    cr_assert_null(database->deadlines.rebuilt);
    cr_assert_null(database->deadlines.retired);
    advance(&expiry, START_MS + 50000, 100000);
    cr_assert_eq(expiry.expired, 2500);
    advance(&expiry, START_MS + 100000, 100000);
    cr_assert_eq(expiry.expired, 3000);
    keyspace_deinit(&keyspace);
}

Test(deadlines, takes_less_than_seven_bytes_a_key) {
    struct keyspace keyspace;
    struct expiry expiry;
    start(&keyspace, &expiry);
    enum { KEYS = 100000 };
    size_t before = deadlines_memory_bytes(&expiry.database->deadlines);
    for (uint32_t i = 0; i < KEYS; i++)
        put(&keyspace, expiry.database, i, string_value_integer(i), START_MS + 3600000 + i % 5000);
    double share = (double)(deadlines_memory_bytes(&expiry.database->deadlines) - before) / KEYS;
    cr_log_info("%.2f bytes a key with a deadline", share);
    cr_assert_leq(share, 7);
    keyspace_deinit(&keyspace);
}
