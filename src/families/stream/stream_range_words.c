/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading ranges: XLEN, XRANGE, XREVRANGE. */
#include "families/stream/stream_range.h"

void stream_xlen(struct call *call) {
    const struct stream *stream = stream_read(call, args_key(call));
    if (!call->failed) reply_integer(call, stream == NULL ? 0 : (int64_t)stream->length);
}

/* --- a range --- */

bool stream_range_start(struct stream_range *range, const struct stream *stream,
                        struct stream_id from) {
    range->on = range->back ? stream_walk_back_from(&range->walk, stream, from)
                            : stream_walk_from(&range->walk, stream, from);
    return stream_range_holds(range);
}

bool stream_range_holds(const struct stream_range *range) {
    if (!range->on || range->left == 0) return false;
    int order = stream_id_compare(range->walk.entry.id, range->end);
    return range->back ? order >= 0 : order <= 0;
}

static void begin(struct call *call, struct stream_range *range) {
    range->begun = true;
    if (range->key_index > 0) {
        if (call->output->protocol == 2) {
            reply_array(call, 1);
            reply_array(call, 2);
        } else {
            reply_map(call, 1);
        }
        reply_bulk(call, call->argv[range->key_index]);
    }
    range->later = reply_later_open(call);
}

static bool step(struct call *call, void *state, size_t budget) {
    struct stream_range *range = state;
    if (!range->begun) begin(call, range);
    for (; stream_range_holds(range); range->left--) {
        if (budget-- == 0) return false;
        stream_reply_entry(call, &range->walk.entry);
        range->on = range->back ? stream_walk_previous(&range->walk)
                                : stream_walk_next(&range->walk);
    }
    reply_later_close(call, range->later, '*');
    return true;
}

void stream_range_answer(struct call *call, struct stream_range *range) {
    step(call, range, SIZE_MAX);
}

void stream_range_answer_whole(struct call *call, const struct value *value,
                               struct stream_range *range) {
    if (stream_of(value)->length <= READING_AT_ONCE || range->left <= READING_AT_ONCE) {
        stream_range_answer(call, range);
        return;
    }
    struct stream_range *state = memory_allocate(sizeof(*state));
    *state = *range;
    call_read_in_slices(call, value, 1, step, state, memory_free);
}

/* --- the words --- */

static uint64_t take_count(struct call *call) {
    int64_t count = INT64_MAX;
    while (args_left(call) > 0) {
        if (args_left(call) > 1 && args_word(call, "COUNT")) {
            count = args_integer(call, INT64_MIN, INT64_MAX);
            if (count < 0) count = 0;
        } else {
            args_syntax_error(call);
        }
    }
    return (uint64_t)count;
}

static void answer(struct call *call, bool back) {
    struct bytes key = args_key(call);
    struct stream_range range = {.back = back};
    struct stream_id from = back ? stream_take_range_end(call) : stream_take_range_start(call);
    range.end = back ? stream_take_range_start(call) : stream_take_range_end(call);
    range.left = take_count(call);
    if (args_failed(call)) return;

    struct value value;
    if (!key_read(call, key, &stream_type, &value)) {
        if (!call->failed) reply_array(call, 0);
        return;
    }
    if (range.left == 0) {
        reply_null_array(call);
        return;
    }
    stream_range_start(&range, stream_of(&value), from);
    stream_range_answer_whole(call, &value, &range);
}

void stream_xrange(struct call *call) { answer(call, false); }
void stream_xrevrange(struct call *call) { answer(call, true); }
