/* SPDX-License-Identifier: BSD-3-Clause */
/* KEYS and SCAN: both walk the table with a cursor that tells where to go on, whatever has happened
 * to the table in between. A key that is there from the first step to the last is found. */
#include "commands/scan_words.h"
#include "commands/slices.h"
#include "families/key/key_gather.h"
#include "families/key/key_words.h"

/* What more than so many keys are asked for in slices. */
#define AT_ONCE_MAX 1000
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

/* To be removed when nobody walks over the bucket any more; until then entries stay where they are,
 * and the keys in them. */
static void note_expired(struct walk *walk, struct bytes key) {
    struct expired_key *expired = arena_allocate(call_arena(walk->call), sizeof(*expired));
    *expired = (struct expired_key){key, walk->expired};
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

static void set_pattern(struct walk *walk, const struct call *call, int at) {
    walk->pattern_at = bytes_equal(call->argv[at], BYTES("*")) ? 0 : at;
}

/* --- KEYS --- */

static bool step_keys(struct call *call, void *state, size_t budget) {
    struct walk *walk = state;
    if (!walk_on(walk, call, budget)) return false;
    if (walk->gather.failed) reply_no_memory(call, "the reply");
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
        reply_no_memory(call, "the reply");
        return true;
    }
    char text[TEXT_INTEGER_MAX];
    reply_array(call, 2);
    reply_bulk(call, bytes_make(text, text_from_unsigned(text, walk->cursor)));
    key_gather_reply(&walk->gather, call);
    return true;
}

static void read_scan_words(struct call *call, struct walk *walk) {
    struct scan_words words;
    scan_words_begin(call, &words);
    while (args_left(call) > 0) {
        if (scan_words_take(call, &words)) continue;
        if (args_left(call) > 1 && args_word(call, "TYPE")) {
            walk->by_type = true;
            walk->type = keyspace_type_by_name(&call->executor->keyspace, args_bytes(call));
        } else if (args_word(call, "NOVALUES")) {
            args_fail(call, "ERR NOVALUES option can only be used in HSCAN");
        } else {
            args_syntax_error(call);
        }
    }
    walk->cursor = words.cursor;
    walk->wanted = words.count;
    walk->pattern_at = words.pattern_at;
}

void key_word_scan(struct call *call) {
    struct walk walk = {.removes = true};
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
