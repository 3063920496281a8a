/* SPDX-License-Identifier: BSD-3-Clause */
/* INFO: what the server is and what it uses. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/family.h"
#include "server/blocking.h"
#include "server/clients.h"
#include "server/disposal.h"
#include "server/info.h"
#include "server/listen.h"
#include "server/memory_limit.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/pause.h"
#include "server/process.h"
#include "server/pubsub.h"
#include "server/server.h"
#include "server/session.h"
#include "server/suspension.h"
#include "server/transaction.h"
#include "server/waiting.h"

#define BIND_WORDS_MAX 32

static const char *text_option(const struct info *info, const char *name) {
    const struct options *options = info->server->options;
    const char *text = options_text(options, options_index(options, name));
    return text == NULL ? "" : text;
}

static int64_t number_option(const struct info *info, const char *name) {
    return options_integer(info->server->options, options_index(info->server->options, name));
}

/* --- server --- */

static void write_listeners(struct info *info) {
    int count = 0;
    if (listeners_tcp_port(info->server) != 0) {
        char line[1024];
        char binds[1024] = "";
        size_t len = 0;
        snprintf(line, sizeof(line), "%s", text_option(info, "bind"));
        struct bytes words[BIND_WORDS_MAX];
        int word_count = text_split_words(line, strlen(line), words, BIND_WORDS_MAX);
        for (int i = 0; i < word_count && len < sizeof(binds) - 64; i++)
            len += (size_t)snprintf(binds + len, sizeof(binds) - len, ",bind=%.*s",
                                    (int)(words[i].len < 50 ? words[i].len : 50), words[i].data);
        info_line(info, "listener%d:name=tcp%s,port=%d", count++, binds,
                  listeners_tcp_port(info->server));
    }
    const char *path = text_option(info, "unixsocket");
    if (path[0] != '\0') info_line(info, "listener%d:name=unix,bind=%s", count, path);
}

void info_write_server(struct info *info) {
    struct server *server = info->server;
    struct utsname system;
    uname(&system);
    int64_t uptime_seconds = process_uptime_seconds(server);
    info_line(info, "redis_version:%s", text_option(info, "redis-version"));
    info_line(info, "server_name:mainstay");
    info_line(info, "mainstay_version:" MAINSTAY_VERSION);
    info_line(info, "redis_git_sha1:00000000");
    info_line(info, "redis_git_dirty:0");
    info_line(info, "redis_build_id:" MAINSTAY_VERSION);
    info_line(info, "redis_mode:standalone");
    info_line(info, "os:%s %s %s", system.sysname, system.release, system.machine);
    info_line(info, "arch_bits:%zu", sizeof(void *) * 8);
    info_line(info, "monotonic_clock:POSIX clock_gettime");
    info_line(info, "multiplexing_api:epoll");
    info_line(info, "atomicvar_api:c11-builtin");
    info_line(info, "gcc_version:%d.%d.%d", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
    info_line(info, "process_id:%d", (int)getpid());
    info_line(info, "process_supervised:%s", background_supervisor(&server->process->background));
    info_line(info, "run_id:%s", server->process->run_id);
    info_line(info, "tcp_port:%d", listeners_tcp_port(server));
    info_line(info, "server_time_usec:%" PRId64, server->executor.now_us);
    info_line(info, "uptime_in_seconds:%" PRId64, uptime_seconds);
    info_line(info, "uptime_in_days:%" PRId64, uptime_seconds / 86400);
    info_line(info, "hz:%d", server->settings.hz);
    info_line(info, "configured_hz:%d", server->settings.hz);
    info_line(info, "lru_clock:%" PRIu32, server->executor.keyspace.access.clock_seconds);
    info_line(info, "executable:%s", server->process->executable);
    info_line(info, "config_file:%s", options_file_path(server->options));
    info_line(info, "io_threads_active:0");
    write_listeners(info);
}

/* --- clients --- */

struct client_counts {
    size_t subscribing;
    size_t watching;
    size_t blocked;
    size_t input_max;
    size_t output_max;
};

static struct client_counts count_clients(const struct server *server) {
    struct client_counts counts = {0};
    for (const struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        counts.subscribing += session_class(session) == SESSION_PUBSUB;
        counts.watching += session->transaction != NULL && session->transaction->watch_count > 0;
        counts.blocked += session->blocked != NULL;
        size_t input = session_query_bytes(session);
        size_t output = session->pending == NULL ? 0 : output_bytes(session->pending);
        if (input > counts.input_max) counts.input_max = input;
        if (output > counts.output_max) counts.output_max = output;
    }
    return counts;
}

void info_write_clients(struct info *info) {
    struct server *server = info->server;
    struct client_counts counts = count_clients(server);
    static const char *const actions[] = {
        [PAUSE_OFF] = "none", [PAUSE_WRITES] = "write", [PAUSE_ALL] = "all"};
    enum pause_mode mode = pause_mode(server);
    info_line(info, "connected_clients:%zu", server->sessions.count);
    info_line(info, "cluster_connections:0");
    info_line(info, "maxclients:%" PRIu32, server->settings.client_count_max);
    info_line(info, "client_recent_max_input_buffer:%zu", counts.input_max);
    info_line(info, "client_recent_max_output_buffer:%zu", counts.output_max);
    info_line(info, "blocked_clients:%zu", counts.blocked);
    info_line(info, "tracking_clients:0");
    info_line(info, "pubsub_clients:%zu", counts.subscribing);
    info_line(info, "watching_clients:%zu", counts.watching);
    info_line(info, "clients_in_timeout_table:%zu", blocking_timed_count(server));
    info_line(info, "total_watched_keys:%zu", watches_count(server->watches));
    info_line(info, "total_blocking_keys:%zu", waiting_key_count(server));
    info_line(info, "total_blocking_keys_on_nokey:%zu", waiting_gone_key_count(server));
    info_line(info, "paused_reason:%s", mode == PAUSE_OFF ? "none" : "client_pause");
    info_line(info, "paused_actions:%s", actions[mode]);
    info_line(info, "paused_timeout_milliseconds:%" PRId64, pause_left_ms(server));
}

/* --- memory --- */

void info_memory_measure(struct server *server, size_t used_bytes,
                         struct info_memory_figures *figures) {
    memory_sample_peak();
    figures->used = used_bytes;
    figures->peak = memory_peak_bytes();
    figures->startup = server->process->start_memory_bytes;
    figures->clients = clients_memory_bytes(server);
    figures->overhead = figures->startup + figures->clients +
                        keyspace_overhead_bytes(&server->executor.keyspace);
    figures->dataset = figures->used > figures->overhead ? figures->used - figures->overhead : 0;
    figures->resident = memory_resident_bytes();
    figures->peak_percentage = 100 * info_ratio((double)figures->used, (double)figures->peak);
    double above_startup = (double)figures->used - (double)figures->startup;
    figures->dataset_percentage = above_startup <= 0
                                      ? 0
                                      : 100 * (double)figures->dataset / above_startup;
    if (figures->dataset_percentage > 100) figures->dataset_percentage = 100;
}

static void write_allocator(struct info *info, const struct info_memory_figures *figures) {
    struct memory_report report = memory_report();
    double allocated = (double)report.allocated;
    double active = (double)report.active;
    double resident = (double)report.resident;
    info_line(info, "allocator_frag_ratio:%.2f", info_ratio(active, allocated));
    info_line(info, "allocator_frag_bytes:%.0f", active - allocated);
    info_line(info, "allocator_rss_ratio:%.2f", info_ratio(resident, active));
    info_line(info, "allocator_rss_bytes:%.0f", resident - active);
    info_line(info, "rss_overhead_ratio:%.2f", info_ratio((double)figures->resident, resident));
    info_line(info, "rss_overhead_bytes:%.0f", (double)figures->resident - resident);
    info_line(info, "mem_fragmentation_ratio:%.2f",
              info_ratio((double)figures->resident, (double)figures->used));
    info_line(info, "mem_fragmentation_bytes:%.0f",
              (double)figures->resident - (double)figures->used);
}

static void write_used(struct info *info, const struct info_memory_figures *figures) {
    struct memory_report report = memory_report();
    info_memory(info, "used_memory", figures->used);
    info_memory(info, "used_memory_rss", figures->resident);
    info_memory(info, "used_memory_peak", figures->peak);
    info_line(info, "used_memory_peak_perc:%.2f%%", figures->peak_percentage);
    info_line(info, "used_memory_overhead:%zu", figures->overhead);
    info_line(info, "used_memory_startup:%zu", figures->startup);
    info_line(info, "used_memory_dataset:%zu", figures->dataset);
    info_line(info, "used_memory_dataset_perc:%.2f%%", figures->dataset_percentage);
    info_line(info, "used_memory_app:%zu", info->server->executor.keyspace.application_bytes);
    info_line(info, "used_memory_slabs_free:%zu", report.slab_free + report.slab_empty);
    info_line(info, "allocator_allocated:%zu", report.allocated);
    info_line(info, "allocator_active:%zu", report.active);
    info_line(info, "allocator_resident:%zu", report.resident);
    info_line(info, "allocator_muzzy:%zu", report.muzzy);
}

static void write_scripts(struct info *info) {
    static const char *const lines[] = {
        "used_memory_lua:0",
        "used_memory_vm_eval:0",
        "used_memory_lua_human:0B",
        "used_memory_scripts_eval:0",
        "number_of_cached_scripts:0",
        "number_of_functions:0",
        "number_of_libraries:0",
        "used_memory_vm_functions:0",
        "used_memory_vm_total:0",
        "used_memory_vm_total_human:0B",
        "used_memory_functions:0",
        "used_memory_scripts:0",
        "used_memory_scripts_human:0B",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) info_line(info, "%s", lines[i]);
}

void info_write_memory(struct info *info) {
    struct server *server = info->server;
    struct info_memory_figures figures;
    info_memory_measure(server, info->used_bytes, &figures);
    struct sysinfo machine;
    size_t machine_bytes = sysinfo(&machine) == 0 ? (size_t)machine.totalram * machine.mem_unit : 0;
    write_used(info, &figures);
    info_memory(info, "total_system_memory", machine_bytes);
    write_scripts(info);
    info_memory(info, "maxmemory", server->settings.maxmemory);
    info_line(info, "maxmemory_policy:%s",
              options_word(server->options, options_index(server->options, "maxmemory-policy")));
    write_allocator(info, &figures);
    info_line(info, "mem_not_counted_for_evict:0");
    info_line(info, "mem_replication_backlog:0");
    info_line(info, "mem_total_replication_buffers:0");
    info_line(info, "mem_replica_full_sync_buffer:0");
    info_line(info, "mem_clients_slaves:0");
    info_line(info, "mem_clients_normal:%zu", figures.clients);
    info_line(info, "mem_cluster_links:0");
    info_line(info, "mem_aof_buffer:0");
    info_line(info, "mem_allocator:%s", memory_allocator_name());
    info_line(info, "mem_overhead_db_hashtable_rehashing:0");
    info_line(info, "active_defrag_running:0");
    info_line(info, "lazyfree_pending_objects:%zu",
              disposal_pending(server->disposal) + server->executor.keyspace.condemned_count);
    info_line(info, "lazyfreed_objects:%zu", disposal_done(server->disposal));
}

/* --- what does not exist here yet --- */

void info_write_persistence(struct info *info) {
    struct server *server = info->server;
    info_line(info, "loading:0");
    info_line(info, "async_loading:0");
    info_line(info, "current_cow_peak:0");
    info_line(info, "current_cow_size:0");
    info_line(info, "current_cow_size_age:0");
    info_line(info, "current_fork_perc:0.00");
    info_line(info, "current_save_keys_processed:0");
    info_line(info, "current_save_keys_total:0");
    info_line(info, "rdb_changes_since_last_save:%" PRIu64,
              server->executor.keyspace.counters.changes);
    info_line(info, "rdb_bgsave_in_progress:0");
    info_line(info, "rdb_last_save_time:%" PRId64, server->process->start_us / 1000000);
    info_line(info, "rdb_last_bgsave_status:ok");
    info_line(info, "rdb_last_bgsave_time_sec:-1");
    info_line(info, "rdb_current_bgsave_time_sec:-1");
    info_line(info, "rdb_saves:0");
    info_line(info, "rdb_last_cow_size:0");
    info_line(info, "rdb_last_load_keys_expired:0");
    info_line(info, "rdb_last_load_keys_loaded:0");
    info_line(info, "aof_enabled:0");
    info_line(info, "aof_rewrite_in_progress:0");
    info_line(info, "aof_rewrite_scheduled:0");
    info_line(info, "aof_last_rewrite_time_sec:-1");
    info_line(info, "aof_current_rewrite_time_sec:-1");
    info_line(info, "aof_last_bgrewrite_status:ok");
    info_line(info, "aof_rewrites:0");
    info_line(info, "aof_rewrites_consecutive_failures:0");
    info_line(info, "aof_last_write_status:ok");
    info_line(info, "aof_last_cow_size:0");
    info_line(info, "module_fork_in_progress:0");
    info_line(info, "module_fork_last_cow_size:0");
}

void info_write_replication(struct info *info) {
    info_line(info, "role:master");
    info_line(info, "connected_slaves:0");
    info_line(info, "master_failover_state:no-failover");
    info_line(info, "master_replid:%s", info->server->process->run_id);
    info_line(info, "master_replid2:0000000000000000000000000000000000000000");
    info_line(info, "master_repl_offset:0");
    info_line(info, "second_repl_offset:-1");
    info_line(info, "repl_backlog_active:0");
    info_line(info, "repl_backlog_size:%" PRId64, number_option(info, "repl-backlog-size"));
    info_line(info, "repl_backlog_first_byte_offset:0");
    info_line(info, "repl_backlog_histlen:0");
}

void info_write_cluster(struct info *info) { info_line(info, "cluster_enabled:0"); }

/* --- processor --- */

void info_write_threads(struct info *info) {
    const struct server *server = info->server;
    info_line(info, "io_thread_0:clients=%zu,reads=%" PRIu64 ",writes=%" PRIu64,
              server->sessions.count, server->counters.reads_processed,
              server->counters.writes_processed);
}

static void write_times(struct info *info, const char *suffix, int who) {
    struct rusage used = {0};
    getrusage(who, &used);
    info_line(info, "used_cpu_sys%s:%ld.%06ld", suffix, (long)used.ru_stime.tv_sec,
              (long)used.ru_stime.tv_usec);
    info_line(info, "used_cpu_user%s:%ld.%06ld", suffix, (long)used.ru_utime.tv_sec,
              (long)used.ru_utime.tv_usec);
}

void info_write_cpu(struct info *info) {
    write_times(info, "", RUSAGE_SELF);
    write_times(info, "_children", RUSAGE_CHILDREN);
    write_times(info, "_main_thread", RUSAGE_THREAD);
}

void info_write_modules(struct info *info) {
    const struct registry *registry = info->server->registry;
    for (size_t i = 0; i < registry_family_count(registry); i++) {
        const struct family *family = registry_family_at(registry, i);
        if (family->module_name == NULL) continue;
        info_line(info, "module:name=%s,ver=%d,api=1,filters=0,usedby=[],using=[],options=[]",
                  family->module_name, family->module_version);
    }
}
