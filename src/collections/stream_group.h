/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Groups of consumers of a stream: how far a group has read, and which entries its consumers were
 * given and have not acknowledged.
 *
 * An entry that is pending is one `struct stream_pending`, owned by the group, in order of id in
 * the tree of its group and in that of its consumer. Consumers and groups are few: they stand in
 * sorted arrays. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "collections/stream_value.h"
#include "structures/ordered_tree.h"

struct stream_consumer {
    struct ordered_tree pending; /* borrows */
    int64_t seen_ms;             /* the last time it asked */
    int64_t active_ms;           /* the last time it was given something; -1: never */
    uint32_t name_len;
    char name[];
};

struct stream_pending {
    struct stream_id id;
    int64_t delivered_ms;
    uint64_t deliveries;
    struct stream_consumer *consumer;
};

struct stream_group {
    struct ordered_tree pending; /* owns */
    struct stream_id last_id;    /* all up to it were given to somebody */
    int64_t entries_read;        /* how many that were; STREAM_READ_UNKNOWN */
    struct stream_consumer **consumers;
    uint32_t consumer_count;
    uint32_t consumer_capacity;
    uint32_t name_len;
    char name[];
};

static inline struct bytes stream_group_name(const struct stream_group *group) {
    return bytes_make(group->name, group->name_len);
}
static inline struct bytes stream_consumer_name(const struct stream_consumer *consumer) {
    return bytes_make(consumer->name, consumer->name_len);
}

/* --- groups: O(log n) to find, O(n) to make and remove --- */

struct stream_group *stream_group_find(const struct stream *stream, struct bytes name);
/* NULL: memory was refused. The name must be new. */
struct stream_group *stream_group_try_add(struct stream *stream, struct bytes name,
                                          struct stream_id last_id,
                                          int64_t entries_read) MUST_CHECK;
void stream_group_remove(struct stream *stream, struct stream_group *group);
#define STREAM_LAG_UNKNOWN INT64_MIN
/* How many entries it has not read; below 0 where the count of those it read was set too high. */
int64_t stream_group_lag(const struct stream *stream, const struct stream_group *group);
/* An entry, the one behind last_id, is given out: moves last_id and the count on. */
void stream_group_advance(const struct stream *stream, struct stream_group *group,
                          struct stream_id id);

struct stream_consumer *stream_consumer_find(const struct stream_group *group, struct bytes name);
/* NULL: memory was refused. The name must be new. */
struct stream_consumer *stream_consumer_try_add(struct stream_group *group, struct bytes name,
                                                int64_t now_ms) MUST_CHECK;
/* With what is pending for it. */
void stream_consumer_remove(struct stream_group *group, struct stream_consumer *consumer);

/* --- pending entries: O(log n) --- */

/* In the tree of a group or of a consumer; NULL: none. */
struct stream_pending *stream_pending_find(const struct ordered_tree *tree, struct stream_id id);
/* The first that is not below `id`; NULL: none. */
struct stream_pending *stream_pending_seek(const struct ordered_tree *tree, struct stream_id id,
                                           struct ordered_cursor *cursor);
/* The id must be new to the group. */
struct stream_pending *stream_pending_add(struct stream_group *group,
                                          struct stream_consumer *consumer, struct stream_id id,
                                          int64_t delivered_ms, uint64_t deliveries);
void stream_pending_move(struct stream_pending *pending, struct stream_consumer *consumer);
void stream_pending_remove(struct stream_group *group, struct stream_pending *pending);

/* --- freeing, copying --- */

/* Takes `*steps` down by what was freed; true when nothing is left of the groups. */
bool stream_groups_demolish(struct stream *stream, size_t *steps);
/* False: memory was refused; what was copied is there. */
bool stream_groups_try_copy(const struct stream *stream, struct stream *made) MUST_CHECK;
size_t stream_groups_memory_bytes(const struct stream *stream);
