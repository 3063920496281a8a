/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/histogram.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "server/observe.h"

Test(histogram, every_duration_falls_into_a_bucket_that_reaches_it) {
    for (uint64_t ns = 0; ns < 1 << 20; ns++) {
        size_t bucket = histogram_bucket(ns);
        cr_assert_leq(ns, histogram_bucket_ns_max(bucket));
        if (bucket > 0) cr_assert_gt(ns, histogram_bucket_ns_max(bucket - 1));
    }
}

Test(histogram, buckets_are_no_wider_than_a_sixteenth) {
    for (size_t i = 17; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t low = histogram_bucket_ns_max(i - 1) + 1;
        uint64_t high = histogram_bucket_ns_max(i);
        cr_assert_leq((high - low + 1) * 16, low, "bucket %zu", i);
    }
}

Test(histogram, what_takes_too_long_counts_as_the_longest) {
    size_t last = HISTOGRAM_BUCKETS - 1;
    cr_assert_eq(histogram_bucket((1u << HISTOGRAM_POWERS) - 1), last);
    cr_assert_eq(histogram_bucket((uint64_t)1 << HISTOGRAM_POWERS), last);
    cr_assert_eq(histogram_bucket(UINT64_MAX), last);
}

Test(histogram, nothing_is_allocated_after_the_first_note) {
    struct command_stats stats = {0};
    command_histogram_note(&stats, 1000);
    size_t used = memory_used_bytes();
    for (uint64_t i = 0; i < 1000; i++) command_histogram_note(&stats, i * 1000);
    cr_assert_eq(memory_used_bytes(), used);
    cr_assert_eq(histogram_total(stats.histogram), 1001);
    memory_free(stats.histogram);
}

Test(histogram, percentiles_are_the_first_to_reach_their_share) {
    uint64_t counts[HISTOGRAM_BUCKETS] = {0};
    cr_assert_eq(histogram_percentile_ns(counts, 50), 0);
    for (uint64_t ns = 1; ns <= 10; ns++) counts[histogram_bucket(ns)]++;
    cr_assert_eq(histogram_percentile_ns(counts, 0), 1);
    cr_assert_eq(histogram_percentile_ns(counts, 50), 5);
    cr_assert_eq(histogram_percentile_ns(counts, 50.1), 6);
    cr_assert_eq(histogram_percentile_ns(counts, 100), 10);
}

Test(histogram, counts_below_a_power_are_exact) {
    uint64_t counts[HISTOGRAM_BUCKETS] = {0};
    for (uint64_t ns = 0; ns < 5000; ns++) counts[histogram_bucket(ns)]++;
    cr_assert_eq(histogram_below_power(counts, 10), 1024);
    cr_assert_eq(histogram_below_power(counts, 12), 4096);
    cr_assert_eq(histogram_below_power(counts, 13), 5000);
    cr_assert_eq(histogram_below_power(counts, 40), 5000);
}
