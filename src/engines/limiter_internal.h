/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the files of the limiter share: the algorithms that count in windows (fixed and sliding
 * counter) live in limiter_windows.c, the rest and the dispatch in limiter.c. */
#include "base/outcome.h"
#include "engines/limiter.h"

#define LIMITER_USED_MAX (1ULL << 62)

static inline uint64_t limiter_add(uint64_t a, uint64_t b) {
    return b > LIMITER_USED_MAX - a ? LIMITER_USED_MAX : a + b; /* both are at most the maximum */
}

static inline int64_t limiter_ms_cap(limiter_parts ms) {
    return ms > (limiter_parts)LIMITER_TIME_MS_MAX ? LIMITER_TIME_MS_MAX : (int64_t)ms;
}

static inline bool limiter_counts_in_windows(const struct limiter_rule *rule) {
    return rule->algorithm == LIMITER_FIXED || rule->algorithm == LIMITER_SLIDING_COUNTER;
}

void limiter_windows_advance(const struct limiter_rule *rule, struct limiter_state *state,
                             int64_t from_ms, int64_t to_ms);
bool limiter_windows_fit(const struct limiter_rule *rule, const struct limiter_state *state,
                         uint64_t cost, int64_t now_ms);
/* Until it would fit; `book`: until the slot that a booking would get. cost ≤ count. */
int64_t limiter_windows_wait(const struct limiter_rule *rule, const struct limiter_state *state,
                             uint64_t cost, int64_t now_ms, bool book);
void limiter_windows_charge(const struct limiter_rule *rule, struct limiter_state *state,
                            uint64_t cost, bool booked);
uint64_t limiter_windows_refund(const struct limiter_rule *rule, struct limiter_state *state,
                                uint64_t amount);
uint64_t limiter_windows_used(const struct limiter_rule *rule, const struct limiter_state *state,
                              int64_t now_ms);
int64_t limiter_windows_idle(const struct limiter_rule *rule, const struct limiter_state *state,
                             int64_t now_ms);
