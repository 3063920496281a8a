/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The nodes of an ordered tree: for ordered_tree.c, ordered_leaf.c and ordered_inner.c alone. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "structures/ordered_tree.h"

#define SLOT_POINTER_BITS 48
#define SLOT_POINTER_MASK (((uint64_t)1 << SLOT_POINTER_BITS) - 1)
#define FRAGMENT_MAX 0xffff
#define LEAF_SLOTS_MIN (ORDERED_LEAF_SLOTS / 4) /* fewer: neighbours are asked to merge */
#define LEAF_MERGED_MAX 48
#define INNER_CHILDREN_MIN (ORDERED_INNER_CHILDREN / 4)
#define INNER_MERGED_MAX 48

/* Which of the two a node is follows from its depth. */
struct ordered_node {
    uint8_t count;
    uint8_t capacity; /* slots of a leaf: 2, 6, 10 ... 62 */
    uint8_t shift;    /* of a leaf's fragments */
};

struct ordered_leaf {
    struct ordered_node node;
    uint64_t base; /* fragment = (key >> shift) - base, modulo 2^64 */
    uint64_t slots[];
};

struct ordered_inner {
    struct ordered_node node;
    uint64_t keys[ORDERED_INNER_CHILDREN]; /* of the first items */
    struct ordered_node *children[ORDERED_INNER_CHILDREN];
    void *firsts[ORDERED_INNER_CHILDREN];
    uint32_t counts[ORDERED_INNER_CHILDREN]; /* items below */
};

static inline struct ordered_leaf *as_leaf(struct ordered_node *node) {
    return (struct ordered_leaf *)node;
}

static inline struct ordered_inner *as_inner(struct ordered_node *node) {
    return (struct ordered_inner *)node;
}

static inline void *slot_item(uint64_t slot) {
    return (void *)(uintptr_t)(slot & SLOT_POINTER_MASK);
}

/* --- leaves --- */

struct ordered_leaf *leaf_create(struct ordered_tree *tree, size_t slots);
void leaf_destroy(struct ordered_tree *tree, struct ordered_leaf *leaf);
/* Room for `slots` slots, not much more; the leaf may move. */
struct ordered_leaf *leaf_resize(struct ordered_tree *tree, struct ordered_leaf *leaf,
                                 size_t slots);
/* How many slots lie in front of the probe's place. */
size_t leaf_seek(const struct ordered_tree *tree, const struct ordered_leaf *leaf,
                 const struct ordered_probe *probe);
/* There must be room. */
void leaf_insert(const struct ordered_tree *tree, struct ordered_leaf *leaf, size_t at, void *item,
                 uint64_t key);
/* Moves the slots from `at` on into a leaf of their own. */
struct ordered_leaf *leaf_split(struct ordered_tree *tree, struct ordered_leaf **leaf, size_t at);
/* Appends the slots of `right`, which is destroyed. */
struct ordered_leaf *leaf_merge(struct ordered_tree *tree, struct ordered_leaf *left,
                                struct ordered_leaf *right);
bool leaf_is_sound(const struct ordered_tree *tree, const struct ordered_leaf *leaf);

/* --- inner nodes --- */

struct ordered_inner *inner_create(struct ordered_tree *tree);
void inner_destroy(struct ordered_tree *tree, struct ordered_inner *inner);
/* The child under which the probe's place lies. */
size_t inner_seek(const struct ordered_inner *inner, const struct ordered_probe *probe);
void inner_insert(struct ordered_inner *inner, size_t at, struct ordered_node *child, void *first,
                  uint64_t key, size_t count);
void inner_remove(struct ordered_inner *inner, size_t at);
struct ordered_inner *inner_split(struct ordered_tree *tree, struct ordered_inner *inner,
                                  size_t at);
void inner_merge(struct ordered_tree *tree, struct ordered_inner *left,
                 struct ordered_inner *right);
size_t inner_item_count(const struct ordered_inner *inner);
