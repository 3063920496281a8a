/* SPDX-License-Identifier: BSD-3-Clause */
/* Each algorithm against a plain reference (tests of their own words first, then random arrivals),
 * and the promises the header makes: exact retry and reset times, bounds in any true window. */
#include "engines/limiter.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "engines/limiter_calendar.h"

#define START_MS 1700000040000LL /* at the first second of a minute */
#define LOG_BYTES (1 << 20)

/* One limit with the place where its log is kept, as an owner would. */
struct holder {
    struct limiter_rule rule;
    struct limiter_state state;
    int64_t at_ms;
    uint8_t *log; /* NULL: not a log */
};

static struct limiter_rule rule_of(enum limiter_algorithm algorithm, uint64_t count,
                                   uint64_t duration_ms) {
    return (struct limiter_rule){.count = count,
                                 .duration_ms = duration_ms,
                                 .capacity = count,
                                 .algorithm = (uint8_t)algorithm};
}

static void release(struct holder *holder) {
    free(holder->log);
    holder->log = NULL;
}

static struct holder holder_of(enum limiter_algorithm algorithm, uint64_t count,
                               uint64_t duration_ms) {
    struct holder holder = {.rule = rule_of(algorithm, count, duration_ms)};
    if (algorithm == LIMITER_SLIDING_LOG) holder.log = malloc(LOG_BYTES);
    return holder;
}

static void store(struct holder *holder, const struct limiter_state *state, int64_t now_ms) {
    holder->state = *state;
    holder->at_ms = now_ms;
    struct limiter_log *log = &holder->state.log;
    if (holder->log == NULL) return;
    uint32_t kept = log->len - log->skip;
    cr_assert_leq(kept + log->tail_len, LOG_BYTES);
    if (kept > 0) memmove(holder->log, log->entries + log->skip, kept);
    memcpy(holder->log + kept, log->tail, log->tail_len);
    log->entries = holder->log;
    log->skip = 0;
    log->len = kept + log->tail_len;
    log->tail_len = 0;
    cr_assert(limiter_log_is_valid(log, holder->state.used));
}

static struct limiter_verdict take_or_book(struct holder *holder, uint64_t cost, int64_t book_ms,
                                           int64_t now_ms) {
    struct limiter_state state = holder->state;
    limiter_advance(&holder->rule, &state, holder->at_ms, now_ms);
    struct limiter_verdict verdict = limiter_judge(&holder->rule, &state, cost, book_ms, now_ms);
    if (verdict.allowed) {
        limiter_charge(&holder->rule, &state, cost, verdict.wait_ms, now_ms);
    }
    limiter_measure(&holder->rule, &state, now_ms, &verdict);
    if (verdict.allowed) store(holder, &state, now_ms);
    return verdict;
}

static struct limiter_verdict take(struct holder *holder, uint64_t cost, int64_t now_ms) {
    return take_or_book(holder, cost, 0, now_ms);
}

static uint64_t take_many(struct holder *holder, int attempts, int64_t now_ms) {
    uint64_t allowed = 0;
    for (int i = 0; i < attempts; i++) allowed += take(holder, 1, now_ms).allowed;
    return allowed;
}

static void refund(struct holder *holder, uint64_t amount, int64_t now_ms) {
    struct limiter_state state = holder->state;
    limiter_advance(&holder->rule, &state, holder->at_ms, now_ms);
    limiter_refund(&holder->rule, &state, amount);
    store(holder, &state, now_ms);
}

/* --- the words of each algorithm --- */

Test(limiter, fixed_accepts_a_burst_over_the_boundary_and_the_sliding_ones_refuse_it) {
    int64_t boundary = START_MS;
    cr_assert_eq(boundary % 60000, 0);
    static const struct {
        enum limiter_algorithm algorithm;
        uint64_t at_boundary;
    } cases[] = {{LIMITER_FIXED, 100}, {LIMITER_SLIDING_LOG, 0}, {LIMITER_SLIDING_COUNTER, 0}};
    for (size_t i = 0; i < 3; i++) {
        struct holder holder = holder_of(cases[i].algorithm, 100, 60000);
        cr_assert_eq(take_many(&holder, 100, boundary - 1000), 100);
        cr_assert_eq(take_many(&holder, 100, boundary), cases[i].at_boundary, "%s",
                     limiter_algorithm_name(cases[i].algorithm));
        release(&holder);
    }
}

Test(limiter, fixed_says_what_remains_and_when_the_window_ends) {
    struct holder holder = holder_of(LIMITER_FIXED, 3, 60000);
    struct limiter_verdict verdict = take(&holder, 2, START_MS + 10000);
    cr_assert(verdict.allowed);
    cr_assert_eq(verdict.remaining, 1);
    cr_assert_eq(verdict.retry_after_ms, -1);
    cr_assert_eq(verdict.reset_after_ms, 50000);
    verdict = take(&holder, 2, START_MS + 20000);
    cr_assert(!verdict.allowed);
    cr_assert_eq(verdict.remaining, 1);
    cr_assert_eq(verdict.retry_after_ms, 40000);
    cr_assert_eq(take(&holder, 4, START_MS + 20000).retry_after_ms, LIMITER_NEVER);
}

Test(limiter, a_first_hit_window_begins_with_its_first_hit) {
    struct holder holder = holder_of(LIMITER_FIXED, 2, 60000);
    holder.rule.window = LIMITER_WINDOW_FIRST_HIT;
    cr_assert_eq(take(&holder, 1, START_MS + 59000).reset_after_ms, 60000);
    cr_assert_eq(take(&holder, 1, START_MS + 69000).reset_after_ms, 50000);
    cr_assert_eq(take(&holder, 1, START_MS + 79000).retry_after_ms, 40000);
    cr_assert_eq(take(&holder, 1, START_MS + 119000).reset_after_ms, 60000);
}

Test(limiter, calendar_windows_follow_days_and_months_at_an_offset) {
    struct holder holder = holder_of(LIMITER_FIXED, 1, LIMITER_DAY_MS);
    holder.rule.window = LIMITER_WINDOW_DAY;
    holder.rule.tz_minutes = 120;
    /* 2024-02-29T21:30Z is 23:30 at +02:00. */
    int64_t at_ms = 1709242200000;
    cr_assert_eq(take(&holder, 1, at_ms).reset_after_ms, 30 * 60000);
    cr_assert_eq(take(&holder, 1, at_ms).retry_after_ms, 30 * 60000);
    holder = holder_of(LIMITER_FIXED, 1, LIMITER_MONTH_MS);
    holder.rule.window = LIMITER_WINDOW_MONTH;
    holder.rule.tz_minutes = 120;
    cr_assert_eq(take(&holder, 1, at_ms).reset_after_ms, 30 * 60000);
    /* In March, 31 days minus the half hour. */
    cr_assert_eq(take(&holder, 1, at_ms + 60 * 60000).reset_after_ms,
                 31 * LIMITER_DAY_MS - 30 * 60000);
}

Test(limiter, months_agree_with_the_c_library) {
    for (int64_t day = 0; day < 60000; day += 7) {
        time_t seconds = (time_t)(day * 86400 + 3600);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        int64_t month = (tm.tm_year - 70) * 12 + tm.tm_mon;
        cr_assert_eq(calendar_month_of(seconds * 1000, 0), month);
        struct tm first = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = 1};
        cr_assert_eq(calendar_month_start(month, 0), (int64_t)timegm(&first) * 1000);
        cr_assert_eq(calendar_month_start(month, -90), (int64_t)timegm(&first) * 1000 + 5400000);
    }
    cr_assert_eq(calendar_month_of(0, -1), -1);
    cr_assert_eq(calendar_day_of(0, -1), -1);
}

Test(limiter, a_token_bucket_bursts_and_refills_in_proportion_to_time) {
    struct holder holder = holder_of(LIMITER_TOKEN_BUCKET, 10, 1000);
    holder.rule.capacity = 5;
    cr_assert_eq(take_many(&holder, 10, START_MS), 5);
    cr_assert_eq(take(&holder, 1, START_MS + 99).retry_after_ms, 1);
    cr_assert(take(&holder, 1, START_MS + 100).allowed);
    cr_assert_eq(take_many(&holder, 10, START_MS + 400), 3);
    struct limiter_verdict verdict = take(&holder, 6, START_MS + 5000);
    cr_assert(!verdict.allowed);
    cr_assert_eq(verdict.retry_after_ms, LIMITER_NEVER);
    cr_assert_eq(verdict.remaining, 5);
}

Test(limiter, a_rate_that_does_not_divide_evenly_loses_nothing_to_rounding) {
    /* Seven per second: after a long time exactly 7 s + burst, asked every millisecond. */
    struct holder holder = holder_of(LIMITER_TOKEN_BUCKET, 7, 1000);
    uint64_t allowed = 0;
    for (int ms = 0; ms < 100000; ms++) allowed += take(&holder, 1, START_MS + ms).allowed;
    cr_assert_eq(allowed, 7 + 7 * 100 - 1); /* the last token comes at 100 000 ms */
}

Test(limiter, a_leaky_queue_spaces_calls_at_the_constant_rate) {
    struct holder holder = holder_of(LIMITER_LEAKY_BUCKET, 10, 1000);
    holder.rule.queued = true;
    holder.rule.capacity = 4; /* three may wait */
    for (int i = 0; i < 4; i++) {
        struct limiter_verdict verdict = take(&holder, 1, START_MS);
        cr_assert(verdict.allowed);
        cr_assert_eq(verdict.wait_ms, 100 * i);
    }
    struct limiter_verdict verdict = take(&holder, 1, START_MS);
    cr_assert(!verdict.allowed);
    cr_assert_eq(verdict.retry_after_ms, 100);
    cr_assert_eq(take(&holder, 1, START_MS + 150).wait_ms, 250);
}

Test(limiter, a_refund_takes_back_the_newest) {
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        struct holder holder = holder_of((enum limiter_algorithm)algorithm, 10, 60000);
        take(&holder, 3, START_MS);
        take(&holder, 5, START_MS + 1);
        refund(&holder, 4, START_MS + 1);
        cr_assert_eq(limiter_used(&holder.rule, &holder.state, START_MS + 1), 4, "%s",
                     limiter_algorithm_name((enum limiter_algorithm)algorithm));
        refund(&holder, 1000, START_MS + 1);
        cr_assert(limiter_is_unused(&holder.state));
        cr_assert_eq(take_many(&holder, 20, START_MS + 1), 10);
        release(&holder);
    }
}

Test(limiter, a_settlement_may_run_into_debt) {
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        struct holder holder = holder_of((enum limiter_algorithm)algorithm, 10, 60000);
        limiter_advance(&holder.rule, &holder.state, START_MS, START_MS);
        limiter_charge(&holder.rule, &holder.state, 15, 0, START_MS);
        holder.at_ms = START_MS;
        struct limiter_state state = holder.state;
        store(&holder, &state, START_MS);
        struct limiter_verdict verdict = take(&holder, 1, START_MS);
        cr_assert(!verdict.allowed);
        cr_assert_eq(verdict.remaining, 0);
        cr_assert(!take(&holder, 0, START_MS).allowed);
        cr_assert_gt(verdict.retry_after_ms, 0);
        cr_assert(take(&holder, 1, START_MS + verdict.retry_after_ms).allowed);
        release(&holder);
    }
}

Test(limiter, conversion_to_another_rule_keeps_what_is_used) {
    for (int from = 0; from < LIMITER_ALGORITHM_COUNT; from++) {
        for (int to = 0; to < LIMITER_ALGORITHM_COUNT; to++) {
            struct holder holder = holder_of((enum limiter_algorithm)from, 10, 60000);
            take(&holder, 7, START_MS);
            struct limiter_rule new_rule = rule_of((enum limiter_algorithm)to, 20, 120000);
            limiter_convert(&holder.rule, &new_rule, &holder.state, START_MS);
            cr_assert_eq(limiter_used(&new_rule, &holder.state, START_MS), 7);
            release(&holder);
        }
    }
}

Test(limiter, take_and_peek_serve_an_owner_of_one_limit) {
    struct limiter_rule rule = rule_of(LIMITER_TOKEN_BUCKET, 2, 1000);
    struct limiter_state state = {0};
    int64_t at_ms = 0;
    cr_assert(limiter_take(&rule, &state, &at_ms, 2, START_MS).allowed);
    cr_assert_eq(at_ms, START_MS);
    cr_assert(!limiter_take(&rule, &state, &at_ms, 1, START_MS + 100).allowed);
    cr_assert_eq(at_ms, START_MS);
    cr_assert(limiter_peek(&rule, &state, at_ms, 1, START_MS + 500).allowed);
    cr_assert(limiter_take(&rule, &state, &at_ms, 1, START_MS + 500).allowed);
}

Test(limiter, rules_out_of_range_are_invalid) {
    struct limiter_rule good = rule_of(LIMITER_FIXED, 10, 60000);
    cr_assert(limiter_rule_is_valid(&good));
    struct limiter_rule bad[8];
    for (int i = 0; i < 8; i++) bad[i] = good;
    bad[0].count = 0;
    bad[1].count = bad[1].capacity = LIMITER_COUNT_MAX + 1;
    bad[2].duration_ms = 0;
    bad[3].duration_ms = LIMITER_DURATION_MS_MAX + 1;
    bad[4].algorithm = LIMITER_ALGORITHM_COUNT;
    bad[5].capacity = 11;
    bad[6].window = LIMITER_WINDOW_MONTH;
    bad[7].tz_minutes = 60;
    for (int i = 0; i < 8; i++) cr_assert(!limiter_rule_is_valid(&bad[i]), "%d", i);
}

/* --- random arrivals against plain references --- */

struct arrival {
    int64_t at_ms;
    uint64_t cost;
};

struct reference {
    struct limiter_rule rule;
    struct arrival accepted[20000];
    int count;
    int64_t begun_ms; /* first hit */
    __int128 tat;     /* buckets: GCRA's time, in 1/count ms */
};

static uint64_t accepted_between(const struct reference *reference, int64_t after_ms,
                                 int64_t until_ms) {
    uint64_t sum = 0;
    for (int i = reference->count - 1; i >= 0; i--) {
        if (reference->accepted[i].at_ms <= after_ms) break;
        if (reference->accepted[i].at_ms <= until_ms) sum += reference->accepted[i].cost;
    }
    return sum;
}

static bool reference_takes(struct reference *reference, uint64_t cost, int64_t now_ms) {
    const struct limiter_rule *rule = &reference->rule;
    int64_t duration = (int64_t)rule->duration_ms;
    int64_t start = now_ms / duration * duration;
    bool allowed = false;
    switch ((enum limiter_algorithm)rule->algorithm) {
    case LIMITER_FIXED:
        if (rule->window == LIMITER_WINDOW_FIRST_HIT) {
            if (now_ms - reference->begun_ms >= duration) reference->begun_ms = now_ms;
            start = reference->begun_ms;
        }
        allowed = accepted_between(reference, start - 1, now_ms) + cost <= rule->count;
        break;
    case LIMITER_SLIDING_LOG:
        allowed = accepted_between(reference, now_ms - duration, now_ms) + cost <= rule->count;
        break;
    case LIMITER_SLIDING_COUNTER: {
        uint64_t before = accepted_between(reference, start - duration - 1, start - 1);
        uint64_t used = accepted_between(reference, start - 1, now_ms);
        allowed = (__int128)before * (start + duration - now_ms) + (__int128)used * duration +
                      (__int128)cost * duration <=
                  (__int128)rule->count * duration;
        break;
    }
    case LIMITER_TOKEN_BUCKET:
    case LIMITER_LEAKY_BUCKET: {
        __int128 now = (__int128)now_ms * (int64_t)rule->count;
        __int128 tat = reference->tat > now ? reference->tat : now;
        tat += (__int128)cost * duration;
        allowed = tat - (__int128)rule->capacity * duration <= now;
        if (allowed) reference->tat = tat;
        break;
    }
    }
    if (allowed) reference->accepted[reference->count++] = (struct arrival){now_ms, cost};
    return allowed;
}

static uint64_t worst_in_any_window(const struct reference *reference, int64_t duration_ms,
                                    int64_t *end_ms) {
    uint64_t worst = 0, sum = 0;
    for (int i = 0, j = 0; i < reference->count; i++) {
        sum += reference->accepted[i].cost;
        while (reference->accepted[j].at_ms <= reference->accepted[i].at_ms - duration_ms) {
            sum -= reference->accepted[j++].cost;
        }
        if (sum > worst) {
            worst = sum;
            *end_ms = reference->accepted[i].at_ms;
        }
    }
    return worst;
}

/* Refused: allowed at the very millisecond that was promised and not one before. */
static void check_retry(const struct holder *holder, uint64_t cost, int64_t now_ms,
                        int64_t retry_ms) {
    struct limiter_verdict at = limiter_peek(&holder->rule, &holder->state, holder->at_ms, cost,
                                             now_ms + retry_ms);
    struct limiter_verdict before = limiter_peek(&holder->rule, &holder->state, holder->at_ms, cost,
                                                 now_ms + retry_ms - 1);
    cr_assert(at.allowed, "refused again after %ld ms", (long)retry_ms);
    cr_assert(!before.allowed, "allowed already before %ld ms", (long)retry_ms);
}

static void check_idle(const struct holder *holder, int64_t now_ms) {
    int64_t idle_ms = limiter_idle_at_ms(&holder->rule, &holder->state, now_ms);
    struct limiter_state at = holder->state, before = holder->state;
    limiter_advance(&holder->rule, &at, holder->at_ms, idle_ms);
    limiter_advance(&holder->rule, &before, holder->at_ms, idle_ms - 1);
    cr_assert(limiter_is_unused(&at));
    cr_assert(!limiter_is_unused(&before));
}

static void check_bounds(const struct reference *reference) {
    const struct limiter_rule *rule = &reference->rule;
    int64_t duration = (int64_t)rule->duration_ms, end_ms = 0;
    uint64_t worst = worst_in_any_window(reference, duration, &end_ms);
    if (rule->algorithm == LIMITER_SLIDING_LOG) cr_assert_leq(worst, rule->count);
    if (rule->algorithm == LIMITER_SLIDING_COUNTER) {
        for (int i = 0; i < reference->count; i++) {
            int64_t at_ms = reference->accepted[i].at_ms;
            uint64_t in_window = accepted_between(reference, at_ms - duration, at_ms);
            __int128 bound = (__int128)rule->count * (duration + at_ms % duration + 1);
            cr_assert((__int128)in_window * duration <= bound);
        }
    }
}

static void compare_with_reference(struct limiter_rule rule, uint64_t seed) {
    struct random random;
    random_init(&random, seed);
    struct holder holder = holder_of((enum limiter_algorithm)rule.algorithm, rule.count, 1);
    holder.rule = rule;
    struct reference *reference = calloc(1, sizeof(*reference));
    reference->rule = rule;
    int64_t now_ms = START_MS + (int64_t)random_below(&random, 1000000);
    for (int i = 0; i < 4000; i++) {
        /* Mostly near the rate, at times a burst in one instant or a long silence. */
        uint64_t kind = random_below(&random, 20);
        uint64_t mean = rule.duration_ms / rule.count + 1;
        if (kind == 0) now_ms += (int64_t)random_below(&random, 3 * rule.duration_ms);
        else if (kind < 15) now_ms += (int64_t)random_below(&random, 2 * mean);
        uint64_t cost = random_below(&random, 4) > 0 ? 1 : 1 + random_below(&random, rule.count);
        struct limiter_verdict verdict = take(&holder, cost, now_ms);
        bool expected = reference_takes(reference, cost, now_ms);
        cr_assert_eq(verdict.allowed, expected, "step %d of seed %lu", i, (unsigned long)seed);
        if (verdict.allowed) cr_assert_eq(verdict.retry_after_ms, -1);
        else if (cost <= rule.capacity) check_retry(&holder, cost, now_ms, verdict.retry_after_ms);
        if (verdict.allowed) check_idle(&holder, now_ms);
        cr_assert_eq(take_or_book(&holder, rule.capacity + 1, 0, now_ms).retry_after_ms, -1);
    }
    check_bounds(reference);
    free(reference);
    release(&holder);
}

static void compare_rules(enum limiter_algorithm algorithm) {
    static const uint64_t shapes[][2] = {{1, 1},
                                         {5, 1000},
                                         {7, 1003},
                                         {100, 60000},
                                         {33, 86400000},
                                         {1000, 50},
                                         {3, 30ULL * 86400000}};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            compare_with_reference(rule_of(algorithm, shapes[i][0], shapes[i][1]), seed);
        }
    }
}

Test(limiter, fixed_agrees_with_its_reference) { compare_rules(LIMITER_FIXED); }

Test(limiter, sliding_counter_agrees_with_its_reference) { compare_rules(LIMITER_SLIDING_COUNTER); }

Test(limiter, token_bucket_agrees_with_gcra) {
    compare_rules(LIMITER_TOKEN_BUCKET);
    struct limiter_rule rule = rule_of(LIMITER_TOKEN_BUCKET, 7, 1000);
    rule.capacity = 20;
    compare_with_reference(rule, 1);
    rule.capacity = 2;
    compare_with_reference(rule, 2);
}

Test(limiter, leaky_bucket_agrees_with_gcra) { compare_rules(LIMITER_LEAKY_BUCKET); }

Test(limiter, sliding_log_agrees_with_its_reference) {
    static const uint64_t shapes[][2] = {{1, 1},       {5, 1000},      {7, 1003},
                                         {100, 60000}, {33, 86400000}, {1000, 50}};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            compare_with_reference(rule_of(LIMITER_SLIDING_LOG, shapes[i][0], shapes[i][1]), seed);
        }
    }
}

Test(limiter, first_hit_agrees_with_its_reference) {
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 1000);
    rule.window = LIMITER_WINDOW_FIRST_HIT;
    for (uint64_t seed = 1; seed <= 5; seed++) compare_with_reference(rule, seed);
}

Test(limiter, sliding_log_never_passes_the_limit_in_windows_of_weeks) {
    struct random random;
    random_init(&random, 9);
    struct holder holder = holder_of(LIMITER_SLIDING_LOG, 50, 60ULL * 86400000);
    struct reference *reference = calloc(1, sizeof(*reference));
    int64_t now_ms = START_MS, end_ms;
    for (int i = 0; i < 4000; i++) {
        now_ms += (int64_t)random_below(&random, 2 * 86400000);
        if (!take(&holder, 1, now_ms).allowed) continue;
        reference->accepted[reference->count++] = (struct arrival){now_ms, 1};
        cr_assert_leq(limiter_log_bytes(&holder.state.log), 4 * holder.state.used);
    }
    cr_assert_eq(worst_in_any_window(reference, 60LL * 86400000, &end_ms), 50);
    cr_assert_gt(reference->count, 2000);
    release(&holder);
    free(reference);
}

Test(limiter, sliding_log_takes_at_most_four_bytes_a_request) {
    static const uint64_t shapes[][2] = {
        {10000, 1000}, {10000, 3600000}, {5000, 86400000}, {200, 31ULL * 86400000}};
    for (size_t i = 0; i < 4; i++) {
        struct holder holder = holder_of(LIMITER_SLIDING_LOG, shapes[i][0], shapes[i][1]);
        uint64_t step = shapes[i][1] / shapes[i][0];
        for (uint64_t n = 0; n < shapes[i][0]; n++)
            take(&holder, 1, START_MS + (int64_t)(n * step));
        cr_assert_eq(holder.state.used, shapes[i][0]);
        cr_assert_leq(limiter_log_bytes(&holder.state.log), 4 * holder.state.used);
        release(&holder);
    }
}

/* --- bookings --- */

static void check_bookings(struct limiter_rule rule, uint64_t seed) {
    struct random random;
    random_init(&random, seed);
    struct holder holder = holder_of((enum limiter_algorithm)rule.algorithm, rule.count, 1);
    holder.rule = rule;
    int64_t now_ms = START_MS;
    static uint64_t acts[400000]; /* cost by the ms at which the caller acts */
    memset(acts, 0, sizeof(acts));
    for (int i = 0; i < 1500; i++) {
        now_ms += (int64_t)random_below(&random, 200);
        uint64_t cost = 1 + random_below(&random, rule.count / 2);
        int64_t book_ms = random_below(&random, 2) ? 3000 : 0;
        struct limiter_verdict verdict = take_or_book(&holder, cost, book_ms, now_ms);
        if (!verdict.allowed) continue;
        cr_assert_geq(verdict.wait_ms, 0);
        cr_assert_leq(verdict.wait_ms, book_ms);
        acts[now_ms + verdict.wait_ms - START_MS] += cost;
    }
    int64_t duration = (int64_t)rule.duration_ms;
    uint64_t sum = 0, most = 0, aligned = 0;
    for (int64_t ms = 0; ms < 400000; ms++) {
        sum += acts[ms] - (ms >= duration ? acts[ms - duration] : 0);
        if (sum > most) most = sum;
        aligned = ((START_MS + ms) % duration == 0 ? 0 : aligned) + acts[ms];
        if (rule.algorithm == LIMITER_FIXED) cr_assert_leq(aligned, rule.count);
    }
    if (rule.algorithm == LIMITER_SLIDING_LOG) cr_assert_leq(most, rule.count);
    if (rule.algorithm == LIMITER_TOKEN_BUCKET) cr_assert_leq(most, rule.count + rule.capacity);
    cr_assert_leq(most, 2 * rule.count);
    cr_assert_geq(most, rule.count / 2);
    release(&holder);
}

Test(limiter, bookings_keep_the_limit_where_the_caller_acts) {
    static const enum limiter_algorithm algorithms[] = {
        LIMITER_FIXED, LIMITER_SLIDING_LOG, LIMITER_SLIDING_COUNTER, LIMITER_TOKEN_BUCKET};
    for (size_t i = 0; i < 4; i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            check_bookings(rule_of(algorithms[i], 10, 1000), seed);
        }
    }
}

Test(limiter, a_booking_gets_the_next_free_slot_and_the_one_after_it) {
    struct holder holder = holder_of(LIMITER_FIXED, 2, 1000);
    cr_assert_eq(take_many(&holder, 2, START_MS + 400), 2);
    static const int64_t waits[] = {600, 600, 1600, 1600, 2600};
    for (int i = 0; i < 5; i++) {
        struct limiter_verdict verdict = take_or_book(&holder, 1, 3000, START_MS + 400);
        cr_assert(verdict.allowed);
        cr_assert_eq(verdict.wait_ms, waits[i]);
    }
    cr_assert(!take_or_book(&holder, 2, 3000, START_MS + 400).allowed);
    /* In the booked windows nothing else fits; a booked time that came is used up. */
    cr_assert_eq(take_many(&holder, 2, START_MS + 1400), 0);
    cr_assert_eq(take_many(&holder, 2, START_MS + 3400), 1);
    cr_assert_eq(take_many(&holder, 3, START_MS + 4400), 2);
}

/* --- clocks that go back --- */

static void step_back(enum limiter_algorithm algorithm, int64_t step_ms) {
    struct holder holder = holder_of(algorithm, 10, 1000);
    cr_assert_eq(take_many(&holder, 100, START_MS + 500), 10);
    uint64_t granted = 0;
    int64_t first = -1, now_ms = START_MS + 500 - step_ms;
    /* The wall clock runs on from the earlier instant. */
    for (int64_t ms = 0; ms < 3000; ms++) {
        bool allowed = take(&holder, 1, now_ms + ms).allowed;
        if (allowed && first < 0) first = ms;
        if (ms < 1000) granted += allowed;
    }
    /* One window of blocking more than without the step, and one of grants. */
    cr_assert_geq(first, 0);
    cr_assert_leq(first, 2000, "%s blocked for %ld ms", limiter_algorithm_name(algorithm),
                  (long)first);
    cr_assert_leq(granted, 20, "%s let %lu through", limiter_algorithm_name(algorithm),
                  (unsigned long)granted);
    release(&holder);
}

Test(limiter, a_clock_set_back_blocks_and_grants_at_most_one_window_more) {
    static const int64_t steps[] = {1, 10, 499, 500, 501, 999, 1000, 1001, 5000, 86400000};
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        for (size_t i = 0; i < 10; i++) step_back((enum limiter_algorithm)algorithm, steps[i]);
    }
}

Test(limiter, a_clock_that_jumps_about_never_breaks_a_state) {
    struct random random;
    random_init(&random, 4);
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        struct holder holder = holder_of((enum limiter_algorithm)algorithm, 20, 1000);
        int64_t now_ms = START_MS;
        for (int i = 0; i < 20000; i++) {
            now_ms += (int64_t)random_below(&random, 300) - 100;
            int64_t book_ms = random_below(&random, 3) ? 0 : 1500;
            struct limiter_verdict verdict = take_or_book(&holder, 1 + random_below(&random, 3),
                                                          book_ms, now_ms);
            cr_assert_leq(verdict.remaining, 20);
            cr_assert_geq(verdict.reset_after_ms, 0);
            if (!verdict.allowed) cr_assert_gt(verdict.retry_after_ms, 0);
            if (random_below(&random, 10) == 0) refund(&holder, random_below(&random, 5), now_ms);
        }
        release(&holder);
    }
}

/* --- extremes --- */

Test(limiter, the_largest_counts_and_durations_do_not_overflow) {
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        struct holder holder = holder_of((enum limiter_algorithm)algorithm, LIMITER_COUNT_MAX,
                                         LIMITER_DURATION_MS_MAX);
        struct limiter_verdict verdict = take(&holder, LIMITER_COUNT_MAX, START_MS);
        cr_assert(verdict.allowed);
        cr_assert_eq(verdict.remaining, 0);
        cr_assert(!take(&holder, 1, START_MS).allowed);
        for (int i = 0; i < 100; i++) {
            struct limiter_state state = holder.state;
            limiter_charge(&holder.rule, &state, LIMITER_COUNT_MAX, 0, START_MS);
            store(&holder, &state, START_MS);
        }
        verdict = take(&holder, 1, START_MS);
        cr_assert(!verdict.allowed);
        cr_assert_gt(verdict.retry_after_ms, 0);
        cr_assert_leq(START_MS + verdict.reset_after_ms, LIMITER_TIME_MS_MAX);
        release(&holder);
    }
}
