/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A hierarchical timing wheel (Varghese and Lauck, 1987) of 48-bit items, one millisecond a tick.
 *
 * It keeps no deadlines: an item lies in a slot whose time is at or before its deadline, and when
 * the slot's time comes the owner is asked (`examine`) when the item is really due; a later answer
 * puts it back. So a deadline that moves later costs nothing, items are six bytes, and adding is
 * O(1) without touching the object. An item is examined at most once a level, ten times in all.
 *
 * Slots hold chains of blocks that grow from 16 to 256 bytes: 6.3 bytes an item where there are
 * many. Work is done in slices of at most `budget` items. Items in one tick come in any order,
 * ticks in order. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMING_WHEEL_SLOT_BITS 6
#define TIMING_WHEEL_SLOTS (1 << TIMING_WHEEL_SLOT_BITS)
#define TIMING_WHEEL_LEVELS 8 /* 2^48 ms: eight thousand years */

struct wheel_block;
struct timing_wheel {
    int64_t now_ms; /* all ticks before this one are done */
    size_t item_count;
    size_t memory_bytes;
    uint64_t occupied[TIMING_WHEEL_LEVELS]; /* one bit a slot */
    struct wheel_block *slots[TIMING_WHEEL_LEVELS][TIMING_WHEEL_SLOTS];
};

/* When is this item due? 0: it is gone, or done with just now. An answer that is not in the future
 * is examined again in the next tick. */
typedef int64_t wheel_examine(void *context, uint64_t item);

void timing_wheel_init(struct timing_wheel *wheel, int64_t now_ms);
void timing_wheel_deinit(struct timing_wheel *wheel);
/* Deadlines in the past are due at the next tick. Items use 48 bits. */
void timing_wheel_add(struct timing_wheel *wheel, uint64_t item, int64_t deadline_ms);
/* Examines what is due at or before `now_ms`; false when the budget ran out before the work. */
bool timing_wheel_advance(struct timing_wheel *wheel, int64_t now_ms, size_t budget,
                          wheel_examine *examine, void *context);
/* The earliest time at which something may be due; INT64_MAX when empty. A lower bound. */
int64_t timing_wheel_next_ms(const struct timing_wheel *wheel);
/* Up to `count` items that are due soonest, by slots. Returns how many. */
size_t timing_wheel_soonest(const struct timing_wheel *wheel, uint64_t *items, size_t count);
/* Up to `count` items from a slot that `throw` chooses in proportion to nothing but occupancy.
 * Rotates the slot's blocks so that repeated throws see all of them. */
size_t timing_wheel_sample(struct timing_wheel *wheel, uint64_t throw, uint64_t *items,
                           size_t count);
