/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Sorted sets: members with scores, in order of score and, where scores are equal, of name.
 *
 * Small (PACKED, "listpack"): pairs of member and score in one packed list INLINED behind the key,
 * in order. Big (TREE, "skiplist" for those who ask): `struct sorted_set`, a table that finds
 * members by name and an ordered tree over the same members. Members with a deadline of their own
 * make a set big. What is due goes before a command sees the set (commands/edit.c); nothing here
 * asks for the time.
 *
 * Budget: packed, name and score and four bytes a member; big, 9.2 bytes of table, up to 10 of tree
 * and the member itself (structures/member.h) each: 44 for a sixteen-byte name and a whole score.
 *
 * Changes go through a value_home; false or REFUSED means that memory was refused. A set that has
 * become empty is the caller's to delete. Scores are never NaN. Format: RDB types 3, 5, 12 and 17;
 * with deadlines a module value of ours. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "keyspace/collection_limits.h"
#include "keyspace/value.h"
#include "keyspace/value_home.h"
#include "structures/member_table.h"
#include "structures/ordered_tree.h"

#define SORTED_SET_PACKED 0
#define SORTED_SET_TREE 1

extern const struct value_type sorted_set_type;

struct sorted_set {
    struct member_table members; /* owns them */
    struct ordered_tree order;   /* by score and name */
};

/* --- asking --- */

size_t sorted_set_count(const struct value *value);
/* O(1) big, O(n) packed. `score` may be NULL. */
bool sorted_set_find(const struct value *value, struct bytes name, double *score);
/* The same with how many members lie in front. O(log n) big. */
bool sorted_set_rank(const struct value *value, struct bytes name, double *score, size_t *rank);
/* How many members lie in front of all of this score, or (`behind`) in front of or among them.
 * O(log n) big. */
size_t sorted_set_seek_score(const struct value *value, double score, bool behind);
/* The same by name alone, for sets whose scores are all equal. */
size_t sorted_set_seek_name(const struct value *value, struct bytes name, bool behind);

/* A member under a walk: valid until the walk moves or the set changes. */
struct sorted_set_item {
    struct bytes name;
    double score;
    int64_t deadline_ms; /* INT64_MAX: none */
};

struct sorted_set_walk {
    struct sorted_set_item item;
    const uint8_t *list; /* packed; NULL: big */
    uint32_t at;
    struct ordered_cursor cursor;
    char scratch[TEXT_INTEGER_MAX];
};

/* Stands on the member of this rank; false when there is none. O(log n) big, O(n) packed. */
bool sorted_set_walk_start(struct sorted_set_walk *walk, const struct value *value, size_t rank);
/* To the neighbour; false at the end, and the walk is over. */
bool sorted_set_walk_next(struct sorted_set_walk *walk);
bool sorted_set_walk_previous(struct sorted_set_walk *walk);

/* SCAN's guarantees; returns the next cursor, 0 at the end. */
typedef void sorted_set_visit(void *context, const struct sorted_set_item *item);
uint64_t sorted_set_scan(const struct value *value, uint64_t cursor, sorted_set_visit *visit,
                         void *context);

/* --- changing --- */

enum sorted_set_outcome {
    SORTED_SET_REFUSED, /* no memory */
    SORTED_SET_ADDED,
    SORTED_SET_UPDATED, /* it has another score now */
    SORTED_SET_SAME,
};

/* Gives the member this score. O(log n) big. */
enum sorted_set_outcome sorted_set_put(struct value_home *home,
                                       const struct collection_limits *limits, struct bytes name,
                                       double score) MUST_CHECK;
/* False when it is not there. */
bool sorted_set_remove(struct value_home *home, struct bytes name);
/* Removes `count` members from this rank on; `visit` (may be NULL) sees each before it goes. */
void sorted_set_remove_ranks(struct value_home *home, size_t rank, size_t count,
                             sorted_set_visit *visit, void *context);
/* The member at this end will likely go next, and then its neighbours: starts to load them. */
void sorted_set_expect(const struct value *value, bool highest);
/* A deadline for a member that is there; -1 takes it away. False: refused. */
bool sorted_set_set_deadline(struct value_home *home, struct bytes name,
                             int64_t deadline_ms) MUST_CHECK;
/* The member whose deadline is first, if it has passed. */
bool sorted_set_due(const struct value *value, int64_t now_ms, struct bytes *name);

/* --- building --- */

/* An empty big set, owned by the caller until stored. */
struct sorted_set *sorted_set_create(void);
void sorted_set_destroy(struct sorted_set *set);
/* False: refused. Names must differ. */
bool sorted_set_add(struct sorted_set *set, const struct member_parts *parts) MUST_CHECK;
