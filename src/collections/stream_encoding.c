/* SPDX-License-Identifier: BSD-3-Clause */
/* How streams are saved and read, copied, freed, measured; and their type. Source: the public
 * description of the RDB format, and payloads of live servers. */
#include <assert.h>

#include "base/memory.h"
#include "collections/stream_group.h"
#include "collections/stream_internal.h"
#include "collections/stream_value.h"

#define RDB_BLOCKS 15  /* entries and groups */
#define RDB_COUNTED 19 /* and what counts lag: Redis 7.0 */
#define RDB_ACTIVE 21  /* and when consumers were active: Redis 7.2 */

/* --- writing --- */

static void save_id(struct encoder *encoder, struct stream_id id) {
    encode_length(encoder, id.ms);
    encode_length(encoder, id.seq);
}

static void save_raw_u64(struct encoder *encoder, uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) encode_byte(encoder, (uint8_t)(value >> shift));
}

static void save_raw_id(struct encoder *encoder, struct stream_id id) {
    save_raw_u64(encoder, id.ms);
    save_raw_u64(encoder, id.seq);
}

static void save_group(struct encoder *encoder, const struct stream_group *group) {
    encode_string(encoder, stream_group_name(group), false);
    save_id(encoder, group->last_id);
    encode_length(encoder, (uint64_t)group->entries_read);
    encode_length(encoder, group->pending.item_count);
    struct ordered_cursor cursor;
    const struct stream_pending *pending = ordered_tree_at(&group->pending, 0, &cursor);
    for (; pending != NULL; pending = ordered_cursor_next(&cursor)) {
        save_raw_id(encoder, pending->id);
        encode_u64(encoder, (uint64_t)pending->delivered_ms);
        encode_length(encoder, pending->deliveries);
    }
    encode_length(encoder, group->consumer_count);
    for (uint32_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        encode_string(encoder, stream_consumer_name(consumer), false);
        encode_u64(encoder, (uint64_t)consumer->seen_ms);
        encode_length(encoder, consumer->pending.item_count);
        pending = ordered_tree_at(&consumer->pending, 0, &cursor);
        for (; pending != NULL; pending = ordered_cursor_next(&cursor))
            save_raw_id(encoder, pending->id);
    }
}

static void save(const struct value *value, struct encoder *encoder) {
    const struct stream *stream = stream_of(value);
    encode_length(encoder, stream_block_count(stream));
    struct ordered_cursor cursor;
    const struct stream_block *block = ordered_tree_at(&stream->blocks, 0, &cursor);
    for (; block != NULL; block = ordered_cursor_next(&cursor))
        stream_listpack_save(block, encoder);
    if (stream->tail != NULL) stream_listpack_save(stream->tail, encoder);
    encode_length(encoder, stream->length);
    save_id(encoder, stream->last_id);
    save_id(encoder, stream_first_id(stream));
    save_id(encoder, stream->max_deleted);
    encode_length(encoder, stream->entries_added);
    encode_length(encoder, stream->group_count);
    for (uint32_t i = 0; i < stream->group_count; i++) save_group(encoder, stream->groups[i]);
}

/* --- reading --- */

static struct stream_id load_id(struct decoder *decoder) {
    struct stream_id id;
    id.ms = decode_length(decoder);
    id.seq = decode_length(decoder);
    return id;
}

static uint64_t load_raw_u64(struct decoder *decoder) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | decode_byte(decoder);
    return value;
}

static struct stream_id load_raw_id(struct decoder *decoder) {
    struct stream_id id;
    id.ms = load_raw_u64(decoder);
    id.seq = load_raw_u64(decoder);
    return id;
}

static bool load_consumer(struct decoder *decoder, uint32_t rdb_type, struct stream_group *group) {
    struct bytes name = decode_string(decoder);
    if (decoder->failed || stream_consumer_find(group, name) != NULL) return false;
    struct stream_consumer *consumer = stream_consumer_try_add(group, name, 0);
    if (consumer == NULL) return false;
    consumer->seen_ms = (int64_t)decode_u64(decoder);
    consumer->active_ms = rdb_type >= RDB_ACTIVE ? (int64_t)decode_u64(decoder) : consumer->seen_ms;
    if (consumer->seen_ms < 0 || consumer->active_ms < -1) return false;
    uint64_t count = decode_length(decoder);
    for (uint64_t i = 0; i < count && !decoder->failed; i++) {
        struct stream_pending *pending = stream_pending_find(&group->pending, load_raw_id(decoder));
        if (pending == NULL || pending->consumer != NULL) return false;
        stream_pending_move(pending, consumer);
    }
    return !decoder->failed;
}

static bool load_pending(struct decoder *decoder, struct stream_group *group) {
    struct stream_id id = load_raw_id(decoder);
    int64_t delivered_ms = (int64_t)decode_u64(decoder);
    uint64_t deliveries = decode_length(decoder);
    if (delivered_ms < 0 || deliveries > INT64_MAX) return false;
    if (decoder->failed || stream_pending_find(&group->pending, id) != NULL) return false;
    stream_pending_add(group, NULL, id, delivered_ms, deliveries);
    return true;
}

static bool all_are_owned(const struct stream_group *group) {
    size_t owned = 0;
    for (uint32_t i = 0; i < group->consumer_count; i++)
        owned += group->consumers[i]->pending.item_count;
    return owned == group->pending.item_count;
}

static bool load_group(struct decoder *decoder, uint32_t rdb_type, struct stream *stream) {
    struct bytes name = decode_string(decoder);
    if (decoder->failed || stream_group_find(stream, name) != NULL) return false;
    struct stream_group *group = stream_group_try_add(stream, name, STREAM_ID_MIN,
                                                      STREAM_READ_UNKNOWN);
    if (group == NULL) return false;
    group->last_id = load_id(decoder);
    if (rdb_type >= RDB_COUNTED) {
        group->entries_read = (int64_t)decode_length(decoder);
        if (group->entries_read < STREAM_READ_UNKNOWN) return false;
    } else {
        group->entries_read = stream_entries_until(stream, group->last_id);
    }
    uint64_t pending = decode_length(decoder);
    for (uint64_t i = 0; i < pending && !decoder->failed; i++)
        if (!load_pending(decoder, group)) return false;
    uint64_t consumers = decode_length(decoder);
    for (uint64_t i = 0; i < consumers && !decoder->failed; i++)
        if (!load_consumer(decoder, rdb_type, group)) return false;
    return !decoder->failed && all_are_owned(group);
}

static bool load_stream(struct decoder *decoder, uint32_t rdb_type, struct stream *stream) {
    uint64_t blocks = decode_length(decoder);
    for (uint64_t i = 0; i < blocks && !decoder->failed; i++)
        if (!stream_listpack_load(stream, decoder)) return false;
    struct stream_id highest = stream->last_id;
    if (decode_length(decoder) != stream->length) return false;
    stream->last_id = load_id(decoder);
    if (stream_id_compare(stream->last_id, highest) < 0) return false;
    stream->entries_added = stream->length;
    if (rdb_type >= RDB_COUNTED) {
        load_id(decoder); /* the first: known from the entries */
        stream->max_deleted = load_id(decoder);
        stream->entries_added = decode_length(decoder);
        if (stream->entries_added < stream->length || stream->entries_added > INT64_MAX)
            return false;
    }
    uint64_t groups = decode_length(decoder);
    for (uint64_t i = 0; i < groups && !decoder->failed; i++)
        if (!load_group(decoder, rdb_type, stream)) return false;
    return !decoder->failed;
}

static enum outcome load(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    struct stream *stream = stream_create();
    if (!load_stream(decoder, rdb_type, stream)) {
        stream_destroy(stream);
        return OUTCOME_CORRUPT;
    }
    *value = stream_value(stream);
    return OUTCOME_OK;
}

/* --- digest --- */

static void add_number(struct value_digest *out, uint64_t number) {
    value_digest_add(out, bytes_make(&number, sizeof(number)));
}

static void add_id(struct value_digest *out, struct stream_id id) {
    value_digest_add(out, bytes_make(&id, sizeof(id)));
}

/* When consumers asked and were given something is no content: it is not replayed. */
static void digest_group(const struct stream_group *group, struct value_digest *out) {
    value_digest_add(out, stream_group_name(group));
    add_id(out, group->last_id);
    add_number(out, (uint64_t)group->entries_read);
    for (uint32_t i = 0; i < group->consumer_count; i++)
        value_digest_add(out, stream_consumer_name(group->consumers[i]));
    struct ordered_cursor cursor;
    const struct stream_pending *pending = ordered_tree_at(&group->pending, 0, &cursor);
    for (; pending != NULL; pending = ordered_cursor_next(&cursor)) {
        add_id(out, pending->id);
        add_number(out, (uint64_t)pending->delivered_ms);
        add_number(out, pending->deliveries);
        if (pending->consumer != NULL)
            value_digest_add(out, stream_consumer_name(pending->consumer));
    }
}

static void digest(const struct value *value, struct value_digest *out) {
    const struct stream *stream = stream_of(value);
    struct stream_walk walk;
    bool on = stream_walk_from(&walk, stream, STREAM_ID_MIN);
    for (; on; on = stream_walk_next(&walk)) {
        add_id(out, walk.entry.id);
        struct stream_entry entry = walk.entry;
        for (uint32_t i = 0; i < walk.entry.pair_count; i++) {
            struct stream_pair pair = stream_entry_pair(&entry);
            value_digest_add(out, pair.name);
            value_digest_add(out, pair.value);
        }
    }
    add_id(out, stream->last_id);
    add_id(out, stream->max_deleted);
    add_number(out, stream->entries_added);
    for (uint32_t i = 0; i < stream->group_count; i++) digest_group(stream->groups[i], out);
}

/* --- the type --- */

static void free_block(void *context, void *item) {
    (void)context;
    stream_block_free(item);
}

/* Groups, then blocks by leaves of their tree. */
static bool demolish(void *boxed, size_t *steps) {
    struct stream *stream = boxed;
    while (*steps > 0) {
        if (!stream_groups_demolish(stream, steps)) return false;
        *steps -= *steps < ORDERED_LEAF_SLOTS ? *steps : ORDERED_LEAF_SLOTS;
        if (ordered_tree_demolish(&stream->blocks, free_block, NULL)) continue;
        if (stream->tail != NULL) stream_block_free(stream->tail);
        memory_free(stream);
        return true;
    }
    return false;
}

static void destroy(void *boxed) { stream_destroy(boxed); }

static bool copy_blocks(const struct stream *stream, struct stream *made) {
    struct ordered_cursor cursor;
    const struct stream_block *block = ordered_tree_at(&stream->blocks, 0, &cursor);
    for (; block != NULL; block = ordered_cursor_next(&cursor)) {
        struct stream_block *one = stream_block_try_copy(block);
        if (one == NULL) return false;
        ordered_tree_insert(&made->blocks, one);
    }
    if (stream->tail == NULL) return true;
    made->tail = stream_block_try_copy(stream->tail);
    return made->tail != NULL;
}

static void *copy(const void *boxed) {
    const struct stream *stream = boxed;
    struct stream *made = stream_create();
    made->length = stream->length;
    made->entries_added = stream->entries_added;
    made->last_id = stream->last_id;
    made->max_deleted = stream->max_deleted;
    if (copy_blocks(stream, made) && stream_groups_try_copy(stream, made)) return made;
    stream_destroy(made);
    return NULL;
}

static size_t bytes_taken(const void *boxed, size_t samples) {
    const struct stream *stream = boxed;
    size_t bytes = memory_block_bytes(stream) + stream->blocks.node_bytes +
                   stream_groups_memory_bytes(stream);
    if (stream->tail != NULL) bytes += stream_block_memory_bytes(stream->tail);
    size_t seen = 0, taken = 0;
    struct ordered_cursor cursor;
    const struct stream_block *block = ordered_tree_at(&stream->blocks, 0, &cursor);
    for (; block != NULL && (samples == 0 || seen < samples); seen++) {
        taken += stream_block_memory_bytes(block);
        block = ordered_cursor_next(&cursor);
    }
    if (seen > 0)
        bytes += (size_t)((double)taken / (double)seen * (double)stream->blocks.item_count);
    return bytes;
}

static size_t effort(const void *boxed) {
    const struct stream *stream = boxed;
    size_t steps = stream_block_count(stream);
    for (uint32_t i = 0; i < stream->group_count; i++)
        steps += 1 + stream->groups[i]->pending.item_count + stream->groups[i]->consumer_count;
    return steps;
}

static const char *encoding(const struct value *value) {
    (void)value;
    return "stream";
}

static size_t count(const struct value *value) { return stream_of(value)->length; }

static const uint8_t rdb_types_read[] = {RDB_BLOCKS, RDB_COUNTED, RDB_ACTIVE, VALUE_RDB_END};

const struct value_type stream_type = {
    .name = "stream",
    .rdb_type = RDB_COUNTED,
    .event_class = 't',
    .destroy = destroy,
    .demolish = demolish,
    .copy = copy,
    .bytes = bytes_taken,
    .effort = effort,
    .encoding = encoding,
    .count = count,
    .save = save,
    .load = load,
    .digest = digest,
    .rdb_types_read = rdb_types_read,
};
