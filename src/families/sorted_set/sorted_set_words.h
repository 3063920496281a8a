/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in
 * sorted_set_commands.c. */
#include "collections/sorted_set_build.h"
#include "collections/sorted_set_value.h"
#include "commands/edit_home.h"
#include "commands/family.h"
#include "families/sorted_set/sorted_set_range.h"

/* sorted_set_add_words.c */
void sorted_set_word_zadd(struct call *call);
void sorted_set_word_zincrby(struct call *call);
/* sorted_set_member_words.c */
void sorted_set_word_zcard(struct call *call);
void sorted_set_word_zscore(struct call *call);
void sorted_set_word_zmscore(struct call *call);
void sorted_set_word_zrank(struct call *call);
void sorted_set_word_zrevrank(struct call *call);
void sorted_set_word_zrandmember(struct call *call);
void sorted_set_word_zscan(struct call *call);
/* sorted_set_range_words.c */
void sorted_set_word_zcount(struct call *call);
void sorted_set_word_zlexcount(struct call *call);
void sorted_set_word_zrange(struct call *call);
void sorted_set_word_zrangebyscore(struct call *call);
void sorted_set_word_zrangebylex(struct call *call);
void sorted_set_word_zrevrange(struct call *call);
void sorted_set_word_zrevrangebyscore(struct call *call);
void sorted_set_word_zrevrangebylex(struct call *call);
void sorted_set_word_zrangestore(struct call *call);
/* sorted_set_remove_words.c */
void sorted_set_word_zrem(struct call *call);
void sorted_set_word_zremrangebyrank(struct call *call);
void sorted_set_word_zremrangebyscore(struct call *call);
void sorted_set_word_zremrangebylex(struct call *call);
void sorted_set_expire_members(struct call *call, struct bytes key);
/* sorted_set_pop_words.c */
void sorted_set_word_zpopmin(struct call *call);
void sorted_set_word_zpopmax(struct call *call);
void sorted_set_word_zmpop(struct call *call);
void sorted_set_word_bzpopmin(struct call *call);
void sorted_set_word_bzpopmax(struct call *call);
void sorted_set_word_bzmpop(struct call *call);
void sorted_set_word_zpoprange(struct call *call);
void sorted_set_word_bzpoprange(struct call *call);
/* sorted_set_combine_words.c */
void sorted_set_word_zunion(struct call *call);
void sorted_set_word_zinter(struct call *call);
void sorted_set_word_zdiff(struct call *call);
void sorted_set_word_zunionstore(struct call *call);
void sorted_set_word_zinterstore(struct call *call);
void sorted_set_word_zdiffstore(struct call *call);
void sorted_set_word_zintercard(struct call *call);

/* --- reading ranges --- */

/* The options of ZRANGE and its kin, as far as they are settled before the words are read: by
 * `by_given` and `reverse_given` BYSCORE, BYLEX and REV are no words then. */
struct sorted_set_question {
    struct sorted_set_range range;
    bool by_given, reverse_given;
    bool with_scores, scores_allowed;
    bool rank_is_a_word; /* BYRANK is one, and one of the three must be said */
};
/* Takes two bounds, lowest first or, by score and name in reverse, highest first; then words. The
 * first mistake is replied to. */
void sorted_set_question_take(struct call *call, struct sorted_set_question *question);
/* Takes the next two arguments as the lowest and the highest bound, of the kind that the range
 * is. */
void sorted_set_bounds_take(struct call *call, struct sorted_set_range *range);

/* --- replying --- */

/* As many as will follow, each by reply_item: pairs are nested in RESP3 and flat in RESP2. */
void sorted_set_reply_count(struct call *call, size_t count, bool with_scores);
void sorted_set_reply_item(struct call *call, const struct sorted_set_item *item, bool with_scores);

/* --- changing --- */

/* Ends an edit that was refused memory, with the one error; `changed`: something had been done
 * before, which is told and journaled as the effect said afterwards. */
void sorted_set_refused(struct edit *edit, bool changed);
/* Ends an edit that removed members: the event, and the key goes when nothing is left. */
void sorted_set_removed(struct edit *edit, const char *event);
/* Ends a command that stores what was built at `key`, in place of whatever is there, or deletes the
 * key when that is nothing; replies with the count, sends the event. */
void sorted_set_store(struct call *call, struct bytes key, struct sorted_set_build *build,
                      const char *event);
