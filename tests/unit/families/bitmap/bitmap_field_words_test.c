/* SPDX-License-Identifier: BSD-3-Clause */
/* BITFIELD and BITFIELD_RO as a client meets them. */
#include "bitmap_fixture.h"

TestSuite(bitmap_field_words, .init = setup, .fini = teardown);

#define BAD_TYPE                                                                             \
    "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported " \
    "but i64 is.\r\n"
#define READ_ONLY "-ERR BITFIELD_RO only supports the GET subcommand\r\n"

Test(bitmap_field_words, sets_adds_and_reads_in_one_step) {
    GIVES("BITFIELD k SET u8 0 255 GET u8 0 INCRBY u8 0 1 GET u4 4",
          "*4\r\n:0\r\n:255\r\n:0\r\n:0\r\n");
    GIVES("BITFIELD k SET i8 #1 -5 GET i8 8 GET u8 #1", "*3\r\n:0\r\n:-5\r\n:251\r\n");
    GIVES("BITFIELD k GET i64 1000 GET u63 #5", "*2\r\n:0\r\n:0\r\n");
    GIVES("STRLEN k", ":2\r\n");
    GIVES("BITFIELD k", "*0\r\n");
    GIVES("BITFIELD none GET u8 0", "*1\r\n:0\r\n");
    GIVES("EXISTS none", ":0\r\n");
}

Test(bitmap_field_words, lets_OVERFLOW_rule_the_steps_behind_it) {
    GIVES("BITFIELD k SET u8 0 250 INCRBY u8 0 10 OVERFLOW SAT INCRBY u8 0 300 OVERFLOW FAIL "
          "INCRBY u8 0 1 overflow wrap INCRBY u8 0 1",
          "*5\r\n:0\r\n:4\r\n:255\r\n$-1\r\n:0\r\n");
    GIVES("BITFIELD k OVERFLOW SAT SET i8 0 200 GET i8 0 SET i8 0 -200 GET i8 0",
          "*4\r\n:0\r\n:127\r\n:127\r\n:-128\r\n");
    GIVES("BITFIELD k OVERFLOW SAT SET u8 0 -1 GET u8 0", "*2\r\n:128\r\n:255\r\n");
    GIVES("BITFIELD k OVERFLOW FAIL SET u8 0 256 GET u8 0", "*2\r\n$-1\r\n:255\r\n");
}

Test(bitmap_field_words, answers_null_in_RESP3_for_what_was_refused) {
    harness_protocol(&h, 3);
    GIVES("BITFIELD k OVERFLOW FAIL INCRBY u8 0 256", "*1\r\n_\r\n");
}

Test(bitmap_field_words, holds_to_the_bounds_of_the_widest_fields) {
    GIVES("BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1",
          "*2\r\n:0\r\n:-9223372036854775808\r\n");
    GIVES("BITFIELD k OVERFLOW SAT INCRBY i64 0 -1", "*1\r\n:-9223372036854775808\r\n");
    GIVES("BITFIELD k SET u63 0 9223372036854775807 INCRBY u63 0 1",
          "*2\r\n:4611686018427387904\r\n:0\r\n");
    GIVES("BITFIELD k INCRBY u63 0 -1", "*1\r\n:9223372036854775807\r\n");
}

Test(bitmap_field_words, saturates_a_far_too_low_SET_upwards_as_redis_does) {
    GIVES("BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775681 GET i8 0", "*2\r\n:0\r\n:127\r\n");
    GIVES("BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775680 GET i8 0",
          "*2\r\n:127\r\n:-128\r\n");
    GIVES("BITFIELD k OVERFLOW SAT SET i63 0 -4611686018427387905 GET i63 0",
          "*2\r\n:-4611686018427387904\r\n:4611686018427387903\r\n");
}

Test(bitmap_field_words, refuses_what_is_no_step) {
    hold_other();
    GIVES("BITFIELD other FOO u8 0", SYNTAX_ERROR);
    GIVES("BITFIELD other GET u8", SYNTAX_ERROR);
    GIVES("BITFIELD other GET u99", SYNTAX_ERROR);
    GIVES("BITFIELD other SET u99 x", SYNTAX_ERROR);
    GIVES("BITFIELD other OVERFLOW", SYNTAX_ERROR);
    GIVES("BITFIELD other OVERFLOW FOO", "-ERR Invalid OVERFLOW type specified\r\n");
    GIVES("BITFIELD other GET u64 0", BAD_TYPE);
    GIVES("BITFIELD other SET u99 x x", BAD_TYPE);
    GIVES("BITFIELD other SET u8 x x", BAD_OFFSET);
    GIVES("BITFIELD other SET u8 0 x", NOT_AN_INTEGER);
    GIVES("BITFIELD other SET u8 0 1 GET", SYNTAX_ERROR);
    GIVES("BITFIELD other", WRONG_TYPE);
    GIVES("BITFIELD other GET u8 0", WRONG_TYPE);
    GIVES("BITFIELD other SET u8 0 1", WRONG_TYPE);
    GIVES("BITFIELD k SET u8 0 1 SET u8 0 x", NOT_AN_INTEGER);
    GIVES("EXISTS k", ":0\r\n");
}

Test(bitmap_field_words, refuses_places_that_are_none) {
    const char *places[] = {"-1",  "4294967296", "abc", "\"\"", "#",
                            "#-1", "#abc",       "##0", "#01",  "#536870912"};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        cr_assert_str_eq(harness_runf(&h, "BITFIELD k GET u8 %s", places[i]), BAD_OFFSET, "%s",
                         places[i]);
    /* Redis lets these wrap around to a place at the beginning. */
    GIVES("BITFIELD k GET i64 #288230376151711744", BAD_OFFSET);
    GIVES("BITFIELD k GET u8 #536870911 GET u8 4294967295", "*2\r\n:0\r\n:0\r\n");
}

Test(bitmap_field_words, only_reads_with_BITFIELD_RO) {
    GIVES("SET k a", "+OK\r\n");
    GIVES("BITFIELD_RO k GET u8 0 GET u4 4", "*2\r\n:97\r\n:1\r\n");
    GIVES("BITFIELD_RO k", "*0\r\n");
    GIVES("BITFIELD_RO k OVERFLOW SAT GET u8 0", "*1\r\n:97\r\n");
    GIVES("BITFIELD_RO k SET u8 0 1", READ_ONLY);
    GIVES("BITFIELD_RO k GET u8 0 INCRBY u8 0 1", READ_ONLY);
    GIVES("BITFIELD_RO k SET u8 0 1 GET u99 0", BAD_TYPE);
    hold_other();
    GIVES("BITFIELD_RO other SET u8 0 1", READ_ONLY);
    GIVES("BITFIELD_RO other GET u8 0", WRONG_TYPE);
}

/* --- what is left behind --- */

Test(bitmap_field_words, tells_and_journals_what_changed_and_nothing_else) {
    leaves("BITFIELD k SET u8 0 7", "setbit k 0\n", "BITFIELD k SET u8 0 7\n--\n");
    leaves("BITFIELD k SET u8 0 7", "", "");
    leaves("BITFIELD k GET u8 0", "", "");
    leaves("BITFIELD k OVERFLOW FAIL INCRBY u8 0 255", "", "");
    leaves("BITFIELD k SET u8 8 0", "setbit k 0\n", "BITFIELD k SET u8 8 0\n--\n");
    leaves("BITFIELD z INCRBY u8 0 0", "setbit z 0\n", "BITFIELD z INCRBY u8 0 0\n--\n");
}

/* Redis makes the room and tells nobody: whoever replays its log has a shorter string. */
Test(bitmap_field_words, journals_the_room_that_was_made_though_every_write_was_refused) {
    leaves("BITFIELD k OVERFLOW FAIL INCRBY u8 16 256", "",
           "BITFIELD k OVERFLOW FAIL INCRBY u8 16 256\n--\n");
    GIVES("STRLEN k", ":3\r\n");
    leaves("BITFIELD k OVERFLOW FAIL INCRBY u8 16 256", "", "");
}

Test(bitmap_field_words, gives_a_replay_the_room_that_was_made_in_vain) {
    GIVES("BITFIELD k OVERFLOW FAIL INCRBY u8 16 256", "*1\r\n$-1\r\n");
    GIVES("BITFIELD k OVERFLOW FAIL INCRBY u8 16 256", "*1\r\n$-1\r\n");
    check_replay();
}

Test(bitmap_field_words, counts_every_number_that_changed) {
    uint64_t *changes = &h.executor.keyspace.counters.changes;
    harness_run(&h, "BITFIELD k SET u8 0 1 OVERFLOW FAIL SET u8 8 300 SET u8 16 0");
    cr_assert_eq(*changes, 2);
    harness_run(&h, "BITFIELD k SET u8 0 1 SET u8 8 3 INCRBY u8 16 4 INCRBY u8 16 0");
    cr_assert_eq(*changes, 4);
    harness_run(&h, "BITFIELD k GET u8 0");
    cr_assert_eq(*changes, 4);
}

Test(bitmap_field_words, keeps_the_end_of_the_key) {
    GIVES("SET k 1 EX 10", "+OK\r\n");
    GIVES("BITFIELD k SET u8 0 50", "*1\r\n:49\r\n");
    GIVES("SETBIT k 100 1", ":0\r\n");
    GIVES("PTTL k", ":10000\r\n");
}

Test(bitmap_field_words, takes_very_many_steps) {
    enum { STEPS = 1000 };
    static struct bytes argv[2 + STEPS * 4];
    argv[0] = BYTES("BITFIELD");
    argv[1] = BYTES("k");
    for (int i = 0; i < STEPS; i++) {
        struct bytes *step = argv + 2 + i * 4;
        step[0] = BYTES("INCRBY");
        step[1] = BYTES("u16");
        step[2] = BYTES("3");
        step[3] = BYTES("2");
    }
    harness_run_argv(&h, argv, COUNT_OF(argv));
    cr_assert_eq(strncmp(h.reply, "*1000\r\n:2\r\n:4\r\n", 15), 0, "%.40s", h.reply);
    GIVES("BITFIELD_RO k GET u16 3", "*1\r\n:2000\r\n");
}
