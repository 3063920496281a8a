/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Entries of a stream in one block of memory: ids in order, each with pairs of field and value.
 *
 *   names of the first entry's fields: length, bytes, ...
 *   entry: head | id, counted from the entry before | pairs
 *     head: bits 0-1 how the id is told, bit 2 the fields are those of the first entry and only the
 *           values follow, bit 3 the entry was deleted
 *     id:   nothing (the next number of the same ms) | ms further on, number 0 | ms further on and
 *           number | number further on; seven bits a byte, the low ones first
 *     pairs: (count of pairs, seven bits a byte, unless bit 2) length, bytes, ... (base/length.h)
 *
 * That is 2 to 3 bytes for an entry of one field in a busy stream, and the value. Blocks are kept
 * in order by whoever owns them; `master`, the id of the first entry ever, does not change. An
 * entry that is deleted is marked; those in front of the first that lives are forgotten.
 *
 * Owned by the caller; memory of the command thread's slabs, or of the heap when large. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "structures/stream_id.h"

#define STREAM_BLOCK_BYTES_MAX ((uint64_t)1 << 30) /* of all fields and values of one entry */

struct stream_block {
    struct stream_id master;
    struct stream_id base; /* what the entry at `start` is counted from */
    struct stream_id last; /* of the last entry, be it deleted */
    uint32_t capacity;     /* of `data` */
    uint32_t used;
    uint32_t start;          /* the first entry that lives; `used` when none does */
    uint32_t count;          /* entries that live */
    uint32_t written;        /* entries ever */
    uint32_t listpack_bytes; /* what the same entries take in the format that is saved */
    uint32_t field_count;    /* of the first entry */
    uint32_t names_end;
    uint8_t data[];
};

/* A block for entries from `master` on whose usual fields are those of `pairs`; room for `capacity`
 * bytes of entries, or what this one needs. NULL: refused. Nothing is in it yet. */
struct stream_block *stream_block_try_create(struct stream_id master, const struct bytes *pairs,
                                             uint32_t pair_count, size_t capacity) MUST_CHECK;
void stream_block_free(struct stream_block *block);
/* To exactly what is used; the same block when memory is refused. */
struct stream_block *stream_block_shrink(struct stream_block *block);
struct stream_block *stream_block_try_copy(const struct stream_block *block) MUST_CHECK;
size_t stream_block_memory_bytes(const struct stream_block *block);

/* Puts an entry behind all others, whose ids are smaller. `pairs`: name, value, ... of
 * STREAM_BLOCK_BYTES_MAX bytes in all. The block may move; NULL: refused, it is as it was. */
struct stream_block *stream_block_append(struct stream_block *block, struct stream_id id,
                                         const struct bytes *pairs, uint32_t pair_count) MUST_CHECK;

/* --- reading --- */

/* An entry; borrows the block. */
struct stream_entry {
    struct stream_id id;
    uint32_t at;
    uint32_t next; /* where the one behind begins */
    bool is_deleted;
    uint32_t pair_count;
    const uint8_t *names; /* NULL: they stand with the values */
    const uint8_t *values;
};

/* Reads the entry at `at`, which lies behind one with the id `before`. */
void stream_block_read(const struct stream_block *block, uint32_t at, struct stream_id before,
                       struct stream_entry *entry);
/* The first entry that lives; false: none. */
bool stream_block_first(const struct stream_block *block, struct stream_entry *entry);
/* To the next that lives; false: none. */
bool stream_block_next(const struct stream_block *block, struct stream_entry *entry);

struct stream_pair {
    struct bytes name;
    struct bytes value;
};
/* Takes the next of the entry's `pair_count` pairs; goes on in the entry itself. */
struct stream_pair stream_entry_pair(struct stream_entry *entry);

/* --- deleting --- */

/* Marks an entry that lives. */
void stream_block_delete(struct stream_block *block, const struct stream_entry *entry);
/* Forgets `count` entries that live from the first on, fewer than there are. */
void stream_block_drop_first(struct stream_block *block, uint32_t count);
