/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Items in order, with counts: a B+-tree whose leaves point at what others own. Sorted sets order
 * their members by score with it, collections the members that have a deadline.
 *
 * An item's place is decided by a 64-bit sort key (`key_of`: a score turned by
 * ordered_key_of_double, a deadline) and, where keys are equal, by `compare`. No two items may be
 * equal in both.
 *
 * A leaf (at most 512 bytes) holds up to 62 slots of 64 bits: 48 bits of pointer under a 16-bit
 * fragment of the sort key, (key >> shift) - base, with shift and base the leaf's own, chosen so
 * that all of its keys fit. A search compares fragments inside the leaf and goes to an item only
 * where fragments are equal: one or two cache misses instead of six. Leaves take room in steps of
 * four slots. An inner node holds for each of up to 63 children the sort key and the pointer of
 * its first item, and how many items lie below: that is what makes ranks O(log n).
 * (Bayer and McCreight 1972; counts as in order statistic trees, CLRS chapter 14.)
 *
 * Budget: 8.8 bytes an item inserted in order, up to 10 in any other. A search in a million items
 * touches three inner nodes, one leaf, one or two items.
 *
 * The tree owns its nodes, never its items; an item that moves in memory is told by
 * ordered_tree_replace. Items must lie below 2^48 and above address 0. Command thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORDERED_LEAF_SLOTS 62
#define ORDERED_INNER_CHILDREN 63 /* 1776 bytes: fits a class of the allocator */
#define ORDERED_DEPTH_MAX 8       /* 2^32 items at the smallest fill need seven */

struct ordered_node;

/* The order. */
struct ordered_rules {
    uint64_t (*key_of)(const void *item);
    int (*compare)(const void *a, const void *b); /* of two items with equal keys */
};

struct ordered_tree {
    const struct ordered_rules *rules;
    struct ordered_node *root; /* NULL: empty */
    size_t item_count;
    size_t node_bytes; /* memory of all nodes */
    uint8_t depth;     /* levels of inner nodes above the leaves */
};

/* A place to look for: in front of or behind (bias -1, 1) all items of a key; with `compare`, among
 * those of that key where it says: below 0 when the place is in front of the item, 0 when it is
 * that item, above 0 when behind. `any_key`: the keys are ignored and `compare` decides alone. */
struct ordered_probe {
    uint64_t key;
    int (*compare)(const void *context, const void *item);
    const void *context;
    int8_t bias;
    bool any_key;
};

/* Where an item lies. Valid until the next change of the tree. */
struct ordered_cursor {
    struct ordered_node *nodes[ORDERED_DEPTH_MAX + 1]; /* from the root to the leaf */
    uint8_t indices[ORDERED_DEPTH_MAX + 1];
    uint8_t depth;
};

/* Doubles (no NaN) as integers of the same order; -0 and 0 are the same. */
static inline uint64_t ordered_key_of_double(double value) {
    union {
        double number;
        uint64_t bits;
    } both = {.number = value + 0.0};
    return both.bits >> 63 ? ~both.bits : both.bits | (uint64_t)1 << 63;
}

void ordered_tree_init(struct ordered_tree *tree, const struct ordered_rules *rules);
/* Frees the nodes. */
void ordered_tree_deinit(struct ordered_tree *tree);
/* The same in slices: visits the items of one leaf, the last, and frees it. `visit` may free them.
 * False: nothing is left, the tree is as after init. Until then nothing else may be asked of it. */
bool ordered_tree_demolish(struct ordered_tree *tree, void (*visit)(void *context, void *item),
                           void *context);

/* O(log n). The item must not be there; gives its rank. */
size_t ordered_tree_insert(struct ordered_tree *tree, void *item);
/* O(log n). Must be there, with the key that it had when it was inserted. */
void ordered_tree_remove(struct ordered_tree *tree, const void *item);
/* `item` has become `successor`, of the same key and order (it has moved). */
void ordered_tree_replace(struct ordered_tree *tree, const void *item, void *successor);
/* Removes the item under the cursor and those behind it, at most `count` and at most as many as
 * its leaf holds; each is given to `visit` (may be NULL). Returns how many. O(log n). */
size_t ordered_tree_remove_run(struct ordered_tree *tree, struct ordered_cursor *cursor,
                               size_t count, void (*visit)(void *context, void *item),
                               void *context);

/* How many items lie in front of this one, which must be there. O(log n). */
size_t ordered_tree_rank(const struct ordered_tree *tree, const void *item);
/* How many items lie in front of the probe's place; the cursor (may be NULL) is set to the first
 * one behind it. O(log n). */
size_t ordered_tree_seek(const struct ordered_tree *tree, const struct ordered_probe *probe,
                         struct ordered_cursor *cursor);
/* Sets the cursor to the item of this rank and gives it; NULL beyond the last. O(log n). */
void *ordered_tree_at(const struct ordered_tree *tree, size_t rank, struct ordered_cursor *cursor);

/* The item under the cursor; NULL behind the last and in front of the first. */
void *ordered_cursor_item(const struct ordered_cursor *cursor);
/* To the neighbour, which is given: NULL at the end, from where there is no way back. O(1) in the
 * mean. */
void *ordered_cursor_next(struct ordered_cursor *cursor);
void *ordered_cursor_previous(struct ordered_cursor *cursor);
/* Starts loading the items of the cursor's leaf from the cursor on, at most `count`. */
void ordered_cursor_prefetch(const struct ordered_cursor *cursor, size_t count);

/* Everything that must be true of the nodes; for tests. */
bool ordered_tree_is_sound(const struct ordered_tree *tree);
