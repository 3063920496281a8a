/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Hashes: fields with values, each field with a deadline of its own where it has one.
 *
 * There are three ways to lie. PAIRS ("listpack"): field and value in turn in one packed list
 * INLINED behind the key. TRIPLETS ("listpackex"): field, value and deadline (0: none), in order of
 * deadline, those without one last; so the first triplet says when the next field ends. TABLE
 * ("hashtable"): BOXED, a member_table. A hash grows from the first two to the third and never goes
 * back.
 *
 * Fields whose deadline has passed stay until somebody takes them out (hash_due); whoever asks says
 * what time it is and does not see them. HASH_ALL as the time shows all.
 *
 * Budget: packed, field and value and four bytes a field, six with a deadline; big, 9.2 bytes of
 * table and the member itself (structures/member.h), and 16 for a deadline. Finding a field is one
 * pass over a packed list, or one lookup; a value of as many bytes as the one before is written
 * over it and nothing is allocated.
 *
 * Changes go through a value_home; false or REFUSED means that memory was refused: what was there
 * is still there. A hash that has become empty is the caller's to delete. Format: RDB types 4, 9,
 * 13, 16 and, with deadlines, those of Redis 7.4 and 8 (23, 24, 25) and of Valkey 9 (22). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/random.h"
#include "base/text.h"
#include "keyspace/collection_limits.h"
#include "keyspace/value.h"
#include "keyspace/value_home.h"
#include "structures/member_table.h"
#include "structures/packed_list.h"

#define HASH_PAIRS 0
#define HASH_TRIPLETS 1
#define HASH_TABLE 2

#define HASH_ALL INT64_MIN
/* The last deadline that commands give: what Redis can keep, the year 4199. */
#define HASH_DEADLINE_MAX (((int64_t)1 << 46) - 1)

extern const struct value_type hash_type;

struct hash {
    struct member_table members; /* owns them */
};

/* --- asking --- */

/* A field: valid until the next one is asked for or the hash changes. */
struct hash_item {
    struct bytes field;
    struct bytes value;
    int64_t deadline_ms; /* INT64_MAX: none */
    char field_scratch[TEXT_INTEGER_MAX];
    char value_scratch[TEXT_INTEGER_MAX];
};

static inline bool hash_is_packed(const struct value *value) {
    return value->encoding != HASH_TABLE;
}

/* Of a packed one: its list, and how many elements a field takes there. */
static inline const uint8_t *hash_list(const struct value *value) {
    return (const uint8_t *)value->inlined.data;
}
static inline uint32_t hash_stride(const struct value *value) {
    return value->encoding == HASH_PAIRS ? 2 : 3;
}

/* O(log n) big when some have deadlines, O(fields) packed with deadlines, else O(1). */
size_t hash_count(const struct value *value, int64_t now_ms);
/* Everything of the item but its field. O(1) big, O(bytes) packed. */
bool hash_find(const struct value *value, struct bytes field, int64_t now_ms,
               struct hash_item *item);

typedef void hash_visit(void *context, const struct hash_item *item);

/* How far a walk has come. All zero at first; holds while the hash does not change. */
struct hash_walk {
    size_t bucket;
    bool done;
};
/* Visits about `budget` fields, or all of a packed hash; `walk->done` at the end. */
void hash_walk_on(struct hash_walk *walk, const struct value *value, int64_t now_ms, size_t budget,
                  hash_visit *visit, void *context);
/* All of them. */
void hash_visit_all(const struct value *value, int64_t now_ms, hash_visit *visit, void *context);

/* SCAN's guarantees; returns the next cursor, 0 at the end. A packed hash is shown at once. */
uint64_t hash_scan(const struct value *value, uint64_t cursor, int64_t now_ms, hash_visit *visit,
                   void *context);

/* The triplet or pair at a place of the list, in full. */
void hash_item_at(const struct value *value, uint32_t at, struct hash_item *item);
/* Of a big one: a field by a fair throw; NULL when all are due. */
const struct member *hash_throw(const struct value *value, int64_t now_ms, struct random *random);

/* The earliest deadline, INT64_MAX for none. */
int64_t hash_next_deadline_ms(const struct value *value);
/* The field whose deadline was first, if it has passed. */
bool hash_due(const struct value *value, int64_t now_ms, struct hash_item *item);

/* --- changing --- */

enum hash_outcome {
    HASH_REFUSED, /* no memory */
    HASH_ADDED,
    HASH_UPDATED,
};

/* Sets a field, which loses its deadline, if it had one, unless `keep_deadline`. The key may be
 * new. Field and value lie outside of the hash. */
enum hash_outcome hash_put(struct value_home *home, const struct collection_limits *limits,
                           struct bytes field, struct bytes value, bool keep_deadline) MUST_CHECK;
/* The first `count` of `words` (field, value, ...) become a new hash: the key must not be there.
 * Gives how many fields there are now; 0: refused, and what of it was stored is the caller's to
 * delete. */
size_t hash_put_first(struct value_home *home, const struct collection_limits *limits,
                      const struct bytes *words, size_t count) MUST_CHECK;
/* Makes the hash big, if it is not; as many fields are to come that it will be. */
bool hash_make_big(struct value_home *home) MUST_CHECK;
/* False when it is not there. */
bool hash_remove(struct value_home *home, struct bytes field);
/* A deadline for a field that is there; -1 takes it away. False: refused. */
bool hash_set_deadline(struct value_home *home, struct bytes field, int64_t deadline_ms) MUST_CHECK;

/* --- building --- */

/* An empty big hash, owned by the caller until stored. */
struct hash *hash_create(void);
void hash_destroy(struct hash *hash);
/* False: refused. Fields must differ. Flags of `parts`: MEMBER_HAS_DEADLINE or none. */
bool hash_add(struct hash *hash, const struct member_parts *parts) MUST_CHECK;
