/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/start.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "families/families.h"
#include "network/activation.h"
#include "network/loop.h"
#include "network/notify.h"
#include "protocol/output.h"
#include "server/blocking.h"
#include "server/clients.h"
#include "server/cron.h"
#include "server/disposal.h"
#include "server/listen.h"
#include "server/memory_limit.h"
#include "server/observe.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/pause.h"
#include "server/process.h"
#include "server/pubsub.h"
#include "server/reference.h"
#include "server/server.h"
#include "server/session.h"
#include "server/settings.h"
#include "server/statistics.h"
#include "server/suspension.h"
#include "server/transaction.h"
#include "server/turn.h"
#include "server/words.h"

#define FAMILIES_MAX 64

static const char usage[] =
    "Usage: mainstay-server [/path/to/mainstay.conf | -] [--name value ...]\n"
    "       mainstay-server --help | --version | --print-reference | --print-config\n"
    "\n"
    "  mainstay-server                        listens on 6379 with the defaults\n"
    "  mainstay-server /etc/mainstay.conf     reads a configuration file\n"
    "  mainstay-server - < mainstay.conf      reads it from standard input\n"
    "  mainstay-server --port 7777            sets any parameter\n"
    "\n"
    "Exit codes: 0 well, 1 usage or configuration, 2 data that cannot be trusted,\n"
    "3 address in use, 70 a fault of ours.\n";

/* --- families of all kinds, the string's first --- */

static size_t gather_families(const struct family *all[FAMILIES_MAX]) {
    size_t count, more;
    const struct family *const *families = families_all(&count);
    memcpy(all, families, count * sizeof(all[0]));
    const struct family *const *own = server_families(&more);
    memcpy(all + count, own, more * sizeof(all[0]));
    return count + more;
}

/* --- hooks of the executor --- */

static void on_event(void *context, uint32_t event_class, struct bytes event, struct bytes key,
                     int32_t database) {
    pubsub_event(context, event_class, event, key, database);
}

static void on_change(void *context, struct database *database, struct bytes key) {
    watches_key_changed(context, database, key);
}

static void on_database_change(void *context, struct database *database) {
    watches_database_changed(context, database);
}

/* --- parts --- */

static void setup_parts(struct server *server) {
    server->sessions = (struct sessions){0};
    server->pubsub = pubsub_create();
    server->watches = watches_create();
    server->slowlog = slowlog_create();
    server->latency = latency_create();
    server->monitors = monitors_create();
    server->suspensions = suspensions_create();
    server->memory_limit = memory_limit_create(server);
    server->pause = pause_create();
    server->blocking = blocking_create();
    server->error_stats = error_stats_create();
    server->rates = rates_create();
    server->clients = clients_create();
    server->turn = turn_create(server);
    server->executor.context = server;
    server->executor.hooks = (struct executor_hooks){.event = on_event,
                                                     .changed = on_change,
                                                     .database_changed = on_database_change,
                                                     .suspend = suspension_begin};
    server->executor.now_held = true;
    server->disposal = disposal_create(&server->executor.keyspace);
}

static void teardown_parts(struct server *server) {
    for (struct session *session = server->sessions.first; session != NULL; session = session->next)
        session_close(session);
    session_free_closing(server);
    listeners_close(server);
    loop_timer_destroy(&server->cron_timer);
    executor_deinit(&server->executor);
    disposal_destroy(&server->disposal);
    turn_destroy(&server->turn);
    clients_destroy(&server->clients);
    rates_destroy(&server->rates);
    error_stats_destroy(&server->error_stats);
    blocking_destroy(&server->blocking);
    pause_destroy(&server->pause);
    memory_limit_destroy(&server->memory_limit);
    suspensions_destroy(&server->suspensions);
    monitors_destroy(&server->monitors);
    latency_destroy(&server->latency);
    slowlog_destroy(&server->slowlog);
    watches_destroy(&server->watches);
    pubsub_destroy(&server->pubsub);
    loop_destroy(&server->loop);
}

/* --- signals --- */

static void on_stop_signal(void *context, int signal_number) {
    process_stop(context, signal_number == SIGINT ? "Received SIGINT" : "Received SIGTERM");
}

static void on_hangup(void *context, int signal_number) {
    struct server *server = context;
    (void)signal_number;
    if (log_reopen(server->log) != OUTCOME_OK)
        log_write(server->log, LOG_LEVEL_WARNING, "The log could not be opened again: %s",
                  strerror(errno));
    else log_write(server->log, LOG_LEVEL_NOTICE, "The log was opened again");
}

void process_stop(struct server *server, const char *why) {
    if (server->process->stopping) return;
    server->process->stopping = true;
    log_write(server->log, LOG_LEVEL_NOTICE, "%s: ending in good order", why);
    enum outcome told = notify_send(getenv("NOTIFY_SOCKET"), BYTES("STOPPING=1"));
    (void)told;
    turn_flush(server);
    loop_stop(server->loop);
}

int64_t process_uptime_seconds(const struct server *server) {
    return (clock_monotonic_us(&server->clock) - server->process->start_monotonic_us) / 1000000;
}

/* --- starting --- */

static void setup_process(struct server *server, struct process *process, int argc,
                          char *const *argv) {
    uint8_t secret[20];
    *process = (struct process){.argc = argc, .argv = argv};
    random_secret(secret, sizeof(secret));
    for (size_t i = 0; i < sizeof(secret); i++)
        snprintf(process->run_id + i * 2, 3, "%02x", secret[i]);
    process->start_us = clock_wall_us(&server->clock);
    process->start_monotonic_us = clock_monotonic_us(&server->clock);
    ssize_t len = readlink("/proc/self/exe", process->executable, sizeof(process->executable) - 1);
    if (len > 0) process->executable[len] = '\0';
    server->process = process;
}

static void greet(struct server *server) {
    char where[1024];
    listeners_text(server, where, sizeof(where));
    log_write(server->log, LOG_LEVEL_NOTICE, "Mainstay %s, pid %d, one thread for commands",
              MAINSTAY_VERSION, (int)getpid());
    if (server->settings.maxmemory > 0)
        log_write(server->log, LOG_LEVEL_NOTICE, "Memory is limited to %llu bytes",
                  (unsigned long long)server->settings.maxmemory);
    else log_write(server->log, LOG_LEVEL_NOTICE, "Memory is not limited (maxmemory 0)");
    log_write(server->log, LOG_LEVEL_NOTICE,
              "Nothing is saved: what is here goes with the process");
    struct bytes inert = options_inert_in_use(server->options, &server->executor.arena);
    if (inert.len > 0)
        log_write(server->log, LOG_LEVEL_NOTICE, "Set, and without meaning here: %.*s",
                  (int)inert.len, inert.data);
    log_write(server->log, LOG_LEVEL_NOTICE, "Ready to accept connections on %s", where);
}

static bool open_log(struct server *server) {
    const char *path = options_text(server->options, options_index(server->options, "logfile"));
    if (path == NULL || path[0] == '\0' || log_open_file(server->log, path) == OUTCOME_OK)
        return true;
    fprintf(stderr, "Can't open the log file %s: %s\n", path, strerror(errno));
    return false;
}

static int run(struct server *server) {
    int inherited = 0;
    if (activation_take(&inherited) != OUTCOME_OK) {
        fprintf(stderr, "LISTEN_FDS hands over something that is no listening socket\n");
        return EXIT_USAGE;
    }
    server->loop = loop_create(cron_turn, server);
    if (server->loop == NULL) {
        fprintf(stderr, "No event loop: %s\n", strerror(errno));
        return EXIT_OUR_FAULT;
    }
    setup_parts(server);
    settings_setup(server);
    statistics_setup(server);
    settings_fit_clients(server);
    server->cron_timer = loop_timer_create(server->loop, cron_tick, server);
    char report[1024];
    bool in_use = false;
    int code = EXIT_WELL;
    if (!listeners_open(server, inherited, report, sizeof(report), &in_use)) {
        log_write(server->log, LOG_LEVEL_WARNING, "%s", report);
        code = in_use ? EXIT_ADDRESS_IN_USE : EXIT_USAGE;
    } else {
        signal(SIGPIPE, SIG_IGN);
        loop_on_signal(server->loop, SIGTERM, on_stop_signal, server);
        loop_on_signal(server->loop, SIGINT, on_stop_signal, server);
        loop_on_signal(server->loop, SIGHUP, on_hangup, server);
        cron_tick(server);
        server->process->start_memory_bytes = memory_used_bytes();
        greet(server);
        enum outcome told = notify_send(getenv("NOTIFY_SOCKET"), BYTES("READY=1"));
        (void)told;
        loop_run(server->loop);
        code = server->process->exit_code;
        log_write(server->log, LOG_LEVEL_NOTICE, "Bye");
    }
    teardown_parts(server);
    return code;
}

static int answer(const struct options *options, const struct registry *registry,
                  const char *word) {
    if (strcmp(word, "--print-reference") == 0) {
        reference_print(registry, stdout);
        return EXIT_WELL;
    }
    struct output output;
    output_init(&output, 2);
    options_sample(options, &output);
    fwrite(output.data, 1, output.len, stdout);
    output_deinit(&output);
    return EXIT_WELL;
}

int server_main(int argc, char *const *argv) {
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return EXIT_WELL;
    }
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-v") == 0)) {
        printf("Mainstay server v=%s malloc=%s bits=64\n", MAINSTAY_VERSION,
               memory_allocator_name());
        return EXIT_WELL;
    }
    hash_setup(NULL);
    const struct family *families[FAMILIES_MAX];
    size_t family_count = gather_families(families);
    struct registry *registry = registry_create(families, family_count);
    struct options *options = options_create(families, family_count);
    int code;
    bool prints = argc == 2 && (strcmp(argv[1], "--print-config") == 0 ||
                                strcmp(argv[1], "--print-reference") == 0);
    struct options_error error;
    if (prints) {
        code = answer(options, registry, argv[1]);
    } else if (options_own_directory(options),
               !options_load_arguments(options, argc, argv, &error)) {
        fputs(error.text, stderr);
        code = EXIT_USAGE;
    } else {
        struct server *server = memory_allocate_zero(sizeof(*server));
        struct process *process = memory_allocate_zero(sizeof(*process));
        clock_init_system(&server->clock);
        tick_rate_init(&server->tick_rate);
        setup_process(server, process, argc, argv);
        server->registry = registry;
        server->options = options;
        server->log = log_create();
        uint64_t seed;
        random_secret(&seed, sizeof(seed));
        int32_t databases = (int32_t)options_integer(options, options_index(options, "databases"));
        executor_init(&server->executor, registry, &server->clock, databases, seed);
        server->executor.options = options;
        code = open_log(server) ? run(server) : EXIT_USAGE;
        log_destroy(&server->log);
        memory_free(process);
        memory_free(server);
    }
    options_destroy(&options);
    registry_destroy(&registry);
    return code;
}
