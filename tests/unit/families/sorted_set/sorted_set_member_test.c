/* SPDX-License-Identifier: BSD-3-Clause */
#include "sorted_set_fixture.h"

TestSuite(sorted_set_member, .init = sorted_set_setup, .fini = sorted_set_teardown);

Test(sorted_set_member, tells_ranks_from_either_end) {
    harness_run(&harness, "ZADD k 1 a 2 b 3 c");
    GIVES("ZRANK k a", ":0\r\n");
    GIVES("ZREVRANK k a", ":2\r\n");
    GIVES("ZRANK k b WITHSCORE", "*2\r\n:1\r\n$1\r\n2\r\n");
    GIVES("ZRANK k x", "$-1\r\n");
    GIVES("ZRANK k x WITHSCORE", "*-1\r\n");
    GIVES("ZRANK none x", "$-1\r\n");
    GIVES("ZRANK k a WITHSCORES", SYNTAX_ERROR);
    GIVES("ZRANK k a WITHSCORE x", "-ERR wrong number of arguments for 'zrank' command\r\n");
}

Test(sorted_set_member, picks_different_members_and_repeated_ones) {
    for (int i = 0; i < 1000; i++) harness_runf(&harness, "ZADD k %d m%d", i, i);
    static const int counts[] = {1, 5, 40, 499, 501, 999};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        bool met[1000] = {false};
        const char *at = harness_run(&harness, "ZCARD k");
        at = harness_runf(&harness, "ZRANDMEMBER k %d", counts[i]);
        cr_assert_eq(strtol(at + 1, NULL, 10), counts[i]);
        for (int n = 0; n < counts[i]; n++) {
            at = strchr(at, 'm');
            long which = strtol(++at, NULL, 10);
            cr_assert_not(met[which], "%ld twice in %d", which, counts[i]);
            met[which] = true;
        }
        cr_assert_null(strchr(at, 'm'));
    }
    cr_assert_eq(strncmp(harness_run(&harness, "ZRANDMEMBER k 5000"), "*1000\r\n", 7), 0);
    cr_assert_eq(strncmp(harness_run(&harness, "ZRANDMEMBER k -5000"), "*5000\r\n", 7), 0);
    harness_run(&harness, "ZADD one 1 a");
    HOLDS("ZRANDMEMBER one -3 WITHSCORES", "a 1 a 1 a 1");
    HOLDS("ZRANDMEMBER one 3 WITHSCORES", "a 1");
    GIVES("ZRANDMEMBER one", "$1\r\na\r\n");
    GIVES("ZRANDMEMBER none", "$-1\r\n");
    GIVES("ZRANDMEMBER none 3", "*0\r\n");
    GIVES("ZRANDMEMBER one 0", "*0\r\n");
}

Test(sorted_set_member, refuses_counts_without_bounds) {
    harness_run(&harness, "ZADD k 1 a");
    GIVES("ZRANDMEMBER k x", NOT_AN_INTEGER);
    GIVES("ZRANDMEMBER k 1 FOO", SYNTAX_ERROR);
    GIVES("ZRANDMEMBER k -9223372036854775808",
          "-ERR value is out of range, value must between -9223372036854775807 and "
          "9223372036854775807\r\n");
    GIVES("ZRANDMEMBER k -9223372036854775807 WITHSCORES", "-ERR value is out of range\r\n");
    GIVES("ZRANDMEMBER k -134217729", "-ERR value is out of range\r\n");
}

Test(sorted_set_member, scans_all_of_a_big_set_once) {
    for (int i = 0; i < 1000; i++) harness_runf(&harness, "ZADD k %d m%d", i, i);
    bool met[1000] = {false};
    char cursor[32] = "0";
    int steps = 0;
    do {
        const char *at = harness_runf(&harness, "ZSCAN k %s COUNT 50 NOSCORES", cursor);
        at = strchr(strchr(at, '$'), '\n') + 1;
        snprintf(cursor, sizeof(cursor), "%.*s", (int)strcspn(at, "\r"), at);
        while ((at = strchr(at, 'm')) != NULL) met[strtol(++at, NULL, 10)] = true;
        cr_assert_lt(steps++, 1000);
    } while (strcmp(cursor, "0") != 0);
    for (int i = 0; i < 1000; i++) cr_assert(met[i], "m%d was not met", i);
    cr_assert_gt(steps, 5);
}

Test(sorted_set_member, scans_with_a_pattern_and_reads_words_only_where_there_is_a_set) {
    harness_run(&harness, "ZADD k 1 a 2.5 ab 3 7");
    GIVES("ZSCAN k 0", "*2\r\n$1\r\n0\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nab\r\n$3\r\n2.5\r\n"
                       "$1\r\n7\r\n$1\r\n3\r\n");
    GIVES("ZSCAN k 0 MATCH a?", "*2\r\n$1\r\n0\r\n*2\r\n$2\r\nab\r\n$3\r\n2.5\r\n");
    GIVES("ZSCAN k 0 NOSCORES MATCH 7", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\n7\r\n");
    GIVES("ZSCAN none 0 FOO", "*2\r\n$1\r\n0\r\n*0\r\n");
    GIVES("ZSCAN k 0 FOO", SYNTAX_ERROR);
    GIVES("ZSCAN k x", "-ERR invalid cursor\r\n");
    GIVES("ZSCAN k 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n");
}
