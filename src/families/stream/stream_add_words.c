/* SPDX-License-Identifier: BSD-3-Clause */
/* What changes the entries: XADD, XTRIM, XDEL, XSETID. */
#include "families/stream/stream_trim_options.h"

/* --- XADD --- */

enum id_form { ID_AUTO, ID_SEQ_AUTO, ID_GIVEN };

struct addition {
    bool no_stream; /* NOMKSTREAM */
    enum id_form form;
    struct stream_id id;
    struct stream_trim_options options;
    const struct bytes *pairs;
    uint32_t pair_count;
};

/* "*", "ms-*" or an id. */
static void take_new_id(struct call *call, struct addition *addition) {
    struct bytes text = args_bytes(call);
    if (args_failed(call)) return;
    addition->form = ID_GIVEN;
    bool right;
    if (text.len > 2 && memcmp(text.data + text.len - 2, "-*", 2) == 0) {
        addition->form = ID_SEQ_AUTO;
        struct bytes ms = bytes_make(text.data, text.len - 2);
        right = memchr(ms.data, '-', ms.len) == NULL && stream_id_parse(ms, 0, &addition->id);
    } else {
        right = stream_id_parse(text, 0, &addition->id);
    }
    if (!right) args_fail(call, STREAM_ID_ERROR);
}

static void take_id_and_options(struct call *call, struct addition *addition) {
    while (args_left(call) > 0) {
        struct bytes next = args_peek(call, 0);
        if (next.len == 1 && next.data[0] == '*') {
            args_bytes(call);
            return;
        }
        bool is_word = next.len > 0 && (next.data[0] < '0' || next.data[0] > '9');
        if (is_word && args_word(call, "NOMKSTREAM")) addition->no_stream = true;
        else if (!is_word || !stream_trim_options_take(call, &addition->options)) {
            if (!args_failed(call)) take_new_id(call, addition);
            return;
        }
    }
}

static void take_addition(struct call *call, struct addition *addition) {
    take_id_and_options(call, addition);
    stream_trim_options_settle(call, &addition->options);
    if (args_failed(call)) return;
    int left = args_left(call);
    if (left < 2 || left % 2 != 0) {
        args_wrong_number(call);
        return;
    }
    addition->pairs = call->argv + args_index(call);
    addition->pair_count = (uint32_t)left / 2;
    if (addition->form == ID_GIVEN && stream_id_is_zero(addition->id))
        args_fail(call, "ERR The ID specified in XADD must be greater than 0-0");
}

/* The id of the entry; NULL, or why there is none. */
static const char *choose_id(struct call *call, struct addition *addition, struct stream_id last) {
    static const char low[] = "ERR The ID specified in XADD is equal or smaller than the target "
                              "stream top item";
    if (stream_id_equal(last, STREAM_ID_MAX))
        return "ERR The stream has exhausted the last possible ID, unable to add more items";
    struct stream_id *id = &addition->id;
    if (addition->form == ID_AUTO) {
        *id = (struct stream_id){(uint64_t)call_now_ms(call), 0};
        if (id->ms <= last.ms) {
            *id = last;
            stream_id_next(id);
        }
        return NULL;
    }
    if (addition->form == ID_SEQ_AUTO && id->ms == last.ms) {
        if (last.seq == UINT64_MAX) return low;
        id->seq = last.seq + 1;
    }
    return stream_id_compare(*id, last) > 0 ? NULL : low;
}

static bool is_too_large(const struct addition *addition) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < 2 * addition->pair_count; i++) bytes += addition->pairs[i].len;
    return bytes > STREAM_BLOCK_BYTES_MAX;
}

/* Adds the entry to the stream, which is made where there is none. NULL: refused, and said. */
static struct stream *add_entry(struct edit *edit, const struct addition *addition) {
    const struct collection_limits *limits = &edit->call->executor->keyspace.limits;
    bool makes = !edit_exists(edit);
    struct stream *stream = makes ? stream_create() : stream_of(&edit->value);
    if (!stream_append(stream, limits, addition->id, addition->pairs, addition->pair_count)) {
        if (makes) stream_destroy(stream);
        stream_refuse_memory(edit);
        return NULL;
    }
    if (!makes) return stream;
    struct value value = stream_value(stream);
    if (edit_store(edit, &value)) return stream;
    stream_destroy(stream);
    return NULL;
}

/* The entry with its id, and the length that trimming came to. */
static void tell_addition(struct call *call, struct bytes key, const struct addition *addition,
                          uint64_t trimmed, uint64_t length) {
    int argc = 3 + 2 * (int)addition->pair_count + (trimmed > 0 ? 3 : 0), at = 0;
    struct bytes *argv = arena_allocate(call_arena(call), (size_t)argc * sizeof(*argv));
    argv[at++] = BYTES("XADD");
    argv[at++] = key;
    if (trimmed > 0) {
        argv[at++] = BYTES("MAXLEN");
        argv[at++] = BYTES("=");
        argv[at++] = call_integer_text(call, (int64_t)length);
    }
    argv[at++] = stream_id_arena_text(call, addition->id);
    memcpy(argv + at, addition->pairs, 2 * addition->pair_count * sizeof(*argv));
    call_effect(call, argv, argc);
}

void stream_xadd(struct call *call) {
    struct bytes key = args_key(call);
    struct addition addition = {.form = ID_AUTO};
    take_addition(call, &addition);
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, &stream_type)) return;
    const char *error = NULL;
    if (edit_exists(&edit) || !addition.no_stream) {
        error = choose_id(call, &addition,
                          edit_exists(&edit) ? stream_of(&edit.value)->last_id : STREAM_ID_MIN);
        if (error == NULL && is_too_large(&addition))
            error = "ERR Elements are too large to be stored";
    }
    if (error != NULL || (addition.no_stream && !edit_exists(&edit))) {
        edit_cancel(&edit);
        if (error != NULL) reply_error(call, "%s", error);
        else reply_null(call);
        return;
    }
    struct stream *stream = add_entry(&edit, &addition);
    if (stream == NULL) return;
    uint64_t trimmed = addition.options.wanted ? stream_trim(stream, &addition.options.trim) : 0;
    uint64_t length = stream->length;
    edit_commit(&edit, "xadd");
    if (trimmed > 0) edit_event(&edit, EVENT_STREAM, "xtrim");
    if (call_wants_effects(call)) tell_addition(call, key, &addition, trimmed, length);
    stream_reply_id(call, addition.id);
}

/* --- XTRIM, XDEL --- */

void stream_xtrim(struct call *call) {
    struct bytes key = args_key(call);
    struct stream_trim_options options = {.wanted = false};
    while (args_left(call) > 0)
        if (!stream_trim_options_take(call, &options)) args_syntax_error(call);
    stream_trim_options_settle(call, &options);
    if (!args_failed(call) && !options.wanted)
        args_fail(call, "ERR syntax error, XTRIM must be called with a trimming strategy");
    if (args_failed(call)) return;

    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    if (stream == NULL) {
        if (!call->failed) reply_integer(call, 0);
        return;
    }
    uint64_t trimmed = stream_trim(stream, &options.trim);
    uint64_t length = stream->length;
    if (trimmed == 0) {
        edit_cancel(&edit);
    } else {
        edit_commit(&edit, "xtrim");
        if (call_wants_effects(call))
            call_effect_of(call, BYTES("XTRIM"), key, BYTES("MAXLEN"), BYTES("="),
                           call_integer_text(call, (int64_t)length));
    }
    reply_integer(call, (int64_t)trimmed);
}

/* All arguments that are left as ids; NULL: a mistake was replied. */
static struct stream_id *take_ids(struct call *call, int count) {
    struct stream_id *ids = arena_allocate(call_arena(call), (size_t)count * sizeof(*ids));
    for (int i = 0; i < count; i++) ids[i] = stream_take_id(call);
    return args_failed(call) ? NULL : ids;
}

void stream_xdel(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    if (stream == NULL) {
        if (!call->failed) reply_integer(call, 0);
        return;
    }
    int count = args_left(call);
    struct stream_id *ids = take_ids(call, count);
    if (ids == NULL) {
        edit_cancel(&edit);
        return;
    }
    int64_t deleted = 0;
    for (int i = 0; i < count; i++) {
        if (!stream_delete(stream, ids[i])) continue;
        deleted++;
        if (stream_id_compare(ids[i], stream->max_deleted) > 0) stream->max_deleted = ids[i];
    }
    if (deleted > 0) edit_commit(&edit, "xdel");
    else edit_cancel(&edit);
    reply_integer(call, deleted);
}

/* --- XSETID --- */

struct counters {
    struct stream_id last_id;
    struct stream_id max_deleted;
    int64_t entries_added; /* -1: not given */
    bool max_deleted_given;
};

static void take_counters(struct call *call, struct counters *counters) {
    counters->entries_added = -1;
    counters->last_id = stream_take_id(call);
    while (args_left(call) > 0) {
        bool more = args_left(call) > 1;
        if (more && args_word(call, "ENTRIESADDED")) {
            counters->entries_added = args_integer(call, INT64_MIN, INT64_MAX);
            if (counters->entries_added < 0) args_fail(call, "ERR entries_added must be positive");
        } else if (more && args_word(call, "MAXDELETEDID")) {
            counters->max_deleted_given = true;
            counters->max_deleted = stream_take_id(call);
            if (!args_failed(call) &&
                stream_id_compare(counters->last_id, counters->max_deleted) < 0)
                args_fail(call, "ERR The ID specified in XSETID is smaller than the provided "
                                "max_deleted_entry_id");
        } else {
            args_syntax_error(call);
        }
    }
}

/* NULL, or what speaks against it. */
static const char *judge_counters(const struct stream *stream, const struct counters *counters) {
    if (stream_id_compare(counters->last_id, stream->max_deleted) < 0)
        return "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id";
    if (stream->length == 0) return NULL;
    if (stream_id_compare(counters->last_id, stream_final_id(stream)) < 0)
        return "ERR The ID specified in XSETID is smaller than the target stream top item";
    if (counters->entries_added >= 0 && stream->length > (uint64_t)counters->entries_added)
        return "ERR The entries_added specified in XSETID is smaller than the target stream "
               "length";
    return NULL;
}

void stream_xsetid(struct call *call) {
    struct bytes key = args_key(call);
    struct counters counters = {.max_deleted_given = false};
    take_counters(call, &counters);
    if (args_failed(call)) return;

    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    if (stream == NULL) {
        if (!call->failed) reply_error(call, "ERR no such key");
        return;
    }
    const char *error = judge_counters(stream, &counters);
    if (error != NULL) {
        edit_cancel(&edit);
        reply_error(call, "%s", error);
        return;
    }
    stream->last_id = counters.last_id;
    if (counters.entries_added >= 0) stream->entries_added = (uint64_t)counters.entries_added;
    if (counters.max_deleted_given) stream->max_deleted = counters.max_deleted;
    edit_commit(&edit, "xsetid");
    reply_ok(call);
}
