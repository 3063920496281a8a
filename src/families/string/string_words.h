/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in string_commands.c. */
#include "commands/family.h"
#include "commands/string_edit.h"
#include "families/string/string_expiry.h"

/* string_set_words.c */
void string_set(struct call *call);
void string_setnx(struct call *call);
void string_setex(struct call *call);
void string_psetex(struct call *call);
void string_getset(struct call *call);
/* string_many_words.c */
void string_mget(struct call *call);
void string_mset(struct call *call);
void string_msetnx(struct call *call);
void string_msetex(struct call *call);
/* string_get_words.c */
void string_get(struct call *call);
void string_getdel(struct call *call);
void string_getex(struct call *call);
void string_delex(struct call *call);
void string_delifeq(struct call *call);
void string_digest(struct call *call);
void string_strlen(struct call *call);
/* string_counter_words.c */
void string_incr(struct call *call);
void string_decr(struct call *call);
void string_incrby(struct call *call);
void string_decrby(struct call *call);
void string_incrbyfloat(struct call *call);
/* string_increx_words.c */
void string_increx(struct call *call);
/* string_range_words.c */
void string_append(struct call *call);
void string_setrange(struct call *call);
void string_getrange(struct call *call);
void string_lcs(struct call *call);

static inline void string_reply(struct call *call, const struct value *value) {
    if (LIKELY(value->storage == VALUE_INLINED)) reply_bulk(call, value->inlined);
    else if (value->storage == VALUE_BOXED) reply_blob(call, value->boxed);
    else reply_bulk_integer(call, value->integer);
}

/* Answers with the value of a key, or null. False: it holds another type, and that was answered. */
bool string_answer(struct call *call, struct bytes key);
/* Stores these bytes, an argument's, in place of whatever the key holds, with its deadline gone,
 * kept or set as `expiry` says; `blob` as for string_value_try. False: out of memory was replied,
 * the edit is cancelled. Tells nobody yet. */
bool string_replace(struct edit *edit, struct bytes bytes, struct blob *blob,
                    const struct string_expiry *expiry) MUST_CHECK;
/* string_replace, with the end of the edit, its events and its effect. */
bool string_put(struct edit *edit, struct bytes bytes, struct blob *blob,
                const struct string_expiry *expiry) MUST_CHECK;
/* Takes back the old value that was answered, where the new one could not be stored after all, and
 * answers that there is no memory. */
void string_answer_failure_alone(struct call *call, struct reply_mark mark);
/* Deletes the key and ends the edit, with DEL or UNLINK as the effect. */
void string_delete(struct edit *edit, uint32_t event_class, const char *event);
/* SET with all of it spelled out. */
void string_set_effect(struct call *call, struct bytes key, struct bytes value,
                       const struct string_expiry *expiry);

/* A number that an edit of a string holds; 0 where there is no key. False: it is not one, which
 * was replied, and the edit is cancelled. */
bool string_count_read(struct edit *edit, int64_t *number) MUST_CHECK;
bool string_float_read(struct edit *edit, long double *number) MUST_CHECK;
/* Stores it, keeping the deadline. False: out of memory was replied, the edit is cancelled. */
bool string_count_write(struct edit *edit, int64_t number) MUST_CHECK;
bool string_float_write(struct edit *edit, struct bytes text) MUST_CHECK;
/* The value that it stores. False: out of memory was replied, the edit is cancelled. */
bool string_float_value(struct edit *edit, struct bytes text, struct value *value) MUST_CHECK;
