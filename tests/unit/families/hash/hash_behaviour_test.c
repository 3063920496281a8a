/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/sliced.h"

#include "hash_fixture.h"

static void setup(void) {
    harness_init(&h);
    h.executor.event_mask = EVENT_HASH | EVENT_GENERIC;
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(hash_behaviour, .init = setup, .fini = teardown);

static void many(int count) {
    for (int i = 0; i < count; i++) harness_runf(&h, "HSET h f%d v%d", i, i);
}

Test(hash_behaviour, sets_and_reads_fields) {
    GIVES("HSET h a 1 b two a 3", ":2\r\n");
    GIVES("HGET h a", "$1\r\n3\r\n");
    GIVES("HMGET h b x a", "*3\r\n$3\r\ntwo\r\n$-1\r\n$1\r\n3\r\n");
    GIVES("HGETALL h", "*4\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nb\r\n$3\r\ntwo\r\n");
    GIVES("HKEYS h", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    GIVES("HVALS h", "*2\r\n$1\r\n3\r\n$3\r\ntwo\r\n");
    GIVES("HSTRLEN h b", ":3\r\n");
    GIVES("HEXISTS h b", ":1\r\n");
    GIVES("HSETNX h b 1", ":0\r\n");
    GIVES("HSETNX h c 1", ":1\r\n");
    GIVES("HMSET h d 4", "+OK\r\n");
    GIVES("HLEN h", ":4\r\n");
    EVENTS("hset h 0\nhset h 0\nhset h 0\n");
    harness_protocol(&h, 3);
    GIVES("HGETALL h", "%4\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nb\r\n$3\r\ntwo\r\n$1\r\nc\r\n$1\r\n1\r\n"
                       "$1\r\nd\r\n$1\r\n4\r\n");
    check_replay();
}

Test(hash_behaviour, takes_fields_out_and_the_key_with_the_last) {
    harness_run(&h, "HSET h a 1 b 2 c 3");
    forget();
    GIVES("HDEL h a x a", ":1\r\n");
    GIVES("HGETDEL h FIELDS 2 b x", "*2\r\n$1\r\n2\r\n$-1\r\n");
    JOURNAL("HDEL h a x a\n--\nHDEL h b\n--\n");
    GIVES("HDEL h c d", ":1\r\n");
    EVENTS("hdel h 0\nhdel h 0\nhdel h 0\ndel h 0\n");
    GIVES("EXISTS h", ":0\r\n");
    forget();
    GIVES("HDEL h c", ":0\r\n");
    GIVES("HGETDEL h FIELDS 1 c", "*1\r\n$-1\r\n");
    JOURNAL("");
}

Test(hash_behaviour, counts_in_fields) {
    GIVES("HINCRBY h n 5", ":5\r\n");
    GIVES("HINCRBY h n -7", ":-2\r\n");
    GIVES("HINCRBYFLOAT h n 0.25", "$5\r\n-1.75\r\n");
    GIVES("HINCRBY h n 1", "-ERR hash value is not an integer\r\n");
    harness_run(&h, "HSET h t text max 9223372036854775807");
    GIVES("HINCRBY h max 1", "-ERR increment or decrement would overflow\r\n");
    GIVES("HINCRBYFLOAT h t 1", "-ERR hash value is not a float\r\n");
    GIVES("HINCRBYFLOAT h n inf", "-ERR value is NaN or Infinity\r\n");
    forget();
    harness_run(&h, "HINCRBYFLOAT h n 1");
    EVENTS("hincrbyfloat h 0\n");
    JOURNAL("HSET h n -0.75\n--\n");
    GIVES("HINCRBY new n 0", ":0\r\n");
}

Test(hash_behaviour, refuses_other_types_and_odd_pairs) {
    harness_run(&h, "SET s 1");
#define WRONG "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
    GIVES("HSET s a 1", WRONG);
    GIVES("HGETALL s", WRONG);
    GIVES("HEXPIRE s x FIELDS 1 a", WRONG);
    GIVES("HSCAN s 0 ODD", WRONG);
    GIVES("HSET h a 1 b", "-ERR wrong number of arguments for 'hset' command\r\n");
    GIVES("EXISTS h", ":0\r\n");
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) count++;
    return count;
}

Test(hash_behaviour, walks_over_all_fields_of_a_big_hash) {
    many(2000);
    GIVES("OBJECT ENCODING h", "$9\r\nhashtable\r\n");
    static bool seen[2000];
    uint64_t cursor = 0;
    int calls = 0;
    do {
        const char *reply = harness_runf(&h, "HSCAN h %lu COUNT 50 NOVALUES",
                                         (unsigned long)cursor);
        cr_assert_eq(strncmp(reply, "*2\r\n$", 5), 0);
        cursor = strtoull(strstr(reply + 5, "\r\n") + 2, NULL, 10);
        for (const char *at = strstr(reply, "\r\nf"); at != NULL; at = strstr(at + 1, "\r\nf"))
            seen[strtol(at + 3, NULL, 10)] = true;
        calls++;
    } while (cursor != 0);
    for (int i = 0; i < 2000; i++) cr_assert(seen[i], "f%d", i);
    cr_assert_gt(calls, 20);
    GIVES("HSCAN h 0 MATCH f77 COUNT 100000", "*2\r\n$1\r\n0\r\n*2\r\n$3\r\nf77\r\n$3\r\nv77\r\n");
}

static struct sliced client;

Test(hash_behaviour, shows_one_instant_of_a_big_hash_in_slices) {
    many(3000);
    sliced_start(&client, &h, BYTES("HGETALL"), BYTES("h"));
    cr_assert_not(sliced_step(&client, &h, 100));
    GIVES("HSET h f2999 other", ":0\r\n");
    GIVES("HDEL h f0 f1500", ":2\r\n");
    while (!sliced_step(&client, &h, 100)) continue;
    char *reply = sliced_reply(&client);
    cr_assert_eq(strncmp(reply, "*6000\r\n", 7), 0);
    cr_assert_eq(count_of(reply, "\r\nf"), 3000);
    cr_assert_eq(count_of(reply, "\r\nv"), 3000);
    free(reply);
    sliced_finish(&client, true);
}

Test(hash_behaviour, picks_as_many_different_fields_as_are_wanted) {
    static const int sizes[] = {10, 600, 3000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        harness_run(&h, "DEL h");
        many(sizes[i]);
        for (int count = 1; count <= sizes[i] + 5; count += 1 + count) {
            const char *reply = harness_runf(&h, "HRANDFIELD h %d", count);
            static bool seen[3000];
            memset(seen, 0, sizeof(seen));
            int found = 0;
            for (const char *at = strstr(reply, "\r\nf"); at != NULL;
                 at = strstr(at + 1, "\r\nf"), found++) {
                long field = strtol(at + 3, NULL, 10);
                cr_assert_not(seen[field]);
                seen[field] = true;
            }
            cr_assert_eq(found, count < sizes[i] ? count : sizes[i]);
        }
        cr_assert_eq(count_of(harness_run(&h, "HRANDFIELD h -5000"), "\r\nf"), 5000);
        cr_assert_eq(count_of(harness_run(&h, "HRANDFIELD h -70 WITHVALUES"), "\r\nv"), 70);
    }
}

Test(hash_behaviour, picks_every_field_as_often) {
    static const int sizes[] = {20, 700};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        harness_run(&h, "DEL h");
        many(sizes[i]);
        size_t picked[20] = {0};
        for (int j = 0; j < 4000; j++) {
            const char *reply = harness_runf(&h, "HRANDFIELD h %d", sizes[i] / 5);
            for (const char *at = strstr(reply, "\r\nf"); at != NULL;
                 at = strstr(at + 1, "\r\nf")) {
                long field = strtol(at + 3, NULL, 10);
                if (field < 20) picked[field]++;
            }
        }
        for (size_t j = 0; j < 20; j++)
            cr_expect(picked[j] > 680 && picked[j] < 920, "%zu of 800", picked[j]);
    }
}

Test(hash_behaviour, takes_no_more_memory_than_its_budget) {
    h.executor.journal = NULL;
    h.executor.event_mask = 0;
    size_t before = memory_used_bytes();
    for (int i = 0; i < 10000; i++)
        harness_runf(&h, "HSET user:%06d name value%06d mail value%06d age %d city c%06d zip %d", i,
                     i, i, i % 90, i, i);
    size_t small = (memory_used_bytes() - before) / 10000;
    cr_assert_leq(small, 140, "%zu bytes", small);
}
