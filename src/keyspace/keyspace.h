/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The databases: keys, what they hold, and when they end.
 *
 * This is the mechanism; the rules of a command (WRONGTYPE, events, journal, WATCH) are in
 * commands/edit.h, which is the only way that handlers change anything. A `keyspace_place` is
 * valid until the next change of its database. Not safe for concurrent use. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/random.h"
#include "keyspace/access.h"
#include "keyspace/collection_limits.h"
#include "keyspace/deadlines.h"
#include "keyspace/entry.h"
#include "keyspace/value.h"
#include "structures/hash_table.h"

#define KEYSPACE_TYPES_MAX 64
#define KEYSPACE_DATABASES_MAX 65536

struct database {
    struct hash_table table;
    struct deadlines deadlines;
    size_t volatile_count;             /* keys that have a deadline */
    struct timing_wheel *member_wheel; /* keys with elements that end; NULL: none yet */
    uint64_t shape;                    /* changes whenever entries may have moved */
    int32_t index;                     /* follows the contents in SWAPDB: the number clients see */
    uint32_t watched; /* someone wants to hear of changes (WATCH, blocked, tracking) */
};

struct keyspace_counters {
    uint64_t expired;
    uint64_t evicted;
    uint64_t hits;
    uint64_t misses;
    uint64_t changes; /* since the last save: "dirty" */
};

struct condemned; /* contents being freed in slices */
struct condemned_value;

struct keyspace {
    struct database *databases;
    int32_t database_count;
    const struct value_type *types[KEYSPACE_TYPES_MAX];
    uint8_t type_count;
    struct access_rules access;
    struct collection_limits limits;
    struct random random;
    struct keyspace_counters counters;
    size_t application_bytes; /* entries that hold application objects: used_memory_app */
    /* Frees a BOXED value elsewhere; NULL frees it here and now. */
    void (*dispose)(void *context, const struct value_type *type, void *boxed);
    void *dispose_context;
    struct condemned *condemned;
    struct condemned_value *condemned_values;
    size_t condemned_count; /* keys and values that wait to be freed */
};

void keyspace_init(struct keyspace *keyspace, int32_t database_count, int64_t now_ms,
                   uint64_t seed);
void keyspace_deinit(struct keyspace *keyspace);
/* Types are numbered in the order they come. */
void keyspace_add_type(struct keyspace *keyspace, const struct value_type *type);
const struct value_type *keyspace_type_by_name(const struct keyspace *keyspace, struct bytes name);

struct keyspace_place {
    struct entry *entry; /* NULL: not there */
    struct hash_place slot;
    uint64_t hash;
};

/* Looks up, expired or not. */
struct keyspace_place keyspace_find(struct database *database, struct bytes key, uint64_t hash);
static inline const struct value_type *keyspace_entry_type(const struct keyspace *keyspace,
                                                           const struct entry *entry) {
    return keyspace->types[entry->type];
}
void keyspace_value(const struct keyspace *keyspace, const struct entry *entry,
                    struct value *value);

/* Stores a value under a key, new or old; an old value is destroyed. Takes BOXED values. The place
 * is brought up to date. False when memory was refused: nothing has changed, nothing was taken. */
bool keyspace_store(struct keyspace *keyspace, struct database *database, struct bytes key,
                    struct keyspace_place *place, const struct value *value, bool has_deadline,
                    int64_t deadline_ms) MUST_CHECK;
/* The same for a value that ends soon and is likely to be stored again soon after: when its time
 * has come the entry may lie there for `linger_ms` more, due but not yet removed. */
bool keyspace_store_lingering(struct keyspace *keyspace, struct database *database,
                              struct bytes key, struct keyspace_place *place,
                              const struct value *value, int64_t deadline_ms,
                              int64_t linger_ms) MUST_CHECK;
/* The same in two steps, so that several can be stored or none: what may be refused comes first.
 * The entry is made apart, and owned by the caller (BOXED values are taken; NULL: refused, nothing
 * was taken) until it is put in the place of whatever is there. */
struct entry *keyspace_make(const struct keyspace *keyspace, struct bytes key,
                            const struct value *value, bool has_deadline,
                            int64_t deadline_ms) MUST_CHECK;
void keyspace_put(struct keyspace *keyspace, struct database *database,
                  struct keyspace_place *place, struct entry *entry);
/* Destroys what was made and not put. */
void keyspace_unmake(struct keyspace *keyspace, struct entry *entry);
/* Replaces the boxed pointer, integer or encoding of an entry without destroying the old one. */
void keyspace_rewrite(struct keyspace_place *place, const struct value *value);
/* Makes the INLINED value `len` bytes long, keeping the common beginning; what is new is
 * undefined. Returns where the bytes are, valid until the next change; NULL when refused. */
uint8_t *keyspace_resize(struct keyspace *keyspace, struct database *database,
                         struct keyspace_place *place, size_t len) MUST_CHECK;
/* Whether a deadline takes the room that the entry has for one, so that no memory is needed. */
static inline bool keyspace_deadline_in_place(const struct keyspace_place *place, bool has_deadline,
                                              int64_t deadline_ms) {
    return entry_deadline_flags(has_deadline, deadline_ms) ==
           (place->entry->flags & (ENTRY_HAS_DEADLINE | ENTRY_DEADLINE_WIDE));
}
/* False when memory was refused: nothing has changed. Never where the deadline is in place. */
bool keyspace_set_deadline(struct keyspace *keyspace, struct database *database,
                           struct keyspace_place *place, bool has_deadline,
                           int64_t deadline_ms) MUST_CHECK;
/* Takes the key out; its value is destroyed, elsewhere when big and `anywhere`. */
void keyspace_delete(struct keyspace *keyspace, struct database *database,
                     struct keyspace_place *place, bool anywhere);
/* The same (anywhere), but the entry's memory stays: the caller frees it with entry_free when its
 * key is no longer needed. */
struct entry *keyspace_take_out(struct keyspace *keyspace, struct database *database,
                                struct keyspace_place *place) MUST_CHECK;
/* Takes the key out and gives its BOXED value to the caller. For RENAME, MOVE. */
void *keyspace_extract(struct keyspace *keyspace, struct database *database,
                       struct keyspace_place *place) MUST_CHECK;

/* Empties a database at once; what it held is freed in slices by keyspace_free_condemned.
 * Returns how many keys there were. */
size_t keyspace_flush(struct keyspace *keyspace, struct database *database, int64_t now_ms);
/* Frees about `steps` keys and elements of what was condemned; true when nothing is left. */
bool keyspace_free_condemned(struct keyspace *keyspace, size_t steps);
static inline bool keyspace_has_condemned(const struct keyspace *keyspace) {
    return keyspace->condemned != NULL || keyspace->condemned_values != NULL;
}

/* An element of this key ends at `deadline_ms`, sooner than any did: see keyspace_advance_members.
 * Stores notice by themselves. */
void keyspace_note_member_deadline(struct database *database, uint64_t hash, int64_t deadline_ms);
/* Calls `expire` for keys with elements that are due at `now_ms`; it takes some out, or the key,
 * and is called again later while there are more. At most `budget` keys; false when there are more.
 */
typedef void keyspace_expire_members(void *context, struct database *database, struct entry *entry);
bool keyspace_advance_members(struct keyspace *keyspace, struct database *database, int64_t now_ms,
                              size_t budget, keyspace_expire_members *expire, void *context);
void keyspace_swap(struct keyspace *keyspace, int32_t a, int32_t b);
struct entry *keyspace_random(struct keyspace *keyspace, struct database *database);
size_t keyspace_key_count(const struct keyspace *keyspace);
/* Bytes of tables and timers: everything that is not entries or objects. */
size_t keyspace_overhead_bytes(const struct keyspace *keyspace);
/* Bytes of one key: entry, object, its share of the table. */
size_t keyspace_key_bytes(const struct keyspace *keyspace, const struct entry *entry,
                          size_t samples);
