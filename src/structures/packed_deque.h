/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A long list: a deque of blocks, each a packed list (packed_list.h) with room to grow.
 *
 *   slots   .. | start, list, gap, capacity | start, list, gap, capacity | ..      one a block
 *   block   free bytes (the gap) | packed list of 1 to 65534 elements | free bytes
 *
 * Both ends are cheap: a list begins behind a gap, so that putting something in front moves nothing
 * but the header of six bytes. Each slot says at which position its first element stands; positions
 * may be negative, so that neither end renumbers the other, and an index is found by halving over
 * the slots, which lie side by side. A change in the middle renumbers the shorter side.
 *
 * Budget: 24 bytes a block and what its last element left free, under 0.1 byte an element of ten to
 * twenty bytes in blocks of 8 KiB; push and pop O(1), an index O(log blocks + elements of a block).
 *
 * How long a block may get is said with each change (`struct packed_rule`); an element that is too
 * long for any block stands in one of its own. Blocks are general memory: a deque may be freed on
 * any thread. False means that memory was refused, and nothing has changed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "structures/packed_list.h"

struct packed_block {
    int64_t start;     /* position of the first element */
    uint8_t *list;     /* never empty */
    uint32_t gap;      /* bytes in front of the list; there the allocation begins */
    uint32_t capacity; /* bytes of the allocation that may be used */
};

struct packed_deque {
    struct packed_block *slots;
    uint32_t slot_count; /* room */
    uint32_t first;      /* slot of the first block */
    uint32_t block_count;
    int64_t end;         /* position behind the last element */
    size_t entry_bytes;  /* of all elements, as they lie in packed lists */
    size_t memory_bytes; /* set aside for blocks and slots */
};

/* Beyond which a block gets no more elements. */
struct packed_rule {
    uint32_t bytes; /* of its packed list; at most 64 KiB */
    uint32_t count;
};

/* An element's place; holds until the deque changes. */
struct packed_cursor {
    uint32_t block; /* counted from the first */
    uint32_t at;    /* in its list */
};

void packed_deque_init(struct packed_deque *deque); /* empty, nothing allocated */
void packed_deque_deinit(struct packed_deque *deque);
/* Frees one block, or at last the slots: true then, and it is as after deinit. */
bool packed_deque_demolish(struct packed_deque *deque);
/* A copy, its blocks as long as need be, over a deque that is empty. */
bool packed_deque_try_copy(const struct packed_deque *deque, struct packed_deque *copy) MUST_CHECK;

/* --- reading --- */

static inline struct packed_block *packed_deque_block(const struct packed_deque *deque,
                                                      uint32_t block) {
    return &deque->slots[deque->first + block];
}

static inline size_t packed_deque_count(const struct packed_deque *deque) {
    if (deque->block_count == 0) return 0;
    return (size_t)(deque->end - packed_deque_block(deque, 0)->start);
}

/* Elements of a block. */
static inline uint32_t packed_deque_block_count(const struct packed_deque *deque, uint32_t block) {
    int64_t end = block + 1 < deque->block_count ? packed_deque_block(deque, block + 1)->start
                                                 : deque->end;
    return (uint32_t)(end - packed_deque_block(deque, block)->start);
}

/* False when there is no such index. */
bool packed_deque_seek(const struct packed_deque *deque, size_t index,
                       struct packed_cursor *cursor);

static inline struct packed_item packed_deque_get(const struct packed_deque *deque,
                                                  struct packed_cursor cursor) {
    return packed_list_get(packed_deque_block(deque, cursor.block)->list, cursor.at);
}

/* To the neighbour; false, and not moved, when there is none. */
static inline bool packed_deque_next(const struct packed_deque *deque,
                                     struct packed_cursor *cursor) {
    const uint8_t *list = packed_deque_block(deque, cursor->block)->list;
    uint32_t at = packed_list_next(list, cursor->at);
    if (UNLIKELY(packed_list_is_end(list, at))) {
        if (cursor->block + 1 == deque->block_count) return false;
        cursor->block++;
        at = PACKED_LIST_FIRST;
    }
    cursor->at = at;
    return true;
}
bool packed_deque_previous(const struct packed_deque *deque, struct packed_cursor *cursor);

/* --- changing: texts lie outside of the deque --- */

bool packed_deque_push(struct packed_deque *deque, const struct packed_rule *rule, bool front,
                       struct bytes text) MUST_CHECK;
/* Takes `count` elements away, or all. O(1) for one, else O(blocks that go). */
void packed_deque_drop(struct packed_deque *deque, bool front, size_t count);
/* Puts an element before another. O(block + blocks). */
bool packed_deque_insert(struct packed_deque *deque, const struct packed_rule *rule,
                         struct packed_cursor before, struct bytes text) MUST_CHECK;
/* Puts an element in the place of another. */
bool packed_deque_replace(struct packed_deque *deque, const struct packed_rule *rule,
                          struct packed_cursor cursor, struct bytes text) MUST_CHECK;
/* Removes up to `count` elements equal to `needle`, the first or the last ones; blocks that have
 * become small are merged. Returns how many there were. O(bytes). */
size_t packed_deque_remove_equal(struct packed_deque *deque, const struct packed_rule *rule,
                                 const struct packed_item *needle, size_t count, bool from_back);
/* Appends the elements of a canonical list as a block of their own; there are 1 to 65534. */
bool packed_deque_append_list(struct packed_deque *deque, const uint8_t *list) MUST_CHECK;

/* For tests: all counts, sizes and positions are right. O(bytes). */
bool packed_deque_is_sound(const struct packed_deque *deque);
