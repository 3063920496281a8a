/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/limiter.h"

#include <assert.h>
#include <string.h>

#include "engines/limiter_internal.h"

#define LEVEL_MAX ((limiter_parts)1 << 100)

static const struct bytes algorithm_names[LIMITER_ALGORITHM_COUNT] = {
    [LIMITER_FIXED] = {"fixed", 5},
    [LIMITER_SLIDING_LOG] = {"sliding-log", 11},
    [LIMITER_SLIDING_COUNTER] = {"sliding-counter", 15},
    [LIMITER_TOKEN_BUCKET] = {"token-bucket", 12},
    [LIMITER_LEAKY_BUCKET] = {"leaky-bucket", 12},
};

const char *limiter_algorithm_name(enum limiter_algorithm algorithm) {
    return algorithm_names[algorithm].data;
}

int limiter_algorithm_of(struct bytes name) {
    for (int i = 0; i < LIMITER_ALGORITHM_COUNT; i++) {
        if (bytes_equal_fold(name, algorithm_names[i])) return i;
    }
    return -1;
}

static bool is_bucket(const struct limiter_rule *rule) {
    return rule->algorithm == LIMITER_TOKEN_BUCKET || rule->algorithm == LIMITER_LEAKY_BUCKET;
}

bool limiter_rule_is_valid(const struct limiter_rule *rule) {
    if (rule->count == 0 || rule->count > LIMITER_COUNT_MAX) return false;
    if (rule->duration_ms == 0 || rule->duration_ms > LIMITER_DURATION_MS_MAX) return false;
    if (rule->algorithm >= LIMITER_ALGORITHM_COUNT || rule->window >= LIMITER_WINDOW_COUNT) {
        return false;
    }
    if (rule->capacity == 0 || rule->capacity > LIMITER_COUNT_MAX) return false;
    if (!is_bucket(rule) && rule->capacity != rule->count) return false;
    if (rule->queued && rule->algorithm != LIMITER_LEAKY_BUCKET) return false;
    if (rule->window != LIMITER_WINDOW_ALIGNED && rule->algorithm != LIMITER_FIXED) return false;
    bool is_day = rule->window == LIMITER_WINDOW_DAY;
    bool is_month = rule->window == LIMITER_WINDOW_MONTH;
    if (is_day && rule->duration_ms != LIMITER_DAY_MS) return false;
    if (is_month && rule->duration_ms != LIMITER_MONTH_MS) return false;
    if (!is_day && !is_month && rule->tz_minutes != 0) return false;
    return rule->tz_minutes >= -24 * 60 && rule->tz_minutes <= 24 * 60;
}

bool limiter_rules_match(const struct limiter_rule *a, const struct limiter_rule *b) {
    return a->algorithm == b->algorithm && a->duration_ms == b->duration_ms &&
           a->window == b->window && a->tz_minutes == b->tz_minutes && a->queued == b->queued;
}

static void state_clear(struct limiter_state *state) { memset(state, 0, sizeof(*state)); }

static int64_t ceil_ms(limiter_parts parts, uint64_t count) {
    /* Nearly always small enough for one division of 64 bits. */
    if (LIKELY(parts >> 63 == 0)) {
        return limiter_ms_cap(((uint64_t)parts + count - 1) / count);
    }
    return limiter_ms_cap((parts + count - 1) / count);
}

/* Room for at most so many more; zero when in debt. */
static uint64_t bucket_remaining(const struct limiter_rule *rule, limiter_parts level) {
    limiter_parts full = (limiter_parts)rule->capacity * rule->duration_ms;
    if (level >= full) return 0;
    limiter_parts room = full - level;
    if (LIKELY(room >> 64 == 0)) return (uint64_t)room / rule->duration_ms;
    return (uint64_t)(room / rule->duration_ms);
}

void limiter_advance(const struct limiter_rule *rule, struct limiter_state *state, int64_t from_ms,
                     int64_t to_ms) {
    if (UNLIKELY(to_ms < from_ms)) {
        /* Shorter steps back leave the state as it is, now of the earlier instant. */
        if ((uint64_t)(from_ms - to_ms) > rule->duration_ms) {
            state_clear(state);
        } else if (limiter_log_bytes(&state->log) > 0) {
            state->log.newest_ms -= from_ms - to_ms;
        }
        from_ms = to_ms;
    }
    if (limiter_counts_in_windows(rule)) {
        limiter_windows_advance(rule, state, from_ms, to_ms);
    } else if (is_bucket(rule)) {
        limiter_parts back = (limiter_parts)(uint64_t)(to_ms - from_ms) * rule->count;
        state->level = back >= state->level ? 0 : state->level - back;
    } else {
        state->used -= limiter_log_trim(&state->log, to_ms - (int64_t)rule->duration_ms,
                                        limiter_log_shift(rule->duration_ms));
    }
}

static struct limiter_verdict judge_bucket(const struct limiter_rule *rule, limiter_parts level,
                                           uint64_t cost, int64_t book_ms) {
    struct limiter_verdict verdict = {.retry_after_ms = LIMITER_NEVER};
    limiter_parts full = (limiter_parts)rule->capacity * rule->duration_ms;
    limiter_parts after = level + (limiter_parts)cost * rule->duration_ms;
    if (after <= full) {
        verdict.allowed = true;
        if (rule->queued) verdict.wait_ms = ceil_ms(level, rule->count);
        return verdict;
    }
    if (cost > rule->capacity) return verdict;
    int64_t wait = ceil_ms(after - full, rule->count);
    if (wait <= book_ms) {
        verdict.allowed = true;
        verdict.wait_ms = rule->queued ? ceil_ms(level, rule->count) : wait;
    } else {
        verdict.retry_after_ms = wait;
    }
    return verdict;
}

static int64_t log_wait(const struct limiter_rule *rule, const struct limiter_state *state,
                        uint64_t cost, int64_t now_ms) {
    uint64_t excess = state->used + cost - rule->count;
    unsigned shift = limiter_log_shift(rule->duration_ms);
    int64_t leaves_ms = limiter_log_time_of(&state->log, excess, shift);
    return leaves_ms + (int64_t)rule->duration_ms - now_ms;
}

struct limiter_verdict limiter_judge(const struct limiter_rule *rule,
                                     const struct limiter_state *state, uint64_t cost,
                                     int64_t book_ms, int64_t now_ms) {
    assert(cost <= LIMITER_COUNT_MAX);
    if (is_bucket(rule)) return judge_bucket(rule, state->level, cost, book_ms);
    bool windows = limiter_counts_in_windows(rule);
    struct limiter_verdict verdict = {.retry_after_ms = LIMITER_NEVER};
    verdict.allowed = windows ? limiter_windows_fit(rule, state, cost, now_ms)
                              : limiter_add(state->used, cost) <= rule->count;
    if (verdict.allowed || cost > rule->count) return verdict;
    if (book_ms > 0) {
        int64_t wait = windows ? limiter_windows_wait(rule, state, cost, now_ms, true)
                               : log_wait(rule, state, cost, now_ms);
        verdict.allowed = wait <= book_ms;
        if (verdict.allowed) {
            verdict.wait_ms = wait;
            return verdict;
        }
    }
    verdict.retry_after_ms = windows ? limiter_windows_wait(rule, state, cost, now_ms, false)
                                     : log_wait(rule, state, cost, now_ms);
    return verdict;
}

uint64_t limiter_used(const struct limiter_rule *rule, const struct limiter_state *state,
                      int64_t now_ms) {
    if (limiter_counts_in_windows(rule)) return limiter_windows_used(rule, state, now_ms);
    if (!is_bucket(rule)) return state->used;
    limiter_parts used = (state->level + rule->duration_ms - 1) / rule->duration_ms;
    return used > LIMITER_USED_MAX ? LIMITER_USED_MAX : (uint64_t)used;
}

static uint64_t remaining(const struct limiter_rule *rule, const struct limiter_state *state,
                          int64_t now_ms) {
    if (is_bucket(rule)) return bucket_remaining(rule, state->level);
    uint64_t used = state->used;
    if (rule->algorithm == LIMITER_SLIDING_COUNTER && state->before > 0) {
        used = limiter_windows_used(rule, state, now_ms) - state->ahead;
    }
    return used >= rule->count ? 0 : rule->count - used;
}

void limiter_measure(const struct limiter_rule *rule, const struct limiter_state *state,
                     int64_t now_ms, struct limiter_verdict *verdict) {
    verdict->remaining = remaining(rule, state, now_ms);
    verdict->reset_after_ms = limiter_idle_at_ms(rule, state, now_ms) - now_ms;
}

void limiter_charge(const struct limiter_rule *rule, struct limiter_state *state, uint64_t cost,
                    int64_t wait_ms, int64_t now_ms) {
    if (cost == 0) return;
    if (is_bucket(rule)) {
        state->level += (limiter_parts)cost * rule->duration_ms;
        if (state->level > LEVEL_MAX) state->level = LEVEL_MAX;
    } else if (limiter_counts_in_windows(rule)) {
        limiter_windows_charge(rule, state, cost, wait_ms > 0);
    } else {
        /* What saturates is not logged, so that the total stays the sum of the entries. */
        if (limiter_add(state->used, cost) == LIMITER_USED_MAX) return;
        limiter_log_append(&state->log, now_ms + wait_ms, cost,
                           limiter_log_shift(rule->duration_ms));
        state->used += cost;
    }
}

static uint64_t refund_bucket(const struct limiter_rule *rule, struct limiter_state *state,
                              uint64_t amount) {
    limiter_parts back = (limiter_parts)amount * rule->duration_ms;
    if (back < state->level) {
        state->level -= back;
        return amount;
    }
    uint64_t had = limiter_used(rule, state, 0);
    state->level = 0;
    return had;
}

uint64_t limiter_refund(const struct limiter_rule *rule, struct limiter_state *state,
                        uint64_t amount) {
    if (is_bucket(rule)) return refund_bucket(rule, state, amount);
    uint64_t back;
    if (limiter_counts_in_windows(rule)) {
        back = limiter_windows_refund(rule, state, amount);
        bool unused = state->used == 0 && state->ahead == 0;
        if (rule->window == LIMITER_WINDOW_FIRST_HIT && unused) state->before = 0;
        return back;
    }
    back = amount < state->used ? amount : state->used;
    if (back == state->used) {
        state_clear(state);
    } else if (back > 0) {
        limiter_log_drop_newest(&state->log, state->used, back,
                                limiter_log_shift(rule->duration_ms));
        state->used -= back;
    }
    return back;
}

bool limiter_is_unused(const struct limiter_state *state) {
    return state->level == 0 && state->used == 0 && state->before == 0 && state->ahead == 0;
}

int64_t limiter_idle_at_ms(const struct limiter_rule *rule, const struct limiter_state *state,
                           int64_t now_ms) {
    if (limiter_is_unused(state)) return now_ms;
    int64_t idle_ms;
    if (is_bucket(rule)) {
        idle_ms = limiter_ms_cap((limiter_parts)now_ms +
                                 (uint64_t)ceil_ms(state->level, rule->count));
    } else if (limiter_counts_in_windows(rule)) {
        idle_ms = limiter_windows_idle(rule, state, now_ms);
    } else {
        idle_ms = state->log.newest_ms + (int64_t)rule->duration_ms;
    }
    return idle_ms < now_ms ? now_ms : idle_ms;
}

void limiter_convert(const struct limiter_rule *from, const struct limiter_rule *to,
                     struct limiter_state *state, int64_t now_ms) {
    if (limiter_rules_match(from, to)) return;
    uint64_t used = limiter_used(from, state, now_ms);
    state_clear(state);
    if (used == 0 && !limiter_counts_in_windows(to)) return;
    if (is_bucket(to)) {
        state->level = (limiter_parts)used * to->duration_ms;
    } else if (limiter_counts_in_windows(to)) {
        state->used = used;
        limiter_windows_advance(to, state, now_ms, now_ms);
    } else {
        limiter_log_append(&state->log, now_ms, used, limiter_log_shift(to->duration_ms));
        state->used = used;
    }
}

static int64_t smaller_ms(int64_t a, int64_t b) { return a < b ? a : b; }

/* limiter_check of a bucket whose parts fit into 62 bits, as nearly all do: no step of 128. False:
 * it is another. */
static inline bool check_small_bucket(const struct limiter_rule *rule, struct limiter_state *state,
                                      uint64_t passed_ms, uint64_t cost, bool charge,
                                      struct limiter_verdict *verdict) {
    limiter_parts most = (limiter_parts)rule->capacity * rule->duration_ms;
    if ((most | state->level) >> 62 != 0 || cost > rule->capacity || rule->queued) return false;
    uint64_t full = (uint64_t)most, level = (uint64_t)state->level;
    limiter_parts back = (limiter_parts)passed_ms * rule->count;
    level = back >= level ? 0 : level - (uint64_t)back;
    uint64_t after = level + cost * rule->duration_ms; /* cost × duration is at most `full` */
    *verdict = (struct limiter_verdict){.retry_after_ms = LIMITER_NEVER};
    verdict->allowed = after <= full;
    if (!verdict->allowed) verdict->retry_after_ms = ceil_ms(after - full, rule->count);
    else if (charge) level = after;
    state->level = level;
    verdict->remaining = level >= full ? 0 : (full - level) / rule->duration_ms;
    verdict->reset_after_ms = ceil_ms(level, rule->count);
    return true;
}

struct limiter_verdict limiter_check(const struct limiter_rule *rule, struct limiter_state *state,
                                     int64_t at_ms, uint64_t cost, int64_t book_ms, bool charge,
                                     int64_t now_ms) {
    struct limiter_verdict verdict;
    if (is_bucket(rule) && now_ms >= at_ms && book_ms == 0 &&
        check_small_bucket(rule, state, (uint64_t)(now_ms - at_ms), cost, charge, &verdict)) {
        verdict.reset_after_ms = smaller_ms(verdict.reset_after_ms, LIMITER_TIME_MS_MAX - now_ms);
        return verdict;
    }
    limiter_advance(rule, state, at_ms, now_ms);
    verdict = limiter_judge(rule, state, cost, book_ms, now_ms);
    if (verdict.allowed && charge) {
        limiter_charge(rule, state, cost, verdict.wait_ms, now_ms);
    }
    limiter_measure(rule, state, now_ms, &verdict);
    return verdict;
}

struct limiter_verdict limiter_peek(const struct limiter_rule *rule,
                                    const struct limiter_state *state, int64_t at_ms, uint64_t cost,
                                    int64_t now_ms) {
    struct limiter_state moved = *state;
    return limiter_check(rule, &moved, at_ms, cost, 0, false, now_ms);
}

struct limiter_verdict limiter_take(const struct limiter_rule *rule, struct limiter_state *state,
                                    int64_t *at_ms, uint64_t cost, int64_t now_ms) {
    assert(rule->algorithm != LIMITER_SLIDING_LOG);
    struct limiter_state moved = *state;
    struct limiter_verdict verdict = limiter_check(rule, &moved, *at_ms, cost, 0, true, now_ms);
    if (verdict.allowed && cost > 0) {
        *state = moved;
        *at_ms = now_ms;
    }
    return verdict;
}
