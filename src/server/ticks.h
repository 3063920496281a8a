/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How long a command took, cheaply: the processor's time stamp counter where it runs at one rate
 * (x86-64 of the last fifteen years), else the monotonic clock. Ticks mean nothing by themselves;
 * ticks_to_us knows the rate, measured against the monotonic clock. */
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t ticks_now(void) { return __rdtsc(); }
#else
static inline uint64_t ticks_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
#endif

/* Ticks a microsecond, as a fixed-point factor. */
struct tick_rate {
    double us_per_tick;
    double ns_per_tick;
    uint64_t start_ticks;
    int64_t start_ns;
};

/* Takes a millisecond. */
void tick_rate_init(struct tick_rate *rate);
/* Measures again over the time since init: more exact, costs two clock reads. */
void tick_rate_refine(struct tick_rate *rate);
static inline uint64_t ticks_to_us(const struct tick_rate *rate, uint64_t ticks) {
    return (uint64_t)((double)ticks * rate->us_per_tick);
}
