/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/sketch.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

struct counter {
    uint64_t hash;
    uint64_t count;
    uint64_t error;
    char *key;
    uint32_t len;
    uint32_t heap_at;
};

struct sketch {
    size_t capacity;
    size_t count;
    size_t slot_count; /* a power of two, at least twice the capacity */
    struct counter *counters;
    uint32_t *heap;  /* counters, the smallest count first */
    uint32_t *slots; /* by hash, linear probing; 0: free, else counter + 1 */
};

struct sketch *sketch_create(size_t capacity) {
    assert(capacity > 0 && capacity <= SKETCH_CAPACITY_MAX);
    struct sketch *sketch = memory_allocate_zero(sizeof(*sketch));
    sketch->capacity = capacity;
    sketch->slot_count = 4;
    while (sketch->slot_count < 2 * capacity) sketch->slot_count *= 2;
    sketch->counters = memory_allocate_zero(capacity * sizeof(struct counter));
    sketch->heap = memory_allocate(capacity * sizeof(uint32_t));
    sketch->slots = memory_allocate_zero(sketch->slot_count * sizeof(uint32_t));
    return sketch;
}

void sketch_clear(struct sketch *sketch) {
    for (size_t i = 0; i < sketch->count; i++) memory_free(sketch->counters[i].key);
    memset(sketch->slots, 0, sketch->slot_count * sizeof(uint32_t));
    sketch->count = 0;
}

void sketch_destroy(struct sketch **sketch) {
    if (*sketch == NULL) return;
    sketch_clear(*sketch);
    memory_free((*sketch)->counters);
    memory_free((*sketch)->heap);
    memory_free((*sketch)->slots);
    memory_free(*sketch);
    *sketch = NULL;
}

size_t sketch_bytes(const struct sketch *sketch) {
    size_t bytes = memory_block_bytes(sketch) + memory_block_bytes(sketch->counters) +
                   memory_block_bytes(sketch->heap) + memory_block_bytes(sketch->slots);
    for (size_t i = 0; i < sketch->count; i++) bytes += memory_block_bytes(sketch->counters[i].key);
    return bytes;
}

static struct bytes cut(struct bytes key) {
    if (key.len > SKETCH_KEY_BYTES_MAX) key.len = SKETCH_KEY_BYTES_MAX;
    return key;
}

/* --- by hash --- */

/* The slot of the key, or the free one where it would go. */
static size_t find_slot(const struct sketch *sketch, struct bytes key, uint64_t hash) {
    size_t mask = sketch->slot_count - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        if (sketch->slots[at] == 0) return at;
        const struct counter *counter = &sketch->counters[sketch->slots[at] - 1];
        if (counter->hash == hash && bytes_equal(bytes_make(counter->key, counter->len), key)) {
            return at;
        }
    }
}

/* Frees a slot and moves those back that were pushed on by it. */
static void free_slot(struct sketch *sketch, size_t at) {
    size_t mask = sketch->slot_count - 1;
    for (size_t next = (at + 1) & mask; sketch->slots[next] != 0; next = (next + 1) & mask) {
        size_t home = sketch->counters[sketch->slots[next] - 1].hash & mask;
        if (((next - home) & mask) < ((next - at) & mask)) continue;
        sketch->slots[at] = sketch->slots[next];
        at = next;
    }
    sketch->slots[at] = 0;
}

/* --- by count --- */

static void heap_put(struct sketch *sketch, size_t at, uint32_t counter) {
    sketch->heap[at] = counter;
    sketch->counters[counter].heap_at = (uint32_t)at;
}

static uint64_t count_at(const struct sketch *sketch, size_t at) {
    return sketch->counters[sketch->heap[at]].count;
}

static void sift_up(struct sketch *sketch, size_t at) {
    uint32_t counter = sketch->heap[at];
    uint64_t count = sketch->counters[counter].count;
    for (; at > 0 && count_at(sketch, (at - 1) / 2) > count; at = (at - 1) / 2) {
        heap_put(sketch, at, sketch->heap[(at - 1) / 2]);
    }
    heap_put(sketch, at, counter);
}

static void sift_down(struct sketch *sketch, size_t at) {
    uint32_t counter = sketch->heap[at];
    uint64_t count = sketch->counters[counter].count;
    for (size_t child; (child = 2 * at + 1) < sketch->count; at = child) {
        if (child + 1 < sketch->count && count_at(sketch, child + 1) < count_at(sketch, child)) {
            child++;
        }
        if (count_at(sketch, child) >= count) break;
        heap_put(sketch, at, sketch->heap[child]);
    }
    heap_put(sketch, at, counter);
}

static void name(struct counter *counter, struct bytes key, uint64_t hash) {
    counter->key = memory_allocate(key.len + 1);
    memcpy(counter->key, key.data, key.len);
    counter->len = (uint32_t)key.len;
    counter->hash = hash;
}

void sketch_add(struct sketch *sketch, struct bytes key, uint64_t amount) {
    key = cut(key);
    uint64_t hash = hash_bytes(key);
    size_t slot = find_slot(sketch, key, hash);
    if (sketch->slots[slot] != 0) {
        struct counter *counter = &sketch->counters[sketch->slots[slot] - 1];
        counter->count += amount;
        sift_down(sketch, counter->heap_at);
        return;
    }
    if (sketch->count < sketch->capacity) {
        uint32_t fresh = (uint32_t)sketch->count++;
        struct counter *counter = &sketch->counters[fresh];
        name(counter, key, hash);
        counter->count = amount;
        counter->error = 0;
        sketch->slots[slot] = fresh + 1;
        sketch->heap[fresh] = fresh;
        sift_up(sketch, fresh);
        return;
    }
    uint32_t smallest = sketch->heap[0];
    struct counter *counter = &sketch->counters[smallest];
    free_slot(sketch, find_slot(sketch, bytes_make(counter->key, counter->len), counter->hash));
    memory_free(counter->key);
    name(counter, key, hash);
    counter->error = counter->count;
    counter->count += amount;
    sketch->slots[find_slot(sketch, key, hash)] = smallest + 1;
    sift_down(sketch, 0);
}

uint64_t sketch_count(const struct sketch *sketch, struct bytes key) {
    key = cut(key);
    uint32_t slot = sketch->slots[find_slot(sketch, key, hash_bytes(key))];
    return slot == 0 ? 0 : sketch->counters[slot - 1].count;
}

size_t sketch_item_count(const struct sketch *sketch) { return sketch->count; }

struct sketch_item sketch_item_at(const struct sketch *sketch, size_t index) {
    assert(index < sketch->count);
    const struct counter *counter = &sketch->counters[index];
    return (struct sketch_item){bytes_make(counter->key, counter->len), counter->count,
                                counter->error};
}

/* --- the last span --- */

void sketch_recent_init(struct sketch_recent *recent, size_t capacity, int64_t span_ms) {
    *recent = (struct sketch_recent){
        .current = sketch_create(capacity), .before = sketch_create(capacity), .span_ms = span_ms};
}

void sketch_recent_deinit(struct sketch_recent *recent) {
    sketch_destroy(&recent->current);
    sketch_destroy(&recent->before);
}

void sketch_recent_advance(struct sketch_recent *recent, int64_t now_ms) {
    int64_t window = now_ms / recent->span_ms;
    if (window <= recent->window) return; /* a clock set back adds to what there is */
    struct sketch *oldest = recent->before;
    sketch_clear(oldest);
    recent->before = recent->current;
    recent->current = oldest;
    if (window > recent->window + 1) sketch_clear(recent->before);
    recent->window = window;
}

void sketch_recent_add(struct sketch_recent *recent, struct bytes key, uint64_t amount,
                       int64_t now_ms) {
    sketch_recent_advance(recent, now_ms);
    sketch_add(recent->current, key, amount);
}

uint64_t sketch_recent_count(const struct sketch_recent *recent, struct bytes key, int64_t now_ms) {
    int64_t passed_ms = now_ms - recent->window * recent->span_ms;
    if (passed_ms < 0) passed_ms = 0;
    if (passed_ms > recent->span_ms) passed_ms = recent->span_ms;
    unsigned __int128 before = (unsigned __int128)sketch_count(recent->before, key) *
                               (uint64_t)(recent->span_ms - passed_ms);
    return sketch_count(recent->current, key) + (uint64_t)(before / (uint64_t)recent->span_ms);
}
