/* SPDX-License-Identifier: BSD-3-Clause */
/* The words as a client meets them, in process, with a clock that stands until it is moved. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "families/ratelimit/ratelimit_words.h"
#include "harness/harness.h"

#define NOW_MS 1700000000000LL /* HARNESS_START_US; the 20th second of a minute */

static struct harness harness;

static void setup(void) { harness_init(&harness); }

static void teardown(void) { harness_deinit(&harness); }

TestSuite(ratelimit_behaviour, .init = setup, .fini = teardown);

/* A reply as one line: numbers and texts joined by blanks, arrays in brackets, null as "nil". */
struct line {
    char text[8192];
    size_t len;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int len = vsnprintf(line->text + line->len, sizeof(line->text) - line->len, format, list);
    va_end(list);
    line->len += (size_t)len;
    cr_assert_lt(line->len, sizeof(line->text));
}

static const char *flatten(struct line *line, const char *resp) {
    char kind = resp[0];
    long number = strtol(resp + 1, NULL, 10);
    const char *end = strstr(resp, "\r\n");
    const char *next = end + 2;
    if (line->len > 0 && line->text[line->len - 1] != '[') add(line, " ");
    if (number < 0 && (kind == '$' || kind == '*')) {
        add(line, "nil");
    } else if (kind == '*' || kind == '%') {
        add(line, "[");
        for (long i = 0; i < number * (kind == '%' ? 2 : 1); i++) next = flatten(line, next);
        add(line, "]");
    } else if (kind == '$') {
        add(line, "%.*s", (int)number, next);
        next += number + 2;
    } else if (kind == '_') {
        add(line, "nil");
    } else {
        add(line, "%.*s", (int)(end - resp - (kind != '-')), resp + (kind != '-'));
    }
    return next;
}

static const char *told(const char *command) {
    static struct line line;
    line.len = 0;
    line.text[0] = '\0';
    const char *end = flatten(&line, harness_run(&harness, command));
    cr_assert_eq(*end, '\0', "more than one reply to %s", command);
    return line.text;
}

#define expect(command, reply)                                      \
    do {                                                            \
        const char *answer = told(command);                         \
        cr_assert_str_eq(answer, reply, "%s: %s", command, answer); \
    } while (0)

static struct ratelimit_statistics *statistics(void) {
    return executor_family_state(&harness.executor, &ratelimit_family);
}

/* --- RL.CHECK --- */

Test(ratelimit_behaviour, a_check_says_what_is_left_and_how_long_to_wait) {
    expect("RL.CHECK k 3/1m ALGO fixed COST 2", "[1 3 1 -1 40000]");
    expect("RL.CHECK k 3/1m ALGO fixed COST 2", "[0 3 1 40000 40000]");
    expect("RL.CHECK k 3/1m ALGO fixed", "[1 3 0 -1 40000]");
    expect("RL.CHECK k 3/1m ALGO fixed COST 4", "[0 3 0 -1 40000]");
    harness_advance_ms(&harness, 40000);
    expect("RL.CHECK k 3/1m ALGO fixed", "[1 3 2 -1 60000]");
}

Test(ratelimit_behaviour, each_algorithm_has_its_word_and_the_counter_is_the_default) {
    expect("RL.CHECK k1 10/1m", "[1 10 9 -1 100000]");
    expect("RL.CHECK k2 10/1m ALGO sliding-counter", "[1 10 9 -1 100000]");
    expect("RL.CHECK k3 10/1m ALGO sliding-log", "[1 10 9 -1 60000]");
    expect("RL.CHECK k4 10/1m ALGO token-bucket", "[1 10 9 -1 6000]");
    expect("RL.CHECK k5 10/1m algo LEAKY-bucket", "[1 10 9 -1 6000]");
    expect("RL.CHECK k6 10/1m ALGO token-bucket BURST 3 COST 3", "[1 3 0 -1 18000]");
    expect("RL.CHECK k6 10/1m ALGO token-bucket BURST 3", "[0 3 0 6000 18000]");
    expect("RL.CHECK k7 10/1m ALGO sorted", "-ERR syntax error near \"sorted\"");
}

Test(ratelimit_behaviour, the_boundary_burst_passes_fixed_and_no_sliding_one) {
    static const char *algorithms[] = {"fixed", "sliding-log", "sliding-counter"};
    for (int i = 0; i < 3; i++) {
        harness_set_now_ms(&harness, NOW_MS + 39000 + i * 600000);
        char line[128];
        snprintf(line, sizeof(line), "RL.CHECK k%d 100/1m COST 100 ALGO %s", i, algorithms[i]);
        cr_assert_eq(told(line)[1], '1');
        harness_advance_ms(&harness, 1000);
        cr_assert_eq(told(line)[1], i == 0 ? '1' : '0', "%s", algorithms[i]);
    }
}

Test(ratelimit_behaviour, several_limits_are_charged_together_and_the_longest_refusal_decides) {
    expect("RL.CHECK k 2/1s 3/1m ALGO fixed", "[1 2 1 -1 1000]");
    expect("RL.CHECK k 2/1s 3/1m ALGO fixed WITHALL", "[[1 2 0 -1 1000] [1 3 1 -1 40000]]");
    expect("RL.CHECK k 2/1s 3/1m ALGO fixed WITHALL", "[[0 2 0 1000 1000] [1 3 1 -1 40000]]");
    harness_advance_ms(&harness, 1000);
    expect("RL.CHECK k 2/1s 3/1m ALGO fixed", "[1 3 0 -1 39000]");
    expect("RL.CHECK k 2/1s 3/1m ALGO fixed", "[0 3 0 39000 39000]");
}

Test(ratelimit_behaviour, exactly_the_limit_is_admitted) {
    int admitted = 0;
    for (int i = 0; i < 500; i++) admitted += told("RL.CHECK k 100/1h ALGO sliding-log")[1] == '1';
    cr_assert_eq(admitted, 100);
}

Test(ratelimit_behaviour, windows_follow_the_calendar_at_an_offset) {
    /* 2023-11-14 22:13:20 UTC */
    expect("RL.CHECK d 5/day", "[1 5 4 -1 6400000]");
    expect("RL.CHECK m 5/month TZ +02:00", "[1 5 4 -1 1381600000]");
    expect("RL.CHECK t 5/day TZ +02:00", "[1 5 4 -1 85600000]");
    expect("RL.CHECK u 5/day TZ -0530", "[1 5 4 -1 26200000]");
    expect("RL.CHECK u 5/1m TZ +2", "-ERR syntax error: TZ needs calendar windows (1000/day)");
    expect("RL.CHECK u 5/day TZ 2", "-ERR syntax error near \"2\"");
    expect("RL.CHECK u 5/day ALGO sliding-log",
           "-ERR syntax error: a calendar window needs ALGO fixed");
}

Test(ratelimit_behaviour, a_first_hit_window_begins_now) {
    expect("RL.CHECK k 2/1m FIRSTHIT", "[1 2 1 -1 60000]");
    harness_advance_ms(&harness, 50000);
    expect("RL.CHECK k 2/1m FIRSTHIT", "[1 2 0 -1 10000]");
    expect("RL.CHECK k 2/1m FIRSTHIT", "[0 2 0 10000 10000]");
}

Test(ratelimit_behaviour, a_queue_tells_how_long_to_wait) {
    expect("RL.CHECK k 10/1s ALGO leaky-bucket QUEUE 2", "[1 3 2 -1 100 0]");
    expect("RL.CHECK k 10/1s ALGO leaky-bucket QUEUE 2", "[1 3 1 -1 200 100]");
    expect("RL.CHECK k 10/1s ALGO leaky-bucket QUEUE 2", "[1 3 0 -1 300 200]");
    expect("RL.CHECK k 10/1s ALGO leaky-bucket QUEUE 2", "[0 3 0 100 300 100]");
    expect("RL.CHECK k 10/1s QUEUE 2", "-ERR syntax error: QUEUE needs ALGO leaky-bucket");
}

Test(ratelimit_behaviour, a_booking_takes_the_next_slot_if_it_comes_in_time) {
    expect("RL.CHECK k 1/1m ALGO fixed BOOK 30s", "[1 1 0 -1 40000 0]");
    expect("RL.CHECK k 1/1m ALGO fixed BOOK 30s", "[0 1 0 40000 40000 40000]");
    expect("RL.CHECK k 1/1m ALGO fixed BOOK 40s", "[1 1 0 -1 100000 40000]");
    expect("RL.CHECK k 1/1m ALGO fixed BOOK 2m", "[1 1 0 -1 160000 100000]");
    harness_advance_ms(&harness, 40000);
    expect("RL.CHECK k 1/1m ALGO fixed", "[0 1 0 120000 120000]");
}

Test(ratelimit_behaviour, peeks_and_refusals_change_nothing_and_journal_nothing) {
    expect("RL.CHECK k 1/1m PEEK", "[1 1 1 -1 0]");
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
    told("RL.CHECK k 1/1m");
    harness_journal_clear(&harness);
    expect("RL.CHECK k 1/1m", "[0 1 0 100000 100000]");
    expect("RL.CHECK k 1/1m PEEK", "[0 1 0 100000 100000]");
    expect("RL.CHECK k 1/1m COST 0", "[1 1 0 -1 100000]");
    expect("RL.CHECK k 1/1m SHADOW", "[1 1 0 -1 100000 100000]");
    told("RL.STATUS k");
    told("RL.MCHECK 2 k l 1/1m");
    cr_assert_str_eq(harness_journal(&harness), "");
    cr_assert_eq(harness_integer(&harness, "EXISTS l"), 0);
}

Test(ratelimit_behaviour, shadow_counts_and_reports_and_never_refuses) {
    expect("RL.CHECK k 1/1m ALGO fixed SHADOW", "[1 1 0 -1 40000 0]");
    expect("RL.CHECK k 1/1m ALGO fixed SHADOW", "[1 1 0 -1 40000 40000]");
    cr_assert_eq(statistics()->allowed, 2);
    cr_assert_eq(statistics()->shadow_refused, 1);
    expect("RL.CHECK k 1/1m ALGO fixed", "[0 1 0 40000 40000]");
}

Test(ratelimit_behaviour, wrong_words_are_named) {
    expect("RL.CHECK k 1/1m FOO", "-ERR syntax error near \"FOO\"");
    expect("RL.CHECK k 1/1m COST", "-ERR syntax error");
    expect("RL.CHECK k 1/1m COST -1", "-ERR value is not an integer or out of range");
    expect("RL.CHECK k 1/1m COST 1 COST 2", "-ERR syntax error near \"COST\"");
    expect("RL.CHECK k 1/fortnight", "-ERR syntax error near \"1/fortnight\"");
    expect("RL.CHECK k 0/1m", "-ERR limit is out of range: 1 to 1000000000000 in 1 to "
                              "315619200000 ms");
    expect("RL.CHECK k 10/9999d", "-ERR limit is out of range: 1 to 1000000000000 in 1 to "
                                  "315619200000 ms");
    expect("RL.CHECK k PEEK", "-ERR syntax error: a limit such as 100/1m is missing");
    expect("RL.CHECK k 1/1m BURST 2",
           "-ERR syntax error: BURST needs ALGO token-bucket or leaky-bucket");
    expect("RL.CHECK k 1/1m TTL 5s", "-ERR syntax error near \"TTL\"");
    expect("RL.CHECK k 1/1m ALGO", "-ERR syntax error");
    expect("RL.CHECK k 1/1m AT -5", "-ERR value is not an integer or out of range");
    expect("RL.CHECK k 1/1s 1/2s 1/3s 1/4s 1/5s 1/6s 1/7s 1/8s 1/9s 1/10s 1/11s 1/12s 1/13s "
           "1/14s 1/15s 1/16s 1/17s",
           "-FULL 16 limits are the most for one key");
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
}

Test(ratelimit_behaviour, a_key_of_another_kind_is_left_alone) {
    static const char *lines[] = {"RL.CHECK s 1/1m",      "RL.STATUS s",     "RL.RESET s",
                                  "RL.REFUND s 1",        "RL.BLOCK s 1m",   "RL.UNBLOCK s",
                                  "RL.RESERVE s 1/1m 1",  "RL.SETTLE s 1 2", "RL.ACQUIRE s 1 me",
                                  "RL.MCHECK 2 k s 1/1m", "RL.RELEASE s me"};
    harness_run(&harness, "SET s text");
    harness_run(&harness, "RL.CHECK r 1/1m");
    harness_journal_clear(&harness);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        cr_assert_eq(strncmp(told(lines[i]), "-WRONGTYPE", 10), 0, "%s", lines[i]);
    }
    cr_assert_eq(strncmp(told("CL.THROTTLE r 15 30 60"), "-WRONGTYPE", 10), 0);
    cr_assert_str_eq(harness_journal(&harness), "");
    expect("GET s", "text");
    expect("TYPE r", "ratelimit");
}

Test(ratelimit_behaviour, a_key_is_gone_when_its_state_equals_never_used) {
    harness_run(&harness, "RL.CHECK k 10/1m ALGO token-bucket");
    expect("PEXPIRETIME k", "1700000006000");
    harness_run(&harness, "RL.CHECK k 10/1m ALGO token-bucket COST 2");
    expect("PEXPIRETIME k", "1700000018000");
    harness_run(&harness, "RL.REFUND k 1");
    expect("PEXPIRETIME k", "1700000012000");
    harness_advance_ms(&harness, 12000);
    harness_expire(&harness);
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
    harness_run(&harness, "RL.CHECK k 10/1m");
    harness_run(&harness, "RL.REFUND k 1");
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
}

/* --- several keys --- */

Test(ratelimit_behaviour, several_keys_are_charged_all_or_none) {
    expect("RL.MCHECK 2 user ip 2/1m ALGO fixed", "[1 [] [1 2 1 -1 40000] [1 2 1 -1 40000]]");
    told("RL.CHECK ip 2/1m ALGO fixed");
    expect("RL.MCHECK 2 user ip 2/1m ALGO fixed", "[0 [ip] [1 2 1 -1 40000] [0 2 0 40000 40000]]");
    expect("RL.CHECK user 2/1m ALGO fixed", "[1 2 0 -1 40000]");
    expect("RL.MCHECK 2 user ip 2/1m ALGO fixed",
           "[0 [user ip] [0 2 0 40000 40000] [0 2 0 40000 40000]]");
    expect("RL.MCHECK 2 a a 2/1m", "-ERR syntax error: the same key twice");
    expect("RL.MCHECK 3 a b 2/1m", "-ERR syntax error: a limit such as 100/1m is missing");
    expect("RL.MCHECK 5 a b 2/1m", "-ERR syntax error");
    expect("RL.MCHECK 0 2/1m x", "-ERR value is not an integer or out of range");
}

Test(ratelimit_behaviour, a_batch_of_logs_keeps_each_keys_own) {
    for (int i = 0; i < 40; i++) {
        harness_advance_ms(&harness, 1000 + i);
        cr_assert_eq(told("RL.MCHECK 3 a b c 60/5m ALGO sliding-log")[1], '1');
        if (i % 2) told("RL.CHECK b 60/5m ALGO sliding-log");
    }
    expect("RL.CHECK a 60/5m ALGO sliding-log PEEK", "[1 60 20 -1 300000]");
    expect("RL.CHECK b 60/5m ALGO sliding-log PEEK", "[0 60 0 260220 300000]");
    expect("RL.CHECK c 60/5m ALGO sliding-log PEEK", "[1 60 20 -1 300000]");
}

/* --- policies --- */

Test(ratelimit_behaviour, a_policy_brings_its_limits) {
    expect("RL.POLICY SET login 2/1s 3/1m ALGO fixed", "OK");
    expect("RL.CHECK k POLICY login", "[1 2 1 -1 1000]");
    expect("RL.CHECK k POLICY login COST 2 WITHALL", "[[0 2 1 1000 1000] [1 3 2 -1 40000]]");
    expect("RL.CHECK k POLICY logout", "-NOSUCH policy \"logout\"");
    expect("RL.CHECK k POLICY login ALGO fixed",
           "-ERR syntax error: a policy brings its own algorithm");
    expect("RL.POLICY LIST", "[login]");
    expect("RL.POLICY SET api 100/1m ALGO token-bucket BURST 300", "OK");
    expect("RL.POLICY LIST", "[api login]");
    expect("RL.POLICY GET api", "[name api limits [100/1m] details [[limit 100/1m algorithm "
                                "token-bucket burst 300 queue nil firsthit 0 tz_minutes nil]]]");
    expect("RL.POLICY GET nothing", "nil");
    expect("RL.POLICY DEL login", "1");
    expect("RL.POLICY DEL login", "0");
    expect("RL.POLICY DEL api", "1");
    cr_assert_eq(harness_integer(&harness, "EXISTS ratelimit:policies"), 0);
}

Test(ratelimit_behaviour, a_changed_policy_holds_at_the_next_check_with_the_old_counts) {
    told("RL.POLICY SET p 10/1m ALGO fixed");
    expect("RL.CHECK k POLICY p COST 6", "[1 10 4 -1 40000]");
    told("RL.POLICY SET p 8/1m ALGO fixed");
    expect("RL.CHECK k POLICY p", "[1 8 1 -1 40000]");
    told("RL.POLICY SET p 20/1h ALGO sliding-log");
    expect("RL.CHECK k POLICY p", "[1 20 12 -1 3600000]");
    told("RL.POLICY SET p 8/1h ALGO sliding-log");
    expect("RL.CHECK k POLICY p", "[0 8 0 3600000 3600000]");
}

Test(ratelimit_behaviour, policies_are_a_key_of_their_database) {
    told("RL.POLICY SET p 10/1m");
    expect("TYPE ratelimit:policies", "ratelimit-policies");
    harness.database = 1;
    expect("RL.CHECK k POLICY p", "-NOSUCH policy \"p\"");
    expect("RL.POLICY LIST", "[]");
    told("SET ratelimit:policies mine");
    cr_assert_eq(strncmp(told("RL.POLICY SET p 1/1m"), "-WRONGTYPE", 10), 0);
    cr_assert_eq(strncmp(told("RL.CHECK k POLICY p"), "-WRONGTYPE", 10), 0);
    cr_assert_eq(strncmp(told("RL.POLICY LIST"), "-WRONGTYPE", 10), 0);
}

/* --- one key --- */

Test(ratelimit_behaviour, status_tells_all_and_charges_nothing) {
    expect("RL.STATUS k", "nil");
    told("RL.CHECK k 10/1s 100/1m ALGO fixed COST 3");
    told("RL.ACQUIRE k 5 me COUNT 2 TTL 1m");
    harness_advance_ms(&harness, 500);
    const char *status =
        "[algorithm fixed limits [10/1s 100/1m] used 3 remaining 7 reset_at_ms 1700000001000 "
        "blocked_until_ms nil block_reason nil leases [[holder me slots 2 until_ms "
        "1700000060000]] details [[limit 10/1s algorithm fixed capacity 10 used 3 remaining 7 "
        "reset_at_ms 1700000001000] [limit 100/1m algorithm fixed capacity 100 used 3 remaining "
        "97 reset_at_ms 1700000040000]]]";
    expect("RL.STATUS k", status);
    expect("RL.STATUS k", status);
    harness_protocol(&harness, 3);
    const char *resp = harness_run(&harness, "RL.STATUS k");
    cr_assert_eq(strncmp(resp, "%9\r\n$9\r\nalgorithm\r\n", 19), 0);
}

Test(ratelimit_behaviour, a_refund_and_a_reset_give_back) {
    expect("RL.REFUND k 1", "nil");
    told("RL.CHECK k 10/1m ALGO fixed COST 6");
    expect("RL.REFUND k 2", "[1 10 6 -1 40000]");
    expect("RL.REFUND k 0", "[1 10 6 -1 40000]");
    expect("RL.REFUND k -1", "-ERR value is not an integer or out of range");
    expect("RL.RESET k", "1");
    expect("RL.RESET k", "0");
    expect("RL.CHECK k 10/1m ALGO fixed PEEK", "[1 10 10 -1 0]");
}

Test(ratelimit_behaviour, a_settlement_corrects_the_estimate_both_ways) {
    told("RL.CHECK k 10000/1m ALGO fixed COST 4000");
    expect("RL.SETTLE k 4000 3000", "[1 10000 7000 -1 40000]");
    expect("RL.SETTLE k 3000 3000", "[1 10000 7000 -1 40000]");
    expect("RL.SETTLE k 3000 12000", "[0 10000 0 40000 40000]");
    expect("RL.CHECK k 10000/1m ALGO fixed", "[0 10000 0 40000 40000]");
    expect("RL.SETTLE none 1 2", "nil");
}

Test(ratelimit_behaviour, a_reservation_takes_what_is_there) {
    expect("RL.RESERVE k 100/1m 60 ALGO fixed TTL 5s", "[60 100 40 -1 40000 5000]");
    expect("RL.RESERVE k 100/1m 60 ALGO fixed", "[40 100 0 -1 40000 40000]");
    expect("RL.RESERVE k 100/1m 60 ALGO fixed", "[0 100 0 40000 40000 0]");
    told("RL.REFUND k 15");
    expect("RL.RESERVE k 100/1m 60 ALGO fixed", "[15 100 0 -1 40000 40000]");
    expect("RL.RESERVE k 100/1m 0", "-ERR value is not an integer or out of range");
    expect("RL.RESERVE k 100/1m 5 10/1s",
           "-ERR syntax error: one limit is reserved from at a time");
    expect("RL.RESERVE t 10/1s 50 ALGO token-bucket BURST 20", "[20 20 0 -1 2000 2000]");
}

Test(ratelimit_behaviour, a_blocked_key_is_refused_until_the_block_ends) {
    expect("RL.BLOCK k 10m REASON 'too many logins'", "1700000600000");
    expect("RL.CHECK k 5/1m ALGO fixed", "[0 5 0 600000 0]");
    expect("RL.ACQUIRE k 5 me", "[0 5 0 600000 0]");
    expect("RL.RESERVE k 5/1m 2 ALGO fixed", "[0 5 0 600000 0 0]");
    expect("RL.STATUS k",
           "[algorithm nil limits [] used 0 remaining nil reset_at_ms nil blocked_until_ms "
           "1700000600000 block_reason too many logins leases [] details []]");
    expect("RL.UNBLOCK k", "1");
    expect("RL.UNBLOCK k", "0");
    expect("RL.CHECK k 5/1m ALGO fixed", "[1 5 4 -1 40000]");
    told("RL.BLOCK k 1s");
    expect("RL.RESET k", "1");
    expect("RL.CHECK k 5/1m ALGO fixed", "[0 5 0 1000 0]");
    harness_advance_ms(&harness, 1000);
    expect("RL.CHECK k 5/1m ALGO fixed", "[1 5 4 -1 39000]");
    expect("RL.BLOCK k", "-ERR wrong number of arguments for 'rl.block' command");
    expect("RL.BLOCK k soon", "-ERR syntax \"soon\" is not a duration from 1 to 315619200000 "
                              "ms (250ms, 30s, 5m, 2h, 7d)");
}

Test(ratelimit_behaviour, slots_are_leased_and_come_back_by_themselves) {
    expect("RL.ACQUIRE k 2 a TTL 10s", "[1 2 1 -1 10000]");
    expect("RL.ACQUIRE k 2 b", "[1 2 0 -1 30000]");
    expect("RL.ACQUIRE k 2 c", "[0 2 0 10000 0]");
    harness_advance_ms(&harness, 5000);
    expect("RL.ACQUIRE k 2 a TTL 10s", "[1 2 0 -1 10000]");
    expect("RL.RELEASE k a", "1");
    expect("RL.RELEASE k a", "0");
    expect("RL.ACQUIRE k 2 c COUNT 2", "[0 2 1 25000 0]");
    expect("RL.ACQUIRE k 2 c COUNT 3", "[0 2 1 -1 0]");
    harness_advance_ms(&harness, 25000);
    expect("RL.ACQUIRE k 2 c COUNT 2", "[1 2 0 -1 30000]");
    expect("RL.ACQUIRE k 2 ''", "-ERR a holder's name has 1 to 128 bytes");
    harness_advance_ms(&harness, 30000);
    harness_expire(&harness);
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
}

/* --- statistics --- */

Test(ratelimit_behaviour, statistics_count_in_all_and_by_policy) {
    told("RL.POLICY SET p 1/1m");
    told("RL.CHECK a 1/1m");
    told("RL.CHECK b POLICY p");
    told("RL.CHECK b POLICY p");
    told("RL.CHECK b POLICY p PEEK");
    told("RL.CHECK b POLICY p SHADOW");
    expect("RL.STATS",
           "[checks 4 allowed 3 refused 1 shadow_refused 1 refused_ratio 0.25 policies [p "
           "[checks 3 allowed 2 refused 1 shadow_refused 1 refused_ratio 0.3333333333333333]]]");
}

Test(ratelimit_behaviour, the_keys_refused_most_come_first_when_watched) {
    told("RL.CHECK a 1/1m");
    told("RL.CHECK a 1/1m");
    expect("RL.TOP", "[]"); /* off by default */
    ratelimit_statistics_watch(statistics(), 10);
    told("RL.CHECK b 1/1d");
    for (int i = 0; i < 3; i++) told("RL.CHECK b 1/1d");
    harness_advance_ms(&harness, 120000);
    told("RL.CHECK c 1/1d COST 2");
    told("RL.CHECK a 1/1d");
    told("RL.CHECK a 1/1d");
    told("RL.CHECK a 1/1d");
    expect("RL.TOP", "[[a 2 2] [c 1 1] [b 0 3]]");
    expect("RL.TOP COUNT 1", "[[a 2 2]]");
    expect("RL.TOP COUNT 0", "-ERR value is not an integer or out of range");
    expect("RL.TOP all", "-ERR syntax error near \"all\"");
}

Test(ratelimit_behaviour, help_lists_every_word) {
    const char *lines = told("RL.HELP");
    static const char *words[] = {
        "RL.CHECK key",  "RL.MCHECK ",  "RL.POLICY SET ", "RL.POLICY LIST",
        "RL.STATUS key", "RL.RESET ",   "RL.REFUND ",     "RL.RESERVE ",
        "RL.ACQUIRE ",   "RL.RELEASE ", "RL.TOP",         "RL.STATS",
        "RL.BLOCK ",     "RL.UNBLOCK ", "RL.SETTLE ",     "CL.THROTTLE "};
    for (size_t i = 0; i < COUNT_OF(words); i++) cr_assert_not_null(strstr(lines, words[i]));
}

/* --- CL.THROTTLE --- */

Test(ratelimit_behaviour, throttle_answers_as_redis_cell_documents) {
    expect("CL.THROTTLE k 15 30 60", "[0 16 15 -1 2]");
    expect("CL.THROTTLE one 0 1 2 1", "[0 1 0 -1 2]");
    expect("CL.THROTTLE one 0 1 2 1", "[1 1 0 2 2]");
    expect("RL.THROTTLE k 15 30 60", "[0 16 14 -1 4]");
    static const struct {
        int64_t at_ms;
        const char *quantity, *reply;
    } lines[] = {
        {0, "6", "[1 5 5 -1 0]"},     {0, "1", "[0 5 4 -1 1]"},     {0, "1", "[0 5 3 -1 2]"},
        {0, "1", "[0 5 2 -1 3]"},     {0, "1", "[0 5 1 -1 4]"},     {0, "1", "[0 5 0 -1 5]"},
        {0, "1", "[1 5 0 1 5]"},      {3000, "1", "[0 5 2 -1 3]"},  {3100, "1", "[0 5 1 -1 4]"},
        {4000, "1", "[0 5 1 -1 4]"},  {8000, "1", "[0 5 4 -1 1]"},  {9500, "1", "[0 5 4 -1 1]"},
        {9500, "0", "[0 5 4 -1 1]"},  {9500, "2", "[0 5 2 -1 3]"},  {9500, "5", "[1 5 2 3 3]"},
        {9500, "-1", "[0 5 3 -1 2]"}, {9500, "-9", "[0 5 5 -1 0]"},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        harness_set_now_ms(&harness, NOW_MS + lines[i].at_ms);
        char line[64];
        snprintf(line, sizeof(line), "CL.THROTTLE t 4 1 1 %s", lines[i].quantity);
        expect(line, lines[i].reply);
    }
    cr_assert_eq(harness_integer(&harness, "EXISTS t"), 0);
}

Test(ratelimit_behaviour, throttle_keeps_a_plain_string_and_journals_it) {
    told("CL.THROTTLE k 15 30 60");
    expect("TYPE k", "string");
    expect("GET k", "1700000002000000000");
    expect("PEXPIRETIME k", "1700000002000");
    cr_assert_str_eq(harness_journal(&harness),
                     "SET k 1700000002000000000 PXAT 1700000002000\n--\n");
    harness_journal_clear(&harness);
    told("CL.THROTTLE k 15 30 60 0");
    told("CL.THROTTLE k 15 30 60 1000");
    cr_assert_str_eq(harness_journal(&harness), "");
    told("CL.THROTTLE k 15 30 60 -1");
    cr_assert_str_eq(harness_journal(&harness), "DEL k\n--\n");
    told("SET w word");
    expect("CL.THROTTLE w 15 30 60", "-Cell error: Store error: Couldn't parse as integer: word");
}

Test(ratelimit_behaviour, throttle_words_its_errors_as_redis_cell_does) {
    const char *usage = "-Cell error: Store error: Usage: cl.throttle <key> <max_burst> <count per "
                        "period> <period> [<quantity>]";
    expect("CL.THROTTLE", usage);
    expect("CL.THROTTLE k 15 30", usage);
    expect("CL.THROTTLE k 15 30 60 1 2", usage);
    expect("CL.THROTTLE k x 30 60", "-Cell error: Store error: Couldn't parse as integer: x");
    expect("CL.THROTTLE k 15 30 60 1.5",
           "-Cell error: Store error: Couldn't parse as integer: 1.5");
    expect("CL.THROTTLE k 15 0 60", "-Cell error: Store error: Zero rates are not supported");
    expect("CL.THROTTLE k 15 30 0", "-Cell error: Store error: Zero rates are not supported");
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
}

/* --- replay --- */

Test(ratelimit_behaviour, what_is_journaled_spells_out_its_instant) {
    told("RL.CHECK k 10/1m ALGO fixed");
    told("RL.MCHECK 2 a b 5/1s COST 2");
    told("RL.REFUND k 1");
    told("RL.POLICY SET p 5/1m");
    told("RL.CHECK k 10/1m AT 1700000000123");
    cr_assert_str_eq(harness_journal(&harness), "RL.CHECK k 10/1m ALGO fixed AT 1700000000000\n--\n"
                                                "RL.CHECK a 5/1s COST 2 AT 1700000000000\n"
                                                "RL.CHECK b 5/1s COST 2 AT 1700000000000\n--\n"
                                                "RL.REFUND k 1 AT 1700000000000\n--\n"
                                                "RL.POLICY SET p 5/1m\n--\n"
                                                "RL.CHECK k 10/1m AT 1700000000123\n--\n");
}

static void random_command(struct random *random) {
    static const char *algorithms[] = {"",
                                       "ALGO fixed",
                                       "ALGO sliding-log",
                                       "ALGO token-bucket BURST 9",
                                       "ALGO leaky-bucket QUEUE 4",
                                       "FIRSTHIT",
                                       "BOOK 20s"};
    int key = (int)random_below(random, 6), n = 1 + (int)random_below(random, 5);
    const char *algorithm = algorithms[random_below(random, COUNT_OF(algorithms))];
    switch (random_below(random, 14)) {
    case 0: harness_runf(&harness, "RL.REFUND k%d %d", key, n); break;
    case 1: harness_runf(&harness, "RL.SETTLE k%d 3 %d", key, n); break;
    case 2: harness_runf(&harness, "RL.BLOCK k%d %ds REASON because", key, n); break;
    case 3: harness_runf(&harness, "RL.UNBLOCK k%d", key); break;
    case 4: harness_runf(&harness, "RL.ACQUIRE k%d 8 w%d COUNT %d TTL %ds", key, n, n, n); break;
    case 5: harness_runf(&harness, "RL.RELEASE k%d w%d", key, n); break;
    case 6: harness_runf(&harness, "RL.RESERVE k%d 20/10s %d", key, n); break;
    case 7:
        harness_runf(&harness, "RL.POLICY SET p %d/%ds %s", 4 * n, 5 * n,
                     algorithm[0] == 'B' ? "" : algorithm);
        break;
    case 8: harness_runf(&harness, "RL.CHECK k%d POLICY p COST %d", key, n); break;
    case 9: harness_runf(&harness, "RL.MCHECK 2 k%d k9 30/1m %s", key, algorithm); break;
    case 10: harness_runf(&harness, "CL.THROTTLE t%d 4 1 1 %d", key, n - 2); break;
    case 11:
        if (n == 1) harness_runf(&harness, "RL.RESET k%d", key);
        break;
    default: harness_runf(&harness, "RL.CHECK k%d 10/5s COST %d %s", key, n, algorithm);
    }
}

Test(ratelimit_behaviour, a_replayed_journal_gives_the_same_digest_whatever_the_clock) {
    struct random random;
    random_init(&random, 5);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 200; i++) {
            harness_advance_ms(&harness, (int64_t)random_below(&random, 2000));
            harness_expire(&harness);
            random_command(&random);
        }
        struct harness replayed;
        harness_init(&replayed);
        harness_set_now_ms(&replayed, NOW_MS + 86400000LL * round);
        harness_replay(&harness, &replayed);
        char mine[64];
        snprintf(mine, sizeof(mine), "%s", harness_digest(&harness));
        cr_assert_str_eq(harness_digest(&replayed), mine, "round %d", round);
        harness_deinit(&replayed);
    }
}
