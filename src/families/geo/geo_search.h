/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A search of a sorted set for the points in an area: what is asked, and what was found. */
#include "collections/sorted_set_value.h"
#include "commands/family.h"
#include "families/geo/geo_area.h"

enum geo_sort { GEO_UNSORTED, GEO_NEAREST, GEO_FARTHEST };

struct geo_search {
    struct geo_area area;
    double unit;  /* metres */
    size_t limit; /* points wanted; 0: all */
    bool any;     /* whichever are found first will do */
    enum geo_sort sort;
};

struct geo_found {
    struct bytes name; /* borrowed from the value, or in the arena */
    double score;
    double distance; /* in the search's unit */
};

struct geo_finding {
    struct geo_found *points; /* in the arena */
    size_t count;
    size_t capacity;
    bool failed; /* memory was refused */
};

/* Finds them, in order and within the limit. O(n) for n points in the cover of the area, which is
 * at most some times the area, and O(m log m) to sort the m in the area itself. */
void geo_search_run(struct call *call, const struct geo_search *search, const struct value *value,
                    struct geo_finding *finding);
