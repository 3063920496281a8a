/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Unions, intersections and differences of sorted sets and sets, whose members count as if their
 * score were 1.
 *
 * Sources are taken from the smallest on, as Redis does: sums of scores are rounded the same way
 * then. A union costs O(n) and twelve bytes of index a member beside the result, an intersection
 * O(n * k) for the smallest of k sources, a difference the same for the first. */
#include <stdbool.h>
#include <stddef.h>

#include "collections/sorted_set_build.h"
#include "collections/sorted_set_value.h"

enum sorted_set_aggregate { SORTED_SET_SUM, SORTED_SET_MIN, SORTED_SET_MAX };

struct sorted_set_source {
    struct value value; /* type NULL: nothing is there */
    double weight;
    size_t count;
};

/* A source of this value, which must be readable (sorted_set_source_accepts). */
void sorted_set_source_init(struct sorted_set_source *source, const struct value *value);
bool sorted_set_source_accepts(const struct value *value);
/* In order of size, smallest first. */
void sorted_set_sources_sort(struct sorted_set_source *sources, size_t count);

void sorted_set_combine_union(struct sorted_set_build *build,
                              const struct sorted_set_source *sources, size_t count,
                              enum sorted_set_aggregate aggregate);
void sorted_set_combine_intersection(struct sorted_set_build *build,
                                     const struct sorted_set_source *sources, size_t count,
                                     enum sorted_set_aggregate aggregate);
/* Of the first source without what any other has. */
void sorted_set_combine_difference(struct sorted_set_build *build,
                                   const struct sorted_set_source *sources, size_t count);
/* How many members all have; stops at `limit` (0: none). */
size_t sorted_set_combine_count(const struct sorted_set_source *sources, size_t count,
                                size_t limit);
