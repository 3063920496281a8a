/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Lists: elements in the order in which they were put, at both ends or between.
 *
 * Small (PACKED): one packed list INLINED behind the key. Beyond a kilobyte (BLOCKS): `struct
 * list`, a deque of packed blocks. What OBJECT ENCODING answers is another matter: "listpack" or
 * "quicklist", by list-max-listpack-size, as Redis 7.2 and later answer; a list that has become
 * small is a "listpack" again at half of the limit. list-compress-depth has no effect.
 *
 * Budget: packed, 7 bytes and one entry an element (its text and two bytes below 64); in blocks,
 * under 0.1 byte an element more.
 *
 * Changes go through a value_home; false means that memory was refused, by the home (which has said
 * so) or for blocks (which nobody has), and nothing has changed. A list that has become empty is
 * the caller's to delete. Format: RDB types 1 (texts), 10 (a ziplist),
 * 14 (ziplists) and 18 (listpacks and plain elements). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "keyspace/collection_limits.h"
#include "keyspace/value.h"
#include "keyspace/value_home.h"
#include "structures/packed_deque.h"

#define LIST_PACKED 0
#define LIST_BLOCKS 1

#define LIST_INLINED_BYTES_MAX 1024

extern const struct value_type list_type;

struct list {
    struct packed_deque deque;
    bool is_quick; /* "quicklist" */
};

/* --- asking --- */

size_t list_count(const struct value *value);

/* An element under a walk: valid until the walk moves or the list changes. The walk itself needs no
 * memory of the value's view. */
struct list_walk {
    struct packed_item item;
    const uint8_t *packed; /* NULL: in blocks */
    uint32_t at;
    const struct packed_deque *deque;
    struct packed_cursor cursor;
};

/* Stands on the element of this index; false when there is none. O(log n). */
bool list_walk_start(struct list_walk *walk, const struct value *value, size_t index);
/* To the neighbour; false at the end, and the walk is over. */
bool list_walk_next(struct list_walk *walk);
bool list_walk_previous(struct list_walk *walk);
/* Moves to the first element equal to `needle`, the one where it stands included, looking at no
 * more than `*left` elements; takes those that it has looked at, but not the one found, off it.
 * False: there is none among them, and the walk is over. O(bytes), a block at a time. */
bool list_walk_find(struct list_walk *walk, const struct packed_item *needle, bool backward,
                    size_t *left);

/* --- changing --- */

/* Puts elements at an end, one after the other: in front they end up the other way round. Makes the
 * list when there is none. Elements lie outside of the list. */
bool list_push(struct value_home *home, const struct collection_limits *limits, bool front,
               const struct bytes *elements, size_t count) MUST_CHECK;
/* Takes elements away from an end; fewer than there are. */
void list_drop(struct value_home *home, const struct collection_limits *limits, bool front,
               size_t count);
/* Of an element that is there. */
bool list_replace(struct value_home *home, const struct collection_limits *limits, size_t index,
                  struct bytes element) MUST_CHECK;

enum list_outcome {
    LIST_REFUSED, /* no memory */
    LIST_INSERTED,
    LIST_NO_PIVOT,
};
/* Next to the first element that equals `pivot`. */
enum list_outcome list_insert(struct value_home *home, const struct collection_limits *limits,
                              struct bytes pivot, bool after, struct bytes element) MUST_CHECK;
/* Removes up to `count` elements equal to `element`, the first ones or the last; how many. The list
 * may be empty afterwards. */
size_t list_remove(struct value_home *home, const struct collection_limits *limits,
                   struct bytes element, size_t count, bool from_back);

/* --- building --- */

/* An empty list in blocks, owned by the caller until stored. */
struct list *list_create(void);
void list_destroy(struct list *list);
/* False: refused. */
bool list_append(struct list *list, const struct collection_limits *limits,
                 struct bytes element) MUST_CHECK;
/* The list as a value to be stored; not empty. INLINED bytes lie in `scratch`, and the list is
 * freed then. */
struct value list_finish(struct list *list, const struct collection_limits *limits,
                         uint8_t scratch[LIST_INLINED_BYTES_MAX]);
