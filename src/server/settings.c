/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/settings.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "base/memory.h"
#include "keyspace/eviction.h"
#include "network/limits.h"
#include "server/default_user.h"
#include "server/listen.h"
#include "server/memory_limit.h"
#include "server/options.h"
#include "server/process.h"
#include "server/server.h"
#include "server/session.h"

#define DESCRIPTORS_RESERVED 32

static int64_t integer(const struct server *server, const char *name) {
    return options_integer(server->options, options_index(server->options, name));
}

static uint64_t unsigned_of(const struct server *server, const char *name) {
    return options_unsigned(server->options, options_index(server->options, name));
}

static bool truth(const struct server *server, const char *name) {
    return options_bool(server->options, options_index(server->options, name));
}

static const char *word(const struct server *server, const char *name) {
    return options_word(server->options, options_index(server->options, name));
}

/* --- memory --- */

static void load_policy(struct server *server) {
    static const struct {
        const char *word;
        enum eviction_order order;
        bool volatile_only;
    } policies[] = {
        {"noeviction", EVICTION_NONE, false},       {"allkeys-lru", EVICTION_LRU, false},
        {"allkeys-lfu", EVICTION_LFU, false},       {"allkeys-random", EVICTION_RANDOM, false},
        {"volatile-lru", EVICTION_LRU, true},       {"volatile-lfu", EVICTION_LFU, true},
        {"volatile-random", EVICTION_RANDOM, true}, {"volatile-ttl", EVICTION_TTL, true},
    };
    struct eviction *eviction = memory_limit_eviction(server);
    const char *chosen = word(server, "maxmemory-policy");
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        if (strcmp(policies[i].word, chosen) != 0) continue;
        if (eviction->order != policies[i].order ||
            eviction->volatile_only != policies[i].volatile_only)
            eviction_reset(eviction);
        eviction->order = policies[i].order;
        eviction->volatile_only = policies[i].volatile_only;
    }
    eviction->samples = (int32_t)integer(server, "maxmemory-samples");
    eviction->applications_too = truth(server, "app-keys-evictable");
    struct access_rules *access = &server->executor.keyspace.access;
    access->lfu = eviction->order == EVICTION_LFU;
    access->lfu_log_factor = (int32_t)integer(server, "lfu-log-factor");
    access->lfu_decay_minutes = (int32_t)integer(server, "lfu-decay-time");
}

/* Under a smaller limit nobody could come in any more, not even to raise it: as in Redis. */
#define CLIENTS_LIMIT_LEAST ((uint64_t)128 * 1024)

static uint64_t clients_limit(uint64_t bytes) {
    return bytes == 0 || bytes > CLIENTS_LIMIT_LEAST ? bytes : CLIENTS_LIMIT_LEAST;
}

static void load_memory(struct server *server) {
    struct settings *settings = &server->settings;
    struct executor *executor = &server->executor;
    settings->maxmemory = unsigned_of(server, "maxmemory");
    settings->maxmemory_clients = clients_limit(options_share(
        server->options, options_index(server->options, "maxmemory-clients"), settings->maxmemory));
    load_policy(server);
    executor->lazy_user_del = truth(server, "lazyfree-lazy-user-del");
    executor->lazy_expire = truth(server, "lazyfree-lazy-expire");
    executor->lazy_server_del = truth(server, "lazyfree-lazy-server-del");
    executor->sparse_bytes_max = (size_t)unsigned_of(server, "hll-sparse-max-bytes");
    executor->lazy_user_flush = truth(server, "lazyfree-lazy-user-flush");
}

/* --- collections --- */

static uint32_t bounded(const struct server *server, const char *name) {
    int64_t value = integer(server, name);
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static uint32_t bounded_bytes(const struct server *server, const char *name) {
    uint64_t value = unsigned_of(server, name);
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void load_collections(struct server *server) {
    server->executor.keyspace.limits = (struct collection_limits){
        .hash_packed_entries = bounded(server, "hash-max-listpack-entries"),
        .hash_packed_value = bounded_bytes(server, "hash-max-listpack-value"),
        .list_packed_size = (int32_t)integer(server, "list-max-listpack-size"),
        .list_compress_depth = bounded(server, "list-compress-depth"),
        .set_integer_entries = bounded(server, "set-max-intset-entries"),
        .set_packed_entries = bounded(server, "set-max-listpack-entries"),
        .set_packed_value = bounded(server, "set-max-listpack-value"),
        .sorted_set_packed_entries = bounded(server, "zset-max-listpack-entries"),
        .sorted_set_packed_value = bounded_bytes(server, "zset-max-listpack-value"),
        .stream_block_bytes = bounded_bytes(server, "stream-node-max-bytes"),
        .stream_block_entries = bounded(server, "stream-node-max-entries"),
    };
}

/* --- clients --- */

static void load_clients(struct server *server) {
    struct settings *settings = &server->settings;
    settings->argument_bytes_max = unsigned_of(server, "proto-max-bulk-len");
    server->executor.string_bytes_max = (size_t)settings->argument_bytes_max;
    settings->query_bytes_max = unsigned_of(server, "client-query-buffer-limit");
    settings->client_count_max = (uint32_t)integer(server, "maxclients");
    settings->timeout_seconds = (int32_t)integer(server, "timeout");
    settings->hz = (int32_t)integer(server, "hz");
    settings->protected_mode = truth(server, "protected-mode");
    default_user_require(
        server->default_user,
        options_text_bytes(server->options, options_index(server->options, "requirepass")));
    settings->password_required = default_user_is_guarded(server->default_user);
    settings->user_limited = default_user_is_limited(server->default_user);
    struct option_output_limit limits[3];
    options_output_limits(server->options, limits);
    for (int i = 0; i < 3; i++)
        settings->output_limits[i] = (struct output_limit){
            limits[i].hard_bytes, limits[i].soft_bytes, limits[i].soft_seconds};
}

/* --- watching --- */

static void load_watching(struct server *server) {
    struct settings *settings = &server->settings;
    settings->slowlog_slower_than_us = integer(server, "slowlog-log-slower-than");
    settings->slowlog_length_max = (uint32_t)integer(server, "slowlog-max-len");
    settings->latency_threshold_ms = integer(server, "latency-monitor-threshold");
    settings->latency_tracking = truth(server, "latency-tracking");
    server->executor.event_mask = (uint32_t)integer(server, "notify-keyspace-events");
    double us = 1e18;
    if (settings->slowlog_slower_than_us >= 0) us = (double)settings->slowlog_slower_than_us;
    if (settings->latency_threshold_ms > 0 && (double)settings->latency_threshold_ms * 1000 < us)
        us = (double)settings->latency_threshold_ms * 1000;
    settings->slow_ticks = us >= 1e18 ? UINT64_MAX : (uint64_t)(us / server->tick_rate.us_per_tick);
}

static void load_log(struct server *server) {
    static const struct {
        const char *word;
        enum log_level level;
    } levels[] = {
        {"debug", LOG_LEVEL_DEBUG},     {"verbose", LOG_LEVEL_VERBOSE},
        {"notice", LOG_LEVEL_NOTICE},   {"warning", LOG_LEVEL_WARNING},
        {"nothing", LOG_LEVEL_NOTHING},
    };
    const char *level = word(server, "loglevel");
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (strcmp(levels[i].word, level) == 0) log_set_level(server->log, levels[i].level);
    }
    const char *layout = word(server, "log-format");
    log_set_layout(server->log, strcmp(layout, "json") == 0     ? LOG_LAYOUT_JSON
                                : strcmp(layout, "logfmt") == 0 ? LOG_LAYOUT_LOGFMT
                                                                : LOG_LAYOUT_LEGACY);
    const char *timestamp = word(server, "log-timestamp-format");
    log_set_timestamp(server->log, strcmp(timestamp, "iso8601") == 0 ? LOG_TIMESTAMP_ISO8601
                                   : strcmp(timestamp, "milliseconds") == 0
                                       ? LOG_TIMESTAMP_MILLISECONDS
                                       : LOG_TIMESTAMP_LEGACY);
    if (truth(server, "syslog-enabled"))
        log_set_syslog(
            server->log,
            options_text(server->options, options_index(server->options, "syslog-ident")),
            (int)integer(server, "syslog-facility"));
}

static void load_all(struct server *server) {
    load_memory(server);
    load_collections(server);
    load_clients(server);
    load_watching(server);
    load_log(server);
}

/* --- changes --- */

static bool changed(void *context, struct options *options, int index, char *reason) {
    (void)options;
    (void)index;
    (void)reason;
    load_all(context);
    return true;
}

/* Clients and test suites know these two sentences; what happened is in the log. */
static bool change_listening(void *context, struct options *options, int index, char *reason) {
    struct server *server = context;
    char report[OPTIONS_REASON_MAX];
    if (listeners_reopen_tcp(server, report, sizeof(report))) return true;
    log_write(server->log, LOG_LEVEL_WARNING, "%s", report);
    bool is_port = index == options_index(options, "port");
    snprintf(reason, OPTIONS_REASON_MAX, "%s",
             is_port ? "Unable to listen on this port. Check server logs."
                     : "Failed to bind to specified addresses.");
    return false;
}

static bool change_keepalive(void *context, struct options *options, int index, char *reason) {
    (void)reason;
    listeners_set_keepalive(context, (int)options_integer(options, index));
    return true;
}

static bool change_group(void *context, struct options *options, int index, char *reason) {
    (void)options;
    (void)index;
    return listeners_give_to_group(context, reason, OPTIONS_REASON_MAX);
}

static bool change_clients(void *context, struct options *options, int index, char *reason) {
    (void)context;
    uint64_t wanted = (uint64_t)options_integer(options, index) + DESCRIPTORS_RESERVED;
    struct limits_descriptors granted = limits_raise_descriptors(wanted);
    if (granted.now >= wanted) return true;
    snprintf(reason, OPTIONS_REASON_MAX,
             "The operating system is not able to handle the specified number of clients, try with "
             "%lld",
             (long long)granted.now - DESCRIPTORS_RESERVED);
    return false;
}

/* A new password: those who are in stay in, as in Redis. */
void settings_setup(struct server *server) {
    struct options *options = server->options;
    load_all(server);
    options_on_change(options, NULL, changed, server);
    options_on_change(options, "port", change_listening, server);
    options_on_change(options, "bind", change_listening, server);
    options_on_change(options, "tcp-keepalive", change_keepalive, server);
    options_on_change(options, "maxclients", change_clients, server);
    options_on_change(options, "unixsocketgroup", change_group, server);
}

bool settings_fit_clients(struct server *server, char *report, size_t capacity) {
    uint64_t wanted = (uint64_t)server->settings.client_count_max + DESCRIPTORS_RESERVED;
    struct limits_descriptors granted = limits_raise_descriptors(wanted);
    if (granted.now >= wanted) return true;
    if (granted.now <= DESCRIPTORS_RESERVED) {
        snprintf(
            report, capacity,
            "The system grants %llu open files ('ulimit -n'), of which the server needs %d for "
            "itself. Raise it to %llu for maxclients %u",
            (unsigned long long)granted.now, DESCRIPTORS_RESERVED, (unsigned long long)wanted,
            server->settings.client_count_max);
        return false;
    }
    uint64_t fits = granted.now - DESCRIPTORS_RESERVED;
    log_write(
        server->log, LOG_LEVEL_WARNING,
        "You requested maxclients of %u requiring at least %llu max file descriptors, but the "
        "system grants %llu (%s). maxclients is now %llu. Raise 'ulimit -n' for more.",
        server->settings.client_count_max, (unsigned long long)wanted,
        (unsigned long long)granted.now, strerror(granted.error), (unsigned long long)fits);
    char text[32];
    char reason[OPTIONS_REASON_MAX];
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)fits);
    if (!options_set(server->options, "maxclients", bytes_make(text, (size_t)len), reason))
        log_write(server->log, LOG_LEVEL_WARNING, "maxclients stays: %s", reason);
    return true;
}
