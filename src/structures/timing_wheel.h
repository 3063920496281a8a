/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A hierarchical timing wheel (Varghese and Lauck, 1987) of 48-bit items, one millisecond a tick.
 *
 * It keeps no deadlines: an item lies in a slot whose time is at or before its deadline, and when
 * the slot's time comes the owner is asked (`examine`) when the item is really due; a later answer
 * puts it back. So a deadline that moves later costs nothing, items are six bytes, and adding is
 * O(1) without touching the object. An item is examined at most once a level, ten times in all.
 *
 * A slot holds a ring of blocks that grow from 16 to 256 bytes: 6.3 bytes an item where there are
 * many, 16 at worst. Work is done in slices of at most `budget` items. Items in one tick come in
 * any order, ticks in order.
 *
 * What is due beyond the horizon waits in the last slot of the highest level. Time stands still
 * where that slot begins, in the year 10755. */
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
    uint64_t occupied[TIMING_WHEEL_LEVELS];                             /* one bit a slot */
    struct wheel_block *slots[TIMING_WHEEL_LEVELS][TIMING_WHEEL_SLOTS]; /* last of the ring */
};

/* When is this item due? 0: it is gone, or done with just now. An answer that is not in the future
 * is examined again in the next tick. */
typedef int64_t wheel_examine(void *context, uint64_t item);

void timing_wheel_init(struct timing_wheel *wheel, int64_t now_ms);
void timing_wheel_deinit(struct timing_wheel *wheel);
/* The same in slices: frees at most `blocks` blocks. True when it is empty, as after init; until
 * then nothing else may be asked of it. */
bool timing_wheel_demolish(struct timing_wheel *wheel, size_t blocks);
/* Deadlines in the past are due at the next tick. Items use 48 bits. */
void timing_wheel_add(struct timing_wheel *wheel, uint64_t item, int64_t deadline_ms);
/* Examines what is due at or before `now_ms`; false when the budget ran out before the work. */
bool timing_wheel_advance(struct timing_wheel *wheel, int64_t now_ms, size_t budget,
                          wheel_examine *examine, void *context);
/* The earliest time at which something may be due; INT64_MAX when empty. A lower bound. */
int64_t timing_wheel_next_ms(const struct timing_wheel *wheel);
/* Visits items in the order of their slots, those due soonest first; within a slot in any order,
 * and behind the last item of each slot TIMING_WHEEL_SLOT_END. Ends early, with false, when `visit`
 * gives false; it must not change the wheel. */
#define TIMING_WHEEL_SLOT_END UINT64_MAX
typedef bool wheel_visit(void *context, uint64_t item);
bool timing_wheel_walk(const struct timing_wheel *wheel, wheel_visit *visit, void *context);
/* Examines up to `count` neighbours in a slot that `throw` chooses, or in the one that is due next,
 * and puts right what it learns: items that are gone leave the wheel, those whose deadline has
 * moved go where they belong. Turns the slot's ring by one block, so that repeated throws see all
 * of its items. `examine` must not change the wheel. */
void timing_wheel_sample(struct timing_wheel *wheel, bool soonest, uint64_t throw, size_t count,
                         wheel_examine *examine, void *context);
