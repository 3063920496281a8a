/* SPDX-License-Identifier: BSD-3-Clause */
/* SLOWLOG, and COMMANDLOG as Valkey has it, of which only the kind "slow" is kept here. */
#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "server/server.h"
#include "server/slowlog.h"
#include "server/words.h"

#define SHOWN_COUNT 10

static void reply_entries(struct call *call, int64_t count) {
    const struct slowlog *slowlog = server_of(call)->slowlog;
    size_t length = slowlog_length(slowlog);
    size_t shown = count < 0 || (uint64_t)count > length ? length : (size_t)count;
    reply_array(call, shown);
    const struct slowlog_entry *entry = slowlog_newest(slowlog);
    for (size_t i = 0; i < shown; i++, entry = entry->older) {
        reply_array(call, 6);
        reply_integer(call, entry->id);
        reply_integer(call, entry->time_s);
        reply_integer(call, entry->duration_us);
        reply_array(call, (size_t)entry->argc);
        for (int j = 0; j < entry->argc; j++) reply_bulk(call, entry->argv[j]);
        reply_bulk(call, entry->peer);
        reply_bulk(call, entry->name);
    }
}

static int64_t read_count(struct call *call) {
    return args_integer_or(call, -1, INT64_MAX, "count should be greater than or equal to -1");
}

static void slowlog_get(struct call *call) {
    if (args_left(call) > 1) {
        reply_wrong_subcommand(call);
        return;
    }
    int64_t count = args_left(call) == 0 ? SHOWN_COUNT : read_count(call);
    if (!args_failed(call)) reply_entries(call, count);
}

static void slowlog_len(struct call *call) {
    reply_integer(call, (int64_t)slowlog_length(server_of(call)->slowlog));
}

static void slowlog_clear(struct call *call) {
    slowlog_reset(server_of(call)->slowlog);
    reply_ok(call);
}

static void slowlog_help(struct call *call) {
    static const char *const lines[] = {
        "GET [<count>]",
        "    The latest <count> entries (default: 10, all: -1), each of them:",
        "    id, time, microseconds, arguments, client's address, client's name",
        "LEN",
        "    How many entries there are.",
        "RESET",
        "    Forgets all entries.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

/* --- COMMANDLOG --- */

/* True for the kind that is kept; the others are known and always empty. */
static bool read_kind_is_slow(struct call *call) {
    if (args_word(call, "slow")) return true;
    if (!args_word(call, "large-request") && !args_word(call, "large-reply"))
        args_fail(call, "ERR type should be one of the following: slow, large-request, "
                        "large-reply");
    return false;
}

static void commandlog_get(struct call *call) {
    int64_t count = read_count(call);
    if (args_failed(call)) return;
    bool slow = read_kind_is_slow(call);
    if (args_failed(call)) return;
    if (slow) reply_entries(call, count);
    else reply_array(call, 0);
}

static void commandlog_len(struct call *call) {
    bool slow = read_kind_is_slow(call);
    if (args_failed(call)) return;
    if (slow) slowlog_len(call);
    else reply_integer(call, 0);
}

static void commandlog_reset(struct call *call) {
    bool slow = read_kind_is_slow(call);
    if (args_failed(call)) return;
    if (slow) slowlog_clear(call);
    else reply_ok(call);
}

static void commandlog_help(struct call *call) {
    static const char *const lines[] = {
        "GET <count> <type>",
        "    The latest <count> entries (all: -1) of a type: slow, large-request, large-reply.",
        "    Each of them: id, time, microseconds or bytes, arguments, client's address,",
        "    client's name. Only slow ones are kept by this server.",
        "LEN <type>",
        "    How many entries of the type there are.",
        "RESET <type>",
        "    Forgets all entries of the type.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

#define OPERATORS \
    .access = TOUCHES_NO_KEYS, .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_STALE
#define KIND                                                                      \
    ONEOF("type", TOKEN("slow", "SLOW"), TOKEN("large-request", "LARGE-REQUEST"), \
          TOKEN("large-reply", "LARGE-REPLY"))

static const struct command commandlog_subcommands[] = {
    {
        .name = "GET",
        .handler = commandlog_get,
        .summary = "Lists the latest entries of a type.",
        .complexity = "O(N) for N entries",
        .since = "8.1.0",
        OPERATORS,
        ARGS(INTEGER("count"), KIND),
        .reply =
            "an array of [id, Unix time in seconds, microseconds or bytes, arguments, address, "
            "name]",
        .example = "COMMANDLOG GET 5 slow",
        .tips = "request_policy:all_nodes nondeterministic_output",
    },
    {
        .name = "HELP",
        .handler = commandlog_help,
        .summary = "Lists the subcommands of COMMANDLOG.",
        .complexity = "O(1)",
        .since = "8.1.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "COMMANDLOG HELP",
    },
    {
        .name = "LEN",
        .handler = commandlog_len,
        .summary = "Counts the entries of a type.",
        .complexity = "O(1)",
        .since = "8.1.0",
        OPERATORS,
        ARGS(KIND),
        .reply = "the count",
        .example = "COMMANDLOG LEN slow",
        .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output",
    },
    {
        .name = "RESET",
        .handler = commandlog_reset,
        .summary = "Forgets all entries of a type.",
        .complexity = "O(N) for N entries",
        .since = "8.1.0",
        OPERATORS,
        ARGS(KIND),
        .reply = "OK",
        .example = "COMMANDLOG RESET slow",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
};

static const struct command slowlog_subcommands[] = {
    {
        .name = "GET",
        .handler = slowlog_get,
        .summary = "Lists the latest slow requests.",
        .complexity = "O(N) for N entries",
        .since = "2.2.12",
        OPERATORS,
        ARGS(INTEGER("count", OPTIONAL)),
        .arity = -2,
        .reply = "an array of [id, Unix time in seconds, microseconds, arguments, address, name]",
        .example = "SLOWLOG GET 5",
        .tips = "request_policy:all_nodes nondeterministic_output",
    },
    {
        .name = "HELP",
        .handler = slowlog_help,
        .summary = "Lists the subcommands of SLOWLOG.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "SLOWLOG HELP",
    },
    {
        .name = "LEN",
        .handler = slowlog_len,
        .summary = "Counts the slow requests that are remembered.",
        .complexity = "O(1)",
        .since = "2.2.12",
        OPERATORS,
        .reply = "the count",
        .example = "SLOWLOG LEN",
        .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output",
    },
    {
        .name = "RESET",
        .handler = slowlog_clear,
        .summary = "Forgets all slow requests.",
        .complexity = "O(N) for N entries",
        .since = "2.2.12",
        OPERATORS,
        .reply = "OK",
        .example = "SLOWLOG RESET",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
};

static const struct command commands[] = {
    {
        .name = "COMMANDLOG",
        .summary = "Remembers requests that were slow or big.",
        .complexity = "Depends on subcommand.",
        .since = "8.1.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(commandlog_subcommands),
    },
    {
        .name = "SLOWLOG",
        .summary = "Remembers requests that took longer than slowlog-log-slower-than.",
        .complexity = "Depends on subcommand.",
        .since = "2.2.12",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(slowlog_subcommands),
    },
};

const struct family slowlog_family = {
    .name = "slowlog",
    .title = "Slow requests",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
