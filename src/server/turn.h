/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One turn of the loop: everything that became ready is read, parsed, prefetched, executed and
 * answered together.
 *
 * Connections are taken in groups of TURN_LOOKS. A group's bytes are read one behind the other into
 * one buffer; requests point into it. Rounds of at most TURN_BATCH requests follow, so that one
 * client's long pipeline takes turns with the others: look up all commands and hash their keys,
 * touch all buckets, touch all entries, then run. Replies of a client gather in one place and leave
 * with one system call.
 *
 * Budget: two system calls a client and turn (one read, one write); hot reads allocate nothing. A
 * key costs the command that uses it no cache miss: by then its bucket and its entry are here. */
#include <stdbool.h>
#include <stddef.h>

struct output;
struct server;
struct session;
struct connection;

#define TURN_LOOKS 64
#define TURN_BATCH 128
#define TURN_KEYS 256 /* a batch ends with the request that reaches so many */
#define TURN_READ_BYTES (16 * 1024)
#define TURN_BLOB_BYTES (256 * 1024) /* of a big argument, which is read without a copy */

struct turn;
struct turn *turn_create(struct server *server);
void turn_destroy(struct turn **turn);
/* Handles these ready connections (slots may be NULL) and the sessions that were resumed, then
 * flushes all that got bytes from others. */
void turn_run(struct server *server, struct connection **ready, size_t count);
/* Lets go of buffers that nobody has needed for a while: called between turns, at each tick. */
void turn_tend(struct turn *turn);
/* Flushes all that got bytes from others since. */
void turn_flush(struct server *server);
/* True while resumed sessions wait for the next turn. */
bool turn_is_wanted(const struct turn *turn);
/* Reads no more until turn_resume: a call of it goes on in slices, or it is paused. */
void turn_suspend(struct session *session);
/* Goes on with what a session has kept, as if it had just been read. */
void turn_resume(struct session *session);
/* The session got bytes from others: it is flushed when the turn ends. */
void turn_push(struct session *session);
/* Where bytes from others go while the session has replies in this turn: behind the replies of the
 * commands that have run, and of the one that runs. NULL: it has none. */
struct output *turn_output_of(const struct session *session);
/* The session is being freed. */
void turn_forget(struct session *session);
