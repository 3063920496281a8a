/* SPDX-License-Identifier: BSD-3-Clause */
/* Changes in the middle of a packed deque: blocks are split and merged. */
#include <assert.h>

#include "base/memory.h"
#include "structures/packed_deque.h"
#include "structures/packed_deque_internal.h"
#include "structures/packed_list_internal.h"

/* Changes one block in place as `change` says of its list, with `delta` elements more. */
static bool apply(struct packed_deque *deque, const struct packed_rule *rule, uint32_t at,
                  const struct packed_change *change, int64_t delta) {
    struct packed_block *block = packed_deque_block(deque, at);
    if (change->bytes_after > PACKED_LIST_BYTES_MAX) return false;
    if (change->bytes_after > change->bytes_before &&
        !packed_block_reserve(deque, rule, block, change->bytes_after - change->bytes_before,
                              false))
        return false;
    packed_list_apply(block->list, change);
    deque->entry_bytes += change->bytes_after - change->bytes_before;
    if (delta != 0) packed_slots_shift(deque, at, delta);
    return true;
}

static bool insert_within(struct packed_deque *deque, const struct packed_rule *rule, uint32_t at,
                          uint32_t place, const struct packed_item *item) {
    const uint8_t *list = packed_deque_block(deque, at)->list;
    struct packed_change change = packed_list_plan(list, place, 0, item, 1);
    return apply(deque, rule, at, &change, 1);
}

static bool takes(const struct packed_deque *deque, const struct packed_rule *rule, uint32_t at,
                  struct bytes text) {
    return packed_block_takes(rule, packed_deque_block(deque, at),
                              packed_deque_block_count(deque, at), text.len);
}

/* A block of this one element, in front of the block `at`. Its slot is reserved. */
static bool insert_block(struct packed_deque *deque, uint32_t at, const struct packed_item *item) {
    size_t bytes = PACKED_LIST_EMPTY_BYTES + packed_item_bytes(item);
    struct packed_block block;
    if (bytes > PACKED_LIST_BYTES_MAX || !packed_block_create(deque, &block, bytes, bytes, false))
        return false;
    packed_entry_write(block.list + PACKED_LIST_FIRST, item);
    packed_list_seal(block.list, bytes, 1);
    block.start = at < deque->block_count ? packed_deque_block(deque, at)->start : deque->end;
    packed_slots_insert(deque, at, block);
    packed_slots_shift(deque, at, 1);
    deque->entry_bytes += bytes - PACKED_LIST_EMPTY_BYTES;
    return true;
}

/* Makes two blocks of one: what lies from `place` on, which is not its first element, gets a block
 * of its own behind. A slot is reserved. */
static bool split(struct packed_deque *deque, uint32_t at, uint32_t place) {
    struct packed_block *left = packed_deque_block(deque, at);
    struct packed_block right;
    uint32_t total = packed_block_bytes(left);
    uint32_t there = packed_list_count_known(left->list);
    struct packed_run run = packed_list_run(left->list, place, UINT32_MAX);
    size_t bytes = run.bytes + PACKED_LIST_EMPTY_BYTES;
    if (!packed_block_create(deque, &right, bytes, bytes, false)) return false;
    memcpy(right.list + PACKED_LIST_FIRST, run.data, run.bytes);
    packed_list_seal(right.list, bytes, run.count);
    right.start = left->start + (there - run.count);
    left->list[place] = TAG_END;
    packed_list_set_header(left->list, total - run.bytes, there - run.count);
    packed_block_shrink(deque, left);
    packed_slots_insert(deque, at + 1, right);
    return true;
}

bool packed_deque_insert(struct packed_deque *deque, const struct packed_rule *rule,
                         struct packed_cursor before, struct bytes text) {
    struct packed_item item = packed_item_of(text);
    uint32_t at = before.block;
    if (takes(deque, rule, at, text)) return insert_within(deque, rule, at, before.at, &item);
    if (before.at == PACKED_LIST_FIRST) {
        if (at > 0 && takes(deque, rule, at - 1, text))
            return insert_within(deque, rule, at - 1,
                                 packed_list_end(packed_deque_block(deque, at - 1)->list), &item);
        return packed_slots_reserve(deque) && insert_block(deque, at, &item);
    }
    /* What is split stays split when memory is refused after that: the elements are the same. */
    if (!packed_slots_reserve(deque) || !split(deque, at, before.at)) return false;
    if (takes(deque, rule, at, text))
        return insert_within(deque, rule, at, packed_list_end(packed_deque_block(deque, at)->list),
                             &item);
    if (takes(deque, rule, at + 1, text))
        return insert_within(deque, rule, at + 1, PACKED_LIST_FIRST, &item);
    return packed_slots_reserve(deque) && insert_block(deque, at + 1, &item);
}

/* Takes out one element, and its block when it was the last there. */
static void remove_one(struct packed_deque *deque, const struct packed_rule *rule,
                       struct packed_cursor cursor) {
    struct packed_block *block = packed_deque_block(deque, cursor.block);
    if (packed_deque_block_count(deque, cursor.block) == 1) {
        deque->entry_bytes -= packed_block_bytes(block) - PACKED_LIST_EMPTY_BYTES;
        packed_slots_shift(deque, cursor.block, -1);
        packed_block_destroy(deque, block);
        packed_slots_remove(deque, cursor.block);
        return;
    }
    struct packed_change change = packed_list_plan(block->list, cursor.at, 1, NULL, 0);
    bool applied = apply(deque, rule, cursor.block, &change, -1);
    assert(applied); /* less room is never refused */
    (void)applied;
}

bool packed_deque_replace(struct packed_deque *deque, const struct packed_rule *rule,
                          struct packed_cursor cursor, struct bytes text) {
    struct packed_item item = packed_item_of(text);
    struct packed_block *block = packed_deque_block(deque, cursor.block);
    struct packed_change change = packed_list_plan(block->list, cursor.at, 1, &item, 1);
    bool alone = packed_deque_block_count(deque, cursor.block) == 1;
    if (change.bytes_after <= rule->bytes || change.bytes_after <= change.bytes_before || alone)
        return apply(deque, rule, cursor.block, &change, 0);
    size_t index = (size_t)(block->start - packed_deque_block(deque, 0)->start);
    for (uint32_t at = PACKED_LIST_FIRST; at != cursor.at; index++)
        at = packed_list_next(block->list, at);
    if (!packed_deque_insert(deque, rule, cursor, text)) return false;
    bool found = packed_deque_seek(deque, index + 1, &cursor);
    assert(found);
    (void)found;
    remove_one(deque, rule, cursor);
    return true;
}

/* --- removing what is equal --- */

static uint32_t count_equal(const uint8_t *list, const struct packed_item *needle) {
    uint32_t count = 0;
    uint32_t at = packed_list_find(list, PACKED_LIST_FIRST, needle, 1);
    for (; at != PACKED_LIST_NONE; count++)
        at = packed_list_find(list, packed_list_next(list, at), needle, 1);
    return count;
}

/* Moves together what is left when `count` equal elements are taken out, the first `skipped` of
 * them apart; gives how many bytes went. */
static uint32_t squeeze(uint8_t *list, const struct packed_item *needle, uint32_t skipped,
                        uint32_t count) {
    uint32_t total = packed_list_bytes_total(list), there = packed_list_count_known(list);
    uint32_t at = packed_list_find(list, PACKED_LIST_FIRST, needle, 1);
    for (; skipped > 0; skipped--)
        at = packed_list_find(list, packed_list_next(list, at), needle, 1);
    uint32_t to = at;
    for (uint32_t left = count; left > 0; left--) {
        uint32_t from = packed_list_next(list, at);
        at = left == 1 ? PACKED_LIST_NONE : packed_list_find(list, from, needle, 1);
        uint32_t behind = at == PACKED_LIST_NONE ? total - 1 : at;
        memmove(list + to, list + from, behind - from);
        to += behind - from;
    }
    list[to] = TAG_END;
    packed_list_set_header(list, to + 1, there - count);
    return total - 1 - to;
}

/* Takes out up to `count` equal elements of a block, the last ones when `from_back`; the list may
 * be empty afterwards. */
static uint32_t remove_within(struct packed_deque *deque, struct packed_block *block,
                              const struct packed_item *needle, size_t count, bool from_back) {
    uint32_t equal = count_equal(block->list, needle);
    if (equal == 0) return 0;
    uint32_t removed = equal > count ? (uint32_t)count : equal;
    deque->entry_bytes -= squeeze(block->list, needle, from_back ? equal - removed : 0, removed);
    return removed;
}

/* Appends the elements of `right` to `left`, where both are small. */
static bool merge(struct packed_deque *deque, const struct packed_rule *rule,
                  struct packed_block *left, struct packed_block *right) {
    size_t bytes = packed_block_bytes(left) + packed_block_bytes(right) - PACKED_LIST_EMPTY_BYTES;
    uint32_t count = packed_list_count_known(left->list) + packed_list_count_known(right->list);
    if (bytes > rule->bytes / 2 || count > rule->count) return false;
    struct packed_run run = packed_list_run(right->list, PACKED_LIST_FIRST, UINT32_MAX);
    struct packed_change change = packed_list_plan_run(left->list, packed_list_end(left->list), 0,
                                                       run);
    if (!packed_block_reserve(deque, rule, left, run.bytes, false)) return false;
    packed_list_apply(left->list, &change);
    return true;
}

/* Drops the blocks that have become empty and merges the small; only slots move. */
static void tidy(struct packed_deque *deque, const struct packed_rule *rule) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < deque->block_count; i++) {
        struct packed_block *block = packed_deque_block(deque, i);
        bool gone = packed_list_count_known(block->list) == 0;
        if (!gone && kept > 0)
            gone = merge(deque, rule, packed_deque_block(deque, kept - 1), block);
        if (gone) {
            packed_block_destroy(deque, block);
            continue;
        }
        packed_block_shrink(deque, block);
        *packed_deque_block(deque, kept++) = *block;
    }
    deque->block_count = kept;
}

size_t packed_deque_remove_equal(struct packed_deque *deque, const struct packed_rule *rule,
                                 const struct packed_item *needle, size_t count, bool from_back) {
    size_t removed = 0;
    for (uint32_t i = 0; i < deque->block_count; i++) {
        uint32_t at = from_back ? deque->block_count - 1 - i : i;
        struct packed_block *block = packed_deque_block(deque, at);
        /* In front of what is taken out positions stay when it goes from the front on, behind it
         * when it goes from the back. */
        if (!from_back) block->start -= (int64_t)removed;
        if (removed < count)
            removed += remove_within(deque, block, needle, count - removed, from_back);
        if (from_back) block->start += (int64_t)removed;
    }
    if (!from_back) deque->end -= (int64_t)removed;
    if (removed > 0) tidy(deque, rule);
    return removed;
}
