/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What a command is: declared once, in C, at the foot of the file that holds its words.
 *
 * Only what a person must decide is written. Arity, key positions, flags, ACL categories, COMMAND
 * DOCS, usage lines and the reference are computed from it by commands/registry.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct call;

/* --- the grammar of arguments --- */

enum arg_kind {
    ARG_STRING,
    ARG_INTEGER,
    ARG_DOUBLE,
    ARG_KEY,
    ARG_PATTERN,
    ARG_UNIX_TIME,
    ARG_TOKEN, /* a word that stands alone */
    ARG_ONEOF,
    ARG_BLOCK,
};

enum arg_flags {
    ARG_OPTIONAL = 1 << 0,
    ARG_MULTIPLE = 1 << 1,
    ARG_MULTIPLE_TOKEN = 1 << 2, /* each repetition comes with its token */
    ARG_KEY_COUNT = 1 << 3,      /* says how many keys follow */
    ARG_SECRET = 1 << 4,         /* never shown: MONITOR, SLOWLOG, logs */
};

/* How a key is used, for ACL rules and COMMAND INFO. 0: derived from the command's access. */
enum key_use {
    KEY_READ = 1 << 0,      /* RO */
    KEY_WRITE = 1 << 1,     /* RW */
    KEY_OVERWRITE = 1 << 2, /* OW */
    KEY_REMOVE = 1 << 3,    /* RM */
    KEY_ACCESSES = 1 << 4,  /* returns or copies content */
    KEY_UPDATES = 1 << 5,
    KEY_INSERTS = 1 << 6,
    KEY_DELETES = 1 << 7,
    KEY_NOT_A_KEY = 1 << 8,
    KEY_INCOMPLETE = 1 << 9,
    KEY_VARIABLE_FLAGS = 1 << 10, /* depends on the request: see struct command's key_use_in */
    KEY_UNPLACED = 1 << 11, /* the grammar cannot say where: struct command's `keys` finds it */
};

struct arg {
    const char *name;
    const char *token; /* NULL: none */
    enum arg_kind kind;
    uint16_t flags;         /* enum arg_flags */
    uint16_t key_use;       /* enum key_use; on another kind than KEY it makes a key of it:
                             * patterns that lead to keys, channels that are sharded like keys */
    const struct arg *args; /* of ONEOF and BLOCK */
    uint8_t arg_count;
    const char *since;   /* NULL: as old as the command */
    const char *display; /* NULL: the name */
};

#define ARGS_COUNT(...) ((uint8_t)(sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)))
/* .ARGS(KEY("key"), STRING("value")) as a pair of initialisers of struct command. */
#define ARGS(...) .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__)

#define ARG_OF(arg_kind_, ...) ((struct arg){.kind = (arg_kind_), __VA_ARGS__})
/* Each of these takes a name and, after it, any further fields: STRING("value", .flags = ...). */
#define STRING(name_, ...) \
    { .kind = ARG_STRING, .name = (name_), ##__VA_ARGS__ }
#define INTEGER(name_, ...) \
    { .kind = ARG_INTEGER, .name = (name_), ##__VA_ARGS__ }
#define DOUBLE(name_, ...) \
    { .kind = ARG_DOUBLE, .name = (name_), ##__VA_ARGS__ }
#define KEY(name_, ...) \
    { .kind = ARG_KEY, .name = (name_), ##__VA_ARGS__ }
#define PATTERN(name_, ...) \
    { .kind = ARG_PATTERN, .name = (name_), ##__VA_ARGS__ }
#define UNIX_TIME(name_, ...) \
    { .kind = ARG_UNIX_TIME, .name = (name_), ##__VA_ARGS__ }
#define TOKEN(name_, token_, ...) \
    { .kind = ARG_TOKEN, .name = (name_), .token = (token_), ##__VA_ARGS__ }
/* Further fields of these go before the list: ONEOF_WITH((.flags = ARG_OPTIONAL), "name", ...). */
#define ONEOF(name_, ...)                                                              \
    {                                                                                  \
        .kind = ARG_ONEOF, .name = (name_), .args = (const struct arg[]){__VA_ARGS__}, \
        .arg_count = ARGS_COUNT(__VA_ARGS__)                                           \
    }
#define ONEOF_OPTIONAL(name_, ...)                                                      \
    {                                                                                   \
        .kind = ARG_ONEOF, .name = (name_), .flags = ARG_OPTIONAL,                      \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }
#define BLOCK(name_, ...)                                                              \
    {                                                                                  \
        .kind = ARG_BLOCK, .name = (name_), .args = (const struct arg[]){__VA_ARGS__}, \
        .arg_count = ARGS_COUNT(__VA_ARGS__)                                           \
    }
#define BLOCK_OPTIONAL(name_, token_, ...)                                              \
    {                                                                                   \
        .kind = ARG_BLOCK, .name = (name_), .token = (token_), .flags = ARG_OPTIONAL,   \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }
#define BLOCK_MULTIPLE(name_, token_, flags_, ...)                                      \
    {                                                                                   \
        .kind = ARG_BLOCK, .name = (name_), .token = (token_), .flags = (flags_),       \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }
#define OPTIONAL .flags = ARG_OPTIONAL
#define MULTIPLE .flags = ARG_MULTIPLE
#define OPTIONAL_MULTIPLE .flags = ARG_OPTIONAL | ARG_MULTIPLE

/* --- the command --- */

enum command_access {
    READS = 1,       /* keys: flag readonly */
    WRITES,          /* keys, and may need memory: flags write denyoom */
    WRITES_FREELY,   /* keys, never needs memory (DEL): flag write */
    TOUCHES_NO_KEYS, /* neither */
};

enum command_speed { SLOW = 0, FAST };

enum command_flags {
    COMMAND_ADMIN = 1 << 0,
    COMMAND_PUBSUB = 1 << 1,
    COMMAND_NOSCRIPT = 1 << 2,
    COMMAND_BLOCKING = 1 << 3,
    COMMAND_LOADING = 1 << 4,
    COMMAND_STALE = 1 << 5,
    COMMAND_SKIP_MONITOR = 1 << 6,
    COMMAND_SKIP_SLOWLOG = 1 << 7,
    COMMAND_NO_AUTH = 1 << 8,
    COMMAND_NO_MULTI = 1 << 9,
    COMMAND_MAY_REPLICATE = 1 << 10, /* with READS: may yet edit, to keep what it worked out */
    COMMAND_NO_ASYNC_LOADING = 1 << 11,
    COMMAND_ALLOW_BUSY = 1 << 12,
    COMMAND_NO_MANDATORY_KEYS = 1 << 13,
    COMMAND_MOVABLE_KEYS = 1 << 14, /* beside what the grammar shows */
    COMMAND_TOUCHES_ARBITRARY_KEYS = 1 << 15,
    COMMAND_ASKING = 1 << 16,
    COMMAND_DENYOOM = 1 << 17, /* with TOUCHES_NO_KEYS or READS */
    COMMAND_HIDDEN = 1 << 18,  /* kept for tools; not in the reference */
    COMMAND_DEPRECATED = 1 << 19,
    COMMAND_ALLOW_RESP2_PUBSUB = 1 << 20, /* works on a RESP2 connection that subscribes */
    COMMAND_MAY_SUSPEND = 1 << 21,        /* may go on in slices (slices.h) */
};

/* Bits of ACL categories beyond those derived (read write fast slow, and the group's own). */
enum command_category {
    CATEGORY_DANGEROUS = 1 << 0,
    CATEGORY_ADMIN = 1 << 1,
    CATEGORY_KEYSPACE = 1 << 2,
    CATEGORY_CONNECTION = 1 << 3,
    CATEGORY_TRANSACTION = 1 << 4,
    CATEGORY_SCRIPTING = 1 << 5,
    CATEGORY_PUBSUB = 1 << 6,
    CATEGORY_BLOCKING = 1 << 7,
    CATEGORY_SET = 1 << 8,
    CATEGORY_SORTED_SET = 1 << 9,
    CATEGORY_LIST = 1 << 10,
    CATEGORY_HASH = 1 << 11,
    CATEGORY_STRING = 1 << 12,
    CATEGORY_BITMAP = 1 << 13,
    CATEGORY_HYPERLOGLOG = 1 << 14,
    CATEGORY_GEO = 1 << 15,
    CATEGORY_STREAM = 1 << 16,
    CATEGORY_READ = 1 << 17,
    CATEGORY_WRITE = 1 << 18,
    CATEGORY_NOT_OF_GROUP = 1 << 19, /* the group's own is left out: SORT, a container's */
};

struct command {
    const char *name; /* as documented: "SET", and of subcommands the second word alone: "GET" */
    void (*handler)(struct call *call);
    const char *summary;    /* one sentence */
    const char *complexity; /* "O(1)" */
    const char *since;      /* version that first knew it: Redis's for standard commands */
    const char *group;      /* NULL: the container's, else the family's */
    enum command_access access;
    enum command_speed speed;
    uint32_t flags;      /* enum command_flags */
    uint32_t categories; /* enum command_category */
    int16_t arity;       /* 0: derived from args */
    uint8_t arg_count;
    uint8_t subcommand_count;
    const struct arg *args;
    const struct command *subcommands;
    const char *reply;   /* what comes back, in words */
    const char *errors;  /* "CODE which; CODE which"; NULL: only the general ones */
    const char *events;  /* keyspace events it may send, blank-separated; NULL: none but those that
                          * any command may cause: new, overwritten, type_changed, keymiss,
                          * expired, evicted */
    const char *example; /* one line that runs on an empty server */
    const char *tips;    /* blank-separated command tips, NULL: none */
    const char *deprecated_since;
    const char *replaced_by;
    /* Gives positions of keys where the grammar cannot: writes at most `max` and returns how many,
     * -1 for invalid arguments. */
    int (*keys)(const struct bytes *argv, int argc, int *positions, int max);
    /* How the key at this position is used by this request, where that varies (SET with GET). 0:
     * as the declaration says. */
    uint16_t (*key_use_in)(const struct bytes *argv, int argc, int position);
};

/* Most that read may not open an edit; PFCOUNT keeps the count it found in the value. */
static inline bool command_may_edit(const struct command *command) {
    return command->access != READS || (command->flags & COMMAND_MAY_REPLICATE) != 0;
}

/* A sub-table: `.SUBCOMMANDS(table)`. */
#define SUBCOMMANDS(table) .subcommands = (table), .subcommand_count = (uint8_t)COUNT_OF(table)
