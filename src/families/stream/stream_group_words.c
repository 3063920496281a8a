/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups and their consumers: XGROUP, XACK. */
#include "commands/help.h"
#include "families/stream/stream_words.h"

/* --- XGROUP --- */

static void reply_no_group(struct call *call, struct bytes key, struct bytes group) {
    reply_error(call, "NOGROUP No such consumer group '%.*s' for key name '%.*s'", (int)group.len,
                group.data, (int)key.len, key.data);
}

/* Opens the stream that must be there; NULL: replied. */
static struct stream *open_existing(struct edit *edit, struct call *call, struct bytes key) {
    struct stream *stream = stream_open(edit, call, key, false);
    if (stream == NULL && !call->failed)
        reply_error(call, "ERR The XGROUP subcommand requires the key to exist. Note that for "
                          "CREATE you may want to use the MKSTREAM option to create an empty "
                          "stream automatically.");
    return stream;
}

/* The same with the group that must be there. */
static struct stream_group *open_group(struct edit *edit, struct call *call, struct bytes key,
                                       struct bytes name, struct stream **stream) {
    *stream = open_existing(edit, call, key);
    if (*stream == NULL) return NULL;
    struct stream_group *group = stream_group_find(*stream, name);
    if (group == NULL) {
        edit_cancel(edit);
        reply_no_group(call, key, name);
    }
    return group;
}

struct position {
    struct bytes id; /* "$" or an id */
    bool makes_stream;
    int64_t entries_read;
};

static struct position take_position(struct call *call, bool creates) {
    struct position position = {.entries_read = STREAM_READ_UNKNOWN};
    position.id = args_bytes(call);
    while (args_left(call) > 0) {
        if (creates && args_word(call, "MKSTREAM")) {
            position.makes_stream = true;
        } else if (args_left(call) > 1 && args_word(call, "ENTRIESREAD")) {
            position.entries_read = args_integer(call, INT64_MIN, INT64_MAX);
            if (position.entries_read < STREAM_READ_UNKNOWN)
                args_fail(call, "ERR value for ENTRIESREAD must be positive or -1");
        } else {
            reply_wrong_subcommand(call);
        }
    }
    return position;
}

/* False: it is no id. SETID takes - and + as well, as the peers do. */
static bool settle_position(const struct position *position, const struct stream *stream,
                            bool takes_ends, struct stream_id *id) {
    if (takes_ends && bytes_equal(position->id, BYTES("-"))) {
        *id = STREAM_ID_MIN;
        return true;
    }
    if (takes_ends && bytes_equal(position->id, BYTES("+"))) {
        *id = STREAM_ID_MAX;
        return true;
    }
    if (!bytes_equal(position->id, BYTES("$"))) return stream_id_parse(position->id, 0, id);
    *id = stream == NULL ? STREAM_ID_MIN : stream->last_id;
    return true;
}

/* The stream with a group more, stored where it was not there. */
static void create(struct edit *edit, struct bytes name, struct stream_id id,
                   int64_t entries_read) {
    bool makes = !edit_exists(edit);
    struct stream *stream = makes ? stream_create() : stream_of(&edit->value);
    if (stream_group_try_add(stream, name, id, entries_read) == NULL) {
        if (makes) stream_destroy(stream);
        stream_refuse_memory(edit);
        return;
    }
    if (makes) {
        struct value value = stream_value(stream);
        if (!edit_store(edit, &value)) {
            stream_destroy(stream);
            return;
        }
    }
    struct call *call = edit->call;
    edit_commit(edit, "xgroup-create");
    if (call_wants_effects(call))
        call_effect_of(call, BYTES("XGROUP"), BYTES("CREATE"), edit->key, name,
                       stream_id_arena_text(call, id), BYTES("MKSTREAM"), BYTES("ENTRIESREAD"),
                       call_integer_text(call, entries_read));
    reply_ok(call);
}

void stream_xgroup_create(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct position position = take_position(call, true);
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, &stream_type)) return;
    if (!edit_exists(&edit) && !position.makes_stream) {
        edit_cancel(&edit);
        if (open_existing(&edit, call, key) != NULL) edit_cancel(&edit);
        return;
    }
    struct stream *stream = edit_exists(&edit) ? stream_of(&edit.value) : NULL;
    struct stream_id id;
    const char *error = NULL;
    if (!settle_position(&position, stream, false, &id)) error = STREAM_ID_ERROR;
    else if (stream != NULL && stream_group_find(stream, name) != NULL)
        error = "BUSYGROUP Consumer Group name already exists";
    if (error != NULL) {
        edit_cancel(&edit);
        reply_error(call, "%s", error);
        return;
    }
    create(&edit, name, id, position.entries_read);
}

void stream_xgroup_setid(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct position position = take_position(call, false);
    if (args_failed(call)) return;

    struct edit edit;
    struct stream *stream;
    struct stream_group *group = open_group(&edit, call, key, name, &stream);
    if (group == NULL) return;
    struct stream_id id;
    if (!settle_position(&position, stream, true, &id)) {
        edit_cancel(&edit);
        reply_error(call, STREAM_ID_ERROR);
        return;
    }
    group->last_id = id;
    group->entries_read = position.entries_read;
    edit_commit(&edit, "xgroup-setid");
    if (call_wants_effects(call)) stream_effect_group(call, key, group);
    reply_ok(call);
}

void stream_xgroup_destroy(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct edit edit;
    struct stream *stream = open_existing(&edit, call, key);
    if (stream == NULL) return;
    struct stream_group *group = stream_group_find(stream, name);
    if (group != NULL) {
        stream_group_remove(stream, group);
        edit_commit(&edit, "xgroup-destroy");
    } else {
        edit_cancel(&edit);
    }
    reply_integer(call, group != NULL);
}

void stream_xgroup_createconsumer(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct bytes consumer = args_bytes(call);
    struct edit edit;
    struct stream *stream;
    struct stream_group *group = open_group(&edit, call, key, name, &stream);
    if (group == NULL) return;
    bool makes = stream_consumer_find(group, consumer) == NULL;
    if (!makes) {
        edit_cancel(&edit);
    } else if (stream_consumer_try_add(group, consumer, call_now_ms(call)) != NULL) {
        edit_commit(&edit, "xgroup-createconsumer");
    } else {
        stream_refuse_memory(&edit);
        return;
    }
    reply_integer(call, makes);
}

void stream_xgroup_delconsumer(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct bytes consumer_name = args_bytes(call);
    struct edit edit;
    struct stream *stream;
    struct stream_group *group = open_group(&edit, call, key, name, &stream);
    if (group == NULL) return;
    struct stream_consumer *consumer = stream_consumer_find(group, consumer_name);
    size_t pending = 0;
    if (consumer != NULL) {
        pending = consumer->pending.item_count;
        stream_consumer_remove(group, consumer);
        edit_commit(&edit, "xgroup-delconsumer");
    } else {
        edit_cancel(&edit);
    }
    reply_integer(call, (int64_t)pending);
}

void stream_xgroup_help(struct call *call) {
    static const char *const lines[] = {
        "CREATE <key> <groupname> <id|$> [option]",
        "    Create a new consumer group. Options are:",
        "    * MKSTREAM",
        "      Create the empty stream if it does not exist.",
        "    * ENTRIESREAD entries_read",
        "      Set the group's entries_read counter (internal use).",
        "CREATECONSUMER <key> <groupname> <consumer>",
        "    Create a new consumer in the specified group.",
        "DELCONSUMER <key> <groupname> <consumer>",
        "    Remove the specified consumer.",
        "DESTROY <key> <groupname>",
        "    Remove the specified group.",
        "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
        "    Set the current group ID and entries_read counter.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

/* --- XACK --- */

void stream_xack(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct edit edit;
    struct stream *stream = stream_open(&edit, call, key, false);
    struct stream_group *group = stream == NULL ? NULL : stream_group_find(stream, name);
    if (group == NULL) {
        if (stream != NULL) edit_cancel(&edit);
        if (!call->failed) reply_integer(call, 0);
        return;
    }
    int count = args_left(call);
    struct stream_id *ids = arena_allocate(call_arena(call), (size_t)count * sizeof(*ids));
    for (int i = 0; i < count; i++) ids[i] = stream_take_id(call);
    int64_t done = 0;
    for (int i = 0; i < count && !args_failed(call); i++) {
        struct stream_pending *pending = stream_pending_find(&group->pending, ids[i]);
        if (pending == NULL) continue;
        stream_pending_remove(group, pending);
        done++;
    }
    if (done > 0) edit_commit(&edit, NULL);
    else edit_cancel(&edit);
    if (!args_failed(call)) reply_integer(call, done);
}
