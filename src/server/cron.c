/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/cron.h"

#include "base/log.h"
#include "base/memory.h"
#include "network/loop.h"
#include "server/blocking.h"
#include "server/clients.h"
#include "server/memory_limit.h"
#include "server/observe.h"
#include "server/pause.h"
#include "server/process.h"
#include "server/server.h"
#include "server/session.h"
#include "server/suspension.h"
#include "server/turn.h"

#define SLICE_US 1000
#define EXPIRE_BUDGET 200
#define FREE_BUDGET 512
#define REBUILD_BUDGET 64
#define SLAB_EMPTY_MAX ((size_t)64 << 20)

static bool time_is_up(const struct server *server, uint64_t start) {
    return (int64_t)ticks_to_us(&server->tick_rate, ticks_now() - start) >= SLICE_US;
}

/* Each gets a slice; true when nothing is left. */
static bool expire(struct server *server) {
    uint64_t start = ticks_now();
    while (!executor_expire_due(&server->executor, EXPIRE_BUDGET)) {
        if (time_is_up(server, start)) return false;
    }
    return true;
}

static bool free_condemned(struct server *server) {
    uint64_t start = ticks_now();
    while (!keyspace_free_condemned(&server->executor.keyspace, FREE_BUDGET)) {
        if (time_is_up(server, start)) return false;
    }
    return true;
}

static void tend_deadlines(struct server *server) {
    struct keyspace *keyspace = &server->executor.keyspace;
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        struct database *database = &keyspace->databases[i];
        if (database->deadlines.wheel.item_count > 0)
            deadlines_tend(&database->deadlines, &database->table, database->volatile_count,
                           REBUILD_BUDGET);
    }
}

void cron_turn(void *context, struct connection **ready, size_t count) {
    struct server *server = context;
    turn_run(server, ready, count);
    pause_tend(server);
    bool idle = true;
    if (!server->expiry_stopped) idle = expire(server);
    if (keyspace_has_condemned(&server->executor.keyspace)) idle = free_condemned(server) && idle;
    idle = suspensions_advance(server, SLICE_US) && idle;
    idle = memory_limit_slice(server) && idle;
    tend_deadlines(server);
    turn_flush(server);
    session_free_closing(server);
    if (!idle || turn_is_wanted(server->turn)) loop_hurry(server->loop);
}

void cron_tick(void *context) {
    struct server *server = context;
    executor_refresh_now(&server->executor);
    access_set_time(&server->executor.keyspace.access, server->executor.now_us / 1000);
    tick_rate_refine(&server->tick_rate);
    memory_sample_peak();
    rates_sample(server);
    clients_tend(server);
    turn_tend(server->turn);
    blocking_tend(server);
    if (memory_report().slab_empty > SLAB_EMPTY_MAX) memory_purge();
    loop_timer_start(server->cron_timer,
                     1000000 / (server->settings.hz > 0 ? server->settings.hz : 10));
}
