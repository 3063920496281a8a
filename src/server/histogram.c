/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/histogram.h"

#include <math.h>

#include "base/memory.h"
#include "base/outcome.h"
#include "server/observe.h"

void command_histogram_note(struct command_stats *stats, uint64_t duration_ns) {
    if (UNLIKELY(stats->histogram == NULL))
        stats->histogram = memory_allocate_zero(HISTOGRAM_BUCKETS * sizeof(*stats->histogram));
    stats->histogram[histogram_bucket(duration_ns)]++;
}

uint64_t histogram_bucket_ns_max(size_t bucket) {
    size_t linear = (size_t)1 << HISTOGRAM_SUB_BITS;
    if (bucket < linear) return bucket;
    size_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    uint64_t first = (uint64_t)((bucket & (linear - 1)) + linear) << shift;
    return first + ((uint64_t)1 << shift) - 1;
}

uint64_t histogram_total(const uint64_t counts[HISTOGRAM_BUCKETS]) {
    uint64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) total += counts[i];
    return total;
}

uint64_t histogram_percentile_ns(const uint64_t counts[HISTOGRAM_BUCKETS], double percentile) {
    uint64_t total = histogram_total(counts);
    if (total == 0) return 0;
    uint64_t wanted = (uint64_t)ceil(percentile / 100 * (double)total);
    if (wanted < 1) wanted = 1;
    if (wanted > total) wanted = total;
    uint64_t seen = 0;
    size_t bucket = 0;
    while ((seen += counts[bucket]) < wanted) bucket++;
    return histogram_bucket_ns_max(bucket);
}

uint64_t histogram_below_power(const uint64_t counts[HISTOGRAM_BUCKETS], int power) {
    uint64_t below = 0;
    size_t end = power >= HISTOGRAM_POWERS ? HISTOGRAM_BUCKETS
                                           : histogram_bucket((uint64_t)1 << power);
    for (size_t i = 0; i < end; i++) below += counts[i];
    return below;
}
