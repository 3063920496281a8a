/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Waiting for keys: BLPOP, BZPOPMIN, XREAD BLOCK, and what queues and locks need.
 *
 * A handler that finds nothing asks to wait as its last deed. When one of the keys has changed (and
 * holds a value of the wanted type) the house runs the same handler again, after the unit that
 * changed it and before the next command of anybody: it replies, or asks to wait once more and
 * keeps its place. So a blocking form is its plain form plus one call, there is no polling, and
 * those who wait for a key are served in the order in which they came.
 *
 * Budget: a key that nobody waits for costs nothing; waking costs what the woken handlers cost. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "commands/call.h"

struct value_type;

struct wait_request {
    const struct bytes *keys; /* borrowed for the length of the call */
    size_t key_count;
    int64_t timeout_ms;             /* 0: for ever. Of the first wait only: later ones keep it */
    const struct value_type *type;  /* woken only while a key holds this; NULL: any value */
    bool wake_when_gone;            /* also when a key has gone or holds another type */
    const struct bytes *argv;       /* what the handler shall see next time, where that differs from
                                     * what came (XREAD's $ as an id); NULL: the same. As many */
    void (*give_up)(struct call *); /* gives the one reply when the time is over, and at once where
                                     * nobody can wait: in a transaction, without a client */
};

/* The last thing that a handler does; the reply is the house's matter from here on. */
void wait_for_keys(struct call *call, const struct wait_request *request);
/* The same for `count` of the call's arguments from `first` on, with a null array when it is over:
 * BLPOP, BZPOPMIN and their kin. */
void wait_for_arguments(struct call *call, int first, int count, const struct value_type *type,
                        int64_t timeout_ms);
/* Seconds as an argument: a double of at least 0, into milliseconds (rounded up, as 0.0001 is not
 * for ever). Latches Redis's errors: "timeout is not a float or out of range", "timeout is
 * negative", "timeout is out of range". */
int64_t args_timeout_ms(struct call *call);
