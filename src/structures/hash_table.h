/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A table of items found by key, one cache line a bucket, that grows and shrinks a bucket at a
 * time.
 *
 * Linear hashing (Litwin, VLDB 1980): there are n buckets, 2^level <= n < 2^(level+1); when the
 * mean load passes HASH_TABLE_LOAD_MAX one bucket is split, when it falls below
 * HASH_TABLE_LOAD_MIN one is merged. So no operation ever costs more than moving a few dozen
 * items: there is no second table and no pause. Buckets live in segments of at most 64 KiB under
 * a small directory.
 *
 * A bucket (64 bytes):  tags[9] | control | nine 48-bit pointers
 * A tag is a byte of the hash, 0 for an empty slot. A tenth item turns the ninth slot into a
 * pointer to an overflow array of exact size, seven bytes an item.
 *
 * Budget: 8.7 to 9.7 bytes an item above 200 000 items (below, the last segment weighs more); a hit
 * touches one line of the table and the item (1.2 lines on average, for overflow). Items must lie
 * below 2^48.
 *
 * Little-endian machines only (asserted in hash_table.c).
 *
 * The table does not own its items. The key of an item is asked of the item (`key_of`), so it is
 * stored once. Not safe for concurrent use. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/outcome.h"

#define HASH_TABLE_SLOTS 9
#define HASH_TABLE_LOAD_MAX 8
#define HASH_TABLE_LOAD_MIN 3
#define HASH_TABLE_SEGMENT_BITS 10
#define HASH_TABLE_ITEM_BYTES 56 /* of a usual item: how far a prefetch reaches */

typedef struct bytes hash_table_key_of(const void *item);
typedef void hash_table_visit(void *context, void *item);

struct hash_bucket {
    uint8_t tags[HASH_TABLE_SLOTS];
    uint8_t control; /* 1: the ninth slot points to the overflow array */
    uint8_t slots[HASH_TABLE_SLOTS][6];
};

struct hash_table {
    struct hash_bucket **segments;
    hash_table_key_of *key_of;
    size_t bucket_count;
    size_t item_count;
    size_t first_capacity; /* buckets that the first segment has room for, while it grows */
    size_t overflow_bytes;
    uint32_t directory_capacity;
    uint32_t level;
    uint32_t held; /* while > 0 nothing is split or merged */
};

/* Where an item is. Valid until the next insert or remove. */
struct hash_place {
    struct hash_bucket *bucket;
    uint32_t index; /* below HASH_TABLE_SLOTS in the bucket, else in its overflow array */
};

void hash_table_init(struct hash_table *table, hash_table_key_of *key_of);
/* Frees the table, not the items. */
void hash_table_deinit(struct hash_table *table);
/* Takes the table down bucket by bucket, so that it can be done in slices: visits the items of one
 * and gives back its memory. False: that was the last, the table is empty as after init. Until then
 * nothing else may be asked of it. `visit` may free the item. */
bool hash_table_demolish(struct hash_table *table, hash_table_visit *visit, void *context);
/* Bytes that the table itself takes. */
size_t hash_table_memory_bytes(const struct hash_table *table);

/* The item with this key, or NULL; `place` may be NULL. */
void *hash_table_find(const struct hash_table *table, uint64_t hash, struct bytes key,
                      struct hash_place *place);
/* The key must not be there. */
struct hash_place hash_table_insert(struct hash_table *table, uint64_t hash, void *item);
void hash_table_remove(struct hash_table *table, struct hash_place place);
/* The item at `place` has moved in memory (or is replaced by one with the same key). */
void hash_table_set(struct hash_place place, void *item);
/* Splits ahead for `count` items in slices: returns false when more calls are needed. */
bool hash_table_reserve(struct hash_table *table, size_t count, size_t steps);

/* SCAN: calls `visit` for every item of the buckets that the cursor names and returns the next
 * cursor, 0 at the end. An item that is present from the first call to the last is visited at
 * least once, whatever is inserted, removed, split or merged in between (reverse binary
 * increments, as P. Noordhuis gave them to Redis). `visit` must not change the table. */
uint64_t hash_table_scan(const struct hash_table *table, uint64_t cursor, hash_table_visit *visit,
                         void *context);
/* All items of the one bucket `bucket_index` < bucket_count: for walks that nothing interrupts,
 * and for sampling. */
void hash_table_visit_bucket(const struct hash_table *table, size_t bucket_index,
                             hash_table_visit *visit, void *context);
/* Visits those items whose low 48 hash bits may equal `hash48`: their tag agrees. */
void hash_table_visit_like(const struct hash_table *table, uint64_t hash48, hash_table_visit *visit,
                           void *context);
/* An item by a fair throw; NULL when empty. `next` gives 64 random bits. */
void *hash_table_random(const struct hash_table *table, uint64_t (*next)(void *context),
                        void *context);

/* --- the inlined way, for the keyspace --- */

static inline size_t hash_table_bucket_index(const struct hash_table *table, uint64_t hash) {
    uint64_t wide = hash & (((uint64_t)2 << table->level) - 1);
    return wide < table->bucket_count ? wide : wide & (((uint64_t)1 << table->level) - 1);
}

static inline struct hash_bucket *hash_table_bucket(const struct hash_table *table, size_t index) {
    return &table->segments[index >> HASH_TABLE_SEGMENT_BITS]
                           [index & ((1u << HASH_TABLE_SEGMENT_BITS) - 1)];
}

static inline uint8_t hash_table_tag(uint64_t hash) {
    uint8_t tag = (uint8_t)(hash >> 40);
    return tag == 0 ? 1 : tag;
}

static inline void *hash_slot_load(const uint8_t slot[6]) {
    /* One load: the two bytes before a slot belong to the bucket (or overflow array) as well. */
    uint64_t wide;
    memcpy(&wide, slot - 2, 8);
    return (void *)(uintptr_t)(wide >> 16);
}

static inline void hash_slot_store(uint8_t slot[6], const void *item) {
    uint64_t low = (uint64_t)(uintptr_t)item;
    memcpy(slot, &low, 6);
}

/* One bit a slot whose tag is `tag`. */
static inline uint32_t hash_bucket_matches(const struct hash_bucket *bucket, uint8_t tag) {
#if defined(__SSE2__)
    typedef char vector16 __attribute__((vector_size(16), aligned(1)));
    vector16 tags = *(const vector16 *)(const void *)bucket;
    vector16 same = (vector16)(tags == ((vector16){0} + (char)tag));
    return (uint32_t)__builtin_ia32_pmovmskb128(same) & ((1u << HASH_TABLE_SLOTS) - 1);
#else
    uint32_t matches = 0;
    for (uint32_t i = 0; i < HASH_TABLE_SLOTS; i++)
        matches |= (uint32_t)(bucket->tags[i] == tag) << i;
    return matches;
#endif
}

/* gcc 12 takes a function that only prefetches for one without effect and drops the call; the empty
 * asm is the effect that keeps it. */
static inline __attribute__((always_inline)) void hash_prefetch_line(const void *line) {
    __asm__ volatile("");
    __builtin_prefetch(line);
}

/* Looking up many keys at once, so that their cache misses overlap: all buckets first, then all
 * items, then what overflow arrays point to, then hash_table_find. Buckets stay what they are until
 * the table is changed. NULL: the table is empty. */
static inline const struct hash_bucket *hash_table_prefetch(const struct hash_table *table,
                                                            uint64_t hash) {
    if (UNLIKELY(table->bucket_count == 0)) return NULL;
    const struct hash_bucket *bucket = hash_table_bucket(table,
                                                         hash_table_bucket_index(table, hash));
    hash_prefetch_line(bucket);
    return bucket;
}

/* The line where an item begins, and the one where a usual item ends. */
static inline void hash_prefetch_item(const char *item) {
    hash_prefetch_line(item);
    hash_prefetch_line(item + HASH_TABLE_ITEM_BYTES - 1);
}

/* Once the bucket is here: starts loading the items that it may be. True: it has an overflow array,
 * which is being loaded too and wants hash_bucket_prefetch_overflow. */
static inline bool hash_bucket_prefetch_items(const struct hash_bucket *bucket, uint64_t hash) {
    uint32_t matches = hash_bucket_matches(bucket, hash_table_tag(hash));
    for (; matches != 0; matches &= matches - 1)
        hash_prefetch_item(hash_slot_load(bucket->slots[__builtin_ctz(matches)]));
    if (LIKELY(bucket->control == 0)) return false;
    hash_prefetch_line(hash_slot_load(bucket->slots[HASH_TABLE_SLOTS - 1]));
    return true;
}

/* Once the overflow array is here: starts loading what in it may be the item. */
void hash_bucket_prefetch_overflow(const struct hash_bucket *bucket, uint64_t hash);
