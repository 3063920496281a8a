/* SPDX-License-Identifier: BSD-3-Clause */
#include "string_harness.h"

TestSuite(string_range, .init = string_setup, .fini = string_teardown);

#define TOO_LONG "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"

Test(string_range, appends_and_makes_what_is_not_there) {
    GIVES("APPEND k ab", ":2\r\n");
    GIVES("APPEND k cd", ":4\r\n");
    GIVES("APPEND k \"\"", ":4\r\n");
    GIVES("GET k", "$4\r\nabcd\r\n");
    GIVES("APPEND empty \"\"", ":0\r\n");
    GIVES("EXISTS empty", ":1\r\n");
    GIVES("SET n 10", "+OK\r\n");
    GIVES("APPEND n 1", ":3\r\n");
    GIVES("GET n", "$3\r\n101\r\n");
    hold_other("o");
    GIVES("APPEND o x", WRONG_TYPE);
}

Test(string_range, grows_a_string_through_all_the_ways_it_lies) {
    enum { TOTAL = 3000 };
    char expected[TOTAL + 16] = "";
    for (int i = 0; i < TOTAL; i += 10) {
        snprintf(expected + i, 16, "%010d", i);
        harness_runf(&harness, "APPEND k %s", expected + i);
        cr_assert_eq(harness_integer(&harness, "STRLEN k"), i + 10);
        cr_assert_str_eq(harness_text(&harness, "GET k"), expected);
    }
}

Test(string_range, shows_the_encoding_that_redis_shows) {
    harness_run(&harness, "APPEND k 12");
    cr_assert_str_eq(encoding_of("k"), "int");
    harness_run(&harness, "APPEND k \"\"");
    cr_assert_str_eq(encoding_of("k"), "raw");
    harness_run(&harness, "APPEND s abc");
    cr_assert_str_eq(encoding_of("s"), "embstr");
    harness_run(&harness, "SETRANGE t 0 12");
    cr_assert_str_eq(encoding_of("t"), "raw");
    harness_run(&harness, "SET t 12");
    harness_run(&harness, "SETRANGE t 5 \"\"");
    cr_assert_str_eq(encoding_of("t"), "int");
}

Test(string_range, writes_over_a_part_and_fills_the_gap_with_zeros) {
    GIVES("SET k Hello", "+OK\r\n");
    GIVES("SETRANGE k 1 aLL", ":5\r\n");
    GIVES("GET k", "$5\r\nHaLLo\r\n");
    GIVES("SETRANGE k 7 x", ":8\r\n");
    cr_assert_arr_eq(harness_run(&harness, "GET k"), "$8\r\nHaLLo\0\0x\r\n", 14);
    GIVES("SETRANGE none 0 \"\"", ":0\r\n");
    GIVES("SETRANGE none 99 \"\"", ":0\r\n");
    GIVES("EXISTS none", ":0\r\n");
    GIVES("SETRANGE k 99 \"\"", ":8\r\n");
    GIVES("SETRANGE big 1000 x", ":1001\r\n");
    GIVES("GETRANGE big 1000 1000", "$1\r\nx\r\n");
    GIVES("SETRANGE big 999 yz", ":1001\r\n");
    cr_assert_arr_eq(harness_run(&harness, "GETRANGE big 998 -1"), "$3\r\n\0yz\r\n", 9);
}

Test(string_range, refuses_offsets_and_lengths_out_of_range) {
    GIVES("SETRANGE k -1 x", "-ERR offset is out of range\r\n");
    GIVES("SETRANGE k x x", NOT_AN_INTEGER);
    GIVES("SETRANGE k 536870912 x", TOO_LONG);
    GIVES("SETRANGE k 9223372036854775807 x", TOO_LONG);
    GIVES("SETRANGE k 9223372036854775808 x", NOT_AN_INTEGER);
    GIVES("EXISTS k", ":0\r\n");
    harness.executor.string_bytes_max = 10;
    GIVES("SETRANGE k 9 x", ":10\r\n");
    GIVES("SETRANGE k 10 x", TOO_LONG);
    GIVES("APPEND k x", TOO_LONG);
    GIVES("APPEND k \"\"", ":10\r\n");
    hold_other("o");
    GIVES("SETRANGE o -1 x", "-ERR offset is out of range\r\n");
    GIVES("SETRANGE o 0 \"\"", WRONG_TYPE);
}

Test(string_range, reads_parts_by_places_from_either_end) {
    static const struct {
        const char *range, *expected;
    } cases[] = {
        {"0 3", "This"},
        {"-3 -1", "ing"},
        {"0 -1", "This is a string"},
        {"10 100", "string"},
        {"5 3", ""},
        {"-1 -5", ""},
        {"-100 -50", "T"},
        {"-100 100", "This is a string"},
        {"100 200", ""},
        {"-9223372036854775808 9223372036854775807", "This is a string"},
        {"0 0", "T"},
        {"16 16", ""},
    };
    harness_run(&harness, "SET k \"This is a string\"");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[100];
        snprintf(line, sizeof(line), "GETRANGE k %s", cases[i].range);
        cr_assert_str_eq(harness_text(&harness, line), cases[i].expected, "%s", line);
        snprintf(line, sizeof(line), "SUBSTR k %s", cases[i].range);
        cr_assert_str_eq(harness_text(&harness, line), cases[i].expected, "%s", line);
    }
    GIVES("SET n -12", "+OK\r\n");
    GIVES("GETRANGE n 0 1", "$2\r\n-1\r\n");
    GIVES("GETRANGE none 0 -1", "$0\r\n\r\n");
    hold_other("o");
    GIVES("GETRANGE o 0 a", NOT_AN_INTEGER);
    GIVES("GETRANGE o 0 1", WRONG_TYPE);
}

Test(string_range, tells_what_happened_and_journals_it_as_it_came) {
    leaves("APPEND k a", "append k", "APPEND k a\n--\n");
    leaves("APPEND k \"\"", "append k", "APPEND k \n--\n");
    leaves("SETRANGE k 1 b", "setrange k", "SETRANGE k 1 b\n--\n");
    leaves("SETRANGE k 1 \"\"", "", "");
    leaves("GETRANGE k 0 -1", "", "");
}

Test(string_range, keeps_the_end_of_the_key) {
    GIVES("SET k 10 EX 10", "+OK\r\n");
    GIVES("APPEND k 1", ":3\r\n");
    GIVES("SETRANGE k 500 x", ":501\r\n");
    GIVES("PTTL k", ":10000\r\n");
}

/* --- LCS --- */

#define MATCHES \
    "*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n"
#define LONG_MATCH "*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"

Test(string_range, finds_what_two_strings_have_in_common) {
    harness_run(&harness, "MSET a ohmytext b mynewtext");
    GIVES("LCS a b", "$6\r\nmytext\r\n");
    GIVES("LCS a b LEN", ":6\r\n");
    GIVES("LCS a b IDX", "*4\r\n$7\r\nmatches\r\n" MATCHES "$3\r\nlen\r\n:6\r\n");
    GIVES("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
          "*4\r\n$7\r\nmatches\r\n" LONG_MATCH "$3\r\nlen\r\n:6\r\n");
    GIVES("LCS a a", "$8\r\nohmytext\r\n");
    GIVES("LCS a none", "$0\r\n\r\n");
    GIVES("LCS none a IDX", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n");
    harness_protocol(&harness, 3);
    GIVES("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
          "%2\r\n$7\r\nmatches\r\n" LONG_MATCH "$3\r\nlen\r\n:6\r\n");
}

Test(string_range, reads_integers_as_text_in_LCS) {
    harness_run(&harness, "MSET n 12345 m 23");
    GIVES("LCS n m", "$2\r\n23\r\n");
}

Test(string_range, refuses_what_LCS_cannot_mean) {
    harness_run(&harness, "MSET a ohmytext b mynewtext");
    hold_other("o");
    GIVES("LCS a o", "-ERR The specified keys must contain string values\r\n");
    GIVES("LCS o a FOO", "-ERR The specified keys must contain string values\r\n");
    GIVES("LCS a b FOO", SYNTAX_ERROR);
    GIVES("LCS a b MINMATCHLEN", SYNTAX_ERROR);
    GIVES("LCS a b MINMATCHLEN x", NOT_AN_INTEGER);
    GIVES("LCS a b LEN IDX",
          "-ERR If you want both the length and indexes, please just use IDX.\r\n");
    harness.executor.string_bytes_max = 9 * 10 * 4;
    GIVES("LCS a b LEN", ":6\r\n");
    harness.executor.string_bytes_max--;
    GIVES("LCS a b LEN", "-ERR Insufficient memory, transient memory for LCS exceeds "
                         "proto-max-bulk-len\r\n");
}

Test(string_range, compares_by_LCS_a_key_whose_time_has_just_come) {
    harness_run(&harness, "SET a abc");
    harness_run(&harness, "SET b abc PX 10");
    harness_advance_ms(&harness, 10);
    GIVES("LCS a b LEN", ":0\r\n");
}
