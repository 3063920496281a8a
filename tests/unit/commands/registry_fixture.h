/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Commands declared as the peers' own tables describe them, to compare what is derived. */
#include "commands/family.h"
#include "commands/registry.h"

static void fixture_handler(struct call *call) { reply_ok(call); }

/* SET reads the key only where GET asks for it. */
static uint16_t fixture_set_use(const struct bytes *argv, int argc, int position) {
    (void)position;
    for (int i = 3; i < argc; i++)
        if (bytes_is(argv[i], "GET")) return KEY_WRITE | KEY_ACCESSES | KEY_UPDATES;
    return KEY_OVERWRITE | KEY_UPDATES;
}

/* SORT stores under the last STORE. */
static int fixture_sort_keys(const struct bytes *argv, int argc, int *positions, int max) {
    int count = 0, store = 0;
    if (max > count) positions[count] = 1;
    count++;
    for (int i = 2; i + 1 < argc; i++)
        if (bytes_is(argv[i], "STORE")) store = i + 1;
    if (store == 0) return count;
    if (max > count) positions[count] = store;
    return count + 1;
}

static uint16_t fixture_sort_use(const struct bytes *argv, int argc, int position) {
    (void)argv, (void)argc;
    return position == 1 ? 0 : KEY_OVERWRITE | KEY_UPDATES;
}

#define SUMMED .handler = fixture_handler, .summary = "Summary.", .complexity = "O(1)"
#define ADMIN_FLAGS COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE
#define EVERYWHERE "request_policy:all_nodes response_policy:all_succeeded"

static const struct command fixture_config[] = {
    {.name = "RESETSTAT",
     SUMMED,
     .since = "2.0.0",
     .access = TOUCHES_NO_KEYS,
     .flags = ADMIN_FLAGS,
     .tips = EVERYWHERE},
    {.name = "REWRITE",
     SUMMED,
     .since = "2.8.0",
     .access = TOUCHES_NO_KEYS,
     .flags = ADMIN_FLAGS,
     .tips = EVERYWHERE},
    {.name = "HELP",
     SUMMED,
     .since = "5.0.0",
     .access = TOUCHES_NO_KEYS,
     .flags = COMMAND_LOADING | COMMAND_STALE},
    {.name = "GET",
     SUMMED,
     .since = "2.0.0",
     .access = TOUCHES_NO_KEYS,
     .flags = ADMIN_FLAGS,
     ARGS(STRING("parameter", MULTIPLE))},
    {.name = "SET",
     SUMMED,
     .since = "2.0.0",
     .access = TOUCHES_NO_KEYS,
     .flags = ADMIN_FLAGS,
     .tips = EVERYWHERE,
     ARGS(BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, STRING("parameter"), STRING("value")))},
};

static const struct command fixture_object[] = {
    {.name = "FREQ", SUMMED, .since = "4.0.0", .access = READS, ARGS(KEY("key"))},
    {.name = "HELP", SUMMED, .since = "6.2.0", .access = TOUCHES_NO_KEYS},
};

#define STORED .key_use = KEY_OVERWRITE | KEY_UPDATES
#define TAKEN .key_use = KEY_WRITE | KEY_ACCESSES | KEY_DELETES

static const struct command fixture_commands[] = {
    {.name = "GET",
     SUMMED,
     .since = "1.0.0",
     .group = "string",
     .access = READS,
     .speed = FAST,
     ARGS(KEY("key"))},
    {.name = "SET",
     SUMMED,
     .since = "1.0.0",
     .group = "string",
     .access = WRITES,
     .key_use_in = fixture_set_use,
     ARGS(KEY("key", .key_use = KEY_WRITE | KEY_ACCESSES | KEY_UPDATES | KEY_VARIABLE_FLAGS),
          STRING("value"), ONEOF_OPTIONAL("condition", TOKEN("nx", "NX"), TOKEN("xx", "XX")),
          TOKEN("get", "GET", OPTIONAL),
          ONEOF_OPTIONAL("expiration", INTEGER("seconds", .token = "EX"),
                         INTEGER("milliseconds", .token = "PX"), TOKEN("keepttl", "KEEPTTL")))},
    {.name = "SUBSTR",
     SUMMED,
     .since = "1.0.0",
     .group = "string",
     .access = READS,
     .flags = COMMAND_DEPRECATED,
     .deprecated_since = "2.0.0",
     .replaced_by = "`GETRANGE`",
     ARGS(KEY("key"), INTEGER("start"), INTEGER("end"))},
    {.name = "MSET",
     SUMMED,
     .since = "1.0.1",
     .group = "string",
     .access = WRITES,
     .tips = "request_policy:multi_shard response_policy:all_succeeded",
     ARGS(BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, KEY("key", STORED), STRING("value")))},
    {.name = "MSETEX",
     SUMMED,
     .group = "string",
     .access = WRITES,
     ARGS(INTEGER("numkeys", .flags = ARG_KEY_COUNT),
          BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, KEY("key"), STRING("value")),
          INTEGER("seconds", .token = "EX", OPTIONAL))},
    {.name = "LCS",
     SUMMED,
     .group = "string",
     .access = READS,
     ARGS(KEY("key1"), KEY("key2"), TOKEN("len", "LEN", OPTIONAL))},
    {.name = "BITOP",
     SUMMED,
     .group = "bitmap",
     .access = WRITES,
     ARGS(ONEOF("operation", TOKEN("and", "AND"), TOKEN("not", "NOT")), KEY("destkey", STORED),
          KEY("key", MULTIPLE, .key_use = KEY_READ | KEY_ACCESSES))},
    {.name = "BLPOP",
     SUMMED,
     .group = "list",
     .access = WRITES_FREELY,
     .flags = COMMAND_BLOCKING,
     ARGS(KEY("key", MULTIPLE, TAKEN), DOUBLE("timeout"))},
    {.name = "LMPOP",
     SUMMED,
     .since = "7.0.0",
     .group = "list",
     .access = WRITES_FREELY,
     ARGS(INTEGER("numkeys"), KEY("key", MULTIPLE, TAKEN),
          ONEOF("where", TOKEN("left", "LEFT"), TOKEN("right", "RIGHT")),
          INTEGER("count", .token = "COUNT", OPTIONAL))},
    {.name = "ZUNIONSTORE",
     SUMMED,
     .group = "sorted-set",
     .access = WRITES,
     ARGS(KEY("destination", STORED), INTEGER("numkeys"),
          KEY("key", MULTIPLE, .key_use = KEY_READ | KEY_ACCESSES),
          INTEGER("weight", .token = "WEIGHTS", OPTIONAL_MULTIPLE))},
    {.name = "GEORADIUS",
     SUMMED,
     .group = "geo",
     .access = WRITES,
     ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES), DOUBLE("longitude"), DOUBLE("latitude"),
          DOUBLE("radius"), ONEOF("unit", TOKEN("m", "M"), TOKEN("km", "KM")),
          TOKEN("withcoord", "WITHCOORD", OPTIONAL),
          ONEOF_OPTIONAL("store", KEY("storekey", .token = "STORE", STORED, .display = "key"),
                         KEY("storedistkey", .token = "STOREDIST", STORED, .display = "key")))},
    {.name = "XREAD",
     SUMMED,
     .group = "stream",
     .access = READS,
     .flags = COMMAND_BLOCKING,
     ARGS(INTEGER("count", .token = "COUNT", OPTIONAL),
          BLOCK_MULTIPLE("streams", "STREAMS", 0, KEY("key", MULTIPLE), STRING("id", MULTIPLE)))},
    {.name = "RENAME",
     SUMMED,
     .since = "1.0.0",
     .group = "generic",
     .access = WRITES_FREELY,
     ARGS(KEY("key", TAKEN), KEY("newkey", STORED))},
    {.name = "DEL",
     SUMMED,
     .group = "generic",
     .access = WRITES_FREELY,
     ARGS(KEY("key", MULTIPLE, .key_use = KEY_REMOVE | KEY_DELETES))},
    {.name = "SORT",
     SUMMED,
     .group = "generic",
     .access = WRITES,
     .keys = fixture_sort_keys,
     .key_use_in = fixture_sort_use,
     .categories = CATEGORY_NOT_OF_GROUP | CATEGORY_SET | CATEGORY_SORTED_SET | CATEGORY_LIST |
                   CATEGORY_DANGEROUS,
     ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES),
          PATTERN("by", .token = "BY", OPTIONAL, .key_use = KEY_READ | KEY_ACCESSES | KEY_UNPLACED),
          PATTERN("get", .token = "GET", .flags = ARG_OPTIONAL | ARG_MULTIPLE | ARG_MULTIPLE_TOKEN,
                  .key_use = KEY_READ | KEY_ACCESSES | KEY_UNPLACED),
          KEY("destination", .token = "STORE", OPTIONAL,
              .key_use = KEY_OVERWRITE | KEY_UPDATES | KEY_UNPLACED))},
    {.name = "MIGRATE",
     SUMMED,
     .group = "generic",
     .access = WRITES_FREELY,
     .categories = CATEGORY_DANGEROUS,
     ARGS(STRING("host"), STRING("port"),
          ONEOF("key-selector", KEY("key", TAKEN), TOKEN("empty-string", "")),
          INTEGER("destination-db"), INTEGER("timeout"), TOKEN("copy", "COPY", OPTIONAL),
          STRING("auth", .token = "AUTH", OPTIONAL),
          KEY("keys", .token = "KEYS", OPTIONAL_MULTIPLE,
              .key_use = KEY_WRITE | KEY_ACCESSES | KEY_DELETES | KEY_INCOMPLETE))},
    {.name = "OBJECT", .summary = "Summary.", .group = "generic", SUBCOMMANDS(fixture_object)},
    {.name = "EVAL",
     SUMMED,
     .group = "scripting",
     .access = TOUCHES_NO_KEYS,
     .flags = COMMAND_NOSCRIPT | COMMAND_STALE | COMMAND_SKIP_MONITOR | COMMAND_NO_MANDATORY_KEYS,
     ARGS(STRING("script"), INTEGER("numkeys", .flags = ARG_KEY_COUNT),
          KEY("key", OPTIONAL_MULTIPLE), STRING("arg", OPTIONAL_MULTIPLE))},
    {.name = "EVAL_RO",
     SUMMED,
     .group = "scripting",
     .access = READS,
     ARGS(STRING("script"), INTEGER("numkeys"), KEY("key", OPTIONAL_MULTIPLE))},
    {.name = "SPUBLISH",
     SUMMED,
     .group = "pubsub",
     .access = TOUCHES_NO_KEYS,
     .speed = FAST,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     ARGS(STRING("shardchannel", .key_use = KEY_NOT_A_KEY), STRING("message"))},
    {.name = "PING",
     SUMMED,
     .group = "connection",
     .access = TOUCHES_NO_KEYS,
     .speed = FAST,
     ARGS(STRING("message", OPTIONAL))},
    {.name = "QUIT", SUMMED, .group = "connection", .access = TOUCHES_NO_KEYS, .arity = -1},
    {.name = "CONFIG", .summary = "Summary.", .group = "server", SUBCOMMANDS(fixture_config)},
};

static const struct command fixture_tally_commands[] = {
    {.name = "TALLY.ADD",
     SUMMED,
     .since = "0.1.0",
     .access = WRITES,
     .speed = FAST,
     .reply = "The sum.",
     .example = "TALLY.ADD t 1",
     ARGS(KEY("key"), INTEGER("amount"))},
    {.name = "TALLY.NAME_OF_THIRTY_TWO_BYTES_X",
     SUMMED,
     .access = READS,
     .flags = COMMAND_HIDDEN,
     ARGS(KEY("key", OPTIONAL_MULTIPLE))},
};

static const struct family fixture_standard = {
    .name = "standard",
    .title = "The usual",
    .group = "server",
    .commands = fixture_commands,
    .command_count = COUNT_OF(fixture_commands),
};
static const struct family fixture_tally = {
    .name = "tally",
    .title = "Tallies",
    .module_name = "tallies",
    .commands = fixture_tally_commands,
    .command_count = COUNT_OF(fixture_tally_commands),
};
