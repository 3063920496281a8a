/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading what is new, of several streams, waiting for it: XREAD, XREADGROUP. */
#include "commands/waiting.h"
#include "families/stream/stream_range.h"

struct request {
    bool of_group; /* XREADGROUP */
    bool blocks;
    bool no_ack;
    bool group_given;
    int64_t timeout_ms;
    uint64_t count; /* UINT64_MAX: all */
    struct bytes group;
    struct bytes consumer;
    int first_key; /* in argv; the ids stand behind the keys */
    int stream_count;
    /* While it is answered. */
    bool has_answered;
    struct reply_later later;
};

/* --- arguments --- */

static int64_t take_timeout_ms(struct call *call) {
    int64_t timeout_ms = 0;
    if (!text_to_integer(args_bytes(call), &timeout_ms))
        args_fail(call, "ERR timeout is not an integer or out of range");
    else if (timeout_ms < 0) args_fail(call, "ERR timeout is negative");
    else if (timeout_ms > INT64_MAX - call_now_ms(call))
        args_fail(call, "ERR timeout is out of range");
    return timeout_ms;
}

static void take_group(struct call *call, struct request *request) {
    if (!request->of_group) {
        args_fail(call, "ERR The GROUP option is only supported by XREADGROUP. You called XREAD "
                        "instead.");
        return;
    }
    request->group_given = true;
    request->group = args_bytes(call);
    request->consumer = args_bytes(call);
}

static void take_streams(struct call *call, struct request *request) {
    request->first_key = args_index(call);
    int count = args_left(call);
    request->stream_count = count / 2;
    if (count % 2 != 0)
        args_fail(call,
                  "ERR Unbalanced '%s' list of streams: for each stream key an ID%s must be "
                  "specified.",
                  request->of_group ? "xreadgroup" : "xread",
                  request->of_group ? " or '>'" : ", '+', or '$'");
}

static void take_option(struct call *call, struct request *request) {
    bool more = args_left(call) > 1;
    if (more && args_word(call, "BLOCK")) {
        request->blocks = true;
        request->timeout_ms = take_timeout_ms(call);
    } else if (more && args_word(call, "COUNT")) {
        int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
        request->count = count <= 0 ? UINT64_MAX : (uint64_t)count;
    } else if (more && args_word(call, "STREAMS")) {
        take_streams(call, request);
    } else if (args_left(call) > 2 && args_word(call, "GROUP")) {
        take_group(call, request);
    } else if (args_word(call, "NOACK")) {
        request->no_ack = true;
        if (!request->of_group)
            args_fail(call, "ERR The NOACK option is only supported by XREADGROUP. You called "
                            "XREAD instead.");
    } else {
        args_syntax_error(call);
    }
}

static bool take_request(struct call *call, struct request *request) {
    request->count = UINT64_MAX;
    while (args_left(call) > 0 && request->first_key == 0) take_option(call, request);
    if (!args_failed(call) && request->first_key == 0) args_syntax_error(call);
    if (!args_failed(call) && request->of_group && !request->group_given)
        args_fail(call, "ERR Missing GROUP option for XREADGROUP");
    return !args_failed(call);
}

static struct bytes key_of(const struct call *call, const struct request *request, int index) {
    return call->argv[request->first_key + index];
}

static struct bytes id_of(const struct call *call, const struct request *request, int index) {
    return call->argv[request->first_key + request->stream_count + index];
}

/* --- answers --- */

/* The beginning of the answer of one more stream. */
static void begin_stream(struct call *call, struct request *request, struct bytes key) {
    if (!request->has_answered) request->later = reply_later_open(call);
    request->has_answered = true;
    if (call->output->protocol == 2) reply_array(call, 2);
    reply_bulk(call, key);
}

static void end_answer(struct call *call, struct request *request) {
    reply_later_close(call, request->later, call->output->protocol == 2 ? '*' : '%');
}

static void give_up(struct call *call) { reply_null_array(call); }

/* Waits, if that was asked for; `argv` as in wait_request. */
static void wait_or_null(struct call *call, const struct request *request,
                         const struct bytes *argv) {
    if (!request->blocks) {
        reply_null_array(call);
        return;
    }
    struct wait_request wait = {.keys = call->argv + request->first_key,
                                .key_count = (size_t)request->stream_count,
                                .timeout_ms = request->timeout_ms,
                                .type = &stream_type,
                                .wake_when_gone = request->of_group,
                                .argv = argv,
                                .give_up = give_up};
    wait_for_keys(call, &wait);
}

/* --- XREAD --- */

/* The id behind which a stream is read. False: a mistake was replied. */
static bool settle_id(struct call *call, const struct request *request, int index,
                      struct stream_id *after) {
    const struct stream *stream = stream_read(call, key_of(call, request, index));
    if (call->failed) return false;
    struct bytes text = id_of(call, request, index);
    *after = stream == NULL ? STREAM_ID_MIN : stream->last_id;
    if (bytes_equal(text, BYTES("$"))) return true;
    if (bytes_equal(text, BYTES("+"))) {
        if (stream == NULL || stream->length == 0) return true;
        *after = stream_final_id(stream);
        stream_id_previous(after);
        return true;
    }
    if (bytes_equal(text, BYTES(">")))
        reply_error(call, "ERR The > ID can be specified only when calling XREADGROUP using the "
                          "GROUP <group> <consumer> option.");
    else if (!stream_id_parse(text, 0, after)) reply_error(call, STREAM_ID_ERROR);
    return !call->failed;
}

/* The arguments with ids in the place of $ and +. */
static const struct bytes *settled_arguments(struct call *call, const struct request *request,
                                             const struct stream_id *after) {
    struct bytes *argv = arena_allocate(call_arena(call), (size_t)call->argc * sizeof(*argv));
    memcpy(argv, call->argv, (size_t)call->argc * sizeof(*argv));
    for (int i = 0; i < request->stream_count; i++)
        argv[request->first_key + request->stream_count + i] = stream_id_arena_text(call, after[i]);
    return argv;
}

/* Answers what lies behind `after` in one of the streams. */
static void read_stream(struct call *call, struct request *request, int index,
                        struct stream_id after) {
    struct value value;
    struct bytes key = key_of(call, request, index);
    if (!key_peek(call, call->database, key, &stream_type, KEY_READ_NO_STATS, &value, NULL)) return;
    struct stream_range range = {.end = STREAM_ID_MAX, .left = request->count};
    if (!stream_id_next(&after)) return;
    if (!stream_range_start(&range, stream_of(&value), after)) return;
    if (request->stream_count == 1) {
        range.key_index = request->first_key;
        request->has_answered = true;
        stream_range_answer_whole(call, &value, &range);
        return;
    }
    begin_stream(call, request, key);
    stream_range_answer(call, &range);
}

void stream_xread(struct call *call) {
    struct request request = {.of_group = false};
    if (!take_request(call, &request)) return;
    struct stream_id *after = arena_allocate(call_arena(call),
                                             (size_t)request.stream_count * sizeof(*after));
    for (int i = 0; i < request.stream_count; i++)
        if (!settle_id(call, &request, i, &after[i])) return;
    for (int i = 0; i < request.stream_count; i++) read_stream(call, &request, i, after[i]);
    if (!request.has_answered)
        wait_or_null(call, &request, settled_arguments(call, &request, after));
    else if (request.stream_count > 1) end_answer(call, &request);
}

/* --- XREADGROUP --- */

/* Looks whether all can be read, before anything changes. */
static bool check_groups(struct call *call, const struct request *request) {
    for (int i = 0; i < request->stream_count; i++) {
        struct bytes key = key_of(call, request, i), text = id_of(call, request, i);
        const struct stream *stream = stream_read(call, key);
        if (call->failed) return false;
        struct stream_id id;
        if (stream == NULL || stream_group_find(stream, request->group) == NULL)
            reply_error(call,
                        "NOGROUP No such key '%.*s' or consumer group '%.*s' in XREADGROUP with "
                        "GROUP option",
                        (int)key.len, key.data, (int)request->group.len, request->group.data);
        else if (bytes_equal(text, BYTES("$")) || bytes_equal(text, BYTES("+")))
            reply_error(call,
                        "ERR The %c ID is meaningless in the context of XREADGROUP: you want to "
                        "read the history of this consumer by specifying a proper ID, or use the "
                        "> ID to get new messages. The %c ID would just return an empty result "
                        "set.",
                        text.data[0], text.data[0]);
        else if (!bytes_equal(text, BYTES(">")) && !stream_id_parse(text, 0, &id))
            reply_error(call, STREAM_ID_ERROR);
        if (call->failed) return false;
    }
    return true;
}

/* One stream being read by a consumer. */
struct delivery {
    struct call *call;
    struct request *request;
    struct bytes key;
    struct stream *stream;
    struct stream_group *group;
    struct stream_consumer *consumer;
    bool changed;
};

/* What has been given out is pending now, whosever it was before. */
static void make_pending(struct delivery *delivery, struct stream_id id) {
    struct stream_group *group = delivery->group;
    int64_t now_ms = call_now_ms(delivery->call);
    struct stream_pending *pending = stream_pending_find(&group->pending, id);
    if (pending == NULL) {
        pending = stream_pending_add(group, delivery->consumer, id, now_ms, 1);
    } else {
        stream_pending_move(pending, delivery->consumer);
        pending->delivered_ms = now_ms;
        pending->deliveries = 1;
    }
    if (call_wants_effects(delivery->call))
        stream_effect_pending(delivery->call, delivery->key, group, pending);
}

static void deliver_new(struct delivery *delivery) {
    struct call *call = delivery->call;
    struct stream_id after = delivery->group->last_id;
    struct stream_range range = {.end = STREAM_ID_MAX, .left = delivery->request->count};
    if (!stream_id_next(&after) || !stream_range_start(&range, delivery->stream, after)) return;
    delivery->changed = true;
    delivery->consumer->active_ms = call_now_ms(call);
    begin_stream(call, delivery->request, delivery->key);
    struct reply_later later = reply_later_open(call);
    for (; stream_range_holds(&range); range.left--) {
        stream_reply_entry(call, &range.walk.entry);
        stream_group_advance(delivery->stream, delivery->group, range.walk.entry.id);
        if (!delivery->request->no_ack) make_pending(delivery, range.walk.entry.id);
        range.on = stream_walk_next(&range.walk);
    }
    reply_later_close(call, later, '*');
    call_effect_none(call);
    if (call_wants_effects(call)) stream_effect_group(call, delivery->key, delivery->group);
}

/* Gives once more what is pending behind `after`. */
static void deliver_history(struct delivery *delivery, struct stream_id after) {
    struct call *call = delivery->call;
    begin_stream(call, delivery->request, delivery->key);
    struct reply_later later = reply_later_open(call);
    struct ordered_cursor cursor;
    struct stream_pending *pending = stream_id_next(&after)
                                         ? stream_pending_seek(&delivery->consumer->pending, after,
                                                               &cursor)
                                         : NULL;
    for (uint64_t left = delivery->request->count; pending != NULL && left > 0; left--) {
        struct stream_walk walk;
        if (stream_walk_from(&walk, delivery->stream, pending->id) &&
            stream_id_equal(walk.entry.id, pending->id)) {
            stream_reply_entry(call, &walk.entry);
            pending->delivered_ms = call_now_ms(call);
            pending->deliveries++;
            delivery->changed = true;
            if (call_wants_effects(call))
                stream_effect_pending(call, delivery->key, delivery->group, pending);
        } else {
            reply_array(call, 2);
            stream_reply_id(call, pending->id);
            reply_null_array(call);
        }
        pending = ordered_cursor_next(&cursor);
    }
    reply_later_close(call, later, '*');
    call_effect_none(call);
}

/* The consumer, made when it is not there. */
static bool find_consumer(struct edit *edit, struct delivery *delivery) {
    struct call *call = delivery->call;
    struct bytes name = delivery->request->consumer;
    delivery->consumer = stream_consumer_find(delivery->group, name);
    if (delivery->consumer == NULL) {
        delivery->consumer = stream_consumer_try_add(delivery->group, name, call_now_ms(call));
        if (delivery->consumer == NULL) {
            stream_refuse_memory(edit);
            return false;
        }
        delivery->changed = true;
        edit_event(edit, EVENT_STREAM, "xgroup-createconsumer");
        call_effect_none(call);
        if (call_wants_effects(call))
            stream_effect_consumer(call, delivery->key, delivery->group, delivery->consumer);
    }
    delivery->consumer->seen_ms = call_now_ms(call);
    return true;
}

static void read_for_group(struct call *call, struct request *request, int index) {
    struct delivery delivery = {
        .call = call, .request = request, .key = key_of(call, request, index)};
    struct edit edit;
    delivery.stream = stream_open(&edit, call, delivery.key, false);
    if (delivery.stream == NULL) return;
    delivery.group = stream_group_find(delivery.stream, request->group);
    if (!find_consumer(&edit, &delivery)) return;
    struct bytes text = id_of(call, request, index);
    struct stream_id after;
    if (!bytes_equal(text, BYTES(">")) && stream_id_parse(text, 0, &after))
        deliver_history(&delivery, after);
    else deliver_new(&delivery);
    if (delivery.changed) edit_commit(&edit, NULL);
    else edit_cancel(&edit);
}

void stream_xreadgroup(struct call *call) {
    struct request request = {.of_group = true};
    if (!take_request(call, &request) || !check_groups(call, &request)) return;
    struct reply_mark mark = reply_mark(call);
    for (int i = 0; i < request.stream_count && !call->failed; i++)
        read_for_group(call, &request, i);
    if (call->failed) {
        reply_rewind(call, mark);
        reply_error(call, "OOM command not allowed: no memory for the value");
    } else if (request.has_answered) {
        end_answer(call, &request);
    } else {
        wait_or_null(call, &request, NULL);
    }
}
