/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* All that a command needs of the process, and nothing of sockets: the keyspace, the table of
 * commands, the clock, the journal, and hooks for what lives above (`server/` fills them in, tests
 * leave them NULL). Two executors can live in one process. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "commands/command.h"
#include "commands/journal.h"
#include "keyspace/keyspace.h"

struct registry;
struct call;
struct options;
struct wait_request;

#define EXECUTOR_STRING_BYTES_MAX ((size_t)512 << 20) /* at first */
#define EXECUTOR_SPARSE_BYTES_MAX ((size_t)3000)

/* Letters of notify-keyspace-events as bits. */
enum event_class {
    EVENT_KEYSPACE = 1 << 0,      /* K */
    EVENT_KEYEVENT = 1 << 1,      /* E */
    EVENT_GENERIC = 1 << 2,       /* g */
    EVENT_STRING = 1 << 3,        /* $ */
    EVENT_LIST = 1 << 4,          /* l */
    EVENT_SET = 1 << 5,           /* s */
    EVENT_HASH = 1 << 6,          /* h */
    EVENT_SORTED_SET = 1 << 7,    /* z */
    EVENT_EXPIRED = 1 << 8,       /* x */
    EVENT_EVICTED = 1 << 9,       /* e */
    EVENT_STREAM = 1 << 10,       /* t */
    EVENT_MISS = 1 << 11,         /* m */
    EVENT_MODULE = 1 << 12,       /* d */
    EVENT_NEW = 1 << 13,          /* n */
    EVENT_APPLICATION = 1 << 14,  /* a: of the application families */
    EVENT_OVERWRITTEN = 1 << 15,  /* o */
    EVENT_TYPE_CHANGED = 1 << 16, /* c */
};
uint32_t event_class_of_letter(char letter); /* 0: unknown */

/* What lives above. All may be NULL. `context` is `executor->context`. */
struct executor_hooks {
    /* A keyspace event that the mask lets through. */
    void (*event)(void *context, uint32_t event_class, struct bytes event, struct bytes key,
                  int32_t database);
    /* A key that someone watches (`database->watched > 0`) has changed. */
    void (*changed)(void *context, struct database *database, struct bytes key);
    /* A whole database was emptied or swapped. */
    void (*database_changed)(void *context, struct database *database);
    /* Takes over a call that goes on in slices (slices.h); sets call->reply_pending to 0 for now.
     * Returns the call that lasts; NULL: not possible here. */
    struct call *(*suspend)(void *context, struct call *call,
                            bool (*step)(struct call *call, void *state, size_t budget),
                            void *state, void (*destroy)(void *state));
    /* Lets a call wait for keys (waiting.h). False: not possible here. */
    bool (*wait)(void *context, struct call *call, const struct wait_request *request);
    /* A unit has ended during which `wake_wanted` was set. */
    void (*wake)(void *context);
};

struct executor {
    struct keyspace keyspace;
    struct registry *registry;
    const struct clock *clock;
    struct journal *journal; /* NULL: nobody listens, effects are not built */
    struct options *options; /* NULL in tests that need none */
    struct executor_hooks hooks;
    void *context;

    uint32_t event_mask;  /* notify-keyspace-events; 0: off */
    int64_t now_us;       /* the frozen instant of the command that runs, wall time; never less than
                            the one before: when the clock is set back, monotonic time goes on */
    int64_t held_wall_us; /* where the clock was set back from; 0: it was not */
    int64_t held_monotonic_us;
    bool now_held;      /* the owner sets now_us (once a turn); executor_begin leaves it alone */
    int32_t depth;      /* of nested calls: invoke, transactions */
    bool lazy_user_del; /* lazyfree-lazy-user-del and its kin */
    bool lazy_expire;
    bool lazy_server_del;
    bool lazy_user_flush;
    bool replaying;        /* from the journal: deadlines do not fire by themselves */
    bool wake_wanted;      /* a key that someone waits for has changed: the hook `wake` is owed */
    bool expiring_members; /* due elements are being taken out: edits leave them to that */
    bool expiry_paused;    /* nothing expires, not even lazily: CLIENT PAUSE WRITE, imports */

    /* How long a string may grow: proto-max-bulk-len, moved by whoever owns the configuration. */
    size_t string_bytes_max;
    /* How long a string may grow that packs registers by runs: hll-sparse-max-bytes, likewise. */
    size_t sparse_bytes_max;

    struct reading *readings; /* replies being built in slices (reading.h); NULL: none */

    void **family_states;              /* one a family, made on first use */
    const struct family *state_family; /* the one asked for last, and its state */
    void *state;
    /* By type, as the keyspace numbers them: their families' expire_members. */
    void (*member_expirers[KEYSPACE_TYPES_MAX])(struct call *call, struct bytes key);

    struct effect *effect_first;
    struct effect *effect_last;
    size_t effect_count;
    struct executor_later *later; /* what executor_finally was told, the latest first */
    struct arena arena;           /* of the outermost call */
};

void executor_init(struct executor *executor, struct registry *registry, const struct clock *clock,
                   int32_t database_count, uint64_t seed);
void executor_deinit(struct executor *executor);

/* Reads the clock into now_us. */
void executor_refresh_now(struct executor *executor);
/* Freezes time for what follows, until the outermost executor_end: a command, a transaction, a
 * timer. Effects gathered in between leave as one unit. May nest. */
void executor_begin(struct executor *executor);
void executor_end(struct executor *executor);

/* Runs `call->command` with frozen time and asserts what a handler must have kept: exactly one
 * whole reply, no edit left open, no change from a command that reads. */
void executor_run(struct executor *executor, struct call *call);

/* A key has expired or been evicted: removes it with event, effect and count. The bytes of the key
 * stay where they are until the unit ends. */
enum executor_removal { REMOVAL_EXPIRED, REMOVAL_EVICTED };
void executor_remove(struct executor *executor, struct database *database,
                     struct keyspace_place *place, enum executor_removal why);
/* Event, effect and count of a key that has expired and was stored over where it lay by a call. */
void executor_expired_in_place(struct call *call, struct database *database, struct bytes key);
/* Takes due elements out of the value of `key`, which is of this type (family.h). The key is kept
 * by the caller meanwhile. */
void executor_expire_members(struct executor *executor, struct database *database, struct bytes key,
                             const struct value_type *type);
/* Expires what is due, keys and elements of values, at most `budget` keys a database; false when
 * there is more. */
bool executor_expire_due(struct executor *executor, size_t budget);

void executor_event(struct executor *executor, uint32_t event_class, const char *event,
                    struct bytes key, int32_t database);
/* Adds to the unit; argv is copied into the arena. */
void executor_effect(struct executor *executor, int32_t database, const struct bytes *argv,
                     int argc);
/* The same without a copy: vector and words stay until the unit ends, as arguments of requests do,
 * and what lies in the arena. */
void executor_effect_lasting(struct executor *executor, int32_t database, const struct bytes *argv,
                             int argc);
/* `release` is called with `what` when the unit has ended: what effects borrow lives until then. */
void executor_finally(struct executor *executor, void (*release)(void *what), void *what);
/* Tells watchers that a key changed. */
void executor_changed(struct executor *executor, struct database *database, struct bytes key);

/* Replays one unit that a journal of another executor was given. False when a command of it
 * answered with an error. */
bool executor_replay(struct executor *executor, const struct effect *effects, size_t count,
                     int64_t now_ms);
