/* SPDX-License-Identifier: BSD-3-Clause */
/* COMMAND and its subcommands: the table of commands, told to clients.
 *
 * Replies have the shape that Redis 7 and 8 and Valkey give; names are bulks, flags and categories
 * are statuses, and what has no order is a set in RESP3. */
#include <string.h>

#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "commands/registry.h"

#define NAMES_MAX 72 /* more than there are flags, and than there are categories */

struct names {
    const char *names[NAMES_MAX];
    size_t count;
};

static const struct registry *registry_of(const struct call *call) {
    return call->executor->registry;
}

static void add_name(struct names *names, const char *name) { names->names[names->count++] = name; }

static void reply_names(struct call *call, const struct names *names) {
    reply_set(call, names->count);
    for (size_t i = 0; i < names->count; i++) reply_status(call, names->names[i]);
}

/* --- COMMAND, COMMAND INFO --- */

/* In the order in which peers list them; flags that they keep to themselves are left out. */
static const struct {
    const char *name;
    uint32_t flag;
} flag_names[] = {
    {"denyoom", COMMAND_DENYOOM},
    {"admin", COMMAND_ADMIN},
    {"pubsub", COMMAND_PUBSUB},
    {"noscript", COMMAND_NOSCRIPT},
    {"blocking", COMMAND_BLOCKING},
    {"loading", COMMAND_LOADING},
    {"stale", COMMAND_STALE},
    {"skip_monitor", COMMAND_SKIP_MONITOR},
    {"skip_slowlog", COMMAND_SKIP_SLOWLOG},
    {"asking", COMMAND_ASKING},
    {"fast", 0},
    {"no_auth", COMMAND_NO_AUTH},
    {"no_mandatory_keys", COMMAND_NO_MANDATORY_KEYS},
    {"no_async_loading", COMMAND_NO_ASYNC_LOADING},
    {"no_multi", COMMAND_NO_MULTI},
    {"allow_busy", COMMAND_ALLOW_BUSY},
    {"movablekeys", COMMAND_MOVABLE_KEYS},
};

static void reply_flags(struct call *call, const struct command_entry *entry) {
    struct names names = {.count = 0};
    if (entry->writes) add_name(&names, "write");
    if (entry->reads) add_name(&names, "readonly");
    for (size_t i = 0; i < COUNT_OF(flag_names); i++) {
        bool is_set = flag_names[i].flag == 0 ? entry->command->speed == FAST
                                              : (entry->flags & flag_names[i].flag) != 0;
        if (is_set) add_name(&names, flag_names[i].name);
        if (flag_names[i].flag == COMMAND_DENYOOM && entry->family->module_name != NULL)
            add_name(&names, "module");
    }
    reply_names(call, &names);
}

static void reply_categories(struct call *call, const struct command_entry *entry) {
    const struct registry *registry = registry_of(call);
    reply_set(call, (size_t)__builtin_popcountll(entry->categories));
    for (size_t bit = 0; bit < registry_category_count(registry); bit++) {
        if ((entry->categories & (uint64_t)1 << bit) == 0) continue;
        struct bytes name = arena_format(call_arena(call), "@%s",
                                         registry_category_name(registry, bit));
        reply_status(call, name.data);
    }
}

/* The blank-separated words of `text`; each a bulk. */
static void reply_tips(struct call *call, const char *text) {
    size_t count = 0;
    for (const char *at = text; at != NULL && *at != '\0'; count++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    reply_set(call, count);
    for (const char *at = text; count > 0; count--) {
        size_t len = strcspn(at, " ");
        reply_bulk(call, bytes_make(at, len));
        at += len + strspn(at + len, " ");
    }
}

static void reply_use(struct call *call, uint16_t use) {
    static const struct {
        const char *name;
        uint16_t bit;
    } uses[] = {
        {"RO", KEY_READ},
        {"RW", KEY_WRITE},
        {"OW", KEY_OVERWRITE},
        {"RM", KEY_REMOVE},
        {"access", KEY_ACCESSES},
        {"update", KEY_UPDATES},
        {"insert", KEY_INSERTS},
        {"delete", KEY_DELETES},
        {"not_key", KEY_NOT_A_KEY},
        {"incomplete", KEY_INCOMPLETE},
        {"variable_flags", KEY_VARIABLE_FLAGS},
    };
    struct names names = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(uses); i++)
        if (use & uses[i].bit) add_name(&names, uses[i].name);
    reply_names(call, &names);
}

static void reply_number_of(struct call *call, const char *name, int64_t value) {
    reply_text(call, name);
    reply_integer(call, value);
}

static void open_search(struct call *call, const char *name, const char *type, size_t fields) {
    reply_text(call, name);
    reply_map(call, 2);
    reply_text(call, "type");
    reply_text(call, type);
    reply_text(call, "spec");
    reply_map(call, fields);
}

static void reply_key_spec(struct call *call, const struct key_spec *spec) {
    reply_map(call, 3);
    reply_text(call, "flags");
    reply_use(call, spec->use);
    switch (spec->begin) {
    case KEY_BEGIN_INDEX:
        open_search(call, "begin_search", "index", 1);
        reply_number_of(call, "index", spec->begin_at);
        break;
    case KEY_BEGIN_KEYWORD:
        open_search(call, "begin_search", "keyword", 2);
        reply_text(call, "keyword");
        reply_text(call, spec->keyword);
        reply_number_of(call, "startfrom", spec->begin_at);
        break;
    case KEY_BEGIN_UNKNOWN: open_search(call, "begin_search", "unknown", 0); break;
    }
    switch (spec->find) {
    case KEY_FIND_RANGE:
        open_search(call, "find_keys", "range", 3);
        reply_number_of(call, "lastkey", spec->last);
        reply_number_of(call, "keystep", spec->step);
        reply_number_of(call, "limit", spec->limit);
        break;
    case KEY_FIND_COUNT:
        open_search(call, "find_keys", "keynum", 3);
        reply_number_of(call, "keynumidx", spec->count_at);
        reply_number_of(call, "firstkey", spec->first_at);
        reply_number_of(call, "keystep", spec->step);
        break;
    case KEY_FIND_UNKNOWN: open_search(call, "find_keys", "unknown", 0); break;
    }
}

static void reply_info(struct call *call, const struct command_entry *entry) {
    reply_array(call, 10);
    reply_text(call, entry->full_name);
    reply_integer(call, entry->arity);
    reply_flags(call, entry);
    reply_integer(call, entry->key_first);
    reply_integer(call, entry->key_last);
    reply_integer(call, entry->key_step);
    reply_categories(call, entry);
    reply_tips(call, entry->command->tips);
    reply_set(call, entry->key_spec_count);
    for (size_t i = 0; i < entry->key_spec_count; i++) reply_key_spec(call, &entry->key_specs[i]);
    size_t children = entry->command->subcommand_count;
    if (children == 0) reply_set(call, 0);
    else reply_array(call, children);
    for (size_t i = 0; i < children; i++) reply_info(call, &entry->children[i]);
}

static void reply_info_of_all(struct call *call) {
    const struct registry *registry = registry_of(call);
    size_t count = registry_count(registry);
    reply_array(call, count);
    for (size_t i = 0; i < count; i++) reply_info(call, registry_at(registry, i));
}

static void command_info(struct call *call) {
    if (args_left(call) == 0) {
        reply_info_of_all(call);
        return;
    }
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        const struct command_entry *entry = registry_find_full(registry_of(call), args_bytes(call));
        if (entry == NULL) reply_null(call);
        else reply_info(call, entry);
    }
}

/* --- COMMAND DOCS --- */

static void reply_text_of(struct call *call, const char *name, const char *text) {
    if (text == NULL) return;
    reply_text(call, name);
    reply_text(call, text);
}

static void reply_arguments(struct call *call, const struct command_entry *entry,
                            const struct arg *args, size_t count);

static void reply_argument_flags(struct call *call, const struct arg *arg) {
    struct names names = {.count = 0};
    if (arg->flags & ARG_OPTIONAL) add_name(&names, "optional");
    if (arg->flags & ARG_MULTIPLE) add_name(&names, "multiple");
    if (arg->flags & ARG_MULTIPLE_TOKEN) add_name(&names, "multiple_token");
    if (names.count == 0) return;
    reply_text(call, "flags");
    reply_names(call, &names);
}

static void reply_argument(struct call *call, const struct command_entry *entry,
                           const struct arg *arg) {
    static const char *const kinds[] = {
        [ARG_STRING] = "string",    [ARG_INTEGER] = "integer", [ARG_DOUBLE] = "double",
        [ARG_KEY] = "key",          [ARG_PATTERN] = "pattern", [ARG_UNIX_TIME] = "unix-time",
        [ARG_TOKEN] = "pure-token", [ARG_ONEOF] = "oneof",     [ARG_BLOCK] = "block",
    };
    struct reply_later later = reply_later_open(call);
    /* A channel that is placed like a key is not one. */
    bool is_channel = arg->kind == ARG_KEY && (arg->key_use & KEY_NOT_A_KEY) != 0;
    reply_text_of(call, "name", arg->name);
    reply_text_of(call, "type", kinds[is_channel ? ARG_STRING : arg->kind]);
    if (arg->kind != ARG_ONEOF && arg->kind != ARG_BLOCK)
        reply_text_of(call, "display_text", arg->display != NULL ? arg->display : arg->name);
    int spec = arg->kind == ARG_KEY || arg->key_use != 0 ? registry_key_spec_of(entry, arg) : -1;
    if (spec >= 0 && (arg->key_use & KEY_NOT_A_KEY) == 0)
        reply_number_of(call, "key_spec_index", spec);
    reply_text_of(call, "token", arg->token);
    reply_text_of(call, "since", arg->since);
    reply_argument_flags(call, arg);
    if (arg->arg_count > 0) reply_arguments(call, entry, arg->args, arg->arg_count);
    reply_later_close(call, later, '%');
}

static void reply_arguments(struct call *call, const struct command_entry *entry,
                            const struct arg *args, size_t count) {
    reply_text(call, "arguments");
    reply_array(call, count);
    for (size_t i = 0; i < count; i++) reply_argument(call, entry, &args[i]);
}

static void reply_doc_flags(struct call *call, const struct command *command) {
    struct names names = {.count = 0};
    if (command->flags & COMMAND_DEPRECATED) add_name(&names, "deprecated");
    if (command->flags & COMMAND_HIDDEN) add_name(&names, "syscmd");
    if (names.count == 0) return;
    reply_text(call, "doc_flags");
    reply_names(call, &names);
}

/* The name and the map behind it. */
static void reply_docs(struct call *call, const struct command_entry *entry) {
    const struct command *command = entry->command;
    reply_text(call, entry->full_name);
    struct reply_later later = reply_later_open(call);
    reply_text_of(call, "summary", command->summary);
    reply_text_of(call, "since", command->since);
    reply_text_of(call, "group", entry->group);
    reply_text_of(call, "complexity", command->complexity);
    reply_text_of(call, "module", entry->family->module_name);
    reply_doc_flags(call, command);
    reply_text_of(call, "deprecated_since", command->deprecated_since);
    reply_text_of(call, "replaced_by", command->replaced_by);
    if (command->arg_count > 0) reply_arguments(call, entry, command->args, command->arg_count);
    if (command->subcommand_count > 0) {
        reply_text(call, "subcommands");
        reply_map(call, command->subcommand_count);
        for (size_t i = 0; i < command->subcommand_count; i++)
            reply_docs(call, &entry->children[i]);
    }
    reply_later_close(call, later, '%');
}

static void command_docs(struct call *call) {
    const struct registry *registry = registry_of(call);
    if (args_left(call) == 0) {
        size_t count = registry_count(registry);
        reply_map(call, count);
        for (size_t i = 0; i < count; i++) reply_docs(call, registry_at(registry, i));
        return;
    }
    size_t known = 0;
    for (int i = args_index(call); i < call->argc; i++)
        if (registry_find_full(registry, call->argv[i]) != NULL) known++;
    reply_map(call, known);
    while (args_left(call) > 0) {
        const struct command_entry *entry = registry_find_full(registry, args_bytes(call));
        if (entry != NULL) reply_docs(call, entry);
    }
}

/* --- COMMAND LIST, COUNT --- */

enum list_filter { LIST_ALL, LIST_CATEGORY, LIST_MODULE, LIST_PATTERN };

static bool is_listed(const struct command_entry *entry, enum list_filter filter, struct bytes by,
                      int category) {
    switch (filter) {
    case LIST_CATEGORY: return category >= 0 && (entry->categories >> category & 1) != 0;
    case LIST_MODULE:
        return entry->family->module_name != NULL &&
               bytes_equal(bytes_of(entry->family->module_name), by);
    case LIST_PATTERN: return text_matches(by, bytes_of(entry->full_name), true);
    default: return true;
    }
}

static void command_list(struct call *call) {
    const struct registry *registry = registry_of(call);
    enum list_filter filter = LIST_ALL;
    struct bytes by = {0};
    int category = -1;
    if (args_left(call) > 0) {
        bool whole = args_left(call) == 3 && args_word(call, "FILTERBY");
        if (whole && args_word(call, "ACLCAT")) filter = LIST_CATEGORY;
        else if (whole && args_word(call, "MODULE")) filter = LIST_MODULE;
        else if (whole && args_word(call, "PATTERN")) filter = LIST_PATTERN;
        else args_syntax_error(call);
        by = args_bytes(call);
    }
    if (args_failed(call)) return;
    if (filter == LIST_CATEGORY) category = registry_category_bit(registry, by);

    struct reply_later later = reply_later_open(call);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct command_entry *entry = registry_at(registry, i);
        if (is_listed(entry, filter, by, category)) reply_text(call, entry->full_name);
        for (size_t c = 0; c < entry->command->subcommand_count; c++)
            if (is_listed(&entry->children[c], filter, by, category))
                reply_text(call, entry->children[c].full_name);
    }
    reply_later_close(call, later, '*');
}

static void command_count(struct call *call) {
    reply_integer(call, (int64_t)registry_count(registry_of(call)));
}

/* --- COMMAND GETKEYS, GETKEYSANDFLAGS --- */

static void reply_keys(struct call *call, bool with_use) {
    const struct bytes *argv = call->argv + args_index(call);
    int argc = args_left(call);
    const struct command_entry *entry = registry_resolve(registry_of(call), argv, argc, NULL);
    if (entry == NULL) {
        reply_error(call, "ERR Invalid command specified");
        return;
    }
    if (!registry_has_keys(entry)) {
        reply_error(call, "ERR The command has no key arguments");
        return;
    }
    if (!registry_arity_fits(entry, argc)) {
        reply_error(call, "ERR Invalid number of arguments specified for command");
        return;
    }
    struct key_position *keys = arena_try_allocate(call_arena(call), (size_t)argc * sizeof(*keys));
    if (keys == NULL) {
        reply_no_memory(call, "so many keys");
        return;
    }
    int count = registry_keys(entry, argv, argc, keys, argc);
    if (count <= 0 && (entry->flags & COMMAND_NO_MANDATORY_KEYS) == 0) {
        reply_error(call, "ERR Invalid arguments specified for command");
        return;
    }
    if (count < 0) count = 0;
    if (count > argc) count = argc;
    reply_array(call, (size_t)count);
    for (int i = 0; i < count; i++) {
        if (with_use) reply_array(call, 2);
        reply_bulk(call, argv[keys[i].index]);
        if (with_use) reply_use(call, keys[i].use & (uint16_t)~KEY_VARIABLE_FLAGS);
    }
}

static void command_getkeys(struct call *call) { reply_keys(call, false); }
static void command_getkeysandflags(struct call *call) { reply_keys(call, true); }

static void command_help(struct call *call) {
    static const char *const lines[] = {
        "(no subcommand)",
        "    Return details about all commands.",
        "COUNT",
        "    Return the total number of commands in this server.",
        "LIST",
        "    Return a list of all commands in this server.",
        "INFO [<command-name> ...]",
        "    Return details about multiple commands.",
        "    If no command names are given, documentation details for all",
        "    commands are returned.",
        "DOCS [<command-name> ...]",
        "    Return documentation details about multiple commands.",
        "    If no command names are given, documentation details for all",
        "    commands are returned.",
        "GETKEYS <full-command>",
        "    Return the keys from a full command.",
        "GETKEYSANDFLAGS <full-command>",
        "    Return the keys and the access flags from a full command.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

/* --- declarations --- */

static const struct arg list_filters[] = {
    STRING("module-name", .token = "MODULE"),
    STRING("category", .token = "ACLCAT"),
    PATTERN("pattern", .token = "PATTERN"),
};

#define OF_THE_TABLE                                                     \
    .access = TOUCHES_NO_KEYS, .flags = COMMAND_LOADING | COMMAND_STALE, \
    .categories = CATEGORY_CONNECTION

static const struct command subcommands[] = {
    {
        .name = "COUNT",
        .handler = command_count,
        .summary = "Counts the commands.",
        .complexity = "O(1)",
        .since = "2.8.13",
        OF_THE_TABLE,
        .reply = "the count; subcommands are not counted",
        .example = "COMMAND COUNT",
    },
    {
        .name = "DOCS",
        .handler = command_docs,
        .summary = "Describes commands for people: summary, version, complexity, arguments.",
        .complexity = "O(N) for N commands described",
        .since = "7.0.0",
        OF_THE_TABLE,
        ARGS(STRING("command-name", OPTIONAL_MULTIPLE)),
        .reply = "a map from names to maps; names that are not known are left out",
        .example = "COMMAND DOCS GET",
        .tips = "nondeterministic_output_order",
    },
    {
        .name = "GETKEYS",
        .handler = command_getkeys,
        .summary = "Finds the keys in a whole command line.",
        .complexity = "O(N) for N arguments",
        .since = "2.8.13",
        OF_THE_TABLE,
        ARGS(STRING("command"), STRING("arg", OPTIONAL_MULTIPLE)),
        .reply = "an array of keys, in the order in which they stand",
        .errors = "ERR Invalid command specified; ERR The command has no key arguments; ERR "
                  "Invalid number of arguments specified for command",
        .example = "COMMAND GETKEYS MSET a 1 b 2",
    },
    {
        .name = "GETKEYSANDFLAGS",
        .handler = command_getkeysandflags,
        .summary = "Finds the keys in a whole command line, and tells how each is used.",
        .complexity = "O(N) for N arguments",
        .since = "7.0.0",
        OF_THE_TABLE,
        ARGS(STRING("command"), STRING("arg", OPTIONAL_MULTIPLE)),
        .reply = "an array of pairs: a key, and the set of ways in which it is used",
        .errors = "ERR Invalid command specified; ERR The command has no key arguments; ERR "
                  "Invalid number of arguments specified for command",
        .example = "COMMAND GETKEYSANDFLAGS SET a 1",
    },
    {
        .name = "HELP",
        .handler = command_help,
        .summary = "Lists the subcommands of COMMAND.",
        .complexity = "O(1)",
        .since = "5.0.0",
        OF_THE_TABLE,
        .reply = "an array of lines",
        .example = "COMMAND HELP",
    },
    {
        .name = "INFO",
        .handler = command_info,
        .summary =
            "Describes commands for programs: arity, flags, where keys stand, ACL categories.",
        .complexity = "O(N) for N commands described",
        .since = "2.8.13",
        OF_THE_TABLE,
        ARGS(STRING("command-name", OPTIONAL_MULTIPLE)),
        .reply = "an array of ten fields for each name, null for one that is not known",
        .example = "COMMAND INFO GET",
        .tips = "nondeterministic_output_order",
    },
    {
        .name = "LIST",
        .handler = command_list,
        .summary = "Lists the names of commands and subcommands.",
        .complexity = "O(N) for N commands",
        .since = "7.0.0",
        OF_THE_TABLE,
        ARGS({.kind = ARG_ONEOF,
              .name = "filterby",
              .token = "FILTERBY",
              .flags = ARG_OPTIONAL,
              .args = list_filters,
              .arg_count = COUNT_OF(list_filters)}),
        .reply = "an array of names",
        .example = "COMMAND LIST FILTERBY PATTERN command*",
        .tips = "nondeterministic_output_order",
    },
};

static const struct command commands[] = {
    {
        .name = "COMMAND",
        .handler = reply_info_of_all,
        .summary = "Describes all commands for programs, as COMMAND INFO does.",
        .complexity = "O(N) for N commands",
        .since = "2.8.13",
        OF_THE_TABLE,
        SUBCOMMANDS(subcommands),
        .reply = "an array of ten fields for each command",
        .example = "COMMAND",
        .tips = "nondeterministic_output_order",
    },
};

const struct family command_family = {
    .name = "command",
    .title = "The table of commands",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
