/* SPDX-License-Identifier: BSD-3-Clause */
/* Words that only look: LLEN, LINDEX, LRANGE, LPOS. */
#include "commands/reading.h"
#include "families/list/list_words.h"

void list_word_llen(struct call *call) {
    struct value value;
    if (key_read(call, args_key(call), &list_type, &value))
        reply_integer(call, (int64_t)list_count(&value));
    else if (!call->failed) reply_integer(call, 0);
}

void list_word_lindex(struct call *call) {
    struct value value;
    if (!key_read(call, args_key(call), &list_type, &value)) {
        if (!call->failed) reply_null(call);
        return;
    }
    int64_t index = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;
    if (index < 0) index += (int64_t)list_count(&value);
    struct list_walk walk;
    if (index >= 0 && list_walk_start(&walk, &value, (size_t)index))
        list_reply_item(call, &walk.item);
    else reply_null(call);
}

/* --- LRANGE --- */

struct giving {
    struct list_walk walk;
    size_t left; /* elements that are still to be given */
};

static bool give(struct call *call, void *state, size_t budget) {
    struct giving *giving = state;
    for (; giving->left > 0 && budget > 0; budget--) {
        list_reply_item(call, &giving->walk.item);
        if (--giving->left > 0) list_walk_next(&giving->walk);
    }
    return giving->left == 0;
}

static void reply_range(struct call *call, const struct value *value, struct list_range range) {
    struct giving giving = {.left = range.count};
    reply_array(call, range.count);
    if (range.count == 0) return;
    list_walk_start(&giving.walk, value, range.first);
    if (range.count <= READING_AT_ONCE || value->storage != VALUE_BOXED) {
        give(call, &giving, SIZE_MAX);
        return;
    }
    struct giving *lasting = memory_allocate(sizeof(*lasting));
    *lasting = giving;
    call_read_in_slices(call, value, 1, give, lasting, memory_free);
}

void list_word_lrange(struct call *call) {
    struct bytes key = args_key(call);
    int64_t start = args_integer(call, INT64_MIN, INT64_MAX);
    int64_t stop = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;
    struct value value;
    if (key_read(call, key, &list_type, &value))
        reply_range(call, &value, list_range_of(start, stop, list_count(&value)));
    else if (!call->failed) reply_array(call, 0);
}

/* --- LPOS --- */

struct position_words {
    int64_t rank;     /* below 0: from the end */
    int64_t count;    /* -1: one position, not an array; 0: all */
    int64_t look_max; /* elements to look at; 0: all */
};

static void take_position_words(struct call *call, struct position_words *words) {
    *words = (struct position_words){.rank = 1, .count = -1};
    while (args_left(call) > 0) {
        if (args_word(call, "RANK")) {
            words->rank = args_integer(call, INT64_MIN, INT64_MAX);
            if (words->rank == INT64_MIN)
                args_fail(call, "ERR value is out of range, value must between "
                                "-9223372036854775807 and 9223372036854775807");
            if (words->rank == 0)
                args_fail(call, "ERR RANK can't be zero: use 1 to start from the first match, 2 "
                                "from the second ... or use negative to start from the end of the "
                                "list");
        } else if (args_word(call, "COUNT")) {
            words->count = args_integer_or(call, 0, INT64_MAX, "COUNT can't be negative");
        } else if (args_word(call, "MAXLEN")) {
            words->look_max = args_integer_or(call, 0, INT64_MAX, "MAXLEN can't be negative");
        } else {
            args_syntax_error(call);
        }
    }
}

/* Gives the positions; how many there were. */
static size_t reply_positions(struct call *call, const struct value *value,
                              const struct packed_item *needle,
                              const struct position_words *words) {
    bool backward = words->rank < 0;
    uint64_t skip = (uint64_t)(backward ? -words->rank : words->rank) - 1;
    size_t wanted = words->count < 0 ? 1 : words->count == 0 ? SIZE_MAX : (size_t)words->count;
    size_t total = list_count(value), given = 0;
    size_t look_max = words->look_max == 0 ? SIZE_MAX : (size_t)words->look_max;
    if (look_max > total) look_max = total;
    size_t left = look_max;
    struct list_walk walk;
    bool on = list_walk_start(&walk, value, backward ? total - 1 : 0);
    while (on && given < wanted && list_walk_find(&walk, needle, backward, &left)) {
        size_t passed = look_max - left;
        if (skip > 0) {
            skip--;
        } else {
            reply_integer(call, (int64_t)(backward ? total - 1 - passed : passed));
            given++;
        }
        left--;
        on = backward ? list_walk_previous(&walk) : list_walk_next(&walk);
    }
    return given;
}

void list_word_lpos(struct call *call) {
    struct bytes key = args_key(call);
    struct packed_item needle = packed_item_of(args_bytes(call));
    struct position_words words;
    take_position_words(call, &words);
    if (args_failed(call)) return;
    struct value value;
    if (!key_read(call, key, &list_type, &value)) {
        if (call->failed) return;
        if (words.count >= 0) reply_array(call, 0);
        else reply_null(call);
    } else if (words.count >= 0) {
        struct reply_later later = reply_later_open(call);
        reply_positions(call, &value, &needle, &words);
        reply_later_close(call, later, '*');
    } else if (reply_positions(call, &value, &needle, &words) == 0) {
        reply_null(call);
    }
}
