/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The generic cell rate algorithm on one stored time, in nanoseconds, exactly as redis-cell's
 * CL.THROTTLE does it, rounding and all. (engines/limiter.h has a bucket without rounding; this
 * one is for those who expect redis-cell's numbers.)
 *
 * Source: ITU-T I.371 annex A; redis-cell's documented behaviour and examples. */
#include <stdbool.h>
#include <stdint.h>

struct gcra_rate {
    int64_t max_burst; /* ≥ 0 */
    int64_t count;     /* > 0 per period */
    int64_t period_s;  /* > 0 */
};

struct gcra_verdict {
    bool limited;
    bool store; /* tat_ns is new and to be kept for reset_ns; it equals never used when that is 0 */
    int64_t tat_ns;
    int64_t limit;
    int64_t remaining;
    int64_t retry_ns; /* -1: allowed, or the quantity can never fit */
    int64_t reset_ns;
};

/* False when the rate leaves no time between cells, or is beyond what 64 bits of nanoseconds hold
 * (292 years). A quantity of 0 peeks, a negative one gives back, never beyond full. */
bool gcra_take(const struct gcra_rate *rate, bool has_tat, int64_t tat_ns, int64_t quantity,
               int64_t now_ns, struct gcra_verdict *verdict) __attribute__((warn_unused_result));
/* Truncated, plus one only if the millisecond part of the fraction is above zero. -1 stays. */
int64_t gcra_seconds(int64_t ns);
