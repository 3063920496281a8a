/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/stream_block.h"

#include <assert.h>

#include "base/length.h"
#include "base/memory.h"
#include "structures/packed_list.h"

#define ID_NEXT 0u   /* the next number of the same ms */
#define ID_LATER 1u  /* ms further on; number 0 */
#define ID_FULL 2u   /* ms further on; number */
#define ID_BEHIND 3u /* number further on */
#define ID_MASK 3u
#define SAME_FIELDS 4u
#define DELETED 8u

#define VARIABLE_MAX 10
#define HEAD_MAX (1 + 2 * VARIABLE_MAX + VARIABLE_MAX)
#define GROWTH_MIN 48u

/* --- numbers --- */

static inline size_t write_variable(uint8_t *at, uint64_t value) {
    size_t len = 0;
    while (value >= 0x80) {
        at[len++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    at[len++] = (uint8_t)value;
    return len;
}

static inline size_t read_variable(const uint8_t *at, uint64_t *value) {
    uint64_t result = at[0] & 0x7f;
    size_t len = 1;
    for (unsigned shift = 7; at[len - 1] >= 0x80; shift += 7)
        result |= (uint64_t)(at[len++] & 0x7f) << shift;
    *value = result;
    return len;
}

static inline const uint8_t *skip_text(const uint8_t *at) {
    size_t len;
    size_t taken = length_read(at, &len);
    return at + taken + len;
}

static inline struct bytes take_text(const uint8_t **at) {
    size_t len;
    const uint8_t *text = *at + length_read(*at, &len);
    *at = text + len;
    return bytes_make(text, len);
}

static inline uint8_t *put_text(uint8_t *at, struct bytes text) {
    at += length_write(at, text.len);
    if (text.len > 0) memcpy(at, text.data, text.len);
    return at + text.len;
}

/* --- memory --- */

static size_t size_of(size_t capacity) { return sizeof(struct stream_block) + capacity; }

static struct stream_block *with_capacity(const struct stream_block *block, size_t capacity) {
    size_t room = memory_small_class(size_of(capacity)) - sizeof(*block);
    if (room > UINT32_MAX) return NULL;
    struct stream_block *made = memory_small_try_allocate(size_of(room));
    if (made == NULL) return NULL;
    memcpy(made, block, size_of(block->used));
    made->capacity = (uint32_t)room;
    return made;
}

void stream_block_free(struct stream_block *block) {
    memory_small_free(block, size_of(block->capacity));
}

struct stream_block *stream_block_shrink(struct stream_block *block) {
    if (memory_small_class(size_of(block->used)) == memory_small_class(size_of(block->capacity)))
        return block;
    struct stream_block *made = with_capacity(block, block->used);
    if (made == NULL) return block;
    stream_block_free(block);
    return made;
}

struct stream_block *stream_block_try_copy(const struct stream_block *block) {
    return with_capacity(block, block->used);
}

size_t stream_block_memory_bytes(const struct stream_block *block) {
    return memory_small_class(size_of(block->capacity));
}

/* --- making --- */

static inline uint32_t listpacked_integer(int64_t value) {
    if (value >= 0 && value < 128) return 2;
    struct packed_item item = packed_item_of_integer(value);
    return (uint32_t)packed_item_bytes(&item);
}

static inline uint32_t listpacked_text(struct bytes text) {
    struct packed_item item = packed_item_of(text);
    return (uint32_t)packed_item_bytes(&item);
}

struct stream_block *stream_block_try_create(struct stream_id master, const struct bytes *pairs,
                                             uint32_t pair_count, size_t capacity) {
    struct stream_block head = {.master = master, .base = master, .last = master};
    size_t names = 0, first = HEAD_MAX;
    for (uint32_t i = 0; i < pair_count; i++) {
        names += length_size(pairs[2 * i].len) + pairs[2 * i].len;
        first += length_size(pairs[2 * i + 1].len) + pairs[2 * i + 1].len;
    }
    if (capacity < GROWTH_MIN) capacity = GROWTH_MIN;
    struct stream_block *block = with_capacity(&head,
                                               names + (first > capacity ? first : capacity));
    if (block == NULL) return NULL;
    uint8_t *at = block->data;
    uint32_t packed = PACKED_LIST_EMPTY_BYTES + 4 + listpacked_integer(pair_count) + 2;
    for (uint32_t i = 0; i < pair_count; i++) {
        at = put_text(at, pairs[2 * i]);
        packed += listpacked_text(pairs[2 * i]);
    }
    block->listpack_bytes = packed;
    block->field_count = pair_count;
    block->names_end = block->start = block->used = (uint32_t)(at - block->data);
    return block;
}

static bool has_usual_fields(const struct stream_block *block, const struct bytes *pairs,
                             uint32_t pair_count) {
    if (pair_count != block->field_count) return false;
    const uint8_t *at = block->data;
    for (uint32_t i = 0; i < pair_count; i++)
        if (!bytes_equal(take_text(&at), pairs[2 * i])) return false;
    return true;
}

/* Head and id. */
static uint8_t *put_head(uint8_t *at, struct stream_id before, struct stream_id id, bool usual) {
    uint8_t *head = at++;
    uint8_t form;
    if (id.ms == before.ms && id.seq == before.seq + 1) {
        form = ID_NEXT;
    } else if (id.ms == before.ms) {
        form = ID_BEHIND;
        at += write_variable(at, id.seq - before.seq);
    } else {
        form = id.seq == 0 ? ID_LATER : ID_FULL;
        at += write_variable(at, id.ms - before.ms);
        if (id.seq != 0) at += write_variable(at, id.seq);
    }
    *head = (uint8_t)(form | (usual ? SAME_FIELDS : 0));
    return at;
}

static struct stream_block *with_room(struct stream_block *block, size_t needed) {
    if (block->capacity - block->used >= needed) return block;
    size_t step = block->used / 2 > GROWTH_MIN ? block->used / 2 : GROWTH_MIN;
    struct stream_block *made = with_capacity(block, block->used + (needed > step ? needed : step));
    if (made == NULL) return NULL;
    stream_block_free(block);
    return made;
}

struct stream_block *stream_block_append(struct stream_block *block, struct stream_id id,
                                         const struct bytes *pairs, uint32_t pair_count) {
    bool usual = has_usual_fields(block, pairs, pair_count);
    size_t needed = HEAD_MAX;
    uint32_t packed = 2; /* the flags */
    for (uint32_t i = usual ? 1 : 0; i < 2 * pair_count; i += usual ? 2 : 1) {
        needed += length_size(pairs[i].len) + pairs[i].len;
        packed += listpacked_text(pairs[i]);
    }
    block = with_room(block, needed);
    if (block == NULL) return NULL;

    uint8_t *at = put_head(block->data + block->used, block->last, id, usual);
    if (!usual) at += write_variable(at, pair_count);
    for (uint32_t i = usual ? 1 : 0; i < 2 * pair_count; i += usual ? 2 : 1)
        at = put_text(at, pairs[i]);
    packed += listpacked_integer((int64_t)(id.ms - block->master.ms));
    packed += listpacked_integer((int64_t)(id.seq - block->master.seq));
    packed += usual ? listpacked_integer(3 + (int64_t)pair_count)
                    : listpacked_integer(pair_count) +
                          listpacked_integer(4 + 2 * (int64_t)pair_count);
    block->used = (uint32_t)(at - block->data);
    block->last = id;
    block->count++;
    block->written++;
    block->listpack_bytes += packed;
    return block;
}

/* --- reading --- */

void stream_block_read(const struct stream_block *block, uint32_t at, struct stream_id before,
                       struct stream_entry *entry) {
    assert(at < block->used);
    const uint8_t *from = block->data + at;
    uint8_t head = *from++;
    uint64_t step;
    entry->at = at;
    entry->id = before;
    switch (head & ID_MASK) {
    case ID_NEXT: entry->id.seq++; break;
    case ID_BEHIND:
        from += read_variable(from, &step);
        entry->id.seq += step;
        break;
    default:
        from += read_variable(from, &step);
        entry->id.ms += step;
        entry->id.seq = 0;
        if ((head & ID_MASK) == ID_FULL) from += read_variable(from, &entry->id.seq);
    }
    entry->is_deleted = (head & DELETED) != 0;
    uint64_t count = block->field_count;
    entry->names = block->data;
    if ((head & SAME_FIELDS) == 0) {
        entry->names = NULL;
        from += read_variable(from, &count);
    }
    entry->pair_count = (uint32_t)count;
    entry->values = from;
    uint64_t texts = entry->names == NULL ? 2 * count : count;
    for (; texts > 0; texts--) from = skip_text(from);
    entry->next = (uint32_t)(from - block->data);
}

bool stream_block_first(const struct stream_block *block, struct stream_entry *entry) {
    if (block->start == block->used) return false;
    stream_block_read(block, block->start, block->base, entry);
    return true;
}

bool stream_block_next(const struct stream_block *block, struct stream_entry *entry) {
    do {
        if (entry->next == block->used) return false;
        stream_block_read(block, entry->next, entry->id, entry);
    } while (entry->is_deleted);
    return true;
}

struct stream_pair stream_entry_pair(struct stream_entry *entry) {
    struct stream_pair pair;
    pair.name = take_text(entry->names != NULL ? &entry->names : &entry->values);
    pair.value = take_text(&entry->values);
    return pair;
}

/* --- deleting --- */

/* The first that lives is behind `entry`. */
static void start_behind(struct stream_block *block, struct stream_entry entry) {
    for (;;) {
        block->base = entry.id;
        block->start = entry.next;
        if (entry.next == block->used) return;
        stream_block_read(block, entry.next, entry.id, &entry);
        if (!entry.is_deleted) return;
    }
}

void stream_block_delete(struct stream_block *block, const struct stream_entry *entry) {
    assert(!entry->is_deleted && block->count > 0);
    block->data[entry->at] |= DELETED;
    block->count--;
    if (entry->at == block->start) start_behind(block, *entry);
}

void stream_block_drop_first(struct stream_block *block, uint32_t count) {
    assert(count < block->count);
    struct stream_entry entry;
    while (count-- > 0) {
        if (!stream_block_first(block, &entry)) return;
        block->count--;
        start_behind(block, entry);
    }
}
