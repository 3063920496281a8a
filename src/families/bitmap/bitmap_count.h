/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How many bits are set in a run of bytes, by the best way that this processor knows. O(bytes);
 * from the second-level cache a vector a cycle, beyond it as fast as memory gives them.
 * Source of the byte-shuffling count: W. Muła, N. Kurz, D. Lemire, "Faster Population Counts Using
 * AVX2 Instructions" (2016). */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

uint64_t bitmap_count(struct bytes bytes);

/* Each way by itself, for tests: one that this processor lacks must not be asked. */
enum bitmap_count_way {
    BITMAP_COUNT_PLAIN,
    BITMAP_COUNT_POPCNT,
    BITMAP_COUNT_AVX2,
    BITMAP_COUNT_AVX512,
    BITMAP_COUNT_WAYS,
};
bool bitmap_count_knows(enum bitmap_count_way way);
uint64_t bitmap_count_by(enum bitmap_count_way way, struct bytes bytes);
