/* SPDX-License-Identifier: BSD-3-Clause */
/* SETBIT, GETBIT, BITCOUNT, BITPOS and BITOP as a client meets them. */
#include "bitmap_fixture.h"

TestSuite(bitmap_behaviour, .init = setup, .fini = teardown);

/* --- SETBIT and GETBIT --- */

Test(bitmap_behaviour, sets_bits_and_answers_with_those_before) {
    GIVES("SETBIT k 7 1", ":0\r\n");
    GIVES("SETBIT k 7 1", ":1\r\n");
    GIVES("SETBIT k 7 0", ":1\r\n");
    GIVES("STRLEN k", ":1\r\n");
    GIVES("BITCOUNT k", ":0\r\n");
    GIVES("SETBIT k 25 1", ":0\r\n");
    GIVES("STRLEN k", ":4\r\n");
    GIVES("GETBIT k 25", ":1\r\n");
    GIVES("GETBIT k 24", ":0\r\n");
    GIVES("GETBIT k 4294967295", ":0\r\n");
    GIVES("GETBIT none 0", ":0\r\n");
}

Test(bitmap_behaviour, sees_the_text_of_a_number) {
    GIVES("SET k 12", "+OK\r\n");
    GIVES("GETBIT k 2", ":1\r\n");
    GIVES("GETBIT k 0", ":0\r\n");
    GIVES("OBJECT ENCODING k", "$3\r\nint\r\n");
    GIVES("SETBIT k 1 1", ":0\r\n");
    GIVES("GET k", "$2\r\nq2\r\n");
    GIVES("BITCOUNT k", ":7\r\n");
}

Test(bitmap_behaviour, keeps_raw_bytes_where_SETBIT_found_the_bit_as_it_should_be) {
    GIVES("SET k 12", "+OK\r\n");
    GIVES("SETBIT k 3 1", ":1\r\n");
    GIVES("OBJECT ENCODING k", "$3\r\nraw\r\n");
    GIVES("INCR k", ":13\r\n");
}

Test(bitmap_behaviour, grows_a_bitmap_through_all_the_ways_it_lies) {
    for (int i = 0; i < 1200; i++) {
        cr_assert_str_eq(harness_runf(&h, "SETBIT k %d 1", i * 8 + i % 8), ":0\r\n");
        cr_assert_eq(harness_integer(&h, "BITCOUNT k"), i + 1);
        cr_assert_eq(harness_integer(&h, "STRLEN k"), i + 1);
    }
}

Test(bitmap_behaviour, refuses_bits_and_places_that_are_none) {
    const char *places[] = {"-1", "4294967296", "9223372036854775808", "abc", "\"\"", "01", "#1"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        cr_assert_str_eq(harness_runf(&h, "SETBIT k %s 1", places[i]), BAD_OFFSET);
        cr_assert_str_eq(harness_runf(&h, "GETBIT k %s", places[i]), BAD_OFFSET);
    }
    GIVES("SETBIT k 0 2", BAD_BIT);
    GIVES("SETBIT k 0 -1", BAD_BIT);
    GIVES("SETBIT k 0 x", BAD_BIT);
    GIVES("SETBIT k x x", BAD_OFFSET);
    GIVES("EXISTS k", ":0\r\n");
    hold_other();
    GIVES("SETBIT other 0 2", BAD_BIT);
    GIVES("SETBIT other 0 1", WRONG_TYPE);
    GIVES("GETBIT other x", BAD_OFFSET);
    GIVES("GETBIT other 0", WRONG_TYPE);
}

Test(bitmap_behaviour, keeps_to_the_limit_on_strings) {
    h.executor.string_bytes_max = 100;
    GIVES("SETBIT k 799 1", ":0\r\n");
    GIVES("SETBIT k 800 1", BAD_OFFSET);
    GIVES("BITFIELD k SET u8 800 1", BAD_OFFSET);
    GIVES("BITFIELD k SET u8 799 1", "*1\r\n:128\r\n");
    GIVES("STRLEN k", ":101\r\n");
}

/* --- BITCOUNT --- */

Test(bitmap_behaviour, counts_bits_within_bytes_and_within_bits) {
    GIVES("SET k foobar", "+OK\r\n");
    GIVES("BITCOUNT k", ":26\r\n");
    GIVES("BITCOUNT k 0 0", ":4\r\n");
    GIVES("BITCOUNT k 1 1", ":6\r\n");
    GIVES("BITCOUNT k -2 -1", ":7\r\n");
    GIVES("BITCOUNT k 1 1 byte", ":6\r\n");
    GIVES("BITCOUNT k 5 30 BIT", ":17\r\n");
    GIVES("BITCOUNT k -5 -1 bit", ":2\r\n");
    GIVES("BITCOUNT k 4 2", ":0\r\n");
    GIVES("BITCOUNT k 6 9", ":0\r\n");
    GIVES("BITCOUNT none", ":0\r\n");
    GIVES("SET empty \"\"", "+OK\r\n");
    GIVES("BITCOUNT empty 0 -1", ":0\r\n");
}

Test(bitmap_behaviour, counts_at_the_edges_of_what_a_range_can_say) {
    GIVES("SET k foobar", "+OK\r\n");
    GIVES("BITCOUNT k -100 -90", ":4\r\n");
    GIVES("BITCOUNT k -90 -100", ":0\r\n");
    GIVES("BITCOUNT k -100 2", ":16\r\n");
    GIVES("BITCOUNT k -9223372036854775808 9223372036854775807 BIT", ":26\r\n");
    GIVES("BITCOUNT k 9223372036854775807 9223372036854775807 BIT", ":0\r\n");
    GIVES("BITCOUNT k 0 -9223372036854775808 BIT", ":0\r\n");
}

Test(bitmap_behaviour, judges_the_words_of_BITCOUNT_before_its_key) {
    hold_other();
    GIVES("BITCOUNT other 0", SYNTAX_ERROR);
    GIVES("BITCOUNT other a 1", NOT_AN_INTEGER);
    GIVES("BITCOUNT other 0 b FOO", NOT_AN_INTEGER);
    GIVES("BITCOUNT other 0 1 FOO", SYNTAX_ERROR);
    GIVES("BITCOUNT other a b BIT x", SYNTAX_ERROR);
    GIVES("BITCOUNT other 0 1", WRONG_TYPE);
    GIVES("BITCOUNT none 0 1 FOO", SYNTAX_ERROR);
}

/* --- BITPOS --- */

Test(bitmap_behaviour, finds_bits_within_bytes_and_within_bits) {
    GIVES("SET k fff", "+OK\r\n");
    GIVES("BITPOS k 1", ":1\r\n");
    GIVES("BITPOS k 0", ":0\r\n");
    GIVES("BITPOS k 0 2", ":16\r\n");
    GIVES("BITPOS k 1 1 1", ":9\r\n");
    GIVES("BITPOS k 1 0 0 BIT", ":-1\r\n");
    GIVES("BITPOS k 0 1 -1 BIT", ":3\r\n");
    GIVES("BITPOS k 0 -500 -400 BIT", ":0\r\n");
    GIVES("BITPOS k 0 -400 -500", ":0\r\n");
    GIVES("BITPOS k 0 2 1", ":-1\r\n");
    GIVES("BITPOS k 0 3", ":-1\r\n");
    GIVES("BITPOS k 1 100", ":-1\r\n");
}

Test(bitmap_behaviour, finds_a_zero_behind_a_string_that_has_none) {
    GIVES("BITFIELD k SET u8 0 255", "*1\r\n:0\r\n");
    GIVES("BITPOS k 0", ":8\r\n");
    GIVES("BITPOS k 0 0", ":8\r\n");
    GIVES("BITPOS k 0 -1", ":8\r\n");
    GIVES("BITPOS k 0 1", ":-1\r\n");
    GIVES("BITPOS k 0 0 -1", ":-1\r\n");
    GIVES("BITPOS k 0 0 -1 BIT", ":-1\r\n");
    GIVES("BITPOS none 0", ":0\r\n");
    GIVES("BITPOS none 0 5 9", ":0\r\n");
    GIVES("BITPOS none 1", ":-1\r\n");
    GIVES("SET empty \"\"", "+OK\r\n");
    GIVES("BITPOS empty 0", ":-1\r\n");
    GIVES("BITPOS empty 1", ":-1\r\n");
}

Test(bitmap_behaviour, judges_the_words_of_BITPOS_before_its_key) {
    hold_other();
    GIVES("BITPOS other a 0 1 BIT x", NOT_AN_INTEGER);
    GIVES("BITPOS other 2 a", "-ERR The bit argument must be 1 or 0.\r\n");
    GIVES("BITPOS other 1 a 1 FOO", NOT_AN_INTEGER);
    GIVES("BITPOS other 1 0 b FOO", SYNTAX_ERROR);
    GIVES("BITPOS other 1 0 b", NOT_AN_INTEGER);
    GIVES("BITPOS other 1 a 1 BIT x", SYNTAX_ERROR);
    GIVES("BITPOS other 1", WRONG_TYPE);
}

/* --- BITOP --- */

Test(bitmap_behaviour, combines_bitmaps_of_unlike_lengths) {
    GIVES("SET a \"\\x0f\\xff\\x33\"", "+OK\r\n");
    GIVES("SET b \"\\x3c\\x0f\"", "+OK\r\n");
    GIVES("BITOP AND d a b", ":3\r\n");
    GIVES("BITFIELD_RO d GET u24 0", "*1\r\n:790272\r\n"); /* 0c 0f 00 */
    GIVES("BITOP or d a b", ":3\r\n");
    GIVES("BITFIELD_RO d GET u24 0", "*1\r\n:4194099\r\n"); /* 3f ff 33 */
    GIVES("BITOP XOR d a b", ":3\r\n");
    GIVES("BITFIELD_RO d GET u24 0", "*1\r\n:3403827\r\n"); /* 33 f0 33 */
    GIVES("BITOP NOT d a", ":3\r\n");
    GIVES("BITFIELD_RO d GET u24 0", "*1\r\n:15728844\r\n"); /* f0 00 cc */
    GIVES("BITOP AND d a none", ":3\r\n");
    GIVES("BITCOUNT d", ":0\r\n");
}

Test(bitmap_behaviour, weighs_one_bitmap_against_others) {
    GIVES("SET x \"\\x0f\"", "+OK\r\n");
    GIVES("SET y \"\\x33\"", "+OK\r\n");
    GIVES("SET z \"\\x55\"", "+OK\r\n");
    GIVES("BITOP DIFF d x y z", ":1\r\n");
    GIVES("BITFIELD_RO d GET u8 0", "*1\r\n:8\r\n"); /* 0f & ~77 */
    GIVES("BITOP DIFF1 d x y z", ":1\r\n");
    GIVES("BITFIELD_RO d GET u8 0", "*1\r\n:112\r\n"); /* 77 & ~0f */
    GIVES("BITOP ANDOR d x y z", ":1\r\n");
    GIVES("BITFIELD_RO d GET u8 0", "*1\r\n:7\r\n"); /* 0f & 77 */
    GIVES("BITOP ONE d x y z", ":1\r\n");
    GIVES("BITFIELD_RO d GET u8 0", "*1\r\n:104\r\n"); /* 0f ^ 33 ^ 55, without those in all */
}

Test(bitmap_behaviour, puts_the_result_over_whatever_was_there) {
    GIVES("SET a ab EX 100", "+OK\r\n");
    GIVES("BITOP OR a a none", ":2\r\n");
    GIVES("PTTL a", ":-1\r\n");
    GIVES("GET a", "$2\r\nab\r\n");
    hold_other();
    GIVES("BITOP OR other a", ":2\r\n");
    GIVES("GET other", "$2\r\nab\r\n");
    GIVES("SET n 12", "+OK\r\n");
    GIVES("BITOP OR d n", ":2\r\n");
    GIVES("OBJECT ENCODING d", "$3\r\nraw\r\n");
    GIVES("INCR d", ":13\r\n");
    GIVES("SETRANGE big 600 x", ":601\r\n");
    GIVES("BITOP OR big big n", ":601\r\n");
    GIVES("GETRANGE big 0 1", "$2\r\n12\r\n");
    GIVES("GETRANGE big 600 600", "$1\r\nx\r\n");
}

Test(bitmap_behaviour, deletes_the_key_where_nothing_comes_out) {
    GIVES("SET d x", "+OK\r\n");
    GIVES("BITOP OR d none none", ":0\r\n");
    GIVES("EXISTS d", ":0\r\n");
    GIVES("SET empty \"\"", "+OK\r\n");
    GIVES("BITOP NOT empty empty", ":0\r\n");
    GIVES("EXISTS empty", ":0\r\n");
    hold_other();
    GIVES("BITOP AND other none", ":0\r\n");
    GIVES("EXISTS other", ":0\r\n");
}

Test(bitmap_behaviour, judges_the_operation_then_the_count_then_the_sources) {
    hold_other();
    GIVES("SET a ab", "+OK\r\n");
    GIVES("BITOP NAND d other", SYNTAX_ERROR);
    GIVES("BITOP NOT d other other", "-ERR BITOP NOT must be called with a single source key.\r\n");
    GIVES("BITOP DIFF d other",
          "-ERR BITOP DIFF must be called with at least two source keys.\r\n");
    GIVES("BITOP diff1 d other",
          "-ERR BITOP DIFF1 must be called with at least two source keys.\r\n");
    GIVES("BITOP ANDOR d other",
          "-ERR BITOP ANDOR must be called with at least two source keys.\r\n");
    GIVES("BITOP AND d a none other", WRONG_TYPE);
    GIVES("EXISTS d", ":0\r\n");
}

Test(bitmap_behaviour, looks_at_sources_whose_time_has_come_as_gone) {
    GIVES("SET a ab", "+OK\r\n");
    GIVES("SET b cdef PX 50", "+OK\r\n");
    GIVES("SET d old PX 50", "+OK\r\n");
    harness_advance_ms(&h, 60);
    GIVES("BITOP OR d a b", ":2\r\n");
    GIVES("GET d", "$2\r\nab\r\n");
    GIVES("PTTL d", ":-1\r\n");
    check_replay();
}

Test(bitmap_behaviour, counts_hits_and_misses_of_what_is_read) {
    struct keyspace_counters *counters = &h.executor.keyspace.counters;
    harness_run(&h, "SET k v");
    harness_run(&h, "GETBIT k 0");
    harness_run(&h, "GETBIT none 0");
    harness_run(&h, "BITCOUNT k");
    harness_run(&h, "BITPOS none 1");
    harness_run(&h, "BITFIELD k GET u8 0");
    harness_run(&h, "BITOP OR d k none k");
    cr_assert_eq(counters->hits, 5);
    cr_assert_eq(counters->misses, 3);
}

/* --- what is left behind --- */

Test(bitmap_behaviour, tells_and_journals_what_changed_and_nothing_else) {
    leaves("SETBIT k 7 1", "setbit k 0\n", "SETBIT k 7 1\n--\n");
    leaves("SETBIT k 7 1", "", "");
    leaves("SETBIT k 100 0", "setbit k 0\n", "SETBIT k 100 0\n--\n");
    leaves("GETBIT k 7", "", "");
    leaves("BITOP NOT d k", "set d 0\n", "BITOP NOT d k\n--\n");
    leaves("BITOP NOT d none", "del d 0\n", "BITOP NOT d none\n--\n");
    leaves("BITOP NOT d none", "", "");
}

Test(bitmap_behaviour, leaves_all_as_it_was_when_memory_is_refused) {
    GIVES("SETRANGE k 1000 x", ":1001\r\n");
    GIVES("SET d x", "+OK\r\n");
    forget();
    memory_fail_try(1);
    cr_assert_eq(strncmp(harness_run(&h, "BITOP NOT d k"), "-OOM", 4), 0, "%s", h.reply);
    memory_fail_try(1);
    cr_assert_eq(strncmp(harness_run(&h, "SETBIT k 100000 1"), "-OOM", 4), 0, "%s", h.reply);
    memory_fail_try(1);
    cr_assert_eq(strncmp(harness_run(&h, "SETBIT none 100000 1"), "-OOM", 4), 0, "%s", h.reply);
    memory_fail_try(0);
    GIVES("GET d", "$1\r\nx\r\n");
    GIVES("STRLEN k", ":1001\r\n");
    GIVES("EXISTS none", ":0\r\n");
    cr_assert_str_eq(harness_journal(&h), "");
}
