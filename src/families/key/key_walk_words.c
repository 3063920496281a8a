/* SPDX-License-Identifier: BSD-3-Clause */
/* KEYS and SCAN: both walk the table with a cursor that tells where to go on, whatever has happened
 * to the table in between. A key that is there from the first step to the last is found. */
#include "commands/slices.h"
#include "families/key/key_gather.h"
#include "families/key/key_words.h"

/* What more than so many keys are asked for in slices. */
#define AT_ONCE_MAX 1000
#define SCAN_COUNT_DEFAULT 10
#define SCAN_STEPS_A_KEY 10 /* buckets that may turn out empty for each key that is wanted */

struct expired_key {
    struct bytes key;
    struct expired_key *next;
};

struct walk {
    uint64_t cursor;
    size_t wanted;  /* keys to look at; KEYS: no end */
    size_t looked;  /* keys looked at */
    size_t steps;   /* of the cursor */
    int pattern_at; /* index of the pattern in argv, 0: every key will do */
    bool by_type;
    bool removes;                  /* expired keys go when they are met */
    const struct value_type *type; /* NULL with by_type: one that no value has */
    struct key_gather gather;
    struct call *call; /* of the step that runs */
    struct expired_key *expired;
};

static void walk_destroy(void *state) {
    struct walk *walk = state;
    key_gather_deinit(&walk->gather);
    memory_free(walk);
}

/* Copied, to be removed when nobody walks over the bucket any more. */
static void note_expired(struct walk *walk, struct bytes key) {
    struct arena *arena = call_arena(walk->call);
    struct expired_key *expired = arena_allocate(arena, sizeof(*expired));
    *expired = (struct expired_key){arena_copy(arena, key), walk->expired};
    walk->expired = expired;
}

static void visit(void *context, void *item) {
    struct walk *walk = context;
    const struct entry *entry = item;
    const struct call *call = walk->call;
    struct bytes key = entry_key(entry);
    walk->looked++;
    if (walk->pattern_at != 0 && !text_matches(call->argv[walk->pattern_at], key, false)) return;
    if (walk->by_type && keyspace_entry_type(&call->executor->keyspace, entry) != walk->type)
        return;
    if (entry_has_deadline(entry) && entry_deadline_ms(entry) <= call_now_ms(call) &&
        !call->executor->replaying) {
        if (walk->removes) note_expired(walk, key);
        return;
    }
    key_gather_add(&walk->gather, key);
}

static void remove_expired(struct walk *walk) {
    while (walk->expired != NULL) {
        struct expired_key *expired = walk->expired;
        walk->expired = expired->next;
        key_exists(walk->call, expired->key);
    }
}

/* True at the end: all has been walked, or enough. */
static bool walk_on(struct walk *walk, struct call *call, size_t budget) {
    walk->call = call;
    while (budget > 0) {
        size_t before = walk->looked;
        walk->cursor = hash_table_scan(&call->database->table, walk->cursor, visit, walk);
        if (walk->expired != NULL) remove_expired(walk);
        walk->steps++;
        if (walk->cursor == 0 || walk->looked >= walk->wanted || walk->gather.failed) return true;
        if (walk->steps / SCAN_STEPS_A_KEY >= walk->wanted) return true;
        size_t work = 1 + walk->looked - before; /* an empty bucket is work, too */
        budget = work < budget ? budget - work : 0;
    }
    return false;
}

static void reply_no_memory(struct call *call) {
    reply_error(call, "OOM command not allowed: no memory for the reply");
}

static void set_pattern(struct walk *walk, const struct call *call, int at) {
    walk->pattern_at = bytes_equal(call->argv[at], BYTES("*")) ? 0 : at;
}

/* --- KEYS --- */

static bool step_keys(struct call *call, void *state, size_t budget) {
    struct walk *walk = state;
    if (!walk_on(walk, call, budget)) return false;
    if (walk->gather.failed) reply_no_memory(call);
    else key_gather_reply(&walk->gather, call);
    return true;
}

/* A pattern without a special character names one key. */
static void keys_plain(struct call *call, struct bytes key) {
    bool there = key_exists(call, key);
    reply_array(call, there);
    if (there) reply_bulk(call, key);
}

void key_word_keys(struct call *call) {
    int at = args_index(call);
    struct bytes pattern = args_bytes(call);
    if (text_pattern_is_plain(pattern)) {
        keys_plain(call, pattern);
        return;
    }
    struct walk *walk = memory_allocate(sizeof(*walk));
    *walk = (struct walk){.wanted = SIZE_MAX};
    key_gather_init(&walk->gather);
    set_pattern(walk, call, at);
    if (call->database->table.item_count > AT_ONCE_MAX) {
        call_in_slices(call, step_keys, walk, walk_destroy);
        return;
    }
    bool done = step_keys(call, walk, SIZE_MAX);
    (void)done;
    walk_destroy(walk);
}

/* --- SCAN --- */

static bool step_scan(struct call *call, void *state, size_t budget) {
    struct walk *walk = state;
    if (!walk_on(walk, call, budget)) return false;
    if (walk->gather.failed) {
        reply_no_memory(call);
        return true;
    }
    char text[TEXT_INTEGER_MAX];
    reply_array(call, 2);
    reply_bulk(call, bytes_make(text, text_from_unsigned(text, walk->cursor)));
    key_gather_reply(&walk->gather, call);
    return true;
}

/* A cursor is an unsigned number as strtoull reads one: blanks and a sign before it are allowed,
 * '-' counts from the far end, a zero byte ends it. But a plain negative integer is none. So it is
 * in Redis 8; 7.0 takes negative and empty ones, and no blanks. */
static uint64_t read_cursor(struct call *call) {
    struct bytes text = args_bytes(call);
    const char *zero = text.len == 0 ? NULL : memchr(text.data, '\0', text.len);
    if (zero != NULL) text.len = (size_t)(zero - text.data);
    int64_t plain = 0;
    size_t i = 0;
    while (i < text.len && (text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r')))
        i++;
    bool negative = i < text.len && text.data[i] == '-';
    if (i < text.len && (negative || text.data[i] == '+')) i++;
    bool good = i < text.len && (!text_to_integer(text, &plain) || plain >= 0);
    uint64_t cursor = 0;
    for (; good && i < text.len; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        good = digit <= 9 && !__builtin_mul_overflow(cursor, (uint64_t)10, &cursor) &&
               !__builtin_add_overflow(cursor, (uint64_t)digit, &cursor);
    }
    if (!good) args_fail(call, "ERR invalid cursor");
    return negative ? 0 - cursor : cursor;
}

static void read_scan_words(struct call *call, struct walk *walk) {
    walk->cursor = read_cursor(call);
    while (args_left(call) > 0) {
        bool more = args_left(call) > 1;
        if (more && args_word(call, "COUNT")) {
            int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
            if (count < 1) args_syntax_error(call);
            walk->wanted = (size_t)count;
        } else if (more && args_word(call, "MATCH")) {
            set_pattern(walk, call, args_index(call));
            args_bytes(call);
        } else if (more && args_word(call, "TYPE")) {
            walk->by_type = true;
            walk->type = keyspace_type_by_name(&call->executor->keyspace, args_bytes(call));
        } else if (args_word(call, "NOVALUES")) {
            args_fail(call, "ERR NOVALUES option can only be used in HSCAN");
        } else {
            args_syntax_error(call);
        }
    }
}

void key_word_scan(struct call *call) {
    struct walk walk = {.wanted = SCAN_COUNT_DEFAULT, .removes = true};
    read_scan_words(call, &walk);
    if (args_failed(call)) return;
    key_gather_init(&walk.gather);
    if (walk.wanted > AT_ONCE_MAX && call->database->table.item_count > AT_ONCE_MAX) {
        struct walk *lasting = memory_allocate(sizeof(*lasting));
        *lasting = walk;
        call_in_slices(call, step_scan, lasting, walk_destroy);
        return;
    }
    bool done = step_scan(call, &walk, SIZE_MAX);
    (void)done;
    key_gather_deinit(&walk.gather);
}
