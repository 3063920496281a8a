/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One command being run: its arguments, its instant, where its reply goes.
 *
 * The doors that a handler has are args.h (typed arguments), edit.h (keys), reply.h (the wire),
 * invoke.h (other commands) and the few functions here (time, chance, memory, effects). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "commands/command.h"
#include "commands/executor.h"
#include "protocol/output.h"

struct session;
struct command_entry;

struct call {
    struct executor *executor;
    const struct command *command;
    struct command_entry *entry; /* NULL where nobody resolved it */
    struct database *database;   /* the selected one */
    const struct bytes *argv;    /* borrowed; argv[0] is the command's name */
    struct blob **blobs;         /* NULL, or per argument the blob it lies in whole, or NULL */
    const uint64_t *hashes;      /* of the keys, in order, computed ahead; NULL: none */
    int argc;
    bool argv_passes;   /* argv may go before the unit ends: another command's, by invoke */
    int arg_at;         /* next argument to be read */
    int16_t hash_count; /* of `hashes`: the keys argv[hash_first + i × hash_step] */
    int16_t hash_first;
    int16_t hash_step;
    int16_t hash_at;    /* the last one found */
    bool failed;        /* an error has been replied */
    bool changed;       /* an edit was committed */
    bool effects_given; /* explicit effects replace the verbatim command */
    uint8_t open_edits;
    bool in_transaction;     /* inside EXEC or a script: blocking forms answer at once */
    struct output *output;   /* protocol 2 or 3 inside */
    int64_t reply_pending;   /* elements that are still owed */
    struct session *session; /* opaque; NULL without a client */
};

/* Makes a call ready to run; `output` borrowed. */
void call_init(struct call *call, struct executor *executor, const struct command *command,
               struct database *database, const struct bytes *argv, int argc,
               struct output *output);

static inline int64_t call_now_us(const struct call *call) { return call->executor->now_us; }
static inline int64_t call_now_ms(const struct call *call) { return call->executor->now_us / 1000; }
/* The instant at or before which elements of values count as gone: never while a journal is
 * replayed (it says what goes) or expiry is paused. */
static inline int64_t call_members_now_ms(const struct call *call) {
    return call->executor->replaying || call->executor->expiry_paused ? INT64_MIN
                                                                      : call_now_ms(call);
}
struct random *call_random(struct call *call);
/* Memory until the call (the outermost one) ends. */
static inline struct arena *call_arena(struct call *call) { return &call->executor->arena; }
/* The hash of a key, from the batch's prefetch where it is known. */
uint64_t call_key_hash(struct call *call, struct bytes key);

/* True when effects are listened to; building explicit ones can be skipped otherwise. */
static inline bool call_wants_effects(const struct call *call) {
    return call->executor->journal != NULL;
}
/* Replaces the verbatim command as what is journaled. Repeat for several, all one unit. Without a
 * committed edit nothing is journaled, whatever was said here... so say it after the commit. */
void call_effect(struct call *call, const struct bytes *argv, int argc);
/* The same of a vector that lies in the arena, as do its words unless they are arguments of the
 * call or literals: nothing is copied. For as many words as a client may send. */
void call_effect_lasting(struct call *call, const struct bytes *argv, int argc);
/* call_effect with blank-free literal words and bytes: call_effects(call, BYTES("SET"), key, value)
 */
#define call_effect_of(call, ...)                            \
    call_effect((call), (const struct bytes[]){__VA_ARGS__}, \
                (int)(sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes)))
/* The command changed something, yet nothing shall be journaled. */
void call_effect_none(struct call *call);
/* A decimal in the arena, for effects and replies. */
struct bytes call_integer_text(struct call *call, int64_t value);
