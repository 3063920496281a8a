/* SPDX-License-Identifier: BSD-3-Clause */
/* Values that go to another key or another database, or are there twice. */
#include "families/key/key_words.h"

/* Where a value is to go, and what it is on the way. */
struct parcel {
    struct value value;
    bool has_deadline;
    int64_t deadline_ms;
    uint32_t access; /* bits of use, which a moved value keeps */
};

static struct parcel parcel_of(const struct value *value, const struct entry *entry) {
    bool has_deadline = entry_has_deadline(entry);
    return (struct parcel){.value = *value,
                           .has_deadline = has_deadline,
                           .deadline_ms = has_deadline ? entry_deadline_ms(entry) : 0,
                           .access = access_bits(entry)};
}

/* Puts a value where `to` is open, over what is there. False: out of memory was replied and the
 * edit is cancelled. A value that arrives is new to its key, whatever was there before. */
static bool deliver(struct edit *to, const struct parcel *parcel) {
    bool stored = parcel->has_deadline ? edit_replace_until(to, &parcel->value, parcel->deadline_ms)
                                       : edit_replace(to, &parcel->value);
    if (!stored) return false;
    edit_event(to, EVENT_NEW, "new");
    to->was_there = true;
    return true;
}

/* Moves what `from` holds to where `to` is open, and ends both edits. */
static bool move_value(struct edit *from, struct edit *to, const char *from_event,
                       const char *to_event) {
    struct parcel parcel = parcel_of(&from->value, from->place.entry);
    if (!deliver(to, &parcel)) {
        edit_cancel(from);
        return false;
    }
    access_bits_set(to->place.entry, parcel.access);
    if (parcel.value.storage == VALUE_BOXED) parcel.value.boxed = edit_extract(from);
    else edit_delete(from, false);
    edit_commit_as(from, EVENT_GENERIC, from_event);
    edit_commit_as(to, EVENT_GENERIC, to_event);
    return true;
}

/* --- another key --- */

enum renaming { RENAMED, REFUSED, FAILED };

static enum renaming rename_key(struct call *call, bool only_new) {
    struct bytes key = args_key(call), new_key = args_key(call);
    struct edit from, to;
    edit_open(&from, call, key, NULL);
    if (!edit_exists(&from)) {
        edit_cancel(&from);
        reply_error(call, "ERR no such key");
        return FAILED;
    }
    if (bytes_equal(key, new_key)) {
        edit_cancel(&from);
        return REFUSED;
    }
    edit_open(&to, call, new_key, NULL);
    if (only_new && edit_exists(&to)) {
        edit_cancel(&to);
        edit_cancel(&from);
        return REFUSED;
    }
    return move_value(&from, &to, "rename_from", "rename_to") ? RENAMED : FAILED;
}

void key_word_rename(struct call *call) {
    if (rename_key(call, false) != FAILED) reply_ok(call);
}

void key_word_renamenx(struct call *call) {
    enum renaming renaming = rename_key(call, true);
    if (renaming != FAILED) reply_integer(call, renaming == RENAMED);
}

/* --- another database --- */

static const char same_object[] = "ERR source and destination objects are the same";

static struct database *read_database(struct call *call) {
    struct keyspace *keyspace = &call->executor->keyspace;
    int64_t index = args_integer(call, INT64_MIN, INT64_MAX);
    if (index < INT32_MIN || index > INT32_MAX) {
        args_fail(call, "ERR value is out of range, value must between -2147483648 and 2147483647");
    } else if (index < 0 || index >= keyspace->database_count) {
        args_fail(call, "ERR DB index is out of range");
    }
    return args_failed(call) ? call->database : &keyspace->databases[index];
}

void key_word_move(struct call *call) {
    struct bytes key = args_key(call);
    struct database *target = read_database(call);
    if (!args_failed(call) && target == call->database) args_fail(call, same_object);
    if (args_failed(call)) return;
    struct edit from, to;
    edit_open(&from, call, key, NULL);
    if (!edit_exists(&from)) {
        edit_cancel(&from);
        reply_integer(call, 0);
        return;
    }
    edit_open_in(&to, call, target, key, NULL);
    if (edit_exists(&to)) {
        edit_cancel(&to);
        edit_cancel(&from);
        reply_integer(call, 0);
        return;
    }
    if (move_value(&from, &to, "move_from", "move_to")) reply_integer(call, 1);
}

/* --- twice --- */

/* False: out of memory was replied. */
static bool duplicate(struct call *call, struct value *value) {
    if (value->storage != VALUE_BOXED) return true; /* storing copies it */
    value->boxed = value->type->copy(value->boxed);
    if (value->boxed != NULL) return true;
    reply_error(call, "OOM command not allowed: no memory for the value");
    return false;
}

/* Copies to where `to` is open and ends the edit. */
static void copy_value(struct edit *to, const struct value *value, const struct entry *entry) {
    struct call *call = to->call;
    struct parcel parcel = parcel_of(value, entry);
    if (!duplicate(call, &parcel.value)) {
        edit_cancel(to);
        return;
    }
    if (!deliver(to, &parcel)) {
        if (parcel.value.storage == VALUE_BOXED) value->type->destroy(parcel.value.boxed);
        return;
    }
    edit_commit_as(to, EVENT_GENERIC, "copy_to");
    reply_integer(call, 1);
}

void key_word_copy(struct call *call) {
    struct bytes key = args_key(call), new_key = args_key(call);
    struct database *target = call->database;
    bool replace = false;
    while (args_left(call) > 0) {
        if (args_word(call, "REPLACE")) replace = true;
        else if (args_left(call) > 1 && args_word(call, "DB")) target = read_database(call);
        else args_syntax_error(call);
    }
    if (!args_failed(call) && target == call->database && bytes_equal(key, new_key))
        args_fail(call, same_object);
    if (args_failed(call)) return;

    /* The edit first: opening it may let a key expire, and a view of the source would not outlive
     * that. */
    struct edit to;
    struct value value;
    struct entry *entry;
    edit_open_in(&to, call, target, new_key, NULL);
    if (!key_peek(call, call->database, key, NULL, 0, &value, &entry) ||
        (edit_exists(&to) && !replace)) {
        edit_cancel(&to);
        reply_integer(call, 0);
        return;
    }
    copy_value(&to, &value, entry);
}
