/* SPDX-License-Identifier: BSD-3-Clause */
/* PFADD, PFCOUNT, PFMERGE, PFDEBUG and PFSELFTEST as a client meets them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "commands/family.h"
#include "families/hyperloglog/hyperloglog.h"
#include "harness/harness.h"

static struct harness h;

static void setup(void) {
    harness_init(&h);
    h.executor.event_mask |= EVENT_NEW;
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(hyperloglog_behaviour, .init = setup, .fini = teardown);

#define GIVES(line, expected) \
    cr_assert_str_eq(harness_run(&h, line), expected, "%s gave %s", line, h.reply)
#define NOT_VALID "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define CORRUPT "-INVALIDOBJ Corrupted HLL object detected\r\n"
#define NO_MEMORY "-OOM command not allowed: no memory for the value\r\n"
#define HEAD "HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80"
#define CUT_OFF "\"" HEAD "\\x41\\x00\\x80\""

/* GET gives exactly these bytes. */
#define HOLDS(key, literal)                                                                    \
    do {                                                                                       \
        char head_[16];                                                                        \
        size_t len_ = (size_t)snprintf(head_, sizeof(head_), "$%zu\r\n", sizeof(literal) - 1); \
        harness_run(&h, "GET " key);                                                           \
        cr_assert_eq(h.reply_len, len_ + sizeof(literal) + 1, "%zu bytes", h.reply_len);       \
        cr_assert_arr_eq(h.reply, head_, len_);                                                \
        cr_assert_arr_eq(h.reply + len_, literal, sizeof(literal) - 1);                        \
    } while (0)

static void forget(void) {
    h.events_len = 0;
    if (h.events != NULL) h.events[0] = '\0';
    harness_journal_clear(&h);
}

static void leaves(const char *line, const char *events, const char *effects) {
    forget();
    harness_run(&h, line);
    cr_assert_str_eq(h.events == NULL ? "" : h.events, events, "%s: events %s", line, h.events);
    cr_assert_str_eq(harness_journal(&h), effects, "%s: %s", line, harness_journal(&h));
}

static void check_replay(void) {
    struct harness other;
    char digest[41];
    harness_init(&other);
    harness_replay(&h, &other);
    memcpy(digest, harness_digest(&h), sizeof(digest));
    cr_assert_str_eq(harness_digest(&other), digest);
    harness_deinit(&other);
}

/* Adds the numbers from `from` to `to`, ten at a time. */
static void add_numbers(const char *key, int from, int to) {
    for (; from <= to; from += 10) {
        char line[200];
        int len = snprintf(line, sizeof(line), "PFADD %s", key);
        for (int i = from; i < from + 10 && i <= to; i++)
            len += snprintf(line + len, sizeof(line) - (size_t)len, " %d", i);
        harness_run(&h, line);
        cr_assert_eq(h.reply[0], ':', "%s", h.reply);
    }
}

Test(hyperloglog_behaviour, adds_and_counts) {
    GIVES("PFADD k a b c", ":1\r\n");
    GIVES("PFADD k a b", ":0\r\n");
    GIVES("PFCOUNT k", ":3\r\n");
    GIVES("PFADD k d", ":1\r\n");
    GIVES("PFCOUNT k", ":4\r\n");
    GIVES("TYPE k", "+string\r\n");
    GIVES("PFCOUNT none", ":0\r\n");
    add_numbers("k", 1, 3000);
    cr_assert_float_eq(harness_integer(&h, "PFCOUNT k"), 3004, 100);
}

Test(hyperloglog_behaviour, makes_the_key_when_there_are_no_elements) {
    GIVES("PFADD k", ":1\r\n");
    HOLDS("k", "HYLL\1\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff");
    GIVES("PFADD k", ":0\r\n");
    GIVES("PFCOUNT k", ":0\r\n");
    HOLDS("k", "HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f\xff");
    GIVES("OBJECT ENCODING k", "$3\r\nraw\r\n");
}

Test(hyperloglog_behaviour, keeps_the_count_until_a_register_rises) {
    GIVES("PFADD k a", ":1\r\n");
    HOLDS("k", "HYLL\1\0\0\0\0\0\0\0\0\0\0\x80\x71\xa6\x84\x4e\x57");
    GIVES("PFCOUNT k", ":1\r\n");
    HOLDS("k", "HYLL\1\0\0\0\1\0\0\0\0\0\0\0\x71\xa6\x84\x4e\x57");
    GIVES("PFADD k a", ":0\r\n");
    HOLDS("k", "HYLL\1\0\0\0\1\0\0\0\0\0\0\0\x71\xa6\x84\x4e\x57");
    GIVES("PFADD k b", ":1\r\n");
    cr_assert_arr_eq(strstr(harness_run(&h, "GET k"), "HYLL") + 8, "\1\0\0\0\0\0\0\x80", 8);
    GIVES("SETRANGE k 8 \"\\x2a\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"", ":24\r\n");
    GIVES("PFCOUNT k", ":42\r\n");
    GIVES("PFCOUNT k none", ":2\r\n");
}

Test(hyperloglog_behaviour, merges_into_a_key_that_need_not_exist) {
    harness_run(&h, "PFADD a 1 2 3");
    harness_run(&h, "PFADD b 3 4");
    GIVES("PFMERGE c a none b", "+OK\r\n");
    GIVES("PFCOUNT c", ":4\r\n");
    GIVES("PFCOUNT a b none", ":4\r\n");
    GIVES("PFMERGE new", "+OK\r\n");
    HOLDS("new", "HYLL\1\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff");
    GIVES("PFMERGE c new", "+OK\r\n");
    cr_assert_arr_eq(strstr(harness_run(&h, "GET c"), "HYLL") + 8, "\4\0\0\0\0\0\0\x80", 8);
    GIVES("PFCOUNT a", ":3\r\n");
}

Test(hyperloglog_behaviour, merges_to_dense_what_is_dense_or_grows_too_long) {
    add_numbers("sparse", 1, 1000);
    add_numbers("other", 1001, 2000);
    add_numbers("dense", 1, 2500);
    GIVES("PFDEBUG ENCODING sparse", "+sparse\r\n");
    GIVES("PFDEBUG ENCODING dense", "+dense\r\n");
    GIVES("PFMERGE both sparse other", "+OK\r\n");
    GIVES("PFDEBUG ENCODING both", "+dense\r\n");
    GIVES("PFCOUNT both", ":2006\r\n");
    GIVES("PFMERGE sparse dense", "+OK\r\n");
    GIVES("PFDEBUG ENCODING sparse", "+dense\r\n");
    int64_t count = harness_integer(&h, "PFCOUNT dense");
    cr_assert_eq(harness_integer(&h, "PFCOUNT sparse"), count);
    cr_assert_eq(harness_integer(&h, "PFCOUNT sparse other dense none"), count);
    GIVES("PFMERGE dense other", "+OK\r\n");
    cr_assert_eq(harness_integer(&h, "PFCOUNT dense"), count);
    GIVES("STRLEN dense", ":12304\r\n");
    check_replay();
}

Test(hyperloglog_behaviour, honours_the_limit_of_sparse_ones) {
    h.executor.sparse_bytes_max = 40;
    GIVES("PFADD k 1 2 3", ":1\r\n");
    GIVES("PFDEBUG ENCODING k", "+sparse\r\n");
    GIVES("PFADD k 4 5 6 7 8 9", ":1\r\n");
    GIVES("PFDEBUG ENCODING k", "+dense\r\n");
    GIVES("PFCOUNT k", ":9\r\n");
    h.executor.sparse_bytes_max = 0;
    GIVES("PFADD m", ":1\r\n");
    GIVES("PFDEBUG ENCODING m", "+sparse\r\n");
    GIVES("PFADD m 1", ":1\r\n");
    GIVES("STRLEN m", ":12304\r\n");
}

/* --- refusals --- */

Test(hyperloglog_behaviour, refuses_strings_that_are_none) {
    harness_run(&h, "MSET s text n 12345678901234567890 short \"HYLL\\x01\\x00\\x00\"");
    harness_run(&h, "SET bad \"HYLL\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\"");
    harness_run(&h,
                "SET cut \"HYLL\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80xx\"");
    harness_run(&h, "PFADD k a");
    forget();
    for (const char *keys = "s n short bad cut"; *keys != '\0'; keys += strcspn(keys, " ")) {
        keys += *keys == ' ';
        char key[8] = "";
        memcpy(key, keys, strcspn(keys, " "));
        static const char *const lines[] = {
            "PFADD %s a",   "PFADD %s",          "PFCOUNT %s",     "PFCOUNT k %s",  "PFMERGE %s",
            "PFMERGE k %s", "PFDEBUG GETREG %s", "PFDEBUG FOO %s", "PFMERGE new %s"};
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            harness_runf(&h, lines[i], key);
            cr_assert_str_eq(h.reply, NOT_VALID, "%s with %s", lines[i], key);
        }
    }
    GIVES("EXISTS new", ":0\r\n");
    cr_assert_str_eq(harness_journal(&h), "");
}

Test(hyperloglog_behaviour, refuses_other_types) {
    harness_run(&h, "RL.CHECK r 10/1s");
    harness_run(&h, "PFADD k a");
    forget();
    GIVES("PFADD r a", WRONG_TYPE);
    GIVES("PFCOUNT r", WRONG_TYPE);
    GIVES("PFCOUNT k r", WRONG_TYPE);
    GIVES("PFMERGE r k", WRONG_TYPE);
    GIVES("PFMERGE k r", WRONG_TYPE);
    GIVES("PFDEBUG ENCODING r", WRONG_TYPE);
    cr_assert_str_eq(harness_journal(&h), "");
}

Test(hyperloglog_behaviour, changes_nothing_when_registers_are_corrupt) {
    harness_run(&h, "SET c " CUT_OFF);
    harness_run(&h, "PFADD k a");
    char before[41];
    memcpy(before, harness_digest(&h), sizeof(before));
    forget();
    /* "ab" has a register within the runs, "a" and "abc" have not. */
    GIVES("PFADD c a", CORRUPT);
    GIVES("PFCOUNT c", CORRUPT);
    GIVES("PFCOUNT k c", CORRUPT);
    GIVES("PFMERGE k c", CORRUPT);
    GIVES("PFMERGE c k", CORRUPT);
    GIVES("PFMERGE new c", CORRUPT);
    GIVES("PFDEBUG GETREG c", CORRUPT);
    GIVES("PFDEBUG TODENSE c", CORRUPT);
    GIVES("PFDEBUG DECODE c", "$11\r\nZ:257 v:1,1\r\n");
    GIVES("SET d \"" HEAD "\\x43\\x00\"", "+OK\r\n");
    GIVES("PFADD d ab a", CORRUPT);
    HOLDS("d", "HYLL\1\0\0\0\0\0\0\0\0\0\0\x80\x43\x00");
    GIVES("PFADD d ab", ":1\r\n");
    GIVES("DEL d", ":1\r\n");
    cr_assert_str_eq(harness_digest(&h), before);
}

/* --- what it leaves --- */

Test(hyperloglog_behaviour, tells_what_happened_and_journals_it_as_it_came) {
    leaves("PFADD k a", "new k 0\npfadd k 0\n", "PFADD k a\n--\n");
    leaves("PFADD k a", "", "");
    leaves("PFADD k", "", "");
    leaves("PFADD k b c", "pfadd k 0\n", "PFADD k b c\n--\n");
    leaves("PFMERGE k", "pfadd k 0\n", "PFMERGE k\n--\n");
    leaves("PFMERGE m k", "new m 0\npfadd m 0\n", "PFMERGE m k\n--\n");
    leaves("PFDEBUG ENCODING k", "", "");
    leaves("PFDEBUG DECODE k", "", "");
    leaves("PFDEBUG TODENSE k", "", "PFDEBUG TODENSE k\n--\n");
    leaves("PFDEBUG TODENSE k", "", "");
    leaves("PFDEBUG GETREG m", "", "PFDEBUG GETREG m\n--\n");
    leaves("PFDEBUG GETREG m", "", "");
}

Test(hyperloglog_behaviour, journals_a_count_that_it_keeps_so_that_a_replay_keeps_it_too) {
    leaves("PFADD k a", "new k 0\npfadd k 0\n", "PFADD k a\n--\n");
    uint64_t changes = h.executor.keyspace.counters.changes;
    leaves("PFCOUNT k", "", "PFCOUNT k\n--\n");
    cr_assert_eq(h.executor.keyspace.counters.changes, changes + 1);
    leaves("PFCOUNT k", "", "");
    leaves("PFCOUNT k none", "", "");
    leaves("PFCOUNT none", "", "");
    cr_assert_eq(h.executor.keyspace.counters.changes, changes + 1);
}

Test(hyperloglog_behaviour, replays_to_the_same_bytes) {
    for (int i = 0; i < 60; i++) {
        char line[64];
        add_numbers("a", i * 40, i * 40 + 39);
        add_numbers("b", i * 20, i * 20 + 39);
        snprintf(line, sizeof(line), "PFMERGE m%d a b", i % 3);
        harness_run(&h, line);
        harness_run(&h, i % 2 == 0 ? "PFCOUNT a" : "PFCOUNT m0");
        if (i % 10 == 0) check_replay();
    }
    GIVES("STRLEN a", ":12304\r\n");
    check_replay();
}

Test(hyperloglog_behaviour, counts_hits_and_misses) {
    struct keyspace_counters *counters = &h.executor.keyspace.counters;
    harness_run(&h, "PFADD k a");
    harness_run(&h, "PFCOUNT k");
    harness_run(&h, "PFCOUNT none");
    harness_run(&h, "PFMERGE m k");
    cr_assert_eq(counters->hits, 2);
    cr_assert_eq(counters->misses, 2);
}

Test(hyperloglog_behaviour, keeps_the_end_of_the_key) {
    harness_run(&h, "PFADD k a");
    harness_run(&h, "PEXPIRE k 1000");
    add_numbers("k", 1, 2500);
    harness_run(&h, "PFCOUNT k");
    harness_run(&h, "PFMERGE k none");
    GIVES("PTTL k", ":1000\r\n");
    harness_advance_ms(&h, 1000);
    GIVES("PFCOUNT k", ":0\r\n");
    GIVES("PFADD k", ":1\r\n");
    GIVES("PTTL k", ":-1\r\n");
}

Test(hyperloglog_behaviour, leaves_copies_that_share_its_bytes_as_they_are) {
    add_numbers("k", 1, 3000);
    harness_run(&h, "COPY k copy");
    int64_t before = harness_integer(&h, "PFCOUNT k copy");
    add_numbers("k", 3001, 6000);
    cr_assert_gt(harness_integer(&h, "PFCOUNT k"), before + 2000);
    cr_assert_eq(harness_integer(&h, "PFCOUNT copy"), before);
    harness_run(&h, "COPY k other");
    GIVES("PFMERGE other copy", "+OK\r\n");
    harness_run(&h, "COPY copy third");
    GIVES("PFMERGE third k", "+OK\r\n");
    cr_assert_eq(harness_integer(&h, "PFCOUNT copy"), before);
    cr_assert_eq(harness_integer(&h, "PFCOUNT third"), harness_integer(&h, "PFCOUNT k"));
}

Test(hyperloglog_behaviour, travels_in_a_dump) {
    add_numbers("k", 1, 3000);
    harness_run(&h, "PFADD s 1 2 3");
    for (const char *key = "ks"; *key != '\0'; key++) {
        harness_runf(&h, "DUMP %c", *key);
        size_t len = strtoull(h.reply + 1, NULL, 10);
        char *payload = memory_allocate(len);
        memcpy(payload, strstr(h.reply, "\r\n") + 2, len);
        struct bytes argv[] = {
            BYTES("RESTORE"), BYTES("copy"), BYTES("0"), {payload, len}, BYTES("REPLACE")};
        cr_assert_str_eq(harness_run_argv(&h, argv, 5), "+OK\r\n");
        memory_free(payload);
        int64_t count = harness_integer(&h, *key == 'k' ? "PFCOUNT k" : "PFCOUNT s");
        cr_assert_eq(harness_integer(&h, "PFCOUNT copy"), count);
        GIVES("PFADD copy 1 2 3", ":0\r\n");
    }
}

/* --- memory --- */

Test(hyperloglog_behaviour, allocates_nothing_to_add_to_a_dense_one) {
    add_numbers("k", 1, 3000);
    GIVES("STRLEN k", ":12304\r\n");
    harness_run(&h, "PFADD k x");
    h.executor.journal = NULL;
    size_t used = memory_used_bytes();
    memory_fail_try(0);
    const struct bytes argv[] = {BYTES("PFADD"), BYTES("k"),    BYTES("new1"), BYTES("new2"),
                                 BYTES("new3"),  BYTES("new4"), BYTES("new5")};
    cr_assert_str_eq(harness_run_argv(&h, argv, COUNT_OF(argv)), ":1\r\n");
    cr_assert_eq(memory_fail_try(0), 0);
    cr_assert_eq(memory_used_bytes(), used);
}

Test(hyperloglog_behaviour, takes_no_more_than_a_dense_one_needs) {
    add_numbers("k", 1, 3000);
    struct database *database = &h.executor.keyspace.databases[0];
    struct keyspace_place place = keyspace_find(database, BYTES("k"), hash_bytes(BYTES("k")));
    cr_assert_leq(keyspace_key_bytes(&h.executor.keyspace, place.entry, 0),
                  HYPERLOGLOG_DENSE_BYTES + 4096);
}

Test(hyperloglog_behaviour, changes_nothing_when_memory_is_refused) {
    static const char *const lines[] = {"PFADD k new1 new2 new3",
                                        "PFCOUNT k",
                                        "PFMERGE k d",
                                        "PFMERGE new d",
                                        "PFADD new a",
                                        "PFADD d new",
                                        "PFDEBUG TODENSE k",
                                        "PFDEBUG GETREG k",
                                        "PFCOUNT d",
                                        "PFMERGE d k",
                                        "PFMERGE new k k"};
    add_numbers("k", 1, 1000);
    add_numbers("d", 1, 3000);
    size_t refused = 0;
    for (uint64_t nth = 1; nth <= 3; nth++) {
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            /* Whoever shares the bytes makes the change allocate. */
            harness_run(&h, "COPY k k2 REPLACE");
            harness_run(&h, "COPY d d2 REPLACE");
            char before[41];
            memcpy(before, harness_digest(&h), sizeof(before));
            memory_fail_try(nth);
            harness_run(&h, lines[i]);
            memory_fail_try(0);
            if (strcmp(h.reply, NO_MEMORY) != 0) {
                harness_run(&h, "COPY k2 k REPLACE");
                harness_run(&h, "COPY d2 d REPLACE");
                harness_run(&h, "DEL new");
                continue;
            }
            refused++;
            cr_assert_str_eq(harness_digest(&h), before, "%s", lines[i]);
        }
    }
    cr_assert_geq(refused, 8);
    check_replay();
}

/* --- debugging --- */

Test(hyperloglog_behaviour, shows_how_it_lies) {
    harness_run(&h, "PFADD k a");
    GIVES("PFDEBUG encoding k", "+sparse\r\n");
    GIVES("PFDEBUG decode k", "$20\r\nZ:12711 v:2,1 Z:3672\r\n");
    GIVES("PFDEBUG TODENSE k", ":1\r\n");
    GIVES("PFDEBUG TODENSE k", ":0\r\n");
    GIVES("PFDEBUG ENCODING k", "+dense\r\n");
    GIVES("PFDEBUG DECODE k", "-ERR HLL encoding is not sparse\r\n");
    GIVES("PFCOUNT k", ":1\r\n");
    harness_run(&h, "PFADD s a");
    cr_assert_eq(strncmp(harness_run(&h, "PFDEBUG GETREG s"), "*16384\r\n:0\r\n", 12), 0);
    cr_assert_not_null(strstr(h.reply, ":2\r\n"));
    cr_assert_eq(h.reply_len, 8 + 16384 * 4);
    GIVES("PFDEBUG ENCODING s", "+dense\r\n");
    GIVES("PFDEBUG FOO s", "-ERR Unknown PFDEBUG subcommand 'FOO'\r\n");
    GIVES("PFDEBUG \"a\\r\\nb\\x00c\" s", "-ERR Unknown PFDEBUG subcommand 'a  b'\r\n");
    GIVES("PFDEBUG FOO none", "-ERR The specified key does not exist\r\n");
}

Test(hyperloglog_behaviour, counts_alike_with_and_without_the_fast_loops) {
    add_numbers("k", 1, 4000);
    harness_run(&h, "PFADD j 1");
    GIVES("PFDEBUG SIMD OFF", "+disabled\r\n");
    int64_t plain = harness_integer(&h, "PFCOUNT k j");
    GIVES("PFMERGE a k j", "+OK\r\n");
    GIVES("PFDEBUG simd on", "+enabled\r\n");
    cr_assert_eq(harness_integer(&h, "PFCOUNT k j"), plain);
    GIVES("PFMERGE b k j", "+OK\r\n");
    char *first = strdup(harness_run(&h, "PFDEBUG GETREG a"));
    cr_assert_str_eq(harness_run(&h, "PFDEBUG GETREG b"), first);
    free(first);
    GIVES("PFDEBUG SIMD k", "-ERR Argument must be ON or OFF\r\n");
}

Test(hyperloglog_behaviour, tests_itself) { GIVES("PFSELFTEST", "+OK\r\n"); }

Test(hyperloglog_behaviour, says_raw_of_what_was_opened_to_be_added_to) {
    harness_run(&h, "SET k \"" HEAD "\\x7f\\xff\"");
    GIVES("OBJECT ENCODING k", "$6\r\nembstr\r\n");
    harness_journal_clear(&h);
    GIVES("PFADD k", ":0\r\n");
    GIVES("OBJECT ENCODING k", "$3\r\nraw\r\n");
    cr_assert_str_eq(harness_journal(&h), "");
    GIVES("PFCOUNT k", ":0\r\n");
}
