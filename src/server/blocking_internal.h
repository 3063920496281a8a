/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A call that waits: for blocking.c, which keeps them, and waiting.c, which wakes them. */
#include <stdbool.h>
#include <stdint.h>

#include "commands/call.h"

struct loop_timer;
struct key_wait;

struct blocked {
    struct blocked *next;
    struct blocked *previous;
    struct session *session;
    struct loop_timer *timer; /* NULL: for ever */
    struct key_wait *waits;   /* for these keys; NULL: for none */
    const struct value_type *type;
    bool wake_when_gone;
    bool runs_again;  /* the handler is running once more */
    bool waits_again; /* and has asked to go on waiting */
    struct call call;
    struct output output;
    void (*give_up)(struct call *call);
    struct bytes argv[]; /* bytes behind */
};

/* The call waits from here on; there is a session that does not wait yet. `argv`: as many as the
 * call has, copied. NULL: memory was refused. */
struct blocked *blocking_begin(struct call *call, const struct bytes *argv, int64_t timeout_ms,
                               void (*give_up)(struct call *call)) MUST_CHECK;
/* The reply has been given to blocked->output: sends it and lets the session go on. */
void blocking_finish(struct blocked *blocked, uint64_t ticks);
