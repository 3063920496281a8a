/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* MULTI, EXEC, DISCARD and WATCH: what a session has queued, and who watches which key.
 *
 * Watched keys lie in one table of the server, keyed by database and key, each with the list of its
 * watchers: a change marks them in O(watchers), and nobody watching costs one test a change. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "commands/registry.h"

struct server;
struct session;
struct database;
struct call;

struct queued_command {
    const struct command_entry *entry;
    struct bytes *argv; /* in the same block as its bytes */
    int argc;
    struct queued_command *next;
};

struct transaction {
    bool active;     /* MULTI was said */
    bool aborted;    /* a command could not be queued: EXEC refuses */
    bool denies_oom; /* some queued command may need memory */
    bool writes;
    struct queued_command *first;
    struct queued_command *last;
    size_t count;
    size_t memory_bytes;
    struct watch *watches; /* of this session */
    size_t watch_count;
    size_t watch_bytes; /* with the keys, which sessions may share */
};

static inline bool transaction_is_active(const struct transaction *transaction) {
    return transaction != NULL && transaction->active;
}
struct transaction *session_transaction(struct session *session); /* makes it */
/* False: memory was refused. */
bool transaction_queue(struct session *session, const struct command_entry *entry,
                       const struct bytes *argv, int argc) MUST_CHECK;
/* Frees a command that was taken out of the queue. */
void transaction_queued_free(struct queued_command *queued);
/* Lets watched keys expire whose time has come, so that the session hears of it. */
void watches_expire(struct session *session);
/* Forgets what was queued; watches stay. */
void transaction_forget(struct session *session);
/* Drops watches too and frees the part. */
void transaction_end(struct session *session);

struct watches;
struct watches *watches_create(void);
void watches_destroy(struct watches **watches);
/* False: memory was refused. */
bool watch_add(struct session *session, struct database *database, struct bytes key) MUST_CHECK;
void watch_remove_all(struct session *session);
/* Hooks of the executor: a key, or a whole database, is about to change. */
void watches_key_changed(struct server *server, struct database *database, struct bytes key);
void watches_database_changed(struct server *server, struct database *database);
size_t watches_count(const struct watches *watches); /* keys, for INFO */
size_t watches_session_count(const struct watches *watches);
