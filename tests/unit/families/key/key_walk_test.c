/* SPDX-License-Identifier: BSD-3-Clause */
/* KEYS, SCAN and the emptying of databases: whole, and in slices with others at work in between. */
#include "unit/families/key/key_fixture.h"

#include <stdlib.h>

#include "commands/registry.h"
#include "harness/sliced.h"

static void setup(void) { harness_init(&h); }
static void teardown(void) { harness_deinit(&h); }
TestSuite(key_walk, .init = setup, .fini = teardown);

static void fill(int from, int until) {
    for (int i = from; i < until; i++) harness_runf(&h, "SET key:%d %d", i, i);
}

static void unfill(int from, int until) {
    for (int i = from; i < until; i++) harness_runf(&h, "DEL key:%d", i);
}

/* Marks the keys "key:N" that a reply names. Returns how many there are. */
static size_t mark(const char *reply, uint8_t *seen, int count) {
    size_t found = 0;
    for (const char *at = strstr(reply, "key:"); at != NULL; at = strstr(at + 1, "key:")) {
        int number = atoi(at + 4);
        cr_assert(number < count);
        seen[number]++;
        found++;
    }
    return found;
}

/* --- KEYS --- */

Test(key_walk, keys_names_what_matches) {
    harness_run(&h, "MSET hello 1 hallo 2 hxllo 3 hillo 4");
    GIVES("KEYS nokey", "*0\r\n");
    GIVES("KEYS no*", "*0\r\n");
    GIVES("KEYS hello", "*1\r\n$5\r\nhello\r\n");
    GIVES("KEYS h[^aei]llo", "*1\r\n$5\r\nhxllo\r\n");
    GIVES("KEYS hi*", "*1\r\n$5\r\nhillo\r\n");
    FAILS("KEYS *", "*4\r\n");
    harness_run(&h, "SET \"\" empty");
    GIVES("KEYS \"\"", "*1\r\n$0\r\n\r\n");
    FAILS("KEYS *", "*5\r\n");
}

Test(key_walk, keys_leaves_out_what_has_ended) {
    harness_run(&h, "SET a 1 PX 10");
    harness_run(&h, "SET b 1");
    harness_advance_ms(&h, 10);
    GIVES("KEYS *", "*1\r\n$1\r\nb\r\n");
    GIVES("KEYS a", "*0\r\n");
}

Test(key_walk, keys_names_thousands_each_once) {
    enum { KEYS = 20000 };
    static uint8_t seen[KEYS];
    fill(0, KEYS);
    FAILS("KEYS *", "*20000\r\n$");
    cr_assert_eq(mark(h.reply, seen, KEYS), KEYS);
    for (int i = 0; i < KEYS; i++) cr_assert_eq(seen[i], 1);
    FAILS("KEYS key:1999?", "*10\r\n");
    FAILS("KEYS nokey:*", "*0\r\n");
}

/* --- SCAN --- */

static uint64_t cursor_of(const char *reply) {
    cr_assert_eq(strncmp(reply, "*2\r\n$", 5), 0, "%s", reply);
    return strtoull(strstr(reply + 4, "\r\n") + 2, NULL, 10);
}

Test(key_walk, scan_sees_all_that_stays) {
    enum { STEADY = 1000, ALL = 6000 };
    uint8_t *seen = memory_allocate_zero(ALL);
    fill(0, STEADY);
    int high = STEADY;
    for (int round = 0; round < 6; round++) {
        uint64_t cursor = 0;
        memset(seen, 0, ALL);
        int calls = 0;
        do {
            const char *reply = harness_runf(&h, "SCAN %llu COUNT %d", (unsigned long long)cursor,
                                             1 + round * 7);
            cursor = cursor_of(reply);
            mark(reply, seen, ALL);
            bool growing = (calls++ / 60 + round) % 2 == 0;
            if (growing && high + 40 < ALL) fill(high, high + 40), high += 40;
            if (!growing && high - 40 >= STEADY) unfill(high - 40, high), high -= 40;
        } while (cursor != 0);
        for (int i = 0; i < STEADY; i++) cr_assert_neq(seen[i], 0, "key:%d was left out", i);
    }
    memory_free(seen);
}

Test(key_walk, scan_takes_words_in_any_order_and_any_number_of_times) {
    harness_run(&h, "MSET a 1 b 2");
    harness_run(&h, "RL.CHECK limit 10/1s");
    GIVES("SCAN 0 MATCH a", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n");
    GIVES("SCAN 0 count 5 TYPE RateLimit match *", "*2\r\n$1\r\n0\r\n*1\r\n$5\r\nlimit\r\n");
    GIVES("SCAN 0 TYPE string MATCH a MATCH x", "*2\r\n$1\r\n0\r\n*0\r\n");
    GIVES("SCAN 0 TYPE nosuch", "*2\r\n$1\r\n0\r\n*0\r\n");
    FAILS("SCAN 0 COUNT 9223372036854775807", "*2\r\n$1\r\n0\r\n*3\r\n");
}

Test(key_walk, scan_refuses_what_makes_no_sense) {
    static const char *const wrong[] = {"abc",
                                        "18446744073709551616",
                                        "1x",
                                        "-",
                                        "-1",
                                        "\"\"",
                                        "\" \"",
                                        "\"0 \"",
                                        "\"- 1\"",
                                        "-9223372036854775808",
                                        "-18446744073709551616",
                                        "\"\\x001\""};
    static const char *const right[] = {
        "0", "00", "+0", "-0", "\" 0\"", "\"\\t0\"", "-00", "\"0\\x00x\"", "-18446744073709551615"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        cr_assert_str_eq(harness_runf(&h, "SCAN %s", wrong[i]), "-ERR invalid cursor\r\n", "%s",
                         wrong[i]);
    for (size_t i = 0; i < COUNT_OF(right); i++)
        cr_assert_str_eq(harness_runf(&h, "SCAN %s", right[i]), "*2\r\n$1\r\n0\r\n*0\r\n", "%s",
                         right[i]);
    GIVES("SCAN 18446744073709551615", "*2\r\n$1\r\n0\r\n*0\r\n");
    GIVES("SCAN 0 COUNT 0", "-ERR syntax error\r\n");
    GIVES("SCAN 0 COUNT x", "-ERR value is not an integer or out of range\r\n");
    GIVES("SCAN 0 COUNT", "-ERR syntax error\r\n");
    GIVES("SCAN 0 MATCH", "-ERR syntax error\r\n");
    GIVES("SCAN 0 WHAT 1", "-ERR syntax error\r\n");
    GIVES("SCAN x WHAT 1", "-ERR invalid cursor\r\n");
    GIVES("SCAN 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n");
}

Test(key_walk, scan_lets_what_has_ended_go) {
    for (int i = 0; i < 500; i++) harness_runf(&h, "SET gone:%d x PX 5", i);
    fill(0, 100);
    harness_advance_ms(&h, 5);
    forget();
    uint64_t cursor = 0;
    size_t found = 0;
    uint8_t seen[100] = {0};
    do {
        const char *reply = harness_runf(&h, "SCAN %llu", (unsigned long long)cursor);
        cr_assert_null(strstr(reply, "gone"));
        cursor = cursor_of(reply);
        found += mark(reply, seen, 100);
    } while (cursor != 0);
    for (int i = 0; i < 100; i++) cr_assert_neq(seen[i], 0);
    GIVES("DBSIZE", ":100\r\n");
    cr_assert_not_null(strstr(harness_journal(&h), "DEL gone:"));
}

/* --- databases --- */

Test(key_walk, flush_empties_one_database_or_all) {
    harness_run(&h, "SET a 1 EX 100");
    h.database = 5;
    harness_run(&h, "SET b 1");
    forget();
    GIVES("FLUSHDB", "+OK\r\n");
    GIVES("DBSIZE", ":0\r\n");
    h.database = 0;
    GIVES("DBSIZE", ":1\r\n");
    GIVES("FLUSHALL ASYNC", "+OK\r\n");
    GIVES("DBSIZE", ":0\r\n");
    cr_assert_not_null(h.executor.keyspace.condemned, "ASYNC does not wait");
    GIVES("FLUSHALL sync", "+OK\r\n");
    cr_assert_null(h.executor.keyspace.condemned, "SYNC does");
    GIVES("FLUSHALL NOW", "-ERR syntax error\r\n");
    GIVES("FLUSHDB SYNC ASYNC", "-ERR syntax error\r\n");
    JOURNAL("FLUSHDB\n--\nFLUSHALL ASYNC\n--\nFLUSHALL sync\n--\n");
    EVENTS("");
}

Test(key_walk, flush_without_a_word_waits_unless_told_otherwise) {
    harness_run(&h, "SET a 1");
    harness_run(&h, "FLUSHDB");
    cr_assert_null(h.executor.keyspace.condemned);
    h.executor.lazy_user_flush = true;
    harness_run(&h, "SET a 1");
    harness_run(&h, "FLUSHDB");
    cr_assert_not_null(h.executor.keyspace.condemned);
}

Test(key_walk, swapdb_exchanges_contents) {
    harness_run(&h, "SET a zero PX 5000");
    h.database = 1;
    harness_run(&h, "SET a one");
    GIVES("SWAPDB 0 1", "+OK\r\n");
    GIVES("GET a", "$4\r\nzero\r\n");
    GIVES("PTTL a", ":5000\r\n");
    h.database = 0;
    GIVES("GET a", "$3\r\none\r\n");
    GIVES("SWAPDB 3 3", "+OK\r\n");
    GIVES("SWAPDB 0 16", "-ERR DB index is out of range\r\n");
    GIVES("SWAPDB -1 0", "-ERR DB index is out of range\r\n");
    GIVES("SWAPDB x 0", "-ERR invalid first DB index\r\n");
    GIVES("SWAPDB 0 9999999999", "-ERR invalid second DB index\r\n");
    check_replay();
    harness_advance_ms(&h, 5000);
    harness_expire(&h);
    h.database = 1;
    GIVES("DBSIZE", ":0\r\n");
}

static struct {
    int count;
    int32_t databases[64];
    size_t keys_then[64];
} told;

static void note(void *context, struct database *database) {
    (void)context;
    told.databases[told.count] = database->index;
    told.keys_then[told.count++] = database->table.item_count;
}

Test(key_walk, watchers_hear_of_a_flush_while_the_keys_are_there) {
    harness_run(&h, "SET a 1");
    h.executor.hooks.database_changed = note;
    harness_run(&h, "FLUSHALL");
    cr_assert_eq(told.count, 1);
    cr_assert_eq(told.keys_then[0], 1);
}

Test(key_walk, watchers_hear_of_a_swap_before_and_after) {
    harness_run(&h, "SET a 1");
    h.executor.hooks.database_changed = note;
    harness_run(&h, "SWAPDB 0 2");
    cr_assert_eq(told.count, 4);
    cr_assert_eq(told.keys_then[0], 1); /* what 0 held before */
    cr_assert_eq(told.keys_then[3], 1); /* what 2 holds after */
}

/* --- in slices, as the server runs them --- */

static struct sliced waiting;

Test(key_walk, keys_goes_on_while_others_write) {
    enum { STEADY = 5000, ALL = 40000 };
    uint8_t *seen = memory_allocate_zero(ALL);
    fill(0, STEADY);
    sliced_start(&waiting, &h, BYTES("KEYS"), BYTES("key:*"));
    int high = STEADY, steps = 0;
    while (!sliced_step(&waiting, &h, 128)) {
        if (steps++ < 20) fill(high, high + 300), high += 300;
        else if (high > STEADY) unfill(high - 300, high), high -= 300;
    }
    cr_assert_gt(steps, 30);
    char *reply = sliced_reply(&waiting);
    size_t found = mark(reply, seen, ALL);
    cr_assert_eq(strtoull(reply + 1, NULL, 10), found, "the header tells how many there are");
    for (int i = 0; i < STEADY; i++) cr_assert_neq(seen[i], 0, "key:%d was left out", i);
    free(reply);
    memory_free(seen);
    sliced_finish(&waiting, true);
}

Test(key_walk, keys_survives_a_flush_and_a_swap_on_its_way) {
    fill(0, 5000);
    sliced_start(&waiting, &h, BYTES("KEYS"), BYTES("*"));
    cr_assert_not(sliced_step(&waiting, &h, 100));
    h.executor.hooks.suspend = NULL;
    harness_run(&h, "SWAPDB 0 1");
    fill(5000, 8000);
    cr_assert_not(sliced_step(&waiting, &h, 100));
    harness_run(&h, "FLUSHALL SYNC");
    while (!sliced_step(&waiting, &h, 100)) continue;
    sliced_finish(&waiting, true);
}

Test(key_walk, a_client_that_leaves_takes_its_walk_with_it) {
    fill(0, 5000);
    size_t before = memory_used_bytes();
    sliced_start(&waiting, &h, BYTES("KEYS"), BYTES("*"));
    cr_assert_not(sliced_step(&waiting, &h, 1000));
    sliced_finish(&waiting, false);
    cr_assert_leq(memory_used_bytes(), before + 4096,
                  "only buffers of the executor may have grown");
}

Test(key_walk, flush_sync_answers_when_all_is_freed) {
    fill(0, 5000);
    sliced_start(&waiting, &h, BYTES("FLUSHALL"), BYTES("SYNC"));
    GIVES("DBSIZE", ":0\r\n");
    GIVES("SET key:1 new", "+OK\r\n");
    int steps = 0;
    while (!sliced_step(&waiting, &h, 256)) steps++;
    cr_assert_gt(steps, 15);
    cr_assert_null(h.executor.keyspace.condemned);
    char *reply = sliced_reply(&waiting);
    cr_assert_str_eq(reply, "+OK\r\n");
    free(reply);
    sliced_finish(&waiting, true);
    GIVES("GET key:1", "$3\r\nnew\r\n");
}

Test(key_walk, keys_says_so_when_memory_is_refused) {
    fill(0, 3000);
    memory_fail_try(1);
    GIVES("KEYS *", "-OOM command not allowed: no memory for the reply\r\n");
    memory_fail_try(1);
    GIVES("SCAN 0", "-OOM command not allowed: no memory for the reply\r\n");
    memory_fail_try(0);
    FAILS("KEYS *", "*3000\r\n");
}
