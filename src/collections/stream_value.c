/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/stream_value.h"

#include <assert.h>

#include "base/memory.h"
#include "collections/stream_group.h"

/* --- blocks in order --- */

static uint64_t block_key(const void *item) {
    return ((const struct stream_block *)item)->master.ms;
}

static int block_compare(const void *a, const void *b) {
    return stream_id_compare(((const struct stream_block *)a)->master,
                             ((const struct stream_block *)b)->master);
}

static const struct ordered_rules block_rules = {block_key, block_compare};

/* In front of the first block that begins behind this id. */
static int compare_master(const void *context, const void *item) {
    int order = stream_id_compare(*(const struct stream_id *)context,
                                  ((const struct stream_block *)item)->master);
    return order < 0 ? -1 : 1;
}

struct stream *stream_create(void) {
    struct stream *stream = memory_allocate_zero(sizeof(*stream));
    ordered_tree_init(&stream->blocks, &block_rules);
    return stream;
}

void stream_destroy(struct stream *stream) {
    size_t steps = SIZE_MAX;
    bool done = stream_type.demolish(stream, &steps);
    assert(done);
}

struct value stream_value(struct stream *stream) {
    return (struct value){.type = &stream_type, .storage = VALUE_BOXED, .boxed = stream};
}

static struct stream_block *first_sealed(const struct stream *stream) {
    struct ordered_cursor cursor;
    return ordered_tree_at(&stream->blocks, 0, &cursor);
}

/* --- walking --- */

/* Stands on the last block whose master is not above `id`; on the first one when all are. */
static bool seek_block(struct stream_walk *walk, const struct stream *stream, struct stream_id id) {
    walk->stream = stream;
    walk->place_count = 0;
    walk->on_tail = false;
    const struct stream_block *tail = stream->tail;
    size_t sealed = stream->blocks.item_count;
    if (tail != NULL && (sealed == 0 || stream_id_compare(tail->master, id) <= 0)) {
        walk->on_tail = true;
        walk->block = tail;
        return true;
    }
    if (sealed == 0) return false;
    struct ordered_probe probe = {.key = id.ms, .compare = compare_master, .context = &id};
    size_t rank = ordered_tree_seek(&stream->blocks, &probe, NULL);
    walk->block = ordered_tree_at(&stream->blocks, rank == 0 ? 0 : rank - 1, &walk->cursor);
    return true;
}

static bool next_block(struct stream_walk *walk) {
    if (walk->on_tail) return false;
    walk->block = ordered_cursor_next(&walk->cursor);
    if (walk->block == NULL) {
        walk->on_tail = true;
        walk->block = walk->stream->tail;
    }
    return walk->block != NULL;
}

static bool previous_block(struct stream_walk *walk) {
    if (walk->on_tail) {
        walk->on_tail = false;
        size_t sealed = walk->stream->blocks.item_count;
        if (sealed == 0) return false;
        walk->block = ordered_tree_at(&walk->stream->blocks, sealed - 1, &walk->cursor);
    } else {
        walk->block = ordered_cursor_previous(&walk->cursor);
    }
    return walk->block != NULL;
}

bool stream_walk_next(struct stream_walk *walk) {
    if (stream_block_next(walk->block, &walk->entry)) return true;
    while (next_block(walk))
        if (stream_block_first(walk->block, &walk->entry)) return true;
    return false;
}

bool stream_walk_from(struct stream_walk *walk, const struct stream *stream, struct stream_id id) {
    if (!seek_block(walk, stream, id)) return false;
    while (!stream_block_first(walk->block, &walk->entry))
        if (!next_block(walk)) return false;
    while (stream_id_compare(walk->entry.id, id) < 0)
        if (!stream_walk_next(walk)) return false;
    return true;
}

/* Gathers the places of the last entries that live in front of `end` and are not above `id`. */
static void gather(struct stream_walk *walk, uint32_t end, struct stream_id id) {
    const struct stream_block *block = walk->block;
    uint32_t at = block->start;
    struct stream_id before = block->base;
    uint64_t found = 0;
    while (at < end) {
        struct stream_entry entry;
        stream_block_read(block, at, before, &entry);
        if (stream_id_compare(entry.id, id) > 0) break;
        if (!entry.is_deleted) {
            walk->places[found % STREAM_WALK_PLACES].at = at;
            walk->places[found % STREAM_WALK_PLACES].before = before;
            found++;
        }
        at = entry.next;
        before = entry.id;
    }
    /* The ring is taken apart from behind: the last found is the last in it. */
    if (found > STREAM_WALK_PLACES) {
        typeof(walk->places) ring;
        memcpy(ring, walk->places, sizeof(ring));
        for (uint32_t i = 0; i < STREAM_WALK_PLACES; i++)
            walk->places[i] = ring[(found + i) % STREAM_WALK_PLACES];
        found = STREAM_WALK_PLACES;
    }
    walk->place_count = (uint32_t)found;
}

static bool take_place(struct stream_walk *walk) {
    if (walk->place_count == 0) return false;
    walk->place_count--;
    stream_block_read(walk->block, walk->places[walk->place_count].at,
                      walk->places[walk->place_count].before, &walk->entry);
    return true;
}

bool stream_walk_previous(struct stream_walk *walk) {
    if (take_place(walk)) return true;
    gather(walk, walk->entry.at, STREAM_ID_MAX);
    while (!take_place(walk)) {
        if (!previous_block(walk)) return false;
        gather(walk, walk->block->used, STREAM_ID_MAX);
    }
    return true;
}

bool stream_walk_back_from(struct stream_walk *walk, const struct stream *stream,
                           struct stream_id id) {
    if (!seek_block(walk, stream, id)) return false;
    gather(walk, walk->block->used, id);
    while (!take_place(walk)) {
        if (!previous_block(walk)) return false;
        gather(walk, walk->block->used, id);
    }
    return true;
}

bool stream_has(const struct stream *stream, struct stream_id id) {
    struct stream_walk walk;
    return stream_walk_from(&walk, stream, id) && stream_id_equal(walk.entry.id, id);
}

struct stream_id stream_first_id(const struct stream *stream) {
    const struct stream_block *block = stream->blocks.item_count > 0 ? first_sealed(stream)
                                                                     : stream->tail;
    struct stream_entry entry;
    if (block == NULL || !stream_block_first(block, &entry)) return STREAM_ID_MIN;
    return entry.id;
}

struct stream_id stream_final_id(const struct stream *stream) {
    struct stream_walk walk;
    if (!stream_walk_back_from(&walk, stream, STREAM_ID_MAX)) return STREAM_ID_MIN;
    return walk.entry.id;
}

size_t stream_block_count(const struct stream *stream) {
    return stream->blocks.item_count + (stream->tail != NULL);
}

/* --- adding --- */

static bool is_full(const struct stream_block *block, const struct collection_limits *limits,
                    const struct bytes *pairs, uint32_t pair_count) {
    uint64_t bytes = block->listpack_bytes;
    for (uint32_t i = 0; i < 2 * pair_count; i++) bytes += pairs[i].len;
    uint64_t most = limits->stream_block_bytes;
    if (most == 0 || most > STREAM_BLOCK_BYTES_MAX) most = STREAM_BLOCK_BYTES_MAX;
    if (bytes >= most) return true;
    return limits->stream_block_entries > 0 && block->written >= limits->stream_block_entries;
}

/* The tail is full: it goes to the others. Gives how many bytes of entries it had. */
static size_t seal_tail(struct stream *stream) {
    struct stream_block *block = stream_block_shrink(stream->tail);
    stream->tail = NULL;
    ordered_tree_insert(&stream->blocks, block);
    return block->used - block->names_end;
}

bool stream_append(struct stream *stream, const struct collection_limits *limits,
                   struct stream_id id, const struct bytes *pairs, uint32_t pair_count) {
    assert(stream->entries_added == 0 || stream_id_compare(id, stream->last_id) > 0);
    size_t capacity = 0;
    if (stream->tail != NULL && is_full(stream->tail, limits, pairs, pair_count))
        capacity = seal_tail(stream);
    struct stream_block *block = stream->tail;
    if (block == NULL) {
        block = stream_block_try_create(id, pairs, pair_count, capacity);
        if (block == NULL) return false;
    }
    struct stream_block *grown = stream_block_append(block, id, pairs, pair_count);
    if (grown == NULL) {
        if (block != stream->tail) stream_block_free(block);
        return false;
    }
    stream->tail = grown;
    stream->length++;
    stream->entries_added++;
    stream->last_id = id;
    return true;
}

/* --- removing --- */

static void remove_block(struct stream *stream, struct stream_block *block) {
    if (block == stream->tail) stream->tail = NULL;
    else ordered_tree_remove(&stream->blocks, block);
    stream_block_free(block);
}

bool stream_delete(struct stream *stream, struct stream_id id) {
    struct stream_walk walk;
    if (!stream_walk_from(&walk, stream, id) || !stream_id_equal(walk.entry.id, id)) return false;
    struct stream_block *block = (struct stream_block *)walk.block;
    stream_block_delete(block, &walk.entry);
    if (block->count == 0) remove_block(stream, block);
    stream->length--;
    return true;
}

static bool goes_whole(const struct stream *stream, const struct stream_block *block,
                       const struct stream_trim *trim) {
    if (!trim->by_id) return stream->length - block->count >= trim->max_length;
    return stream_id_compare(block->last, trim->min_id) < 0;
}

/* Entries of the first block that are to go, some of them staying. */
static uint32_t count_to_drop(const struct stream *stream, const struct stream_block *block,
                              const struct stream_trim *trim) {
    if (!trim->by_id) return (uint32_t)(stream->length - trim->max_length);
    struct stream_entry entry;
    uint32_t count = 0;
    for (bool on = stream_block_first(block, &entry);
         on && stream_id_compare(entry.id, trim->min_id) < 0; on = stream_block_next(block, &entry))
        count++;
    return count;
}

uint64_t stream_trim(struct stream *stream, const struct stream_trim *trim) {
    uint64_t removed = 0;
    for (;;) {
        if (!trim->by_id && stream->length <= trim->max_length) break;
        struct stream_block *block = stream->blocks.item_count > 0 ? first_sealed(stream)
                                                                   : stream->tail;
        if (block == NULL) break;
        if (trim->limit > 0 && removed + block->count > trim->limit) break;
        if (goes_whole(stream, block, trim)) {
            removed += block->count;
            stream->length -= block->count;
            remove_block(stream, block);
            continue;
        }
        if (trim->whole_blocks) break;
        uint32_t count = count_to_drop(stream, block, trim);
        if (count == block->count) remove_block(stream, block); /* the last was deleted before */
        else stream_block_drop_first(block, count);
        stream->length -= count;
        removed += count;
        break;
    }
    return removed;
}

/* --- what groups count --- */

bool stream_has_tombstones(const struct stream *stream, struct stream_id after) {
    if (stream->length == 0 || stream_id_is_zero(stream->max_deleted)) return false;
    if (stream_id_compare(stream->max_deleted, stream_first_id(stream)) < 0) return false;
    return stream_id_compare(after, stream->max_deleted) <= 0;
}

int64_t stream_entries_until(const struct stream *stream, struct stream_id id) {
    int64_t added = (int64_t)stream->entries_added;
    if (added == 0) return 0;
    int against_last = stream_id_compare(id, stream->last_id);
    if (stream->length == 0 && against_last <= 0) return added;
    if (!stream_id_is_zero(id) && stream_id_compare(id, stream->max_deleted) < 0)
        return STREAM_READ_UNKNOWN;
    if (against_last == 0) return added;
    if (against_last > 0) return STREAM_READ_UNKNOWN;
    struct stream_id first = stream_first_id(stream);
    if (!stream_id_is_zero(stream->max_deleted) &&
        stream_id_compare(stream->max_deleted, first) >= 0)
        return STREAM_READ_UNKNOWN;
    int against_first = stream_id_compare(id, first);
    if (against_first < 0) return added - (int64_t)stream->length;
    if (against_first == 0) return added - (int64_t)stream->length + 1;
    return STREAM_READ_UNKNOWN;
}

/* --- as a radix tree would have it --- */

#define ID_BYTES 16

static uint8_t id_byte(struct stream_id id, int index) {
    return (uint8_t)(index < 8 ? id.ms >> (56 - 8 * index) : id.seq >> (120 - 8 * index));
}

static int shared_bytes(struct stream_id a, struct stream_id b) {
    int count = 0;
    while (count < ID_BYTES && id_byte(a, count) == id_byte(b, count)) count++;
    return count;
}

/* Nodes of a path-compressed radix tree, counted from what neighbours share: `open` has the depths
 * at which the tree branches on the way to the block that was seen last. */
struct radix {
    int open[ID_BYTES];
    int open_count;
    size_t nodes;
    size_t keys;
    struct stream_id last;
};

/* A branch is complete: itself, and the run of bytes between it and what it hangs on. */
static void close_branch(struct radix *radix, int parent_depth) {
    int depth = radix->open[--radix->open_count];
    radix->nodes += depth > parent_depth + 1 ? 2 : 1;
}

/* A key below branches to `depth` bytes: its leaf, and the run of bytes to it. */
static void close_leaf(struct radix *radix, int depth) {
    radix->nodes += ID_BYTES > depth + 1 ? 2 : 1;
}

static int depth_open(const struct radix *radix) {
    return radix->open_count == 0 ? -1 : radix->open[radix->open_count - 1];
}

static void add_key(struct radix *radix, struct stream_id id) {
    if (radix->keys++ > 0) {
        int shared = shared_bytes(radix->last, id), open = depth_open(radix);
        close_leaf(radix, shared > open ? shared : open);
        while (radix->open_count > 0 && depth_open(radix) > shared) {
            int below = radix->open_count > 1 ? radix->open[radix->open_count - 2] : -1;
            close_branch(radix, below > shared ? below : shared);
        }
        if (depth_open(radix) < shared) radix->open[radix->open_count++] = shared;
    }
    radix->last = id;
}

size_t stream_radix_nodes(const struct stream *stream) {
    struct radix radix = {.nodes = 0};
    struct ordered_cursor cursor;
    const struct stream_block *block = ordered_tree_at(&stream->blocks, 0, &cursor);
    for (; block != NULL; block = ordered_cursor_next(&cursor)) add_key(&radix, block->master);
    if (stream->tail != NULL) add_key(&radix, stream->tail->master);
    if (radix.keys == 0) return 1;
    close_leaf(&radix, depth_open(&radix));
    while (radix.open_count > 0)
        close_branch(&radix, radix.open_count > 1 ? radix.open[radix.open_count - 2] : -1);
    return radix.nodes;
}
