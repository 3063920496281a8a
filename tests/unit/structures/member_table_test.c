/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/member_table.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/memory.h"

static void setup(void) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {3, 1, 4, 1, 5};
    hash_setup(secret);
}

TestSuite(member_table, .init = setup);

static struct member *make(const char *name, const char *value, int64_t deadline_ms) {
    struct member_parts parts = {.name = bytes_of(name)};
    if (value != NULL) {
        parts.value = bytes_of(value);
        parts.flags |= MEMBER_HAS_VALUE;
    }
    if (deadline_ms >= 0) {
        parts.deadline_ms = deadline_ms;
        parts.flags |= MEMBER_HAS_DEADLINE;
    }
    struct member *member = member_try_create(&parts);
    cr_assert_not_null(member);
    return member;
}

Test(member_table, members_give_back_what_they_were_made_of) {
    static const double scores[] = {
        0, -0.0, 1, -1, 2147483647, 2147483648.0, -2147483648.0, 0.5, 1e300, -INFINITY, INFINITY};
    char long_name[70000];
    memset(long_name, 'n', sizeof(long_name));
    static const size_t lengths[] = {0, 1, 16, 253, 254, 65535, 65536};
    for (uint8_t flags = 0; flags < 16; flags++) {
        if ((flags & MEMBER_SCORE_SHORT) != 0) continue;
        for (size_t i = 0; i < COUNT_OF(lengths) * COUNT_OF(scores); i++) {
            struct member_parts parts = {
                .name = bytes_make(long_name, lengths[i % COUNT_OF(lengths)]),
                .value = bytes_make(long_name, lengths[(i + 3) % COUNT_OF(lengths)]),
                .score = scores[i % COUNT_OF(scores)],
                .deadline_ms = (int64_t)i << 40,
                .flags = flags};
            struct member *member = member_try_create(&parts);
            struct member_parts back = member_parts(member);
            cr_assert(bytes_equal(back.name, parts.name));
            if (flags & MEMBER_HAS_VALUE) cr_assert(bytes_equal(back.value, parts.value));
            if (flags & MEMBER_HAS_SCORE)
                cr_assert_eq(memcmp(&back.score, &parts.score, sizeof(double)), 0);
            if (flags & MEMBER_HAS_DEADLINE) cr_assert_eq(back.deadline_ms, parts.deadline_ms);
            else cr_assert_eq(member_deadline_ms(member), INT64_MAX);
            member_destroy(member);
        }
    }
}

Test(member_table, members_change_in_place_when_the_width_stays) {
    struct member_parts parts = {.name = BYTES("m"),
                                 .value = BYTES("four"),
                                 .score = 7,
                                 .flags = MEMBER_HAS_SCORE | MEMBER_HAS_VALUE};
    struct member *member = member_try_create(&parts);
    cr_assert(member_set_score(member, -9));
    cr_assert_eq(member_score(member), -9);
    cr_assert_not(member_set_score(member, 0.5));
    cr_assert_eq(member_score(member), -9);
    cr_assert(member_set_value(member, BYTES("five")));
    cr_assert_not(member_set_value(member, BYTES("three")));
    cr_assert(bytes_equal(member_value(member), BYTES("five")));
    cr_assert_not(member_set_deadline(member, 5));
    member_destroy(member);
}

Test(member_table, finds_replaces_and_removes_members) {
    size_t before = memory_used_bytes();
    struct member_table table;
    member_table_init(&table);
    for (int i = 0; i < 3000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "field%d", i);
        member_table_insert(&table, make(name, "v", i % 3 == 0 ? 1000 + i : -1));
    }
    struct member_place place = member_table_find(&table, BYTES("field7"));
    cr_assert(bytes_equal(member_value(place.member), BYTES("v")));
    member_destroy(member_table_replace(&table, &place, make("field7", "longer than it was", 5)));
    cr_assert_eq(member_table_due(&table, 5), place.member);
    cr_assert_null(member_table_find(&table, BYTES("field")).member);
    for (int i = 0; i < 3000; i += 2) {
        char name[32];
        snprintf(name, sizeof(name), "field%d", i);
        member_destroy(member_table_remove(&table, member_table_find(&table, bytes_of(name))));
    }
    cr_assert_eq(table.table.item_count, 1500);
    cr_assert_eq(table.deadlines->item_count, 501);
    cr_assert(ordered_tree_is_sound(table.deadlines));
    size_t held = memory_used_bytes() - before;
    cr_assert_eq(member_table_memory_bytes(&table), held);
    struct member_table copy;
    cr_assert(member_table_try_copy(&table, &copy));
    cr_assert_eq(copy.table.item_count, 1500);
    cr_assert_eq(copy.deadlines->item_count, 501);
    cr_assert_not_null(member_table_find(&copy, BYTES("field7")).member);
    member_table_deinit(&copy);
    while (member_table_demolish(&table)) continue;
    cr_assert_eq(memory_used_bytes(), before);
}

Test(member_table, hides_and_hands_out_those_that_are_due_in_order) {
    struct member_table table;
    member_table_init(&table);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "m%d", i);
        member_table_insert(&table, make(name, NULL, i % 2 ? (i * 7919) % 1000 : -1));
    }
    cr_assert_eq(member_table_count(&table, INT64_MIN), 1000);
    int64_t last = -1;
    for (int64_t now = 0; now <= 1000; now += 10) {
        size_t visible = member_table_count(&table, now);
        struct member *due;
        while ((due = member_table_due(&table, now)) != NULL) {
            cr_assert_geq(member_deadline_ms(due), last);
            last = member_deadline_ms(due);
            struct member_place place = member_table_find(&table, member_name(due));
            cr_assert_eq(place.member, due);
            member_destroy(member_table_remove(&table, place));
        }
        cr_assert_eq(table.table.item_count, visible);
        cr_assert_gt(member_table_next_deadline_ms(&table), now);
    }
    cr_assert_null(table.deadlines);
    cr_assert_eq(table.table.item_count, 500);
    member_table_deinit(&table);
}

Test(member_table, gives_moves_and_takes_deadlines) {
    struct member_table table;
    member_table_init(&table);
    member_table_insert(&table, make("a", "value", -1));
    member_table_insert(&table, make("b", "value", 50));
    struct member_place place = member_table_find(&table, BYTES("a"));
    cr_assert(member_table_set_deadline(&table, &place, 10));
    cr_assert_eq(member_table_find(&table, BYTES("a")).member, place.member);
    cr_assert_eq(member_table_next_deadline_ms(&table), 10);
    cr_assert(member_table_set_deadline(&table, &place, 90));
    cr_assert_eq(member_table_next_deadline_ms(&table), 50);
    cr_assert(member_table_set_deadline(&table, &place, -1));
    place = member_table_find(&table, BYTES("b"));
    cr_assert(member_table_set_deadline(&table, &place, -1));
    cr_assert_null(table.deadlines);
    cr_assert(bytes_equal(member_value(place.member), BYTES("value")));
    member_table_deinit(&table);
}

Test(member_table, refuses_a_member_without_memory_and_changes_nothing) {
    struct member_table table;
    member_table_init(&table);
    member_table_insert(&table, make("a", "value", -1));
    struct member_place place = member_table_find(&table, BYTES("a"));
    memory_fail_try(1);
    cr_assert_not(member_table_set_deadline(&table, &place, 10));
    cr_assert_null(table.deadlines);
    memory_fail_try(1);
    struct member_table copy;
    cr_assert_not(member_table_try_copy(&table, &copy));
    member_table_deinit(&table);
}
