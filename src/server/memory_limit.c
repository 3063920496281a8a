/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/memory_limit.h"

#include "base/memory.h"
#include "keyspace/eviction.h"
#include "server/observe.h"

#define SLICE_US 500
#define FREE_STEPS 64

struct memory_limit {
    struct eviction eviction;
};

struct memory_limit *memory_limit_create(struct server *server) {
    (void)server;
    struct memory_limit *limit = memory_allocate_zero(sizeof(*limit));
    limit->eviction.samples = 5;
    return limit;
}

void memory_limit_destroy(struct memory_limit **limit) {
    memory_free(*limit);
    *limit = NULL;
}

struct eviction *memory_limit_eviction(struct server *server) {
    return &server->memory_limit->eviction;
}

size_t memory_limit_counted_bytes(const struct server *server) {
    (void)server;
    return memory_used_bytes();
}

static bool over(const struct server *server) {
    return server->settings.maxmemory > 0 &&
           memory_limit_counted_bytes(server) > server->settings.maxmemory;
}

static bool evict_one(struct server *server) {
    struct executor *executor = &server->executor;
    struct database *database = NULL;
    struct keyspace_place place;
    if (!eviction_choose(&server->memory_limit->eviction, &executor->keyspace, &database, &place))
        return false;
    executor_remove(executor, database, &place, REMOVAL_EVICTED);
    return true;
}

/* True: below the limit, or on the way there. False: over it, and nothing may go. Each eviction is
 * a unit of its own, for memory is given back when a unit ends. */
static bool evict(struct server *server) {
    struct keyspace *keyspace = &server->executor.keyspace;
    uint64_t start = ticks_now();
    while (over(server)) {
        bool freeing = keyspace_has_condemned(keyspace);
        if (freeing) keyspace_free_condemned(keyspace, FREE_STEPS);
        else if (!evict_one(server)) return false;
        if ((int64_t)ticks_to_us(&server->tick_rate, ticks_now() - start) < SLICE_US) continue;
        latency_note(server, "eviction-cycle", SLICE_US);
        break;
    }
    return true;
}

bool memory_limit_make_room(struct server *server) {
    return LIKELY(!over(server)) || evict(server);
}

bool memory_limit_slice(struct server *server) {
    if (LIKELY(!over(server))) return true;
    if (server->memory_limit->eviction.order == EVICTION_NONE) return true;
    return !evict(server) || !over(server);
}
