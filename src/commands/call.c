/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/call.h"

#include "base/hash.h"
#include "base/text.h"

void call_init(struct call *call, struct executor *executor, const struct command *command,
               struct database *database, const struct bytes *argv, int argc,
               struct output *output) {
    *call = (struct call){
        .executor = executor,
        .command = command,
        .database = database,
        .argv = argv,
        .argc = argc,
        .arg_at = 1,
        .output = output,
        .reply_pending = 1,
    };
}

struct random *call_random(struct call *call) {
    return &call->executor->keyspace.random;
}

uint64_t call_key_hash(struct call *call, struct bytes key) {
    /* Keys are nearly always asked for in the order of the arguments, some of them twice. */
    for (int16_t i = call->hash_at; i < call->hash_count; i++) {
        if (call->argv[call->hash_first + i * call->hash_step].data != key.data) continue;
        call->hash_at = i;
        return call->hashes[i];
    }
    return hash_bytes(key);
}

#define LONG_WORD_BYTES ((size_t)4096)

/* A long word that is an argument need not be copied; of short ones a copy is cheaper. */
static bool outlasts_unit(const struct call *call, struct bytes word) {
    if (LIKELY(word.len < LONG_WORD_BYTES) || call->argv_passes) return false;
    for (int i = 0; i < call->argc; i++)
        if (call->argv[i].data == word.data && call->argv[i].len >= word.len) return true;
    return false;
}

void call_effect(struct call *call, const struct bytes *argv, int argc) {
    call->effects_given = true;
    if (!call_wants_effects(call)) return;
    struct arena *arena = call_arena(call);
    struct bytes *words = arena_allocate(arena, (size_t)argc * sizeof(*words));
    for (int i = 0; i < argc; i++)
        words[i] = outlasts_unit(call, argv[i]) ? argv[i] : arena_copy(arena, argv[i]);
    executor_effect_lasting(call->executor, call->database->index, words, argc);
}

void call_effect_lasting(struct call *call, const struct bytes *argv, int argc) {
    call->effects_given = true;
    if (call->argv_passes) executor_effect(call->executor, call->database->index, argv, argc);
    else executor_effect_lasting(call->executor, call->database->index, argv, argc);
}

void call_effect_none(struct call *call) { call->effects_given = true; }

struct bytes call_integer_text(struct call *call, int64_t value) {
    char *text = arena_allocate(call_arena(call), TEXT_INTEGER_MAX);
    return bytes_make(text, text_from_integer(text, value));
}
