/* SPDX-License-Identifier: BSD-3-Clause */
/* Changing a hash: what each word that does so owes. */
#include <assert.h>

#include "families/hash/hash_words.h"

#define EXPIRE_AT_ONCE_MAX 1000

bool hash_open(struct hash_edit *change, struct call *call, struct bytes key) {
    change->cleared = false;
    if (!edit_open(&change->edit, call, key, &hash_type)) return false;
    edit_home_init(&change->home, &change->edit);
    return true;
}

/* The key goes with its last field. */
static bool drop_when_empty(struct hash_edit *change) {
    if (!hash_exists(change) || hash_count(&change->edit.value, HASH_ALL) > 0) return false;
    edit_delete(&change->edit, false);
    change->edit.value = (struct value){.type = NULL};
    return true;
}

bool hash_meet(struct hash_edit *change, struct bytes field, struct hash_item *item) {
    if (!hash_exists(change)) return false;
    struct call *call = change->edit.call;
    struct value_home *home = hash_home(change);
    if (!hash_find(home->value, field, HASH_ALL, item)) return false;
    if (LIKELY(item->deadline_ms > call_members_now_ms(call))) return true;
    /* A thousand that were due are gone already, and this one is due as well. */
    hash_remove(home, field);
    change->cleared = true;
    struct bytes key = change->edit.key;
    if (call_wants_effects(call))
        executor_effect(call->executor, change->edit.database->index,
                        (const struct bytes[]){BYTES("HDEL"), key, field}, 3);
    call->executor->expiring_members = true;
    edit_event(&change->edit, EVENT_HASH, "hexpired");
    if (drop_when_empty(change)) edit_event(&change->edit, EVENT_GENERIC, "del");
    call->executor->expiring_members = false;
    return false;
}

void hash_take_out(struct hash_edit *change, struct bytes field) {
    bool removed = hash_remove(hash_home(change), field);
    assert(removed);
}

enum hash_outcome hash_store(struct hash_edit *change, struct bytes field, struct bytes value,
                             bool keep_deadline) {
    const struct collection_limits *limits = &change->edit.call->executor->keyspace.limits;
    return hash_put(hash_home(change), limits, field, value, keep_deadline);
}

bool hash_time(struct hash_edit *change, struct bytes field, int64_t deadline_ms) {
    if (!hash_set_deadline(hash_home(change), field, deadline_ms)) return false;
    if (deadline_ms >= 0) edit_note_member_deadline(&change->edit, deadline_ms);
    return true;
}

/* --- the end of an edit --- */

void hash_commit(struct hash_edit *change, const char *event) {
    edit_commit_as(&change->edit, EVENT_HASH, event);
}

void hash_commit_without(struct hash_edit *change, const char *event) {
    bool gone = drop_when_empty(change);
    edit_commit_as(&change->edit, EVENT_HASH, event);
    if (gone) edit_event(&change->edit, EVENT_GENERIC, "del");
}

void hash_cancel(struct hash_edit *change) {
    if (LIKELY(!change->cleared)) {
        edit_cancel(&change->edit);
        return;
    }
    edit_commit_as(&change->edit, EVENT_HASH, NULL);
    call_effect_none(change->edit.call);
}

void hash_forget(struct hash_edit *change) {
    struct call *call = change->edit.call;
    if (!change->edit.open && !hash_open(change, call, change->edit.key)) return;
    if (!hash_exists(change)) return;
    edit_delete(&change->edit, false);
    change->edit.value = (struct value){.type = NULL};
}

void hash_refused(struct hash_edit *change, bool changed) {
    struct call *call = change->edit.call;
    if (!call->failed) reply_no_memory(call, "the value");
    bool cleared = change->cleared;
    if (!change->edit.open && !hash_open(change, call, change->edit.key)) return;
    change->cleared = cleared;
    drop_when_empty(change); /* a hash that was made for a field that there was no room for */
    if (!changed) {
        hash_cancel(change);
        return;
    }
    edit_commit_as(&change->edit, EVENT_HASH, NULL);
    call_effect_none(call);
}

/* --- fields that end --- */

void hash_expire_fields(struct call *call, struct bytes key) {
    struct hash_edit change;
    struct hash_item item;
    struct hash_names names;
    int64_t now_ms = call_now_ms(call);
    if (!hash_names_begin(&names, call, EXPIRE_AT_ONCE_MAX)) return;
    if (!hash_open(&change, call, key)) return;
    while (names.count < EXPIRE_AT_ONCE_MAX && hash_exists(&change) &&
           hash_due(&change.edit.value, now_ms, &item)) {
        char *copy = arena_try_allocate(call_arena(call), item.field.len);
        if (copy == NULL) break;
        memcpy(copy, item.field.data, item.field.len);
        struct bytes field = bytes_make(copy, item.field.len);
        hash_names_add(&names, field);
        hash_take_out(&change, field);
    }
    if (names.count == 0) {
        edit_cancel(&change.edit);
        return;
    }
    hash_commit_without(&change, "hexpired");
    hash_effect_remove(call, key, &names);
}
