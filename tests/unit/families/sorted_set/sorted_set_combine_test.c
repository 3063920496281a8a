/* SPDX-License-Identifier: BSD-3-Clause */
#include "sorted_set_fixture.h"

static void setup(void) {
    sorted_set_setup();
    harness_run(&harness, "ZADD a 1 x 2 y 3 z");
    harness_run(&harness, "ZADD b 10 x 20 y 5 w");
}
TestSuite(sorted_set_combine, .init = setup, .fini = sorted_set_teardown);

Test(sorted_set_combine, unites_intersects_and_subtracts) {
    HOLDS("ZUNION 2 a b WITHSCORES", "z 3 w 5 x 11 y 22");
    HOLDS("ZINTER 2 a b WITHSCORES", "x 11 y 22");
    HOLDS("ZDIFF 2 a b WITHSCORES", "z 3");
    HOLDS("ZINTER 2 a a WITHSCORES", "x 2 y 4 z 6");
    HOLDS("ZDIFF 2 a a", "");
    HOLDS("ZINTER 2 a none", "");
    HOLDS("ZUNION 2 none a", "x y z");
    GIVES("ZINTERCARD 2 a b", ":2\r\n");
    GIVES("ZINTERCARD 2 a b LIMIT 1", ":1\r\n");
}

Test(sorted_set_combine, weighs_and_aggregates) {
    HOLDS("ZUNION 2 a b WEIGHTS 2 3 AGGREGATE MAX WITHSCORES", "z 6 w 15 x 30 y 60");
    HOLDS("ZINTER 2 a b AGGREGATE MIN WITHSCORES", "x 1 y 2");
    HOLDS("ZUNION 2 a b WEIGHTS inf -inf WITHSCORES", "w -inf x 0 y 0 z inf");
    HOLDS("ZINTER 2 a b WEIGHTS 0 inf WITHSCORES", "x inf y inf");
    harness_run(&harness, "ZADD c inf x");
    HOLDS("ZINTER 2 c c WEIGHTS 1 0 WITHSCORES", "x 0");
    HOLDS("ZINTER 2 c c WEIGHTS 1 0 AGGREGATE MIN WITHSCORES", "x inf");
}

Test(sorted_set_combine, stores_over_anything_and_deletes_for_nothing) {
    harness_run(&harness, "SET d x");
    leaves("ZUNIONSTORE d 2 a b", "overwritten d 0\ntype_changed d 0\nzunionstore d 0\n",
           "ZUNIONSTORE d 2 a b\n--\n");
    HOLDS("ZRANGE d 0 -1 WITHSCORES", "z 3 w 5 x 11 y 22");
    GIVES("ZINTERSTORE a 2 a b", ":2\r\n");
    HOLDS("ZRANGE a 0 -1 WITHSCORES", "x 11 y 22");
    leaves("ZDIFFSTORE d 2 a a", "del d 0\n", "ZDIFFSTORE d 2 a a\n--\n");
    leaves("ZDIFFSTORE d 2 a a", "", "");
}

Test(sorted_set_combine, refuses_what_it_cannot_read) {
    GIVES("ZUNION 0 a", "-ERR at least 1 input key is needed for 'zunion' command\r\n");
    GIVES("ZINTERCARD 0 a", "-ERR at least 1 input key is needed for 'zintercard' command\r\n");
    GIVES("ZUNION x a", NOT_AN_INTEGER);
    GIVES("ZUNION 3 a b", SYNTAX_ERROR);
    GIVES("ZUNION 2 a b WEIGHTS 1 x", "-ERR weight value is not a float\r\n");
    GIVES("ZUNION 2 a b AGGREGATE FOO", SYNTAX_ERROR);
    GIVES("ZDIFF 2 a b WEIGHTS 1 2", SYNTAX_ERROR);
    GIVES("ZUNIONSTORE d 2 a b WITHSCORES", SYNTAX_ERROR);
    GIVES("ZINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative\r\n");
    harness_run(&harness, "SET s x");
    GIVES("ZUNION 2 a s FOO", WRONG_TYPE);
    GIVES("ZINTER 2 none s", WRONG_TYPE);
}

/* Against a model: two sets over a few hundred names, with scores that are sums of powers. */
Test(sorted_set_combine, is_right_for_big_sets) {
    enum { NAMES = 600 };
    int64_t expected = 0, both = 0, first = 0;
    for (int i = 0; i < NAMES; i++) {
        bool in_c = i % 3 != 0, in_d = i % 4 != 0;
        if (in_c) harness_runf(&harness, "ZADD c %d n%d", i, i);
        if (in_d) harness_runf(&harness, "ZADD d %d n%d", 1000 * i, i);
        expected += in_c || in_d;
        both += in_c && in_d;
        first += in_c && !in_d;
    }
    cr_assert_eq(harness_integer(&harness, "ZUNIONSTORE u 2 c d"), expected);
    cr_assert_eq(harness_integer(&harness, "ZINTERSTORE i 2 c d"), both);
    cr_assert_eq(harness_integer(&harness, "ZDIFFSTORE f 2 c d"), first);
    for (int i = 0; i < NAMES; i++) {
        bool in_c = i % 3 != 0, in_d = i % 4 != 0;
        char line[64], score[32];
        snprintf(line, sizeof(line), "ZMSCORE u n%d", i);
        snprintf(score, sizeof(score), "%d", (in_c ? i : 0) + (in_d ? 1000 * i : 0));
        HOLDS(line, in_c || in_d ? score : "-");
        snprintf(line, sizeof(line), "ZMSCORE i n%d", i);
        HOLDS(line, in_c && in_d ? score : "-");
        snprintf(line, sizeof(line), "ZMSCORE f n%d", i);
        HOLDS(line, in_c && !in_d ? score : "-");
    }
}
