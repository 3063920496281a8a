/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family, by subject: elements that come, that are looked at, that go, that
 * move. */
#include "families/list/list_words.h"

#define READ_KEY(name_) KEY(name_, .key_use = KEY_READ | KEY_ACCESSES)
#define GROWING_KEY(name_) KEY(name_, .key_use = KEY_WRITE | KEY_INSERTS)
#define REDUCED_KEY KEY("key", .key_use = KEY_WRITE | KEY_DELETES)
#define POPPED_KEY(name_, ...) \
    KEY(name_, .key_use = KEY_WRITE | KEY_ACCESSES | KEY_DELETES, ##__VA_ARGS__)
#define MOVED_KEYS POPPED_KEY("source"), GROWING_KEY("destination")
#define KEY_COUNT INTEGER("numkeys", .flags = ARG_KEY_COUNT)
#define END(name_) ONEOF(name_, TOKEN("left", "LEFT"), TOKEN("right", "RIGHT"))
#define ENDS END("wherefrom"), END("whereto")
#define COUNT INTEGER("count", .token = "COUNT", OPTIONAL)

#define NOT_INTEGER "ERR value is not an integer or out of range"
#define NOT_POSITIVE "ERR value is out of range, must be positive"
#define BAD_COUNT "ERR count should be greater than 0"
#define BAD_KEYS "ERR numkeys should be greater than 0; " BAD_COUNT
#define BAD_TIMEOUT                                                         \
    "ERR timeout is not a float or out of range; ERR timeout is negative; " \
    "ERR timeout is out of range"
#define MOVE_EVENTS "lpush rpush lpop rpop del"

static const struct command commands[] = {
    /* --- elements that come --- */
    {
        .name = "LPUSH",
        .handler = list_word_lpush,
        .summary = "Puts elements in front of a list, one after the other.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(GROWING_KEY("key"), STRING("element", MULTIPLE)),
        .reply = "the length of the list",
        .events = "lpush",
        .example = "LPUSH jobs write test",
    },
    {
        .name = "RPUSH",
        .handler = list_word_rpush,
        .summary = "Puts elements at the end of a list.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(GROWING_KEY("key"), STRING("element", MULTIPLE)),
        .reply = "the length of the list",
        .events = "rpush",
        .example = "RPUSH jobs write test",
    },
    {
        .name = "LPUSHX",
        .handler = list_word_lpushx,
        .summary = "Puts elements in front of a list that exists.",
        .complexity = "O(N) for N elements",
        .since = "2.2.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(GROWING_KEY("key"), STRING("element", MULTIPLE)),
        .reply = "the length of the list; 0 when the key does not exist",
        .events = "lpush",
        .example = "LPUSHX jobs write",
    },
    {
        .name = "RPUSHX",
        .handler = list_word_rpushx,
        .summary = "Puts elements at the end of a list that exists.",
        .complexity = "O(N) for N elements",
        .since = "2.2.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(GROWING_KEY("key"), STRING("element", MULTIPLE)),
        .reply = "the length of the list; 0 when the key does not exist",
        .events = "rpush",
        .example = "RPUSHX jobs write",
    },
    {
        .name = "LINSERT",
        .handler = list_word_linsert,
        .summary = "Puts an element before or after the first one that equals another.",
        .complexity = "O(N) for N bytes in front of it",
        .since = "2.2.0",
        .access = WRITES,
        ARGS(GROWING_KEY("key"), ONEOF("where", TOKEN("before", "BEFORE"), TOKEN("after", "AFTER")),
             STRING("pivot"), STRING("element")),
        .reply =
            "the length of the list; -1 when there is no such element, 0 when the key does not "
            "exist",
        .events = "linsert",
        .example = "LINSERT jobs BEFORE test build",
    },
    {
        .name = "LSET",
        .handler = list_word_lset,
        .summary = "Puts an element in the place of another.",
        .complexity = "O(log(N))",
        .since = "1.0.0",
        .access = WRITES,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES), INTEGER("index"), STRING("element")),
        .reply = "OK",
        .errors = "ERR no such key; ERR index out of range; " NOT_INTEGER,
        .events = "lset",
        .example = "LSET running 0 build",
    },
    /* --- elements that are looked at --- */
    {
        .name = "LLEN",
        .handler = list_word_llen,
        .summary = "Tells how many elements a list has.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ)),
        .reply = "the length; 0 when the key does not exist",
        .example = "LLEN jobs",
    },
    {
        .name = "LINDEX",
        .handler = list_word_lindex,
        .summary = "Reads the element at an index; negative ones count from the end.",
        .complexity = "O(log(N))",
        .since = "1.0.0",
        .access = READS,
        ARGS(READ_KEY("key"), INTEGER("index")),
        .reply = "the element; null when there is none",
        .errors = NOT_INTEGER,
        .example = "LINDEX jobs 0",
    },
    {
        .name = "LRANGE",
        .handler = list_word_lrange,
        .summary = "Reads the elements between two indexes; negative ones count from the end.",
        .complexity = "O(log(N)+M) for M elements",
        .since = "1.0.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), INTEGER("start"), INTEGER("stop")),
        .reply = "an array of elements",
        .errors = NOT_INTEGER,
        .example = "LRANGE jobs 0 -1",
    },
    {
        .name = "LPOS",
        .handler = list_word_lpos,
        .summary = "Finds where elements equal to one stand in a list.",
        .complexity = "O(N)",
        .since = "6.0.6",
        .access = READS,
        ARGS(READ_KEY("key"), STRING("element"), INTEGER("rank", .token = "RANK", OPTIONAL),
             INTEGER("num-matches", .token = "COUNT", OPTIONAL),
             INTEGER("len", .token = "MAXLEN", OPTIONAL)),
        .reply = "an index; null when there is none. With COUNT: an array of indexes",
        .errors = NOT_INTEGER
        "; ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
        "or use negative to start from the end of the list; ERR value is out of range, value "
        "must between -9223372036854775807 and 9223372036854775807; ERR COUNT can't be "
        "negative; ERR MAXLEN can't be negative",
        .example = "LPOS jobs test RANK -1",
    },
    /* --- elements that go --- */
    {
        .name = "LPOP",
        .handler = list_word_lpop,
        .summary = "Takes elements from the front of a list and gives them.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(POPPED_KEY("key"), INTEGER("count", OPTIONAL, .since = "6.2.0")),
        .reply = "the element, or with a count an array; null when the key does not exist",
        .errors = NOT_POSITIVE,
        .events = "lpop del",
        .example = "LPOP jobs 2",
    },
    {
        .name = "RPOP",
        .handler = list_word_rpop,
        .summary = "Takes elements from the end of a list and gives them, the last one first.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(POPPED_KEY("key"), INTEGER("count", OPTIONAL, .since = "6.2.0")),
        .reply = "the element, or with a count an array; null when the key does not exist",
        .errors = NOT_POSITIVE,
        .events = "rpop del",
        .example = "RPOP jobs 2",
    },
    {
        .name = "LMPOP",
        .handler = list_word_lmpop,
        .summary = "Takes elements from an end of the first of several lists that has any.",
        .complexity = "O(K+N) for K keys and N elements",
        .since = "7.0.0",
        .access = WRITES_FREELY,
        ARGS(KEY_COUNT, POPPED_KEY("key", MULTIPLE), END("where"), COUNT),
        .reply = "the key and an array of elements; null when there is none",
        .errors = BAD_KEYS,
        .events = "lpop rpop del",
        .example = "LMPOP 2 urgent jobs LEFT COUNT 5",
    },
    {
        .name = "BLPOP",
        .handler = list_word_blpop,
        .summary =
            "Takes an element from the front of the first of several lists that has any, and "
            "waits for one.",
        .complexity = "O(K) for K keys",
        .since = "2.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        ARGS(POPPED_KEY("key", MULTIPLE), DOUBLE("timeout")),
        .reply = "the key and the element; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = "lpop del",
        .example = "BLPOP urgent jobs 1",
    },
    {
        .name = "BRPOP",
        .handler = list_word_brpop,
        .summary = "Takes an element from the end of the first of several lists that has any, and "
                   "waits for one.",
        .complexity = "O(K) for K keys",
        .since = "2.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        ARGS(POPPED_KEY("key", MULTIPLE), DOUBLE("timeout")),
        .reply = "the key and the element; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = "rpop del",
        .example = "BRPOP urgent jobs 1",
    },
    {
        .name = "BLMPOP",
        .handler = list_word_blmpop,
        .summary =
            "Takes elements from an end of the first of several lists that has any, and waits "
            "for one.",
        .complexity = "O(K+N) for K keys and N elements",
        .since = "7.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        ARGS(DOUBLE("timeout"), KEY_COUNT, POPPED_KEY("key", MULTIPLE), END("where"), COUNT),
        .reply = "the key and an array of elements; null when the time is over",
        .errors = BAD_KEYS "; " BAD_TIMEOUT,
        .events = "lpop rpop del",
        .example = "BLMPOP 1 2 urgent jobs LEFT COUNT 5",
    },
    {
        .name = "LTRIM",
        .handler = list_word_ltrim,
        .summary = "Keeps the elements between two indexes and removes all others.",
        .complexity = "O(N) for N bytes of blocks that go",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        ARGS(REDUCED_KEY, INTEGER("start"), INTEGER("stop")),
        .reply = "OK",
        .errors = NOT_INTEGER,
        .events = "ltrim del",
        .example = "LTRIM jobs 0 99",
    },
    {
        .name = "LREM",
        .handler = list_word_lrem,
        .summary = "Removes elements equal to one: the first ones, with a negative count the last "
                   "ones, with 0 all.",
        .complexity = "O(N)",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        ARGS(REDUCED_KEY, INTEGER("count"), STRING("element")),
        .reply = "how many were removed",
        .errors = NOT_INTEGER,
        .events = "lrem del",
        .example = "LREM jobs 0 test",
    },
    /* --- elements that move --- */
    {
        .name = "LMOVE",
        .handler = list_word_lmove,
        .summary =
            "Takes an element from an end of a list and puts it at an end of another, or of the "
            "same.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = WRITES,
        ARGS(MOVED_KEYS, ENDS),
        .reply = "the element; null when the source does not exist",
        .events = MOVE_EVENTS,
        .example = "LMOVE jobs running LEFT RIGHT",
    },
    {
        .name = "RPOPLPUSH",
        .handler = list_word_rpoplpush,
        .summary =
            "Takes the last element of a list and puts it in front of another, or of the same.",
        .complexity = "O(1)",
        .since = "1.2.0",
        .access = WRITES,
        .flags = COMMAND_DEPRECATED,
        ARGS(MOVED_KEYS),
        .reply = "the element; null when the source does not exist",
        .events = "lpush rpop del",
        .example = "RPOPLPUSH jobs running",
        .deprecated_since = "6.2.0",
        .replaced_by = "`LMOVE` with the `RIGHT` and `LEFT` arguments",
    },
    {
        .name = "LMOVEM",
        .handler = list_word_lmovem,
        .summary =
            "Takes several elements from an end of a list and puts them, one after the other, "
            "at an end of another.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES,
        ARGS(MOVED_KEYS, ENDS, COUNT),
        .reply = "an array of the elements, in the order in which they moved; null when the source "
                 "does not exist",
        .errors = BAD_COUNT,
        .events = MOVE_EVENTS,
        .example = "LMOVEM jobs running LEFT RIGHT COUNT 5",
    },
    {
        .name = "BLMOVE",
        .handler = list_word_blmove,
        .summary = "Moves an element as LMOVE does, and waits for one.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = WRITES,
        .flags = COMMAND_BLOCKING,
        ARGS(MOVED_KEYS, ENDS, DOUBLE("timeout")),
        .reply = "the element; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = MOVE_EVENTS,
        .example = "BLMOVE jobs running LEFT RIGHT 1",
    },
    {
        .name = "BRPOPLPUSH",
        .handler = list_word_brpoplpush,
        .summary = "Moves an element as RPOPLPUSH does, and waits for one.",
        .complexity = "O(1)",
        .since = "2.2.0",
        .access = WRITES,
        .flags = COMMAND_BLOCKING | COMMAND_DEPRECATED,
        ARGS(MOVED_KEYS, DOUBLE("timeout")),
        .reply = "the element; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = "lpush rpop del",
        .example = "BRPOPLPUSH jobs running 1",
        .deprecated_since = "6.2.0",
        .replaced_by = "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
    },
    {
        .name = "BLMOVEM",
        .handler = list_word_blmovem,
        .summary = "Moves elements as LMOVEM does, and waits for one.",
        .complexity = "O(N) for N elements",
        .since = "1.0.0",
        .access = WRITES,
        .flags = COMMAND_BLOCKING,
        ARGS(MOVED_KEYS, ENDS, DOUBLE("timeout"), COUNT),
        .reply =
            "an array of the elements, in the order in which they moved; null when the time is "
            "over",
        .errors = BAD_COUNT "; " BAD_TIMEOUT,
        .events = MOVE_EVENTS,
        .example = "BLMOVEM jobs running LEFT RIGHT 1 COUNT 5",
    },
};

static const struct value_type *const types[] = {&list_type};

const struct family list_family = {
    .name = "list",
    .title = "Lists",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .types = types,
    .type_count = COUNT_OF(types),
};
