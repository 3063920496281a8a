/* SPDX-License-Identifier: BSD-3-Clause */
#include "sorted_set_fixture.h"

TestSuite(sorted_set_add, .init = sorted_set_setup, .fini = sorted_set_teardown);

Test(sorted_set_add, adds_members_and_changes_scores) {
    GIVES("ZADD k 1 a 2 b 2 c", ":3\r\n");
    GIVES("ZADD k 3 a 4 d", ":1\r\n");
    GIVES("ZADD k CH 3 a 5 d 6 e", ":2\r\n");
    HOLDS("ZRANGE k 0 -1 WITHSCORES", "b 2 c 2 a 3 d 5 e 6");
    GIVES("ZCARD k", ":5\r\n");
    GIVES("ZSCORE k d", "$1\r\n5\r\n");
    HOLDS("ZMSCORE k a none e", "3 - 6");
    GIVES("TYPE k", "+zset\r\n");
}

Test(sorted_set_add, keeps_the_conditions) {
    GIVES("ZADD k XX 1 a", ":0\r\n");
    GIVES("EXISTS k", ":0\r\n");
    GIVES("ZADD k NX 10 a", ":1\r\n");
    GIVES("ZADD k NX CH 11 a", ":0\r\n");
    GIVES("ZADD k GT CH 9 a 1 b", ":1\r\n");
    GIVES("ZADD k LT CH 9 a 2 b", ":1\r\n");
    GIVES("ZADD k XX GT CH 20 a 1 c", ":1\r\n");
    HOLDS("ZRANGE k 0 -1 WITHSCORES", "b 1 a 20");
}

Test(sorted_set_add, increments_one_member) {
    GIVES("ZADD k INCR 1.5 a", "$3\r\n1.5\r\n");
    GIVES("ZADD k NX INCR 1 a", "$-1\r\n");
    GIVES("ZADD k XX INCR 1 b", "$-1\r\n");
    GIVES("ZADD k GT INCR -1 a", "$-1\r\n");
    GIVES("ZADD k GT INCR 1 a", "$3\r\n2.5\r\n");
    GIVES("ZINCRBY k 0.5 a", "$1\r\n3\r\n");
    GIVES("ZINCRBY k 0.1 b", "$3\r\n0.1\r\n");
    harness_protocol(&harness, 3);
    GIVES("ZINCRBY k 0.1 b", ",0.2\r\n");
    GIVES("ZADD k INCR XX 1 c", "_\r\n");
}

Test(sorted_set_add, refuses_a_sum_that_is_no_number) {
    harness_run(&harness, "ZADD k inf a");
    GIVES("ZINCRBY k -inf a", "-ERR resulting score is not a number (NaN)\r\n");
    GIVES("ZADD k INCR -inf a", "-ERR resulting score is not a number (NaN)\r\n");
    GIVES("ZSCORE k a", "$3\r\ninf\r\n");
}

Test(sorted_set_add, refuses_before_anything_changes) {
    GIVES("ZADD k 1 a x b", NOT_A_FLOAT);
    GIVES("ZADD k nan a", NOT_A_FLOAT);
    GIVES("ZADD k 1 a 2", SYNTAX_ERROR);
    GIVES("ZADD k NX XX 1 a", "-ERR XX and NX options at the same time are not compatible\r\n");
    GIVES("ZADD k NX GT 1 a",
          "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n");
    GIVES("ZADD k GT LT 1 a",
          "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n");
    GIVES("ZADD k INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair\r\n");
    GIVES("EXISTS k", ":0\r\n");
    harness_run(&harness, "SET s x");
    GIVES("ZADD s 1 a", WRONG_TYPE);
    GIVES("ZINCRBY s 1 a", WRONG_TYPE);
}

Test(sorted_set_add, takes_more_pairs_than_fit_on_the_stack) {
    char line[4096];
    size_t len = (size_t)sprintf(line, "ZADD k");
    for (int i = 0; i < 100; i++) len += (size_t)sprintf(line + len, " %d m%d", i, i);
    GIVES(line, ":100\r\n");
    GIVES("ZSCORE k m99", "$2\r\n99\r\n");
}

Test(sorted_set_add, becomes_big_by_count_and_by_length) {
    for (int i = 0; i < 128; i++) harness_runf(&harness, "ZADD k %d m%d", i, i);
    GIVES("OBJECT ENCODING k", "$8\r\nlistpack\r\n");
    harness_run(&harness, "ZADD k 128 m128");
    GIVES("OBJECT ENCODING k", "$8\r\nskiplist\r\n");
    GIVES("ZRANK k m128", ":128\r\n");
    harness_run(&harness, "ZADD l 1 a");
    char line[100];
    snprintf(line, sizeof(line), "ZADD l 1 %065d", 1);
    harness_run(&harness, line);
    GIVES("OBJECT ENCODING l", "$8\r\nskiplist\r\n");
}

Test(sorted_set_add, tells_what_happened_and_spells_out_sums) {
    leaves("ZADD k 1 a 2 b", "zadd k 0\n", "ZADD k 1 a 2 b\n--\n");
    leaves("ZADD k 1 a", "", "");
    leaves("ZINCRBY k 0.5 a", "zincr k 0\n", "ZADD k 1.5 a\n--\n");
    leaves("ZADD k INCR 0.25 a", "zincr k 0\n", "ZADD k 1.75 a\n--\n");
    leaves("ZINCRBY k 0 a", "", "");
}
