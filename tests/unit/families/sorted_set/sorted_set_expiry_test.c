/* SPDX-License-Identifier: BSD-3-Clause */
/* Members that end. */
#include "base/hash.h"
#include "collections/sorted_set_value.h"
#include "keyspace/keyspace.h"
#include "sorted_set_fixture.h"

TestSuite(sorted_set_expiry, .init = sorted_set_setup, .fini = sorted_set_teardown);

/* Stores a set of members m0, m1, ..., of which the first `ending` end in 100 ms. */
static void store(const char *key, int count, int ending) {
    struct sorted_set *set = sorted_set_create();
    for (int i = 0; i < count; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "m%d", i);
        struct member_parts parts = {.name = bytes_make(name, (size_t)len), .score = i};
        if (i < ending) {
            parts.flags = MEMBER_HAS_DEADLINE;
            parts.deadline_ms = harness_now_ms(&harness) + 100;
        }
        cr_assert(sorted_set_add(set, &parts));
    }
    struct database *database = &harness.executor.keyspace.databases[0];
    struct bytes bytes = bytes_of(key);
    struct keyspace_place place = keyspace_find(database, bytes, hash_bytes(bytes));
    struct value value = {.type = &sorted_set_type,
                          .storage = VALUE_BOXED,
                          .encoding = SORTED_SET_TREE,
                          .boxed = set};
    cr_assert(
        keyspace_store(&harness.executor.keyspace, database, bytes, &place, &value, false, 0));
}

Test(sorted_set_expiry, members_that_are_due_are_not_seen) {
    store("k", 10, 4);
    GIVES("ZCARD k", ":10\r\n");
    harness_advance_ms(&harness, 100);
    leaves("ZCARD k", "zexpired k 0\n", "ZREM k m0 m1 m2 m3\n--\n");
    GIVES("ZCARD k", ":6\r\n");
    HOLDS("ZRANGE k 0 0", "m4");
}

Test(sorted_set_expiry, the_key_goes_with_its_last_member) {
    store("k", 3, 3);
    harness_advance_ms(&harness, 100);
    harness_journal_clear(&harness);
    harness_expire(&harness);
    cr_assert_str_eq(harness_journal(&harness), "ZREM k m0 m1 m2\n--\n");
    cr_assert_str_eq(harness.events, "zexpired k 0\ndel k 0\n");
    GIVES("EXISTS k", ":0\r\n");
}

Test(sorted_set_expiry, unions_read_sets_of_which_all_goes) {
    store("a", 2500, 2500);
    store("b", 5, 2);
    harness_advance_ms(&harness, 100);
    HOLDS("ZUNION 3 a b a", "m2 m3 m4");
    GIVES("EXISTS a", ":0\r\n");
}
