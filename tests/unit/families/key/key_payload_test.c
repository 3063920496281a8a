/* SPDX-License-Identifier: BSD-3-Clause */
/* DUMP and RESTORE as a client meets them. */
#include "unit/families/key/key_fixture.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/encode.h"
#include "base/random.h"
#include "base/text.h"

static void setup(void) {
    harness_init(&h);
    h.executor.event_mask |= EVENT_NEW;
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(key_payload, .init = setup, .fini = teardown);

/* As Redis 7.0.15, Redis 8.0.6 and Valkey 9.1.2 dump the string "hello". */
#define HELLO_7 "\"\\x00\\x05hello\\x0a\\x00cr\\xdfve4 \\x0a\""

/* The payload of a key, the caller's to free. */
static struct bytes dump(const char *key) {
    harness_runf(&h, "DUMP %s", key);
    cr_assert_eq(h.reply[0], '$');
    size_t len = strtoull(h.reply + 1, NULL, 10);
    char *copy = memory_allocate(len + 1);
    memcpy(copy, strstr(h.reply, "\r\n") + 2, len);
    return bytes_make(copy, len);
}

static const char *restore(struct bytes key, struct bytes payload, struct bytes word) {
    struct bytes argv[] = {BYTES("RESTORE"), key, BYTES("0"), payload, word};
    return harness_run_argv(&h, argv, word.len == 0 ? 4 : 5);
}

Test(key_payload, a_string_is_dumped_as_redis_7_does) {
    harness_run(&h, "SET a hello");
    struct bytes payload = dump("a");
    static const char expected[] = "\x00\x05hello\x0a\x00"
                                   "cr\xdfve4 \x0a";
    cr_assert_eq(payload.len, sizeof(expected) - 1);
    cr_assert_arr_eq(payload.data, expected, payload.len);
    memory_free((void *)(uintptr_t)payload.data);
    GIVES("DUMP nokey", "$-1\r\n");
}

Test(key_payload, restores_what_it_dumped_whatever_the_type) {
    char line[700];
    memset(line, 'x', sizeof(line));
    memcpy(line, "SET d ", 6);
    line[sizeof(line) - 1] = '\0';
    harness_run(&h, "MSET a hello b 12345 c 9223372036854775807 e \"\" f 007");
    harness_run(&h, line);
    harness_run(&h, "RL.CHECK g 10/1s 100/1m COST 3");
    for (const char *key = "abcdefg"; *key != '\0'; key++) {
        struct bytes payload = dump((char[]){*key, '\0'});
        cr_assert_str_eq(restore(BYTES("copy"), payload, BYTES("REPLACE")), "+OK\r\n");
        struct bytes again = dump("copy");
        cr_assert(bytes_equal(payload, again), "key %c", *key);
        memory_free((void *)(uintptr_t)payload.data);
        memory_free((void *)(uintptr_t)again.data);
    }
    GIVES("TYPE copy", "+ratelimit\r\n");
    check_replay();
}

Test(key_payload, a_key_that_is_there_is_replaced_only_when_told) {
    harness_run(&h, "SET a old EX 100");
    GIVES("RESTORE a 0 " HELLO_7, "-BUSYKEY Target key name already exists.\r\n");
    GIVES("RESTORE a x junk", "-BUSYKEY Target key name already exists.\r\n");
    forget();
    GIVES("RESTORE a 0 " HELLO_7 " replace", "+OK\r\n");
    EVENTS("overwritten a 0\nnew a 0\nrestore a 0\n");
    GIVES("GET a", "$5\r\nhello\r\n");
    GIVES("TTL a", ":-1\r\n");
}

Test(key_payload, a_time_to_live_leaves_as_an_instant) {
    forget();
    GIVES("RESTORE a 1500 " HELLO_7 " IDLETIME 7", "+OK\r\n");
    GIVES("PTTL a", ":1500\r\n");
    cr_assert_not_null(strstr(harness_journal(&h), "RESTORE a 1700000001500 "));
    GIVES("RESTORE b 1700000009000 " HELLO_7 " ABSTTL", "+OK\r\n");
    GIVES("PTTL b", ":9000\r\n");
    GIVES("RESTORE b 5 " HELLO_7 " REPLACE FREQ 9", "+OK\r\n");
    GIVES("OBJECT IDLETIME a", ":7\r\n");
    check_replay();
}

Test(key_payload, a_time_that_has_passed_leaves_no_key) {
    GIVES("RESTORE a 1 " HELLO_7 " ABSTTL", "+OK\r\n");
    JOURNAL("");
    EVENTS("");
    harness_run(&h, "SET a old");
    forget();
    GIVES("RESTORE a 1 " HELLO_7 " ABSTTL REPLACE", "+OK\r\n");
    JOURNAL("DEL a\n--\n");
    EVENTS("del a 0\n");
    harness_run(&h, "SET a old");
    GIVES("RESTORE a 9223372036854775807 " HELLO_7 " REPLACE", "+OK\r\n");
    GIVES("EXISTS a", ":0\r\n");
    GIVES("RESTORE a 9223372036854775807 " HELLO_7 " ABSTTL", "+OK\r\n");
    GIVES("PEXPIRETIME a", ":9223372036854775807\r\n");
}

Test(key_payload, keeps_how_often_and_how_long_ago_a_key_was_used) {
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME 1000 REPLACE", "+OK\r\n");
    GIVES("OBJECT IDLETIME a", ":1000\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME 9223372036854775807 REPLACE", "+OK\r\n");
    GIVES("OBJECT IDLETIME a", ":8388608\r\n");
    h.executor.keyspace.access.lfu = true;
    GIVES("RESTORE a 0 " HELLO_7 " FREQ 255 REPLACE", "+OK\r\n");
    GIVES("OBJECT FREQ a", ":255\r\n");
}

Test(key_payload, refuses_words_as_redis_does) {
    GIVES("RESTORE a -1 " HELLO_7, "-ERR Invalid TTL value, must be >= 0\r\n");
    GIVES("RESTORE a x " HELLO_7, "-ERR value is not an integer or out of range\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " WHAT", "-ERR syntax error\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME", "-ERR syntax error\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME x", "-ERR value is not an integer or out of range\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME -1", "-ERR Invalid IDLETIME value, must be >= 0\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " FREQ 256",
          "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " FREQ -1",
          "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " FREQ 1 IDLETIME 1", "-ERR syntax error\r\n");
    GIVES("RESTORE a 0 " HELLO_7 " IDLETIME 1 FREQ 1", "-ERR syntax error\r\n");
    GIVES("RESTORE a 0 junk", "-ERR DUMP payload version or checksum are wrong\r\n");
    GIVES("EXISTS a", ":0\r\n");
    JOURNAL("");
}

Test(key_payload, says_so_when_memory_is_refused) {
    char line[700];
    memset(line, 'x', sizeof(line));
    memcpy(line, "SET d ", 6);
    line[sizeof(line) - 1] = '\0';
    harness_run(&h, line);
    memory_fail_try(1);
    FAILS("DUMP d", "-OOM ");
    struct bytes payload = dump("d");
    for (uint64_t nth = 1;; nth++) {
        memory_fail_try(nth);
        const char *reply = restore(BYTES("copy"), payload, BYTES(""));
        memory_fail_try(0);
        if (strcmp(reply, "+OK\r\n") == 0) break;
        cr_assert_eq(reply[0], '-');
        GIVES("EXISTS copy", ":0\r\n");
        cr_assert_lt(nth, 20);
    }
    GIVES("STRLEN copy", ":693\r\n");
    memory_free((void *)(uintptr_t)payload.data);
}

/* --- strangers --- */

static void sign(char *payload, size_t len) {
    uint64_t crc = digest_crc64(0, bytes_make(payload, len - 8));
    memcpy(payload + len - 8, &crc, 8);
}

/* One damage of a good payload. Returns its length. */
static size_t damage(struct random *random, char *bytes, size_t len) {
    uint64_t kind = random_below(random, 5);
    for (uint64_t i = 1 + random_below(random, 4); kind < 2 && i > 0; i--)
        bytes[random_below(random, len - 8)] ^= (char)(1 << random_below(random, 8));
    if (kind == 2) {
        size_t cut = 1 + (size_t)random_below(random, len - 11);
        memmove(bytes + len - 10 - cut, bytes + len - 10, 10);
        len -= cut;
    } else if (kind == 3) {
        for (size_t i = 0; i < len - 10; i++) bytes[i] = (char)random_next(random);
        if (random_below(random, 2) == 0) bytes[0] = (char)(random_below(random, 2) * 7);
    } else if (kind == 4) {
        size_t at = (size_t)random_below(random, len - 10);
        bytes[at] = (char)(random_below(random, 2) == 0 ? 0xff : 0x80 + random_below(random, 70));
    }
    if (random_below(random, 20) != 0) sign(bytes, len);
    return len;
}

/* Whatever is accepted must be a whole value: it can be asked, changed, dumped again. */
static void use(const char *key) {
    static const char *const words[] = {
        "TYPE",     "OBJECT ENCODING", "GET",    "RL.STATUS", "APPEND",
        "RL.CHECK", "RL.POLICY LIST",  "STRLEN", "COPY",      "PERSIST"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *more = strcmp(words[i], "APPEND") == 0     ? "x"
                           : strcmp(words[i], "RL.CHECK") == 0 ? "5/1s"
                           : strcmp(words[i], "COPY") == 0     ? "copied REPLACE"
                                                               : "";
        if (strstr(words[i], "LIST") != NULL) harness_run(&h, words[i]);
        else harness_runf(&h, "%s %s %s", words[i], key, more);
    }
    harness_digest(&h);
    struct bytes again = dump(key);
    cr_assert_str_eq(restore(BYTES("again"), again, BYTES("REPLACE")), "+OK\r\n");
    memory_free((void *)(uintptr_t)again.data);
}

static void try_payload(const char *bytes, size_t len, int *accepted) {
    size_t before = h.executor.keyspace.databases[0].table.item_count;
    const char *reply = restore(BYTES("stranger"), bytes_make(bytes, len), BYTES(""));
    if (reply[0] == '-') {
        cr_assert_eq(h.executor.keyspace.databases[0].table.item_count, before);
        return;
    }
    ++*accepted;
    use("stranger");
    harness_run(&h, "DEL stranger copied again");
}

Test(key_payload, thousands_of_damaged_payloads_are_refused_or_whole) {
    enum { ROUNDS = 4000, KEYS = 6 };
    struct random random;
    random_init(&random, 11);
    harness_run(&h,
                "MSET a hello b 12345 d xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    harness_run(&h, "RL.CHECK c 10/1s 100/1m COST 3");
    harness_run(&h, "RL.CHECK e 5/1m ALGO sliding-log");
    harness_run(&h, "RL.POLICY SET login 5/1m 20/1h");
    static const char *const keys[KEYS] = {"a", "b", "c", "d", "e", "ratelimit:policies"};
    int accepted = 0;
    for (int i = 0; i < KEYS; i++) {
        struct bytes payload = dump(keys[i]);
        char *bytes = memory_allocate(payload.len);
        for (int round = 0; round < ROUNDS; round++) {
            memcpy(bytes, payload.data, payload.len);
            try_payload(bytes, damage(&random, bytes, payload.len), &accepted);
        }
        memory_free(bytes);
        memory_free((void *)(uintptr_t)payload.data);
    }
    cr_assert_gt(accepted, 100, "nearly all were refused: this proves little");
}
