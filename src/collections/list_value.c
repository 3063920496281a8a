/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/list_value.h"

#include <assert.h>

#include "base/memory.h"
#include "collections/list_internal.h"

#define BYTES_SAFE 8192 /* of a block whose elements are counted */
#define COUNT_MAX 32767

static const uint8_t *packed(const struct value *value) {
    return (const uint8_t *)value->inlined.data;
}

static struct list *big(const struct value *value) { return value->boxed; }

static bool is_packed(const struct value *value) { return value->encoding == LIST_PACKED; }

/* --- limits --- */

struct packed_rule list_rule(const struct collection_limits *limits) {
    int32_t size = limits->list_packed_size;
    if (size >= 0) {
        uint32_t count = size == 0 ? 1 : size > COUNT_MAX ? COUNT_MAX : (uint32_t)size;
        return (struct packed_rule){BYTES_SAFE, count};
    }
    uint32_t shift = size < -5 ? 5 : (uint32_t)-size;
    return (struct packed_rule){2048u << shift, PACKED_LIST_COUNT_UNKNOWN - 1};
}

bool list_is_small(const struct collection_limits *limits, size_t bytes, size_t count,
                   uint32_t divisor) {
    struct packed_rule rule = list_rule(limits);
    if (limits->list_packed_size < 0) return bytes <= rule.bytes / divisor;
    return count <= rule.count / divisor && bytes <= BYTES_SAFE;
}

/* --- asking --- */

size_t list_count(const struct value *value) {
    return is_packed(value) ? packed_list_count(packed(value))
                            : packed_deque_count(&big(value)->deque);
}

static bool stand(struct list_walk *walk) {
    walk->item = walk->packed != NULL ? packed_list_get(walk->packed, walk->at)
                                      : packed_deque_get(walk->deque, walk->cursor);
    return true;
}

bool list_walk_start(struct list_walk *walk, const struct value *value, size_t index) {
    *walk = (struct list_walk){.packed = NULL};
    if (is_packed(value)) {
        if (index > INT64_MAX) return false;
        walk->packed = packed(value);
        walk->at = packed_list_seek(walk->packed, (int64_t)index);
        return walk->at != PACKED_LIST_NONE && stand(walk);
    }
    walk->deque = &big(value)->deque;
    return packed_deque_seek(walk->deque, index, &walk->cursor) && stand(walk);
}

bool list_walk_next(struct list_walk *walk) {
    if (walk->packed == NULL) return packed_deque_next(walk->deque, &walk->cursor) && stand(walk);
    walk->at = packed_list_next(walk->packed, walk->at);
    return !packed_list_is_end(walk->packed, walk->at) && stand(walk);
}

bool list_walk_previous(struct list_walk *walk) {
    if (walk->packed == NULL)
        return packed_deque_previous(walk->deque, &walk->cursor) && stand(walk);
    walk->at = packed_list_previous(walk->packed, walk->at);
    return walk->at != PACKED_LIST_NONE && stand(walk);
}

/* Passes over whole blocks that do not have it; false: beyond the last, or all of `left` is. */
static bool skip_blocks(struct list_walk *walk, const struct packed_item *needle, bool backward,
                        size_t *left) {
    const struct packed_deque *deque = walk->deque;
    uint32_t *block = &walk->cursor.block;
    const uint8_t *list = packed_deque_block(deque, *block)->list;
    while (packed_list_find(list, PACKED_LIST_FIRST, needle, 1) == PACKED_LIST_NONE) {
        size_t count = packed_deque_block_count(deque, *block);
        if (count >= *left || *block == (backward ? 0 : deque->block_count - 1)) return false;
        *left -= count;
        *block = backward ? *block - 1 : *block + 1;
        list = packed_deque_block(deque, *block)->list;
    }
    walk->cursor.at = backward ? packed_list_previous(list, packed_list_end(list))
                               : PACKED_LIST_FIRST;
    return stand(walk);
}

static bool stands_at_edge(const struct list_walk *walk, bool backward) {
    if (walk->packed != NULL) return false;
    if (!backward) return walk->cursor.at == PACKED_LIST_FIRST;
    const uint8_t *list = packed_deque_block(walk->deque, walk->cursor.block)->list;
    return packed_list_is_end(list, packed_list_next(list, walk->cursor.at));
}

bool list_walk_find(struct list_walk *walk, const struct packed_item *needle, bool backward,
                    size_t *left) {
    while (*left > 0) {
        if (stands_at_edge(walk, backward) && !skip_blocks(walk, needle, backward, left))
            return false;
        if (packed_item_equal(&walk->item, needle)) return true;
        --*left;
        if (!(backward ? list_walk_previous(walk) : list_walk_next(walk))) return false;
    }
    return false;
}

/* --- from packed to blocks --- */

static struct value value_of(struct list *list) {
    return (struct value){
        .type = &list_type, .storage = VALUE_BOXED, .encoding = LIST_BLOCKS, .boxed = list};
}

/* Puts the elements of a packed list into blocks, in the place of what is there. */
static bool make_big(struct value_home *home, bool is_quick) {
    struct list *list = list_create();
    list->is_quick = is_quick;
    struct value value = value_of(list);
    if (packed_deque_append_list(&list->deque, packed(home->value)) &&
        value_home_store(home, &value))
        return true;
    list_destroy(list);
    return false;
}

/* Of a list in blocks that is about to grow by texts of `bytes`. */
static void note_growth(struct list *list, const struct collection_limits *limits, size_t bytes,
                        size_t count) {
    if (list->is_quick) return;
    list->is_quick = !list_is_small(limits, list_packed_bytes(list) + bytes,
                                    packed_deque_count(&list->deque) + count, 1);
}

/* Of a list in blocks that may have shrunk. */
static void note_shrinking(struct list *list, const struct collection_limits *limits) {
    if (!list->is_quick || list->deque.block_count != 1) return;
    list->is_quick = !list_is_small(limits, list_packed_bytes(list),
                                    packed_deque_count(&list->deque), 2);
}

/* An entry takes at most 11 bytes beside its text, if that is short. */
#define ENTRY_BYTES_MAX 11

/* Whether a packed list (NULL: an empty one) stays INLINED when `count` texts of `bytes` join it;
 * if not, whether it is a "quicklist" then. */
static bool stays_packed(const uint8_t *list, const struct collection_limits *limits, size_t bytes,
                         size_t count, bool *is_quick) {
    size_t before = list == NULL ? PACKED_LIST_EMPTY_BYTES : packed_list_bytes_total(list);
    size_t before_count = list == NULL ? 0 : packed_list_count(list);
    *is_quick = !list_is_small(limits, before + bytes, before_count + count, 1);
    return !*is_quick && before + bytes + count * ENTRY_BYTES_MAX <= LIST_INLINED_BYTES_MAX;
}

/* Sees to it that a list can grow by `count` texts of `bytes` where it lies. False: refused. */
static bool prepare(struct value_home *home, const struct collection_limits *limits, size_t bytes,
                    size_t count) {
    bool is_quick;
    if (!is_packed(home->value)) note_growth(big(home->value), limits, bytes, count);
    else if (!stays_packed(packed(home->value), limits, bytes, count, &is_quick))
        return make_big(home, is_quick);
    return true;
}

/* --- changing --- */

/* Applies a change to a packed list. */
static bool apply(struct value_home *home, const struct packed_change *change) {
    uint8_t *list = (uint8_t *)(uintptr_t)home->value->inlined.data;
    if (change->bytes_after > change->bytes_before) {
        list = value_home_resize(home, change->bytes_after);
        if (list == NULL) return false;
    }
    packed_list_apply(list, change);
    if (change->bytes_after < change->bytes_before) {
        uint8_t *kept = value_home_resize(home, change->bytes_after);
        assert(kept != NULL); /* less room is never refused */
        (void)kept;
    }
    return true;
}

#define INLINED_ITEMS_MAX (LIST_INLINED_BYTES_MAX / ENTRY_BYTES_MAX)

static bool push_packed(struct value_home *home, bool front, const struct bytes *elements,
                        size_t count) {
    struct packed_item items[INLINED_ITEMS_MAX];
    assert(count <= INLINED_ITEMS_MAX);
    for (size_t i = 0; i < count; i++)
        items[i] = packed_item_of(elements[front ? count - 1 - i : i]);
    if (home->value->type != NULL) {
        const uint8_t *list = packed(home->value);
        uint32_t at = front ? PACKED_LIST_FIRST : packed_list_end(list);
        struct packed_change change = packed_list_plan(list, at, 0, items, (uint32_t)count);
        return apply(home, &change);
    }
    uint8_t list[LIST_INLINED_BYTES_MAX];
    packed_list_init_empty(list);
    struct packed_change change = packed_list_plan(list, PACKED_LIST_FIRST, 0, items,
                                                   (uint32_t)count);
    packed_list_apply(list, &change);
    struct value value = {.type = &list_type,
                          .storage = VALUE_INLINED,
                          .encoding = LIST_PACKED,
                          .inlined = bytes_make(list, change.bytes_after)};
    return value_home_store(home, &value);
}

static bool push_big(struct list *list, const struct collection_limits *limits, bool front,
                     const struct bytes *elements, size_t count) {
    struct packed_rule rule = list_rule(limits);
    for (size_t i = 0; i < count; i++) {
        if (packed_deque_push(&list->deque, &rule, front, elements[i])) continue;
        packed_deque_drop(&list->deque, front, i);
        return false;
    }
    return true;
}

/* Where nothing is, a list of these elements that begins in blocks. */
static bool push_new(struct value_home *home, const struct collection_limits *limits, bool front,
                     const struct bytes *elements, size_t count, bool is_quick) {
    struct list *list = list_create();
    list->is_quick = is_quick;
    struct value value = value_of(list);
    if (push_big(list, limits, front, elements, count) && value_home_store(home, &value))
        return true;
    list_destroy(list);
    return false;
}

bool list_push(struct value_home *home, const struct collection_limits *limits, bool front,
               const struct bytes *elements, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += elements[i].len;
    if (home->value->type == NULL) {
        bool is_quick;
        if (stays_packed(NULL, limits, bytes, count, &is_quick))
            return push_packed(home, front, elements, count);
        return push_new(home, limits, front, elements, count, is_quick);
    }
    if (!prepare(home, limits, bytes, count)) return false;
    if (is_packed(home->value)) return push_packed(home, front, elements, count);
    return push_big(big(home->value), limits, front, elements, count);
}

void list_drop(struct value_home *home, const struct collection_limits *limits, bool front,
               size_t count) {
    assert(count < list_count(home->value));
    if (count == 0) return;
    if (!is_packed(home->value)) {
        packed_deque_drop(&big(home->value)->deque, front, count);
        note_shrinking(big(home->value), limits);
        return;
    }
    const uint8_t *list = packed(home->value);
    uint32_t at = front ? PACKED_LIST_FIRST : packed_list_seek(list, -(int64_t)count);
    struct packed_change change = packed_list_plan(list, at, (uint32_t)count, NULL, 0);
    bool applied = apply(home, &change);
    assert(applied);
    (void)applied;
}

bool list_replace(struct value_home *home, const struct collection_limits *limits, size_t index,
                  struct bytes element) {
    if (!prepare(home, limits, element.len, 1)) return false;
    if (is_packed(home->value)) {
        const uint8_t *list = packed(home->value);
        struct packed_item item = packed_item_of(element);
        uint32_t at = packed_list_seek(list, (int64_t)index);
        struct packed_change change = packed_list_plan(list, at, 1, &item, 1);
        return apply(home, &change);
    }
    struct packed_rule rule = list_rule(limits);
    struct list *list = big(home->value);
    struct packed_cursor cursor;
    bool found = packed_deque_seek(&list->deque, index, &cursor);
    assert(found);
    (void)found;
    if (!packed_deque_replace(&list->deque, &rule, cursor, element)) return false;
    note_shrinking(list, limits);
    return true;
}

static enum list_outcome insert_packed(struct value_home *home, const struct packed_item *pivot,
                                       bool after, struct bytes element) {
    const uint8_t *list = packed(home->value);
    struct packed_item item = packed_item_of(element);
    uint32_t at = packed_list_find(list, PACKED_LIST_FIRST, pivot, 1);
    if (at == PACKED_LIST_NONE) return LIST_NO_PIVOT;
    if (after) at = packed_list_next(list, at);
    struct packed_change change = packed_list_plan(list, at, 0, &item, 1);
    return apply(home, &change) ? LIST_INSERTED : LIST_REFUSED;
}

enum list_outcome list_insert(struct value_home *home, const struct collection_limits *limits,
                              struct bytes pivot, bool after, struct bytes element) {
    struct packed_item needle = packed_item_of(pivot);
    if (!prepare(home, limits, element.len, 1)) return LIST_REFUSED;
    if (is_packed(home->value)) return insert_packed(home, &needle, after, element);
    struct list_walk walk;
    size_t left = SIZE_MAX;
    if (!list_walk_start(&walk, home->value, 0) || !list_walk_find(&walk, &needle, false, &left))
        return LIST_NO_PIVOT;
    struct packed_rule rule = list_rule(limits);
    struct packed_deque *deque = &big(home->value)->deque;
    bool inserted;
    if (after && !packed_deque_next(deque, &walk.cursor))
        inserted = packed_deque_push(deque, &rule, false, element);
    else inserted = packed_deque_insert(deque, &rule, walk.cursor, element);
    return inserted ? LIST_INSERTED : LIST_REFUSED;
}

static size_t remove_packed(struct value_home *home, const struct packed_item *needle, size_t count,
                            bool from_back) {
    const uint8_t *list = packed(home->value);
    uint32_t places[LIST_INLINED_BYTES_MAX / 2];
    size_t found = 0, removed = 0;
    uint32_t at = packed_list_find(list, PACKED_LIST_FIRST, needle, 1);
    while (at != PACKED_LIST_NONE && found < COUNT_OF(places)) {
        places[found++] = at;
        at = packed_list_find(list, packed_list_next(list, at), needle, 1);
    }
    /* The last ones first: the places in front of them hold. */
    size_t end = from_back || found < count ? found : count;
    for (; removed < count && removed < end; removed++) {
        list = packed(home->value);
        struct packed_change change = packed_list_plan(list, places[end - 1 - removed], 1, NULL, 0);
        bool applied = apply(home, &change);
        assert(applied);
        (void)applied;
    }
    return removed;
}

size_t list_remove(struct value_home *home, const struct collection_limits *limits,
                   struct bytes element, size_t count, bool from_back) {
    struct packed_item needle = packed_item_of(element);
    if (is_packed(home->value)) return remove_packed(home, &needle, count, from_back);
    struct packed_rule rule = list_rule(limits);
    struct list *list = big(home->value);
    size_t removed = packed_deque_remove_equal(&list->deque, &rule, &needle, count, from_back);
    if (removed > 0) note_shrinking(list, limits);
    return removed;
}

/* --- building --- */

struct list *list_create(void) {
    return memory_allocate_zero(sizeof(struct list));
}

void list_destroy(struct list *list) {
    packed_deque_deinit(&list->deque);
    memory_free(list);
}

bool list_append(struct list *list, const struct collection_limits *limits, struct bytes element) {
    struct packed_rule rule = list_rule(limits);
    return packed_deque_push(&list->deque, &rule, false, element);
}

struct value list_finish(struct list *list, const struct collection_limits *limits,
                         uint8_t scratch[LIST_INLINED_BYTES_MAX]) {
    size_t bytes = list_packed_bytes(list);
    assert(packed_deque_count(&list->deque) > 0);
    list->is_quick = !list_is_small(limits, bytes, packed_deque_count(&list->deque), 1);
    if (list->is_quick || list->deque.block_count > 1 || bytes > LIST_INLINED_BYTES_MAX)
        return value_of(list);
    memcpy(scratch, packed_deque_block(&list->deque, 0)->list, bytes);
    list_destroy(list);
    return (struct value){.type = &list_type,
                          .storage = VALUE_INLINED,
                          .encoding = LIST_PACKED,
                          .inlined = bytes_make(scratch, bytes)};
}
