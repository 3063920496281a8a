/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/ordered_tree.h"

#include <string.h>

#include "base/outcome.h"
#include "structures/ordered_tree_internal.h"

void ordered_tree_init(struct ordered_tree *tree, const struct ordered_rules *rules) {
    *tree = (struct ordered_tree){.rules = rules};
}

static void destroy_below(struct ordered_tree *tree, struct ordered_node *node, size_t depth) {
    if (depth == 0) {
        leaf_destroy(tree, as_leaf(node));
        return;
    }
    struct ordered_inner *inner = as_inner(node);
    for (size_t i = 0; i < node->count; i++) destroy_below(tree, inner->children[i], depth - 1);
    inner_destroy(tree, inner);
}

void ordered_tree_deinit(struct ordered_tree *tree) {
    if (tree->root != NULL) destroy_below(tree, tree->root, tree->depth);
    assert(tree->node_bytes == 0);
    ordered_tree_init(tree, tree->rules);
}

bool ordered_tree_demolish(struct ordered_tree *tree, void (*visit)(void *context, void *item),
                           void *context) {
    if (tree->root == NULL) return false;
    struct ordered_node *path[ORDERED_DEPTH_MAX + 1];
    path[0] = tree->root;
    for (size_t level = 0; level < tree->depth; level++)
        path[level + 1] = as_inner(path[level])->children[path[level]->count - 1];
    struct ordered_leaf *leaf = as_leaf(path[tree->depth]);
    for (size_t i = 0; visit != NULL && i < leaf->node.count; i++)
        visit(context, slot_item(leaf->slots[i]));
    leaf_destroy(tree, leaf);
    size_t level = tree->depth;
    while (level > 0 && --path[level - 1]->count == 0) inner_destroy(tree, as_inner(path[--level]));
    if (level > 0) return true;
    ordered_tree_init(tree, tree->rules);
    return false;
}

/* --- search --- */

static struct ordered_probe probe_of(const struct ordered_tree *tree, const void *item) {
    return (struct ordered_probe){
        .key = tree->rules->key_of(item), .compare = tree->rules->compare, .context = item};
}

/* Goes down to the probe's place: its leaf and how many slots lie in front. Gives the rank. */
static size_t descend(const struct ordered_tree *tree, const struct ordered_probe *probe,
                      struct ordered_cursor *cursor) {
    size_t rank = 0;
    struct ordered_node *node = tree->root;
    cursor->depth = tree->depth;
    for (size_t level = 0; level < tree->depth; level++) {
        struct ordered_inner *inner = as_inner(node);
        size_t child = inner_seek(inner, probe);
        for (size_t i = 0; i < child; i++) rank += inner->counts[i];
        cursor->nodes[level] = node;
        cursor->indices[level] = (uint8_t)child;
        node = inner->children[child];
    }
    cursor->nodes[tree->depth] = node;
    size_t index = leaf_seek(tree, as_leaf(node), probe);
    cursor->indices[tree->depth] = (uint8_t)index;
    return rank + index;
}

/* The same for an item that is there. */
static size_t descend_to(const struct ordered_tree *tree, const void *item,
                         struct ordered_cursor *cursor) {
    assert(tree->root != NULL);
    struct ordered_probe probe = probe_of(tree, item);
    size_t rank = descend(tree, &probe, cursor);
    assert(ordered_cursor_item(cursor) == item);
    return rank;
}

size_t ordered_tree_rank(const struct ordered_tree *tree, const void *item) {
    struct ordered_cursor cursor;
    return descend_to(tree, item, &cursor);
}

size_t ordered_tree_seek(const struct ordered_tree *tree, const struct ordered_probe *probe,
                         struct ordered_cursor *cursor) {
    struct ordered_cursor own;
    if (cursor == NULL) cursor = &own;
    if (tree->root == NULL) {
        *cursor = (struct ordered_cursor){0};
        return 0;
    }
    size_t rank = descend(tree, probe, cursor);
    size_t last = tree->depth;
    if (cursor->indices[last] == cursor->nodes[last]->count) {
        cursor->indices[last]--;
        ordered_cursor_next(cursor);
    }
    return rank;
}

void *ordered_tree_at(const struct ordered_tree *tree, size_t rank, struct ordered_cursor *cursor) {
    *cursor = (struct ordered_cursor){.depth = tree->depth};
    if (rank >= tree->item_count) {
        cursor->nodes[tree->depth] = NULL;
        return NULL;
    }
    struct ordered_node *node = tree->root;
    for (size_t level = 0; level < tree->depth; level++) {
        struct ordered_inner *inner = as_inner(node);
        uint8_t child = 0;
        while (rank >= inner->counts[child]) rank -= inner->counts[child++];
        cursor->nodes[level] = node;
        cursor->indices[level] = child;
        node = inner->children[child];
    }
    cursor->nodes[tree->depth] = node;
    cursor->indices[tree->depth] = (uint8_t)rank;
    return slot_item(as_leaf(node)->slots[rank]);
}

void *ordered_cursor_item(const struct ordered_cursor *cursor) {
    struct ordered_node *leaf = cursor->nodes[cursor->depth];
    size_t index = cursor->indices[cursor->depth];
    return leaf == NULL || index >= leaf->count ? NULL : slot_item(as_leaf(leaf)->slots[index]);
}

/* The leaf at the other side of the level where the cursor can still move. */
static void *cursor_turn(struct ordered_cursor *cursor, bool forward) {
    size_t level = cursor->depth;
    for (;;) {
        if (level == 0) {
            cursor->nodes[cursor->depth] = NULL;
            return NULL;
        }
        level--;
        if (forward ? cursor->indices[level] + 1 < cursor->nodes[level]->count
                    : cursor->indices[level] > 0)
            break;
    }
    cursor->indices[level] = (uint8_t)(cursor->indices[level] + (forward ? 1 : -1));
    while (level < cursor->depth) {
        struct ordered_node *child =
            as_inner(cursor->nodes[level])->children[cursor->indices[level]];
        level++;
        cursor->nodes[level] = child;
        cursor->indices[level] = forward ? 0 : (uint8_t)(child->count - 1);
    }
    return ordered_cursor_item(cursor);
}

void *ordered_cursor_next(struct ordered_cursor *cursor) {
    struct ordered_node *leaf = cursor->nodes[cursor->depth];
    if (UNLIKELY(leaf == NULL)) return NULL;
    uint8_t *index = &cursor->indices[cursor->depth];
    if (LIKELY(*index + 1 < leaf->count)) return slot_item(as_leaf(leaf)->slots[++*index]);
    return cursor_turn(cursor, true);
}

void *ordered_cursor_previous(struct ordered_cursor *cursor) {
    struct ordered_node *leaf = cursor->nodes[cursor->depth];
    if (UNLIKELY(leaf == NULL)) return NULL;
    uint8_t *index = &cursor->indices[cursor->depth];
    if (LIKELY(*index > 0)) return slot_item(as_leaf(leaf)->slots[--*index]);
    return cursor_turn(cursor, false);
}

void ordered_cursor_prefetch(const struct ordered_cursor *cursor, size_t count) {
    struct ordered_node *leaf = cursor->nodes[cursor->depth];
    if (leaf == NULL) return;
    size_t first = cursor->indices[cursor->depth], end = first + count;
    if (end > leaf->count) end = leaf->count;
    for (size_t i = first; i < end; i++) __builtin_prefetch(slot_item(as_leaf(leaf)->slots[i]));
}

/* --- changes --- */

/* Where the node of this level is remembered: in its parent, or as the root. */
static void set_node(struct ordered_tree *tree, struct ordered_cursor *cursor, size_t level,
                     struct ordered_node *node) {
    cursor->nodes[level] = node;
    if (level == 0) tree->root = node;
    else as_inner(cursor->nodes[level - 1])->children[cursor->indices[level - 1]] = node;
}

/* The first item below the node of this level has become another one: tells those above. */
static void first_changed(struct ordered_cursor *cursor, size_t level, void *first, uint64_t key) {
    while (level > 0) {
        level--;
        struct ordered_inner *inner = as_inner(cursor->nodes[level]);
        inner->keys[cursor->indices[level]] = key;
        inner->firsts[cursor->indices[level]] = first;
        if (cursor->indices[level] > 0) return;
    }
}

static void counts_change(struct ordered_cursor *cursor, int64_t by) {
    for (size_t level = 0; level < cursor->depth; level++) {
        uint32_t *count = &as_inner(cursor->nodes[level])->counts[cursor->indices[level]];
        *count = (uint32_t)(*count + by);
    }
}

/* A new root above the old one. */
static void grow_root(struct ordered_tree *tree) {
    assert(tree->depth < ORDERED_DEPTH_MAX);
    struct ordered_inner *root = inner_create(tree);
    struct ordered_node *old = tree->root;
    void *first = tree->depth > 0 ? as_inner(old)->firsts[0] : slot_item(as_leaf(old)->slots[0]);
    inner_insert(root, 0, old, first, tree->rules->key_of(first), tree->item_count);
    tree->root = &root->node;
    tree->depth++;
}

/* Whether no item lies in front of, or behind, the place where a new one goes. */
struct ends {
    bool first;
    bool last;
};

static struct ends ends_at(struct ends ends, size_t index, size_t last) {
    return (struct ends){ends.first && index == 0, ends.last && index == last};
}

/* How many a splitting node keeps: items that come in order leave full nodes behind. */
static size_t split_point(struct ends ends, size_t full) {
    return ends.last ? full - 1 : ends.first ? 1 : full / 2;
}

/* Splits the full inner node `at` below `parent`. */
static void split_inner(struct ordered_tree *tree, struct ordered_inner *parent, size_t at,
                        struct ends ends) {
    struct ordered_inner *left = as_inner(parent->children[at]);
    size_t kept = split_point(ends, ORDERED_INNER_CHILDREN);
    struct ordered_inner *right = inner_split(tree, left, kept);
    size_t moved = inner_item_count(right);
    parent->counts[at] -= (uint32_t)moved;
    inner_insert(parent, at + 1, &right->node, right->firsts[0], right->keys[0], moved);
}

/* Goes down to where the probe's item belongs, splitting full inner nodes on the way, so that each
 * has room for one child more. */
static size_t descend_making_room(struct ordered_tree *tree, const struct ordered_probe *probe,
                                  struct ordered_cursor *cursor, struct ends *ends) {
    bool full = tree->root->count ==
                (tree->depth > 0 ? ORDERED_INNER_CHILDREN : ORDERED_LEAF_SLOTS);
    if (full) grow_root(tree);
    size_t rank = 0;
    *ends = (struct ends){true, true};
    cursor->depth = tree->depth;
    struct ordered_node *node = tree->root;
    for (size_t level = 0; level < tree->depth; level++) {
        struct ordered_inner *inner = as_inner(node);
        size_t child = inner_seek(inner, probe);
        if (level + 1 < tree->depth && inner->children[child]->count == ORDERED_INNER_CHILDREN) {
            split_inner(tree, inner, child, ends_at(*ends, child, inner->node.count - 1u));
            child = inner_seek(inner, probe);
        }
        *ends = ends_at(*ends, child, inner->node.count - 1u);
        for (size_t i = 0; i < child; i++) rank += inner->counts[i];
        cursor->nodes[level] = node;
        cursor->indices[level] = (uint8_t)child;
        node = inner->children[child];
    }
    cursor->nodes[tree->depth] = node;
    size_t index = leaf_seek(tree, as_leaf(node), probe);
    cursor->indices[tree->depth] = (uint8_t)index;
    *ends = ends_at(*ends, index, node->count);
    return rank + index;
}

/* The full leaf under the cursor makes room: the cursor is where the item goes now. */
static void split_leaf(struct ordered_tree *tree, struct ordered_cursor *cursor, struct ends ends) {
    size_t last = cursor->depth, index = cursor->indices[last];
    struct ordered_inner *parent = as_inner(cursor->nodes[last - 1]);
    size_t child = cursor->indices[last - 1];
    size_t kept = split_point(ends, ORDERED_LEAF_SLOTS);
    struct ordered_leaf *left = as_leaf(cursor->nodes[last]);
    struct ordered_leaf *right = leaf_split(tree, &left, kept);
    set_node(tree, cursor, last, &left->node);
    void *first = slot_item(right->slots[0]);
    parent->counts[child] -= right->node.count;
    inner_insert(parent, child + 1, &right->node, first, tree->rules->key_of(first),
                 right->node.count);
    if (index <= kept) return;
    cursor->nodes[last] = &right->node;
    cursor->indices[last] = (uint8_t)(index - kept);
    cursor->indices[last - 1]++;
}

size_t ordered_tree_insert(struct ordered_tree *tree, void *item) {
    assert(tree->item_count < UINT32_MAX);
    struct ordered_probe probe = probe_of(tree, item);
    struct ordered_cursor cursor;
    struct ends ends;
    if (tree->root == NULL) tree->root = &leaf_create(tree, 1)->node;
    size_t rank = descend_making_room(tree, &probe, &cursor, &ends);
    size_t last = cursor.depth;
    if (cursor.nodes[last]->count == ORDERED_LEAF_SLOTS) split_leaf(tree, &cursor, ends);
    struct ordered_leaf *leaf = as_leaf(cursor.nodes[last]);
    if (leaf->node.count == leaf->node.capacity) {
        leaf = leaf_resize(tree, leaf, leaf->node.count + 1u);
        set_node(tree, &cursor, last, &leaf->node);
    }
    leaf_insert(tree, leaf, cursor.indices[last], item, probe.key);
    if (cursor.indices[last] == 0) first_changed(&cursor, last, item, probe.key);
    counts_change(&cursor, 1);
    tree->item_count++;
    return rank;
}

/* Puts the children `at` and `at + 1` of `parent` together, at the level `level`. */
static void merge_children(struct ordered_tree *tree, struct ordered_inner *parent, size_t at,
                           size_t level) {
    struct ordered_node *left = parent->children[at], *right = parent->children[at + 1];
    if (level == tree->depth) {
        parent->children[at] = &leaf_merge(tree, as_leaf(left), as_leaf(right))->node;
    } else {
        inner_merge(tree, as_inner(left), as_inner(right));
    }
    parent->counts[at] += parent->counts[at + 1];
    inner_remove(parent, at + 1);
}

static bool can_merge(const struct ordered_tree *tree, const struct ordered_inner *parent,
                      size_t at, size_t level) {
    size_t most = level == tree->depth ? LEAF_MERGED_MAX : INNER_MERGED_MAX;
    return at + 1 < parent->node.count &&
           (size_t)parent->children[at]->count + parent->children[at + 1]->count <= most;
}

/* A node of this level has lost some of what it held: it goes, or joins a neighbour. */
static void mend(struct ordered_tree *tree, struct ordered_cursor *cursor, size_t level) {
    struct ordered_node *node = cursor->nodes[level];
    struct ordered_inner *parent = as_inner(cursor->nodes[level - 1]);
    size_t at = cursor->indices[level - 1];
    bool is_leaf = level == tree->depth;
    if (node->count == 0) {
        if (is_leaf) leaf_destroy(tree, as_leaf(node));
        else inner_destroy(tree, as_inner(node));
        inner_remove(parent, at);
    } else if (node->count < (is_leaf ? LEAF_SLOTS_MIN : INNER_CHILDREN_MIN)) {
        if (can_merge(tree, parent, at, level)) merge_children(tree, parent, at, level);
        else if (at > 0 && can_merge(tree, parent, at - 1, level))
            merge_children(tree, parent, at - 1, level);
    }
}

/* The inner nodes on the way say again which item is their first; the root may be too high. */
static void settle(struct ordered_tree *tree, struct ordered_cursor *cursor) {
    for (size_t level = cursor->depth; level > 0; level--) {
        mend(tree, cursor, level);
        if (level < 2) break;
        struct ordered_inner *parent = as_inner(cursor->nodes[level - 1]);
        struct ordered_inner *above = as_inner(cursor->nodes[level - 2]);
        if (parent->node.count == 0) continue;
        above->keys[cursor->indices[level - 2]] = parent->keys[0];
        above->firsts[cursor->indices[level - 2]] = parent->firsts[0];
    }
    while (tree->depth > 0 && tree->root->count <= 1) {
        struct ordered_inner *root = as_inner(tree->root);
        if (root->node.count == 0) {
            inner_destroy(tree, root);
            ordered_tree_init(tree, tree->rules);
            return;
        }
        tree->root = root->children[0];
        inner_destroy(tree, root);
        tree->depth--;
    }
    if (tree->depth == 0 && tree->root->count == 0) {
        leaf_destroy(tree, as_leaf(tree->root));
        ordered_tree_init(tree, tree->rules);
    }
}

size_t ordered_tree_remove_run(struct ordered_tree *tree, struct ordered_cursor *cursor,
                               size_t count, void (*visit)(void *context, void *item),
                               void *context) {
    size_t last = cursor->depth, at = cursor->indices[last];
    struct ordered_leaf *leaf = as_leaf(cursor->nodes[last]);
    if (leaf == NULL) return 0;
    size_t there = leaf->node.count - at;
    if (count > there) count = there;
    if (count == 0) return 0;
    uint64_t gone[ORDERED_LEAF_SLOTS];
    memcpy(gone, leaf->slots + at, count * sizeof(uint64_t));
    memmove(leaf->slots + at, leaf->slots + at + count, (there - count) * sizeof(uint64_t));
    leaf->node.count = (uint8_t)(leaf->node.count - count);
    if (leaf->node.capacity - leaf->node.count > 12) {
        leaf = leaf_resize(tree, leaf, leaf->node.count + 1u);
        set_node(tree, cursor, last, &leaf->node);
    }
    if (at == 0 && leaf->node.count > 0 && cursor->depth > 0) {
        void *first = slot_item(leaf->slots[0]);
        first_changed(cursor, last, first, tree->rules->key_of(first));
    }
    counts_change(cursor, -(int64_t)count);
    tree->item_count -= count;
    settle(tree, cursor);
    for (size_t i = 0; visit != NULL && i < count; i++) visit(context, slot_item(gone[i]));
    return count;
}

void ordered_tree_remove(struct ordered_tree *tree, const void *item) {
    struct ordered_cursor cursor;
    descend_to(tree, item, &cursor);
    ordered_tree_remove_run(tree, &cursor, 1, NULL, NULL);
}

void ordered_tree_replace(struct ordered_tree *tree, const void *item, void *successor) {
    struct ordered_cursor cursor;
    descend_to(tree, item, &cursor);
    struct ordered_leaf *leaf = as_leaf(cursor.nodes[cursor.depth]);
    uint64_t *slot = &leaf->slots[cursor.indices[cursor.depth]];
    *slot = (*slot & ~SLOT_POINTER_MASK) | (uint64_t)(uintptr_t)successor;
    if (cursor.indices[cursor.depth] == 0)
        first_changed(&cursor, cursor.depth, successor, tree->rules->key_of(successor));
}

/* --- soundness --- */

static bool node_is_sound(const struct ordered_tree *tree, struct ordered_node *node, size_t depth,
                          void **first, size_t *count) {
    if (depth == 0) {
        *first = slot_item(as_leaf(node)->slots[0]);
        *count = node->count;
        return leaf_is_sound(tree, as_leaf(node));
    }
    const struct ordered_inner *inner = as_inner(node);
    *count = 0;
    if (node->count == 0) return false;
    for (size_t i = 0; i < node->count; i++) {
        void *child_first;
        size_t child_count;
        if (!node_is_sound(tree, inner->children[i], depth - 1, &child_first, &child_count))
            return false;
        if (inner->firsts[i] != child_first || inner->counts[i] != child_count ||
            inner->keys[i] != tree->rules->key_of(child_first))
            return false;
        *count += child_count;
    }
    *first = inner->firsts[0];
    return true;
}

bool ordered_tree_is_sound(const struct ordered_tree *tree) {
    if (tree->root == NULL)
        return tree->item_count == 0 && tree->depth == 0 && tree->node_bytes == 0;
    void *first;
    size_t count;
    if (!node_is_sound(tree, tree->root, tree->depth, &first, &count)) return false;
    if (count != tree->item_count) return false;
    struct ordered_cursor cursor;
    const void *previous = NULL;
    size_t walked = 0;
    for (void *item = ordered_tree_at(tree, 0, &cursor); item != NULL;
         item = ordered_cursor_next(&cursor)) {
        walked++;
        if (previous != NULL) {
            uint64_t a = tree->rules->key_of(previous), b = tree->rules->key_of(item);
            if (a > b || (a == b && tree->rules->compare(previous, item) >= 0)) return false;
        }
        previous = item;
    }
    return walked == tree->item_count;
}
