/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Ranges of sorted sets: by rank, by score, by name. Whatever a range is asked by, in a set it is a
 * window: so many members from a rank on. So reading, counting, removing and popping a range are
 * one thing each.
 *
 * A range by name means something only where all scores are equal. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "collections/sorted_set_value.h"

enum sorted_set_order { SORTED_SET_BY_RANK, SORTED_SET_BY_SCORE, SORTED_SET_BY_NAME };

/* A bound: itself in the range, or not (`open`). Of names: `side` -1 is before every name, 1 behind
 * every name, 0 this one. */
struct sorted_set_bound {
    double score;
    struct bytes name; /* borrowed */
    int8_t side;
    bool open;
};

struct sorted_set_range {
    enum sorted_set_order by;
    bool reverse;        /* from the highest on: ranks and the offset count from there */
    int64_t start, stop; /* by rank; below 0 from the end */
    struct sorted_set_bound min, max;
    int64_t offset; /* of what lies in the range; below 0: nothing does */
    int64_t limit;  /* below 0: all of it */
};

/* Ranks in ascending order, whatever the range's direction. */
struct sorted_set_window {
    size_t first;
    size_t count;
};

/* "1.5", "(1.5", "-inf", as Redis reads them: an empty one is 0, what is too great is infinite. */
bool sorted_set_bound_score(struct bytes text, struct sorted_set_bound *bound) MUST_CHECK;
/* "[name", "(name", "-", "+" */
bool sorted_set_bound_name(struct bytes text, struct sorted_set_bound *bound) MUST_CHECK;

/* O(log n) for a big set, O(n) for a packed one. */
struct sorted_set_window sorted_set_range_window(const struct sorted_set_range *range,
                                                 const struct value *value);
