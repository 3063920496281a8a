/* SPDX-License-Identifier: BSD-3-Clause */
/* When keys end, as a client meets it. */
#include "unit/families/key/key_fixture.h"

static void setup(void) {
    harness_init(&h);
    harness_run(&h, "SET k v");
    forget();
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(key_expiry, .init = setup, .fini = teardown);

Test(key_expiry, a_key_is_gone_in_its_millisecond) {
    GIVES("PEXPIRE k 1500", ":1\r\n");
    harness_advance_ms(&h, 1499);
    GIVES("GET k", "$1\r\nv\r\n");
    GIVES("PTTL k", ":1\r\n");
    harness_advance_ms(&h, 1);
    GIVES("GET k", "$-1\r\n");
    EVENTS("expire k 0\nexpired k 0\n");
    JOURNAL("PEXPIREAT k 1700000001500\n--\nDEL k\n--\n");
}

Test(key_expiry, active_expiry_needs_nobody_to_ask) {
    GIVES("PEXPIRE k 1500", ":1\r\n");
    harness_advance_ms(&h, 1500);
    harness_expire(&h);
    GIVES("DBSIZE", ":0\r\n");
    EVENTS("expire k 0\nexpired k 0\n");
}

Test(key_expiry, all_forms_leave_as_an_instant) {
    GIVES("EXPIRE k 10", ":1\r\n");
    GIVES("PEXPIRE k 10", ":1\r\n");
    GIVES("EXPIREAT k 1700000100", ":1\r\n");
    GIVES("PEXPIREAT k 1700000100001", ":1\r\n");
    JOURNAL("PEXPIREAT k 1700000010000\n--\nPEXPIREAT k 1700000000010\n--\n"
            "PEXPIREAT k 1700000100000\n--\nPEXPIREAT k 1700000100001\n--\n");
    EVENTS("expire k 0\nexpire k 0\nexpire k 0\nexpire k 0\n");
}

Test(key_expiry, what_is_left_is_rounded_to_the_nearest_second) {
    static const struct {
        int64_t ms;
        const char *ttl;
    } cases[] = {
        {400, ":0\r\n"}, {499, ":0\r\n"}, {500, ":1\r\n"}, {1499, ":1\r\n"}, {1500, ":2\r\n"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        harness_runf(&h, "PEXPIRE k %lld", (long long)cases[i].ms);
        GIVES("TTL k", cases[i].ttl);
    }
    GIVES("PEXPIREAT k 1700000100499", ":1\r\n");
    GIVES("EXPIRETIME k", ":1700000100\r\n");
    GIVES("PEXPIREAT k 1700000100500", ":1\r\n");
    GIVES("EXPIRETIME k", ":1700000101\r\n");
    GIVES("PEXPIRETIME k", ":1700000100500\r\n");
}

Test(key_expiry, tells_a_missing_key_from_one_without_an_end) {
    static const char *const words[] = {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        cr_assert_str_eq(harness_runf(&h, "%s k", words[i]), ":-1\r\n");
        cr_assert_str_eq(harness_runf(&h, "%s nokey", words[i]), ":-2\r\n");
    }
}

Test(key_expiry, an_end_in_the_past_deletes) {
    static const char *const lines[] = {"EXPIRE k 0",
                                        "EXPIRE k -1",
                                        "PEXPIRE k -1",
                                        "EXPIREAT k 1699999999",
                                        "PEXPIREAT k 1700000000000",
                                        "EXPIREAT k -9223372036854775",
                                        "PEXPIREAT k -9223372036854775808"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        harness_run(&h, "SET k v");
        forget();
        GIVES(lines[i], ":1\r\n");
        EVENTS("del k 0\n");
        JOURNAL("DEL k\n--\n");
        GIVES("EXISTS k", ":0\r\n");
    }
}

Test(key_expiry, conditions_compare_with_the_end_so_far) {
    GIVES("EXPIRE k 100 XX", ":0\r\n");
    GIVES("EXPIRE k 100 GT", ":0\r\n");
    GIVES("EXPIRE k 100 NX", ":1\r\n");
    GIVES("EXPIRE k 200 NX", ":0\r\n");
    GIVES("EXPIRE k 100 GT", ":0\r\n");
    GIVES("EXPIRE k 100 LT", ":0\r\n");
    GIVES("EXPIRE k 101 gt", ":1\r\n");
    GIVES("EXPIRE k 100 LT", ":1\r\n");
    GIVES("EXPIRE k 50 XX LT", ":1\r\n");
    GIVES("EXPIRE k 60 XX XX GT", ":1\r\n");
    GIVES("EXPIRE k -1 GT", ":0\r\n");
    GIVES("PERSIST k", ":1\r\n");
    GIVES("EXPIRE k 100 LT", ":1\r\n");
    GIVES("TTL k", ":100\r\n");
}

Test(key_expiry, refuses_what_makes_no_sense) {
    GIVES("EXPIRE k 10 NX XX",
          "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    GIVES("EXPIRE k 10 GT NX",
          "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    GIVES("EXPIRE k 10 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n");
    GIVES("EXPIRE nokey abc FOO", "-ERR Unsupported option FOO\r\n");
    GIVES("EXPIRE nokey abc", "-ERR value is not an integer or out of range\r\n");
    GIVES("EXPIRE nokey 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n");
    GIVES("EXPIRE k -9223372036854775808", "-ERR invalid expire time in 'expire' command\r\n");
    GIVES("EXPIRE k 9223372036854775", "-ERR invalid expire time in 'expire' command\r\n");
    GIVES("PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n");
    GIVES("EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n");
    GIVES("EXPIRE nokey 10", ":0\r\n");
    GIVES("TTL k", ":-1\r\n");
    EVENTS("");
    JOURNAL("");
}

Test(key_expiry, reaches_to_the_end_of_time) {
    GIVES("PEXPIREAT k 9223372036854775807", ":1\r\n");
    GIVES("PEXPIRETIME k", ":9223372036854775807\r\n");
    GIVES("EXPIRETIME k", ":9223372036854776\r\n");
    GIVES("PTTL k", ":9223370336854775807\r\n");
    GIVES("TTL k", ":9223370336854776\r\n");
    GIVES("PEXPIREAT k 281474976710656", ":1\r\n");
    GIVES("PEXPIRETIME k", ":281474976710656\r\n");
    harness_advance_ms(&h, 1000);
    harness_expire(&h);
    GIVES("GET k", "$1\r\nv\r\n");
}

Test(key_expiry, persist_takes_the_end_away) {
    GIVES("PERSIST k", ":0\r\n");
    GIVES("PERSIST nokey", ":0\r\n");
    JOURNAL("");
    GIVES("EXPIRE k 10", ":1\r\n");
    GIVES("PERSIST k", ":1\r\n");
    EVENTS("expire k 0\npersist k 0\n");
    harness_advance_ms(&h, 20000);
    harness_expire(&h);
    GIVES("TTL k", ":-1\r\n");
}

Test(key_expiry, a_replayed_journal_ends_in_the_same_state) {
    struct harness other;
    static const char *const lines[] = {"SET a 1 EX 10", "EXPIRE k 5", "RENAME a b", "COPY b c",
                                        "PEXPIRE c 1",   "PERSIST b",  "MOVE k 3",   "EXPIRE b -1",
                                        "SET d 2",       "EXPIRE d 1"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        harness_run(&h, lines[i]);
        harness_advance_ms(&h, 300);
        harness_expire(&h);
    }
    harness_init(&other);
    harness_run(&other, "SET k v");
    harness_replay(&h, &other);
    char digest[41];
    memcpy(digest, harness_digest(&h), sizeof(digest));
    cr_assert_str_eq(harness_digest(&other), digest);
    harness_deinit(&other);
}
