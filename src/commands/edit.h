/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Keys: the only way in which a handler reads or changes them.
 *
 * key_read gives a view of a value. edit_open gives the right to change one key; edit_commit does
 * what every change owes: WATCH, keyspace event, journal, expiry, count of changes. Several edits
 * of different keys may be open at once. A view is valid until the next change of the database.
 *
 * Budget: edit_open is one lookup; a SET over a key of the same size allocates nothing. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "commands/call.h"
#include "keyspace/keyspace.h"

/* --- reading --- */

enum key_read_flags {
    KEY_READ_NO_TOUCH = 1 << 0, /* leaves LRU and LFU alone: OBJECT, TTL, TYPE ... */
    KEY_READ_NO_STATS = 1 << 1, /* counts neither hit nor miss */
};

/* True when the key is there and of this type (NULL: any). Replies WRONGTYPE and sets
 * call->failed when it is of another. */
bool key_read(struct call *call, struct bytes key, const struct value_type *type,
              struct value *value);
/* The same with flags, in any database; `entry` (may be NULL) gets the entry, or NULL. */
bool key_peek(struct call *call, struct database *database, struct bytes key,
              const struct value_type *type, uint32_t flags, struct value *value,
              struct entry **entry);
bool key_exists(struct call *call, struct bytes key); /* not touched, not counted */

/* --- changing --- */

struct edit {
    struct call *call;
    struct database *database;
    struct bytes key;
    struct keyspace_place place;
    uint64_t shape;
    struct value value; /* what is there; undefined when not edit_exists. Refreshed by stores */
    bool open;
    bool was_there;
    bool stale; /* see edit_open_stale */
};

/* Opens `key` for a value of `type` (NULL: any). False: WRONGTYPE was replied, nothing is open. */
bool edit_open(struct edit *edit, struct call *call, struct bytes key,
               const struct value_type *type);
bool edit_open_in(struct edit *edit, struct call *call, struct database *database, struct bytes key,
                  const struct value_type *type);
/* edit_open for values that end and begin again all the time: a key whose time has come may still
 * lie there, `stale`. It has no value any more: it is to be stored over or deleted, and then has
 * expired for events, journal and counts when the edit is committed; who cancels leaves it to
 * expire. Saves a removal and an insertion for each such end. */
bool edit_open_stale(struct edit *edit, struct call *call, struct bytes key,
                     const struct value_type *type);
/* Opens the first of the next `count` arguments, keys, that holds something. False: none does, or
 * one holds another type, which was replied. */
bool edit_open_first(struct edit *edit, struct call *call, int count,
                     const struct value_type *type);
static inline bool edit_exists(const struct edit *edit) { return edit->place.entry != NULL; }
bool edit_has_deadline(const struct edit *edit);
int64_t edit_deadline_ms(const struct edit *edit);

/* Stores a value, taking BOXED ones; the deadline that was there stays (edit_store) or goes
 * (edit_replace), or is set (edit_replace_until). False: out of memory was replied, nothing
 * changed, nothing was taken, the edit is cancelled. */
bool edit_store(struct edit *edit, const struct value *value) MUST_CHECK;
bool edit_replace(struct edit *edit, const struct value *value) MUST_CHECK;
bool edit_replace_until(struct edit *edit, const struct value *value,
                        int64_t deadline_ms) MUST_CHECK;
/* The deadline as it is said, and no event of a value that was overwritten. */
bool edit_store_until(struct edit *edit, const struct value *value, bool has_deadline,
                      int64_t deadline_ms) MUST_CHECK;
/* edit_store_until, the key staying for edit_open_stale for a while: keyspace_store_lingering. */
bool edit_store_lingering(struct edit *edit, const struct value *value, int64_t deadline_ms,
                          int64_t linger_ms) MUST_CHECK;
/* Several keys or none: edit_make asks for the memory, for all of them first; then edit_put stores
 * what was made, over what is there, and cannot fail. NULL: out of memory was replied, nothing was
 * taken, the edit is cancelled. What is not put after all goes by edit_unmake. */
struct entry *edit_make(struct edit *edit, const struct value *value, bool has_deadline,
                        int64_t deadline_ms) MUST_CHECK;
void edit_put(struct edit *edit, struct entry *made);
void edit_unmake(struct edit *edit, struct entry *made);
/* Changes pointer, integer or encoding of the value in place; the old one is not destroyed. */
void edit_rewrite(struct edit *edit, const struct value *value);
/* Gives the INLINED value `len` bytes, the common beginning kept; where they are, writable until
 * the next change. NULL: out of memory was replied and the edit is cancelled. */
uint8_t *edit_resize(struct edit *edit, size_t len) MUST_CHECK;
/* False: out of memory was replied, nothing changed, the edit is cancelled. Never where the
 * deadline is in place. */
bool edit_set_deadline(struct edit *edit, int64_t deadline_ms) MUST_CHECK;
bool edit_clear_deadline(struct edit *edit) MUST_CHECK;
/* Whether the deadline would go over another of its kind. */
bool edit_deadline_in_place(const struct edit *edit, int64_t deadline_ms);
/* An element of the value ends sooner than any did. Stores notice by themselves. */
void edit_note_member_deadline(struct edit *edit, int64_t deadline_ms);
/* Takes the key out. Big values are freed elsewhere when `lazy`. */
void edit_delete(struct edit *edit, bool lazy);
/* Takes the key out and gives its BOXED value to the caller. */
void *edit_extract(struct edit *edit) MUST_CHECK;

/* Ends the edit. The event (NULL: none) is of the class of the value's type. */
void edit_commit(struct edit *edit, const char *event);
/* The same with the class said: EVENT_GENERIC for del, expire, rename_to ... */
void edit_commit_as(struct edit *edit, uint32_t event_class, const char *event);
/* An event more, while the edit is open or after. */
void edit_event(struct edit *edit, uint32_t event_class, const char *event);
/* Ends the edit: nothing was changed. */
void edit_cancel(struct edit *edit);
/* A database is about to be emptied or swapped, or has been: counts, watchers, readers. */
void edit_database_changed(struct call *call, struct database *database);
