/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/slices.h"
#include "families/key/key_words.h"

/* --- walking over all keys --- */

struct walk {
    struct call *call;
    struct bytes pattern;          /* data NULL: all */
    const struct value_type *type; /* NULL: any */
    bool type_unknown;
    size_t seen;
};

static bool is_due(const struct call *call, const struct entry *entry) {
    return entry_has_deadline(entry) && entry_deadline_ms(entry) <= call_now_ms(call);
}

static void visit(void *context, void *item) {
    struct walk *walk = context;
    const struct entry *entry = item;
    walk->seen++;
    struct bytes key = entry_key(entry);
    if (walk->type_unknown || is_due(walk->call, entry)) return;
    if (walk->type != NULL &&
        keyspace_entry_type(&walk->call->executor->keyspace, entry) != walk->type)
        return;
    if (walk->pattern.data != NULL && !text_matches(walk->pattern, key, false)) return;
    reply_bulk(walk->call, key);
}

struct keys_state {
    struct walk walk;
    struct reply_later later;
    uint64_t cursor;
};

static bool keys_step(struct call *call, void *context, size_t budget) {
    struct keys_state *state = context;
    state->walk.call = call;
    state->walk.pattern = call->argv[1];
    if (bytes_equal(state->walk.pattern, BYTES("*"))) state->walk.pattern.data = NULL;
    size_t until = state->walk.seen + budget;
    do {
        state->cursor = hash_table_scan(&call->database->table, state->cursor, visit, &state->walk);
    } while (state->cursor != 0 && state->walk.seen < until);
    if (state->cursor != 0) return false;
    reply_later_close(call, state->later, '*');
    return true;
}

void key_keys(struct call *call) {
    struct keys_state *state = memory_allocate_zero(sizeof(*state));
    state->later = reply_later_open(call);
    call_in_slices(call, keys_step, state, memory_free);
}

#define SCAN_COUNT_DEFAULT 10
#define SCAN_BUCKETS_PER_COUNT 10 /* of an empty table, before it answers with nothing */

void key_scan(struct call *call) {
    struct bytes word = args_bytes(call);
    uint64_t cursor = 0;
    if (!text_to_unsigned(word, &cursor)) args_fail(call, "ERR invalid cursor");
    struct walk walk = {.call = call};
    int64_t count = SCAN_COUNT_DEFAULT;
    while (args_left(call) > 0) {
        if (args_left(call) >= 2 && args_word(call, "COUNT")) {
            count = args_integer(call, INT64_MIN, INT64_MAX);
            if (!args_failed(call) && count < 1) args_syntax_error(call);
        } else if (args_left(call) >= 2 && args_word(call, "MATCH")) {
            walk.pattern = args_bytes(call);
        } else if (args_left(call) >= 2 && args_word(call, "TYPE")) {
            walk.type = keyspace_type_by_name(&call->executor->keyspace, args_bytes(call));
            walk.type_unknown = walk.type == NULL;
        } else {
            args_syntax_error(call);
        }
    }
    if (args_failed(call)) return;
    reply_array(call, 2);
    struct reply_later whole = reply_later_open(call);
    size_t buckets = (size_t)count * SCAN_BUCKETS_PER_COUNT;
    do {
        cursor = hash_table_scan(&call->database->table, cursor, visit, &walk);
    } while (cursor != 0 && walk.seen < (size_t)count && buckets-- > 0);
    reply_later_close(call, whole, '*');
    /* The cursor goes in front of the keys, but is known only behind them. */
    char digits[TEXT_INTEGER_MAX];
    size_t len = text_from_unsigned(digits, cursor);
    struct bytes text = arena_format(call_arena(call), "$%zu\r\n%.*s\r\n", len, (int)len, digits);
    output_insert(call->output, whole.offset, text);
    call->reply_pending--;
}

void key_randomkey(struct call *call) {
    struct keyspace *keyspace = &call->executor->keyspace;
    for (int i = 0; i < 100; i++) {
        struct entry *entry = keyspace_random(keyspace, call->database);
        if (entry == NULL) break;
        if (is_due(call, entry) && i < 99) continue;
        reply_bulk(call, entry_key(entry));
        return;
    }
    reply_null(call);
}

void key_dbsize(struct call *call) {
    reply_integer(call, (int64_t)call->database->table.item_count);
}

/* --- emptying --- */

static bool flush_step(struct call *call, void *context, size_t budget) {
    (void)context;
    if (!keyspace_free_condemned(&call->executor->keyspace, budget)) return false;
    reply_ok(call);
    return true;
}

static void flush(struct call *call, int32_t from, int32_t until) {
    bool wait = !call->executor->lazy_user_flush;
    if (args_word(call, "ASYNC")) wait = false;
    else if (args_word(call, "SYNC")) wait = true;
    args_end(call);
    if (args_failed(call)) return;
    struct keyspace *keyspace = &call->executor->keyspace;
    for (int32_t i = from; i < until; i++) {
        struct database *database = &keyspace->databases[i];
        edit_database_changed(call, database);
        keyspace_flush(keyspace, database, call_now_ms(call));
    }
    if (wait) call_in_slices(call, flush_step, NULL, NULL);
    else reply_ok(call);
}

void key_flushdb(struct call *call) {
    flush(call, call->database->index, call->database->index + 1);
}

void key_flushall(struct call *call) { flush(call, 0, call->executor->keyspace.database_count); }
