/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading all of a hash: HGETALL, HKEYS, HVALS at once or, large ones, in slices that show one
 * instant; HSCAN. */
#include <stdio.h>

#include "commands/reading.h"
#include "commands/scan_words.h"
#include "families/hash/hash_words.h"

enum parts { FIELDS = 1, VALUES = 2, BOTH = 3 };

struct giving {
    struct call *call;
    enum parts parts;
    struct value value;
    int64_t now_ms;
    size_t count;
    bool announced; /* all of the reply is given through the call that lasts */
    struct hash_walk walk;
};

static void give(void *context, const struct hash_item *item) {
    const struct giving *giving = context;
    if ((giving->parts & FIELDS) != 0) reply_bulk(giving->call, item->field);
    if ((giving->parts & VALUES) != 0) reply_bulk(giving->call, item->value);
}

static inline void give_element(struct call *call, const uint8_t *list, uint32_t at) {
    struct packed_item item = packed_list_get(list, at);
    if (item.is_integer) reply_bulk_integer(call, item.integer);
    else reply_bulk(call, item.text);
}

/* Straight out of the list: the common case. */
static void give_pairs(struct call *call, const uint8_t *list, enum parts parts) {
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at);) {
        uint32_t value = packed_list_next(list, at);
        if ((parts & FIELDS) != 0) give_element(call, list, at);
        if ((parts & VALUES) != 0) give_element(call, list, value);
        at = packed_list_next(list, value);
    }
}

static void announce(struct call *call, struct giving *giving) {
    if (giving->parts == BOTH) reply_map(call, giving->count);
    else reply_array(call, giving->count);
    giving->announced = true;
}

static bool step(struct call *call, void *state, size_t budget) {
    struct giving *giving = state;
    giving->call = call;
    if (!giving->announced) announce(call, giving);
    hash_walk_on(&giving->walk, &giving->value, giving->now_ms, budget, give, giving);
    return giving->walk.done;
}

static void reply_all(struct call *call, enum parts parts) {
    struct bytes key = args_key(call);
    struct giving giving = {.parts = parts, .now_ms = call_members_now_ms(call)};
    bool there = key_read(call, key, &hash_type, &giving.value);
    if (args_failed(call)) return;
    giving.count = there ? hash_count(&giving.value, giving.now_ms) : 0;
    if (giving.count == 0) {
        announce(call, &giving);
        return;
    }
    if (giving.value.encoding == HASH_PAIRS) {
        announce(call, &giving);
        give_pairs(call, hash_list(&giving.value), parts);
        return;
    }
    if (hash_is_packed(&giving.value) || giving.count <= READING_AT_ONCE) {
        bool done = step(call, &giving, SIZE_MAX);
        (void)done;
        return;
    }
    struct giving *lasting = memory_allocate(sizeof(*lasting));
    *lasting = giving;
    call_read_in_slices(call, &giving.value, 1, step, lasting, memory_free);
}

void hash_hgetall(struct call *call) { reply_all(call, BOTH); }

void hash_hkeys(struct call *call) { reply_all(call, FIELDS); }

void hash_hvals(struct call *call) { reply_all(call, VALUES); }

/* --- HSCAN --- */

struct scanning {
    struct call *call;
    struct scan_words words;
    enum parts parts;
    struct value value;
    int64_t now_ms;
    size_t looked;
    size_t steps;
    bool begun;
    size_t start; /* of the reply: where the cursor will stand */
    struct reply_later later;
};

#define STEPS_A_FIELD 10 /* buckets that may turn out empty for each field that is wanted */

static void give_matching(void *context, const struct hash_item *item) {
    struct scanning *scanning = context;
    scanning->looked++;
    if (!scan_words_match(&scanning->words, scanning->call, item->field)) return;
    reply_bulk(scanning->call, item->field);
    if (scanning->parts == BOTH) reply_bulk(scanning->call, item->value);
}

static void begin_scan(struct call *call, struct scanning *scanning) {
    reply_array(call, 2);
    scanning->start = call->output->len;
    scanning->later = reply_later_open(call);
    scanning->begun = true;
}

/* The cursor is known last and stands first. */
static void close_scan(struct call *call, struct scanning *scanning) {
    char number[TEXT_INTEGER_MAX];
    char bulk[TEXT_INTEGER_MAX + 16];
    reply_later_close(call, scanning->later, '*');
    size_t len = text_from_unsigned(number, scanning->words.cursor);
    int size = snprintf(bulk, sizeof(bulk), "$%zu\r\n%.*s\r\n", len, (int)len, number);
    output_insert(call->output, scanning->start, bytes_make(bulk, (size_t)size));
    call->reply_pending--;
}

static bool step_scan(struct call *call, void *state, size_t budget) {
    struct scanning *scanning = state;
    scanning->call = call;
    if (!scanning->begun) begin_scan(call, scanning);
    uint64_t cursor = scanning->words.cursor;
    size_t wanted = scanning->words.count;
    bool done = false;
    while (!done && budget > 0) {
        size_t before = scanning->looked;
        cursor = hash_scan(&scanning->value, cursor, scanning->now_ms, give_matching, scanning);
        size_t work = 1 + scanning->looked - before; /* an empty bucket is work, too */
        budget = work < budget ? budget - work : 0;
        done = cursor == 0 || scanning->looked >= wanted ||
               ++scanning->steps / STEPS_A_FIELD >= wanted;
    }
    scanning->words.cursor = cursor;
    if (done) close_scan(call, scanning);
    return done;
}

static void take_words(struct call *call, struct scanning *scanning) {
    while (args_left(call) > 0) {
        if (scan_words_take(call, &scanning->words)) continue;
        if (args_word(call, "NOVALUES")) scanning->parts = FIELDS;
        else args_syntax_error(call);
    }
}

void hash_hscan(struct call *call) {
    struct bytes key = args_key(call);
    struct scanning scanning = {.parts = BOTH, .now_ms = call_members_now_ms(call)};
    scan_words_begin(call, &scanning.words);
    if (args_failed(call)) return;
    bool there = key_read(call, key, &hash_type, &scanning.value);
    if (args_failed(call)) return;
    if (!there) {
        reply_array(call, 2);
        reply_text(call, "0");
        reply_array(call, 0);
        return;
    }
    take_words(call, &scanning);
    if (args_failed(call)) return;
    if (hash_is_packed(&scanning.value) || scanning.words.count <= READING_AT_ONCE ||
        hash_count(&scanning.value, HASH_ALL) <= READING_AT_ONCE) {
        bool done = step_scan(call, &scanning, SIZE_MAX);
        (void)done;
        return;
    }
    struct scanning *lasting = memory_allocate(sizeof(*lasting));
    *lasting = scanning;
    call_read_in_slices(call, &scanning.value, 1, step_scan, lasting, memory_free);
}
