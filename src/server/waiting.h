/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Who waits for which keys (commands/waiting.h), and waking them.
 *
 * A table of keys that are waited for, each with its queue in order of arrival. A key that changes
 * is put on a list; when the unit ends the list is gone through, and the handlers of those who wait
 * run again, as long as the key holds what they wait for. What they change themselves joins the
 * list. Adding and leaving is O(1) a key, waking O(woken). */
#include <stdbool.h>
#include <stddef.h>

#include "commands/waiting.h"

struct server;
struct database;
struct blocked;

struct waiting;
struct waiting *waiting_create(void);
void waiting_destroy(struct waiting **waiting);

/* Hooks of the executor. */
bool waiting_begin(void *context, struct call *call, const struct wait_request *request);
void waiting_serve(void *context);
void waiting_key_changed(struct server *server, struct database *database, struct bytes key);
void waiting_database_changed(struct server *server, struct database *database);

/* Takes it off all its queues. */
void waiting_forget(struct server *server, struct blocked *blocked);
size_t waiting_key_count(const struct server *server);
size_t waiting_gone_key_count(const struct server *server); /* with someone who waits for its end */
