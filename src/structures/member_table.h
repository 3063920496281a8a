/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Members by name, and by deadline where some have one: the big form of hashes and sets, and the
 * half of sorted sets that finds a member. The one mechanism by which members expire.
 *
 * The table owns its members. Members whose deadline has passed stay until they are taken out
 * (member_table_due): owners hide them (member_is_due) and count without them
 * (member_table_count). The tree of deadlines exists from the first deadline to the last.
 *
 * Budget: 9.2 bytes a member beside the member itself, and 10 for one with a deadline. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "structures/hash_table.h"
#include "structures/member.h"
#include "structures/ordered_tree.h"

struct member_table {
    struct hash_table table;
    struct ordered_tree *deadlines; /* NULL: nobody has one */
    size_t member_bytes;            /* of all members */
};

/* Where a member is. Valid until the next change of the table. */
struct member_place {
    struct member *member; /* NULL: not there */
    struct hash_place slot;
    uint64_t hash;
};

void member_table_init(struct member_table *table);
void member_table_deinit(struct member_table *table);
/* The same in slices: frees a bucket's members. False: nothing is left, the table is as after init.
 * Until then nothing else may be asked of it. */
bool member_table_demolish(struct member_table *table);
/* A copy of all of it into a fresh table; false when memory was refused, and the copy is empty. */
bool member_table_try_copy(const struct member_table *table, struct member_table *copy) MUST_CHECK;
size_t member_table_memory_bytes(const struct member_table *table); /* members included */

/* Due or not. */
struct member_place member_table_find(const struct member_table *table, struct bytes name);
/* Takes the member, whose name must not be there. */
void member_table_insert(struct member_table *table, struct member *member);
/* Takes the member out and returns it, owned by the caller. */
struct member *member_table_remove(struct member_table *table, struct member_place place);
/* `successor`, of the same name, takes the place; the old one is returned, owned by the caller. */
struct member *member_table_replace(struct member_table *table, struct member_place *place,
                                    struct member *successor);
/* Gives or takes a deadline (MEMBER_DEADLINE_MAX at most; -1: none). The member may move: the
 * place tells where it is. False when memory was refused, and nothing has changed. */
bool member_table_set_deadline(struct member_table *table, struct member_place *place,
                               int64_t deadline_ms) MUST_CHECK;

/* Without those that are due at `now_ms` (INT64_MIN: nobody is). O(1) when nobody has a deadline,
 * else O(log n). */
size_t member_table_count(const struct member_table *table, int64_t now_ms);
/* The earliest deadline; INT64_MAX when there is none. O(log n). */
int64_t member_table_next_deadline_ms(const struct member_table *table);
/* The member whose deadline passed first, or NULL. O(log n). */
struct member *member_table_due(const struct member_table *table, int64_t now_ms);
