/* SPDX-License-Identifier: BSD-3-Clause */
/* ZADD and ZINCRBY. */
#include <math.h>

#include "families/sorted_set/sorted_set_words.h"

#define NOT_A_NUMBER "ERR resulting score is not a number (NaN)"

struct adding {
    bool only_new;      /* NX */
    bool only_old;      /* XX */
    bool only_greater;  /* GT, of members that are there */
    bool only_less;     /* LT */
    bool count_changes; /* CH */
    bool increment;     /* INCR */
};

static bool is_conditional(const struct adding *adding) {
    return adding->only_new || adding->only_old || adding->only_greater || adding->only_less ||
           adding->increment;
}

static void take_options(struct call *call, struct adding *adding) {
    *adding = (struct adding){0};
    for (;;) {
        if (args_word(call, "NX")) adding->only_new = true;
        else if (args_word(call, "XX")) adding->only_old = true;
        else if (args_word(call, "GT")) adding->only_greater = true;
        else if (args_word(call, "LT")) adding->only_less = true;
        else if (args_word(call, "CH")) adding->count_changes = true;
        else if (args_word(call, "INCR")) adding->increment = true;
        else break;
    }
}

static void check_options(struct call *call, const struct adding *adding) {
    int left = args_left(call);
    if (left == 0 || left % 2 != 0) args_syntax_error(call);
    if (adding->only_new && adding->only_old)
        args_fail(call, "ERR XX and NX options at the same time are not compatible");
    if (adding->only_new + adding->only_greater + adding->only_less > 1)
        args_fail(call, "ERR GT, LT, and/or NX options at the same time are not compatible");
    if (adding->increment && left > 2)
        args_fail(call, "ERR INCR option supports a single increment-element pair");
}

/* The scores of all pairs, so that a bad one is found before anything changes; the names are left
 * where they are. `few` is used when it is enough. */
#define FEW 16
static double *take_scores(struct call *call, double few[FEW]) {
    size_t count = (size_t)args_left(call) / 2;
    double *scores = count <= FEW ? few : arena_allocate(call_arena(call), count * sizeof(*scores));
    for (size_t i = 0; i < count && !call->failed; i++) {
        scores[i] = args_double(call);
        args_bytes(call);
    }
    return scores;
}

/* Whether the options let this member get a score; `*score` becomes the one that it would get. */
static bool may_put(const struct adding *adding, const struct edit *edit, struct bytes name,
                    double *score) {
    double before;
    bool there = edit->value.type != NULL && sorted_set_find(&edit->value, name, &before);
    if (!there) return !adding->only_old;
    if (adding->only_new) return false;
    if (adding->increment) *score += before;
    if (adding->only_greater && *score <= before) return false;
    return !(adding->only_less && *score >= before);
}

/* The first `count` pairs, spelled out as they came. */
static void effect_of_pairs(struct call *call, int pairs_at, int count) {
    if (!call_wants_effects(call)) return;
    call_effect(call, call->argv, pairs_at + count * 2);
}

struct added {
    int64_t added;
    int64_t updated;
};

/* False: memory was refused, and the edit has ended. */
static bool add_all(struct edit *edit, const struct adding *adding, const double *scores,
                    int pairs_at, struct added *added) {
    struct call *call = edit->call;
    struct edit_home home;
    const struct collection_limits *limits = &call->executor->keyspace.limits;
    edit_home_init(&home, edit);
    bool conditional = is_conditional(adding);
    int count = (call->argc - pairs_at) / 2;
    for (int i = 0; i < count; i++) {
        struct bytes name = call->argv[pairs_at + i * 2 + 1];
        double score = scores[i];
        if (conditional && !may_put(adding, edit, name, &score)) continue;
        switch (sorted_set_put(&home.home, limits, name, score)) {
        case SORTED_SET_ADDED: added->added++; break;
        case SORTED_SET_UPDATED: added->updated++; break;
        case SORTED_SET_SAME: break;
        case SORTED_SET_REFUSED:
            sorted_set_refused(edit, added->added + added->updated > 0);
            if (added->added + added->updated > 0) effect_of_pairs(call, pairs_at, i);
            return false;
        }
    }
    return true;
}

static void finish(struct edit *edit, const struct added *added, const char *event) {
    if (added->added + added->updated > 0) edit_commit_as(edit, EVENT_SORTED_SET, event);
    else edit_cancel(edit);
}

/* One member gets a score that depends on the one it has. The effect says which. */
static void increment(struct edit *edit, const struct adding *adding, struct bytes name,
                      double score) {
    struct call *call = edit->call;
    bool may = may_put(adding, edit, name, &score);
    if (isnan(score)) {
        edit_cancel(edit);
        reply_error(call, NOT_A_NUMBER);
        return;
    }
    if (!may) {
        edit_cancel(edit);
        reply_null(call);
        return;
    }
    struct edit_home home;
    edit_home_init(&home, edit);
    enum sorted_set_outcome outcome = sorted_set_put(&home.home, &call->executor->keyspace.limits,
                                                     name, score);
    if (outcome == SORTED_SET_REFUSED) {
        sorted_set_refused(edit, false);
        return;
    }
    finish(edit, &(struct added){.added = outcome != SORTED_SET_SAME}, "zincr");
    if (outcome != SORTED_SET_SAME && call_wants_effects(call)) {
        char text[TEXT_DOUBLE_MAX];
        struct bytes digits = bytes_make(text, text_from_double(text, score));
        call_effect_of(call, BYTES("ZADD"), edit->key, digits, name);
    }
    reply_double(call, score);
}

void sorted_set_word_zadd(struct call *call) {
    struct bytes key = args_key(call);
    struct adding adding;
    take_options(call, &adding);
    check_options(call, &adding);
    int pairs_at = args_index(call);
    double few[FEW];
    const double *scores = take_scores(call, few);
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    if (!edit_exists(&edit)) edit.value.type = NULL;
    if (adding.increment) {
        increment(&edit, &adding, call->argv[pairs_at + 1], scores[0]);
        return;
    }
    struct added added = {0};
    if (!add_all(&edit, &adding, scores, pairs_at, &added)) return;
    finish(&edit, &added, "zadd");
    reply_integer(call, added.added + (adding.count_changes ? added.updated : 0));
}

void sorted_set_word_zincrby(struct call *call) {
    struct bytes key = args_key(call);
    double score = args_double(call);
    struct bytes name = args_bytes(call);
    if (args_failed(call)) return;
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    if (!edit_exists(&edit)) edit.value.type = NULL;
    increment(&edit, &(struct adding){.increment = true}, name, score);
}
