/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/stream_group.h"

#include "base/memory.h"

#define ROOM_MIN 2

/* --- order of pending entries --- */

static uint64_t pending_key(const void *item) {
    return ((const struct stream_pending *)item)->id.ms;
}

static int pending_compare(const void *a, const void *b) {
    return stream_id_compare(((const struct stream_pending *)a)->id,
                             ((const struct stream_pending *)b)->id);
}

static const struct ordered_rules pending_rules = {pending_key, pending_compare};

static int compare_id(const void *context, const void *item) {
    return stream_id_compare(*(const struct stream_id *)context,
                             ((const struct stream_pending *)item)->id);
}

struct stream_pending *stream_pending_seek(const struct ordered_tree *tree, struct stream_id id,
                                           struct ordered_cursor *cursor) {
    if (tree->item_count == 0) return NULL;
    struct ordered_probe probe = {.key = id.ms, .compare = compare_id, .context = &id};
    size_t rank = ordered_tree_seek(tree, &probe, cursor);
    return rank == tree->item_count ? NULL : ordered_cursor_item(cursor);
}

struct stream_pending *stream_pending_find(const struct ordered_tree *tree, struct stream_id id) {
    struct ordered_cursor cursor;
    struct stream_pending *pending = stream_pending_seek(tree, id, &cursor);
    return pending != NULL && stream_id_equal(pending->id, id) ? pending : NULL;
}

struct stream_pending *stream_pending_add(struct stream_group *group,
                                          struct stream_consumer *consumer, struct stream_id id,
                                          int64_t delivered_ms, uint64_t deliveries) {
    struct stream_pending *pending = memory_small_allocate(sizeof(*pending));
    *pending = (struct stream_pending){
        .id = id, .delivered_ms = delivered_ms, .deliveries = deliveries, .consumer = consumer};
    ordered_tree_insert(&group->pending, pending);
    if (consumer != NULL) ordered_tree_insert(&consumer->pending, pending);
    return pending;
}

void stream_pending_move(struct stream_pending *pending, struct stream_consumer *consumer) {
    if (pending->consumer == consumer) return;
    if (pending->consumer != NULL) ordered_tree_remove(&pending->consumer->pending, pending);
    pending->consumer = consumer;
    if (consumer != NULL) ordered_tree_insert(&consumer->pending, pending);
}

void stream_pending_remove(struct stream_group *group, struct stream_pending *pending) {
    stream_pending_move(pending, NULL);
    ordered_tree_remove(&group->pending, pending);
    memory_small_free(pending, sizeof(*pending));
}

/* --- things by name in sorted arrays of pointers --- */

/* The array with room for one more pointer; NULL: refused. */
static void *grown(void *array, uint32_t count, uint32_t *capacity) {
    if (count < *capacity) return array;
    uint32_t wanted = *capacity == 0 ? ROOM_MIN : *capacity * 2;
    void *moved = memory_try_reallocate(array, wanted * sizeof(void *));
    if (moved != NULL) *capacity = wanted;
    return moved;
}

static uint32_t group_place(const struct stream *stream, struct bytes name, bool *found) {
    uint32_t low = 0, high = stream->group_count;
    *found = false;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = bytes_compare(name, stream_group_name(stream->groups[middle]));
        if (order == 0) *found = true;
        if (order <= 0) high = middle;
        else low = middle + 1;
    }
    return low;
}

static uint32_t consumer_place(const struct stream_group *group, struct bytes name, bool *found) {
    uint32_t low = 0, high = group->consumer_count;
    *found = false;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = bytes_compare(name, stream_consumer_name(group->consumers[middle]));
        if (order == 0) *found = true;
        if (order <= 0) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* --- groups --- */

struct stream_group *stream_group_find(const struct stream *stream, struct bytes name) {
    bool found;
    uint32_t place = group_place(stream, name, &found);
    return found ? stream->groups[place] : NULL;
}

struct stream_group *stream_group_try_add(struct stream *stream, struct bytes name,
                                          struct stream_id last_id, int64_t entries_read) {
    struct stream_group **groups = grown(stream->groups, stream->group_count,
                                         &stream->group_capacity);
    if (groups == NULL) return NULL;
    stream->groups = groups;
    if (name.len > UINT32_MAX) return NULL;
    struct stream_group *group = memory_small_try_allocate(sizeof(*group) + name.len);
    if (group == NULL) return NULL;
    *group = (struct stream_group){
        .last_id = last_id, .entries_read = entries_read, .name_len = (uint32_t)name.len};
    ordered_tree_init(&group->pending, &pending_rules);
    if (name.len > 0) memcpy(group->name, name.data, name.len);
    bool found;
    uint32_t place = group_place(stream, name, &found);
    memmove(stream->groups + place + 1, stream->groups + place,
            (stream->group_count - place) * sizeof(group));
    stream->groups[place] = group;
    stream->group_count++;
    return group;
}

static void free_consumer(struct stream_consumer *consumer) {
    ordered_tree_deinit(&consumer->pending);
    memory_small_free(consumer, sizeof(*consumer) + consumer->name_len);
}

static void free_pending(void *context, void *item) {
    (void)context;
    memory_small_free(item, sizeof(struct stream_pending));
}

/* Frees about `*steps` parts of it; true at the end. */
static bool demolish_group(struct stream_group *group, size_t *steps) {
    while (*steps > 0) {
        *steps -= *steps < ORDERED_LEAF_SLOTS ? *steps : ORDERED_LEAF_SLOTS;
        if (group->consumer_count > 0) {
            struct stream_consumer *last = group->consumers[group->consumer_count - 1];
            if (ordered_tree_demolish(&last->pending, NULL, NULL)) continue;
            group->consumer_count--;
            free_consumer(last);
        } else if (!ordered_tree_demolish(&group->pending, free_pending, NULL)) {
            memory_free(group->consumers);
            memory_small_free(group, sizeof(*group) + group->name_len);
            return true;
        }
    }
    return false;
}

void stream_group_remove(struct stream *stream, struct stream_group *group) {
    bool found;
    uint32_t place = group_place(stream, stream_group_name(group), &found);
    stream->group_count--;
    memmove(stream->groups + place, stream->groups + place + 1,
            (stream->group_count - place) * sizeof(group));
    size_t steps = SIZE_MAX;
    while (!demolish_group(group, &steps)) steps = SIZE_MAX;
}

bool stream_groups_demolish(struct stream *stream, size_t *steps) {
    while (*steps > 0 && stream->group_count > 0)
        if (demolish_group(stream->groups[stream->group_count - 1], steps)) stream->group_count--;
    if (stream->group_count > 0) return false;
    memory_free(stream->groups);
    stream->groups = NULL;
    stream->group_capacity = 0;
    return true;
}

int64_t stream_group_lag(const struct stream *stream, const struct stream_group *group) {
    if (stream->length == 0) return 0;
    struct stream_id first = stream_first_id(stream);
    /* Nothing that is there was read, and none of it was deleted since. */
    if (stream_id_compare(group->last_id, first) < 0 &&
        stream_id_compare(stream->max_deleted, first) < 0)
        return (int64_t)stream->length;
    int64_t read = group->entries_read;
    if (read == STREAM_READ_UNKNOWN || stream_has_tombstones(stream, group->last_id))
        read = stream_entries_until(stream, group->last_id);
    if (read == STREAM_READ_UNKNOWN) return STREAM_LAG_UNKNOWN;
    return (int64_t)stream->entries_added - read;
}

void stream_group_advance(const struct stream *stream, struct stream_group *group,
                          struct stream_id id) {
    bool counts_on = group->entries_read != STREAM_READ_UNKNOWN &&
                     stream_id_compare(group->last_id, stream_first_id(stream)) >= 0 &&
                     !stream_has_tombstones(stream, group->last_id);
    if (counts_on) group->entries_read++;
    else if (stream->entries_added > 0) group->entries_read = stream_entries_until(stream, id);
    group->last_id = id;
}

/* --- consumers --- */

struct stream_consumer *stream_consumer_find(const struct stream_group *group, struct bytes name) {
    bool found;
    uint32_t place = consumer_place(group, name, &found);
    return found ? group->consumers[place] : NULL;
}

struct stream_consumer *stream_consumer_try_add(struct stream_group *group, struct bytes name,
                                                int64_t now_ms) {
    struct stream_consumer **consumers = grown(group->consumers, group->consumer_count,
                                               &group->consumer_capacity);
    if (consumers == NULL) return NULL;
    group->consumers = consumers;
    if (name.len > UINT32_MAX) return NULL;
    struct stream_consumer *consumer = memory_small_try_allocate(sizeof(*consumer) + name.len);
    if (consumer == NULL) return NULL;
    *consumer = (struct stream_consumer){
        .seen_ms = now_ms, .active_ms = -1, .name_len = (uint32_t)name.len};
    ordered_tree_init(&consumer->pending, &pending_rules);
    if (name.len > 0) memcpy(consumer->name, name.data, name.len);
    bool found;
    uint32_t place = consumer_place(group, name, &found);
    memmove(group->consumers + place + 1, group->consumers + place,
            (group->consumer_count - place) * sizeof(consumer));
    group->consumers[place] = consumer;
    group->consumer_count++;
    return consumer;
}

void stream_consumer_remove(struct stream_group *group, struct stream_consumer *consumer) {
    struct ordered_cursor cursor;
    while (consumer->pending.item_count > 0)
        stream_pending_remove(group, ordered_tree_at(&consumer->pending, 0, &cursor));
    bool found;
    uint32_t place = consumer_place(group, stream_consumer_name(consumer), &found);
    group->consumer_count--;
    memmove(group->consumers + place, group->consumers + place + 1,
            (group->consumer_count - place) * sizeof(consumer));
    free_consumer(consumer);
}

/* --- copying --- */

static bool copy_group(const struct stream_group *group, struct stream_group *made) {
    for (uint32_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        struct stream_consumer *one = stream_consumer_try_add(made, stream_consumer_name(consumer),
                                                              consumer->seen_ms);
        if (one == NULL) return false;
        one->active_ms = consumer->active_ms;
    }
    struct ordered_cursor cursor;
    const struct stream_pending *pending = ordered_tree_at(&group->pending, 0, &cursor);
    for (; pending != NULL; pending = ordered_cursor_next(&cursor)) {
        struct stream_consumer *owner = pending->consumer == NULL
                                            ? NULL
                                            : stream_consumer_find(
                                                  made, stream_consumer_name(pending->consumer));
        stream_pending_add(made, owner, pending->id, pending->delivered_ms, pending->deliveries);
    }
    return true;
}

bool stream_groups_try_copy(const struct stream *stream, struct stream *made) {
    for (uint32_t i = 0; i < stream->group_count; i++) {
        const struct stream_group *group = stream->groups[i];
        struct stream_group *one = stream_group_try_add(made, stream_group_name(group),
                                                        group->last_id, group->entries_read);
        if (one == NULL || !copy_group(group, one)) return false;
    }
    return true;
}

size_t stream_groups_memory_bytes(const struct stream *stream) {
    size_t bytes = stream->groups == NULL ? 0 : memory_block_bytes(stream->groups);
    for (uint32_t i = 0; i < stream->group_count; i++) {
        const struct stream_group *group = stream->groups[i];
        bytes += memory_small_class(sizeof(*group) + group->name_len) + group->pending.node_bytes +
                 group->pending.item_count * memory_small_class(sizeof(struct stream_pending));
        if (group->consumers != NULL) bytes += memory_block_bytes(group->consumers);
        for (uint32_t j = 0; j < group->consumer_count; j++) {
            const struct stream_consumer *consumer = group->consumers[j];
            bytes += memory_small_class(sizeof(*consumer) + consumer->name_len) +
                     consumer->pending.node_bytes;
        }
    }
    return bytes;
}
