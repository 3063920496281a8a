/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How long a command takes, as counts of durations: sixteen buckets to each power of two of
 * nanoseconds, so that any duration is known to within 6.25 percent, from 1 ns to a second; what
 * takes longer counts as a second. (A log-linear histogram, as G. Tene's HdrHistogram with one
 * digit more than one.)
 *
 * Budget: 3.4 KB a command that was called, one increment a call. */
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_SUB_BITS 4
#define HISTOGRAM_POWERS 30 /* up to 2^30 ns */
#define HISTOGRAM_BUCKETS ((HISTOGRAM_POWERS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

static inline size_t histogram_bucket(uint64_t ns) {
    if (ns < 1u << HISTOGRAM_SUB_BITS) return (size_t)ns;
    if (ns >= (uint64_t)1 << HISTOGRAM_POWERS) return HISTOGRAM_BUCKETS - 1;
    int shift = 63 - __builtin_clzll(ns) - HISTOGRAM_SUB_BITS;
    return ((size_t)(shift + 1) << HISTOGRAM_SUB_BITS) + (size_t)(ns >> shift) -
           (1u << HISTOGRAM_SUB_BITS);
}

/* The longest duration that falls into this bucket. */
uint64_t histogram_bucket_ns_max(size_t bucket);
uint64_t histogram_total(const uint64_t counts[HISTOGRAM_BUCKETS]);
/* The duration that `percentile` (0 to 100) of all calls did not exceed; 0 when there are none. */
uint64_t histogram_percentile_ns(const uint64_t counts[HISTOGRAM_BUCKETS], double percentile);
/* How many calls took less than 2^power ns. */
uint64_t histogram_below_power(const uint64_t counts[HISTOGRAM_BUCKETS], int power);
