/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of streams, groups and consumers: XINFO. */
#include "commands/help.h"
#include "families/stream/stream_words.h"

#define FULL_COUNT 10 /* entries and pending ones that FULL shows, where nothing else is said */

static void reply_id_field(struct call *call, const char *name, struct stream_id id) {
    reply_text(call, name);
    stream_reply_id(call, id);
}

static void reply_number_field(struct call *call, const char *name, int64_t number) {
    reply_text(call, name);
    reply_integer(call, number);
}

static void reply_known(struct call *call, int64_t number, int64_t unknown) {
    if (number == unknown) reply_null(call);
    else reply_integer(call, number);
}

static void reply_progress(struct call *call, const struct stream *stream,
                           const struct stream_group *group) {
    reply_text(call, "entries-read");
    reply_known(call, group->entries_read, STREAM_READ_UNKNOWN);
    reply_text(call, "lag");
    reply_known(call, stream_group_lag(stream, group), STREAM_LAG_UNKNOWN);
}

/* The stream; NULL: it was replied that there is none. */
static const struct stream *read_existing(struct call *call, struct bytes key) {
    const struct stream *stream = stream_read(call, key);
    if (stream == NULL && !call->failed) reply_error(call, "ERR no such key");
    return stream;
}

/* --- XINFO STREAM --- */

#define STREAM_FIELDS 7

static void reply_stream_fields(struct call *call, const struct stream *stream) {
    reply_number_field(call, "length", (int64_t)stream->length);
    reply_number_field(call, "radix-tree-keys", (int64_t)stream_block_count(stream));
    reply_number_field(call, "radix-tree-nodes", (int64_t)stream_radix_nodes(stream));
    reply_id_field(call, "last-generated-id", stream->last_id);
    reply_id_field(call, "max-deleted-entry-id", stream->max_deleted);
    reply_number_field(call, "entries-added", (int64_t)stream->entries_added);
    reply_id_field(call, "recorded-first-entry-id", stream_first_id(stream));
}

static void reply_edges(struct call *call, const struct stream *stream) {
    struct stream_walk walk;
    reply_text(call, "first-entry");
    if (stream_walk_from(&walk, stream, STREAM_ID_MIN)) stream_reply_entry(call, &walk.entry);
    else reply_null(call);
    reply_text(call, "last-entry");
    if (stream_walk_back_from(&walk, stream, STREAM_ID_MAX)) stream_reply_entry(call, &walk.entry);
    else reply_null(call);
}

static void reply_entries(struct call *call, const struct stream *stream, uint64_t count) {
    reply_text(call, "entries");
    struct reply_later later = reply_later_open(call);
    struct stream_walk walk;
    bool on = stream_walk_from(&walk, stream, STREAM_ID_MIN);
    for (; on && count > 0; count--) {
        stream_reply_entry(call, &walk.entry);
        on = stream_walk_next(&walk);
    }
    reply_later_close(call, later, '*');
}

static void reply_pending(struct call *call, const struct ordered_tree *tree, uint64_t count,
                          bool names_consumer) {
    reply_number_field(call, "pel-count", (int64_t)tree->item_count);
    reply_text(call, "pending");
    size_t shown = count < tree->item_count ? (size_t)count : tree->item_count;
    reply_array(call, shown);
    struct ordered_cursor cursor;
    const struct stream_pending *pending = ordered_tree_at(tree, 0, &cursor);
    for (; shown > 0; shown--, pending = ordered_cursor_next(&cursor)) {
        reply_array(call, names_consumer ? 4 : 3);
        stream_reply_id(call, pending->id);
        if (names_consumer) reply_bulk(call, stream_consumer_name(pending->consumer));
        reply_integer(call, pending->delivered_ms);
        reply_integer(call, (int64_t)pending->deliveries);
    }
}

static void reply_full_group(struct call *call, const struct stream *stream,
                             const struct stream_group *group, uint64_t count) {
    reply_map(call, 7);
    reply_text(call, "name");
    reply_bulk(call, stream_group_name(group));
    reply_id_field(call, "last-delivered-id", group->last_id);
    reply_progress(call, stream, group);
    reply_pending(call, &group->pending, count, true);
    reply_text(call, "consumers");
    reply_array(call, group->consumer_count);
    for (uint32_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        reply_map(call, 5);
        reply_text(call, "name");
        reply_bulk(call, stream_consumer_name(consumer));
        reply_number_field(call, "seen-time", consumer->seen_ms);
        reply_number_field(call, "active-time", consumer->active_ms);
        reply_pending(call, &consumer->pending, count, false);
    }
}

static void reply_full(struct call *call, const struct stream *stream, uint64_t count) {
    reply_map(call, STREAM_FIELDS + 2);
    reply_stream_fields(call, stream);
    reply_entries(call, stream, count);
    reply_text(call, "groups");
    reply_array(call, stream->group_count);
    for (uint32_t i = 0; i < stream->group_count; i++)
        reply_full_group(call, stream, stream->groups[i], count);
}

/* Whether FULL was said; `count` is how many entries it shows. */
static bool take_full(struct call *call, uint64_t *count) {
    *count = FULL_COUNT;
    int left = args_left(call);
    if (left == 0) return false;
    bool full = args_word(call, "FULL");
    if (full && left == 1) return true;
    if (!full || left != 3 || !args_word(call, "COUNT")) {
        reply_wrong_subcommand(call);
        return true;
    }
    int64_t given = args_integer(call, INT64_MIN, INT64_MAX);
    if (given == 0) *count = UINT64_MAX;
    else if (given > 0) *count = (uint64_t)given;
    return true;
}

void stream_xinfo_stream(struct call *call) {
    struct bytes key = args_key(call);
    const struct stream *stream = read_existing(call, key);
    if (stream == NULL) return;
    uint64_t count;
    bool full = take_full(call, &count);
    if (args_failed(call)) return;
    if (full) {
        reply_full(call, stream, count);
        return;
    }
    reply_map(call, STREAM_FIELDS + 3);
    reply_stream_fields(call, stream);
    reply_number_field(call, "groups", stream->group_count);
    reply_edges(call, stream);
}

/* --- XINFO GROUPS, CONSUMERS, HELP --- */

void stream_xinfo_groups(struct call *call) {
    const struct stream *stream = read_existing(call, args_key(call));
    if (stream == NULL) return;
    reply_array(call, stream->group_count);
    for (uint32_t i = 0; i < stream->group_count; i++) {
        const struct stream_group *group = stream->groups[i];
        reply_map(call, 6);
        reply_text(call, "name");
        reply_bulk(call, stream_group_name(group));
        reply_number_field(call, "consumers", group->consumer_count);
        reply_number_field(call, "pending", (int64_t)group->pending.item_count);
        reply_id_field(call, "last-delivered-id", group->last_id);
        reply_progress(call, stream, group);
    }
}

void stream_xinfo_consumers(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    const struct stream *stream = read_existing(call, key);
    if (stream == NULL) return;
    const struct stream_group *group = stream_group_find(stream, name);
    if (group == NULL) {
        reply_error(call, "NOGROUP No such consumer group '%.*s' for key name '%.*s'",
                    (int)name.len, name.data, (int)key.len, key.data);
        return;
    }
    int64_t now_ms = call_now_ms(call);
    reply_array(call, group->consumer_count);
    for (uint32_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        int64_t idle_ms = now_ms - consumer->seen_ms;
        int64_t inactive_ms = consumer->active_ms == -1 ? -1 : now_ms - consumer->active_ms;
        reply_map(call, 4);
        reply_text(call, "name");
        reply_bulk(call, stream_consumer_name(consumer));
        reply_number_field(call, "pending", (int64_t)consumer->pending.item_count);
        reply_number_field(call, "idle", idle_ms < 0 ? 0 : idle_ms);
        reply_number_field(call, "inactive", inactive_ms < -1 ? 0 : inactive_ms);
    }
}

void stream_xinfo_help(struct call *call) {
    static const char *const lines[] = {
        "CONSUMERS <key> <groupname>",
        "    Show consumers of <groupname>.",
        "GROUPS <key>",
        "    Show the stream consumer groups.",
        "STREAM <key> [FULL [COUNT <count>]",
        "    Show information about the stream.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}
