/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Which keys of one database are due, in order, in slices.
 *
 * A timing wheel of 48-bit hashes: it never points at entries (they move) and is never told that a
 * key is gone or lives longer; when an item's time comes the keys that have this hash are looked
 * up and asked. So SET and DEL of a key with a deadline cost nothing here beyond one push. Items
 * that became meaningless are counted, and when they outnumber the living ones a fresh wheel is
 * filled from the table in slices.
 *
 * Budget: 6.3 bytes a key with a deadline. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "structures/hash_table.h"
#include "structures/timing_wheel.h"

struct deadlines {
    struct timing_wheel wheel;
    struct timing_wheel *rebuilt; /* being filled; becomes the wheel when the walk ends */
    struct timing_wheel *retired; /* what was the wheel before, being freed */
    uint64_t rebuild_cursor;
};

void deadlines_init(struct deadlines *deadlines, int64_t now_ms);
void deadlines_deinit(struct deadlines *deadlines);
/* The same in slices, at most `blocks` blocks of the wheels a call; true when all is freed. Until
 * then nothing else may be asked of it. */
bool deadlines_demolish(struct deadlines *deadlines, size_t blocks);
void deadlines_add(struct deadlines *deadlines, uint64_t hash, int64_t deadline_ms);
size_t deadlines_memory_bytes(const struct deadlines *deadlines);
/* Walks on with a rebuild when one is due or under way; at most `steps` steps of a cursor over the
 * table, each of one or two buckets. `volatile_count`: the number of keys that have a deadline. */
void deadlines_tend(struct deadlines *deadlines, const struct hash_table *table,
                    size_t volatile_count, size_t steps);

/* Called for an entry whose deadline has passed; it removes the entry from the table (or makes its
 * deadline later). */
struct entry;
typedef void deadlines_expire(void *context, struct entry *entry);
/* Expires what is due at `now_ms`, at most `budget` items; false when there is more. */
bool deadlines_advance(struct deadlines *deadlines, const struct hash_table *table, int64_t now_ms,
                       size_t budget, deadlines_expire *expire, void *context);
/* The first keys in the order of their deadlines' slots that `accept` accepts, `count` at most.
 * Looks at some thousands of items and then gives up: as many may belong to keys that are gone. */
typedef bool deadlines_accept(void *context, const struct entry *entry);
size_t deadlines_walk(const struct deadlines *deadlines, const struct hash_table *table,
                      deadlines_accept *accept, void *context, struct entry **entries,
                      size_t count);
/* Up to `count` entries with deadlines that `throw` chooses, from anywhere or from where those lie
 * that are due soonest. */
size_t deadlines_sample(struct deadlines *deadlines, const struct hash_table *table, bool soonest,
                        uint64_t throw, struct entry **entries, size_t count);
