/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/sorted_set/sorted_set_combine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "collections/sorted_set_value.h"

/* --- sources --- */

bool sorted_set_source_accepts(const struct value *value) {
    return value->type == &sorted_set_type;
}

void sorted_set_source_init(struct sorted_set_source *source, const struct value *value) {
    *source = (struct sorted_set_source){.value = *value, .weight = 1};
    if (value->type != NULL) source->count = sorted_set_count(value);
}

static int compare_sizes(const void *a, const void *b) {
    const struct sorted_set_source *one = a, *other = b;
    return one->count < other->count ? -1 : one->count > other->count;
}

void sorted_set_sources_sort(struct sorted_set_source *sources, size_t count) {
    qsort(sources, count, sizeof(*sources), compare_sizes);
}

static bool find(const struct sorted_set_source *source, struct bytes name, double *score) {
    return source->count > 0 && sorted_set_find(&source->value, name, score);
}

/* All members of a source. */
struct source_walk {
    struct sorted_set_walk walk;
    struct sorted_set_item *item;
};

static bool walk_start(struct source_walk *walk, const struct sorted_set_source *source) {
    walk->item = &walk->walk.item;
    return source->count > 0 && sorted_set_walk_start(&walk->walk, &source->value, 0);
}

static bool walk_next(struct source_walk *walk) { return sorted_set_walk_next(&walk->walk); }

/* --- scores --- */

/* 0 times infinity, and infinity less infinity, are 0. */
static double without_nan(double score) { return isnan(score) ? 0 : score; }

static double weighted(const struct sorted_set_source *source, double score) {
    return without_nan(source->weight * score);
}

static double aggregated(enum sorted_set_aggregate aggregate, double a, double b) {
    switch (aggregate) {
    case SORTED_SET_MIN: return b < a ? b : a;
    case SORTED_SET_MAX: return b > a ? b : a;
    default: return without_nan(a + b);
    }
}

/* --- unions --- */

/* Where in the build a name is: open addressing, a slot holds half of the hash and index + 1. */
struct name_index {
    uint64_t *slots;
    size_t mask;
};

#define SLOT_TAG(hash) ((hash) & ~(uint64_t)UINT32_MAX)

static bool index_init(struct name_index *index, struct sorted_set_build *build) {
    size_t slots = 16;
    while (slots < build->capacity * 3 / 2) slots *= 2;
    if (build->capacity >= UINT32_MAX) return false;
    index->mask = slots - 1;
    index->slots = arena_try_allocate(build->arena, slots * sizeof(*index->slots));
    if (index->slots != NULL) memset(index->slots, 0, slots * sizeof(*index->slots));
    return index->slots != NULL;
}

/* The pair of this name, or NULL, and then it is known to be the next one from now on. */
static struct sorted_set_pair *find_pair(struct name_index *index, struct sorted_set_build *build,
                                         struct bytes name) {
    uint64_t hash = hash_bytes(name);
    for (size_t i = hash & index->mask;; i = (i + 1) & index->mask) {
        uint64_t slot = index->slots[i];
        if (slot == 0) {
            index->slots[i] = SLOT_TAG(hash) | (build->count + 1);
            return NULL;
        }
        if (SLOT_TAG(slot) != SLOT_TAG(hash)) continue;
        struct sorted_set_pair *pair = &build->pairs[(uint32_t)slot - 1];
        if (bytes_equal(pair->name, name)) return pair;
    }
}

void sorted_set_combine_union(struct sorted_set_build *build,
                              const struct sorted_set_source *sources, size_t count,
                              enum sorted_set_aggregate aggregate) {
    struct name_index index;
    if (build->failed || build->capacity == 0) return;
    if (!index_init(&index, build)) {
        build->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct source_walk walk;
        bool on = walk_start(&walk, &sources[i]);
        for (; on; on = walk_next(&walk)) {
            double score = weighted(&sources[i], walk.item->score);
            struct sorted_set_pair *pair = find_pair(&index, build, walk.item->name);
            if (pair == NULL) sorted_set_build_add(build, walk.item->name, score);
            else pair->score = aggregated(aggregate, pair->score, score);
        }
    }
    /* Scores have changed after they were added. */
    build->disordered = true;
}

/* --- intersections --- */

void sorted_set_combine_intersection(struct sorted_set_build *build,
                                     const struct sorted_set_source *sources, size_t count,
                                     enum sorted_set_aggregate aggregate) {
    struct source_walk walk;
    for (bool on = walk_start(&walk, &sources[0]); on; on = walk_next(&walk)) {
        double score = weighted(&sources[0], walk.item->score), other;
        size_t i = 1;
        for (; i < count && find(&sources[i], walk.item->name, &other); i++)
            score = aggregated(aggregate, score, sources[i].weight * other); /* as Redis has it */
        if (i == count) sorted_set_build_add(build, walk.item->name, score);
    }
}

size_t sorted_set_combine_count(const struct sorted_set_source *sources, size_t count,
                                size_t limit) {
    struct source_walk walk;
    size_t found = 0;
    for (bool on = walk_start(&walk, &sources[0]); on; on = walk_next(&walk)) {
        double score;
        size_t i = 1;
        while (i < count && find(&sources[i], walk.item->name, &score)) i++;
        if (i == count && ++found == limit) break;
    }
    return found;
}

/* --- differences --- */

void sorted_set_combine_difference(struct sorted_set_build *build,
                                   const struct sorted_set_source *sources, size_t count) {
    struct source_walk walk;
    for (bool on = walk_start(&walk, &sources[0]); on; on = walk_next(&walk)) {
        double score;
        size_t i = 1;
        while (i < count && !find(&sources[i], walk.item->name, &score)) i++;
        if (i == count) sorted_set_build_add(build, walk.item->name, walk.item->score);
    }
}
