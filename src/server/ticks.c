/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/ticks.h"

static int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void tick_rate_refine(struct tick_rate *rate) {
    int64_t ns = monotonic_ns() - rate->start_ns;
    uint64_t ticks = ticks_now() - rate->start_ticks;
    if (ns <= 0 || ticks == 0) return;
    rate->ns_per_tick = (double)ns / (double)ticks;
    rate->us_per_tick = rate->ns_per_tick / 1000;
}

void tick_rate_init(struct tick_rate *rate) {
    rate->start_ns = monotonic_ns();
    rate->start_ticks = ticks_now();
    while (monotonic_ns() - rate->start_ns < 1000000) continue;
    tick_rate_refine(rate);
}
