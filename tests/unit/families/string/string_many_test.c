/* SPDX-License-Identifier: BSD-3-Clause */
#include "string_harness.h"

TestSuite(string_many, .init = string_setup, .fini = string_teardown);

Test(string_many, sets_many_keys_the_last_of_equal_ones_counting) {
    hold_other("o");
    GIVES("MSET o 1 b 2 b 3", "+OK\r\n");
    GIVES("MGET o b", "*2\r\n$1\r\n1\r\n$1\r\n3\r\n");
    GIVES("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n");
    GIVES("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n");
    GIVES("EXISTS a", ":0\r\n");
}

Test(string_many, sets_all_or_none_with_MSETNX) {
    GIVES("MSETNX a 1 b 2", ":1\r\n");
    GIVES("MSETNX b 3 c 4", ":0\r\n");
    GIVES("MGET a b c", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n");
    GIVES("MSETNX d 1 d 2", ":1\r\n");
    GIVES("GET d", "$1\r\n2\r\n");
    GIVES("MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command\r\n");
}

Test(string_many, gives_all_keys_one_end_with_MSETEX) {
    GIVES("MSETEX 2 a 1 b 2 EX 10", ":1\r\n");
    GIVES("PTTL a", ":10000\r\n");
    GIVES("PTTL b", ":10000\r\n");
    GIVES("MSETEX 1 a 3 KEEPTTL", ":1\r\n");
    GIVES("PTTL a", ":10000\r\n");
    GIVES("MSETEX 1 a 3", ":1\r\n");
    GIVES("PTTL a", ":-1\r\n");
    GIVES("MSETEX 2 a 4 c 5 PXAT 1700000000000", ":1\r\n");
    GIVES("MGET a b c", "*3\r\n$-1\r\n$1\r\n2\r\n$-1\r\n");
}

Test(string_many, asks_all_keys_before_MSETEX_sets_one) {
    GIVES("MSETEX 2 a 1 b 2 XX", ":0\r\n");
    GIVES("MSETEX 2 a 1 b 2 NX", ":1\r\n");
    GIVES("MSETEX 2 a 3 c 4 NX", ":0\r\n");
    GIVES("MSETEX 2 a 3 c 4 XX", ":0\r\n");
    GIVES("MSETEX 2 a 5 b 6 EX 10 XX", ":1\r\n");
    GIVES("MGET a b c", "*3\r\n$1\r\n5\r\n$1\r\n6\r\n$-1\r\n");
}

Test(string_many, refuses_what_MSETEX_cannot_mean) {
    GIVES("MSETEX 0 a 1", "-ERR invalid numkeys value or out of range\r\n");
    GIVES("MSETEX x a 1", "-ERR invalid numkeys value or out of range\r\n");
    GIVES("MSETEX 2147483648 a 1", "-ERR invalid numkeys value or out of range\r\n");
    GIVES("MSETEX 2147483647 a 1", SYNTAX_ERROR);
    GIVES("MSETEX 2 a 1", SYNTAX_ERROR);
    GIVES("MSETEX 1 a 1 NX XX", SYNTAX_ERROR);
    GIVES("MSETEX 1 a 1 EX 10 KEEPTTL", SYNTAX_ERROR);
    GIVES("MSETEX 1 a 1 IFEQ 1", SYNTAX_ERROR);
    GIVES("MSETEX 1 a 1 EX a FOO", SYNTAX_ERROR);
    GIVES("MSETEX 1 a 1 EX a", NOT_AN_INTEGER);
    GIVES("MSETEX 1 a 1 EX 0", "-ERR invalid expire time in 'msetex' command\r\n");
    GIVES("MSETEX 1 a", "-ERR wrong number of arguments for 'msetex' command\r\n");
    GIVES("EXISTS a", ":0\r\n");
}

Test(string_many, is_one_unit_of_the_journal) {
    leaves("MSET a 1 b 2", "set a,set b", "MSET a 1 b 2\n--\n");
    leaves("MSETNX a 1 c 2", "", "");
    leaves("MSETNX c 1 d 2", "set c,set d", "MSETNX c 1 d 2\n--\n");
    leaves("MSETEX 2 a 1 b 2 EX 10 XX", "set a,expire a,set b,expire b",
           "MSETEX 2 a 1 b 2 PXAT 1700000010000\n--\n");
    leaves("MSETEX 1 a 3 KEEPTTL", "set a", "MSETEX 1 a 3 KEEPTTL\n--\n");
    leaves("MSETEX 2 a 1 none 2 EXAT 1", "expired a", "DEL a\n--\n");
    leaves("MSETEX 1 none 1 XX", "", "");
}
