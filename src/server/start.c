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
#include "network/activation.h"
#include "network/loop.h"
#include "protocol/output.h"
#include "server/crash.h"
#include "server/cron.h"
#include "server/default_user.h"
#include "server/listen.h"
#include "server/machine.h"
#include "server/oom_score.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/parts.h"
#include "server/process.h"
#include "server/process_title.h"
#include "server/reference.h"
#include "server/server.h"
#include "server/settings.h"
#include "server/turn.h"

static const char usage[] =
    "Usage: mainstay-server [FILE | -] [--NAME VALUE ...]\n"
    "       mainstay-server --help | --version | --print-config | --print-reference\n"
    "\n"
    "  mainstay-server                        listens on port 6379, with the defaults\n"
    "  mainstay-server /etc/mainstay.conf     reads a configuration file\n"
    "  mainstay-server - < mainstay.conf      reads it from standard input\n"
    "  mainstay-server FILE --port 7777       sets a parameter; the command line wins\n"
    "\n"
    "  --help, -h           this text\n"
    "  --version, -v        the version\n"
    "  --print-config       a configuration file with every parameter at its default\n"
    "  --print-reference    every command and parameter, as Markdown\n"
    "\n"
    "A redis.conf or valkey.conf loads as it is. Signals: SIGTERM and SIGINT end the\n"
    "server in good order, SIGHUP opens the log file again.\n"
    "\n"
    "Exit codes: 0 ended as asked, 1 usage, configuration or something the machine does not\n"
    "have, 2 data that cannot be trusted, 3 an address is in use, 70 a fault of ours.\n";

/* --- signals --- */

static void on_stop_signal(void *context, int signal_number) {
    struct server *server = context;
    log_write(server->log, LOG_LEVEL_NOTICE, "Received %s scheduling shutdown...",
              signal_number == SIGINT ? "SIGINT" : "SIGTERM");
    process_stop(server, "User requested shutdown");
}

static void on_hangup(void *context, int signal_number) {
    struct server *server = context;
    char lines[64];
    (void)signal_number;
    snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%lld\n",
             (long long)clock_monotonic_us(&server->clock));
    background_notify(&server->process->background, lines);
    if (log_reopen(server->log) != OUTCOME_OK)
        log_write(server->log, LOG_LEVEL_WARNING, "The log could not be opened again: %s",
                  strerror(errno));
    else log_write(server->log, LOG_LEVEL_NOTICE, "The log was opened again");
    background_notify(&server->process->background, "READY=1\n");
}

void process_stop(struct server *server, const char *why) {
    if (server->process->stopping) return;
    server->process->stopping = true;
    log_write(server->log, LOG_LEVEL_NOTICE, "%s...", why);
    background_notify(&server->process->background, "STOPPING=1\n");
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

static void warn(void *context, const char *sentence) {
    log_write(context, LOG_LEVEL_WARNING, "%s", sentence);
}

static void look_at_machine(struct server *server) {
    const struct options *options = server->options;
    struct machine_wants wants = {.maxmemory = server->settings.maxmemory};
    if (listeners_tcp_port(server) != 0)
        wants.backlog = (int)options_integer(options, options_index(options, "tcp-backlog"));
    machine_look("", &wants, warn, server->log);
}

static void greet(struct server *server) {
    char where[1024];
    listeners_text(server, where, sizeof(where));
    /* Test suites and scripts written for Redis wait for these: the number, behind it that the
     * server is initialised, and at last that it is ready. */
    log_write(server->log, LOG_LEVEL_NOTICE, "Mainstay %s, PID: %d, one thread for commands",
              MAINSTAY_VERSION, (int)getpid());
    log_write(server->log, LOG_LEVEL_NOTICE, "monotonic clock: POSIX clock_gettime");
    log_write(server->log, LOG_LEVEL_NOTICE, "Running mode=standalone, port=%d.",
              listeners_tcp_port(server));
    if (server->settings.maxmemory > 0)
        log_write(
            server->log, LOG_LEVEL_NOTICE, "Memory is limited to %llu bytes (maxmemory), %s",
            (unsigned long long)server->settings.maxmemory,
            options_word(server->options, options_index(server->options, "maxmemory-policy")));
    else log_write(server->log, LOG_LEVEL_NOTICE, "Memory is not limited (maxmemory 0)");
    if (server->settings.protected_mode && !server->settings.password_required)
        log_write(server->log, LOG_LEVEL_NOTICE,
                  "No password is set, so clients of other machines are turned away "
                  "(requirepass, protected-mode)");
    log_write(server->log, LOG_LEVEL_NOTICE,
              "Nothing is saved: what is here goes with the process");
    look_at_machine(server);
    struct bytes inert = options_inert_in_use(server->options, &server->executor.arena);
    if (inert.len > 0)
        log_write(server->log, LOG_LEVEL_NOTICE, "Set, and without meaning here: %.*s",
                  (int)inert.len, inert.data);
    log_write(server->log, LOG_LEVEL_NOTICE, "Server initialized");
    log_write(server->log, LOG_LEVEL_NOTICE, "Ready to accept connections on %s", where);
}

static bool open_log(struct server *server) {
    const char *path = options_text(server->options, options_index(server->options, "logfile"));
    if (path == NULL || path[0] == '\0' || log_open_file(server->log, path) == OUTCOME_OK)
        return true;
    fprintf(stderr,
            "Can't open the log file %s: %s (logfile: its folder must be there, and this user must "
            "be able to write to it; empty is standard output)\n",
            path, strerror(errno));
    return false;
}

/* What the loop does with SIGINT, which a busy server comes to late. */
static void (*loop_interrupted)(int);

/* Whoever asks twice at a terminal is not made to wait. Signal-safe calls alone. */
static void on_interrupt(int signal_number) {
    static const char text[] = "You insist... exiting now.\n";
    static volatile sig_atomic_t asked;
    if (asked) {
        ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
        (void)ignored;
        _exit(EXIT_USAGE);
    }
    asked = 1;
    loop_interrupted(signal_number);
}

/* Everything that is told from outside, from here on. */
static void listen_to_signals(struct server *server) {
    signal(SIGPIPE, SIG_IGN);
    loop_on_signal(server->loop, SIGTERM, on_stop_signal, server);
    loop_on_signal(server->loop, SIGINT, on_stop_signal, server);
    loop_on_signal(server->loop, SIGHUP, on_hangup, server);
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    loop_interrupted = action.sa_handler;
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
}

static int fail(struct server *server, const char *report, int code) {
    log_write(server->log, LOG_LEVEL_WARNING, "%s", report);
    background_failed(&server->process->background, report);
    return code;
}

/* From sockets that listen to the end. */
static int serve(struct server *server, int inherited) {
    struct background *background = &server->process->background;
    char report[1024];
    bool in_use = false;
    if (!settings_fit_clients(server, report, sizeof(report)))
        return fail(server, report, EXIT_USAGE);
    if (!listeners_open(server, inherited, report, sizeof(report), &in_use))
        return fail(server, report, in_use ? EXIT_ADDRESS_IN_USE : EXIT_USAGE);
    listen_to_signals(server);
    background_write_pid(background, server->options, server->log);
    oom_score_setup(server);
    process_title_show(server);
    cron_tick(server);
    server->process->start_memory_bytes = memory_used_bytes();
    greet(server);
    background_ready(background, server->log);
    loop_run(server->loop);
    background_leave(background, server->log);
    log_write(server->log, LOG_LEVEL_NOTICE, "Mainstay is now ready to exit, bye bye...");
    return server->process->exit_code;
}

/* Ends before the parts are made, which would take the executor with them. */
static int give_up(struct server *server, int code) {
    executor_deinit(&server->executor);
    return code;
}

static int run(struct server *server) {
    int inherited = 0;
    int code;
    /* The sockets are meant for the process that was started, not for a child of it. */
    if (activation_take(&inherited) != OUTCOME_OK) {
        fprintf(stderr, "LISTEN_FDS hands over something that is no listening socket\n");
        return give_up(server, EXIT_USAGE);
    }
    struct background *background = &server->process->background;
    if (!background_enter(background, server->options, server->log, &code))
        return give_up(server, code);
    server->loop = loop_create(cron_turn, server);
    if (server->loop == NULL) {
        char reason[256];
        snprintf(reason, sizeof(reason), "No event loop: %s", strerror(errno));
        return give_up(server, fail(server, reason, EXIT_OUR_FAULT));
    }
    parts_setup(server);
    server->cron_timer = loop_timer_create(server->loop, cron_tick, server);
    code = serve(server, inherited);
    listeners_close(server);
    loop_timer_destroy(&server->cron_timer);
    parts_teardown(server);
    loop_destroy(&server->loop);
    return code;
}

static int answer(const struct options *options, const struct registry *registry,
                  const char *word) {
    if (strcmp(word, "--print-reference") == 0) {
        reference_print(registry, options, stdout);
        return EXIT_WELL;
    }
    struct output output;
    output_init(&output, 2);
    options_sample(options, &output);
    fwrite(output.data, 1, output.len, stdout);
    output_deinit(&output);
    return EXIT_WELL;
}

/* rename-command, in the order of the lines: a later one may rename what an earlier one made. */
static bool rename_commands(const struct options *options, struct registry *registry,
                            struct options_error *error) {
    static const char *const reasons[] = {
        [REGISTRY_NO_SUCH_NAME] = "No such command in rename-command",
        [REGISTRY_NAME_TAKEN] = "Target command name already exists",
    };
    size_t count = options_line_count(options, OPTIONS_RENAME_COMMAND);
    for (size_t i = 0; i < count; i++) {
        const struct options_line *line = options_line_at(options, OPTIONS_RENAME_COMMAND, i);
        enum registry_renamed done = registry_rename(registry, line->words[0], line->words[1]);
        if (done == REGISTRY_RENAMED) continue;
        options_line_error(line, reasons[done], error);
        return false;
    }
    return true;
}

static bool user_is_fine(struct options *options, struct options_error *error) {
    struct default_user *user = default_user_create(options, error);
    bool is_fine = user != NULL;
    default_user_destroy(&user);
    return is_fine;
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
    argv = process_title_setup(argc, argv);
    hash_setup(NULL);
    const struct family *families[PARTS_FAMILIES_MAX];
    size_t family_count = parts_families(families);
    struct registry *registry = registry_create(families, family_count);
    struct options *options = options_create(families, family_count);
    int code;
    bool prints = argc == 2 && (strcmp(argv[1], "--print-config") == 0 ||
                                strcmp(argv[1], "--print-reference") == 0);
    struct options_error error;
    if (prints) {
        code = answer(options, registry, argv[1]);
    } else if (options_own_directory(options),
               !options_load_arguments(options, argc, argv, &error) ||
                   !rename_commands(options, registry, &error) || !user_is_fine(options, &error)) {
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
        if (open_log(server)) {
            crash_setup(options);
            code = run(server);
        } else {
            code = give_up(server, EXIT_USAGE);
        }
        log_destroy(&server->log);
        memory_free(process);
        memory_free(server);
    }
    options_destroy(&options);
    registry_destroy(&registry);
    return code;
}
