/* SPDX-License-Identifier: BSD-3-Clause */
/* Words about the server as a whole: TIME, ROLE, WAIT, MONITOR, MODULE, LOLWUT, SHUTDOWN. */
#include <stdio.h>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "server/blocking.h"
#include "server/modules.h"
#include "server/observe.h"
#include "server/options.h"
#include "server/process.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

static void time_now(struct call *call) {
    int64_t now_us = call_now_us(call);
    reply_array(call, 2);
    reply_bulk_integer(call, now_us / 1000000);
    reply_bulk_integer(call, now_us % 1000000);
}

static void role(struct call *call) {
    reply_array(call, 3);
    reply_text(call, "master");
    reply_integer(call, 0);
    reply_array(call, 0);
}

static void monitor(struct call *call) {
    if (call->in_transaction) {
        reply_error(call, "ERR MONITOR isn't allowed for DENY BLOCKING client");
        return;
    }
    /* Who monitors already hears nothing new, as with peers. */
    if ((call->session->flags & SESSION_MONITOR) != 0) {
        reply_none(call);
        return;
    }
    monitors_add(server_of(call), call->session);
    reply_ok(call);
}

/* --- WAIT: there are no replicas, so whoever wants some waits in vain --- */

static int64_t read_timeout_ms(struct call *call) {
    int64_t timeout_ms = args_integer_or(call, INT64_MIN, INT64_MAX,
                                         "timeout is not an integer or out of range");
    if (!args_failed(call) && timeout_ms < 0) args_fail(call, "ERR timeout is negative");
    return timeout_ms;
}

static void none_acknowledged(struct call *call) { reply_integer(call, 0); }

static void wait_for_replicas(struct call *call) {
    int64_t wanted = args_integer(call, INT64_MIN, INT64_MAX);
    int64_t timeout_ms = read_timeout_ms(call);
    if (args_failed(call)) return;
    if (wanted <= 0) none_acknowledged(call);
    else blocking_wait(call, timeout_ms, none_acknowledged);
}

static void none_on_disk(struct call *call) {
    reply_array(call, 2);
    reply_integer(call, 0);
    reply_integer(call, 0);
}

static void wait_for_files(struct call *call) {
    int64_t local = args_integer_or(call, 0, 1,
                                    "value is out of range, value must between 0 and 1");
    int64_t wanted = args_integer_or(call, 0, INT64_MAX, "value is out of range, must be positive");
    int64_t timeout_ms = read_timeout_ms(call);
    if (args_failed(call)) return;
    if (local > 0) {
        reply_error(call,
                    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
        return;
    }
    if (wanted == 0) none_on_disk(call);
    else blocking_wait(call, timeout_ms, none_on_disk);
}

/* --- MODULE --- */

static void module_list(struct call *call) { modules_reply(call); }

/* Who may load modules is asked first, as elsewhere; then there is nothing that can be loaded. */
static void module_refuse(struct call *call) {
    struct server *server = server_of(call);
    const struct options *options = server->options;
    int64_t who = options_integer(options, options_index(options, "enable-module-command"));
    bool is_local = call->session == NULL ||
                    (call->session->flags & (SESSION_LOOPBACK | SESSION_UNIX)) != 0;
    if (who == 1 || (who == 2 && is_local)) {
        log_write(server->log, LOG_LEVEL_WARNING,
                  "No module was loaded or unloaded: what Mainstay offers is built in");
        reply_error(call, "ERR Error loading the extension. Please check the server logs.");
        return;
    }
    reply_error(call, "ERR MODULE command not allowed. If the enable-module-command option is set "
                      "to \"local\", you can run it from a local connection, otherwise you need to "
                      "set this option in the configuration file, and then restart the server.");
}

static void module_help(struct call *call) {
    static const char *const lines[] = {
        "LIST",
        "    The parts of the server that clients know as modules.",
        "LOAD <path> [<arg> ...]",
        "    Not allowed: nothing is loaded into this server.",
        "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
        "    Not allowed.",
        "UNLOAD <name>",
        "    Not allowed.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

/* --- LOLWUT --- */

#define SEA_COLUMNS 40

/* A mast with its stays, on a sea of chance. */
static void lolwut(struct call *call) {
    static const char *const ship[] = {
        "                    |\\",           "                   /|_\\",
        "                  / | \\\\",        "                 /  |  \\\\",
        "                /   |   \\\\",      "               /____|____\\\\",
        "            ________|_______\\___", "            \\                  /",
    };
    if (args_left(call) > 1 && args_word(call, "VERSION")) {
        args_integer(call, INT64_MIN, INT64_MAX);
        if (args_failed(call)) return;
    }
    const struct options *options = server_of(call)->options;
    struct output text;
    output_init(&text, 2);
    for (size_t i = 0; i < COUNT_OF(ship); i++) {
        output_raw(&text, bytes_of(ship[i]));
        output_raw(&text, BYTES("\n"));
    }
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < SEA_COLUMNS; i++)
            output_raw(&text, bytes_make("~~~~^-" + random_below(call_random(call), 6), 1));
        output_raw(&text, BYTES("\n"));
    }
    output_raw(&text, arena_format(call_arena(call),
                                   "\nThe mainstay holds the mast. Redis ver. %s (Mainstay %s)\n",
                                   options_text(options, options_index(options, "redis-version")),
                                   MAINSTAY_VERSION));
    reply_gathered(call, &text);
    output_deinit(&text);
}

/* --- SHUTDOWN --- */

struct shutdown {
    bool nosave;
    bool save;
    bool now;
    bool force;
    bool abort;
};

static bool read_shutdown(struct call *call, struct shutdown *shutdown) {
    while (args_left(call) > 0) {
        if (args_word(call, "NOSAVE")) shutdown->nosave = true;
        else if (args_word(call, "SAVE")) shutdown->save = true;
        else if (args_word(call, "NOW")) shutdown->now = true;
        else if (args_word(call, "FORCE")) shutdown->force = true;
        else if (args_word(call, "ABORT")) shutdown->abort = true;
        else args_syntax_error(call);
    }
    bool more = shutdown->nosave || shutdown->save || shutdown->now || shutdown->force;
    if ((shutdown->abort && more) || (shutdown->nosave && shutdown->save)) args_syntax_error(call);
    return !args_failed(call);
}

static void shutdown_server(struct call *call) {
    struct shutdown shutdown = {0};
    if (!read_shutdown(call, &shutdown)) return;
    if (shutdown.abort) {
        /* It ends with the turn that it begins in: there is nothing to call off. */
        reply_error(call, "ERR No shutdown in progress.");
        return;
    }
    if (shutdown.save && !shutdown.force) {
        /* Nothing can be saved yet, and whoever asks for it would lose data believing otherwise. */
        reply_error(call, "ERR Errors trying to SHUTDOWN. Check logs.");
        return;
    }
    reply_none(call);
    process_stop(server_of(call), "User requested shutdown");
}

static const struct command module_subcommands[] = {
    {
        .name = "HELP",
        .handler = module_help,
        .summary = "Lists the subcommands of MODULE.",
        .complexity = "O(1)",
        .since = "5.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "MODULE HELP",
    },
    {
        .name = "LIST",
        .handler = module_list,
        .summary = "Lists the families that clients know as modules.",
        .complexity = "O(N) for N modules",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT,
        .reply = "an array of maps: name, ver, path, args",
        .example = "MODULE LIST",
        .tips = "nondeterministic_output_order",
    },
    {
        .name = "LOAD",
        .handler = module_refuse,
        .summary = "Would load a module; nothing is loaded into this server.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_NO_ASYNC_LOADING | COMMAND_NOSCRIPT,
        ARGS(STRING("path"), STRING("arg", OPTIONAL_MULTIPLE)),
        .reply = "an error",
    },
    {
        .name = "LOADEX",
        .handler = module_refuse,
        .summary = "Would load a module with its parameters; nothing is loaded into this server.",
        .complexity = "O(1)",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_NO_ASYNC_LOADING | COMMAND_NOSCRIPT,
        ARGS(STRING("path"),
             BLOCK_MULTIPLE("configs", "CONFIG", ARG_OPTIONAL | ARG_MULTIPLE | ARG_MULTIPLE_TOKEN,
                            STRING("name"), STRING("value")),
             STRING("args", .token = "ARGS", OPTIONAL_MULTIPLE)),
        .reply = "an error",
    },
    {
        .name = "UNLOAD",
        .handler = module_refuse,
        .summary = "Would unload a module; nothing is loaded into this server.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_NO_ASYNC_LOADING | COMMAND_NOSCRIPT,
        ARGS(STRING("name")),
        .reply = "an error",
    },
};

static const struct command commands[] = {
    {
        .name = "LOLWUT",
        .handler = lolwut,
        .summary = "Draws a picture, and names the version.",
        .complexity = "O(1)",
        .since = "5.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(INTEGER("version", .token = "VERSION", OPTIONAL)),
        .arity = -1,
        .reply = "text",
        .example = "LOLWUT",
    },
    {
        .name = "MODULE",
        .summary = "Names the parts of the server that clients know as modules.",
        .complexity = "Depends on subcommand.",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(module_subcommands),
    },
    {
        .name = "MONITOR",
        .handler = monitor,
        .summary = "Shows every request that the server runs, until the connection ends or RESET.",
        .complexity = "O(1), and as much again for each request of others",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE,
        .reply = "OK, then a line for each request",
    },
    {
        .name = "ROLE",
        .handler = role,
        .summary = "Tells whether the server is a primary or a replica.",
        .complexity = "O(1)",
        .since = "2.8.12",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE,
        .categories = CATEGORY_ADMIN | CATEGORY_DANGEROUS,
        .reply = "an array: master, offset, replicas",
        .example = "ROLE",
    },
    {
        .name = "SHUTDOWN",
        .handler = shutdown_server,
        .summary = "Ends the server in good order.",
        .complexity = "O(N) for N keys",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_ALLOW_BUSY | COMMAND_LOADING | COMMAND_NO_MULTI |
                 COMMAND_NOSCRIPT | COMMAND_STALE,
        ARGS(ONEOF_OPTIONAL("save-selector", TOKEN("nosave", "NOSAVE"), TOKEN("save", "SAVE")),
             TOKEN("now", "NOW", OPTIONAL, .since = "7.0.0"),
             TOKEN("force", "FORCE", OPTIONAL, .since = "7.0.0"),
             TOKEN("abort", "ABORT", OPTIONAL, .since = "7.0.0")),
        .reply = "none: the connection ends",
    },
    {
        .name = "TIME",
        .handler = time_now,
        .summary = "Tells the time by the server's clock.",
        .complexity = "O(1)",
        .since = "2.6.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array: the Unix time in seconds, and the microseconds of that second",
        .example = "TIME",
        .tips = "nondeterministic_output",
    },
    {
        .name = "WAIT",
        .handler = wait_for_replicas,
        .summary = "Waits until this many replicas have what was written, or the time is over.",
        .complexity = "O(1)",
        .since = "3.0.0",
        .group = "generic",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_BLOCKING,
        .categories = CATEGORY_NOT_OF_GROUP | CATEGORY_BLOCKING | CATEGORY_CONNECTION,
        ARGS(INTEGER("numreplicas"), INTEGER("timeout")),
        .reply = "how many replicas have it: 0, for there are none",
        .example = "WAIT 0 100",
        .tips = "request_policy:all_shards response_policy:agg_min",
    },
    {
        .name = "WAITAOF",
        .handler = wait_for_files,
        .summary = "Waits until what was written is on this many disks, or the time is over.",
        .complexity = "O(1)",
        .since = "7.2.0",
        .group = "generic",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_BLOCKING,
        .categories = CATEGORY_NOT_OF_GROUP | CATEGORY_BLOCKING | CATEGORY_CONNECTION,
        ARGS(INTEGER("numlocal"), INTEGER("numreplicas"), INTEGER("timeout")),
        .reply = "an array: on this disk (0 or 1), on how many replicas",
        .example = "WAITAOF 0 0 100",
        .tips = "request_policy:all_shards response_policy:agg_min",
    },
};

const struct family admin_family = {
    .name = "admin",
    .title = "The server",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
