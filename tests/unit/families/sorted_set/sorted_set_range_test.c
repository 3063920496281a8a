/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/sorted_set/sorted_set_range.h"

#include "sorted_set_fixture.h"

TestSuite(sorted_set_range, .init = sorted_set_setup, .fini = sorted_set_teardown);

#define BAD_LIMIT \
    "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n"

Test(sorted_set_range, reads_bounds_as_redis_does) {
    static const struct {
        const char *text;
        bool good, open;
        double score;
    } cases[] = {
        {"1.5", true, false, 1.5},
        {"(1.5", true, true, 1.5},
        {"-inf", true, false, -1.0 / 0.0},
        {"(+inf", true, true, 1.0 / 0.0},
        {"", true, false, 0},
        {"(", true, true, 0},
        {"1e400", true, false, 1.0 / 0.0},
        {"-1e400", true, false, -1.0 / 0.0},
        {"1e-400", true, false, 0},
        {".5", true, false, 0.5},
        {"5.", true, false, 5},
        {"+1", true, false, 1},
        {"0x1", false, false, 0},
        {"nan", false, false, 0},
        {" 1", false, false, 0},
        {"1 ", false, false, 0},
        {"((1", false, false, 0},
        {"1e", false, false, 0},
        {".", false, false, 0},
        {"x", false, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sorted_set_bound bound;
        bool good = sorted_set_bound_score(bytes_of(cases[i].text), &bound);
        cr_assert_eq(good, cases[i].good, "'%s'", cases[i].text);
        if (!good) continue;
        cr_assert_eq(bound.open, cases[i].open, "'%s'", cases[i].text);
        cr_assert(bound.score == cases[i].score, "'%s' is %g", cases[i].text, bound.score);
    }
    struct sorted_set_bound bound;
    cr_assert(sorted_set_bound_score(BYTES("1\0zz"), &bound));
    cr_assert(bound.score == 1);
    cr_assert(sorted_set_bound_name(BYTES("-\0z"), &bound));
    cr_assert_eq(bound.side, -1);
    cr_assert_not(sorted_set_bound_name(BYTES("-z"), &bound));
    cr_assert_not(sorted_set_bound_name(BYTES("a"), &bound));
    cr_assert_not(sorted_set_bound_name(BYTES(""), &bound));
}

Test(sorted_set_range, gives_ranks_scores_and_names) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c 4 d 5 e");
    HOLDS("ZRANGE k 1 -2", "b c d");
    HOLDS("ZRANGE k 0 1 REV", "e d");
    HOLDS("ZREVRANGE k 0 1 WITHSCORES", "e 5 d 4");
    HOLDS("ZRANGE k 3 1", "");
    HOLDS("ZRANGE k -100 100", "a b c d e");
    HOLDS("ZRANGE k (1 3 BYSCORE", "b c");
    HOLDS("ZRANGE k 4 (2 BYSCORE REV WITHSCORES", "d 4 c 3");
    HOLDS("ZRANGE k (3 (3 BYSCORE", "");
    HOLDS("ZRANGEBYSCORE k -inf +inf LIMIT 1 2", "b c");
    HOLDS("ZREVRANGEBYSCORE k +inf -inf LIMIT 1 2", "d c");
    HOLDS("ZRANGEBYSCORE k -inf +inf LIMIT 3 -1", "d e");
    HOLDS("ZRANGEBYSCORE k -inf +inf LIMIT -1 2", "");
    HOLDS("ZRANGEBYSCORE k -inf +inf LIMIT 0 0", "");
    GIVES("ZCOUNT k (1 4", ":3\r\n");
    harness_run(&harness, "ZADD w 0 a 0 b 0 c 0 ca 0 d");
    HOLDS("ZRANGE w [b (d BYLEX", "b c ca");
    HOLDS("ZRANGE w (d [b BYLEX REV LIMIT 1 1", "c");
    HOLDS("ZRANGEBYLEX w - [b", "a b");
    HOLDS("ZREVRANGEBYLEX w + (c", "d ca");
    HOLDS("ZRANGEBYLEX w + -", "");
    GIVES("ZLEXCOUNT w - +", ":5\r\n");
    GIVES("ZLEXCOUNT w (b (c", ":0\r\n");
}

Test(sorted_set_range, nests_pairs_in_RESP3_only) {
    harness_run(&harness, "ZADD k 1 a");
    GIVES("ZRANGE k 0 -1 WITHSCORES", "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
    harness_protocol(&harness, 3);
    GIVES("ZRANGE k 0 -1 WITHSCORES", "*1\r\n*2\r\n$1\r\na\r\n,1\r\n");
    GIVES("ZRANK k a WITHSCORE", "*2\r\n:0\r\n,1\r\n");
    GIVES("ZRANK k b WITHSCORE", "_\r\n");
}

Test(sorted_set_range, refuses_words_that_do_not_go_together) {
    GIVES("ZRANGE k 0 1 LIMIT 0 1", BAD_LIMIT);
    GIVES("ZRANGE k 0 1 LIMIT 5 -1", "*0\r\n");
    GIVES("ZRANGE k [a [b BYLEX WITHSCORES",
          "-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n");
    GIVES("ZRANGE k 0 1 BYLEX BYSCORE", SYNTAX_ERROR);
    GIVES("ZREVRANGE k 0 1 REV", SYNTAX_ERROR);
    GIVES("ZRANGESTORE d k 0 1 WITHSCORES", SYNTAX_ERROR);
    GIVES("ZRANGE k a 1", NOT_AN_INTEGER);
    GIVES("ZRANGE k a 1 BYSCORE", BAD_SCORES);
    GIVES("ZLEXCOUNT k a b", BAD_NAMES);
    harness_run(&harness, "SET s x");
    GIVES("ZRANGE s 0 1", WRONG_TYPE);
    GIVES("ZCOUNT s 0 1", WRONG_TYPE);
}

Test(sorted_set_range, is_the_same_packed_and_big) {
    for (int i = 0; i < 3000; i++) {
        harness_runf(&harness, "ZADD big %d m%d", i / 3, i);
        if (i < 100) harness_runf(&harness, "ZADD small %d m%d", i / 3, i);
    }
    static const char *const ranges[] = {"0 10",           "5 3",
                                         "(3 7 BYSCORE",   "-inf 20 BYSCORE LIMIT 2 9",
                                         "80 90",          "9 (2 BYSCORE REV",
                                         "-inf (4 BYSCORE"};
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        char line[100], expected[65536];
        snprintf(line, sizeof(line), "ZRANGE small %s WITHSCORES", ranges[i]);
        snprintf(expected, sizeof(expected), "%s", flat(line));
        snprintf(line, sizeof(line), "ZRANGE big %s WITHSCORES", ranges[i]);
        HOLDS(line, expected);
    }
    /* In slices, where there is a client; here all at once. */
    const char *reply = harness_run(&harness, "ZRANGE big 0 -1");
    cr_assert_eq(strncmp(reply, "*3000\r\n$2\r\nm0\r\n", 15), 0);
    cr_assert_str_eq(reply + strlen(reply) - 11, "$5\r\nm2999\r\n");
    reply = harness_run(&harness, "ZRANGE big 0 -1 REV");
    cr_assert_eq(strncmp(reply, "*3000\r\n$5\r\nm2999\r\n", 18), 0);
}

Test(sorted_set_range, stores_a_range_and_deletes_for_an_empty_one) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c");
    harness_run(&harness, "SET d x EX 100");
    leaves("ZRANGESTORE d k 0 1 REV", "overwritten d 0\ntype_changed d 0\nzrangestore d 0\n",
           "ZRANGESTORE d k 0 1 REV\n--\n");
    HOLDS("ZRANGE d 0 -1 WITHSCORES", "b 2 c 3");
    GIVES("TTL d", ":-1\r\n");
    GIVES("ZRANGESTORE k k 0 0", ":1\r\n");
    HOLDS("ZRANGE k 0 -1", "a");
    leaves("ZRANGESTORE d k 5 8", "del d 0\n", "ZRANGESTORE d k 5 8\n--\n");
    GIVES("EXISTS d", ":0\r\n");
}
