/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/key/key_words.h"

static void delete_keys(struct call *call, bool lazy) {
    int64_t count = 0;
    while (args_left(call) > 0) {
        struct edit edit;
        if (!edit_open(&edit, call, args_key(call), NULL)) return;
        if (!edit_exists(&edit)) {
            edit_cancel(&edit);
            continue;
        }
        edit_delete(&edit, lazy);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
        count++;
    }
    reply_integer(call, count);
}

static void del(struct call *call) { delete_keys(call, call->executor->lazy_user_del); }
static void unlink_keys(struct call *call) { delete_keys(call, true); }

static void exists(struct call *call) {
    int64_t count = 0;
    while (args_left(call) > 0) {
        struct value value;
        count += key_peek(call, call->database, args_key(call), NULL, KEY_READ_NO_TOUCH, &value,
                          NULL);
    }
    reply_integer(call, count);
}

static void touch(struct call *call) {
    int64_t count = 0;
    while (args_left(call) > 0) {
        struct value value;
        count += key_read(call, args_key(call), NULL, &value);
    }
    reply_integer(call, count);
}

static void type(struct call *call) {
    struct value value;
    bool there = key_peek(call, call->database, args_key(call), NULL, KEY_READ_NO_TOUCH, &value,
                          NULL);
    reply_status(call, there ? value.type->name : "none");
}

/* --- the declarations --- */

#define EXPIRY_RULES                                                                     \
    ONEOF_OPTIONAL("condition", TOKEN("nx", "NX"), TOKEN("xx", "XX"), TOKEN("gt", "GT"), \
                   TOKEN("lt", "LT"))

static const struct command commands[] = {
    {
        .name = "DBSIZE",
        .handler = key_dbsize,
        .summary = "Counts the keys of the selected database.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .group = "server",
        .access = READS,
        .speed = FAST,
        .categories = CATEGORY_KEYSPACE,
        .reply = "integer",
        .example = "DBSIZE",
    },
    {
        .name = "DEL",
        .handler = del,
        .summary = "Deletes keys.",
        .complexity = "O(N), N being the number of keys",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        ARGS(KEY("key", MULTIPLE, .key_use = KEY_REMOVE | KEY_DELETES)),
        .reply = "how many were there",
        .example = "DEL a b",
    },
    {
        .name = "EXISTS",
        .handler = exists,
        .summary = "Counts which of the keys are there.",
        .complexity = "O(N), N being the number of keys",
        .since = "1.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", MULTIPLE, .key_use = KEY_READ)),
        .reply = "integer; a key named twice counts twice",
        .example = "EXISTS a b",
    },
    {
        .name = "EXPIRE",
        .handler = key_expire,
        .summary = "Lets a key live for so many seconds.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES), INTEGER("seconds"), EXPIRY_RULES),
        .reply = "1 when the deadline was set, else 0",
        .example = "EXPIRE a 10",
    },
    {
        .name = "EXPIREAT",
        .handler = key_expireat,
        .summary = "Lets a key live until a second of Unix time.",
        .complexity = "O(1)",
        .since = "1.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES), UNIX_TIME("unix-time-seconds"),
             EXPIRY_RULES),
        .reply = "1 when the deadline was set, else 0",
    },
    {
        .name = "EXPIRETIME",
        .handler = key_expiretime,
        .summary = "Tells the second of Unix time at which a key ends.",
        .complexity = "O(1)",
        .since = "7.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES)),
        .reply = "integer; -1 without a deadline, -2 without the key",
    },
    {
        .name = "FLUSHALL",
        .handler = key_flushall,
        .summary = "Deletes all keys of all databases.",
        .complexity = "O(N), N being the number of keys, in slices",
        .since = "1.0.0",
        .group = "server",
        .access = WRITES_FREELY,
        .flags = COMMAND_MAY_SUSPEND,
        .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
        ARGS(ONEOF_OPTIONAL("flush-type", TOKEN("async", "ASYNC"), TOKEN("sync", "SYNC"))),
        .reply = "OK",
    },
    {
        .name = "FLUSHDB",
        .handler = key_flushdb,
        .summary = "Deletes all keys of the selected database.",
        .complexity = "O(N), N being the number of keys, in slices",
        .since = "1.0.0",
        .group = "server",
        .access = WRITES_FREELY,
        .flags = COMMAND_MAY_SUSPEND,
        .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
        ARGS(ONEOF_OPTIONAL("flush-type", TOKEN("async", "ASYNC"), TOKEN("sync", "SYNC"))),
        .reply = "OK",
    },
    {
        .name = "KEYS",
        .handler = key_keys,
        .summary = "Lists the keys that match a pattern.",
        .complexity = "O(N), N being the number of keys, in slices",
        .since = "1.0.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        .categories = CATEGORY_DANGEROUS,
        ARGS(PATTERN("pattern")),
        .reply = "array of keys; those that are there all the time are in it",
    },
    {
        .name = "PERSIST",
        .handler = key_persist,
        .summary = "Takes a key's deadline away.",
        .complexity = "O(1)",
        .since = "2.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES)),
        .reply = "1 when there was one, else 0",
    },
    {
        .name = "PEXPIRE",
        .handler = key_pexpire,
        .summary = "Lets a key live for so many milliseconds.",
        .complexity = "O(1)",
        .since = "2.6.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES), INTEGER("milliseconds"), EXPIRY_RULES),
        .reply = "1 when the deadline was set, else 0",
    },
    {
        .name = "PEXPIREAT",
        .handler = key_pexpireat,
        .summary = "Lets a key live until a millisecond of Unix time.",
        .complexity = "O(1)",
        .since = "2.6.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES), UNIX_TIME("unix-time-milliseconds"),
             EXPIRY_RULES),
        .reply = "1 when the deadline was set, else 0",
    },
    {
        .name = "PEXPIRETIME",
        .handler = key_pexpiretime,
        .summary = "Tells the millisecond of Unix time at which a key ends.",
        .complexity = "O(1)",
        .since = "7.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES)),
        .reply = "integer; -1 without a deadline, -2 without the key",
    },
    {
        .name = "PTTL",
        .handler = key_pttl,
        .summary = "Tells how many milliseconds a key has left.",
        .complexity = "O(1)",
        .since = "2.6.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES)),
        .reply = "integer; -1 without a deadline, -2 without the key",
    },
    {
        .name = "RANDOMKEY",
        .handler = key_randomkey,
        .summary = "Names a key by chance.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = READS,
        .reply = "a key; null when there is none",
    },
    {
        .name = "SCAN",
        .handler = key_scan,
        .summary = "Walks over all keys, a few at a time.",
        .complexity = "O(1) a call, O(N) in all",
        .since = "2.8.0",
        .access = READS,
        ARGS(INTEGER("cursor"), PATTERN("pattern", .token = "MATCH", OPTIONAL),
             INTEGER("count", .token = "COUNT", OPTIONAL),
             STRING("type", .token = "TYPE", OPTIONAL)),
        .reply = "next cursor (0 at the end), array of keys",
        .example = "SCAN 0 COUNT 100",
    },
    {
        .name = "TOUCH",
        .handler = touch,
        .summary = "Marks keys as used just now.",
        .complexity = "O(N), N being the number of keys",
        .since = "3.2.1",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", MULTIPLE, .key_use = KEY_READ)),
        .reply = "how many are there",
    },
    {
        .name = "TTL",
        .handler = key_ttl,
        .summary = "Tells how many seconds a key has left.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ | KEY_ACCESSES)),
        .reply = "integer, rounded; -1 without a deadline, -2 without the key",
        .example = "TTL a",
    },
    {
        .name = "TYPE",
        .handler = type,
        .summary = "Tells what kind of value a key holds.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ)),
        .reply = "the type's name, or none",
        .example = "TYPE a",
    },
    {
        .name = "UNLINK",
        .handler = unlink_keys,
        .summary = "Deletes keys and frees what is big elsewhere.",
        .complexity = "O(1) a key",
        .since = "4.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key", MULTIPLE, .key_use = KEY_REMOVE | KEY_DELETES)),
        .reply = "how many were there",
    },
};

const struct family key_family = {
    .name = "key",
    .title = "Keys",
    .group = "generic",
    .category = "keyspace",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
