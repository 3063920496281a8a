/* SPDX-License-Identifier: BSD-3-Clause */
/* What was given to one consumer and is taken over by another: XCLAIM, XAUTOCLAIM. */
#include "families/stream/stream_words.h"

/* A group opened to be claimed from. */
struct claim {
    struct call *call;
    struct edit edit;
    struct bytes key;
    struct bytes consumer_name;
    struct stream *stream;
    struct stream_group *group;
    struct stream_consumer *consumer;
    int64_t min_idle_ms;
    int64_t delivered_ms; /* what it shall be */
    int64_t retry_count;  /* -1: one more, unless `just_id` */
    bool force;
    bool just_id;
    bool changed;
};

/* False: replied. */
static bool open_claim(struct claim *claim, struct bytes group_name) {
    struct call *call = claim->call;
    claim->stream = stream_open(&claim->edit, call, claim->key, false);
    if (call->failed) return false;
    claim->group = claim->stream == NULL ? NULL : stream_group_find(claim->stream, group_name);
    if (claim->group != NULL) return true;
    if (claim->stream != NULL) edit_cancel(&claim->edit);
    reply_error(call, "NOGROUP No such key '%.*s' or consumer group '%.*s'", (int)claim->key.len,
                claim->key.data, (int)group_name.len, group_name.data);
    return false;
}

static bool find_consumer(struct claim *claim) {
    struct call *call = claim->call;
    claim->consumer = stream_consumer_find(claim->group, claim->consumer_name);
    if (claim->consumer == NULL) {
        claim->consumer = stream_consumer_try_add(claim->group, claim->consumer_name,
                                                  call_now_ms(call));
        if (claim->consumer == NULL) {
            stream_refuse_memory(&claim->edit);
            return false;
        }
        claim->changed = true;
        edit_event(&claim->edit, EVENT_STREAM, "xgroup-createconsumer");
        if (call_wants_effects(call))
            stream_effect_consumer(call, claim->key, claim->group, claim->consumer);
    }
    claim->consumer->seen_ms = call_now_ms(call);
    return true;
}

static void end_claim(struct claim *claim) {
    call_effect_none(claim->call);
    if (claim->changed) edit_commit(&claim->edit, NULL);
    else edit_cancel(&claim->edit);
}

/* What is pending has no entry any more. */
static void let_go(struct claim *claim, struct stream_pending *pending) {
    if (call_wants_effects(claim->call))
        stream_effect_ack(claim->call, claim->key, claim->group, pending->id);
    stream_pending_remove(claim->group, pending);
    claim->changed = true;
}

/* Makes it the consumer's, and answers with it. */
static void take_over(struct claim *claim, struct stream_pending *pending,
                      const struct stream_entry *entry) {
    struct call *call = claim->call;
    stream_pending_move(pending, claim->consumer);
    pending->delivered_ms = claim->delivered_ms;
    if (claim->retry_count >= 0) pending->deliveries = (uint64_t)claim->retry_count;
    else if (!claim->just_id) pending->deliveries++;
    claim->consumer->active_ms = call_now_ms(call);
    claim->changed = true;
    if (claim->just_id) stream_reply_id(call, pending->id);
    else stream_reply_entry(call, entry);
    if (call_wants_effects(call)) stream_effect_pending(call, claim->key, claim->group, pending);
}

static bool find_entry(const struct claim *claim, struct stream_walk *walk, struct stream_id id) {
    return stream_walk_from(walk, claim->stream, id) && stream_id_equal(walk->entry.id, id);
}

/* --- XCLAIM --- */

static void claim_one(struct claim *claim, struct stream_id id) {
    struct stream_walk walk;
    bool is_there = find_entry(claim, &walk, id);
    struct stream_pending *pending = stream_pending_find(&claim->group->pending, id);
    if (!is_there) {
        if (pending != NULL) let_go(claim, pending);
        return;
    }
    if (pending == NULL) {
        if (!claim->force) return;
        pending = stream_pending_add(claim->group, NULL, id, 0, 1);
    } else if (pending->consumer != NULL && claim->min_idle_ms > 0 &&
               call_now_ms(claim->call) - pending->delivered_ms < claim->min_idle_ms) {
        return;
    }
    take_over(claim, pending, &walk.entry);
}

struct claim_options {
    int id_count;
    struct stream_id last_id;
};

static int64_t take_number(struct call *call, const char *error) {
    int64_t number = 0;
    struct bytes text = args_bytes(call);
    if (!args_failed(call) && !text_to_integer(text, &number)) args_fail(call, "%s", error);
    return number;
}

static void take_claim_option(struct claim *claim, struct claim_options *options) {
    struct call *call = claim->call;
    bool more = args_left(call) > 1;
    if (args_word(call, "FORCE")) {
        claim->force = true;
    } else if (args_word(call, "JUSTID")) {
        claim->just_id = true;
    } else if (more && args_word(call, "IDLE")) {
        int64_t idle_ms = take_number(call, "ERR Invalid IDLE option argument for XCLAIM");
        if (__builtin_sub_overflow(call_now_ms(call), idle_ms, &claim->delivered_ms))
            claim->delivered_ms = call_now_ms(call);
    } else if (more && args_word(call, "TIME")) {
        claim->delivered_ms = take_number(call, "ERR Invalid TIME option argument for XCLAIM");
    } else if (more && args_word(call, "RETRYCOUNT")) {
        claim->retry_count = take_number(call, "ERR Invalid RETRYCOUNT option argument for XCLAIM");
    } else if (more && args_word(call, "LASTID")) {
        options->last_id = stream_take_id(call);
    } else {
        struct bytes word = args_peek(call, 0);
        args_fail(call, "ERR Unrecognized XCLAIM option '%.*s'", (int)word.len, word.data);
    }
}

/* The ids up to the first argument that is none, then options. */
static struct stream_id *take_claim(struct claim *claim, struct claim_options *options) {
    struct call *call = claim->call;
    struct stream_id *ids = arena_allocate(call_arena(call),
                                           (size_t)args_left(call) * sizeof(*ids));
    while (args_left(call) > 0 && stream_id_parse(args_peek(call, 0), 0, &ids[options->id_count])) {
        args_bytes(call);
        options->id_count++;
    }
    while (args_left(call) > 0) take_claim_option(claim, options);
    int64_t now_ms = call_now_ms(call);
    if (claim->delivered_ms < 0 || claim->delivered_ms > now_ms) claim->delivered_ms = now_ms;
    return ids;
}

/* The group is said to have been read as far. */
static void move_last_id(struct claim *claim, struct stream_id last_id) {
    if (stream_id_compare(last_id, claim->group->last_id) <= 0) return;
    claim->group->last_id = last_id;
    claim->changed = true;
    if (call_wants_effects(claim->call)) stream_effect_group(claim->call, claim->key, claim->group);
}

void stream_xclaim(struct call *call) {
    struct claim claim = {.call = call, .retry_count = -1, .delivered_ms = call_now_ms(call)};
    claim.key = args_key(call);
    struct bytes group_name = args_bytes(call);
    claim.consumer_name = args_bytes(call);
    if (!open_claim(&claim, group_name)) return;

    struct claim_options options = {.id_count = 0};
    claim.min_idle_ms = take_number(call, "ERR Invalid min-idle-time argument for XCLAIM");
    struct stream_id *ids = take_claim(&claim, &options);
    if (args_failed(call)) {
        edit_cancel(&claim.edit);
        return;
    }
    move_last_id(&claim, options.last_id);
    if (!find_consumer(&claim)) return;
    struct reply_later later = reply_later_open(call);
    for (int i = 0; i < options.id_count; i++) claim_one(&claim, ids[i]);
    reply_later_close(call, later, '*');
    end_claim(&claim);
}

/* --- XAUTOCLAIM --- */

#define AUTOCLAIM_COUNT 100
#define AUTOCLAIM_LOOKS 10 /* at so many entries for each that is wanted */
#define AUTOCLAIM_COUNT_MAX (INT64_MAX / 64)

struct automatic {
    struct stream_id start;
    int64_t count;
};

static void take_automatic(struct claim *claim, struct automatic *automatic) {
    struct call *call = claim->call;
    automatic->count = AUTOCLAIM_COUNT;
    claim->min_idle_ms = take_number(call, "ERR Invalid min-idle-time argument for XAUTOCLAIM");
    if (claim->min_idle_ms < 0) claim->min_idle_ms = 0;
    automatic->start = stream_take_range_start(call);
    while (args_left(call) > 0) {
        if (args_left(call) > 1 && args_word(call, "COUNT")) {
            if (!text_to_integer(args_bytes(call), &automatic->count) || automatic->count < 1 ||
                automatic->count > AUTOCLAIM_COUNT_MAX)
                args_fail(call, "ERR COUNT must be > 0");
        } else if (args_word(call, "JUSTID")) {
            claim->just_id = true;
        } else {
            args_syntax_error(call);
        }
    }
}

/* Claims from `start` on; gives where to go on, 0-0 at the end. What has no entry any more is let
 * go and left in `gone`, as many as `gone_count` says then. */
static struct stream_id claim_from(struct claim *claim, const struct automatic *automatic,
                                   struct stream_id *gone, size_t *gone_count) {
    int64_t now_ms = call_now_ms(claim->call), left = automatic->count;
    int64_t looks = automatic->count * AUTOCLAIM_LOOKS;
    struct ordered_cursor cursor;
    struct stream_pending *pending = stream_pending_seek(&claim->group->pending, automatic->start,
                                                         &cursor);
    while (pending != NULL && looks-- > 0 && left > 0) {
        struct stream_id id = pending->id;
        struct stream_walk walk;
        if (!find_entry(claim, &walk, id)) {
            let_go(claim, pending);
            gone[(*gone_count)++] = id;
            left--;
            pending = stream_pending_seek(&claim->group->pending, id, &cursor);
            continue;
        }
        if (claim->min_idle_ms == 0 || now_ms - pending->delivered_ms >= claim->min_idle_ms) {
            take_over(claim, pending, &walk.entry);
            left--;
        }
        pending = ordered_cursor_next(&cursor);
    }
    return pending == NULL ? STREAM_ID_MIN : pending->id;
}

void stream_xautoclaim(struct call *call) {
    struct claim claim = {.call = call, .retry_count = -1, .delivered_ms = call_now_ms(call)};
    struct automatic automatic;
    claim.key = args_key(call);
    struct bytes group_name = args_bytes(call);
    claim.consumer_name = args_bytes(call);
    take_automatic(&claim, &automatic);
    if (args_failed(call) || !open_claim(&claim, group_name) || !find_consumer(&claim)) return;

    size_t pending = claim.group->pending.item_count, gone_count = 0;
    size_t most = (uint64_t)automatic.count < pending ? (size_t)automatic.count : pending;
    struct stream_id *gone = arena_allocate(call_arena(call), (most + 1) * sizeof(*gone));
    reply_array(call, 3);
    /* The cursor is known when the entries have been answered: it is put in front of them. */
    struct reply_later whole = reply_later_open(call);
    struct stream_id next = claim_from(&claim, &automatic, gone, &gone_count);
    char text[STREAM_ID_TEXT_MAX];
    struct bytes cursor = stream_id_text(text, next);
    size_t offset = whole.offset;
    reply_later_close(call, whole, '*');
    struct bytes head = arena_format(call_arena(call), "$%zu\r\n%.*s\r\n", cursor.len,
                                     (int)cursor.len, cursor.data);
    output_insert(call->output, offset, head);
    call->reply_pending--;
    reply_array(call, gone_count);
    for (size_t i = 0; i < gone_count; i++) stream_reply_id(call, gone[i]);
    end_claim(&claim);
}
