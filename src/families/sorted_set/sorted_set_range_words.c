/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges that are read, counted or stored: ZRANGE and its kin, ZCOUNT, ZLEXCOUNT, ZRANGESTORE. */
#include "commands/reading.h"
#include "families/sorted_set/sorted_set_words.h"

/* --- replies --- */

struct giving {
    struct sorted_set_walk walk;
    size_t left; /* members that are still to be given */
    bool reverse;
    bool with_scores;
    bool announced; /* all of the reply is given through one call, the one that lasts */
};

static bool give(struct call *call, void *state, size_t budget) {
    struct giving *giving = state;
    if (!giving->announced) sorted_set_reply_count(call, giving->left, giving->with_scores);
    giving->announced = true;
    for (; giving->left > 0 && budget > 0; budget--) {
        sorted_set_reply_item(call, &giving->walk.item, giving->with_scores);
        giving->left--;
        if (giving->left == 0) break;
        if (giving->reverse) sorted_set_walk_previous(&giving->walk);
        else sorted_set_walk_next(&giving->walk);
    }
    return giving->left == 0;
}

static void reply_window(struct call *call, const struct value *value,
                         struct sorted_set_window window,
                         const struct sorted_set_question *question) {
    struct giving giving = {.left = window.count,
                            .reverse = question->range.reverse,
                            .with_scores = question->with_scores};
    size_t from = giving.reverse ? window.first + window.count - 1 : window.first;
    bool on = window.count > 0 && sorted_set_walk_start(&giving.walk, value, from);
    if (!on) {
        reply_array(call, 0);
        return;
    }
    if (window.count <= READING_AT_ONCE || value->storage != VALUE_BOXED) {
        give(call, &giving, SIZE_MAX);
        return;
    }
    struct giving *lasting = memory_allocate(sizeof(*lasting));
    *lasting = giving;
    call_read_in_slices(call, value, 1, give, lasting, memory_free);
}

static void reply_range(struct call *call, struct sorted_set_question question) {
    struct bytes key = args_key(call);
    question.scores_allowed = true;
    sorted_set_question_take(call, &question);
    if (args_failed(call)) return;
    struct value value;
    if (key_read(call, key, &sorted_set_type, &value))
        reply_window(call, &value, sorted_set_range_window(&question.range, &value), &question);
    else if (!call->failed) reply_array(call, 0);
}

static void reply_range_by(struct call *call, enum sorted_set_order by, bool reverse) {
    reply_range(call, (struct sorted_set_question){.range = {.by = by, .reverse = reverse},
                                                   .by_given = true,
                                                   .reverse_given = true});
}

void sorted_set_word_zrange(struct call *call) {
    reply_range(call, (struct sorted_set_question){.by_given = false});
}

void sorted_set_word_zrangebyscore(struct call *call) {
    reply_range_by(call, SORTED_SET_BY_SCORE, false);
}

void sorted_set_word_zrangebylex(struct call *call) {
    reply_range_by(call, SORTED_SET_BY_NAME, false);
}

void sorted_set_word_zrevrange(struct call *call) {
    reply_range_by(call, SORTED_SET_BY_RANK, true);
}

void sorted_set_word_zrevrangebyscore(struct call *call) {
    reply_range_by(call, SORTED_SET_BY_SCORE, true);
}

void sorted_set_word_zrevrangebylex(struct call *call) {
    reply_range_by(call, SORTED_SET_BY_NAME, true);
}

/* --- counts --- */

static void reply_count_by(struct call *call, enum sorted_set_order by) {
    struct bytes key = args_key(call);
    struct sorted_set_range range = {.by = by, .limit = -1};
    sorted_set_bounds_take(call, &range);
    if (args_failed(call)) return;
    struct value value;
    if (key_read(call, key, &sorted_set_type, &value))
        reply_integer(call, (int64_t)sorted_set_range_window(&range, &value).count);
    else if (!call->failed) reply_integer(call, 0);
}

void sorted_set_word_zcount(struct call *call) { reply_count_by(call, SORTED_SET_BY_SCORE); }
void sorted_set_word_zlexcount(struct call *call) { reply_count_by(call, SORTED_SET_BY_NAME); }

/* --- ZRANGESTORE --- */

void sorted_set_word_zrangestore(struct call *call) {
    struct bytes target = args_key(call);
    struct bytes key = args_key(call);
    struct sorted_set_question question = {.by_given = false};
    sorted_set_question_take(call, &question);
    if (args_failed(call)) return;
    struct sorted_set_window window = {0};
    struct value value;
    bool there = key_read(call, key, &sorted_set_type, &value);
    if (!there && call->failed) return;
    if (there) window = sorted_set_range_window(&question.range, &value);
    struct sorted_set_build build;
    sorted_set_build_init(&build, call_arena(call), window.count);
    struct sorted_set_walk walk;
    bool on = window.count > 0 && sorted_set_walk_start(&walk, &value, window.first);
    for (size_t i = 0; on && i < window.count; i++, on = sorted_set_walk_next(&walk))
        sorted_set_build_add(&build, walk.item.name, walk.item.score);
    sorted_set_store(call, target, &build, "zrangestore");
}
