/* SPDX-License-Identifier: BSD-3-Clause */
#include "string_harness.h"

TestSuite(string_counter, .init = string_setup, .fini = string_teardown);

#define OVERFLOW_REPLY "-ERR increment or decrement would overflow\r\n"
#define NOT_A_FLOAT "-ERR value is not a valid float\r\n"

Test(string_counter, counts_up_and_down_from_nothing) {
    GIVES("INCR k", ":1\r\n");
    GIVES("DECR k", ":0\r\n");
    GIVES("DECR k", ":-1\r\n");
    GIVES("INCRBY k 11", ":10\r\n");
    GIVES("DECRBY k -5", ":15\r\n");
    GIVES("GET k", "$2\r\n15\r\n");
}

Test(string_counter, stops_at_both_ends_and_changes_nothing) {
    GIVES("SET k 9223372036854775807", "+OK\r\n");
    GIVES("INCR k", OVERFLOW_REPLY);
    GIVES("DECRBY k -1", OVERFLOW_REPLY);
    GIVES("GET k", "$19\r\n9223372036854775807\r\n");
    GIVES("SET k -9223372036854775808", "+OK\r\n");
    GIVES("DECR k", OVERFLOW_REPLY);
    GIVES("DECRBY k -9223372036854775808", "-ERR decrement would overflow\r\n");
    GIVES("INCRBY k 9223372036854775808", NOT_AN_INTEGER);
}

Test(string_counter, counts_only_what_is_a_plain_integer) {
    const char *texts[] = {"abc", "\" 1\"", "01", "+1", "\"\"", "1.0", "9223372036854775808"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        harness_runf(&harness, "SET k %s", texts[i]);
        GIVES("INCR k", NOT_AN_INTEGER);
    }
    hold_other("o");
    GIVES("INCR o", WRONG_TYPE);
    GIVES("INCRBY o x", NOT_AN_INTEGER);
}

Test(string_counter, counts_text_that_was_written_in_pieces) {
    GIVES("APPEND k 1", ":1\r\n");
    GIVES("APPEND k 0", ":2\r\n");
    GIVES("INCR k", ":11\r\n");
    cr_assert_str_eq(encoding_of("k"), "int");
}

Test(string_counter, keeps_the_end_of_the_key) {
    GIVES("SET k 1 EX 10", "+OK\r\n");
    GIVES("INCR k", ":2\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("INCRBYFLOAT k 0.5", "$3\r\n2.5\r\n");
    GIVES("PTTL k", ":10000\r\n");
}

Test(string_counter, adds_decimals_with_INCRBYFLOAT) {
    GIVES("INCRBYFLOAT k 3.0", "$1\r\n3\r\n");
    GIVES("INCRBYFLOAT k 1.1", "$3\r\n4.1\r\n");
    GIVES("INCRBYFLOAT k -1.1", "$1\r\n3\r\n");
    GIVES("INCRBYFLOAT k 1.0e2", "$3\r\n103\r\n");
    GIVES("INCR k", ":104\r\n");
    GIVES("INCRBYFLOAT none -0.0", "$1\r\n0\r\n");
    GIVES("INCRBYFLOAT v 17179869184", "$11\r\n17179869184\r\n");
    GIVES("INCRBYFLOAT v 0.1", "$29\r\n17179869184.09999999962747097\r\n");
}

Test(string_counter, leaves_text_behind_INCRBYFLOAT_as_redis_does) {
    GIVES("INCRBYFLOAT k 11", "$2\r\n11\r\n");
    cr_assert_str_eq(encoding_of("k"), "embstr");
}

Test(string_counter, refuses_what_is_no_decimal) {
    GIVES("SET k abc", "+OK\r\n");
    GIVES("INCRBYFLOAT k 1", NOT_A_FLOAT);
    GIVES("SET k 1", "+OK\r\n");
    GIVES("INCRBYFLOAT k abc", NOT_A_FLOAT);
    GIVES("INCRBYFLOAT k \" 1\"", NOT_A_FLOAT);
    GIVES("INCRBYFLOAT k \"\"", NOT_A_FLOAT);
    GIVES("INCRBYFLOAT k nan", NOT_A_FLOAT);
    GIVES("INCRBYFLOAT k inf", "-ERR increment would produce NaN or Infinity\r\n");
    GIVES("GET k", "$1\r\n1\r\n");
    hold_other("o");
    GIVES("INCRBYFLOAT o x", WRONG_TYPE);
}

Test(string_counter, writes_numbers_of_any_length) {
    GIVES("STRLEN k", ":0\r\n");
    harness_run(&harness, "INCRBYFLOAT k 1e4000");
    GIVES("STRLEN k", ":4000\r\n");
}

Test(string_counter, tells_what_happened_and_journals_what_was_decided) {
    leaves("INCR k", "incrby k", "INCR k\n--\n");
    leaves("DECR k", "incrby k", "DECR k\n--\n");
    leaves("INCRBY k 5", "incrby k", "INCRBY k 5\n--\n");
    leaves("DECRBY k 5", "incrby k", "DECRBY k 5\n--\n");
    leaves("INCRBYFLOAT k 0.5", "incrbyfloat k", "SET k 0.5 KEEPTTL\n--\n");
    leaves("INCR k", "", "");
}

/* --- INCREX --- */

Test(string_counter, counts_by_one_or_by_what_is_said_with_INCREX) {
    GIVES("INCREX k", "*2\r\n:1\r\n:1\r\n");
    GIVES("INCREX k BYINT 5", "*2\r\n:6\r\n:5\r\n");
    GIVES("INCREX k BYINT -7", "*2\r\n:-1\r\n:-7\r\n");
    GIVES("INCREX k BYFLOAT 0.5", "*2\r\n$4\r\n-0.5\r\n$3\r\n0.5\r\n");
    GIVES("INCREX k", NOT_AN_INTEGER);
    GIVES("INCREX none BYFLOAT 2", "*2\r\n$1\r\n2\r\n$1\r\n2\r\n");
}

Test(string_counter, changes_nothing_out_of_bounds_with_INCREX) {
    GIVES("SET k 9 EX 10", "+OK\r\n");
    GIVES("INCREX k BYINT 1 UBOUND 10 EX 99", "*2\r\n:10\r\n:1\r\n");
    GIVES("PTTL k", ":99000\r\n");
    GIVES("INCREX k BYINT 1 UBOUND 10 EX 5", "*2\r\n:10\r\n:0\r\n");
    GIVES("PTTL k", ":99000\r\n");
    GIVES("INCREX k BYINT -20 LBOUND 0", "*2\r\n:10\r\n:0\r\n");
    GIVES("INCREX new BYINT 20 UBOUND 10 EX 5", "*2\r\n:0\r\n:0\r\n");
    GIVES("EXISTS new", ":0\r\n");
    GIVES("INCREX f BYFLOAT 1.5 UBOUND 1.25", "*2\r\n$1\r\n0\r\n$1\r\n0\r\n");
}

Test(string_counter, stops_at_the_bound_with_SATURATE) {
    GIVES("SET k 9", "+OK\r\n");
    GIVES("INCREX k BYINT 5 UBOUND 10 SATURATE", "*2\r\n:10\r\n:1\r\n");
    GIVES("INCREX k BYINT -50 LBOUND 3 SATURATE", "*2\r\n:3\r\n:-7\r\n");
    GIVES("INCREX f BYFLOAT 1.5 UBOUND 1.25 SATURATE", "*2\r\n$4\r\n1.25\r\n$4\r\n1.25\r\n");
    GIVES("SET k 9223372036854775800", "+OK\r\n");
    GIVES("INCREX k BYINT 100 SATURATE", "*2\r\n:9223372036854775807\r\n:7\r\n");
    GIVES("INCREX k", OVERFLOW_REPLY);
    GIVES("INCREX k UBOUND 9223372036854775807", "*2\r\n:9223372036854775807\r\n:0\r\n");
}

Test(string_counter, sets_keeps_or_lifts_the_end_with_INCREX) {
    GIVES("INCREX k EX 10", "*2\r\n:1\r\n:1\r\n");
    GIVES("INCREX k", "*2\r\n:2\r\n:1\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("INCREX k EX 20 ENX", "*2\r\n:3\r\n:1\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("INCREX k PXAT 1700000000005", "*2\r\n:4\r\n:1\r\n");
    GIVES("PTTL k", ":5\r\n");
    GIVES("INCREX k PERSIST", "*2\r\n:5\r\n:1\r\n");
    GIVES("PTTL k", ":-1\r\n");
    GIVES("INCREX k PX 20 ENX", "*2\r\n:6\r\n:1\r\n");
    GIVES("PTTL k", ":20\r\n");
    GIVES("INCREX k EXAT 1", "*2\r\n:7\r\n:1\r\n");
    GIVES("EXISTS k", ":0\r\n");
}

Test(string_counter, refuses_what_INCREX_cannot_mean) {
    GIVES("INCREX k BYINT 1 BYFLOAT 1", SYNTAX_ERROR);
    GIVES("INCREX k ENX", SYNTAX_ERROR);
    GIVES("INCREX k PERSIST ENX", SYNTAX_ERROR);
    GIVES("INCREX k EX 10 PERSIST", SYNTAX_ERROR);
    GIVES("INCREX k KEEPTTL", SYNTAX_ERROR);
    GIVES("INCREX k UBOUND", SYNTAX_ERROR);
    GIVES("INCREX k 5", SYNTAX_ERROR);
    GIVES("INCREX k BYINT 1.5", NOT_AN_INTEGER);
    GIVES("INCREX k UBOUND 1.5", NOT_AN_INTEGER);
    GIVES("INCREX k BYFLOAT x", NOT_A_FLOAT);
    GIVES("INCREX k BYFLOAT inf", "-ERR increment would produce NaN or Infinity\r\n");
    GIVES("INCREX k EX 0", "-ERR invalid expire time in 'increx' command\r\n");
    GIVES("INCREX k LBOUND 2 UBOUND 1", "-ERR LBOUND is greater than UBOUND\r\n");
    GIVES("EXISTS k", ":0\r\n");
    hold_other("o");
    GIVES("INCREX o", WRONG_TYPE);
}

Test(string_counter, journals_an_INCREX_as_what_came_of_it) {
    leaves("INCREX k", "incrby k", "SET k 1 KEEPTTL\n--\n");
    leaves("INCREX k EX 10", "incrby k,expire k", "SET k 2 PXAT 1700000010000\n--\n");
    leaves("INCREX k EX 20 ENX", "incrby k", "SET k 3 KEEPTTL\n--\n");
    leaves("INCREX k PERSIST", "incrby k,persist k", "SET k 4\n--\n");
    leaves("INCREX k UBOUND 4", "", "");
    leaves("INCREX k UBOUND 4 SATURATE", "", "");
    leaves("INCREX k BYFLOAT 0.5", "incrbyfloat k", "SET k 4.5 KEEPTTL\n--\n");
    leaves("INCREX k BYFLOAT 1 EXAT 1", "expired k", "DEL k\n--\n");
}
