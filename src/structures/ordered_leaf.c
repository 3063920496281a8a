/* SPDX-License-Identifier: BSD-3-Clause */
/* Leaves: slots, their fragments, and the search among them. */
#include <string.h>

#include "base/memory.h"
#include "base/outcome.h"
#include "structures/ordered_tree_internal.h"

#define HEADER_SLOTS (offsetof(struct ordered_leaf, slots) / sizeof(uint64_t))
#define STEP_SLOTS 4
/* A frame is chosen so that the keys take at most half of it, in its middle: the range may double
 * before the next one is needed. */
#define FRAME_FILL_MAX 0x7fff
#define FRAME_OFFSET 0x4000
/* Below this a frame has become too coarse for what is left in the leaf. */
#define FRAME_FILL_MIN 0x0fff

static size_t capacity_for(size_t slots) {
    size_t whole = (slots + HEADER_SLOTS + STEP_SLOTS - 1) / STEP_SLOTS * STEP_SLOTS;
    return whole - HEADER_SLOTS;
}

static size_t leaf_bytes(size_t capacity) { return (capacity + HEADER_SLOTS) * sizeof(uint64_t); }

struct ordered_leaf *leaf_create(struct ordered_tree *tree, size_t slots) {
    assert(slots <= ORDERED_LEAF_SLOTS);
    size_t capacity = capacity_for(slots);
    struct ordered_leaf *leaf = memory_small_allocate(leaf_bytes(capacity));
    memset(leaf, 0, offsetof(struct ordered_leaf, slots));
    leaf->node.capacity = (uint8_t)capacity;
    tree->node_bytes += memory_small_class(leaf_bytes(capacity));
    return leaf;
}

void leaf_destroy(struct ordered_tree *tree, struct ordered_leaf *leaf) {
    tree->node_bytes -= memory_small_class(leaf_bytes(leaf->node.capacity));
    memory_small_free(leaf, leaf_bytes(leaf->node.capacity));
}

struct ordered_leaf *leaf_resize(struct ordered_tree *tree, struct ordered_leaf *leaf,
                                 size_t slots) {
    size_t old = leaf->node.capacity, capacity = capacity_for(slots);
    if (capacity == old) return leaf;
    assert(capacity >= leaf->node.count && capacity <= ORDERED_LEAF_SLOTS);
    leaf = memory_small_reallocate(leaf, leaf_bytes(old), leaf_bytes(capacity));
    leaf->node.capacity = (uint8_t)capacity;
    tree->node_bytes += memory_small_class(leaf_bytes(capacity));
    tree->node_bytes -= memory_small_class(leaf_bytes(old));
    return leaf;
}

/* --- fragments --- */

static inline uint64_t fragment_of(const struct ordered_leaf *leaf, uint64_t key) {
    return (key >> leaf->node.shift) - leaf->base;
}

static inline uint64_t slot_make(uint64_t fragment, const void *item) {
    uint64_t pointer = (uint64_t)(uintptr_t)item;
    assert(pointer != 0 && pointer <= SLOT_POINTER_MASK);
    return fragment << SLOT_POINTER_BITS | pointer;
}

/* Where a frame begins that holds `low`: with room on both sides, and never across either end of
 * the keys, where those of the other end would seem to lie in it. */
static inline uint64_t frame_base(uint64_t low, uint64_t highest) {
    uint64_t base = low > FRAME_OFFSET ? low - FRAME_OFFSET : 0;
    uint64_t last = highest > FRAGMENT_MAX ? highest - FRAGMENT_MAX : 0;
    return base < last ? base : last;
}

/* Chooses a frame for keys from `low` to `high`, and makes the fragments anew. */
static void leaf_frame(const struct ordered_tree *tree, struct ordered_leaf *leaf, uint64_t low,
                       uint64_t high) {
    uint8_t shift = 0;
    while ((high >> shift) - (low >> shift) > FRAME_FILL_MAX) shift++;
    leaf->node.shift = shift;
    leaf->base = frame_base(low >> shift, UINT64_MAX >> shift);
    for (size_t i = 0; i < leaf->node.count; i++) {
        const void *item = slot_item(leaf->slots[i]);
        leaf->slots[i] = slot_make(fragment_of(leaf, tree->rules->key_of(item)), item);
    }
}

static void leaf_frame_own(const struct ordered_tree *tree, struct ordered_leaf *leaf) {
    uint64_t low = tree->rules->key_of(slot_item(leaf->slots[0]));
    uint64_t high = tree->rules->key_of(slot_item(leaf->slots[leaf->node.count - 1]));
    leaf_frame(tree, leaf, low, high);
}

/* After slots have gone: a finer frame when the old one no longer tells the keys apart. */
static void leaf_frame_tend(const struct ordered_tree *tree, struct ordered_leaf *leaf) {
    if (leaf->node.count == 0 || leaf->node.shift == 0) return;
    uint64_t first = leaf->slots[0] >> SLOT_POINTER_BITS;
    uint64_t last = leaf->slots[leaf->node.count - 1] >> SLOT_POINTER_BITS;
    if (last - first < FRAME_FILL_MIN) leaf_frame_own(tree, leaf);
}

/* --- search --- */

/* Below 0: the probe's place is in front of the item. */
static inline int probe_order(const struct ordered_tree *tree, const struct ordered_probe *probe,
                              const void *item) {
    if (!probe->any_key) {
        uint64_t key = tree->rules->key_of(item);
        if (probe->key != key) return probe->key < key ? -1 : 1;
    }
    return probe->compare != NULL ? probe->compare(probe->context, item) : probe->bias;
}

/* The first slot from `low` up to `high` in front of which the place lies, asking the items. */
static size_t seek_items(const struct ordered_tree *tree, const struct ordered_leaf *leaf,
                         const struct ordered_probe *probe, size_t low, size_t high) {
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (probe_order(tree, probe, slot_item(leaf->slots[middle])) > 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The first slot that is not below `bound`. Branch-free: the compiler makes it conditional moves.
 */
static inline size_t seek_slots(const struct ordered_leaf *leaf, uint64_t bound) {
    const uint64_t *base = leaf->slots;
    size_t count = leaf->node.count;
    while (count > 1) {
        size_t half = count / 2;
        base += base[half - 1] < bound ? half : 0;
        count -= half;
    }
    return (size_t)(base - leaf->slots) + (count == 1 && base[0] < bound);
}

size_t leaf_seek(const struct ordered_tree *tree, const struct ordered_leaf *leaf,
                 const struct ordered_probe *probe) {
    size_t count = leaf->node.count;
    if (probe->any_key) return seek_items(tree, leaf, probe, 0, count);
    uint64_t fragment = fragment_of(leaf, probe->key);
    if (UNLIKELY(fragment > FRAGMENT_MAX)) {
        return count == 0 || probe->key < tree->rules->key_of(slot_item(leaf->slots[0])) ? 0
                                                                                         : count;
    }
    size_t low = seek_slots(leaf, fragment << SLOT_POINTER_BITS);
    size_t high = low;
    while (high < count && leaf->slots[high] >> SLOT_POINTER_BITS == fragment) high++;
    return low == high ? low : seek_items(tree, leaf, probe, low, high);
}

/* --- changes --- */

void leaf_insert(const struct ordered_tree *tree, struct ordered_leaf *leaf, size_t at, void *item,
                 uint64_t key) {
    size_t count = leaf->node.count;
    assert(at <= count && count < leaf->node.capacity);
    if (UNLIKELY(count == 0)) {
        leaf_frame(tree, leaf, key, key);
    } else if (UNLIKELY(fragment_of(leaf, key) > FRAGMENT_MAX)) {
        uint64_t low = tree->rules->key_of(slot_item(leaf->slots[0]));
        uint64_t high = tree->rules->key_of(slot_item(leaf->slots[count - 1]));
        leaf_frame(tree, leaf, key < low ? key : low, key > high ? key : high);
    }
    memmove(leaf->slots + at + 1, leaf->slots + at, (count - at) * sizeof(uint64_t));
    leaf->slots[at] = slot_make(fragment_of(leaf, key), item);
    leaf->node.count++;
}

struct ordered_leaf *leaf_split(struct ordered_tree *tree, struct ordered_leaf **leaf, size_t at) {
    struct ordered_leaf *left = *leaf;
    size_t moved = left->node.count - at;
    struct ordered_leaf *right = leaf_create(tree, moved);
    right->node.count = (uint8_t)moved;
    right->node.shift = left->node.shift;
    right->base = left->base;
    memcpy(right->slots, left->slots + at, moved * sizeof(uint64_t));
    left->node.count = (uint8_t)at;
    *leaf = left = leaf_resize(tree, left, at);
    leaf_frame_tend(tree, left);
    leaf_frame_tend(tree, right);
    return right;
}

struct ordered_leaf *leaf_merge(struct ordered_tree *tree, struct ordered_leaf *left,
                                struct ordered_leaf *right) {
    size_t count = (size_t)left->node.count + right->node.count;
    left = leaf_resize(tree, left, count);
    memcpy(left->slots + left->node.count, right->slots, right->node.count * sizeof(uint64_t));
    left->node.count = (uint8_t)count;
    leaf_frame_own(tree, left);
    leaf_destroy(tree, right);
    return left;
}

bool leaf_is_sound(const struct ordered_tree *tree, const struct ordered_leaf *leaf) {
    if (leaf->node.count == 0 || leaf->node.count > leaf->node.capacity) return false;
    for (size_t i = 0; i < leaf->node.count; i++) {
        const void *item = slot_item(leaf->slots[i]);
        uint64_t key = tree->rules->key_of(item);
        if (fragment_of(leaf, key) != leaf->slots[i] >> SLOT_POINTER_BITS) return false;
        if (i == 0) continue;
        const void *previous = slot_item(leaf->slots[i - 1]);
        uint64_t previous_key = tree->rules->key_of(previous);
        if (previous_key > key) return false;
        if (previous_key == key && tree->rules->compare(previous, item) >= 0) return false;
    }
    return true;
}
