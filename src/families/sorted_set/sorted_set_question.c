/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of ZRANGE and its kin: two bounds, then options that say what the bounds mean. */
#include "families/sorted_set/sorted_set_words.h"

static void take_ranks(struct call *call, struct sorted_set_range *range) {
    range->start = args_integer(call, INT64_MIN, INT64_MAX);
    range->stop = args_integer(call, INT64_MIN, INT64_MAX);
}

static void take_scores(struct call *call, struct sorted_set_bound *first,
                        struct sorted_set_bound *second) {
    bool good = sorted_set_bound_score(args_bytes(call), first);
    if (!sorted_set_bound_score(args_bytes(call), second) || !good)
        args_fail(call, "ERR min or max is not a float");
}

static void take_names(struct call *call, struct sorted_set_bound *first,
                       struct sorted_set_bound *second) {
    bool good = sorted_set_bound_name(args_bytes(call), first);
    if (!sorted_set_bound_name(args_bytes(call), second) || !good)
        args_fail(call, "ERR min or max not valid string range item");
}

static void take_bounds(struct call *call, struct sorted_set_range *range, bool highest_first) {
    struct sorted_set_bound *first = highest_first ? &range->max : &range->min;
    struct sorted_set_bound *second = highest_first ? &range->min : &range->max;
    if (range->by == SORTED_SET_BY_RANK) take_ranks(call, range);
    else if (range->by == SORTED_SET_BY_SCORE) take_scores(call, first, second);
    else take_names(call, first, second);
}

void sorted_set_bounds_take(struct call *call, struct sorted_set_range *range) {
    take_bounds(call, range, false);
}

/* True: an option was there, and taken. */
static bool take_option(struct call *call, struct sorted_set_question *question) {
    struct sorted_set_range *range = &question->range;
    if (question->scores_allowed && args_word(call, "WITHSCORES")) {
        question->with_scores = true;
    } else if (args_left(call) >= 3 && args_word(call, "LIMIT")) {
        range->offset = args_integer(call, INT64_MIN, INT64_MAX);
        range->limit = args_integer(call, INT64_MIN, INT64_MAX);
    } else if (!question->reverse_given && args_word(call, "REV")) {
        range->reverse = question->reverse_given = true;
    } else if (!question->by_given && args_word(call, "BYSCORE")) {
        range->by = SORTED_SET_BY_SCORE;
        question->by_given = true;
    } else if (!question->by_given && args_word(call, "BYLEX")) {
        range->by = SORTED_SET_BY_NAME;
        question->by_given = true;
    } else if (question->rank_is_a_word && !question->by_given && args_word(call, "BYRANK")) {
        question->by_given = true;
    } else {
        return false;
    }
    return true;
}

void sorted_set_question_take(struct call *call, struct sorted_set_question *question) {
    struct sorted_set_range *range = &question->range;
    int bounds_at = args_index(call);
    range->limit = -1;
    args_bytes(call);
    args_bytes(call);
    while (args_left(call) > 0)
        if (!take_option(call, question)) args_syntax_error(call);
    if (range->limit != -1 && range->by == SORTED_SET_BY_RANK)
        args_fail(call, "ERR syntax error, LIMIT is only supported in combination with either "
                        "BYSCORE or BYLEX");
    if (question->with_scores && range->by == SORTED_SET_BY_NAME)
        args_fail(call, "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    if (question->rank_is_a_word && !question->by_given) args_syntax_error(call);
    if (args_failed(call)) return;
    call->arg_at = bounds_at;
    take_bounds(call, range, range->reverse);
    call->arg_at = call->argc;
}
