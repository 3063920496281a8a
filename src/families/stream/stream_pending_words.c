/* SPDX-License-Identifier: BSD-3-Clause */
/* What is pending: XPENDING. */
#include "families/stream/stream_words.h"

struct question {
    bool of_range;
    int64_t min_idle_ms;
    struct stream_id start;
    struct stream_id end;
    int64_t count;
    bool has_consumer;
    struct bytes consumer;
};

static void take_question(struct call *call, struct question *question) {
    if (args_left(call) == 0) return;
    question->of_range = true;
    int left = args_left(call);
    bool idle = left >= 3 && args_word(call, "IDLE");
    if (left < 3 || left > 6) {
        args_syntax_error(call);
        return;
    }
    if (idle) {
        question->min_idle_ms = args_integer(call, INT64_MIN, INT64_MAX);
        if (!args_failed(call) && left < 5) args_syntax_error(call);
    } else if (left > 4) {
        args_syntax_error(call);
    }
    /* The count is judged first, as Redis does. */
    struct bytes count = args_peek(call, 2);
    if (!args_failed(call) && !text_to_integer(count, &question->count))
        args_fail(call, "ERR value is not an integer or out of range");
    question->start = stream_take_range_start(call);
    question->end = stream_take_range_end(call);
    args_bytes(call);
    question->has_consumer = args_left(call) > 0;
    if (question->has_consumer) question->consumer = args_bytes(call);
}

static void reply_summary(struct call *call, const struct stream_group *group) {
    size_t count = group->pending.item_count;
    reply_array(call, 4);
    reply_integer(call, (int64_t)count);
    if (count == 0) {
        reply_null(call);
        reply_null(call);
        reply_null_array(call);
        return;
    }
    struct ordered_cursor cursor;
    const struct stream_pending *first = ordered_tree_at(&group->pending, 0, &cursor);
    const struct stream_pending *last = ordered_tree_at(&group->pending, count - 1, &cursor);
    stream_reply_id(call, first->id);
    stream_reply_id(call, last->id);
    struct reply_later later = reply_later_open(call);
    for (uint32_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        if (consumer->pending.item_count == 0) continue;
        reply_array(call, 2);
        reply_bulk(call, stream_consumer_name(consumer));
        reply_bulk_integer(call, (int64_t)consumer->pending.item_count);
    }
    reply_later_close(call, later, '*');
}

static void reply_range(struct call *call, const struct ordered_tree *tree,
                        const struct question *question) {
    int64_t now_ms = call_now_ms(call);
    struct reply_later later = reply_later_open(call);
    struct ordered_cursor cursor;
    const struct stream_pending *pending = stream_pending_seek(tree, question->start, &cursor);
    for (int64_t left = question->count; pending != NULL && left > 0;
         pending = ordered_cursor_next(&cursor)) {
        if (stream_id_compare(pending->id, question->end) > 0) break;
        int64_t idle_ms = now_ms - pending->delivered_ms;
        if (question->min_idle_ms > 0 && idle_ms < question->min_idle_ms) continue;
        left--;
        reply_array(call, 4);
        stream_reply_id(call, pending->id);
        reply_bulk(call, stream_consumer_name(pending->consumer));
        reply_integer(call, idle_ms < 0 ? 0 : idle_ms);
        reply_integer(call, (int64_t)pending->deliveries);
    }
    reply_later_close(call, later, '*');
}

void stream_xpending(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct question question = {.of_range = false};
    take_question(call, &question);
    if (args_failed(call)) return;

    const struct stream *stream = stream_read(call, key);
    if (call->failed) return;
    const struct stream_group *group = stream == NULL ? NULL : stream_group_find(stream, name);
    if (group == NULL) {
        reply_error(call, "NOGROUP No such key '%.*s' or consumer group '%.*s'", (int)key.len,
                    key.data, (int)name.len, name.data);
        return;
    }
    if (!question.of_range) {
        reply_summary(call, group);
        return;
    }
    const struct ordered_tree *tree = &group->pending;
    if (question.has_consumer) {
        const struct stream_consumer *consumer = stream_consumer_find(group, question.consumer);
        if (consumer == NULL) {
            reply_array(call, 0);
            return;
        }
        tree = &consumer->pending;
    }
    reply_range(call, tree, &question);
}
