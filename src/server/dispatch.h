/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* From a request to a reply: may it run, who hears of it, what did it cost. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "commands/registry.h"
#include "protocol/output.h"

struct server;
struct session;

#define DISPATCH_HASHES_MAX 16

/* A parsed request with what the prefetch found out. */
struct dispatch_request {
    struct command_entry *entry; /* NULL: not looked up, or unknown */
    const struct bytes *argv;
    struct blob **blobs;
    int argc;
    int16_t hash_count;
    int16_t hash_first;
    int16_t hash_step;
    uint64_t *hashes; /* the caller's room for DISPATCH_HASHES_MAX of them */
};

/* Looks the command up and hashes its keys: the first half of a prefetch. */
void dispatch_prepare(struct session *session, struct dispatch_request *request);
/* Checks, then runs or queues; the reply goes to `output`. */
void dispatch(struct session *session, const struct dispatch_request *request,
              struct output *output);
/* Runs a command that has passed all checks, or that a transaction has queued, with statistics. */
void dispatch_run(struct session *session, struct command_entry *entry, const struct bytes *argv,
                  int argc, struct blob **blobs, struct output *output, bool in_transaction,
                  const struct dispatch_request *prepared);
/* Statistics of a call that ended later than its handler (slices). */
void dispatch_finish(struct server *server, struct session *session, struct command_entry *entry,
                     const struct bytes *argv, int argc, uint64_t ticks, bool failed);
