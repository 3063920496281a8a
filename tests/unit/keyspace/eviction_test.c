/* SPDX-License-Identifier: BSD-3-Clause */
/* Who goes when memory is short: those that the policy means, never those it spares, and somebody
 * as long as there is somebody. */
#include "unit/keyspace/keyspace_fixture.h"

#include "keyspace/eviction.h"

enum { KEYS = 2000 };

static struct eviction eviction_of(enum eviction_order order, bool volatile_only) {
    return (struct eviction){.order = order, .volatile_only = volatile_only, .samples = 5};
}

static uint32_t number_of(struct bytes key) {
    int64_t number;
    cr_assert(text_to_integer(bytes_make(key.data + 4, key.len - 4), &number));
    return (uint32_t)number;
}

/* The key that goes; UINT32_MAX when nothing may. */
static uint32_t evict(struct eviction *eviction, struct keyspace *keyspace) {
    struct database *database = NULL;
    struct keyspace_place place;
    if (!eviction_choose(eviction, keyspace, &database, &place)) return UINT32_MAX;
    uint32_t number = number_of(entry_key(place.entry));
    cr_assert_eq(place_of(database, number).entry, place.entry);
    keyspace_delete(keyspace, database, &place, false);
    return number;
}

static struct entry *entry_numbered(struct keyspace *keyspace, uint32_t number) {
    return place_of(&keyspace->databases[0], number).entry;
}

/* Key i was used i seconds after the start; evicts half and gives the mean number of those that
 * went: 500 were it by perfect order, 1000 by chance. */
static double mean_evicted_by_age(bool volatile_only) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    for (uint32_t i = 0; i < KEYS; i++) {
        access_set_time(&keyspace.access, START_MS + (int64_t)i * 1000);
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i),
            volatile_only ? START_MS + 10000000 : 0);
    }
    access_set_time(&keyspace.access, START_MS + KEYS * 1000);
    struct eviction eviction = eviction_of(EVICTION_LRU, volatile_only);
    double sum = 0;
    for (int i = 0; i < KEYS / 2; i++) {
        uint32_t number = evict(&eviction, &keyspace);
        cr_assert_neq(number, UINT32_MAX);
        sum += number;
    }
    keyspace_deinit(&keyspace);
    return sum / (KEYS / 2);
}

Test(eviction, by_lru_takes_those_unused_for_long) {
    double mean = mean_evicted_by_age(false);
    cr_log_info("allkeys-lru: mean %g, perfect 500, chance 1000", mean);
    cr_assert_leq(mean, 600);
}

/* All deadlines lie in one slot of the wheel, so this also proves that all of it is seen. */
Test(eviction, by_volatile_lru_takes_those_unused_for_long) {
    double mean = mean_evicted_by_age(true);
    cr_log_info("volatile-lru: mean %g, perfect 500, chance 1000", mean);
    cr_assert_leq(mean, 600);
}

Test(eviction, by_lfu_takes_those_seldom_used) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    keyspace.access.lfu = true;
    for (uint32_t i = 0; i < KEYS; i++) {
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i), 0);
        access_set_frequency(&keyspace.access, entry_numbered(&keyspace, i), (uint8_t)(i / 10));
    }
    struct eviction eviction = eviction_of(EVICTION_LFU, false);
    double sum = 0;
    for (int i = 0; i < KEYS / 2; i++) sum += evict(&eviction, &keyspace);
    cr_log_info("allkeys-lfu: mean %g, perfect 500, chance 1000", sum / (KEYS / 2));
    cr_assert_leq(sum / (KEYS / 2), 600);
    keyspace_deinit(&keyspace);
}

Test(eviction, passes_by_a_candidate_that_was_used_since) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    for (uint32_t i = 0; i < 12; i++)
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i), 0);
    access_set_time(&keyspace.access, START_MS + 100000);
    struct eviction eviction = eviction_of(EVICTION_LRU, false);
    evict(&eviction, &keyspace); /* the pool knows most of the others now */
    for (uint32_t i = 0; i < 11; i++) {
        struct entry *entry = entry_numbered(&keyspace, i);
        if (entry != NULL) access_touch(&keyspace.access, entry);
    }
    bool eleven_is_left = entry_numbered(&keyspace, 11) != NULL;
    uint32_t next = evict(&eviction, &keyspace);
    if (eleven_is_left) cr_assert_eq(next, 11);
    keyspace_deinit(&keyspace);
}

Test(eviction, finds_somebody_when_all_candidates_were_used_since) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    for (uint32_t i = 0; i < 100; i++)
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i), 0);
    struct eviction eviction = eviction_of(EVICTION_LRU, false);
    for (int round = 1; round <= 100; round++) {
        access_set_time(&keyspace.access, START_MS + round * 10000);
        cr_assert_neq(evict(&eviction, &keyspace), UINT32_MAX, "round %d", round);
        for (uint32_t i = 0; i < 100; i++) {
            struct entry *entry = entry_numbered(&keyspace, i);
            if (entry != NULL) access_touch(&keyspace.access, entry);
        }
    }
    cr_assert_eq(evict(&eviction, &keyspace), UINT32_MAX);
    keyspace_deinit(&keyspace);
}

Test(eviction, by_ttl_takes_those_that_would_go_first) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    for (uint32_t i = 0; i < KEYS; i++) {
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i),
            START_MS + 100 + (int64_t)i * 977);
    }
    put(&keyspace, &keyspace.databases[0], KEYS, string_value_integer(0), 0);
    struct eviction eviction = eviction_of(EVICTION_TTL, true);
    double sum = 0;
    for (uint32_t i = 0; i < KEYS / 2; i++) sum += evict(&eviction, &keyspace);
    cr_log_info("volatile-ttl: mean %g, perfect 500, chance 1000", sum / (KEYS / 2));
    cr_assert_leq(sum / (KEYS / 2), 600);
    for (uint32_t i = 0; i < KEYS / 2; i++) cr_assert_neq(evict(&eviction, &keyspace), UINT32_MAX);
    cr_assert_eq(evict(&eviction, &keyspace), UINT32_MAX, "a key without a deadline stays");
    keyspace_deinit(&keyspace);
}

Test(eviction, by_ttl_is_exact_where_slots_are_not_crowded) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    for (uint32_t i = 0; i < 60; i++) {
        put(&keyspace, &keyspace.databases[0], i, string_value_integer(i),
            START_MS + ((int64_t)1 << (i / 2)) * (3 + i % 2));
    }
    struct eviction eviction = eviction_of(EVICTION_TTL, true);
    for (uint32_t i = 0; i < 60; i++) cr_assert_eq(evict(&eviction, &keyspace), i);
    keyspace_deinit(&keyspace);
}

Test(eviction, by_ttl_passes_by_a_key_that_lives_longer_now) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    for (uint32_t i = 0; i < 10; i++)
        put(&keyspace, database, i, string_value_integer(i), START_MS + 1000 + i);
    struct eviction eviction = eviction_of(EVICTION_TTL, true);
    cr_assert_eq(evict(&eviction, &keyspace), 0);
    struct keyspace_place place = place_of(database, 1);
    cr_assert(keyspace_set_deadline(&keyspace, database, &place, true, START_MS + 900000000));
    for (uint32_t i = 2; i < 10; i++) cr_assert_eq(evict(&eviction, &keyspace), i);
    cr_assert_eq(evict(&eviction, &keyspace), 1);
    keyspace_deinit(&keyspace);
}

/* SET with a deadline and DEL leave items in the wheel that stand for nobody. */
Test(eviction, finds_the_one_volatile_key_behind_many_that_are_gone) {
    static const enum eviction_order orders[] = {EVICTION_LRU, EVICTION_RANDOM, EVICTION_TTL};
    for (size_t order = 0; order < COUNT_OF(orders); order++) {
        struct keyspace keyspace;
        fixture_init(&keyspace, 1);
        struct database *database = &keyspace.databases[0];
        for (uint32_t i = 0; i < 1000; i++)
            put(&keyspace, database, i, string_value_integer(i), START_MS + 5000);
        for (uint32_t i = 0; i < 1000; i++) {
            struct keyspace_place place = place_of(database, i);
            keyspace_delete(&keyspace, database, &place, false);
        }
        put(&keyspace, database, 7777, string_value_integer(1), START_MS + 5000000);
        for (uint32_t i = 0; i < 500; i++) put(&keyspace, database, i, string_value_integer(i), 0);
        struct eviction eviction = eviction_of(orders[order], true);
        cr_assert_eq(evict(&eviction, &keyspace), 7777);
        cr_assert_eq(evict(&eviction, &keyspace), UINT32_MAX);
        keyspace_deinit(&keyspace);
    }
}

Test(eviction, by_chance_takes_from_everywhere) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 2);
    for (uint32_t i = 0; i < KEYS; i++)
        put(&keyspace, &keyspace.databases[i % 2], i, string_value_integer(i), 0);
    struct eviction eviction = eviction_of(EVICTION_RANDOM, false);
    double sum = 0;
    for (int i = 0; i < KEYS / 2; i++) sum += evict(&eviction, &keyspace);
    cr_assert(sum / (KEYS / 2) > 900 && sum / (KEYS / 2) < 1100);
    cr_assert_gt(keyspace.databases[0].table.item_count, 400);
    cr_assert_gt(keyspace.databases[1].table.item_count, 400);
    keyspace_deinit(&keyspace);
}

Test(eviction, spares_applications_unless_told_otherwise) {
    for (int volatile_only = 0; volatile_only < 2; volatile_only++) {
        for (int order = EVICTION_LRU; order <= EVICTION_TTL; order++) {
            if (order == EVICTION_TTL && !volatile_only) continue;
            struct keyspace keyspace;
            fixture_init(&keyspace, 1);
            keyspace.access.lfu = order == EVICTION_LFU;
            int64_t deadline_ms = volatile_only ? START_MS + 1000 : 0;
            for (uint32_t i = 0; i < 40; i++) {
                put(&keyspace, &keyspace.databases[0], i,
                    i % 2 == 0 ? object_value(i) : string_value_integer(i), deadline_ms);
            }
            struct eviction eviction = eviction_of((enum eviction_order)order, volatile_only);
            for (int i = 0; i < 20; i++) cr_assert_eq(evict(&eviction, &keyspace) % 2, 1);
            cr_assert_eq(evict(&eviction, &keyspace), UINT32_MAX);
            eviction.applications_too = true;
            for (int i = 0; i < 20; i++) cr_assert_neq(evict(&eviction, &keyspace), UINT32_MAX);
            cr_assert_eq(objects_alive, 0);
            keyspace_deinit(&keyspace);
        }
    }
}

Test(eviction, with_noeviction_takes_nobody) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    put(&keyspace, &keyspace.databases[0], 1, string_value_integer(1), 0);
    struct eviction eviction = eviction_of(EVICTION_NONE, false);
    cr_assert_eq(evict(&eviction, &keyspace), UINT32_MAX);
    keyspace_deinit(&keyspace);
}
