/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/timing_wheel.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/outcome.h"

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
/* The last slot of the highest level holds what is due beyond it; time stops short of that. */
#define NOW_MS_MAX (((int64_t)SLOT_MASK << (TIMING_WHEEL_LEVELS - 1) * TIMING_WHEEL_SLOT_BITS) - 1)

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
    wheel->now_ms = now_ms < NOW_MS_MAX ? now_ms : NOW_MS_MAX;
}

/* Takes the first block out of a ring and frees it. */
static void first_free(struct timing_wheel *wheel, struct wheel_block **last) {
    struct wheel_block *block = (*last)->next;
    if (block == *last) *last = NULL;
    else (*last)->next = block->next;
    wheel->memory_bytes -= memory_small_class(block_size(block->capacity));
    memory_small_free(block, block_size(block->capacity));
}

bool timing_wheel_demolish(struct timing_wheel *wheel, size_t blocks) {
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++) {
        while (wheel->occupied[level] != 0) {
            int slot = __builtin_ctzll(wheel->occupied[level]);
            while (wheel->slots[level][slot] != NULL) {
                if (blocks-- == 0) return false;
                first_free(wheel, &wheel->slots[level][slot]);
            }
            wheel->occupied[level] &= wheel->occupied[level] - 1;
        }
    }
    timing_wheel_init(wheel, wheel->now_ms);
    return true;
}

void timing_wheel_deinit(struct timing_wheel *wheel) {
    bool empty = timing_wheel_demolish(wheel, SIZE_MAX);
    assert(empty);
}

/* A block with room at the front of the ring: the first one grows until it is as large as blocks
 * get, then another goes before it. */
static struct wheel_block *make_room(struct timing_wheel *wheel, struct wheel_block **last) {
    struct wheel_block *first = *last == NULL ? NULL : (*last)->next;
    bool grow = first != NULL && first->capacity < CAPACITY_MAX;
    uint8_t capacity = next_capacity(grow ? first->capacity : 0);
    struct wheel_block *fresh = memory_small_allocate(block_size(capacity));
    wheel->memory_bytes += memory_small_class(block_size(capacity));
    fresh->capacity = capacity;
    fresh->count = 0;
    if (grow) {
        memcpy(fresh->items, first->items, (size_t)first->count * ITEM_BYTES);
        fresh->count = first->count;
        first_free(wheel, last);
    }
    if (*last == NULL) {
        fresh->next = fresh;
        *last = fresh;
    } else {
        fresh->next = (*last)->next;
        (*last)->next = fresh;
    }
    return fresh;
}

static void slot_push(struct timing_wheel *wheel, int level, int slot, uint64_t item) {
    struct wheel_block **last = &wheel->slots[level][slot];
    struct wheel_block *block = *last == NULL ? NULL : (*last)->next;
    if (block != NULL && block->count == block->capacity) block = *last; /* open, if turned once */
    if (block == NULL || block->count == block->capacity) block = make_room(wheel, last);
    memcpy(block->items[block->count++], &item, ITEM_BYTES);
    wheel->occupied[level] |= (uint64_t)1 << slot;
}

/* The lowest level whose one turn from now reaches the deadline, and the slot of it. */
static int slot_of(const struct timing_wheel *wheel, int64_t deadline_ms, int *level) {
    if (deadline_ms < wheel->now_ms) deadline_ms = wheel->now_ms;
    uint64_t differs = (uint64_t)deadline_ms ^ (uint64_t)wheel->now_ms;
    *level = differs == 0 ? 0 : (63 - __builtin_clzll(differs)) / TIMING_WHEEL_SLOT_BITS;
    if (UNLIKELY(*level >= TIMING_WHEEL_LEVELS)) {
        *level = TIMING_WHEEL_LEVELS - 1; /* beyond the horizon: look again at the end of it */
        return SLOT_MASK;
    }
    return (int)(((uint64_t)deadline_ms >> (*level * TIMING_WHEEL_SLOT_BITS)) & SLOT_MASK);
}

static void place(struct timing_wheel *wheel, uint64_t item, int64_t deadline_ms) {
    int level;
    int slot = slot_of(wheel, deadline_ms, &level);
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
    struct wheel_block **last = &wheel->slots[level][slot];
    while (*last != NULL) {
        struct wheel_block *first = (*last)->next;
        if (first->count == 0) {
            first_free(wheel, last);
            continue;
        }
        if (*budget == 0) return false;
        --*budget;
        uint64_t item = item_load(first->items[--first->count]);
        int64_t due_ms = examine(context, item); /* may add items, to this very slot too */
        if (due_ms == 0) {
            wheel->item_count--;
            continue;
        }
        bool again = level == 0 && due_ms <= wheel->now_ms;
        place(wheel, item, again ? wheel->now_ms + 1 : due_ms);
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
    if (now_ms >= NOW_MS_MAX) now_ms = NOW_MS_MAX - 1;
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

bool timing_wheel_walk(const struct timing_wheel *wheel, wheel_visit *visit, void *context) {
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++) {
        for (int slot = level_slot(wheel, level); slot < TIMING_WHEEL_SLOTS; slot++) {
            const struct wheel_block *last = wheel->slots[level][slot];
            const struct wheel_block *block = last;
            while (block != NULL) {
                block = block->next;
                for (size_t i = 0; i < block->count; i++) {
                    if (!visit(context, item_load(block->items[i]))) return false;
                }
                if (block == last) break;
            }
            if (last != NULL && !visit(context, TIMING_WHEEL_SLOT_END)) return false;
        }
    }
    return true;
}

/* Looks at one item of a block in its slot; true when it stays there. */
static bool look_at(struct timing_wheel *wheel, size_t at, struct wheel_block *block, size_t index,
                    wheel_examine *examine, void *context) {
    uint64_t item = item_load(block->items[index]);
    int64_t due_ms = examine(context, item);
    int level;
    size_t slot = due_ms == 0 ? 0 : (size_t)slot_of(wheel, due_ms, &level);
    if (due_ms != 0 && (size_t)level * TIMING_WHEEL_SLOTS + slot == at) return true;
    memmove(block->items[index], block->items[--block->count], ITEM_BYTES);
    if (due_ms != 0) place(wheel, item, due_ms);
    else wheel->item_count--;
    return false;
}

static size_t first_slot(const struct timing_wheel *wheel) {
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++) {
        uint64_t later = wheel->occupied[level] & (~(uint64_t)0 << level_slot(wheel, level));
        if (later == 0) continue;
        return (size_t)level * TIMING_WHEEL_SLOTS + (size_t)__builtin_ctzll(later);
    }
    return 0;
}

#define SLOTS_ALL ((size_t)TIMING_WHEEL_LEVELS * TIMING_WHEEL_SLOTS)

void timing_wheel_sample(struct timing_wheel *wheel, bool soonest, uint64_t throw, size_t count,
                         wheel_examine *examine, void *context) {
    if (wheel->item_count == 0 || count == 0) return;
    size_t at = soonest ? first_slot(wheel) : (size_t)(throw % SLOTS_ALL);
    while (wheel->slots[at / TIMING_WHEEL_SLOTS][at % TIMING_WHEEL_SLOTS] == NULL)
        at = (at + 1) % SLOTS_ALL;
    struct wheel_block **last = &wheel->slots[at / TIMING_WHEEL_SLOTS][at % TIMING_WHEEL_SLOTS];
    struct wheel_block *first = (*last)->next;
    size_t index = first->count == 0 ? 0 : (size_t)(throw >> 32) % first->count;
    for (size_t left = count < first->count ? count : first->count; left > 0; left--) {
        bool stays = look_at(wheel, at, first, index, examine, context);
        if (stays) index++;
        if (index >= first->count) index = 0;
    }
    if (first->count > 0) {
        *last = first; /* goes to the end of the ring: next time others are first */
        return;
    }
    first_free(wheel, last);
    if (*last == NULL)
        wheel->occupied[at / TIMING_WHEEL_SLOTS] &= ~((uint64_t)1 << (at % TIMING_WHEEL_SLOTS));
}
