/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields that end: what readers and writers see, what is heard and journaled. */
#include "hash_fixture.h"

static void setup(void) {
    harness_init(&h);
    h.executor.event_mask = EVENT_HASH | EVENT_GENERIC;
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(hash_deadline, .init = setup, .fini = teardown);

/* So many fields f0 ..., all of which end after a second; one more stays. */
static void many_that_end(int count) {
    harness_run(&h, "HSET h stays 1");
    for (int i = 0; i < count; i++) {
        harness_runf(&h, "HSET h f%d %d", i, i);
        harness_runf(&h, "HPEXPIRE h 1000 FIELDS 1 f%d", i);
    }
}

Test(hash_deadline, is_journaled_as_an_instant_and_heard_once) {
    harness_run(&h, "HSET h a 1 b 2");
    forget();
    GIVES("HEXPIRE h 10 FIELDS 3 a b c", "*3\r\n:1\r\n:1\r\n:-2\r\n");
    EVENTS("hexpire h 0\n");
    JOURNAL("HPEXPIREAT h 1700000010000 FIELDS 2 a b\n--\n");
    GIVES("HPTTL h FIELDS 2 a c", "*2\r\n:10000\r\n:-2\r\n");
    GIVES("HEXPIRETIME h FIELDS 1 b", "*1\r\n:1700000010\r\n");
}

Test(hash_deadline, takes_a_field_out_when_it_has_passed_and_the_key_with_the_last) {
    harness_run(&h, "HSET h a 1 b 2");
    harness_run(&h, "HPEXPIRE h 500 FIELDS 1 a");
    harness_run(&h, "HPEXPIRE h 900 FIELDS 1 b");
    harness_advance_ms(&h, 500);
    forget();
    GIVES("HGET h a", "$-1\r\n");
    EVENTS("hexpired h 0\n");
    JOURNAL("HDEL h a\n--\n");
    GIVES("HLEN h", ":1\r\n");
    harness_advance_ms(&h, 400);
    forget();
    harness_expire(&h);
    EVENTS("hexpired h 0\ndel h 0\n");
    JOURNAL("HDEL h b\n--\n");
    GIVES("EXISTS h", ":0\r\n");
}

Test(hash_deadline, is_lost_when_a_field_is_set_and_kept_when_it_counts) {
    harness_run(&h, "HSET h a 1 b 1 c 1");
    harness_run(&h, "HEXPIRE h 100 FIELDS 3 a b c");
    harness_run(&h, "HSET h a 2");
    harness_run(&h, "HINCRBY h b 1");
    forget();
    GIVES("HINCRBYFLOAT h c 0.5", "$3\r\n1.5\r\n");
    JOURNAL("HSETEX h KEEPTTL FIELDS 1 c 1.5\n--\n");
    GIVES("HTTL h FIELDS 3 a b c", "*3\r\n:-1\r\n:100\r\n:100\r\n");
}

Test(hash_deadline, of_the_past_deletes_at_once) {
    harness_run(&h, "HSET h a 1 b 2 c 3");
    forget();
    GIVES("HPEXPIREAT h 1 FIELDS 2 a a", "*2\r\n:2\r\n:-2\r\n");
    EVENTS("hdel h 0\n");
    JOURNAL("HDEL h a\n--\n");
    forget();
    GIVES("HGETEX h EX 0 FIELDS 1 b", "*1\r\n$1\r\n2\r\n");
    JOURNAL("HDEL h b\n--\n");
    forget();
    GIVES("HSETEX h PXAT 1 FIELDS 1 c 4", ":1\r\n");
    EVENTS("hset h 0\nhdel h 0\ndel h 0\n");
    JOURNAL("HDEL h c\n--\n");
    forget();
    GIVES("HSETEX h PXAT 1 FIELDS 1 c 4", ":1\r\n");
    JOURNAL("");
    GIVES("EXISTS h", ":0\r\n");
}

Test(hash_deadline, conditions_leave_the_journal_as_what_came_of_them) {
    harness_run(&h, "HSET h a 1 b 2");
    harness_run(&h, "HEXPIRE h 100 FIELDS 1 a");
    forget();
    GIVES("HEXPIRE h 50 NX FIELDS 2 a b", "*2\r\n:0\r\n:1\r\n");
    JOURNAL("HPEXPIREAT h 1700000050000 FIELDS 1 b\n--\n");
    forget();
    GIVES("HEXPIRE h 70 GT FIELDS 2 a b", "*2\r\n:0\r\n:1\r\n");
    GIVES("HEXPIRE h 90 LT FIELDS 2 a b", "*2\r\n:1\r\n:0\r\n");
    GIVES("HGETEX h PERSIST FIELDS 2 b zz", "*2\r\n$1\r\n2\r\n$-1\r\n");
    GIVES("HPERSIST h FIELDS 3 a b zz", "*3\r\n:1\r\n:-1\r\n:-2\r\n");
    JOURNAL("HPEXPIREAT h 1700000070000 FIELDS 1 b\n--\n"
            "HPEXPIREAT h 1700000090000 FIELDS 1 a\n--\n"
            "HPERSIST h FIELDS 1 b\n--\n"
            "HPERSIST h FIELDS 1 a\n--\n");
    forget();
    GIVES("HSETEX h FNX EX 5 FIELDS 2 c 1 a 1", ":0\r\n");
    JOURNAL("");
    GIVES("HSETEX h FXX EX 5 FIELDS 2 a 9 b 9", ":1\r\n");
    GIVES("HSETEX h XX KEEPTTL FIELDS 1 a 8", ":1\r\n");
    EVENTS("hset h 0\nhexpire h 0\nhset h 0\n");
    JOURNAL("HSETEX h PXAT 1700000005000 FIELDS 2 a 9 b 9\n--\n"
            "HSETEX h KEEPTTL FIELDS 1 a 8\n--\n");
}

Test(hash_deadline, hides_from_readers_what_has_not_been_taken_out_yet) {
    many_that_end(2500);
    harness_advance_ms(&h, 1000);
    /* A thousand go before each command; none of the others is seen. */
    GIVES("HGET h f2499", "$-1\r\n");
    GIVES("HLEN h", ":1\r\n");
    GIVES("HGETALL h", "*2\r\n$5\r\nstays\r\n$1\r\n1\r\n");
    harness_run(&h, "DEL h");
    many_that_end(3500);
    harness_advance_ms(&h, 1000);
    GIVES("HKEYS h", "*1\r\n$5\r\nstays\r\n");
    GIVES("HRANDFIELD h 5", "*1\r\n$5\r\nstays\r\n");
    GIVES("HRANDFIELD h", "$5\r\nstays\r\n");
}

Test(hash_deadline, is_over_for_a_writer_that_meets_the_field) {
    many_that_end(3000);
    harness_advance_ms(&h, 1000);
    forget();
    /* Those of the lowest names went first; these are met where they lie. */
    GIVES("HSETNX h f999 new", ":1\r\n");
    GIVES("HINCRBY h f998 5", ":5\r\n");
    cr_assert(strstr(harness_journal(&h), "HDEL h f999\nHSETNX h f999 new\n") != NULL ||
              strstr(harness_journal(&h), "HSETNX h f999 new\n") != NULL);
    GIVES("HLEN h", ":3\r\n");
}

Test(hash_deadline, hdel_counts_no_field_whose_time_has_come) {
    many_that_end(2200);
    harness_advance_ms(&h, 1000);
    GIVES("HDEL h f0 f100 f500 f999 f1500 f2199 stays", ":1\r\n");
    harness_expire(&h);
    harness_expire(&h);
    harness_expire(&h);
    GIVES("EXISTS h", ":0\r\n");
    check_replay();
}

Test(hash_deadline, stays_with_the_field_through_growth_copy_and_dump) {
    harness_run(&h, "HSET h a 1 b 2");
    harness_run(&h, "HEXPIRE h 100 FIELDS 1 a");
    GIVES("OBJECT ENCODING h", "$10\r\nlistpackex\r\n");
    for (int i = 0; i < 600; i++) harness_runf(&h, "HSET h more%d x", i);
    GIVES("OBJECT ENCODING h", "$9\r\nhashtable\r\n");
    GIVES("HTTL h FIELDS 2 a b", "*2\r\n:100\r\n:-1\r\n");
    GIVES("COPY h g", ":1\r\n");
    GIVES("RENAME g k", "+OK\r\n");
    GIVES("HTTL k FIELDS 2 a b", "*2\r\n:100\r\n:-1\r\n");
    harness_advance_ms(&h, 100000);
    harness_expire(&h);
    GIVES("HEXISTS k a", ":0\r\n");
    GIVES("HLEN k", ":601\r\n");
    check_replay();
}

Test(hash_deadline, refuses_in_redis_words_and_changes_nothing) {
    harness_run(&h, "HSET h a 1");
    forget();
    GIVES("HEXPIRE h -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0\r\n");
    GIVES("HPEXPIREAT h 70368744177664 FIELDS 1 a",
          "-ERR invalid expire time in 'hpexpireat' command\r\n");
    GIVES("HEXPIRE h 1 FIELDS 2 a",
          "-ERR The `numfields` parameter must match the number of arguments\r\n");
    GIVES("HEXPIRE h 1 FIELDS 0 a", "-ERR Parameter `numFields` should be greater than 0\r\n");
    GIVES("HTTL h FIELDS 0 a", "-ERR Number of fields must be a positive integer\r\n");
    GIVES("HTTL h NAMES 1 a",
          "-ERR Mandatory argument FIELDS is missing or not at the right position\r\n");
    GIVES("HSETEX h EX 1 PX 1 FIELDS 1 a 1",
          "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n");
    GIVES("HSETEX h ODD 1 FIELDS 1 a 1", "-ERR unknown argument: ODD\r\n");
    GIVES("HSETEX h FIELDS x a 1", "-ERR invalid number of fields\r\n");
    JOURNAL("");
    GIVES("HGETALL h", "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
}

Test(hash_deadline, leaves_the_same_where_the_journal_is_replayed) {
    many_that_end(2500);
    harness_run(&h, "HEXPIRE h 100 NX FIELDS 2 stays f7");
    harness_run(&h, "HSETEX h EX 7 FIELDS 2 a 1 b 2");
    harness_run(&h, "HGETEX h PX 8000 FIELDS 2 a zz");
    harness_run(&h, "HINCRBYFLOAT h b 1.5");
    harness_run(&h, "HGETDEL h FIELDS 2 f1 f1");
    harness_advance_ms(&h, 1000);
    harness_run(&h, "HSETNX h f2400 new");
    harness_run(&h, "HDEL h f2399 f2398");
    harness_run(&h, "HSET h f2397 x");
    check_replay();
    harness_advance_ms(&h, 8000);
    for (int i = 0; i < 4; i++) harness_expire(&h);
    GIVES("HLEN h", ":3\r\n");
    check_replay();
}
