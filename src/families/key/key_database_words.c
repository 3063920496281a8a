/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole databases: how much is in them, emptying them, exchanging them. */
#include "commands/slices.h"
#include "families/key/key_words.h"

void key_word_dbsize(struct call *call) {
    reply_integer(call, (int64_t)call->database->table.item_count);
}

/* --- emptying --- */

/* Emptying is done at once, whatever is said: the keys are gone for everybody. SYNC only means that
 * whoever asked hears of it when their memory has been given back. */
static bool step_free(struct call *call, void *state, size_t budget) {
    (void)state;
    if (!keyspace_free_condemned(&call->executor->keyspace, budget)) return false;
    reply_ok(call);
    return true;
}

static void flush_one(struct call *call, struct database *database) {
    struct keyspace *keyspace = &call->executor->keyspace;
    edit_database_changed(call, database);
    size_t count = keyspace_flush(keyspace, database, call_now_ms(call));
    keyspace->counters.changes += count;
}

static void flush(struct call *call, bool all) {
    bool sync = !call->executor->lazy_user_flush;
    if (args_left(call) == 1 && args_word(call, "SYNC")) sync = true;
    else if (args_left(call) == 1 && args_word(call, "ASYNC")) sync = false;
    args_end(call);
    if (args_failed(call)) return;
    struct keyspace *keyspace = &call->executor->keyspace;
    flush_one(call, call->database);
    for (int32_t i = 0; all && i < keyspace->database_count; i++) {
        if (keyspace->databases[i].table.item_count > 0) flush_one(call, &keyspace->databases[i]);
    }
    if (sync) call_in_slices(call, step_free, NULL, NULL);
    else reply_ok(call);
}

void key_word_flushdb(struct call *call) { flush(call, false); }
void key_word_flushall(struct call *call) { flush(call, true); }

/* --- exchanging --- */

static int32_t read_index(struct call *call, const char *error) {
    return (int32_t)args_integer_or(call, INT32_MIN, INT32_MAX, error);
}

void key_word_swapdb(struct call *call) {
    struct keyspace *keyspace = &call->executor->keyspace;
    int32_t first = read_index(call, "invalid first DB index");
    int32_t second = read_index(call, "invalid second DB index");
    int32_t count = keyspace->database_count;
    if (!args_failed(call) && (first < 0 || first >= count || second < 0 || second >= count))
        args_fail(call, "ERR DB index is out of range");
    if (args_failed(call)) return;
    if (first != second) {
        struct database *databases[] = {&keyspace->databases[first], &keyspace->databases[second]};
        /* Before and after: a watched key that comes has changed, and one that goes. */
        for (size_t i = 0; i < 2; i++) edit_database_changed(call, databases[i]);
        keyspace_swap(keyspace, first, second);
        for (size_t i = 0; i < 2; i++) edit_database_changed(call, databases[i]);
    }
    reply_ok(call);
}
