/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The process: its parts, joined. Each part knows its own fields; here they are only named.
 *
 * There is no global server: sessions point to theirs, hooks get it as their context. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "commands/executor.h"
#include "commands/registry.h"
#include "server/ticks.h"

struct log;
struct loop;
struct options;
struct session;
struct call;
struct default_user;

/* Settings that are asked for on hot paths, copied out of the options when they change. */
struct settings {
    uint64_t maxmemory;
    uint64_t maxmemory_clients;  /* 0: none, else 128 KiB at least; percentages of maxmemory */
    uint64_t argument_bytes_max; /* proto-max-bulk-len */
    uint64_t query_bytes_max;    /* client-query-buffer-limit */
    uint32_t client_count_max;
    int32_t timeout_seconds;
    int32_t hz;
    int64_t slowlog_slower_than_us; /* -1: off */
    uint32_t slowlog_length_max;
    int64_t latency_threshold_ms; /* 0: off */
    uint64_t
        slow_ticks; /* from here on a duration interests SLOWLOG or LATENCY; UINT64_MAX: none */
    bool latency_tracking;
    bool protected_mode;
    bool password_required; /* a fresh connection has to say who it is */
    bool user_limited;      /* something is kept from the user "default" */
    struct output_limit {
        uint64_t hard_bytes;
        uint64_t soft_bytes;
        int64_t soft_seconds;
    } output_limits[3]; /* by enum session_class */
};

struct server_counters {
    uint64_t connections_received;
    uint64_t connections_rejected;
    uint64_t commands_processed;
    uint64_t net_input_bytes;
    uint64_t net_output_bytes;
    uint64_t reads_processed;
    uint64_t writes_processed;
    uint64_t client_evictions;
    uint64_t query_limit_disconnections;
    uint64_t output_limit_disconnections;
    uint64_t errors; /* replies that were errors */
    uint64_t auth_failures;
    uint64_t oom_refusals;
    uint64_t command_ticks; /* spent in handlers */
};

struct sessions {
    struct session *first; /* all that are open, oldest first */
    struct session *last;
    size_t count;
    uint64_t next_id;
    struct session *closing; /* to be freed when the turn ends */
};

struct server {
    struct executor executor;
    struct registry *registry;
    struct options *options;
    struct log *log;
    struct loop *loop;
    struct clock clock;
    struct tick_rate tick_rate;
    struct settings settings;
    struct sessions sessions;
    struct server_counters counters;
    /* Parts: made at start, opaque to all but their owners. */
    struct default_user *default_user;
    struct turn *turn;
    struct pubsub *pubsub;
    struct watches *watches;
    struct slowlog *slowlog;
    struct latency *latency;
    struct monitors *monitors;
    struct suspensions *suspensions;
    struct memory_limit *memory_limit;
    struct disposal *disposal; /* the worker that frees big values */
    struct pause *pause;       /* CLIENT PAUSE */
    struct error_stats *error_stats;
    struct rates *rates;       /* instantaneous metrics */
    struct blocking *blocking; /* who waits without a slice of work */
    struct waiting *waiting;   /* which of them for which keys */
    struct process *process;   /* paths, start time, listeners, shutdown */
    struct clients *clients;   /* what clients_tend remembers */
    struct loop_timer *cron_timer;
    int64_t browser_logged_us; /* when the log last told of a web browser */
    bool expiry_stopped;       /* DEBUG SET-ACTIVE-EXPIRE 0 */
};

/* Context of the executor's hooks. */
static inline struct server *server_of_executor(struct executor *executor) {
    return executor->context;
}
