/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A whole server in the test's own process, the server's own words and sessions included: what
 * `harness.h` does not have. Bytes go through the turn as those of a socket do (parser, batches,
 * dispatcher); only reading and writing of sockets is left out, and time moves when the test moves
 * it. What goes on in slices goes on to its end; who waits for something gets no answer until the
 * test lets time pass.
 *
 *     struct server_harness harness;
 *     server_harness_init(&harness);
 *     cr_assert_str_eq(server_harness_run(&harness, "SET k v"), "+OK\r\n");
 *     server_harness_deinit(&harness); */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "commands/journal.h"
#include "server/parts.h"
#include "server/process.h"
#include "server/server.h"

#define SERVER_HARNESS_START_US ((int64_t)1700000000000000)

struct server_harness {
    struct server server;
    struct process process;
    const struct family *families[PARTS_FAMILIES_MAX];
    size_t family_count;
    struct memory_journal journal; /* of all that was changed */
    struct session *client;        /* of run and run_argv; made again when the server closes it */
    uint64_t client_id;
    char *reply; /* the last one, a zero behind it */
    size_t reply_len;
    bool closed;  /* the last command made the server close its client */
    bool hurries; /* whoever waits for something in run and run_argv is let go at once */
};

void server_harness_init(struct server_harness *harness);
void server_harness_deinit(struct server_harness *harness);
/* One client more; it goes when the server says so, or at the end. */
struct session *server_harness_connect(struct server_harness *harness);
/* What a client sends; gives all that it was sent since, with a zero behind it, valid until the
 * next call. The client may be gone afterwards (`closed`). */
const char *server_harness_send(struct server_harness *harness, struct session *client,
                                struct bytes bytes);
/* The same of one command of `client`. */
const char *server_harness_run_argv(struct server_harness *harness, const struct bytes *argv,
                                    int argc);
/* Words as a shell line. */
const char *server_harness_run(struct server_harness *harness, const char *line);
void server_harness_advance_ms(struct server_harness *harness, int64_t ms);
/* Whether the client of run and run_argv waits for something. */
bool server_harness_waits(const struct server_harness *harness);
/* Those who wait (WAIT, CLIENT PAUSE) are let go, as if their time were over. */
void server_harness_release(struct server_harness *harness);
/* Does what a server does between requests until nothing is left: expires, frees, goes on. */
void server_harness_settle(struct server_harness *harness);
/* `client` leaves and comes again, and what it may have stopped (CLIENT PAUSE) goes on. */
void server_harness_renew(struct server_harness *harness);
/* The same, with all databases and the journal emptied. */
void server_harness_clear(struct server_harness *harness);
/* 40 hexadecimal digits of all databases. */
void server_harness_digest(const struct server_harness *harness, char hex[41]);
struct command_entry *server_harness_entry(const struct server_harness *harness, const char *name);

/* An executor with the same families and nothing else: where a journal is replayed into. */
struct replica {
    struct clock clock;
    struct executor executor;
};
void replica_init(struct replica *replica, const struct server_harness *harness);
void replica_deinit(struct replica *replica);
/* Replays all that was journaled. NULL, or the first unit of which a command failed. */
const struct memory_unit *replica_follow(struct replica *replica,
                                         const struct server_harness *harness);
void replica_digest(const struct replica *replica, const struct server_harness *at, char hex[41]);
