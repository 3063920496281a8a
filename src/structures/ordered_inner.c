/* SPDX-License-Identifier: BSD-3-Clause */
/* Inner nodes: which child, and how many items below. */
#include <string.h>

#include "base/memory.h"
#include "structures/ordered_tree_internal.h"

struct ordered_inner *inner_create(struct ordered_tree *tree) {
    struct ordered_inner *inner = memory_allocate(sizeof(*inner));
    inner->node = (struct ordered_node){0};
    tree->node_bytes += memory_block_bytes(inner);
    return inner;
}

void inner_destroy(struct ordered_tree *tree, struct ordered_inner *inner) {
    tree->node_bytes -= memory_block_bytes(inner);
    memory_free(inner);
}

/* True when the probe's place lies behind the first item of this child, or is that item. */
static inline bool is_behind(const struct ordered_inner *inner, size_t child,
                             const struct ordered_probe *probe) {
    if (!probe->any_key && inner->keys[child] != probe->key) return inner->keys[child] < probe->key;
    if (probe->compare == NULL) return probe->bias > 0;
    return probe->compare(probe->context, inner->firsts[child]) >= 0;
}

size_t inner_seek(const struct ordered_inner *inner, const struct ordered_probe *probe) {
    size_t low = 0, high = inner->node.count - 1u; /* the answer is from low to high */
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (is_behind(inner, middle, probe)) low = middle;
        else high = middle - 1;
    }
    return low;
}

#define SHIFT(array, to, from, count) \
    memmove((array) + (to), (array) + (from), (count) * sizeof((array)[0]))
#define MOVE(target, to, source, from, count) \
    memcpy((target) + (to), (source) + (from), (count) * sizeof((target)[0]))

void inner_insert(struct ordered_inner *inner, size_t at, struct ordered_node *child, void *first,
                  uint64_t key, size_t count) {
    size_t behind = inner->node.count - at;
    assert(inner->node.count < ORDERED_INNER_CHILDREN);
    SHIFT(inner->keys, at + 1, at, behind);
    SHIFT(inner->children, at + 1, at, behind);
    SHIFT(inner->firsts, at + 1, at, behind);
    SHIFT(inner->counts, at + 1, at, behind);
    inner->keys[at] = key;
    inner->children[at] = child;
    inner->firsts[at] = first;
    inner->counts[at] = (uint32_t)count;
    inner->node.count++;
}

void inner_remove(struct ordered_inner *inner, size_t at) {
    size_t behind = inner->node.count - at - 1;
    SHIFT(inner->keys, at, at + 1, behind);
    SHIFT(inner->children, at, at + 1, behind);
    SHIFT(inner->firsts, at, at + 1, behind);
    SHIFT(inner->counts, at, at + 1, behind);
    inner->node.count--;
}

/* Appends `count` children of `source`. */
static void inner_append(struct ordered_inner *target, const struct ordered_inner *source,
                         size_t from, size_t count) {
    size_t to = target->node.count;
    MOVE(target->keys, to, source->keys, from, count);
    MOVE(target->children, to, source->children, from, count);
    MOVE(target->firsts, to, source->firsts, from, count);
    MOVE(target->counts, to, source->counts, from, count);
    target->node.count = (uint8_t)(to + count);
}

struct ordered_inner *inner_split(struct ordered_tree *tree, struct ordered_inner *inner,
                                  size_t at) {
    struct ordered_inner *right = inner_create(tree);
    inner_append(right, inner, at, inner->node.count - at);
    inner->node.count = (uint8_t)at;
    return right;
}

void inner_merge(struct ordered_tree *tree, struct ordered_inner *left,
                 struct ordered_inner *right) {
    inner_append(left, right, 0, right->node.count);
    inner_destroy(tree, right);
}

size_t inner_item_count(const struct ordered_inner *inner) {
    size_t sum = 0;
    for (size_t i = 0; i < inner->node.count; i++) sum += inner->counts[i];
    return sum;
}
