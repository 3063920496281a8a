/* SPDX-License-Identifier: BSD-3-Clause */
/* INFO: what has been done, and how long it took. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "commands/registry.h"
#include "network/loop.h"
#include "server/error_stats.h"
#include "server/histogram.h"
#include "server/info.h"
#include "server/observe.h"
#include "server/options.h"
#include "server/pubsub.h"
#include "server/rates.h"
#include "server/server.h"
#include "server/session.h"

#define PERCENTILES_MAX 64
#define TTL_SAMPLES 16

/* How late the timers of keys are: 0 when all that is due has been done. */
static int64_t expiry_lag_ms(const struct server *server) {
    int64_t now_ms = server->executor.now_us / 1000;
    int64_t lag_ms = 0;
    for (int32_t i = 0; i < server->executor.keyspace.database_count; i++) {
        const struct database *database = &server->executor.keyspace.databases[i];
        if (database->deadlines.wheel.item_count == 0) continue;
        int64_t late_ms = now_ms - timing_wheel_next_ms(&database->deadlines.wheel);
        if (late_ms > lag_ms) lag_ms = late_ms;
    }
    return lag_ms;
}

static void write_traffic(struct info *info) {
    const struct server *server = info->server;
    const struct server_counters *counters = &server->counters;
    const struct rates *rates = server->rates;
    info_line(info, "total_connections_received:%" PRIu64, counters->connections_received);
    info_line(info, "total_commands_processed:%" PRIu64, counters->commands_processed);
    info_line(info, "instantaneous_ops_per_sec:%" PRIu64, rates_per_second(rates, RATE_COMMANDS));
    info_line(info, "total_net_input_bytes:%" PRIu64, counters->net_input_bytes);
    info_line(info, "total_net_output_bytes:%" PRIu64, counters->net_output_bytes);
    info_line(info, "total_net_repl_input_bytes:0");
    info_line(info, "total_net_repl_output_bytes:0");
    info_line(info, "instantaneous_input_kbps:%.2f",
              (double)rates_per_second(rates, RATE_INPUT_BYTES) / 1024);
    info_line(info, "instantaneous_output_kbps:%.2f",
              (double)rates_per_second(rates, RATE_OUTPUT_BYTES) / 1024);
    info_line(info, "instantaneous_input_repl_kbps:0.00");
    info_line(info, "instantaneous_output_repl_kbps:0.00");
    info_line(info, "rejected_connections:%" PRIu64, counters->connections_rejected);
    info_line(info, "sync_full:0");
    info_line(info, "sync_partial_ok:0");
    info_line(info, "sync_partial_err:0");
}

static void write_keys(struct info *info) {
    const struct server *server = info->server;
    const struct keyspace_counters *keys = &server->executor.keyspace.counters;
    info_line(info, "expired_subkeys:0");
    info_line(info, "expired_keys:%" PRIu64, keys->expired);
    info_line(info, "expired_stale_perc:0.00");
    info_line(info, "expired_time_cap_reached_count:0");
    info_line(info, "expire_cycle_cpu_milliseconds:0");
    info_line(info, "expire_lag_milliseconds:%" PRId64, expiry_lag_ms(server));
    info_line(info, "evicted_keys:%" PRIu64, keys->evicted);
    info_line(info, "evicted_clients:%" PRIu64, server->counters.client_evictions);
    info_line(info, "evicted_scripts:0");
    info_line(info, "total_eviction_exceeded_time:0");
    info_line(info, "current_eviction_exceeded_time:0");
    info_line(info, "keyspace_hits:%" PRIu64, keys->hits);
    info_line(info, "keyspace_misses:%" PRIu64, keys->misses);
    info_line(info, "pubsub_channels:%zu", pubsub_channel_count(server->pubsub));
    info_line(info, "pubsub_patterns:%zu", pubsub_pattern_count(server->pubsub));
    info_line(info, "pubsubshard_channels:%zu", pubsub_shard_count(server->pubsub));
}

static void write_absent(struct info *info) {
    static const char *const names[] = {
        "latest_fork_usec",         "total_forks",
        "migrate_cached_sockets",   "slave_expires_tracked_keys",
        "active_defrag_hits",       "active_defrag_misses",
        "active_defrag_key_hits",   "active_defrag_key_misses",
        "total_active_defrag_time", "current_active_defrag_time",
        "tracking_total_keys",      "tracking_total_items",
        "tracking_total_prefixes",  "unexpected_error_replies",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) info_line(info, "%s:0", names[i]);
}

void info_write_stats(struct info *info) {
    const struct server *server = info->server;
    const struct server_counters *counters = &server->counters;
    struct loop_stats loop = loop_stats(server->loop);
    write_traffic(info);
    write_keys(info);
    write_absent(info);
    info_line(info, "total_error_replies:%" PRIu64, counters->errors);
    info_line(info, "oom_refusals:%" PRIu64, counters->oom_refusals);
    info_line(info, "dump_payload_sanitizations:0");
    info_line(info, "total_reads_processed:%" PRIu64, counters->reads_processed);
    info_line(info, "total_writes_processed:%" PRIu64, counters->writes_processed);
    info_line(info, "io_threaded_reads_processed:0");
    info_line(info, "io_threaded_writes_processed:0");
    info_line(info, "client_query_buffer_limit_disconnections:%" PRIu64,
              counters->query_limit_disconnections);
    info_line(info, "client_output_buffer_limit_disconnections:%" PRIu64,
              counters->output_limit_disconnections);
    info_line(info, "reply_buffer_shrinks:0");
    info_line(info, "reply_buffer_expands:0");
    info_line(info, "eventloop_cycles:%" PRIu64, loop.turn_count);
    info_line(info, "eventloop_duration_sum:%" PRIu64, loop.busy_us);
    info_line(info, "eventloop_duration_max:%" PRIu64, loop.busy_us_max);
    info_line(info, "eventloop_duration_cmd_sum:%" PRIu64,
              ticks_to_us(&server->tick_rate, counters->command_ticks));
    info_line(info, "instantaneous_eventloop_cycles_per_sec:%" PRIu64,
              rates_per_second(server->rates, RATE_TURNS));
    info_line(info, "instantaneous_eventloop_duration_usec:%" PRIu64, rates_turn_us(server->rates));
    info_line(info, "acl_access_denied_auth:%" PRIu64, counters->auth_failures);
    info_line(info, "acl_access_denied_cmd:0");
    info_line(info, "acl_access_denied_key:0");
    info_line(info, "acl_access_denied_channel:0");
}

/* --- by command --- */

void info_write_commandstats(struct info *info) {
    const struct server *server = info->server;
    for (size_t i = 0; i < registry_entry_count(server->registry); i++) {
        const struct command_entry *entry = registry_entry_by_id(server->registry, i);
        const struct command_stats *stats = &entry->stats;
        if (stats->calls == 0 && stats->rejected == 0 && stats->failed == 0) continue;
        uint64_t us = ticks_to_us(&server->tick_rate, stats->ticks);
        info_line(info,
                  "cmdstat_%s:calls=%" PRIu64 ",usec=%" PRIu64
                  ",usec_per_call=%.2f,rejected_calls=%" PRIu64 ",failed_calls=%" PRIu64,
                  entry->full_name, stats->calls, us, info_ratio((double)us, (double)stats->calls),
                  stats->rejected, stats->failed);
    }
}

void info_write_errorstats(struct info *info) {
    const struct error_stats *stats = info->server->error_stats;
    for (size_t i = 0; i < error_stats_count(stats); i++) {
        uint64_t count;
        struct bytes name = error_stats_at(stats, i, &count);
        char safe[ERROR_CODE_BYTES_MAX];
        memcpy(safe, name.data, name.len);
        /* Codes may come from outsiders; these letters mean something to who reads INFO. */
        for (size_t j = 0; j < name.len; j++) {
            if (strchr(":=,#\r\n", safe[j]) != NULL) safe[j] = '_';
        }
        info_line(info, "errorstat_%.*s:count=%" PRIu64, (int)name.len, safe, count);
    }
}

void info_write_latencystats(struct info *info) {
    const struct server *server = info->server;
    double percentiles[PERCENTILES_MAX];
    size_t count = options_percentiles(server->options, percentiles, PERCENTILES_MAX);
    for (size_t i = 0; i < registry_entry_count(server->registry); i++) {
        const struct command_entry *entry = registry_entry_by_id(server->registry, i);
        if (entry->stats.histogram == NULL) continue;
        char line[PERCENTILES_MAX * 48];
        size_t len = 0;
        for (size_t j = 0; j < count; j++) {
            char name[TEXT_DOUBLE_MAX];
            size_t name_len = text_from_double(name, percentiles[j]);
            double us = (double)histogram_percentile_ns(entry->stats.histogram, percentiles[j]) /
                        1000;
            len += (size_t)snprintf(line + len, sizeof(line) - len, "%sp%.*s=%.3f",
                                    j > 0 ? "," : "", (int)name_len, name, us);
        }
        info_line(info, "latency_percentiles_usec_%s:%.*s", entry->full_name, (int)len, line);
    }
}

/* --- keys --- */

/* Mean time that keys with a deadline have left, from a sample. */
static int64_t mean_ttl_ms(struct server *server, struct database *database) {
    if (database->volatile_count == 0) return 0;
    struct entry *entries[TTL_SAMPLES];
    uint64_t throw = random_next(&server->executor.keyspace.random);
    size_t count = deadlines_sample(&database->deadlines, &database->table, false, throw, entries,
                                    TTL_SAMPLES);
    int64_t now_ms = server->executor.now_us / 1000;
    int64_t mean = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t left_ms = entry_deadline_ms(entries[i]) - now_ms;
        if (left_ms > 0) mean += left_ms / (int64_t)count;
    }
    return mean;
}

void info_write_keyspace(struct info *info) {
    struct server *server = info->server;
    for (int32_t i = 0; i < server->executor.keyspace.database_count; i++) {
        struct database *database = &server->executor.keyspace.databases[i];
        if (database->table.item_count == 0) continue;
        info_line(info, "db%d:keys=%zu,expires=%zu,avg_ttl=%" PRId64 ",subexpiry=0",
                  database->index, database->table.item_count, database->volatile_count,
                  mean_ttl_ms(server, database));
    }
}
