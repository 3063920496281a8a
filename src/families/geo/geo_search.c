/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/geo/geo_search.h"

#include <stdlib.h>

#define FIRST_CAPACITY 32

/* Room for one more; the old array stays behind in the arena. */
static bool make_room(struct call *call, struct geo_finding *finding) {
    if (finding->count < finding->capacity) return true;
    size_t capacity = finding->capacity == 0 ? FIRST_CAPACITY : finding->capacity * 2;
    struct geo_found *points = arena_try_allocate(call_arena(call), capacity * sizeof(*points));
    if (points == NULL) {
        finding->failed = true;
        return false;
    }
    if (finding->count > 0) memcpy(points, finding->points, finding->count * sizeof(*points));
    finding->points = points;
    finding->capacity = capacity;
    return true;
}

static bool is_enough(const struct geo_search *search, const struct geo_finding *finding) {
    return finding->failed || (search->any && search->limit > 0 && finding->count >= search->limit);
}

static void search_range(struct call *call, const struct geo_search *search,
                         const struct value *value, struct geo_range range,
                         struct geo_finding *finding) {
    struct sorted_set_walk walk;
    size_t rank = sorted_set_seek_score(value, (double)range.first, false);
    bool on = sorted_set_walk_start(&walk, value, rank);
    for (; on && walk.item.score < (double)range.end; on = sorted_set_walk_next(&walk)) {
        double distance;
        if (!geo_area_contains(&search->area, geo_point_of(walk.item.score), &distance)) continue;
        if (!make_room(call, finding)) return;
        struct bytes name = walk.item.name;
        /* A packed name may be a number in the walk's own scratch. */
        if (value->storage == VALUE_INLINED) name = arena_copy(call_arena(call), name);
        finding->points[finding->count++] = (struct geo_found){name, walk.item.score,
                                                               distance / search->unit};
        if (is_enough(search, finding)) return;
    }
}

static int compare_nearest(const void *a, const void *b) {
    const struct geo_found *one = a, *other = b;
    return one->distance < other->distance ? -1 : one->distance > other->distance;
}

static int compare_farthest(const void *a, const void *b) { return compare_nearest(b, a); }

void geo_search_run(struct call *call, const struct geo_search *search, const struct value *value,
                    struct geo_finding *finding) {
    struct geo_range ranges[GEO_RANGES_MAX];
    size_t count = geo_area_cover(&search->area, ranges);
    *finding = (struct geo_finding){0};
    for (size_t i = 0; i < count && !is_enough(search, finding); i++)
        search_range(call, search, value, ranges[i], finding);
    enum geo_sort sort = search->sort;
    if (sort == GEO_UNSORTED && search->limit > 0 && !search->any) sort = GEO_NEAREST;
    if (sort != GEO_UNSORTED && finding->count > 1)
        qsort(finding->points, finding->count, sizeof(*finding->points),
              sort == GEO_NEAREST ? compare_nearest : compare_farthest);
    if (search->limit > 0 && finding->count > search->limit) finding->count = search->limit;
}
