/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Calls that wait: for something that others bring, or until a time is over. The client's next
 * requests wait with them; nobody else does. (Work in slices is another matter: suspension.h.)
 *
 * Budget: nothing while nobody waits; a waiting client costs its arguments and a timer. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commands/call.h"

struct server;
struct session;

struct blocking;
struct blocking *blocking_create(void);
void blocking_destroy(struct blocking **blocking);
/* The last thing that a handler does: the call waits at most `timeout_ms` (0: for ever). When that
 * is over, `give_up` gives the one reply. In a transaction, or without a client, it does so now. */
void blocking_wait(struct call *call, int64_t timeout_ms, void (*give_up)(struct call *call));
/* CLIENT UNBLOCK: as if the time were over, or with an error. False: it does not wait. */
bool blocking_unblock(struct session *session, bool with_error);
/* The session goes away: no reply. */
void blocking_drop(struct session *session);
/* Lets those go whose clients have gone: nothing else notices while nothing is read. Called by
 * the cron; one system call for each that waits. */
void blocking_tend(struct server *server);
size_t blocking_timed_count(const struct server *server); /* those that do not wait for ever */
