/* SPDX-License-Identifier: BSD-3-Clause */
/* DUMP and RESTORE: a key's value as bytes that another server understands. */
#include "commands/dump.h"
#include "families/key/key_words.h"

void key_word_dump(struct call *call) {
    struct value value;
    if (key_read(call, args_key(call), NULL, &value)) dump_reply(call, &value);
    else reply_null(call);
}

struct restoring {
    struct bytes key;
    struct bytes ttl_text;
    struct bytes payload;
    int64_t deadline_ms;
    int64_t idle_seconds; /* -1: not said */
    int64_t frequency;    /* -1: not said */
    bool replace;
    bool absolute;
    bool has_deadline;
};

static void read_words(struct call *call, struct restoring *restoring) {
    *restoring = (struct restoring){.idle_seconds = -1, .frequency = -1};
    restoring->key = args_key(call);
    restoring->ttl_text = args_bytes(call);
    restoring->payload = args_bytes(call);
    while (args_left(call) > 0) {
        bool more = args_left(call) > 1;
        if (args_word(call, "REPLACE")) {
            restoring->replace = true;
        } else if (args_word(call, "ABSTTL")) {
            restoring->absolute = true;
        } else if (more && restoring->frequency < 0 && args_word(call, "IDLETIME")) {
            restoring->idle_seconds = args_integer(call, INT64_MIN, INT64_MAX);
            if (restoring->idle_seconds < 0)
                args_fail(call, "ERR Invalid IDLETIME value, must be >= 0");
        } else if (more && restoring->idle_seconds < 0 && args_word(call, "FREQ")) {
            restoring->frequency = args_integer(call, INT64_MIN, INT64_MAX);
            if (restoring->frequency < 0 || restoring->frequency > 255)
                args_fail(call, "ERR Invalid FREQ value, must be >= 0 and <= 255");
        } else {
            args_syntax_error(call);
        }
    }
}

static void read_ttl(struct call *call, struct restoring *restoring) {
    int64_t ttl_ms;
    if (args_failed(call)) return;
    if (!text_to_integer(restoring->ttl_text, &ttl_ms)) {
        args_fail(call, "ERR value is not an integer or out of range");
        return;
    }
    if (ttl_ms < 0) args_fail(call, "ERR Invalid TTL value, must be >= 0");
    restoring->has_deadline = ttl_ms != 0;
    restoring->deadline_ms = ttl_ms;
    /* A sum beyond what can be counted is in the past, as in Redis. */
    if (!restoring->absolute &&
        __builtin_add_overflow(ttl_ms, call_now_ms(call), &restoring->deadline_ms))
        restoring->deadline_ms = INT64_MIN;
}

#define IDLE_SECONDS_MAX (1 << 23) /* half of what the clock of uses can tell apart */

static void set_access(struct call *call, struct entry *entry, const struct restoring *restoring) {
    const struct access_rules *rules = &call->executor->keyspace.access;
    if (rules->lfu && restoring->frequency >= 0)
        access_set_frequency(rules, entry, (uint8_t)restoring->frequency);
    if (!rules->lfu && restoring->idle_seconds >= 0) {
        bool far = restoring->idle_seconds > IDLE_SECONDS_MAX;
        access_set_idle_seconds(rules, entry, far ? IDLE_SECONDS_MAX : restoring->idle_seconds);
    }
}

/* A time to live leaves as the instant at which it ends; otherwise the words are what happened. */
static void journal(struct call *call, const struct restoring *restoring) {
    if (!restoring->has_deadline || restoring->absolute || !call_wants_effects(call)) return;
    struct bytes argv[8] = {BYTES("RESTORE"), restoring->key,
                            call_integer_text(call, restoring->deadline_ms), restoring->payload,
                            BYTES("ABSTTL")};
    int argc = 5;
    if (restoring->replace) argv[argc++] = BYTES("REPLACE");
    int64_t use = restoring->idle_seconds >= 0 ? restoring->idle_seconds : restoring->frequency;
    if (use >= 0) {
        argv[argc++] = restoring->idle_seconds >= 0 ? BYTES("IDLETIME") : BYTES("FREQ");
        argv[argc++] = call_integer_text(call, use);
    }
    call_effect(call, argv, argc);
}

/* The value has ended already: all that happens is that what was there goes. */
static void restore_past(struct edit *edit) {
    struct call *call = edit->call;
    if (!edit_exists(edit)) {
        edit_cancel(edit);
        return;
    }
    edit_delete(edit, true);
    edit_commit_as(edit, EVENT_GENERIC, "del");
    call_effect_of(call, call->executor->lazy_server_del ? BYTES("UNLINK") : BYTES("DEL"),
                   edit->key);
}

/* Takes the value, stored or not. */
static void restore(struct call *call, const struct restoring *restoring, struct value *value) {
    struct edit edit;
    edit_open(&edit, call, restoring->key, NULL);
    bool past = restoring->has_deadline && restoring->deadline_ms <= call_now_ms(call) &&
                !call->executor->replaying;
    bool stored = false;
    if (past) restore_past(&edit);
    else if (restoring->has_deadline)
        stored = edit_replace_until(&edit, value, restoring->deadline_ms);
    else stored = edit_replace(&edit, value);
    if (!stored && value->storage == VALUE_BOXED) value->type->destroy(value->boxed);
    if (stored) {
        set_access(call, edit.place.entry, restoring);
        edit_event(&edit, EVENT_NEW, "new");
        edit.was_there = true;
        edit_commit_as(&edit, EVENT_GENERIC, "restore");
        journal(call, restoring);
    }
    if (stored || past) reply_ok(call);
}

void key_word_restore(struct call *call) {
    struct restoring restoring;
    read_words(call, &restoring);
    if (!args_failed(call) && !restoring.replace && key_exists(call, restoring.key))
        args_fail(call, "BUSYKEY Target key name already exists.");
    read_ttl(call, &restoring);
    if (args_failed(call)) return;
    struct decoder decoder;
    struct value value;
    if (dump_read(call, restoring.payload, &decoder, &value)) restore(call, &restoring, &value);
    decoder_deinit(&decoder);
}
