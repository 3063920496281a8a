/* SPDX-License-Identifier: BSD-3-Clause */
/* Deleting entries with a word about groups that have them pending: XDELEX, XACKDEL. */
#include "families/stream/stream_words.h"

enum policy {
    KEEP_REFERENCES,   /* what is pending stays pending */
    DELETE_REFERENCES, /* and is forgotten by all groups */
    ONLY_ACKNOWLEDGED, /* goes only when all groups have read and acknowledged it */
};

/* What is answered for each id. */
enum verdict { ID_MISSING = -1, ID_DELETED = 1, ID_STILL_REFERRED_TO = 2 };

struct deletion {
    enum policy policy;
    int count;
    struct stream_id *ids;
};

static void take_ids(struct call *call, struct deletion *deletion) {
    int64_t count = 0;
    if (!text_to_integer(args_bytes(call), &count) || count < 1)
        args_fail(call, "ERR Number of IDs must be a positive integer");
    else if (count != args_left(call))
        args_fail(call, "ERR The `numids` parameter must match the number of arguments");
    if (args_failed(call)) return;
    deletion->count = (int)count;
    deletion->ids = arena_allocate(call_arena(call), (size_t)count * sizeof(*deletion->ids));
    for (int i = 0; i < deletion->count; i++) deletion->ids[i] = stream_take_id(call);
}

static void take_deletion(struct call *call, struct deletion *deletion) {
    while (args_left(call) > 0) {
        if (args_word(call, "KEEPREF")) deletion->policy = KEEP_REFERENCES;
        else if (args_word(call, "DELREF")) deletion->policy = DELETE_REFERENCES;
        else if (args_word(call, "ACKED")) deletion->policy = ONLY_ACKNOWLEDGED;
        else if (args_left(call) > 1 && args_word(call, "IDS")) take_ids(call, deletion);
        else args_syntax_error(call);
    }
    if (!args_failed(call) && deletion->count == 0) args_syntax_error(call);
}

static bool is_referred_to(const struct stream *stream, struct stream_id id) {
    for (uint32_t i = 0; i < stream->group_count; i++) {
        const struct stream_group *group = stream->groups[i];
        if (stream_id_compare(group->last_id, id) < 0) return true;
        if (stream_pending_find(&group->pending, id) != NULL) return true;
    }
    return false;
}

static void forget_everywhere(struct stream *stream, struct stream_id id) {
    for (uint32_t i = 0; i < stream->group_count; i++) {
        struct stream_pending *pending = stream_pending_find(&stream->groups[i]->pending, id);
        if (pending != NULL) stream_pending_remove(stream->groups[i], pending);
    }
}

static enum verdict delete_one(struct stream *stream, enum policy policy, struct stream_id id) {
    if (!stream_has(stream, id)) return ID_MISSING;
    if (policy == ONLY_ACKNOWLEDGED && is_referred_to(stream, id)) return ID_STILL_REFERRED_TO;
    if (policy == DELETE_REFERENCES) forget_everywhere(stream, id);
    stream_delete(stream, id);
    if (stream_id_compare(id, stream->max_deleted) > 0) stream->max_deleted = id;
    return ID_DELETED;
}

static void reply_missing(struct call *call, int count) {
    if (call->failed) return;
    reply_array(call, (size_t)count);
    for (int i = 0; i < count; i++) reply_integer(call, ID_MISSING);
}

void stream_xdelex(struct call *call) {
    struct bytes key = args_key(call);
    struct deletion deletion = {.policy = KEEP_REFERENCES};
    take_deletion(call, &deletion);
    if (args_failed(call)) return;

    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    if (stream == NULL) {
        reply_missing(call, deletion.count);
        return;
    }
    bool changed = false;
    reply_array(call, (size_t)deletion.count);
    for (int i = 0; i < deletion.count; i++) {
        enum verdict verdict = delete_one(stream, deletion.policy, deletion.ids[i]);
        changed |= verdict == ID_DELETED;
        reply_integer(call, verdict);
    }
    if (changed) edit_commit(&edit, "xdel");
    else edit_cancel(&edit);
}

void stream_xackdel(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct deletion deletion = {.policy = KEEP_REFERENCES};
    take_deletion(call, &deletion);
    if (args_failed(call)) return;

    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    struct stream_group *group = stream == NULL ? NULL : stream_group_find(stream, name);
    if (group == NULL) {
        if (stream != NULL) edit_cancel(&edit);
        reply_missing(call, deletion.count);
        return;
    }
    bool changed = false, deleted = false;
    reply_array(call, (size_t)deletion.count);
    for (int i = 0; i < deletion.count; i++) {
        struct stream_pending *pending = stream_pending_find(&group->pending, deletion.ids[i]);
        enum verdict verdict = ID_MISSING;
        if (pending != NULL) {
            stream_pending_remove(group, pending);
            changed = true;
            verdict = delete_one(stream, deletion.policy, deletion.ids[i]);
            deleted |= verdict == ID_DELETED;
            if (verdict == ID_MISSING) verdict = ID_DELETED; /* it had gone before */
        }
        reply_integer(call, verdict);
    }
    if (changed) edit_commit(&edit, deleted ? "xdel" : NULL);
    else edit_cancel(&edit);
}
