/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/sorted_set_build.h"

#include <assert.h>
#include <stdlib.h>

#include "collections/sorted_set_internal.h"
#include "collections/sorted_set_value.h"

void sorted_set_build_init(struct sorted_set_build *build, struct arena *arena, size_t capacity) {
    *build = (struct sorted_set_build){.arena = arena, .capacity = capacity};
    if (capacity == 0) return;
    size_t size;
    build->failed = __builtin_mul_overflow(capacity, sizeof(*build->pairs), &size);
    if (!build->failed) build->pairs = arena_try_allocate(arena, size);
    if (build->pairs == NULL) build->failed = true;
}

static int compare_pairs(const void *a, const void *b) {
    const struct sorted_set_pair *one = a, *other = b;
    if (one->score != other->score) return one->score < other->score ? -1 : 1;
    return bytes_compare(one->name, other->name);
}

void sorted_set_build_add(struct sorted_set_build *build, struct bytes name, double score) {
    if (build->failed) return;
    assert(build->count < build->capacity);
    struct sorted_set_pair *pair = &build->pairs[build->count];
    *pair = (struct sorted_set_pair){arena_copy(build->arena, name), score};
    if (name.len > build->name_max) build->name_max = name.len;
    if (build->count > 0 && compare_pairs(pair - 1, pair) > 0) build->disordered = true;
    build->count++;
}

void sorted_set_build_sort(struct sorted_set_build *build) {
    if (build->disordered) qsort(build->pairs, build->count, sizeof(*build->pairs), compare_pairs);
    build->disordered = false;
}

/* INLINED bytes in the arena. */
static bool make_packed(struct sorted_set_build *build, struct value *value) {
    struct arena *arena = build->arena;
    size_t items_len = build->count * 2;
    struct packed_item *items = arena_allocate(arena, items_len * sizeof(*items));
    for (size_t i = 0; i < build->count; i++) {
        char *text = arena_allocate(arena, TEXT_DOUBLE_MAX);
        items[i * 2] = packed_item_of(build->pairs[i].name);
        items[i * 2 + 1] = sorted_set_packed_score(build->pairs[i].score, text);
    }
    uint8_t empty[PACKED_LIST_EMPTY_BYTES];
    packed_list_init_empty(empty);
    struct packed_change change = packed_list_plan(empty, PACKED_LIST_FIRST, 0, items,
                                                   (uint32_t)items_len);
    uint8_t *list = arena_try_allocate(arena, change.bytes_after);
    if (list == NULL) return false;
    packed_list_init_empty(list);
    packed_list_apply(list, &change);
    *value = (struct value){.type = &sorted_set_type,
                            .storage = VALUE_INLINED,
                            .encoding = SORTED_SET_PACKED,
                            .inlined = bytes_make(list, change.bytes_after)};
    return true;
}

static bool make_big(struct sorted_set_build *build, struct value *value) {
    struct sorted_set *set = sorted_set_create();
    for (size_t i = 0; i < build->count; i++) {
        struct member_parts parts = {.name = build->pairs[i].name, .score = build->pairs[i].score};
        if (sorted_set_add(set, &parts)) continue;
        sorted_set_destroy(set);
        return false;
    }
    *value = (struct value){.type = &sorted_set_type,
                            .storage = VALUE_BOXED,
                            .encoding = SORTED_SET_TREE,
                            .boxed = set};
    return true;
}

bool sorted_set_build_finish(struct sorted_set_build *build, const struct collection_limits *limits,
                             struct value *value) {
    assert(build->failed || build->count > 0);
    if (build->failed) return false;
    sorted_set_build_sort(build);
    bool packed = build->count <= limits->sorted_set_packed_entries &&
                  build->name_max <= limits->sorted_set_packed_value;
    return packed ? make_packed(build, value) : make_big(build, value);
}
