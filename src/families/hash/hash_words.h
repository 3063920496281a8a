/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in hash_commands.c. */
#include "collections/hash_value.h"
#include "commands/edit_home.h"
#include "commands/family.h"

/* hash_get_words.c */
void hash_hget(struct call *call);
void hash_hmget(struct call *call);
void hash_hlen(struct call *call);
void hash_hstrlen(struct call *call);
void hash_hexists(struct call *call);
/* hash_all_words.c */
void hash_hgetall(struct call *call);
void hash_hkeys(struct call *call);
void hash_hvals(struct call *call);
void hash_hscan(struct call *call);
/* hash_random_words.c */
void hash_hrandfield(struct call *call);
/* hash_set_words.c */
void hash_hset(struct call *call);
void hash_hmset(struct call *call);
void hash_hsetnx(struct call *call);
void hash_hdel(struct call *call);
void hash_hgetdel(struct call *call);
/* hash_counter_words.c */
void hash_hincrby(struct call *call);
void hash_hincrbyfloat(struct call *call);
/* hash_deadline_words.c */
void hash_hexpire(struct call *call);
void hash_hpexpire(struct call *call);
void hash_hexpireat(struct call *call);
void hash_hpexpireat(struct call *call);
void hash_httl(struct call *call);
void hash_hpttl(struct call *call);
void hash_hexpiretime(struct call *call);
void hash_hpexpiretime(struct call *call);
void hash_hpersist(struct call *call);
/* hash_timed_words.c */
void hash_hgetex(struct call *call);
void hash_hsetex(struct call *call);

/* hash_edit.c: takes out fields that are due, for the family. */
void hash_expire_fields(struct call *call, struct bytes key);

/* --- hash_edit.c: a change of a hash --- */

struct hash_edit {
    struct edit edit;
    struct edit_home home;
    bool cleared; /* a field that was due has been taken out on the way */
};

/* As edit_open. */
bool hash_open(struct hash_edit *change, struct call *call, struct bytes key);
static inline bool hash_exists(const struct hash_edit *change) {
    return change->edit.value.type != NULL;
}
static inline struct value_home *hash_home(struct hash_edit *change) { return &change->home.home; }

/* Finds a field that is about to be changed. One that is due is taken out for good, with its event
 * and effect: what is journaled next finds what the command found. */
bool hash_meet(struct hash_edit *change, struct bytes field, struct hash_item *item);
/* Takes a field out that was met. */
void hash_take_out(struct hash_edit *change, struct bytes field);
/* hash_put; once memory was refused the edit is still to be ended by hash_refused. */
enum hash_outcome hash_store(struct hash_edit *change, struct bytes field, struct bytes value,
                             bool keep_deadline) MUST_CHECK;
/* hash_set_deadline of a field that was met, and whoever wakes up for it is told. */
bool hash_time(struct hash_edit *change, struct bytes field, int64_t deadline_ms) MUST_CHECK;
/* Ends an edit of a hash that is not empty. */
void hash_commit(struct hash_edit *change, const char *event);
/* Ends an edit that took fields out: the key goes with the last one. */
void hash_commit_without(struct hash_edit *change, const char *event);
/* Ends an edit that did nothing but perhaps take out what was due. */
void hash_cancel(struct hash_edit *change);
/* Takes the whole key out: it was made by this edit, and not for good. */
void hash_forget(struct hash_edit *change);
/* Memory was refused: replies so, unless that was done, and ends the edit. `changed`: something had
 * been changed before, and the caller gives the effect. */
void hash_refused(struct hash_edit *change, bool changed);

/* --- hash_fields.c: the words FIELDS, EX ... --- */

/* Names among the arguments. */
struct hash_fields {
    const struct bytes *names;
    size_t count;
};

/* Takes FIELDS, their number and the names, which end the arguments. `error`: of a number that is
 * none or not positive. */
bool hash_take_fields(struct call *call, struct hash_fields *fields, const char *error);
#define HASH_FIELDS_POSITIVE "ERR Number of fields must be a positive integer"
#define HASH_FIELDS_GREATER "ERR Parameter `numFields` should be greater than 0"

enum hash_unit { HASH_SECONDS = 1000, HASH_MILLISECONDS = 1 };
/* Takes a time, relative to now or not; false: an error was replied. */
bool hash_take_deadline(struct call *call, enum hash_unit unit, bool relative,
                        int64_t *deadline_ms);
/* Takes EX, PX, EXAT or PXAT with its time, if that comes next. False: it does not, or
 * args_failed. */
bool hash_take_expiry(struct call *call, int64_t *deadline_ms);
/* A deadline that ends a field at once. What a journal says is kept as it says. */
static inline bool hash_is_past(const struct call *call, int64_t deadline_ms) {
    return deadline_ms <= call_now_ms(call) && !call->executor->replaying;
}

/* The names that an effect is about, gathered one by one: `HDEL key field ...`, or with FIELDS
 * `HPERSIST key FIELDS n field ...` and, with an instant, `HPEXPIREAT key ms FIELDS n field ...`.
 * Given after the commit. Names are arguments, or lie in the arena. */
struct hash_names {
    struct bytes *words; /* room for what stands before the names, and them */
    size_t count;
};
/* False: memory was refused, which was replied. */
bool hash_names_begin(struct hash_names *names, struct call *call, size_t count_max) MUST_CHECK;
void hash_names_add(struct hash_names *names, struct bytes name);
void hash_effect_remove(struct call *call, struct bytes key, struct hash_names *names);
void hash_effect_persist(struct call *call, struct bytes key, struct hash_names *names);
void hash_effect_time(struct call *call, struct bytes key, int64_t deadline_ms,
                      struct hash_names *names);
