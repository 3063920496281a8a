/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/edit.h"

#include <assert.h>

#include "commands/args.h"
#include "commands/reading.h"
#include "commands/reply.h"

/* The key, once elements of its value that are due have gone, a thousand of them at most; it may be
 * gone itself then. */
static struct keyspace_place without_due_members(struct executor *executor,
                                                 struct database *database,
                                                 struct keyspace_place place) {
    const struct value_type *type = keyspace_entry_type(&executor->keyspace, place.entry);
    if (type->next_deadline_ms == NULL || executor->replaying || executor->expiry_paused ||
        executor->expiring_members)
        return place;
    struct value value;
    keyspace_value(&executor->keyspace, place.entry, &value);
    if (type->next_deadline_ms(&value) > executor->now_us / 1000) return place;
    struct bytes key = arena_copy(&executor->arena, entry_key(place.entry));
    executor_expire_members(executor, database, key, type);
    return keyspace_find(database, key, place.hash);
}

static bool is_due(const struct executor *executor, const struct entry *entry) {
    return entry_has_deadline(entry) && entry_deadline_ms(entry) <= executor->now_us / 1000 &&
           !executor->replaying;
}

/* A key that was found, which is gone when its time has come. While expiry is paused readers do
 * not see it and it stays; who is about to edit must find no second place for it: then it goes. */
static inline void leave_alive(struct executor *executor, struct database *database,
                               struct keyspace_place *place, bool edits) {
    if (place->entry == NULL) return;
    if (UNLIKELY(database->member_wheel != NULL))
        *place = without_due_members(executor, database, *place);
    if (place->entry == NULL || LIKELY(!is_due(executor, place->entry))) return;
    if (edits || !executor->expiry_paused)
        executor_remove(executor, database, place, REMOVAL_EXPIRED);
    place->entry = NULL;
}

static struct keyspace_place find_alive(struct executor *executor, struct database *database,
                                        struct bytes key, uint64_t hash, bool edits) {
    struct keyspace_place place = keyspace_find(database, key, hash);
    leave_alive(executor, database, &place, edits);
    return place;
}

/* --- reading --- */

bool key_peek(struct call *call, struct database *database, struct bytes key,
              const struct value_type *type, uint32_t flags, struct value *value,
              struct entry **entry) {
    struct executor *executor = call->executor;
    struct keyspace *keyspace = &executor->keyspace;
    uint64_t hash = call_key_hash(call, key);
    struct keyspace_place place = find_alive(executor, database, key, hash, false);
    if (entry != NULL) *entry = place.entry;
    if (place.entry == NULL) {
        if ((flags & KEY_READ_NO_STATS) == 0) keyspace->counters.misses++;
        executor_event(executor, EVENT_MISS, "keymiss", key, database->index);
        return false;
    }
    if ((flags & KEY_READ_NO_STATS) == 0) keyspace->counters.hits++;
    if ((flags & KEY_READ_NO_TOUCH) == 0) access_touch(&keyspace->access, place.entry);
    keyspace_value(keyspace, place.entry, value);
    if (LIKELY(type == NULL || value->type == type)) return true;
    reply_wrong_type(call);
    return false;
}

bool key_read(struct call *call, struct bytes key, const struct value_type *type,
              struct value *value) {
    return key_peek(call, call->database, key, type, 0, value, NULL);
}

bool key_exists(struct call *call, struct bytes key) {
    uint64_t hash = call_key_hash(call, key);
    return find_alive(call->executor, call->database, key, hash, false).entry != NULL;
}

/* --- changing --- */

/* Opens what was found at `edit->place`. */
static inline bool open_found(struct edit *edit, const struct value_type *type) {
    struct call *call = edit->call;
    struct executor *executor = call->executor;
    edit->shape = edit->database->shape;
    if (edit->place.entry != NULL) {
        access_touch(&executor->keyspace.access, edit->place.entry);
        keyspace_value(&executor->keyspace, edit->place.entry, &edit->value);
        edit->was_there = !edit->stale;
        if (type != NULL && edit->value.type != type) {
            reply_wrong_type(call);
            return false;
        }
        if (UNLIKELY(executor->readings != NULL)) readings_finish(executor, &edit->value);
    }
    edit->open = true;
    call->open_edits++;
    return true;
}

bool edit_open_in(struct edit *edit, struct call *call, struct database *database, struct bytes key,
                  const struct value_type *type) {
    assert(command_may_edit(call->command));
    *edit = (struct edit){.call = call, .database = database, .key = key};
    edit->place = find_alive(call->executor, database, key, call_key_hash(call, key), true);
    return open_found(edit, type);
}

bool edit_open(struct edit *edit, struct call *call, struct bytes key,
               const struct value_type *type) {
    return edit_open_in(edit, call, call->database, key, type);
}

bool edit_open_stale(struct edit *edit, struct call *call, struct bytes key,
                     const struct value_type *type) {
    assert(command_may_edit(call->command));
    struct executor *executor = call->executor;
    *edit = (struct edit){.call = call, .database = call->database, .key = key};
    edit->place = keyspace_find(call->database, key, call_key_hash(call, key));
    const struct entry *entry = edit->place.entry;
    edit->stale = entry != NULL && is_due(executor, entry) && entry_storage(entry) != VALUE_BOXED &&
                  keyspace_entry_type(&executor->keyspace, entry) == type;
    if (!edit->stale) leave_alive(executor, call->database, &edit->place, true);
    return open_found(edit, type);
}

bool edit_open_first(struct edit *edit, struct call *call, int count,
                     const struct value_type *type) {
    for (int i = 0; i < count; i++) {
        if (!edit_open(edit, call, args_key(call), type)) return false;
        if (edit_exists(edit)) return true;
        edit_cancel(edit);
    }
    return false;
}

bool edit_has_deadline(const struct edit *edit) {
    return edit->place.entry != NULL && entry_has_deadline(edit->place.entry);
}

int64_t edit_deadline_ms(const struct edit *edit) {
    assert(edit_has_deadline(edit));
    return entry_deadline_ms(edit->place.entry);
}

/* Another edit may have moved what this one points at. */
static void settle(struct edit *edit) {
    assert(edit->open);
    if (LIKELY(edit->shape == edit->database->shape)) return;
    edit->place = keyspace_find(edit->database, edit->key, edit->place.hash);
    edit->shape = edit->database->shape;
    if (edit->place.entry != NULL)
        keyspace_value(&edit->call->executor->keyspace, edit->place.entry, &edit->value);
}

static void refresh(struct edit *edit) {
    edit->shape = edit->database->shape;
    keyspace_value(&edit->call->executor->keyspace, edit->place.entry, &edit->value);
}

static bool refuse_memory(struct edit *edit) {
    reply_error(edit->call, "OOM command not allowed: no memory for the value");
    edit_cancel(edit);
    return false;
}

static bool store(struct edit *edit, const struct value *value, bool has_deadline,
                  int64_t deadline_ms) {
    struct keyspace *keyspace = &edit->call->executor->keyspace;
    if (!keyspace_store(keyspace, edit->database, edit->key, &edit->place, value, has_deadline,
                        deadline_ms))
        return refuse_memory(edit);
    refresh(edit);
    return true;
}

bool edit_store(struct edit *edit, const struct value *value) {
    settle(edit);
    bool has_deadline = edit_has_deadline(edit);
    return store(edit, value, has_deadline, has_deadline ? edit_deadline_ms(edit) : 0);
}

/* Of a whole value by another: watchers of events may want to know. */
static void overwritten(struct edit *edit, const struct value_type *type) {
    struct executor *executor = edit->call->executor;
    if (LIKELY((executor->event_mask & (EVENT_OVERWRITTEN | EVENT_TYPE_CHANGED)) == 0)) return;
    if (!edit_exists(edit) || edit->stale) return;
    executor_event(executor, EVENT_OVERWRITTEN, "overwritten", edit->key, edit->database->index);
    if (edit->value.type != type)
        executor_event(executor, EVENT_TYPE_CHANGED, "type_changed", edit->key,
                       edit->database->index);
}

bool edit_replace(struct edit *edit, const struct value *value) {
    settle(edit);
    overwritten(edit, value->type);
    return store(edit, value, false, 0);
}

bool edit_replace_until(struct edit *edit, const struct value *value, int64_t deadline_ms) {
    settle(edit);
    overwritten(edit, value->type);
    return store(edit, value, true, deadline_ms);
}

bool edit_store_until(struct edit *edit, const struct value *value, bool has_deadline,
                      int64_t deadline_ms) {
    settle(edit);
    return store(edit, value, has_deadline, deadline_ms);
}

bool edit_store_lingering(struct edit *edit, const struct value *value, int64_t deadline_ms,
                          int64_t linger_ms) {
    settle(edit);
    struct keyspace *keyspace = &edit->call->executor->keyspace;
    if (!keyspace_store_lingering(keyspace, edit->database, edit->key, &edit->place, value,
                                  deadline_ms, linger_ms))
        return refuse_memory(edit);
    refresh(edit);
    return true;
}

struct entry *edit_make(struct edit *edit, const struct value *value, bool has_deadline,
                        int64_t deadline_ms) {
    struct entry *made = keyspace_make(&edit->call->executor->keyspace, edit->key, value,
                                       has_deadline, deadline_ms);
    if (made == NULL) refuse_memory(edit);
    return made;
}

void edit_put(struct edit *edit, struct entry *made) {
    struct keyspace *keyspace = &edit->call->executor->keyspace;
    settle(edit);
    edit->was_there = edit_exists(edit) && !edit->stale;
    overwritten(edit, keyspace_entry_type(keyspace, made));
    keyspace_put(keyspace, edit->database, &edit->place, made);
    refresh(edit);
}

void edit_unmake(struct edit *edit, struct entry *made) {
    keyspace_unmake(&edit->call->executor->keyspace, made);
}

void edit_rewrite(struct edit *edit, const struct value *value) {
    settle(edit);
    keyspace_rewrite(&edit->place, value);
    refresh(edit);
}

uint8_t *edit_resize(struct edit *edit, size_t len) {
    settle(edit);
    struct keyspace *keyspace = &edit->call->executor->keyspace;
    uint8_t *bytes = keyspace_resize(keyspace, edit->database, &edit->place, len);
    if (bytes == NULL) {
        refuse_memory(edit);
        return NULL;
    }
    refresh(edit);
    return bytes;
}

static bool change_deadline(struct edit *edit, bool has_deadline, int64_t deadline_ms) {
    settle(edit);
    if (!keyspace_set_deadline(&edit->call->executor->keyspace, edit->database, &edit->place,
                               has_deadline, deadline_ms))
        return refuse_memory(edit);
    refresh(edit);
    return true;
}

bool edit_set_deadline(struct edit *edit, int64_t deadline_ms) {
    return change_deadline(edit, true, deadline_ms);
}

bool edit_clear_deadline(struct edit *edit) { return change_deadline(edit, false, 0); }

bool edit_deadline_in_place(const struct edit *edit, int64_t deadline_ms) {
    return edit_exists(edit) && keyspace_deadline_in_place(&edit->place, true, deadline_ms);
}

void edit_note_member_deadline(struct edit *edit, int64_t deadline_ms) {
    settle(edit);
    keyspace_note_member_deadline(edit->database, edit->place.hash, deadline_ms);
}

void edit_delete(struct edit *edit, bool lazy) {
    settle(edit);
    keyspace_delete(&edit->call->executor->keyspace, edit->database, &edit->place, lazy);
    edit->shape = edit->database->shape;
}

void *edit_extract(struct edit *edit) {
    settle(edit);
    void *boxed = keyspace_extract(&edit->call->executor->keyspace, edit->database, &edit->place);
    edit->shape = edit->database->shape;
    return boxed;
}

void edit_event(struct edit *edit, uint32_t event_class, const char *event) {
    executor_event(edit->call->executor, event_class, event, edit->key, edit->database->index);
}

static void finish(struct edit *edit, uint32_t event_class, const char *event) {
    assert(edit->open);
    struct executor *executor = edit->call->executor;
    edit->open = false;
    edit->call->open_edits--;
    edit->call->changed = true;
    if (UNLIKELY(edit->stale)) executor_expired_in_place(edit->call, edit->database, edit->key);
    if (UNLIKELY(executor->event_mask != 0)) {
        if (!edit->was_there && keyspace_find(edit->database, edit->key, edit->place.hash).entry)
            edit_event(edit, EVENT_NEW, "new");
        if (event != NULL) edit_event(edit, event_class, event);
    }
    executor_changed(executor, edit->database, edit->key);
}

void edit_commit(struct edit *edit, const char *event) {
    uint32_t event_class = edit->value.type == NULL
                               ? EVENT_GENERIC
                               : event_class_of_letter(edit->value.type->event_class);
    finish(edit, event_class, event);
}

void edit_commit_as(struct edit *edit, uint32_t event_class, const char *event) {
    finish(edit, event_class, event);
}

void edit_cancel(struct edit *edit) {
    assert(edit->open);
    edit->open = false;
    edit->call->open_edits--;
}

void edit_database_changed(struct call *call, struct database *database) {
    readings_finish_all(call->executor);
    call->changed = true;
    call->executor->keyspace.counters.changes++;
    if (call->executor->hooks.database_changed != NULL)
        call->executor->hooks.database_changed(call->executor->context, database);
}
