/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of the server itself: network, clients, logs, security, watching. */
#include "server/options_known.h"

#include "base/log.h"

static const struct option network[] = {
    OPT_LIST("bind", 0, "* -::*",
             "Addresses to listen on: * is every IPv4 one, -::* every IPv6 one; one behind a "
             "'-' may be missing on this machine.",
             .settle = settle_bind),
    OPT_NUMBER("port", 0, "6379", 0, 65535, "TCP port to listen on; 0: none."),
    OPT_BOOL("protected-mode", 0, "yes",
             "Turns clients of other machines away while there is no password."),
    OPT_NUMBER("tcp-backlog", FIXED, "511", 0, INT_MAX,
               "Connections that the kernel may hold until they are accepted."),
    OPT_SECONDS("tcp-keepalive", 0, "300", 0, INT_MAX,
                "Silence after which the kernel asks whether a client is still there; 0: never."),
    OPT_SECONDS("timeout", 0, "0", 0, INT_MAX,
                "Closes clients that have been idle for this long; 0: never."),
    OPT_TEXT("unixsocket", FIXED, "", "Path of a Unix socket to listen on; empty: none."),
    OPT_TEXT("unixsocketgroup", 0, "", "Group that the Unix socket is given to."),
    OPT(OPTION_OCTAL, "unixsocketperm", FIXED, "0",
        "Permissions of the Unix socket, in octal; 0: as umask leaves them.", .min = 0,
        .max = 0777),
    OPT_NUMBER("socket-mark-id", FIXED | INERT, "0", 0, UINT_MAX,
               "Mark of the listening sockets, for routing and packet filters; 0: none."),
    OPT_TEXT("bind-source-addr", INERT, "", "Address from which this server connects to others."),
    OPT_BOOL("mptcp", INERT, "no", "Listens with multipath TCP."),
};

static const struct option_word supervisors[] = {
    {"upstart", 3}, {"systemd", 2}, {"auto", 1}, {"no", 0}, {NULL, 0}};

static const struct option general[] = {
    OPT_BOOL("daemonize", FIXED, "no", "Goes to the background."),
    OPT_ENUM("supervised", FIXED, "no", supervisors,
             "Which service manager is told that the server is ready; auto finds out."),
    OPT_TEXT("pidfile", FIXED, "",
             "File that holds the process number while the server runs; empty: none."),
    OPT_SPECIAL("dir", OPTION_PROTECTED, "./",
                "The working directory, in which files are written."),
    OPT_NUMBER("databases", FIXED, "16", 1, INT_MAX, "How many databases SELECT can choose from."),
    OPT_NUMBER("hz", 0, "10", 0, INT_MAX, "How many times a second housekeeping runs, 1 to 500.",
               .settle = settle_hz),
    OPT_BOOL("dynamic-hz", INERT, "yes", "Looks after timed work more often with many clients."),
    OPT_TEXT("redis-version", 0, "7.4.0",
             "The version of Redis that INFO and HELLO report to clients that ask; "
             "mainstay_version in INFO is the real one.",
             .settle = settle_version),
    OPT_BOOL("set-proc-title", FIXED, "yes", "Shows address and mode in the list of processes."),
    OPT_TEXT("proc-title-template", 0, "{title} {listen-addr} {server-mode}",
             "What is shown there; also {port} {tls-port} {unixsocket} {config-file}.",
             .settle = settle_process_title),
    OPT_BOOL("always-show-logo", FIXED | INERT, "no", "Shows a logo at start."),
    OPT_TEXT("locale-collate", INERT, "", "Locale by which strings are compared; here by bytes."),
    OPT_TEXT("ignore-warnings", INERT, "", "Warnings about the machine to start in spite of."),
    OPT_BOOL("extended-redis-compatibility", INERT, "no",
             "Of Valkey: calls itself Redis. Mainstay's redis-version does so always."),
    OPT_TEXT("availability-zone", INERT, "", "Where this server stands, for INFO and HELLO."),
    OPT_BOOL("import-mode", INERT, "no", "Of Valkey: keys of an import source do not expire."),
    OPT_TEXT("hash-seed", INERT, "",
             "Of Valkey: seed of the hash; here the secret is random always."),
};

static const struct option_word log_levels[] = {
    {"debug", LOG_LEVEL_DEBUG},     {"verbose", LOG_LEVEL_VERBOSE}, {"notice", LOG_LEVEL_NOTICE},
    {"warning", LOG_LEVEL_WARNING}, {"nothing", LOG_LEVEL_NOTHING}, {NULL, 0}};
static const struct option_word log_layouts[] = {{"legacy", LOG_LAYOUT_LEGACY},
                                                 {"logfmt", LOG_LAYOUT_LOGFMT},
                                                 {"json", LOG_LAYOUT_JSON},
                                                 {NULL, 0}};
static const struct option_word log_timestamps[] = {{"legacy", LOG_TIMESTAMP_LEGACY},
                                                    {"iso8601", LOG_TIMESTAMP_ISO8601},
                                                    {"milliseconds", LOG_TIMESTAMP_MILLISECONDS},
                                                    {NULL, 0}};
static const struct option_word facilities[] = {{"user", 1 << 3},    {"local0", 16 << 3},
                                                {"local1", 17 << 3}, {"local2", 18 << 3},
                                                {"local3", 19 << 3}, {"local4", 20 << 3},
                                                {"local5", 21 << 3}, {"local6", 22 << 3},
                                                {"local7", 23 << 3}, {NULL, 0}};

static const struct option logs[] = {
    OPT_ENUM("loglevel", 0, "notice", log_levels, "The least important lines that are logged."),
    OPT_TEXT("logfile", FIXED, "", "Where the log goes; empty: to standard output."),
    OPT_ENUM("log-format", 0, "legacy", log_layouts,
             "Layout of the log: lines as Redis writes them, key=value pairs, or JSON "
             "objects."),
    OPT_ENUM("log-timestamp-format", 0, "legacy", log_timestamps, "How log lines tell the time."),
    OPT_BOOL("syslog-enabled", FIXED, "no", "Sends the log to syslog too."),
    OPT_TEXT("syslog-ident", FIXED, "mainstay", "The name under which syslog shows it."),
    OPT_ENUM("syslog-facility", FIXED, "local0", facilities, "The facility of syslog."),
    OPT_BOOL("hide-user-data-from-log", INERT, "no",
             "Keeps keys, values and client names out of the log."),
    OPT_BOOL("crash-log-enabled", 0, "yes", "Logs where and why the process crashed."),
    OPT_BOOL("crash-memcheck-enabled", INERT, "yes", "Tests memory after a crash."),
};

static const struct option_word sensitive[] = {{"no", 0}, {"yes", 1}, {"local", 2}, {NULL, 0}};
static const struct option_word channel_rules[] = {
    {"allchannels", 1}, {"resetchannels", 0}, {NULL, 0}};

static const struct option security[] = {
    OPT_TEXT("requirepass", SECRET, "", "Password of the default user; empty: none."),
    OPT_TEXT("aclfile", FIXED | INERT, "", "File with users and their rules: none can be read yet.",
             .settle = settle_users_file),
    OPT_ENUM("acl-pubsub-default", 0, "resetchannels", channel_rules,
             "Channels that a user may use whose line does not say."),
    OPT_NUMBER("acllog-max-len", INERT, "128", 0, LLONG_MAX, "Entries that ACL LOG keeps."),
    OPT_ENUM("enable-protected-configs", FIXED, "no", sensitive,
             "Who may change protected parameters with CONFIG SET; local: clients of this "
             "machine."),
    OPT_ENUM("enable-debug-command", FIXED, "no", sensitive,
             "Who may use DEBUG; local: clients of this machine."),
    OPT_ENUM("enable-module-command", FIXED, "no", sensitive,
             "Who may load modules; there are none to load."),
};

static const struct option clients[] = {
    OPT_NUMBER("maxclients", 0, "10000", 1, UINT_MAX,
               "How many clients may be connected at a time."),
    OPT_MEMORY("proto-max-bulk-len", 0, "536870912", 1024 * 1024, LLONG_MAX,
               "The longest argument, and the longest string."),
    OPT_MEMORY("client-query-buffer-limit", 0, "1073741824", 1024 * 1024, LLONG_MAX,
               "What a client may send before its request is complete."),
    OPT_SPECIAL("client-output-buffer-limit", OPTION_WORDS,
                "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
                "Closes clients that do not read what they are sent. Four words for each class: "
                "its name, a hard limit, a soft limit, and the seconds over the soft one; 0: no "
                "limit.",
                .settle = settle_output_limits, .line_words = 4),
    OPT(OPTION_PERCENT_OR_MEMORY, "maxmemory-clients", 0, "0",
        "What the buffers of all clients together may take, also in percent of "
        "maxmemory; beyond it the largest are closed. 0: no limit.",
        .unit = "bytes", .min = 0, .max = LLONG_MAX),
    OPT_NUMBER("max-new-connections-per-cycle", INERT, "10", 1, 1000,
               "How many connections are accepted in one turn of the loop."),
    OPT_NUMBER("max-new-tls-connections-per-cycle", INERT, "1", 1, 1000,
               "TLS connections accepted in one turn of the loop."),
    OPT_NUMBER("tracking-table-max-keys", INERT, "1000000", 0, LLONG_MAX,
               "Keys remembered for client-side caching."),
};

static const struct option watching[] = {
    OPT_US("slowlog-log-slower-than", 0, "10000", -1, LLONG_MAX,
           "Requests that take longer are noted by SLOWLOG; 0: all, -1: none.",
           .alias = "commandlog-execution-slower-than"),
    OPT_NUMBER("slowlog-max-len", 0, "128", 0, LLONG_MAX, "How many requests SLOWLOG keeps.",
               .alias = "commandlog-slow-execution-max-len"),
    OPT_NUMBER("commandlog-request-larger-than", INERT, "1048576", -1, LLONG_MAX,
               "Of Valkey: notes larger requests.", .unit = "bytes"),
    OPT_NUMBER("commandlog-large-request-max-len", INERT, "128", 0, LLONG_MAX,
               "Of Valkey: how many of them are kept."),
    OPT_NUMBER("commandlog-reply-larger-than", INERT, "1048576", -1, LLONG_MAX,
               "Of Valkey: notes larger replies.", .unit = "bytes"),
    OPT_NUMBER("commandlog-large-reply-max-len", INERT, "128", 0, LLONG_MAX,
               "Of Valkey: how many of them are kept."),
    OPT_MS("latency-monitor-threshold", 0, "0", 0, LLONG_MAX,
           "Events that take as long or longer are noted by LATENCY; 0: none."),
    OPT_BOOL("latency-tracking", 0, "yes", "Keeps a histogram of how long each command takes."),
    OPT_SPECIAL("latency-tracking-info-percentiles", OPTION_WORDS, "50 99 99.9",
                "The percentiles of it that INFO latencystats shows.",
                .settle = settle_percentiles),
    OPT_SPECIAL("notify-keyspace-events", 0, "",
                "Which keyspace events are published; empty: none. K to __keyspace@<db>__ "
                "channels, E to __keyevent@<db>__ channels, and of which kind: g generic, $ "
                "strings, l lists, s sets, h hashes, z sorted sets, t streams, d modules, x "
                "expired, e evicted, A all of these; not in A: n new keys, m misses, o "
                "overwritten, c type changed, a application families.",
                .settle = settle_events),
    OPT_SECONDS("watchdog-period", HIDDEN | INERT, "0", 0, INT_MAX,
                "Logs where the server is when it hangs."),
};

static const struct option_word shutdowns[] = {{"default", 0}, {"save", 1},  {"nosave", 2},
                                               {"now", 4},     {"force", 8}, {NULL, 0}};
static const struct option_word shutdowns_of_valkey[] = {{"safe", 16}, {"failover", 32}, {NULL, 0}};
static const struct option_word oom_words[] = {
    {"no", 0}, {"yes", 1}, {"relative", 1}, {"absolute", 2}, {NULL, 0}};

static const struct option ending[] = {
    OPT(OPTION_FLAGS, "shutdown-on-sigint", INERT, "default", "How SIGINT ends the server.",
        .words = shutdowns, .quiet_words = shutdowns_of_valkey, .settle = settle_shutdown),
    OPT(OPTION_FLAGS, "shutdown-on-sigterm", INERT, "default", "How SIGTERM ends the server.",
        .words = shutdowns, .quiet_words = shutdowns_of_valkey, .settle = settle_shutdown),
    OPT_SECONDS("shutdown-timeout", INERT, "10", 0, INT_MAX,
                "How long a shutdown waits for replicas."),
    OPT_ENUM("oom-score-adj", 0, "no", oom_words,
             "Tells the kernel whom to kill first when memory runs out."),
    OPT_SPECIAL("oom-score-adj-values", OPTION_WORDS, "0 200 800",
                "The scores for that: of a primary, a replica, a child.",
                .settle = settle_oom_values),
    OPT_BOOL("disable-thp", FIXED | INERT, "yes", "Does without transparent huge pages."),
};

const struct option_table options_known_server[] = {
    {"Network", network, COUNT_OF(network)},
    {"General", general, COUNT_OF(general)},
    {"Logs", logs, COUNT_OF(logs)},
    {"Security", security, COUNT_OF(security)},
    {"Clients", clients, COUNT_OF(clients)},
    {"Slow log, latency, events", watching, COUNT_OF(watching)},
    {"Process", ending, COUNT_OF(ending)},
};
const size_t options_known_server_count = COUNT_OF(options_known_server);
