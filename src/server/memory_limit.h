/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* maxmemory: room is made before a command runs, in slices of at most a millisecond, by whatever
 * policy is set (keyspace/eviction.h chooses the victims). */
#include <stdbool.h>
#include <stddef.h>

#include "server/server.h"

struct memory_limit;
struct memory_limit *memory_limit_create(struct server *server);
void memory_limit_destroy(struct memory_limit **limit);
static inline bool memory_limit_is_set(const struct server *server) {
    return server->settings.maxmemory > 0 || server->settings.maxmemory_clients > 0;
}
/* The policy, for whoever sets it from the configuration (call eviction_reset afterwards). */
struct eviction *memory_limit_eviction(struct server *server);
/* Makes room when memory is over the limit. True: a command that needs memory may run (there is
 * room, or enough is being freed); false: it must be refused.  */
bool memory_limit_make_room(struct server *server);
/* Goes on evicting between turns; true when there is nothing left to do. */
bool memory_limit_slice(struct server *server);
/* Bytes that count against maxmemory: used minus what replicas and the like hold. */
size_t memory_limit_counted_bytes(const struct server *server);
