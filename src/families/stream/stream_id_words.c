/* SPDX-License-Identifier: BSD-3-Clause */
/* Ids as clients write them, and what all words share. */
#include <errno.h>
#include <stdlib.h>

#include "families/stream/stream_words.h"

#define ID_LEN_MAX 127

/* --- ids --- */

struct bytes stream_id_text(char out[STREAM_ID_TEXT_MAX], struct stream_id id) {
    size_t len = text_from_unsigned(out, id.ms);
    out[len++] = '-';
    len += text_from_unsigned(out + len, id.seq);
    return bytes_make(out, len);
}

struct bytes stream_id_arena_text(struct call *call, struct stream_id id) {
    char text[STREAM_ID_TEXT_MAX];
    return arena_copy(call_arena(call), stream_id_text(text, id));
}

void stream_reply_id(struct call *call, struct stream_id id) {
    char text[STREAM_ID_TEXT_MAX];
    reply_bulk(call, stream_id_text(text, id));
}

/* A canonical number, or whatever else strtoull takes whole. */
static bool parse_number(struct bytes text, uint64_t *number) {
    if (text_to_unsigned(text, number)) return true;
    int64_t negative;
    if (text.len == 0 || text_to_integer(text, &negative)) return false;
    char copy[ID_LEN_MAX + 1];
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    char *end;
    errno = 0;
    *number = strtoull(copy, &end, 10);
    return errno == 0 && end != copy && *end == '\0';
}

bool stream_id_parse(struct bytes text, uint64_t missing_seq, struct stream_id *id) {
    if (text.len == 0 || text.len > ID_LEN_MAX) return false;
    const char *dash = memchr(text.data, '-', text.len);
    id->seq = missing_seq;
    if (dash == NULL) return parse_number(text, &id->ms);
    size_t ms_len = (size_t)(dash - text.data);
    return parse_number(bytes_make(text.data, ms_len), &id->ms) &&
           parse_number(bytes_make(dash + 1, text.len - ms_len - 1), &id->seq);
}

struct stream_id stream_take_id(struct call *call) {
    struct stream_id id = STREAM_ID_MIN;
    struct bytes text = args_bytes(call);
    if (!args_failed(call) && !stream_id_parse(text, 0, &id)) args_fail(call, STREAM_ID_ERROR);
    return id;
}

/* Whether the argument excludes its own id; `id` is what it names. */
static bool take_bound(struct call *call, uint64_t missing_seq, struct stream_id *id) {
    struct bytes text = args_bytes(call);
    *id = STREAM_ID_MIN;
    if (args_failed(call)) return false;
    bool excludes = text.len > 1 && text.data[0] == '(';
    if (excludes) text = bytes_make(text.data + 1, text.len - 1);
    else if (bytes_equal(text, BYTES("-"))) return false;
    else if (bytes_equal(text, BYTES("+"))) {
        *id = STREAM_ID_MAX;
        return false;
    }
    if (!stream_id_parse(text, missing_seq, id)) args_fail(call, STREAM_ID_ERROR);
    return excludes;
}

struct stream_id stream_take_range_start(struct call *call) {
    struct stream_id id;
    bool excludes = take_bound(call, 0, &id);
    if (!args_failed(call) && excludes && !stream_id_next(&id))
        args_fail(call, "ERR invalid start ID for the interval");
    return id;
}

struct stream_id stream_take_range_end(struct call *call) {
    struct stream_id id;
    bool excludes = take_bound(call, UINT64_MAX, &id);
    if (!args_failed(call) && excludes && !stream_id_previous(&id))
        args_fail(call, "ERR invalid end ID for the interval");
    return id;
}

/* --- shared --- */

void stream_reply_entry(struct call *call, const struct stream_entry *entry) {
    reply_array(call, 2);
    stream_reply_id(call, entry->id);
    reply_array(call, 2 * (size_t)entry->pair_count);
    struct stream_entry rest = *entry;
    for (uint32_t i = 0; i < entry->pair_count; i++) {
        struct stream_pair pair = stream_entry_pair(&rest);
        reply_bulk(call, pair.name);
        reply_bulk(call, pair.value);
    }
}

struct stream *stream_open(struct edit *edit, struct call *call, struct bytes key, bool makes) {
    if (!edit_open(edit, call, key, &stream_type)) return NULL;
    if (edit_exists(edit)) return stream_of(&edit->value);
    if (!makes) {
        edit_cancel(edit);
        return NULL;
    }
    struct stream *stream = stream_create();
    struct value value = stream_value(stream);
    if (edit_store(edit, &value)) return stream;
    stream_destroy(stream);
    return NULL;
}

const struct stream *stream_read(struct call *call, struct bytes key) {
    struct value value;
    return key_read(call, key, &stream_type, &value) ? stream_of(&value) : NULL;
}

void stream_refuse_memory(struct edit *edit) {
    reply_error(edit->call, "OOM command not allowed: no memory for the value");
    edit_cancel(edit);
}

/* --- effects --- */

void stream_effect_pending(struct call *call, struct bytes key, const struct stream_group *group,
                           const struct stream_pending *pending) {
    call_effect_of(call, BYTES("XCLAIM"), key, stream_group_name(group),
                   stream_consumer_name(pending->consumer), BYTES("0"),
                   stream_id_arena_text(call, pending->id), BYTES("TIME"),
                   call_integer_text(call, pending->delivered_ms), BYTES("RETRYCOUNT"),
                   call_integer_text(call, (int64_t)pending->deliveries), BYTES("FORCE"),
                   BYTES("JUSTID"), BYTES("LASTID"), stream_id_arena_text(call, group->last_id));
}

void stream_effect_group(struct call *call, struct bytes key, const struct stream_group *group) {
    call_effect_of(call, BYTES("XGROUP"), BYTES("SETID"), key, stream_group_name(group),
                   stream_id_arena_text(call, group->last_id), BYTES("ENTRIESREAD"),
                   call_integer_text(call, group->entries_read));
}

void stream_effect_consumer(struct call *call, struct bytes key, const struct stream_group *group,
                            const struct stream_consumer *consumer) {
    call_effect_of(call, BYTES("XGROUP"), BYTES("CREATECONSUMER"), key, stream_group_name(group),
                   stream_consumer_name(consumer));
}

void stream_effect_ack(struct call *call, struct bytes key, const struct stream_group *group,
                       struct stream_id id) {
    call_effect_of(call, BYTES("XACK"), key, stream_group_name(group),
                   stream_id_arena_text(call, id));
}
