/* SPDX-License-Identifier: BSD-3-Clause */
/* The thing alone: packing, several limits as one, policies that change, leases. */
#include "families/ratelimit/ratelimit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "families/ratelimit/ratelimit_policies.h"

#define NOW_MS 1700000040000LL /* at the first second of a minute */
#define KEPT_BYTES 65536

/* A key: its packed bytes between one command and the next. */
struct kept {
    uint8_t bytes[KEPT_BYTES];
    size_t len;
};

static struct limiter_rule rule_of(enum limiter_algorithm algorithm, uint64_t count,
                                   uint64_t duration_ms) {
    return (struct limiter_rule){.count = count,
                                 .duration_ms = duration_ms,
                                 .capacity = count,
                                 .algorithm = (uint8_t)algorithm};
}

static void open_kept(struct ratelimit *ratelimit, const struct kept *kept, int64_t now_ms) {
    if (kept->len == 0) ratelimit_init(ratelimit);
    else cr_assert(ratelimit_unpack(ratelimit, bytes_make(kept->bytes, kept->len)));
    ratelimit_advance(ratelimit, now_ms);
}

static void keep(struct kept *kept, const struct ratelimit *ratelimit) {
    static uint8_t room[KEPT_BYTES + RATELIMIT_PACKED_BYTES_SMALL];
    cr_assert_leq(ratelimit_packed_bytes_max(ratelimit), sizeof(room));
    size_t len = ratelimit_pack(ratelimit, room);
    cr_assert_leq(len, ratelimit_packed_bytes_max(ratelimit));
    cr_assert_leq(len, KEPT_BYTES);
    memcpy(kept->bytes, room, len);
    kept->len = ratelimit_idle_at_ms(ratelimit) > ratelimit->at_ms ? len : 0;
    if (kept->len == 0) return;
    struct ratelimit again;
    cr_assert(ratelimit_unpack(&again, bytes_make(kept->bytes, kept->len)));
    cr_assert(ratelimit_is_valid(&again));
    cr_assert_eq(ratelimit_pack(&again, room), kept->len);
    cr_assert_arr_eq(room, kept->bytes, kept->len);
}

static struct ratelimit_request request_of(const struct limiter_rule *rules, uint32_t count,
                                           int64_t now_ms) {
    struct ratelimit_request request = {.now_ms = now_ms, .cost = 1, .count = count};
    memcpy(request.rules, rules, count * sizeof(*rules));
    return request;
}

static struct ratelimit_answer check(struct kept *kept, const struct ratelimit_request *request) {
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    open_kept(&ratelimit, kept, request->now_ms);
    cr_assert(ratelimit_prepare(&ratelimit, request, &answer));
    ratelimit_judge(&ratelimit, request, &answer);
    if (answer.allowed) ratelimit_charge(&ratelimit, request, &answer);
    ratelimit_measure(&ratelimit, request, &answer);
    if (answer.allowed) keep(kept, &ratelimit);
    return answer;
}

/* --- bytes --- */

Test(ratelimit, one_limit_takes_at_most_nineteen_bytes) {
    static const uint64_t shapes[][2] = {
        {100, 60000}, {1000, 3600000}, {10, 1000}, {10000, 60000}, {100000, 86400000}};
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        if (algorithm == LIMITER_SLIDING_LOG) continue;
        for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
            struct kept kept = {.len = 0};
            struct limiter_rule rule = rule_of((enum limiter_algorithm)algorithm, shapes[i][0],
                                               shapes[i][1]);
            struct ratelimit_request request = request_of(&rule, 1, NOW_MS);
            /* Two full windows, so that every field is as long as it gets. */
            request.cost = shapes[i][0];
            check(&kept, &request);
            request.now_ms += (int64_t)shapes[i][1] * 2 - 1;
            check(&kept, &request);
            cr_assert_gt(kept.len, 0);
            cr_assert_leq(kept.len, 19, "%zu bytes", kept.len);
        }
    }
}

Test(ratelimit, ten_limits_take_at_most_145_bytes) {
    static const uint64_t durations[] = {1000,    10000,    60000,    300000,   900000,
                                         3600000, 14400000, 43200000, 86400000, 604800000};
    for (int algorithm = 0; algorithm < LIMITER_ALGORITHM_COUNT; algorithm++) {
        if (algorithm == LIMITER_SLIDING_LOG) continue;
        struct limiter_rule rules[10];
        for (size_t i = 0; i < 10; i++) {
            rules[i] = rule_of((enum limiter_algorithm)algorithm, 100 * (i + 1), durations[i]);
        }
        struct kept kept = {.len = 0};
        struct ratelimit_request request = request_of(rules, 10, NOW_MS);
        request.cost = 100;
        cr_assert(check(&kept, &request).allowed);
        cr_assert_leq(kept.len, 145, "%zu bytes", kept.len);
    }
}

Test(ratelimit, any_truncation_or_flip_is_refused_or_valid) {
    struct limiter_rule rules[6] = {
        rule_of(LIMITER_FIXED, 100, 60000),         rule_of(LIMITER_SLIDING_LOG, 100, 60000),
        rule_of(LIMITER_SLIDING_COUNTER, 50, 1000), rule_of(LIMITER_TOKEN_BUCKET, 10, 86400000),
        rule_of(LIMITER_LEAKY_BUCKET, 7, 1003),     rule_of(LIMITER_FIXED, 9, LIMITER_MONTH_MS)};
    rules[3].capacity = 500;
    rules[4].queued = true;
    rules[5].window = LIMITER_WINDOW_MONTH;
    rules[5].tz_minutes = -330;
    struct kept kept = {.len = 0};
    struct ratelimit ratelimit;
    for (int i = 0; i < 5; i++) {
        struct ratelimit_request request = request_of(rules, 6, NOW_MS + i * 777);
        cr_assert(check(&kept, &request).allowed);
    }
    open_kept(&ratelimit, &kept, NOW_MS + 4000);
    uint8_t room[256];
    struct ratelimit_lease lease = {BYTES("worker"), 2, NOW_MS + 90000};
    cr_assert(ratelimit_acquire(&ratelimit, &lease, 5, room).allowed);
    ratelimit.blocked_until_ms = NOW_MS + 50000;
    ratelimit.reason = BYTES("too many");
    keep(&kept, &ratelimit);

    for (size_t len = 0; len < kept.len; len++) {
        bool taken = ratelimit_unpack(&ratelimit, bytes_make(kept.bytes, len));
        cr_assert(!taken || ratelimit.leases.len < 20, "%zu bytes of %zu", len, kept.len);
    }
    /* Whatever is accepted can be used. */
    struct random random;
    random_init(&random, 3);
    size_t accepted = 0;
    for (int i = 0; i < 200000; i++) {
        struct kept other = kept;
        for (uint64_t flips = 1 + random_below(&random, 3); flips > 0; flips--) {
            other.bytes[random_below(&random, kept.len)] ^= (uint8_t)(1u
                                                                      << random_below(&random, 8));
        }
        if (!ratelimit_unpack(&ratelimit, bytes_make(other.bytes, other.len))) continue;
        if (!ratelimit_is_valid(&ratelimit)) continue;
        accepted++;
        ratelimit_advance(&ratelimit, NOW_MS + 4000 + (int64_t)random_below(&random, 100000));
        struct ratelimit_answer answer;
        if (ratelimit.limit_count > 0) ratelimit_survey(&ratelimit, &answer);
        ratelimit_overrun(&ratelimit, 3);
        cr_assert_geq(ratelimit_idle_at_ms(&ratelimit), ratelimit.at_ms);
    }
    cr_assert_gt(accepted, 0);
}

Test(ratelimit, every_state_comes_back_as_it_was) {
    struct random random;
    random_init(&random, 11);
    struct kept kept = {.len = 0};
    int64_t now_ms = NOW_MS;
    for (int i = 0; i < 20000; i++) {
        now_ms += (int64_t)random_below(&random, 5000) - 200;
        struct limiter_rule rules[4];
        uint32_t count = 1 + (uint32_t)random_below(&random, 4);
        for (uint32_t j = 0; j < count; j++) {
            /* No two alike, so that there are never more than sixteen. */
            static const uint64_t durations[] = {1000, 30000, 3600000, 7};
            rules[j] = rule_of((enum limiter_algorithm)random_below(&random, 4),
                               20 + random_below(&random, 50), durations[j]);
        }
        struct ratelimit_request request = request_of(rules, count, now_ms);
        request.cost = 1 + random_below(&random, 3);
        if (random_below(&random, 4) == 0) request.book_ms = 10000;
        check(&kept, &request); /* keep() compares */
    }
    cr_assert_gt(kept.len, 0);
}

/* --- several as one --- */

Test(ratelimit, all_limits_are_charged_or_none) {
    struct limiter_rule rules[2] = {rule_of(LIMITER_FIXED, 2, 1000),
                                    rule_of(LIMITER_FIXED, 3, 60000)};
    struct kept kept = {.len = 0};
    struct ratelimit_request request = request_of(rules, 2, NOW_MS);
    cr_assert(check(&kept, &request).allowed);
    struct ratelimit_answer answer = check(&kept, &request);
    cr_assert(answer.allowed);
    cr_assert_eq(answer.deciding, 0); /* none is left of it */
    answer = check(&kept, &request);
    cr_assert(!answer.allowed);
    cr_assert_eq(answer.deciding, 0);
    cr_assert_eq(answer.verdicts[1].remaining, 1); /* not charged */
    request.now_ms += 1000;
    cr_assert(check(&kept, &request).allowed);
    answer = check(&kept, &request);
    cr_assert(!answer.allowed);
    cr_assert_eq(answer.deciding, 1);
    cr_assert_eq(answer.verdicts[1].retry_after_ms, 59000);
}

Test(ratelimit, the_one_refusing_longest_decides_and_never_is_longest) {
    struct limiter_rule rules[3] = {rule_of(LIMITER_FIXED, 5, 1000),
                                    rule_of(LIMITER_FIXED, 5, 60000),
                                    rule_of(LIMITER_FIXED, 4, 10)};
    struct kept kept = {.len = 0};
    struct ratelimit_request request = request_of(rules, 2, NOW_MS);
    request.cost = 3;
    check(&kept, &request);
    struct ratelimit_answer answer = check(&kept, &request);
    cr_assert_eq(answer.deciding, 1);
    request = request_of(rules, 3, NOW_MS);
    request.cost = 5;
    answer = check(&kept, &request);
    cr_assert_eq(answer.deciding, 2);
    cr_assert_eq(answer.verdicts[2].retry_after_ms, LIMITER_NEVER);
}

Test(ratelimit, another_count_of_the_same_window_is_the_same_limit) {
    struct limiter_rule rule = rule_of(LIMITER_SLIDING_COUNTER, 10, 60000);
    struct kept kept = {.len = 0};
    struct ratelimit_request request = request_of(&rule, 1, NOW_MS);
    request.cost = 7;
    check(&kept, &request);
    request.cost = 1;
    request.rules[0].count = request.rules[0].capacity = 20;
    cr_assert_eq(check(&kept, &request).verdicts[0].remaining, 12);
    request.rules[0].count = request.rules[0].capacity = 5;
    cr_assert(!check(&kept, &request).allowed);
}

Test(ratelimit, limits_not_named_stay_and_go_when_idle) {
    struct limiter_rule minute = rule_of(LIMITER_FIXED, 10, 60000);
    struct limiter_rule second = rule_of(LIMITER_FIXED, 10, 1000);
    struct kept kept = {.len = 0};
    struct ratelimit ratelimit;
    struct ratelimit_request request = request_of(&second, 1, NOW_MS);
    check(&kept, &request);
    request = request_of(&minute, 1, NOW_MS);
    check(&kept, &request);
    open_kept(&ratelimit, &kept, NOW_MS + 999);
    cr_assert_eq(ratelimit.limit_count, 2);
    cr_assert_eq(ratelimit_idle_at_ms(&ratelimit), NOW_MS + 60000);
    request.now_ms = NOW_MS + 1000;
    check(&kept, &request);
    open_kept(&ratelimit, &kept, NOW_MS + 1000);
    cr_assert_eq(ratelimit.limit_count, 1);
}

Test(ratelimit, more_limits_than_fit_are_refused_until_some_are_idle) {
    struct kept kept = {.len = 0};
    for (uint64_t i = 0; i < RATELIMIT_LIMITS_MAX; i++) {
        struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 1000 * (i + 1));
        struct ratelimit_request request = request_of(&rule, 1, NOW_MS);
        check(&kept, &request);
    }
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 7777);
    struct ratelimit_request request = request_of(&rule, 1, NOW_MS);
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    open_kept(&ratelimit, &kept, NOW_MS);
    cr_assert(!ratelimit_prepare(&ratelimit, &request, &answer));
    request.now_ms = NOW_MS + 1000;
    cr_assert(check(&kept, &request).allowed);
}

/* --- policies --- */

Test(ratelimit, a_changed_policy_keeps_the_counts_of_its_keys) {
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 60000);
    struct kept kept = {.len = 0};
    struct ratelimit_request request = request_of(&rule, 1, NOW_MS);
    request.policies[0] = 77;
    request.cost = 6;
    cr_assert(check(&kept, &request).allowed);
    /* Another algorithm, another window. */
    request.rules[0] = rule_of(LIMITER_SLIDING_LOG, 8, 3600000);
    request.cost = 1;
    cr_assert_eq(check(&kept, &request).verdicts[0].remaining, 1);
    /* Said by a caller who does not name the policy it is a limit of its own. */
    request.rules[0] = rule_of(LIMITER_TOKEN_BUCKET, 100, 1000);
    request.policies[0] = 0;
    cr_assert_eq(check(&kept, &request).verdicts[0].remaining, 99);
}

Test(ratelimit, policies_are_found_by_name_and_keep_their_order) {
    struct ratelimit_policies *policies = ratelimit_policies_create();
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 60000);
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("search"), &rule, 1), OUTCOME_OK);
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("login"), &rule, 1), OUTCOME_OK);
    rule.count = rule.capacity = 20;
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("search"), &rule, 1), OUTCOME_OK);
    cr_assert_eq(ratelimit_policies_count(policies), 2);
    cr_assert(bytes_is(ratelimit_policy_name(ratelimit_policies_at(policies, 0)), "login"));
    cr_assert_eq(ratelimit_policies_find(policies, BYTES("search"))->rules[0].count, 20);
    struct ratelimit_policies *copy = ratelimit_policies_copy(policies);
    cr_assert(ratelimit_policies_delete(policies, BYTES("login")));
    cr_assert(!ratelimit_policies_delete(policies, BYTES("login")));
    cr_assert_null(ratelimit_policies_find(policies, BYTES("login")));
    cr_assert_not_null(ratelimit_policies_find(copy, BYTES("login")));
    cr_assert_gt(ratelimit_policies_bytes(copy), ratelimit_policies_bytes(policies));
    ratelimit_policies_destroy(&policies);
    ratelimit_policies_destroy(&copy);
    cr_assert_null(policies);
}

Test(ratelimit, there_is_a_most_of_policies) {
    struct ratelimit_policies *policies = ratelimit_policies_create();
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 60000);
    for (uint32_t i = 0; i < RATELIMIT_POLICIES_MAX; i++) {
        struct bytes name = bytes_make(&i, sizeof(i));
        cr_assert_eq(ratelimit_policies_set(policies, name, &rule, 1), OUTCOME_OK);
    }
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("more"), &rule, 1), OUTCOME_FULL);
    ratelimit_policies_destroy(&policies);
}

/* --- block and leases --- */

Test(ratelimit, a_blocked_key_refuses_until_the_block_ends) {
    struct limiter_rule rule = rule_of(LIMITER_FIXED, 10, 60000);
    struct kept kept = {.len = 0};
    struct ratelimit ratelimit;
    open_kept(&ratelimit, &kept, NOW_MS);
    ratelimit.blocked_until_ms = NOW_MS + 5000;
    keep(&kept, &ratelimit);
    struct ratelimit_request request = request_of(&rule, 1, NOW_MS + 1000);
    struct ratelimit_answer answer = check(&kept, &request);
    cr_assert(!answer.allowed);
    cr_assert_eq(answer.verdicts[0].retry_after_ms, 4000);
    cr_assert_eq(answer.verdicts[0].remaining, 0);
    request.now_ms = NOW_MS + 5000;
    cr_assert(check(&kept, &request).allowed);
}

static struct limiter_verdict acquire(struct kept *kept, const char *holder, uint32_t slots,
                                      uint32_t limit, int64_t ttl_ms, int64_t now_ms) {
    struct ratelimit ratelimit;
    open_kept(&ratelimit, kept, now_ms);
    struct ratelimit_lease lease = {bytes_of(holder), slots, now_ms + ttl_ms};
    uint8_t *room = malloc(ratelimit_leases_bytes_max(&ratelimit, lease.holder));
    struct limiter_verdict verdict = ratelimit_acquire(&ratelimit, &lease, limit, room);
    if (verdict.allowed) keep(kept, &ratelimit);
    free(room);
    return verdict;
}

Test(ratelimit, leases_hold_their_slots_until_they_end) {
    struct kept kept = {.len = 0};
    cr_assert_eq(acquire(&kept, "a", 1, 3, 1000, NOW_MS).remaining, 2);
    cr_assert_eq(acquire(&kept, "b", 2, 3, 3000, NOW_MS).remaining, 0);
    struct limiter_verdict verdict = acquire(&kept, "c", 1, 3, 1000, NOW_MS);
    cr_assert(!verdict.allowed);
    cr_assert_eq(verdict.retry_after_ms, 1000);
    cr_assert_eq(acquire(&kept, "c", 2, 3, 1000, NOW_MS).retry_after_ms, 3000);
    cr_assert_eq(acquire(&kept, "c", 4, 3, 1000, NOW_MS).retry_after_ms, LIMITER_NEVER);
    /* The same holder renews, and may resize. */
    cr_assert(acquire(&kept, "a", 1, 3, 2000, NOW_MS + 500).allowed);
    cr_assert(!acquire(&kept, "a", 2, 3, 2000, NOW_MS + 500).allowed);
    cr_assert(!acquire(&kept, "c", 1, 3, 1000, NOW_MS + 2499).allowed);
    cr_assert(acquire(&kept, "c", 1, 3, 1000, NOW_MS + 2500).allowed);
}

Test(ratelimit, a_release_gives_back_what_the_holder_had) {
    struct kept kept = {.len = 0};
    acquire(&kept, "a", 2, 3, 1000, NOW_MS);
    struct ratelimit ratelimit;
    uint8_t room[64];
    open_kept(&ratelimit, &kept, NOW_MS);
    cr_assert_eq(ratelimit_leased(&ratelimit), 2);
    cr_assert_eq(ratelimit_release(&ratelimit, BYTES("b"), room), 0);
    cr_assert_eq(ratelimit_release(&ratelimit, BYTES("a"), room), 2);
    cr_assert_eq(ratelimit_leased(&ratelimit), 0);
    cr_assert_eq(ratelimit_idle_at_ms(&ratelimit), NOW_MS);
}
