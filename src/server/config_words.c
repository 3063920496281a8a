/* SPDX-License-Identifier: BSD-3-Clause */
/* CONFIG: the parameters, asked for and set by clients. */
#include "commands/family.h"
#include "commands/help.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/session.h"

/* A parameter found by CONFIG GET, and under which of its names. */
struct found {
    struct bytes name;
    int index;
};

struct search {
    struct options *options;
    struct found *found; /* room for each name of each parameter once */
    size_t count;
    uint8_t *seen; /* by place: 1 its name, 2 its alias */
};

static void note(struct search *search, int index, struct bytes name, bool is_alias) {
    uint8_t bit = is_alias ? 2 : 1;
    if ((search->seen[index] & bit) != 0) return;
    search->seen[index] |= bit;
    search->found[search->count++] = (struct found){name, index};
}

/* A name without wildcards finds even what is hidden, and is answered as it was asked for. */
static void look_for_name(struct search *search, struct bytes name) {
    int index = options_find(search->options, name);
    if (index < 0) return;
    const char *alias = options_declaration(search->options, index)->alias;
    note(search, index, name, alias != NULL && bytes_is(name, alias));
}

static void look_for_pattern(struct search *search, struct bytes pattern) {
    for (size_t i = 0; i < options_count(search->options); i++) {
        const struct option *option = options_declaration(search->options, (int)i);
        if ((option->flags & OPTION_HIDDEN) != 0) continue;
        if (text_matches(pattern, bytes_of(option->name), true))
            note(search, (int)i, bytes_of(option->name), false);
        if (option->alias != NULL && text_matches(pattern, bytes_of(option->alias), true))
            note(search, (int)i, bytes_of(option->alias), true);
    }
}

static void config_get(struct call *call) {
    struct options *options = call->executor->options;
    struct arena *arena = call_arena(call);
    size_t count = options_count(options);
    struct search search = {.options = options};
    search.found = arena_allocate(arena, 2 * count * sizeof(struct found));
    search.seen = arena_allocate(arena, count);
    memset(search.seen, 0, count);
    while (args_left(call) > 0) {
        struct bytes pattern = args_bytes(call);
        if (text_pattern_is_plain(pattern)) look_for_name(&search, pattern);
        else look_for_pattern(&search, pattern);
    }
    reply_map(call, search.count);
    for (size_t i = 0; i < search.count; i++) {
        reply_bulk(call, search.found[i].name);
        reply_bulk(call, options_print(options, search.found[i].index, arena));
    }
}

/* "local" trusts this machine: loopback, a Unix socket, and callers that are no client at all. */
static bool protected_allowed(const struct call *call) {
    const struct options *options = call->executor->options;
    int64_t who = options_integer(options, options_index(options, "enable-protected-configs"));
    if (who != 2) return who == 1;
    if (call->session == NULL) return true;
    return (call->session->flags & (SESSION_LOOPBACK | SESSION_UNIX)) != 0;
}

static void config_set(struct call *call) {
    char reason[OPTIONS_REASON_MAX];
    int words = args_left(call);
    if (words % 2 != 0) {
        args_syntax_error(call);
        return;
    }
    if (options_set_pairs(call->executor->options, call->argv + args_index(call), (size_t)words / 2,
                          protected_allowed(call), reason))
        reply_ok(call);
    else reply_error(call, "ERR %s", reason);
}

static void config_rewrite(struct call *call) {
    char reason[OPTIONS_REASON_MAX];
    if (options_rewrite(call->executor->options, reason)) reply_ok(call);
    else reply_error(call, "ERR %s", reason);
}

static void config_resetstat(struct call *call) {
    options_reset_statistics(call->executor->options);
    reply_ok(call);
}

static void config_help(struct call *call) {
    static const char *const lines[] = {
        "GET <pattern>",
        "    Return parameters matching the glob-like <pattern> and their values.",
        "SET <directive> <value>",
        "    Set the configuration <directive> to <value>.",
        "RESETSTAT",
        "    Reset statistics reported by the INFO command.",
        "REWRITE",
        "    Rewrite the configuration file.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

#define OF_ADMINISTRATORS                     \
    .access = TOUCHES_NO_KEYS, .speed = SLOW, \
    .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE

static const struct command subcommands[] = {
    {
        .name = "GET",
        .handler = config_get,
        .summary = "Tells the values of parameters, by name or pattern.",
        .complexity = "O(N) for N parameters; a pattern looks at all",
        .since = "2.0.0",
        OF_ADMINISTRATORS,
        ARGS(STRING("parameter", MULTIPLE)),
        .reply = "a map from names to values",
        .example = "CONFIG GET maxmemory*",
    },
    {
        .name = "HELP",
        .handler = config_help,
        .summary = "Lists the subcommands of CONFIG.",
        .complexity = "O(1)",
        .since = "5.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "CONFIG HELP",
    },
    {
        .name = "RESETSTAT",
        .handler = config_resetstat,
        .summary = "Sets the counters of INFO back to zero.",
        .complexity = "O(1)",
        .since = "2.0.0",
        OF_ADMINISTRATORS,
        .reply = "OK",
        .example = "CONFIG RESETSTAT",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
    {
        .name = "REWRITE",
        .handler = config_rewrite,
        .summary = "Writes the values that differ from the configuration file into it.",
        .complexity = "O(N) for N lines of the file",
        .since = "2.8.0",
        OF_ADMINISTRATORS,
        .reply = "OK",
        .errors = "ERR The server is running without a config file; ERR Rewriting config file, "
                  "with the reason",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
    {
        .name = "SET",
        .handler = config_set,
        .summary = "Changes parameters of the running server, all of them or none.",
        .complexity = "O(N) for N parameters",
        .since = "2.0.0",
        OF_ADMINISTRATORS,
        ARGS(BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, STRING("parameter"), STRING("value"))),
        .reply = "OK",
        .errors = "ERR Unknown option or number of arguments; ERR CONFIG SET failed, with the "
                  "parameter and the reason",
        .example = "CONFIG SET maxmemory 100mb maxmemory-policy allkeys-lru",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
};

static const struct command commands[] = {
    {
        .name = "CONFIG",
        .summary = "Reads and changes the configuration of the running server.",
        .complexity = "Depends on subcommand.",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(subcommands),
    },
};

const struct family config_family = {
    .name = "config",
    .title = "Configuration",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
