/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Calls that go on in slices (commands/slices.h): each turn gives them a millisecond in all. */
#include <stdbool.h>
#include <stddef.h>

#include "commands/slices.h"

struct server;
struct session;
struct suspensions;

struct suspensions *suspensions_create(void);
void suspensions_destroy(struct suspensions **suspensions);
/* The executor's hook. */
struct call *suspension_begin(void *context, struct call *call, call_step *step, void *state,
                              void (*destroy)(void *state));
/* Goes on with all, fairly, for about `budget_us`; true when none is left. */
bool suspensions_advance(struct server *server, int64_t budget_us);
/* The session goes away. */
void suspension_drop(struct session *session);
