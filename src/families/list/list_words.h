/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in list_commands.c. */
#include "collections/list_value.h"
#include "commands/edit_home.h"
#include "commands/family.h"

/* list_push_words.c */
void list_word_lpush(struct call *call);
void list_word_rpush(struct call *call);
void list_word_lpushx(struct call *call);
void list_word_rpushx(struct call *call);
void list_word_linsert(struct call *call);
void list_word_lset(struct call *call);
/* list_read_words.c */
void list_word_llen(struct call *call);
void list_word_lindex(struct call *call);
void list_word_lrange(struct call *call);
void list_word_lpos(struct call *call);
/* list_remove_words.c */
void list_word_ltrim(struct call *call);
void list_word_lrem(struct call *call);
/* list_pop_words.c */
void list_word_lpop(struct call *call);
void list_word_rpop(struct call *call);
void list_word_lmpop(struct call *call);
void list_word_blpop(struct call *call);
void list_word_brpop(struct call *call);
void list_word_blmpop(struct call *call);
/* list_move_words.c */
void list_word_lmove(struct call *call);
void list_word_rpoplpush(struct call *call);
void list_word_blmove(struct call *call);
void list_word_brpoplpush(struct call *call);
void list_word_lmovem(struct call *call);
void list_word_blmovem(struct call *call);

static inline const struct collection_limits *list_limits(const struct call *call) {
    return &call->executor->keyspace.limits;
}

static inline void list_reply_item(struct call *call, const struct packed_item *item) {
    if (item->is_integer) reply_bulk_integer(call, item->integer);
    else reply_bulk(call, item->text);
}

/* Ends an edit for which memory was refused; whoever refused may have replied already. */
void list_refused(struct edit *edit);
/* Ends an edit that took elements away, with the key gone when none is left. */
void list_removed(struct edit *edit, const char *event);
/* Takes `count` elements away, or all, and ends the edit. */
void list_take_away(struct edit *edit, bool front, size_t count, const char *event);
/* LEFT or RIGHT; a mistake is latched. */
bool list_take_end(struct call *call);

/* The first index and the count that a range from `start` to `stop`, which may count from the end,
 * has in a list of `total`. */
struct list_range {
    size_t first, count;
};
struct list_range list_range_of(int64_t start, int64_t stop, size_t total);
