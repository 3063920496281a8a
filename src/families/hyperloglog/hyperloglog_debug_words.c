/* SPDX-License-Identifier: BSD-3-Clause */
/* PFDEBUG and PFSELFTEST: for people who look into the format, and for their tools. */
#include <stdio.h>

#include "families/hyperloglog/hyperloglog_words.h"

/* --- the loops --- */

struct state {
    bool plain;
};

void *hyperloglog_state_create(void) { return memory_allocate_zero(sizeof(struct state)); }

void hyperloglog_state_destroy(void *state) { memory_free(state); }

const struct hyperloglog_loops *hyperloglog_loops(struct call *call) {
    const struct state *state = family_state(call, &hyperloglog_family);
    return state->plain ? hyperloglog_loops_plain() : hyperloglog_loops_best();
}

static void switch_loops(struct call *call, struct bytes word) {
    struct state *state = family_state(call, &hyperloglog_family);
    if (bytes_is(word, "ON")) state->plain = false;
    else if (bytes_is(word, "OFF")) state->plain = true;
    else args_fail(call, "ERR Argument must be ON or OFF");
    if (!args_failed(call)) reply_status(call, state->plain ? "disabled" : "enabled");
}

/* --- one key --- */

/* The value as dense bytes, which are stored too if they were not: an edit without an event.
 * False: an error was replied, the edit is cancelled. */
static bool make_dense(struct edit *edit, struct bytes value, struct bytes *dense, bool *changed) {
    struct hyperloglog_draft draft;
    hyperloglog_draft_init(&draft, call_arena(edit->call), value, 0);
    enum hyperloglog_change change = hyperloglog_draft_make_dense(&draft);
    if (change > HYPERLOGLOG_CHANGED) {
        hyperloglog_refuse(edit, change);
        return false;
    }
    *dense = hyperloglog_draft_value(&draft);
    *changed = change == HYPERLOGLOG_CHANGED;
    if (!*changed) edit_cancel(edit);
    else if (!hyperloglog_store(edit, *dense)) return false;
    else edit_commit(edit, NULL);
    return true;
}

static void get_registers(struct edit *edit, struct bytes value) {
    struct bytes dense;
    bool changed;
    if (!make_dense(edit, value, &dense, &changed)) return;
    const uint8_t *packed = (const uint8_t *)hyperloglog_body(dense).data;
    reply_array(edit->call, HYPERLOGLOG_REGISTERS);
    for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        reply_integer(edit->call, hyperloglog_dense_get(packed, (uint16_t)i));
}

static void to_dense(struct edit *edit, struct bytes value) {
    struct bytes dense;
    bool changed;
    if (make_dense(edit, value, &dense, &changed)) reply_integer(edit->call, changed);
}

static size_t print_run(char *out, size_t capacity, const struct hyperloglog_run *run) {
    int len;
    if (run->rank > 0) len = snprintf(out, capacity, "v:%u,%u ", run->rank, run->registers);
    else len = snprintf(out, capacity, "%c:%u ", run->bytes == 1 ? 'z' : 'Z', run->registers);
    return (size_t)len;
}

/* The runs as words, as far as they can be read. */
static void decode(struct edit *edit, struct bytes value) {
    enum { WORD_MAX = 16 };
    struct call *call = edit->call;
    struct bytes body = hyperloglog_body(value);
    if (hyperloglog_is_dense(value)) {
        reply_error(call, "ERR HLL encoding is not sparse");
        return;
    }
    char *text = arena_try_allocate(call_arena(call), body.len * WORD_MAX + 1);
    if (text == NULL) {
        reply_error(call, "OOM command not allowed: no memory for the reply");
        return;
    }
    size_t len = 0;
    struct hyperloglog_run run;
    const uint8_t *at = (const uint8_t *)body.data, *end = at + body.len;
    for (; at < end && hyperloglog_run_read(at, end, &run); at += run.bytes)
        len += print_run(text + len, WORD_MAX, &run);
    reply_bulk(call, bytes_make(text, len > 0 ? len - 1 : 0));
}

static void tell_encoding(struct edit *edit, struct bytes value) {
    reply_status(edit->call, hyperloglog_is_dense(value) ? "dense" : "sparse");
}

static const struct {
    const char *word;
    bool edits; /* ends the edit itself */
    void (*run)(struct edit *edit, struct bytes value);
} subcommands[] = {
    {"GETREG", true, get_registers},
    {"DECODE", false, decode},
    {"ENCODING", false, tell_encoding},
    {"TODENSE", true, to_dense},
};

static void run(struct edit *edit, struct bytes word, struct bytes value) {
    for (size_t i = 0; i < COUNT_OF(subcommands); i++) {
        if (!bytes_is(word, subcommands[i].word)) continue;
        subcommands[i].run(edit, value);
        if (!subcommands[i].edits) edit_cancel(edit);
        return;
    }
    args_fail(edit->call, "ERR Unknown PFDEBUG subcommand '%.*s'",
              (int)strnlen(word.data, word.len), word.data);
    edit_cancel(edit);
}

void hyperloglog_pfdebug(struct call *call) {
    struct bytes word = args_bytes(call);
    struct bytes key = args_key(call);
    if (bytes_is(word, "SIMD")) {
        switch_loops(call, key);
        return;
    }
    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    struct bytes value;
    if (!edit_exists(&edit)) {
        reply_error(call, "ERR The specified key does not exist");
        edit_cancel(&edit);
    } else if (!hyperloglog_view(call, &edit.value, &value)) {
        edit_cancel(&edit);
    } else {
        run(&edit, word, value);
    }
}

void hyperloglog_pfselftest(struct call *call) {
    const char *wrong = hyperloglog_self_test(hyperloglog_loops_plain());
    if (wrong == NULL) wrong = hyperloglog_self_test(hyperloglog_loops_best());
    if (wrong == NULL) reply_ok(call);
    else reply_error(call, "TESTFAILED %s", wrong);
}
