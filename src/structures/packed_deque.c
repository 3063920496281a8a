/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/packed_deque.h"

#include <assert.h>

#include "base/memory.h"
#include "structures/packed_deque_internal.h"
#include "structures/packed_list_internal.h"

#define SLOTS_MIN 2
#define BLOCK_BYTES_MIN 64
#define BEGUN_SHARE 4 /* a block at an end begins with a quarter of what it may have */

void packed_deque_init(struct packed_deque *deque) { *deque = (struct packed_deque){0}; }

/* --- blocks --- */

static uint8_t *allocation_of(const struct packed_block *block) { return block->list - block->gap; }

bool packed_block_create(struct packed_deque *deque, struct packed_block *block, size_t bytes,
                         size_t capacity, bool front) {
    assert(bytes <= capacity);
    uint8_t *allocation = memory_try_allocate(capacity);
    if (allocation == NULL) return false;
    deque->memory_bytes += memory_block_bytes(allocation);
    size_t gap = front ? capacity - bytes : 0;
    *block = (struct packed_block){
        .list = allocation + gap, .gap = (uint32_t)gap, .capacity = (uint32_t)capacity};
    return true;
}

void packed_block_destroy(struct packed_deque *deque, struct packed_block *block) {
    uint8_t *allocation = allocation_of(block);
    deque->memory_bytes -= memory_block_bytes(allocation);
    memory_free(allocation);
}

/* The same list in an allocation of another size. */
static bool resize_block(struct packed_deque *deque, struct packed_block *block, size_t capacity,
                         bool front) {
    struct packed_block moved;
    uint32_t bytes = packed_block_bytes(block);
    if (!packed_block_create(deque, &moved, bytes, capacity, front)) return false;
    memcpy(moved.list, block->list, bytes);
    moved.start = block->start;
    packed_block_destroy(deque, block);
    *block = moved;
    return true;
}

static void slide(struct packed_block *block, uint32_t gap) {
    uint8_t *list = allocation_of(block) + gap;
    memmove(list, block->list, packed_block_bytes(block));
    block->list = list;
    block->gap = gap;
}

bool packed_block_reserve(struct packed_deque *deque, const struct packed_rule *rule,
                          struct packed_block *block, size_t extra, bool front) {
    size_t bytes = packed_block_bytes(block);
    size_t room = block->capacity - bytes;
    if ((front ? block->gap : room - block->gap) >= extra) return true;
    /* The other side has room: each gets half of what is left, lest it go to and fro. */
    if (room >= extra && (room >= block->capacity / 4 || block->capacity >= rule->bytes)) {
        size_t other = (room - extra) / 2;
        slide(block, (uint32_t)(front ? room - other : other));
        return true;
    }
    size_t wanted = bytes + extra;
    if (wanted > PACKED_LIST_BYTES_MAX) return false;
    size_t capacity = wanted * 2;
    if (capacity > rule->bytes) capacity = wanted > rule->bytes ? wanted : rule->bytes;
    return resize_block(deque, block, capacity, front);
}

void packed_block_shrink(struct packed_deque *deque, struct packed_block *block) {
    size_t bytes = packed_block_bytes(block);
    if (block->capacity <= BLOCK_BYTES_MIN || bytes >= block->capacity / 4) return;
    size_t capacity = bytes * 2 > BLOCK_BYTES_MIN ? bytes * 2 : BLOCK_BYTES_MIN;
    bool kept = !resize_block(deque, block, capacity, block->gap > 0);
    (void)kept;
}

bool packed_block_takes(const struct packed_rule *rule, const struct packed_block *block,
                        uint32_t count, size_t text_len) {
    size_t bytes = packed_block_bytes(block) + text_len + PACKED_ENTRY_ESTIMATE;
    return bytes <= rule->bytes && count < rule->count;
}

/* --- slots --- */

static void move_slots(struct packed_deque *deque, struct packed_block *slots, uint32_t first) {
    memmove(slots + first, deque->slots + deque->first, deque->block_count * sizeof(*slots));
    deque->first = first;
}

bool packed_slots_reserve(struct packed_deque *deque) {
    uint32_t before = deque->first;
    uint32_t behind = deque->slot_count - deque->first - deque->block_count;
    if (before > 0 && behind > 0) return true;
    if (before + behind > deque->slot_count / 4) {
        /* Half of the room for each side; both, if there is but one. */
        if (before + behind >= 2) move_slots(deque, deque->slots, (before + behind) / 2);
        if (before + behind >= 2) return true;
    }
    if (deque->slot_count > UINT32_MAX / 4) return false;
    uint32_t slot_count = deque->slot_count == 0 ? SLOTS_MIN : deque->slot_count * 2;
    struct packed_block *slots = memory_try_allocate(slot_count * sizeof(*slots));
    if (slots == NULL) return false;
    deque->memory_bytes += memory_block_bytes(slots);
    if (deque->slots != NULL) {
        uint32_t first = (slot_count - deque->block_count) / 2;
        memcpy(slots + first, deque->slots + deque->first, deque->block_count * sizeof(*slots));
        deque->first = first;
        deque->memory_bytes -= memory_block_bytes(deque->slots);
        memory_free(deque->slots);
    } else {
        deque->first = 1;
    }
    deque->slots = slots;
    deque->slot_count = slot_count;
    return true;
}

void packed_slots_insert(struct packed_deque *deque, uint32_t block, struct packed_block value) {
    bool forward = block < deque->block_count / 2 || block == 0;
    if (deque->first == 0) forward = false;
    if (deque->first + deque->block_count == deque->slot_count) forward = true;
    struct packed_block *slots = deque->slots + deque->first;
    if (forward) {
        memmove(slots - 1, slots, block * sizeof(*slots));
        deque->first--;
    } else {
        memmove(slots + block + 1, slots + block, (deque->block_count - block) * sizeof(*slots));
    }
    deque->block_count++;
    *packed_deque_block(deque, block) = value;
}

void packed_slots_remove(struct packed_deque *deque, uint32_t block) {
    struct packed_block *slots = deque->slots + deque->first;
    deque->block_count--;
    if (block == 0) {
        deque->first++;
        return;
    }
    memmove(slots + block, slots + block + 1, (deque->block_count - block) * sizeof(*slots));
}

void packed_slots_shift(struct packed_deque *deque, uint32_t block, int64_t delta) {
    struct packed_block *slots = deque->slots + deque->first;
    if (block < deque->block_count / 2) {
        for (uint32_t i = 0; i <= block; i++) slots[i].start -= delta;
        return;
    }
    for (uint32_t i = block + 1; i < deque->block_count; i++) slots[i].start += delta;
    deque->end += delta;
}

/* --- the whole --- */

bool packed_deque_demolish(struct packed_deque *deque) {
    if (deque->block_count > 0) {
        packed_block_destroy(deque, packed_deque_block(deque, --deque->block_count));
        return false;
    }
    memory_free(deque->slots);
    packed_deque_init(deque);
    return true;
}

void packed_deque_deinit(struct packed_deque *deque) {
    while (!packed_deque_demolish(deque)) continue;
}

bool packed_deque_append_list(struct packed_deque *deque, const uint8_t *list) {
    struct packed_block block;
    uint32_t bytes = packed_list_bytes_total(list);
    if (!packed_slots_reserve(deque)) return false;
    if (!packed_block_create(deque, &block, bytes, bytes, false)) return false;
    memcpy(block.list, list, bytes);
    block.start = deque->end;
    uint32_t count = packed_list_count(list);
    assert(count > 0 && count < PACKED_LIST_COUNT_UNKNOWN);
    packed_slots_insert(deque, deque->block_count, block);
    deque->end += count;
    deque->entry_bytes += bytes - PACKED_LIST_EMPTY_BYTES;
    return true;
}

bool packed_deque_try_copy(const struct packed_deque *deque, struct packed_deque *copy) {
    for (uint32_t i = 0; i < deque->block_count; i++) {
        if (packed_deque_append_list(copy, packed_deque_block(deque, i)->list)) continue;
        packed_deque_deinit(copy);
        return false;
    }
    return true;
}

/* --- reading --- */

bool packed_deque_seek(const struct packed_deque *deque, size_t index,
                       struct packed_cursor *cursor) {
    if (index >= packed_deque_count(deque)) return false;
    const struct packed_block *slots = deque->slots + deque->first;
    int64_t position = slots[0].start + (int64_t)index;
    uint32_t low = 0, high = deque->block_count; /* slots[low] starts at it or before */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (slots[middle].start <= position) low = middle;
        else high = middle;
    }
    cursor->block = low;
    cursor->at = packed_list_seek(slots[low].list, position - slots[low].start);
    assert(cursor->at != PACKED_LIST_NONE);
    return true;
}

bool packed_deque_previous(const struct packed_deque *deque, struct packed_cursor *cursor) {
    const uint8_t *list = packed_deque_block(deque, cursor->block)->list;
    uint32_t at = packed_list_previous(list, cursor->at);
    if (at == PACKED_LIST_NONE) {
        if (cursor->block == 0) return false;
        list = packed_deque_block(deque, --cursor->block)->list;
        at = packed_list_previous(list, packed_list_end(list));
    }
    cursor->at = at;
    return true;
}

bool packed_deque_is_sound(const struct packed_deque *deque) {
    size_t entry_bytes = 0, memory_bytes = 0;
    if (deque->slots != NULL) memory_bytes += memory_block_bytes(deque->slots);
    if (deque->first + deque->block_count > deque->slot_count) return false;
    for (uint32_t i = 0; i < deque->block_count; i++) {
        const struct packed_block *block = packed_deque_block(deque, i);
        uint32_t bytes = packed_block_bytes(block);
        struct packed_check check = packed_list_validate(bytes_make(block->list, bytes));
        if (!check.is_valid || !check.is_canonical || check.count == 0) return false;
        if (check.count != packed_deque_block_count(deque, i)) return false;
        if (packed_list_count_known(block->list) != check.count) return false;
        if (block->capacity < block->gap + bytes) return false;
        entry_bytes += bytes - PACKED_LIST_EMPTY_BYTES;
        memory_bytes += memory_block_bytes(allocation_of(block));
    }
    return entry_bytes == deque->entry_bytes && memory_bytes == deque->memory_bytes;
}

/* --- the ends --- */

/* Writes one more element in front of a list that has room for it there, or behind. */
static void put_front(struct packed_block *block, uint32_t count, const struct packed_item *item,
                      uint32_t bytes) {
    uint32_t total = packed_block_bytes(block) + bytes;
    block->list -= bytes;
    block->gap -= bytes;
    packed_list_set_header(block->list, total, count + 1);
    packed_entry_write(block->list + PACKED_LIST_FIRST, item);
}

static void put_back(struct packed_block *block, uint32_t count, const struct packed_item *item,
                     uint32_t bytes) {
    uint32_t total = packed_block_bytes(block);
    uint8_t *end = packed_entry_write(block->list + total - 1, item);
    *end = TAG_END;
    packed_list_set_header(block->list, total + bytes, count + 1);
}

/* A block more at an end, with no element yet. */
static struct packed_block *begin_block(struct packed_deque *deque, const struct packed_rule *rule,
                                        bool front, size_t bytes) {
    size_t capacity = bytes + PACKED_LIST_EMPTY_BYTES;
    if (capacity > PACKED_LIST_BYTES_MAX) return NULL;
    /* The first of all may stay alone and small. */
    size_t begun = deque->block_count == 0 ? BLOCK_BYTES_MIN : rule->bytes / BEGUN_SHARE;
    if (capacity < begun) capacity = begun;
    if (!packed_slots_reserve(deque)) return NULL;
    struct packed_block block;
    if (!packed_block_create(deque, &block, PACKED_LIST_EMPTY_BYTES, capacity, front)) return NULL;
    packed_list_init_empty(block.list);
    uint32_t at = front ? 0 : deque->block_count;
    block.start = front && deque->block_count > 0 ? packed_deque_block(deque, 0)->start
                                                  : deque->end;
    packed_slots_insert(deque, at, block);
    return packed_deque_block(deque, at);
}

bool packed_deque_push(struct packed_deque *deque, const struct packed_rule *rule, bool front,
                       struct bytes text) {
    struct packed_item item = packed_item_of(text);
    size_t bytes = packed_item_bytes(&item);
    struct packed_block *block = NULL;
    uint32_t count = 0;
    if (LIKELY(deque->block_count > 0)) {
        uint32_t at = front ? 0 : deque->block_count - 1;
        block = packed_deque_block(deque, at);
        count = packed_list_count_known(block->list);
        if (!packed_block_takes(rule, block, count, text.len)) block = NULL;
        else if (!packed_block_reserve(deque, rule, block, bytes, front)) return false;
    }
    if (block == NULL) {
        count = 0;
        block = begin_block(deque, rule, front, bytes);
        if (block == NULL) return false;
    }
    if (front) {
        put_front(block, count, &item, (uint32_t)bytes);
        block->start--;
    } else {
        put_back(block, count, &item, (uint32_t)bytes);
        deque->end++;
    }
    deque->entry_bytes += bytes;
    return true;
}

/* Fewer than the block has. */
static void drop_part(struct packed_deque *deque, struct packed_block *block, bool front,
                      uint32_t count, uint32_t there) {
    uint32_t total = packed_block_bytes(block);
    uint32_t removed;
    if (front) {
        uint32_t at = count == 1 ? packed_list_next(block->list, PACKED_LIST_FIRST)
                                 : packed_list_seek(block->list, count);
        removed = at - PACKED_LIST_FIRST;
        block->list += removed;
        block->gap += removed;
        block->start += count;
    } else {
        uint32_t at = packed_list_seek(block->list, there - count);
        removed = total - 1 - at;
        block->list[at] = TAG_END;
        deque->end -= count;
    }
    packed_list_set_header(block->list, total - removed, there - count);
    deque->entry_bytes -= removed;
    packed_block_shrink(deque, block);
}

void packed_deque_drop(struct packed_deque *deque, bool front, size_t count) {
    while (count > 0 && deque->block_count > 0) {
        uint32_t at = front ? 0 : deque->block_count - 1;
        struct packed_block *block = packed_deque_block(deque, at);
        uint32_t there = packed_list_count_known(block->list);
        if (count < there) {
            drop_part(deque, block, front, (uint32_t)count, there);
            return;
        }
        deque->entry_bytes -= packed_block_bytes(block) - PACKED_LIST_EMPTY_BYTES;
        packed_block_destroy(deque, block);
        packed_slots_remove(deque, at);
        if (!front) deque->end -= there;
        count -= there;
    }
}
