/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Commands that would take too long in one piece: KEYS, a flush that waits, big replies.
 *
 * The handler starts the work and hands over a step; the house calls the step again and again, a
 * little each time, between the commands of other clients, until it says that it is done. The
 * client waits meanwhile and its next commands with it. Inside a transaction or a script, and
 * where there is no client, all steps run at once. */
#include <stdbool.h>

#include "commands/call.h"

/* Does about `budget` elements of work. True when finished: by then exactly one whole reply must
 * have been given through `call`, which is the same through all steps (its arguments are copied,
 * its reply gathers). */
typedef bool call_step(struct call *call, void *state, size_t budget);

/* The last thing that a handler does. Takes `state`; `destroy` (may be NULL) frees it, also when
 * the client goes away before the end. Returns the call that the steps will be given; NULL when
 * they have run already and the state is gone. */
struct call *call_in_slices(struct call *call, call_step *step, void *state,
                            void (*destroy)(void *state));
