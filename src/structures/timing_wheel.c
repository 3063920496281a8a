/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/timing_wheel.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#define ITEM_BYTES 6
#define SLOT_MASK (TIMING_WHEEL_SLOTS - 1)

struct wheel_block {
    struct wheel_block *next;
    uint8_t count;
    uint8_t capacity;
    uint8_t items[][ITEM_BYTES];
} __attribute__((packed, aligned(8)));

/* Capacities that fill 16, 64 and 256 bytes. */
static uint8_t next_capacity(uint8_t capacity) { return capacity < 1 ? 1 : capacity < 9 ? 9 : 41; }
#define CAPACITY_MAX 41

static size_t block_size(uint8_t capacity) {
    return offsetof(struct wheel_block, items) + (size_t)capacity * ITEM_BYTES;
}

static uint64_t item_load(const uint8_t *at) {
    uint64_t item = 0;
    memcpy(&item, at, ITEM_BYTES);
    return item;
}

void timing_wheel_init(struct timing_wheel *wheel, int64_t now_ms) {
    memset(wheel, 0, sizeof(*wheel));
    wheel->now_ms = now_ms;
}

static void block_free(struct timing_wheel *wheel, struct wheel_block *block) {
    wheel->memory_bytes -= memory_small_class(block_size(block->capacity));
    memory_small_free(block, block_size(block->capacity));
}

void timing_wheel_deinit(struct timing_wheel *wheel) {
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++) {
        for (int slot = 0; slot < TIMING_WHEEL_SLOTS; slot++) {
            while (wheel->slots[level][slot] != NULL) {
                struct wheel_block *block = wheel->slots[level][slot];
                wheel->slots[level][slot] = block->next;
                block_free(wheel, block);
            }
        }
    }
    timing_wheel_init(wheel, wheel->now_ms);
}

static void slot_push(struct timing_wheel *wheel, int level, int slot, uint64_t item) {
    struct wheel_block **head = &wheel->slots[level][slot];
    struct wheel_block *block = *head;
    if (block == NULL || block->count == block->capacity) {
        bool grow = block != NULL && block->capacity < CAPACITY_MAX;
        uint8_t capacity = next_capacity(grow ? block->capacity : block == NULL ? 0 : 9);
        struct wheel_block *fresh = memory_small_allocate(block_size(capacity));
        wheel->memory_bytes += memory_small_class(block_size(capacity));
        fresh->capacity = capacity;
        fresh->count = 0;
        fresh->next = block;
        if (grow) {
            memcpy(fresh->items, block->items, (size_t)block->count * ITEM_BYTES);
            fresh->count = block->count;
            fresh->next = block->next;
            block_free(wheel, block);
        }
        *head = block = fresh;
    }
    memcpy(block->items[block->count++], &item, ITEM_BYTES);
    wheel->occupied[level] |= (uint64_t)1 << slot;
}

/* The lowest level whose one turn from now reaches the deadline. */
static void place(struct timing_wheel *wheel, uint64_t item, int64_t deadline_ms) {
    if (deadline_ms < wheel->now_ms) deadline_ms = wheel->now_ms;
    uint64_t differs = (uint64_t)deadline_ms ^ (uint64_t)wheel->now_ms;
    int level = differs == 0 ? 0 : (63 - __builtin_clzll(differs)) / TIMING_WHEEL_SLOT_BITS;
    if (level >= TIMING_WHEEL_LEVELS) {
        level = TIMING_WHEEL_LEVELS - 1; /* beyond the horizon: look again at the end of it */
        slot_push(wheel, level, SLOT_MASK, item);
        return;
    }
    int slot = (int)(((uint64_t)deadline_ms >> (level * TIMING_WHEEL_SLOT_BITS)) & SLOT_MASK);
    slot_push(wheel, level, slot, item);
}

void timing_wheel_add(struct timing_wheel *wheel, uint64_t item, int64_t deadline_ms) {
    assert((item >> 48) == 0);
    place(wheel, item, deadline_ms);
    wheel->item_count++;
}

static int level_slot(const struct timing_wheel *wheel, int level) {
    return (int)(((uint64_t)wheel->now_ms >> (level * TIMING_WHEEL_SLOT_BITS)) & SLOT_MASK);
}

/* Examines a slot's items, at most `budget` of them; false when some are left. Answers in the
 * future are placed anew, which is never this slot: on level 0 the tick is over when it is empty
 * (an item due "now" again goes to the next tick), above it the slot's range is being entered. */
static bool drain(struct timing_wheel *wheel, int level, size_t *budget, wheel_examine *examine,
                  void *context) {
    int slot = level_slot(wheel, level);
    while (wheel->slots[level][slot] != NULL) {
        struct wheel_block *block = wheel->slots[level][slot];
        while (block->count > 0) {
            if (*budget == 0) return false;
            --*budget;
            uint64_t item = item_load(block->items[--block->count]);
            int64_t due_ms = examine(context, item);
            /* `examine` may have added items, in front of this block or by replacing it. */
            if (due_ms == 0) {
                wheel->item_count--;
            } else {
                bool again = level == 0 && due_ms <= wheel->now_ms;
                place(wheel, item, again ? wheel->now_ms + 1 : due_ms);
            }
            if (wheel->slots[level][slot] != block) break;
        }
        if (wheel->slots[level][slot] == block && block->count == 0) {
            wheel->slots[level][slot] = block->next;
            block_free(wheel, block);
        }
    }
    wheel->occupied[level] &= ~((uint64_t)1 << slot);
    return true;
}

/* How far time can go from now without meeting a slot that holds something, at most to `to_ms`. */
static int64_t skip_to(const struct timing_wheel *wheel, int64_t to_ms) {
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++) {
        int shift = level * TIMING_WHEEL_SLOT_BITS;
        uint64_t later = wheel->occupied[level] & (~(uint64_t)0 << level_slot(wheel, level));
        if (later == 0) continue;
        uint64_t base = (uint64_t)wheel->now_ms >> shift >> TIMING_WHEEL_SLOT_BITS
                                                                << TIMING_WHEEL_SLOT_BITS;
        int64_t at = (int64_t)((base + (uint64_t)__builtin_ctzll(later)) << shift);
        if (at < wheel->now_ms) at = wheel->now_ms;
        return at < to_ms ? at : to_ms;
    }
    return to_ms;
}

bool timing_wheel_advance(struct timing_wheel *wheel, int64_t now_ms, size_t budget,
                          wheel_examine *examine, void *context) {
    while (wheel->now_ms <= now_ms) {
        if (wheel->item_count == 0) {
            wheel->now_ms = now_ms + 1;
            return true;
        }
        /* Entering a new range of a higher level: bring its items down, highest first. */
        for (int level = TIMING_WHEEL_LEVELS - 1; level > 0; level--) {
            uint64_t below = ((uint64_t)1 << (level * TIMING_WHEEL_SLOT_BITS)) - 1;
            if (((uint64_t)wheel->now_ms & below) != 0) continue;
            if (!drain(wheel, level, &budget, examine, context)) return false;
        }
        if (!drain(wheel, 0, &budget, examine, context)) return false;
        wheel->now_ms++;
        if (wheel->now_ms <= now_ms) wheel->now_ms = skip_to(wheel, now_ms);
    }
    return true;
}

int64_t timing_wheel_next_ms(const struct timing_wheel *wheel) {
    if (wheel->item_count == 0) return INT64_MAX;
    return skip_to(wheel, INT64_MAX);
}

static size_t slot_copy(const struct wheel_block *block, uint64_t *items, size_t count) {
    size_t copied = 0;
    for (; block != NULL && copied < count; block = block->next) {
        for (size_t i = 0; i < block->count && copied < count; i++)
            items[copied++] = item_load(block->items[i]);
    }
    return copied;
}

size_t timing_wheel_soonest(const struct timing_wheel *wheel, uint64_t *items, size_t count) {
    size_t copied = 0;
    for (int level = 0; level < TIMING_WHEEL_LEVELS && copied < count; level++) {
        for (int slot = level_slot(wheel, level); slot < TIMING_WHEEL_SLOTS && copied < count;
             slot++)
            copied += slot_copy(wheel->slots[level][slot], items + copied, count - copied);
    }
    return copied;
}

/* Moves the first block of a chain some way towards its end. */
static void slot_rotate(struct wheel_block **head) {
    struct wheel_block *first = *head;
    if (first == NULL || first->next == NULL) return;
    struct wheel_block *second = first->next;
    if (second->count == 0) return;
    /* Not to the very end, which may be far: a few blocks back is enough to see others next. */
    struct wheel_block *last = second;
    for (int i = 0; i < 16 && last->next != NULL; i++) last = last->next;
    *head = second;
    first->next = last->next;
    last->next = first;
}

size_t timing_wheel_sample(struct timing_wheel *wheel, uint64_t throw, uint64_t *items,
                           size_t count) {
    if (wheel->item_count == 0 || count == 0) return 0;
    int start = (int)(throw % (TIMING_WHEEL_LEVELS * TIMING_WHEEL_SLOTS));
    for (int i = 0; i < TIMING_WHEEL_LEVELS * TIMING_WHEEL_SLOTS; i++) {
        int at = (start + i) % (TIMING_WHEEL_LEVELS * TIMING_WHEEL_SLOTS);
        struct wheel_block **head = &wheel->slots[at / TIMING_WHEEL_SLOTS][at % TIMING_WHEEL_SLOTS];
        if (*head == NULL) continue;
        slot_rotate(head);
        size_t copied = slot_copy(*head, items, count);
        if (copied > 0) return copied;
    }
    return 0;
}
