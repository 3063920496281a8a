/* SPDX-License-Identifier: BSD-3-Clause */
/* What goes: removing and popping. */
#include "sorted_set_fixture.h"

TestSuite(sorted_set_remove, .init = sorted_set_setup, .fini = sorted_set_teardown);

Test(sorted_set_remove, removes_members_and_the_key_with_the_last) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c");
    leaves("ZREM k a x", "zrem k 0\n", "ZREM k a x\n--\n");
    leaves("ZREM k x", "", "");
    leaves("ZREM k b c d", "zrem k 0\ndel k 0\n", "ZREM k b c d\n--\n");
    GIVES("EXISTS k", ":0\r\n");
    GIVES("ZREM k a", ":0\r\n");
}

Test(sorted_set_remove, removes_ranges) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c 4 d 5 e");
    GIVES("ZREMRANGEBYRANK k -1 -1", ":1\r\n");
    GIVES("ZREMRANGEBYSCORE k (1 2", ":1\r\n");
    HOLDS("ZRANGE k 0 -1", "a c d");
    leaves("ZREMRANGEBYSCORE k 8 9", "", "");
    leaves("ZREMRANGEBYRANK k 0 -1", "zremrangebyrank k 0\ndel k 0\n",
           "ZREMRANGEBYRANK k 0 -1\n--\n");
    harness_run(&harness, "ZADD w 0 a 0 b 0 c");
    leaves("ZREMRANGEBYLEX w [a (c", "zremrangebylex w 0\n", "ZREMRANGEBYLEX w [a (c\n--\n");
    HOLDS("ZRANGE w 0 -1", "c");
    for (int i = 0; i < 1000; i++) harness_runf(&harness, "ZADD big %d m%d", i, i);
    GIVES("ZREMRANGEBYSCORE big 100 899", ":800\r\n");
    GIVES("ZCARD big", ":200\r\n");
    GIVES("ZRANK big m900", ":100\r\n");
}

Test(sorted_set_remove, pops_from_either_end) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c 4 d 5 e");
    leaves("ZPOPMIN k", "zpopmin k 0\n", "ZPOPMIN k\n--\n");
    HOLDS("ZPOPMAX k 2", "e 5 d 4");
    harness_protocol(&harness, 3);
    GIVES("ZPOPMIN k", "*2\r\n$1\r\nb\r\n,2\r\n");
    GIVES("ZPOPMIN k 5", "*1\r\n*2\r\n$1\r\nc\r\n,3\r\n");
    GIVES("EXISTS k", ":0\r\n");
    GIVES("ZPOPMIN k", "*0\r\n");
    GIVES("ZPOPMIN k -1", "-ERR value is out of range, must be positive\r\n");
    GIVES("ZPOPMIN k 1 2", SYNTAX_ERROR);
}

Test(sorted_set_remove, pops_from_the_first_set_that_has_members) {
    harness_run(&harness, "ZADD b 1 x 2 y 3 z");
    leaves("ZMPOP 2 a b MAX COUNT 2", "zpopmax b 0\n", "ZPOPMAX b 2\n--\n");
    GIVES("ZMPOP 2 a b MIN COUNT 5", "*2\r\n$1\r\nb\r\n*1\r\n*2\r\n$1\r\nx\r\n$1\r\n1\r\n");
    GIVES("ZMPOP 2 a b MIN", "*-1\r\n");
    GIVES("ZMPOP 0 a MIN", "-ERR numkeys should be greater than 0\r\n");
    GIVES("ZMPOP 1 a MIN COUNT 0", "-ERR count should be greater than 0\r\n");
    GIVES("ZMPOP 1 a FOO", SYNTAX_ERROR);
    GIVES("ZMPOP 2 a MIN", SYNTAX_ERROR);
}

Test(sorted_set_remove, pops_a_range_in_its_order_and_journals_who_went) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c 4 d 5 e");
    leaves("ZPOPRANGE k -inf (4 BYSCORE LIMIT 1 5", "zpoprange k 0\n", "ZREM k b c\n--\n");
    HOLDS("ZPOPRANGE k 0 1 BYRANK REV", "e 5 d 4");
    GIVES("ZPOPRANGE k 5 9 BYSCORE", "*0\r\n");
    GIVES("ZPOPRANGE k 5 9 REV", SYNTAX_ERROR);
    GIVES("ZPOPRANGE k a 9 BYSCORE", BAD_SCORES);
    harness_protocol(&harness, 3);
    GIVES("ZPOPRANGE k - + BYLEX", "*1\r\n*2\r\n$1\r\na\r\n,1\r\n");
    GIVES("EXISTS k", ":0\r\n");
}

Test(sorted_set_remove, answers_at_once_where_nobody_can_wait) {
    GIVES("BZPOPMIN k 0", "*-1\r\n");
    GIVES("BZMPOP 0 1 k MIN", "*-1\r\n");
    GIVES("BZPOPRANGE 0 k 0 1 BYSCORE", "*-1\r\n");
    harness_run(&harness, "ZADD k 1 a 2 b 3 c");
    leaves("BZPOPMIN none k 0", "zpopmin k 0\n", "ZPOPMIN k 1\n--\n");
    GIVES("BZPOPMAX k 0", "*3\r\n$1\r\nk\r\n$1\r\nc\r\n$1\r\n3\r\n");
    GIVES("BZPOPRANGE 0 k 0 5 BYSCORE", "*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
    GIVES("BZPOPMIN k x", "-ERR timeout is not a float or out of range\r\n");
    GIVES("BZPOPRANGE -1 k 0 5 BYSCORE", "-ERR timeout is negative\r\n");
    harness_run(&harness, "SET s x");
    GIVES("BZPOPMIN s 0", WRONG_TYPE);
}
