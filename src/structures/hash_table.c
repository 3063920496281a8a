/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/hash_table.h"

#include <assert.h>

#include "base/memory.h"
#include "base/outcome.h"

#define SEGMENT_BUCKETS ((size_t)1 << HASH_TABLE_SEGMENT_BITS)
#define OVERFLOW_SLOT (HASH_TABLE_SLOTS - 1)
#define OVERFLOW_ITEM 7 /* tag and pointer */

/* The overflow array: a count, then items of a tag and a pointer. The count also keeps the two
 * bytes that hash_slot_load reads before a pointer inside the block. */
struct overflow {
    uint16_t count;
    uint8_t items[];
};

static_assert(sizeof(struct hash_bucket) == 64, "a bucket is a cache line");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "48-bit pointers are stored low byte first");

static size_t overflow_size(size_t count) {
    return sizeof(struct overflow) + count * OVERFLOW_ITEM;
}

static struct overflow *bucket_overflow(const struct hash_bucket *bucket) {
    return bucket->control == 0 ? NULL : hash_slot_load(bucket->slots[OVERFLOW_SLOT]);
}

static uint8_t *overflow_item(struct overflow *overflow, size_t index) {
    return overflow->items + index * OVERFLOW_ITEM;
}

void hash_table_init(struct hash_table *table, hash_table_key_of *key_of) {
    *table = (struct hash_table){.key_of = key_of};
}

static void bucket_drop_overflow(struct hash_table *table, struct hash_bucket *bucket) {
    struct overflow *overflow = bucket_overflow(bucket);
    if (overflow == NULL) return;
    size_t size = overflow_size(overflow->count);
    table->overflow_bytes -= memory_small_class(size);
    memory_small_free(overflow, size);
    bucket->control = 0;
}

/* The first segment stays when the last bucket is gone. */
static size_t table_segment_count(const struct hash_table *table) {
    if (table->segments == NULL) return 0;
    return table->bucket_count == 0 ? 1 : (table->bucket_count - 1) / SEGMENT_BUCKETS + 1;
}

void hash_table_deinit(struct hash_table *table) {
    if (table->overflow_bytes > 0) {
        for (size_t i = 0; i < table->bucket_count; i++)
            bucket_drop_overflow(table, hash_table_bucket(table, i));
    }
    size_t segment_count = table_segment_count(table);
    for (size_t i = 0; i < segment_count; i++) memory_free(table->segments[i]);
    memory_free(table->segments);
    hash_table_init(table, table->key_of);
}

size_t hash_table_memory_bytes(const struct hash_table *table) {
    size_t bytes = table->overflow_bytes;
    if (table->segments == NULL) return bytes;
    bytes += memory_block_bytes(table->segments);
    size_t segment_count = table_segment_count(table);
    bytes += memory_block_bytes(table->segments[0]);
    if (segment_count > 1) bytes += (segment_count - 1) * memory_block_bytes(table->segments[1]);
    return bytes;
}

/* --- buckets --- */

static size_t bucket_item_count(const struct hash_bucket *bucket) {
    size_t count = 0;
    for (size_t i = 0; i < HASH_TABLE_SLOTS; i++) count += bucket->tags[i] != 0;
    struct overflow *overflow = bucket_overflow(bucket);
    return overflow == NULL ? count : count + overflow->count;
}

static void bucket_visit(const struct hash_bucket *bucket, hash_table_visit *visit, void *context) {
    for (size_t i = 0; i < HASH_TABLE_SLOTS; i++) {
        if (bucket->tags[i] != 0) visit(context, hash_slot_load(bucket->slots[i]));
    }
    struct overflow *overflow = bucket_overflow(bucket);
    if (overflow == NULL) return;
    for (size_t i = 0; i < overflow->count; i++)
        visit(context, hash_slot_load(overflow_item(overflow, i) + 1));
}

/* Gives the place's index. */
static uint32_t bucket_overflow_append(struct hash_table *table, struct hash_bucket *bucket,
                                       uint8_t tag, const void *item) {
    struct overflow *overflow = bucket_overflow(bucket);
    if (overflow == NULL) {
        overflow = memory_small_allocate(overflow_size(2));
        table->overflow_bytes += memory_small_class(overflow_size(2));
        overflow->count = 2;
        overflow_item(overflow, 0)[0] = bucket->tags[OVERFLOW_SLOT];
        memcpy(overflow_item(overflow, 0) + 1, bucket->slots[OVERFLOW_SLOT], 6);
        bucket->tags[OVERFLOW_SLOT] = 0;
        bucket->control = 1;
    } else {
        size_t old_size = overflow_size(overflow->count);
        size_t new_size = overflow_size((size_t)overflow->count + 1);
        assert(overflow->count < UINT16_MAX);
        overflow = memory_small_reallocate(overflow, old_size, new_size);
        table->overflow_bytes += memory_small_class(new_size) - memory_small_class(old_size);
        overflow->count++;
    }
    uint8_t *last = overflow_item(overflow, (size_t)overflow->count - 1);
    last[0] = tag;
    hash_slot_store(last + 1, item);
    hash_slot_store(bucket->slots[OVERFLOW_SLOT], overflow);
    return (uint32_t)HASH_TABLE_SLOTS + overflow->count - 1;
}

static uint32_t bucket_insert(struct hash_table *table, struct hash_bucket *bucket, uint8_t tag,
                              const void *item) {
    uint32_t free = hash_bucket_matches(bucket, 0);
    if (bucket->control != 0) free &= ~(1u << OVERFLOW_SLOT);
    if (UNLIKELY(free == 0)) return bucket_overflow_append(table, bucket, tag, item);
    uint32_t index = (uint32_t)__builtin_ctz(free);
    bucket->tags[index] = tag;
    hash_slot_store(bucket->slots[index], item);
    return index;
}

/* Takes the last item of the overflow array out of it; the array goes when one item is left,
 * which moves into the ninth slot. */
static void overflow_shrink(struct hash_table *table, struct hash_bucket *bucket) {
    struct overflow *overflow = bucket_overflow(bucket);
    size_t old_size = overflow_size(overflow->count);
    overflow->count--;
    if (overflow->count == 1) {
        uint8_t item[OVERFLOW_ITEM];
        memcpy(item, overflow_item(overflow, 0), sizeof(item));
        table->overflow_bytes -= memory_small_class(old_size);
        memory_small_free(overflow, old_size);
        bucket->control = 0;
        bucket->tags[OVERFLOW_SLOT] = item[0];
        memcpy(bucket->slots[OVERFLOW_SLOT], item + 1, 6);
        return;
    }
    size_t new_size = overflow_size(overflow->count);
    table->overflow_bytes -= memory_small_class(old_size) - memory_small_class(new_size);
    overflow = memory_small_reallocate(overflow, old_size, new_size);
    hash_slot_store(bucket->slots[OVERFLOW_SLOT], overflow);
}

static void bucket_remove(struct hash_table *table, struct hash_place place) {
    struct hash_bucket *bucket = place.bucket;
    struct overflow *overflow = bucket_overflow(bucket);
    if (overflow == NULL) {
        bucket->tags[place.index] = 0;
        return;
    }
    uint8_t *last = overflow_item(overflow, (size_t)overflow->count - 1);
    if (place.index < HASH_TABLE_SLOTS) {
        bucket->tags[place.index] = last[0];
        memcpy(bucket->slots[place.index], last + 1, 6);
    } else {
        uint8_t *item = overflow_item(overflow, place.index - HASH_TABLE_SLOTS);
        memmove(item, last, OVERFLOW_ITEM);
    }
    overflow_shrink(table, bucket);
}

/* --- growing and shrinking --- */

static void directory_add(struct hash_table *table, size_t segment) {
    if (segment >= table->directory_capacity) {
        uint32_t capacity = table->directory_capacity == 0 ? 1 : table->directory_capacity * 2;
        table->segments = memory_reallocate(table->segments, capacity * sizeof(table->segments[0]));
        table->directory_capacity = capacity;
    }
    table->segments[segment] = NULL;
}

/* Makes room for bucket number `bucket_count` and counts it in, empty. */
static struct hash_bucket *bucket_append(struct hash_table *table) {
    size_t index = table->bucket_count;
    size_t segment = index >> HASH_TABLE_SEGMENT_BITS;
    size_t within = index & (SEGMENT_BUCKETS - 1);
    if (within == 0) directory_add(table, segment);
    if (segment > 0) {
        if (within == 0)
            table->segments[segment] = memory_allocate(SEGMENT_BUCKETS *
                                                       sizeof(struct hash_bucket));
    } else if (within >= table->first_capacity) {
        size_t capacity = table->first_capacity == 0 ? 1 : table->first_capacity * 2;
        table->segments[0] = memory_reallocate(table->segments[0],
                                               capacity * sizeof(struct hash_bucket));
        table->first_capacity = capacity;
    }
    table->bucket_count++;
    struct hash_bucket *bucket = hash_table_bucket(table, index);
    memset(bucket, 0, sizeof(*bucket));
    return bucket;
}

static void bucket_remove_last(struct hash_table *table) {
    size_t index = --table->bucket_count;
    size_t segment = index >> HASH_TABLE_SEGMENT_BITS;
    size_t within = index & (SEGMENT_BUCKETS - 1);
    if (segment > 0) {
        if (within == 0) {
            memory_free(table->segments[segment]);
            table->segments[segment] = NULL;
        }
        return;
    }
    if (index <= table->first_capacity / 4 && table->first_capacity > 1) {
        size_t capacity = table->first_capacity / 2;
        table->segments[0] = memory_reallocate(table->segments[0],
                                               capacity * sizeof(struct hash_bucket));
        table->first_capacity = capacity;
    }
}

struct gathered {
    void **items;
    size_t count;
};

static void gather(void *context, void *item) {
    struct gathered *gathered = context;
    __builtin_prefetch(item);
    gathered->items[gathered->count++] = item;
}

/* Empties a bucket into `gathered`, whose items the caller frees when not `room`. */
static void bucket_take(struct hash_table *table, struct hash_bucket *bucket,
                        struct gathered *gathered, void **room, size_t room_count) {
    size_t count = bucket_item_count(bucket);
    gathered->items = count <= room_count ? room : memory_allocate(count * sizeof(void *));
    gathered->count = 0;
    bucket_visit(bucket, gather, gathered);
    bucket_drop_overflow(table, bucket);
    memset(bucket->tags, 0, sizeof(bucket->tags));
}

#define GATHER_ROOM 64

static void split_one(struct hash_table *table) {
    size_t from = table->bucket_count - ((size_t)1 << table->level);
    struct hash_bucket *fresh = bucket_append(table);
    struct hash_bucket *old = hash_table_bucket(table, from);
    uint64_t side = (uint64_t)1 << table->level;
    void *room[GATHER_ROOM];
    struct gathered gathered;
    bucket_take(table, old, &gathered, room, GATHER_ROOM);
    for (size_t i = 0; i < gathered.count; i++) {
        uint64_t hash = hash_bytes(table->key_of(gathered.items[i]));
        bucket_insert(table, (hash & side) != 0 ? fresh : old, hash_table_tag(hash),
                      gathered.items[i]);
    }
    if (gathered.items != room) memory_free(gathered.items);
    if (table->bucket_count == side * 2) table->level++;
}

static void merge_one(struct hash_table *table) {
    size_t last = table->bucket_count - 1;
    if (((size_t)1 << table->level) > last) table->level--;
    size_t into = last & (((size_t)1 << table->level) - 1);
    struct hash_bucket *from = hash_table_bucket(table, last);
    struct hash_bucket *target = hash_table_bucket(table, into);
    for (size_t i = 0; i < HASH_TABLE_SLOTS; i++) {
        if (from->tags[i] != 0)
            bucket_insert(table, target, from->tags[i], hash_slot_load(from->slots[i]));
    }
    struct overflow *overflow = bucket_overflow(from);
    for (size_t i = 0; overflow != NULL && i < overflow->count; i++) {
        uint8_t *item = overflow_item(overflow, i);
        bucket_insert(table, target, item[0], hash_slot_load(item + 1));
    }
    bucket_drop_overflow(table, from);
    bucket_remove_last(table);
}

struct hash_place hash_table_insert(struct hash_table *table, uint64_t hash, void *item) {
    assert(((uintptr_t)item >> 48) == 0);
    if (UNLIKELY(table->bucket_count == 0)) bucket_append(table);
    /* Splitting first leaves the place valid. */
    if (table->item_count >= table->bucket_count * HASH_TABLE_LOAD_MAX && table->held == 0)
        split_one(table);
    struct hash_bucket *bucket = hash_table_bucket(table, hash_table_bucket_index(table, hash));
    table->item_count++;
    return (struct hash_place){bucket, bucket_insert(table, bucket, hash_table_tag(hash), item)};
}

void hash_table_remove(struct hash_table *table, struct hash_place place) {
    bucket_remove(table, place);
    table->item_count--;
    if (table->item_count < table->bucket_count * HASH_TABLE_LOAD_MIN && table->held == 0 &&
        table->bucket_count > 1)
        merge_one(table);
}

bool hash_table_demolish(struct hash_table *table, hash_table_visit *visit, void *context) {
    if (table->bucket_count == 0) return false;
    struct hash_bucket *last = hash_table_bucket(table, table->bucket_count - 1);
    bucket_visit(last, visit, context);
    bucket_drop_overflow(table, last);
    bucket_remove_last(table);
    if (table->bucket_count > 0) return true;
    hash_table_deinit(table);
    return false;
}

bool hash_table_reserve(struct hash_table *table, size_t count, size_t steps) {
    if (table->bucket_count == 0) bucket_append(table);
    while (table->bucket_count * HASH_TABLE_LOAD_MAX < count) {
        if (steps-- == 0) return false;
        split_one(table);
    }
    return true;
}

/* --- finding --- */

void *hash_table_find(const struct hash_table *table, uint64_t hash, struct bytes key,
                      struct hash_place *place) {
    if (UNLIKELY(table->bucket_count == 0)) return NULL;
    struct hash_bucket *bucket = hash_table_bucket(table, hash_table_bucket_index(table, hash));
    uint8_t tag = hash_table_tag(hash);
    uint32_t matches = hash_bucket_matches(bucket, tag);
    for (; matches != 0; matches &= matches - 1) {
        uint32_t index = (uint32_t)__builtin_ctz(matches);
        void *item = hash_slot_load(bucket->slots[index]);
        if (!bytes_equal(table->key_of(item), key)) continue;
        if (place != NULL) *place = (struct hash_place){bucket, index};
        return item;
    }
    struct overflow *overflow = bucket_overflow(bucket);
    if (LIKELY(overflow == NULL)) return NULL;
    for (uint32_t i = 0; i < overflow->count; i++) {
        uint8_t *at = overflow_item(overflow, i);
        if (at[0] != tag) continue;
        void *item = hash_slot_load(at + 1);
        if (!bytes_equal(table->key_of(item), key)) continue;
        if (place != NULL) *place = (struct hash_place){bucket, HASH_TABLE_SLOTS + i};
        return item;
    }
    return NULL;
}

void hash_bucket_prefetch_overflow(const struct hash_bucket *bucket, uint64_t hash) {
    struct overflow *overflow = bucket_overflow(bucket);
    uint8_t tag = hash_table_tag(hash);
    for (uint32_t i = 0; overflow != NULL && i < overflow->count; i++) {
        uint8_t *at = overflow_item(overflow, i);
        if (at[0] == tag) hash_prefetch_item(hash_slot_load(at + 1));
    }
}

void hash_table_set(struct hash_place place, void *item) {
    assert(((uintptr_t)item >> 48) == 0);
    if (place.index < HASH_TABLE_SLOTS) {
        hash_slot_store(place.bucket->slots[place.index], item);
        return;
    }
    struct overflow *overflow = bucket_overflow(place.bucket);
    hash_slot_store(overflow_item(overflow, place.index - HASH_TABLE_SLOTS) + 1, item);
}

/* --- walking --- */

static uint64_t reverse_bits(uint64_t value) {
    value = __builtin_bswap64(value);
    value = ((value >> 4) & 0x0f0f0f0f0f0f0f0full) | ((value & 0x0f0f0f0f0f0f0f0full) << 4);
    value = ((value >> 2) & 0x3333333333333333ull) | ((value & 0x3333333333333333ull) << 2);
    return ((value >> 1) & 0x5555555555555555ull) | ((value & 0x5555555555555555ull) << 1);
}

uint64_t hash_table_scan(const struct hash_table *table, uint64_t cursor, hash_table_visit *visit,
                         void *context) {
    if (table->bucket_count == 0) return 0;
    uint64_t size = (uint64_t)1 << table->level;
    uint64_t mask = size - 1;
    uint64_t low = cursor & mask;
    bucket_visit(hash_table_bucket(table, low), visit, context);
    if (low + size < table->bucket_count)
        bucket_visit(hash_table_bucket(table, low + size), visit, context);
    /* The next cursor in reversed order of bits: set the bits above the mask, so that the carry
     * runs into the masked ones. */
    cursor |= ~mask;
    return reverse_bits(reverse_bits(cursor) + 1);
}

void hash_table_visit_bucket(const struct hash_table *table, size_t bucket_index,
                             hash_table_visit *visit, void *context) {
    assert(bucket_index < table->bucket_count);
    bucket_visit(hash_table_bucket(table, bucket_index), visit, context);
}

void hash_table_visit_like(const struct hash_table *table, uint64_t hash48, hash_table_visit *visit,
                           void *context) {
    if (table->bucket_count == 0) return;
    const struct hash_bucket *bucket = hash_table_bucket(table,
                                                         hash_table_bucket_index(table, hash48));
    uint8_t tag = hash_table_tag(hash48);
    uint32_t matches = hash_bucket_matches(bucket, tag);
    for (; matches != 0; matches &= matches - 1)
        visit(context, hash_slot_load(bucket->slots[__builtin_ctz(matches)]));
    struct overflow *overflow = bucket_overflow(bucket);
    for (size_t i = 0; overflow != NULL && i < overflow->count; i++) {
        uint8_t *at = overflow_item(overflow, i);
        if (at[0] == tag) visit(context, hash_slot_load(at + 1));
    }
}

/* The n-th item of a bucket. */
static void *bucket_pick(const struct hash_bucket *bucket, size_t n) {
    for (size_t i = 0; i < HASH_TABLE_SLOTS; i++) {
        if (bucket->tags[i] != 0 && n-- == 0) return hash_slot_load(bucket->slots[i]);
    }
    return hash_slot_load(overflow_item(bucket_overflow(bucket), n) + 1);
}

#define THROWS_MAX 256
#define THROW_ROOM 32 /* a bucket with more items than this is a little less likely */

void *hash_table_random(const struct hash_table *table, uint64_t (*next)(void *context),
                        void *context) {
    if (table->item_count == 0) return NULL;
    for (int i = 0; i < THROWS_MAX; i++) {
        uint64_t throw = next(context);
        const struct hash_bucket *bucket = hash_table_bucket(
            table, (size_t)((throw >> 8) % table->bucket_count));
        size_t count = bucket_item_count(bucket);
        size_t slot = (size_t)(throw &(THROW_ROOM - 1));
        if (slot < count) return bucket_pick(bucket, slot);
    }
    size_t start = (size_t)(next(context) % table->bucket_count);
    for (size_t i = 0;; i++) {
        const struct hash_bucket *bucket = hash_table_bucket(table,
                                                             (start + i) % table->bucket_count);
        size_t count = bucket_item_count(bucket);
        if (count > 0) return bucket_pick(bucket, (size_t)(next(context) % count));
    }
}
