/* SPDX-License-Identifier: BSD-3-Clause */
/* Single members and the set as a whole: ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZRANDMEMBER,
 * ZSCAN. */
#include <inttypes.h>

#include "commands/reading.h"
#include "commands/scan_words.h"
#include "families/sorted_set/sorted_set_words.h"

void sorted_set_word_zcard(struct call *call) {
    struct value value;
    if (key_read(call, args_key(call), &sorted_set_type, &value))
        reply_integer(call, (int64_t)sorted_set_count(&value));
    else if (!call->failed) reply_integer(call, 0);
}

void sorted_set_word_zscore(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    struct value value;
    double score;
    bool there = key_read(call, key, &sorted_set_type, &value);
    if (there && sorted_set_find(&value, name, &score)) reply_double(call, score);
    else if (!call->failed) reply_null(call);
}

void sorted_set_word_zmscore(struct call *call) {
    struct value value;
    bool there = key_read(call, args_key(call), &sorted_set_type, &value);
    if (args_failed(call)) return;
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        double score;
        struct bytes name = args_bytes(call);
        if (there && sorted_set_find(&value, name, &score)) reply_double(call, score);
        else reply_null(call);
    }
}

/* --- ranks --- */

static void reply_rank(struct call *call, bool reverse) {
    struct bytes key = args_key(call);
    struct bytes name = args_bytes(call);
    if (args_left(call) > 1) args_wrong_number(call);
    bool with_score = args_left(call) > 0 && args_word(call, "WITHSCORE");
    if (args_left(call) > 0) args_syntax_error(call);
    if (args_failed(call)) return;
    struct value value;
    double score;
    size_t rank;
    bool there = key_read(call, key, &sorted_set_type, &value);
    if (!there || !sorted_set_rank(&value, name, &score, &rank)) {
        if (call->failed) return;
        if (with_score) reply_null_array(call);
        else reply_null(call);
        return;
    }
    if (reverse) rank = sorted_set_count(&value) - 1 - rank;
    if (with_score) reply_array(call, 2);
    reply_integer(call, (int64_t)rank);
    if (with_score) reply_double(call, score);
}

void sorted_set_word_zrank(struct call *call) { reply_rank(call, false); }
void sorted_set_word_zrevrank(struct call *call) { reply_rank(call, true); }

/* --- ZRANDMEMBER --- */

/* Repeated picks beyond so many are refused: the reply alone would be gigabytes. */
#define REPEATED_MAX ((int64_t)1 << 27)

struct picking {
    struct value value;
    size_t left;
    bool with_scores;
    bool announced; /* all of the reply is given through one call, the one that lasts */
    char copy[];    /* of a packed set */
};

static void reply_pick(struct call *call, const struct value *value, bool with_scores) {
    struct sorted_set_walk walk;
    bool on = sorted_set_walk_start(&walk, value,
                                    random_below(call_random(call), sorted_set_count(value)));
    assert(on);
    sorted_set_reply_item(call, &walk.item, with_scores);
}

static bool pick(struct call *call, void *state, size_t budget) {
    struct picking *picking = state;
    if (!picking->announced) sorted_set_reply_count(call, picking->left, picking->with_scores);
    picking->announced = true;
    for (; picking->left > 0 && budget > 0; budget--, picking->left--)
        reply_pick(call, &picking->value, picking->with_scores);
    return picking->left == 0;
}

/* So many members, each any of them. */
static void reply_repeated(struct call *call, const struct value *value, size_t count,
                           bool with_scores) {
    if (count <= READING_AT_ONCE) {
        sorted_set_reply_count(call, count, with_scores);
        for (size_t i = 0; i < count; i++) reply_pick(call, value, with_scores);
        return;
    }
    bool inlined = value->storage == VALUE_INLINED;
    struct picking *picking = memory_allocate(sizeof(*picking) +
                                              (inlined ? value->inlined.len : 0));
    *picking = (struct picking){.value = *value, .left = count, .with_scores = with_scores};
    if (inlined) {
        memcpy(picking->copy, value->inlined.data, value->inlined.len);
        picking->value.inlined.data = picking->copy;
    }
    call_read_in_slices(call, value, 1, pick, picking, memory_free);
}

static bool bit_is_set(const uint8_t *bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

/* Chooses `count` of `total` ranks: as set bits, or (`*inverted`) as those that are not. */
static uint8_t *choose_ranks(struct call *call, size_t total, size_t count, bool *inverted) {
    uint8_t *bits = arena_try_allocate(call_arena(call), total / 8 + 1);
    if (bits == NULL) return NULL;
    memset(bits, 0, total / 8 + 1);
    *inverted = count > total / 2;
    for (size_t left = *inverted ? total - count : count; left > 0;) {
        size_t rank = random_below(call_random(call), total);
        if (bit_is_set(bits, rank)) continue;
        bits[rank / 8] |= (uint8_t)(1u << rank % 8);
        left--;
    }
    return bits;
}

/* So many different members, or all of them, from the highest on. */
static void reply_different(struct call *call, const struct value *value, size_t count,
                            bool with_scores) {
    size_t total = sorted_set_count(value);
    bool inverted = true;
    uint8_t *bits = NULL;
    if (count < total) {
        bits = choose_ranks(call, total, count, &inverted);
        if (bits == NULL) {
            reply_error(call, "OOM command not allowed: no memory for the reply");
            return;
        }
    } else {
        count = total;
    }
    sorted_set_reply_count(call, count, with_scores);
    struct sorted_set_walk walk;
    /* Few of many are looked up, many are met on the way. */
    bool few = count < total / 32;
    bool on = !few && sorted_set_walk_start(&walk, value, total - 1);
    for (size_t rank = total; count > 0 && rank-- > 0;) {
        bool chosen = bits == NULL || bit_is_set(bits, rank) != inverted;
        if (chosen && few) on = sorted_set_walk_start(&walk, value, rank);
        if (chosen) {
            assert(on);
            sorted_set_reply_item(call, &walk.item, with_scores);
            count--;
        }
        if (!few && count > 0) on = sorted_set_walk_previous(&walk);
    }
}

static int64_t take_random_count(struct call *call, bool *with_scores) {
    int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
    if (count == INT64_MIN)
        args_fail(call, "ERR value is out of range, value must between -%" PRId64 " and %" PRId64,
                  INT64_MAX, INT64_MAX);
    *with_scores = args_left(call) > 0 && args_word(call, "WITHSCORES");
    if (args_left(call) > 0) args_syntax_error(call);
    bool too_many = *with_scores && (count < -(INT64_MAX / 2) || count > INT64_MAX / 2);
    if (too_many || count < -REPEATED_MAX) args_fail(call, "ERR value is out of range");
    return count;
}

void sorted_set_word_zrandmember(struct call *call) {
    struct bytes key = args_key(call);
    bool single = args_left(call) == 0, with_scores = false;
    int64_t count = single ? 1 : take_random_count(call, &with_scores);
    if (args_failed(call)) return;
    struct value value;
    bool there = key_read(call, key, &sorted_set_type, &value);
    if (!there && call->failed) return;
    if (single && there) reply_pick(call, &value, false);
    else if (single) reply_null(call);
    else if (!there || count == 0) reply_array(call, 0);
    else if (count < 0) reply_repeated(call, &value, (size_t)-count, with_scores);
    else reply_different(call, &value, (size_t)count, with_scores);
}

/* --- ZSCAN --- */

#define STEPS_A_MEMBER 10 /* buckets that may turn out empty for each member that is wanted */

struct scanning {
    struct call *call;
    struct scan_words words;
    bool no_scores;
    bool copies; /* names do not stay where they are */
    size_t looked;
    struct sorted_set_item *items; /* in the arena */
    size_t count;
    size_t capacity;
};

static void gather(void *context, const struct sorted_set_item *item) {
    struct scanning *scanning = context;
    scanning->looked++;
    if (!scan_words_match(&scanning->words, scanning->call, item->name)) return;
    struct arena *arena = call_arena(scanning->call);
    if (scanning->count == scanning->capacity) {
        size_t capacity = scanning->capacity == 0 ? 64 : scanning->capacity * 2;
        struct sorted_set_item *items = arena_allocate(arena, capacity * sizeof(*items));
        if (scanning->count > 0) memcpy(items, scanning->items, scanning->count * sizeof(*items));
        scanning->items = items;
        scanning->capacity = capacity;
    }
    struct sorted_set_item *kept = &scanning->items[scanning->count++];
    *kept = *item;
    if (scanning->copies) kept->name = arena_copy(arena, item->name);
}

/* Takes the options. They are looked at only where there is something to scan. */
static void take_scan_options(struct call *call, struct scanning *scanning) {
    while (args_left(call) > 0) {
        if (scan_words_take(call, &scanning->words)) continue;
        if (args_word(call, "NOSCORES")) scanning->no_scores = true;
        else if (args_word(call, "NOVALUES"))
            args_fail(call, "ERR NOVALUES option can only be used in HSCAN");
        else args_syntax_error(call);
    }
}

static uint64_t scan(struct scanning *scanning, const struct value *value) {
    uint64_t cursor = scanning->words.cursor;
    size_t wanted = scanning->words.count, steps = 0;
    do {
        cursor = sorted_set_scan(value, cursor, gather, scanning);
        steps++;
    } while (cursor != 0 && scanning->looked < wanted && steps / STEPS_A_MEMBER < wanted);
    return cursor;
}

static void reply_scan(struct call *call, const struct scanning *scanning, uint64_t cursor) {
    char text[TEXT_INTEGER_MAX];
    reply_array(call, 2);
    reply_bulk(call, bytes_make(text, text_from_unsigned(text, cursor)));
    reply_array(call, scanning->no_scores ? scanning->count : scanning->count * 2);
    for (size_t i = 0; i < scanning->count; i++) {
        reply_bulk(call, scanning->items[i].name);
        if (scanning->no_scores) continue;
        char digits[TEXT_DOUBLE_MAX]; /* a bulk in both protocols */
        reply_bulk(call, bytes_make(digits, text_from_double(digits, scanning->items[i].score)));
    }
}

void sorted_set_word_zscan(struct call *call) {
    struct bytes key = args_key(call);
    struct scanning scanning = {.call = call};
    scan_words_begin(call, &scanning.words);
    if (args_failed(call)) return;
    struct value value;
    uint64_t cursor = 0;
    if (key_read(call, key, &sorted_set_type, &value)) {
        take_scan_options(call, &scanning);
        if (args_failed(call)) return;
        scanning.copies = value.storage == VALUE_INLINED;
        cursor = scan(&scanning, &value);
    }
    if (!call->failed) reply_scan(call, &scanning, cursor);
}
