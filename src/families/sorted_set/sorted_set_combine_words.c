/* SPDX-License-Identifier: BSD-3-Clause */
/* ZUNION, ZINTER, ZDIFF, the forms that store, ZINTERCARD. */
#include "families/sorted_set/sorted_set_combine.h"
#include "families/sorted_set/sorted_set_words.h"

enum operation { UNION, INTERSECTION, DIFFERENCE, INTERSECTION_COUNT };

struct combining {
    enum operation operation;
    bool stores;
    const char *name; /* the command's, for errors */
    struct sorted_set_source *sources;
    size_t count;
    enum sorted_set_aggregate aggregate;
    bool with_scores;
    int64_t limit;
};

/* Lets everything about a key that is due go, so that reading another key cannot change it. */
static void drain(struct call *call, struct bytes key) {
    if (!key_exists(call, key) || call->database->member_wheel == NULL) return;
    struct value value;
    while (key_peek(call, call->database, key, NULL, KEY_READ_NO_TOUCH | KEY_READ_NO_STATS, &value,
                    NULL)) {
        if (value.type->next_deadline_ms == NULL ||
            value.type->next_deadline_ms(&value) > call_members_now_ms(call))
            return;
    }
}

static void take_sources(struct call *call, struct combining *combining) {
    int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
    if (count < 1)
        args_fail(call, "ERR at least 1 input key is needed for '%s' command", combining->name);
    if (count > args_left(call)) args_syntax_error(call);
    if (args_failed(call)) return;
    combining->count = (size_t)count;
    combining->sources = arena_allocate(call_arena(call),
                                        combining->count * sizeof(*combining->sources));
    for (int i = 0; i < count; i++) drain(call, args_peek(call, i));
    for (int i = 0; i < count && !call->failed; i++) {
        struct value value;
        if (!key_read(call, args_key(call), NULL, &value)) value.type = NULL;
        else if (!sorted_set_source_accepts(&value)) reply_wrong_type(call);
        if (!call->failed) sorted_set_source_init(&combining->sources[i], &value);
    }
}

static void take_weights(struct call *call, struct combining *combining) {
    for (size_t i = 0; i < combining->count; i++)
        combining->sources[i].weight = args_double_or(call, "weight value is not a float");
}

static void take_aggregate(struct call *call, struct combining *combining) {
    if (args_word(call, "SUM")) combining->aggregate = SORTED_SET_SUM;
    else if (args_word(call, "MIN")) combining->aggregate = SORTED_SET_MIN;
    else if (args_word(call, "MAX")) combining->aggregate = SORTED_SET_MAX;
    else args_syntax_error(call);
}

static void take_options(struct call *call, struct combining *combining) {
    bool counts = combining->operation == INTERSECTION_COUNT;
    bool scored = !counts && combining->operation != DIFFERENCE;
    while (args_left(call) > 0) {
        bool more = args_left(call) > 1;
        if (scored && (size_t)args_left(call) > combining->count && args_word(call, "WEIGHTS"))
            take_weights(call, combining);
        else if (scored && more && args_word(call, "AGGREGATE")) take_aggregate(call, combining);
        else if (!counts && !combining->stores && args_word(call, "WITHSCORES"))
            combining->with_scores = true;
        else if (counts && more && args_word(call, "LIMIT"))
            combining->limit = args_integer_or(call, 0, INT64_MAX, "LIMIT can't be negative");
        else args_syntax_error(call);
    }
}

/* False: a mistake was replied. */
static bool take(struct call *call, struct combining *combining) {
    take_sources(call, combining);
    if (!args_failed(call)) take_options(call, combining);
    if (args_failed(call)) return false;
    if (combining->operation != DIFFERENCE)
        sorted_set_sources_sort(combining->sources, combining->count);
    return true;
}

static void combine(struct call *call, const struct combining *combining,
                    struct sorted_set_build *build) {
    const struct sorted_set_source *sources = combining->sources;
    size_t capacity = sources[0].count;
    for (size_t i = 1; combining->operation == UNION && i < combining->count; i++)
        capacity += sources[i].count;
    sorted_set_build_init(build, call_arena(call), capacity);
    if (combining->operation == UNION)
        sorted_set_combine_union(build, sources, combining->count, combining->aggregate);
    else if (combining->operation == INTERSECTION)
        sorted_set_combine_intersection(build, sources, combining->count, combining->aggregate);
    else sorted_set_combine_difference(build, sources, combining->count);
}

static void reply_combined(struct call *call, enum operation operation, const char *name) {
    struct combining combining = {.operation = operation, .name = name};
    if (!take(call, &combining)) return;
    struct sorted_set_build build;
    combine(call, &combining, &build);
    if (build.failed) {
        reply_error(call, "OOM command not allowed: no memory for the reply");
        return;
    }
    sorted_set_build_sort(&build);
    sorted_set_reply_count(call, build.count, combining.with_scores);
    for (size_t i = 0; i < build.count; i++) {
        struct sorted_set_item item = {build.pairs[i].name, build.pairs[i].score, INT64_MAX};
        sorted_set_reply_item(call, &item, combining.with_scores);
    }
}

void sorted_set_word_zunion(struct call *call) { reply_combined(call, UNION, "zunion"); }
void sorted_set_word_zinter(struct call *call) { reply_combined(call, INTERSECTION, "zinter"); }
void sorted_set_word_zdiff(struct call *call) { reply_combined(call, DIFFERENCE, "zdiff"); }

static void store_combined(struct call *call, enum operation operation, const char *name) {
    struct bytes target = args_key(call);
    struct combining combining = {.operation = operation, .stores = true, .name = name};
    if (!take(call, &combining)) return;
    struct sorted_set_build build;
    combine(call, &combining, &build);
    sorted_set_store(call, target, &build, name); /* its event is named as it is */
}

void sorted_set_word_zunionstore(struct call *call) { store_combined(call, UNION, "zunionstore"); }

void sorted_set_word_zinterstore(struct call *call) {
    store_combined(call, INTERSECTION, "zinterstore");
}

void sorted_set_word_zdiffstore(struct call *call) {
    store_combined(call, DIFFERENCE, "zdiffstore");
}

void sorted_set_word_zintercard(struct call *call) {
    struct combining combining = {.operation = INTERSECTION_COUNT, .name = "zintercard"};
    if (!take(call, &combining)) return;
    size_t limit = (size_t)combining.limit;
    reply_integer(call,
                  (int64_t)sorted_set_combine_count(combining.sources, combining.count, limit));
}
