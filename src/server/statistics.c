/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/statistics.h"

#include "base/memory.h"
#include "server/error_stats.h"
#include "server/options.h"
#include "server/rates.h"
#include "server/server.h"

static void reset(void *context) {
    struct server *server = context;
    struct keyspace_counters *keys = &server->executor.keyspace.counters;
    server->counters = (struct server_counters){0};
    *keys = (struct keyspace_counters){.changes = keys->changes};
    error_stats_reset(server->error_stats);
    rates_reset(server->rates);
    for (size_t i = 0; i < registry_entry_count(server->registry); i++) {
        struct command_stats *stats = &registry_entry_by_id(server->registry, i)->stats;
        memory_free(stats->histogram);
        *stats = (struct command_stats){0};
    }
}

void statistics_setup(struct server *server) { options_on_reset(server->options, reset, server); }
