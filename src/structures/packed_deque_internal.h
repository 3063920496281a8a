/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Blocks and slots of a packed deque: for packed_deque.c and packed_deque_edit.c alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "structures/packed_deque.h"

/* What an element is taken to need beside its text when it is asked whether it still fits a block:
 * more than its entry really takes, except of texts above 4 KB. As Redis estimates it, so that
 * blocks begin where Redis's do. */
#define PACKED_ENTRY_ESTIMATE 8

static inline uint32_t packed_block_bytes(const struct packed_block *block) {
    return packed_list_bytes_total(block->list);
}

/* A block that is in no slot yet, for a list of `bytes` and some more as it grows: its list is
 * where `front` growth or the other wants it, not written. False: refused. */
bool packed_block_create(struct packed_deque *deque, struct packed_block *block, size_t bytes,
                         size_t capacity, bool front) MUST_CHECK;
void packed_block_destroy(struct packed_deque *deque, struct packed_block *block);
/* Sees to it that the list can grow by `extra` bytes at its front or its end. */
bool packed_block_reserve(struct packed_deque *deque, const struct packed_rule *rule,
                          struct packed_block *block, size_t extra, bool front) MUST_CHECK;
/* Gives memory back when most of the block is free; as it is where that is refused. */
void packed_block_shrink(struct packed_deque *deque, struct packed_block *block);
bool packed_block_takes(const struct packed_rule *rule, const struct packed_block *block,
                        uint32_t count, size_t text_len);

/* Room for one slot more, in front of the block `block` (may be the count). */
bool packed_slots_reserve(struct packed_deque *deque) MUST_CHECK;
/* Makes that room a slot; there is room. */
void packed_slots_insert(struct packed_deque *deque, uint32_t block, struct packed_block value);
void packed_slots_remove(struct packed_deque *deque, uint32_t block);
/* `block` has so many elements more, or less: positions of the shorter side move. */
void packed_slots_shift(struct packed_deque *deque, uint32_t block, int64_t delta);
