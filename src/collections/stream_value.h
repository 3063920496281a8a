/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Streams: entries in the order of their ids, and what groups of consumers have read of them
 * (stream_group.h).
 *
 * Entries lie in blocks (structures/stream_block.h) of up to stream-node-max-entries and
 * -bytes, the bytes being those of the saved format, so that blocks end where Redis's do and
 * XTRIM ~ removes as much. All blocks but the last are in an ordered tree by the id of their
 * first entry; the last, which grows, is held apart, so that adding touches no tree.
 *
 * Always BOXED. Budget: 120 bytes a stream with one block of 88 bytes and its entries; 3 bytes an
 * entry of one field, its value, and 1.5 for blocks and tree; 58 an entry that is pending.
 *
 * Format: RDB types 15, 19 and 21 are read, 19 is written. A stream may be empty. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "keyspace/collection_limits.h"
#include "keyspace/value.h"
#include "structures/ordered_tree.h"
#include "structures/stream_block.h"

extern const struct value_type stream_type;

struct stream_group;

struct stream {
    struct ordered_tree blocks; /* all but the last */
    struct stream_block *tail;  /* the last; NULL: its entries have gone, or none ever was */
    uint64_t length;
    uint64_t entries_added;
    struct stream_id last_id;     /* the highest that was ever given */
    struct stream_id max_deleted; /* the highest that was deleted by name */
    struct stream_group **groups; /* by name */
    uint32_t group_count;
    uint32_t group_capacity;
};

static inline struct stream *stream_of(const struct value *value) { return value->boxed; }

struct stream *stream_create(void);
void stream_destroy(struct stream *stream);
/* To store one. */
struct value stream_value(struct stream *stream);

/* --- walking --- */

#define STREAM_WALK_PLACES 64

/* Valid until entries change. */
struct stream_walk {
    const struct stream *stream;
    const struct stream_block *block;
    struct stream_entry entry; /* under the walk */
    struct ordered_cursor cursor;
    bool on_tail;
    /* Walking back: the entries of the block in front of the one under the walk. */
    struct {
        uint32_t at;
        struct stream_id before;
    } places[STREAM_WALK_PLACES];
    uint32_t place_count;
};

/* Stands on the first entry whose id is not below (or not above) `id`; false: none. O(log n) and
 * one block. */
bool stream_walk_from(struct stream_walk *walk, const struct stream *stream, struct stream_id id);
bool stream_walk_back_from(struct stream_walk *walk, const struct stream *stream,
                           struct stream_id id);
bool stream_walk_next(struct stream_walk *walk);
/* Only after stream_walk_back_from. */
bool stream_walk_previous(struct stream_walk *walk);

bool stream_has(const struct stream *stream, struct stream_id id);
/* The first or last entry's id; 0-0 when there is none. O(log n). */
struct stream_id stream_first_id(const struct stream *stream);
struct stream_id stream_final_id(const struct stream *stream);
size_t stream_block_count(const struct stream *stream);
/* How many nodes a radix tree with path compression has for the ids of the blocks. O(blocks). */
size_t stream_radix_nodes(const struct stream *stream);

/* --- changing --- */

/* The id must be above last_id. False: memory was refused. O(1). */
bool stream_append(struct stream *stream, const struct collection_limits *limits,
                   struct stream_id id, const struct bytes *pairs, uint32_t pair_count) MUST_CHECK;
/* False: it is not there. */
bool stream_delete(struct stream *stream, struct stream_id id);

struct stream_trim {
    bool by_id;        /* below min_id; else down to max_length entries */
    bool whole_blocks; /* as far as that can be done by whole blocks: ~ */
    uint64_t max_length;
    struct stream_id min_id;
    uint64_t limit; /* entries that may go; 0: any number */
};
/* How many entries went. */
uint64_t stream_trim(struct stream *stream, const struct stream_trim *trim);

/* --- what groups count --- */

#define STREAM_READ_UNKNOWN (-1)

/* Whether entries behind `after` may have been deleted by name. */
bool stream_has_tombstones(const struct stream *stream, struct stream_id after);
/* How many entries were ever added up to `id`, STREAM_READ_UNKNOWN where that cannot be said. */
int64_t stream_entries_until(const struct stream *stream, struct stream_id id);
