/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/ratelimit/ratelimit.h"

#include <assert.h>
#include <string.h>

void ratelimit_init(struct ratelimit *ratelimit) {
    ratelimit->at_ms = 0;
    ratelimit->blocked_until_ms = 0;
    ratelimit->reason = BYTES("");
    ratelimit->leases = BYTES("");
    ratelimit->lease_limit = 0;
    ratelimit->limit_count = 0;
}

void ratelimit_advance(struct ratelimit *ratelimit, int64_t now_ms) {
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        struct ratelimit_limit *limit = &ratelimit->limits[i];
        limiter_advance(&limit->rule, &limit->state, ratelimit->at_ms, now_ms);
    }
    ratelimit->at_ms = now_ms;
}

int64_t ratelimit_idle_at_ms(const struct ratelimit *ratelimit) {
    int64_t idle_ms = ratelimit->at_ms;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        const struct ratelimit_limit *limit = &ratelimit->limits[i];
        int64_t at_ms = limiter_idle_at_ms(&limit->rule, &limit->state, ratelimit->at_ms);
        if (at_ms > idle_ms) idle_ms = at_ms;
    }
    if (ratelimit->blocked_until_ms > idle_ms) idle_ms = ratelimit->blocked_until_ms;
    struct ratelimit_lease lease;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease);) {
        if (lease.until_ms > idle_ms) idle_ms = lease.until_ms;
    }
    return idle_ms;
}

/* --- finding the limits that a check names --- */

#define NO_PLACE UINT8_MAX

static uint8_t find_match(const struct ratelimit *ratelimit, const struct limiter_rule *rule,
                          uint32_t claimed) {
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if (claimed & 1u << i) continue;
        if (limiter_rules_match(&ratelimit->limits[i].rule, rule)) return (uint8_t)i;
    }
    return NO_PLACE;
}

/* A limit that this policy named when it read differently. */
static uint8_t find_former(const struct ratelimit *ratelimit, uint16_t policy, uint32_t claimed) {
    if (policy == 0) return NO_PLACE;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if ((claimed & 1u << i) == 0 && ratelimit->limits[i].policy == policy) return (uint8_t)i;
    }
    return NO_PLACE;
}

static void drop_unused(struct ratelimit *ratelimit) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if (limiter_is_unused(&ratelimit->limits[i].state)) continue;
        if (i != kept) ratelimit->limits[kept] = ratelimit->limits[i];
        kept++;
    }
    ratelimit->limit_count = kept;
}

static uint8_t add_limit(struct ratelimit *ratelimit) {
    if (ratelimit->limit_count == RATELIMIT_LIMITS_MAX) return NO_PLACE;
    uint8_t place = (uint8_t)ratelimit->limit_count++;
    memset(&ratelimit->limits[place].state, 0, sizeof(ratelimit->limits[place].state));
    return place;
}

/* The rules that no stored limit matches: a policy's take over what it named before. */
static bool place_rest(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                       struct ratelimit_answer *answer, uint32_t claimed) {
    for (uint32_t i = 0; i < request->count; i++) {
        if (answer->places[i] != NO_PLACE) continue;
        uint8_t place = find_former(ratelimit, request->policies[i], claimed);
        if (place != NO_PLACE) {
            struct ratelimit_limit *limit = &ratelimit->limits[place];
            limiter_convert(&limit->rule, &request->rules[i], &limit->state, request->now_ms);
        } else {
            place = add_limit(ratelimit);
            if (place == NO_PLACE) return false;
            limiter_advance(&request->rules[i], &ratelimit->limits[place].state, request->now_ms,
                            request->now_ms);
        }
        answer->places[i] = place;
        claimed |= 1u << place;
    }
    return true;
}

bool ratelimit_prepare(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                       struct ratelimit_answer *answer) {
    assert(request->count > 0 && request->count <= RATELIMIT_LIMITS_MAX);
    assert(ratelimit->at_ms == request->now_ms || ratelimit->limit_count == 0);
    ratelimit->at_ms = request->now_ms;
    if (ratelimit->limit_count + request->count > RATELIMIT_LIMITS_MAX) drop_unused(ratelimit);
    uint32_t claimed = 0;
    bool all = true;
    for (uint32_t i = 0; i < request->count; i++) {
        answer->places[i] = find_match(ratelimit, &request->rules[i], claimed);
        if (answer->places[i] != NO_PLACE) claimed |= 1u << answer->places[i];
        else all = false;
    }
    if (!all && !place_rest(ratelimit, request, answer, claimed)) return false;
    for (uint32_t i = 0; i < request->count; i++) {
        ratelimit->limits[answer->places[i]].rule = request->rules[i];
        ratelimit->limits[answer->places[i]].policy = request->policies[i];
    }
    return true;
}

/* --- checking --- */

static bool refuses_longer(const struct limiter_verdict *a, const struct limiter_verdict *b) {
    if (a->retry_after_ms < 0 || b->retry_after_ms < 0) return b->retry_after_ms >= 0;
    return a->retry_after_ms > b->retry_after_ms;
}

static void block(const struct ratelimit *ratelimit, const struct ratelimit_request *request,
                  struct ratelimit_answer *answer) {
    answer->allowed = false;
    for (uint32_t i = 0; i < request->count; i++) {
        struct limiter_verdict *verdict = &answer->verdicts[i];
        int64_t left_ms = ratelimit->blocked_until_ms - request->now_ms;
        bool never = !verdict->allowed && verdict->retry_after_ms == LIMITER_NEVER;
        if (!never && verdict->retry_after_ms < left_ms) verdict->retry_after_ms = left_ms;
        verdict->allowed = false;
    }
}

void ratelimit_judge(const struct ratelimit *ratelimit, const struct ratelimit_request *request,
                     struct ratelimit_answer *answer) {
    answer->allowed = true;
    answer->wait_ms = 0;
    for (uint32_t i = 0; i < request->count; i++) {
        const struct ratelimit_limit *limit = &ratelimit->limits[answer->places[i]];
        answer->verdicts[i] = limiter_judge(&limit->rule, &limit->state, request->cost,
                                            request->book_ms, request->now_ms);
        answer->allowed &= answer->verdicts[i].allowed;
        if (answer->verdicts[i].wait_ms > answer->wait_ms) {
            answer->wait_ms = answer->verdicts[i].wait_ms;
        }
    }
    if (UNLIKELY(ratelimit->blocked_until_ms > request->now_ms)) block(ratelimit, request, answer);
}

void ratelimit_charge(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                      const struct ratelimit_answer *answer) {
    for (uint32_t i = 0; i < request->count; i++) {
        struct ratelimit_limit *limit = &ratelimit->limits[answer->places[i]];
        limiter_charge(&limit->rule, &limit->state, request->cost, answer->verdicts[i].wait_ms,
                       request->now_ms);
    }
}

bool ratelimit_check_alone(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                           bool charge, struct ratelimit_answer *answer) {
    struct ratelimit_limit *limit = &ratelimit->limits[0];
    if (request->count != 1 || ratelimit->limit_count > 1) return false;
    if (ratelimit->blocked_until_ms != 0 || ratelimit->leases.len > 0) return false;
    if (ratelimit->limit_count == 0) {
        limit = &ratelimit->limits[add_limit(ratelimit)];
        ratelimit->at_ms = request->now_ms;
    } else if (!limiter_rules_match(&limit->rule, &request->rules[0])) {
        return false;
    }
    limit->rule = request->rules[0];
    limit->policy = request->policies[0];
    struct limiter_verdict *verdict = &answer->verdicts[0];
    *verdict = limiter_check(&limit->rule, &limit->state, ratelimit->at_ms, request->cost,
                             request->book_ms, charge, request->now_ms);
    ratelimit->at_ms = request->now_ms;
    answer->allowed = verdict->allowed;
    answer->wait_ms = verdict->wait_ms;
    answer->deciding = 0;
    answer->places[0] = 0;
    return true;
}

static void measure(const struct ratelimit *ratelimit, struct ratelimit_answer *answer,
                    uint32_t count) {
    bool blocked = ratelimit->blocked_until_ms > ratelimit->at_ms;
    uint32_t deciding = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct ratelimit_limit *limit = &ratelimit->limits[answer->places[i]];
        struct limiter_verdict *verdict = &answer->verdicts[i];
        limiter_measure(&limit->rule, &limit->state, ratelimit->at_ms, verdict);
        if (UNLIKELY(blocked)) verdict->remaining = 0;
        const struct limiter_verdict *best = &answer->verdicts[deciding];
        bool decides = best->allowed != verdict->allowed
                           ? !verdict->allowed
                           : (verdict->allowed ? verdict->remaining < best->remaining
                                               : refuses_longer(verdict, best));
        if (decides) deciding = i;
    }
    answer->deciding = deciding;
}

void ratelimit_measure(const struct ratelimit *ratelimit, const struct ratelimit_request *request,
                       struct ratelimit_answer *answer) {
    measure(ratelimit, answer, request->count);
}

/* --- all that the key has --- */

void ratelimit_overrun(struct ratelimit *ratelimit, uint64_t amount) {
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        struct ratelimit_limit *limit = &ratelimit->limits[i];
        limiter_charge(&limit->rule, &limit->state, amount, 0, ratelimit->at_ms);
    }
}

void ratelimit_refund(struct ratelimit *ratelimit, uint64_t amount) {
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        struct ratelimit_limit *limit = &ratelimit->limits[i];
        limiter_refund(&limit->rule, &limit->state, amount);
    }
}

void ratelimit_survey(const struct ratelimit *ratelimit, struct ratelimit_answer *answer) {
    struct ratelimit_request request = {.now_ms = ratelimit->at_ms,
                                        .count = ratelimit->limit_count};
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) answer->places[i] = (uint8_t)i;
    ratelimit_judge(ratelimit, &request, answer);
    ratelimit_measure(ratelimit, &request, answer);
}
