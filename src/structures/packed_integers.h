/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A small set of integers as one run of bytes: Redis's intset, as RDB files and DUMP carry it.
 *
 *   width u32: 2, 4 or 8 | count u32 | integers, ascending, so wide each     all little-endian
 *
 * The first integer that needs more bits widens all; they never get narrower again. The memory is
 * somebody else's and nothing here allocates: a change is planned, the owner sees to the room, then
 * it is applied in place, as in packed_list.h. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/outcome.h"

#define PACKED_INTEGERS_EMPTY_BYTES 8u

void packed_integers_init_empty(uint8_t set[PACKED_INTEGERS_EMPTY_BYTES]);

static inline uint32_t packed_integers_width(const uint8_t *set) {
    uint32_t width;
    memcpy(&width, set, sizeof(width));
    return width;
}

static inline uint32_t packed_integers_count(const uint8_t *set) {
    uint32_t count;
    memcpy(&count, set + sizeof(uint32_t), sizeof(count));
    return count;
}

static inline size_t packed_integers_bytes_total(const uint8_t *set) {
    return PACKED_INTEGERS_EMPTY_BYTES +
           (size_t)packed_integers_width(set) * packed_integers_count(set);
}

/* The integer at an index below the count; ascending, so 0 is the least and count - 1 the
 * greatest. */
int64_t packed_integers_get(const uint8_t *set, uint32_t index);

/* Where `value` is, or would be put. O(log count). */
bool packed_integers_find(const uint8_t *set, int64_t value, uint32_t *index);
static inline bool packed_integers_has(const uint8_t *set, int64_t value) {
    uint32_t index;
    return packed_integers_find(set, value, &index);
}

struct packed_integers_change {
    size_t bytes_before;
    size_t bytes_after;
    uint32_t index;
    uint32_t width; /* of all, when it is done */
    int64_t value;
    bool is_removal;
};

/* A value that is not there, at the index that packed_integers_find gave. The count stays below
 * 2^32 - 1 (asserted). */
struct packed_integers_change packed_integers_plan_insert(const uint8_t *set, uint32_t index,
                                                          int64_t value);
struct packed_integers_change packed_integers_plan_remove(const uint8_t *set, uint32_t index);
/* There is room for the larger of both sizes. O(count). */
void packed_integers_apply(uint8_t *set, const struct packed_integers_change *change);

/* Whether bytes of strangers are a set: a width that there is, as many integers as it says, each
 * greater than the one before. It may be empty, or wider than it needs to be. O(count). */
bool packed_integers_validate(struct bytes input) MUST_CHECK;
