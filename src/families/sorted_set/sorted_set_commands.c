/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family, by subject: members, ranges, removing and popping,
 * several sets. */
#include "families/sorted_set/sorted_set_words.h"

#define READ_KEY(name_, ...) KEY(name_, .key_use = KEY_READ | KEY_ACCESSES, ##__VA_ARGS__)
#define UPDATED_KEY(uses) KEY("key", .key_use = KEY_WRITE | KEY_UPDATES | (uses))
#define REDUCED_KEY KEY("key", .key_use = KEY_WRITE | KEY_DELETES)
#define POPPED_KEY(...) KEY("key", .key_use = KEY_WRITE | KEY_ACCESSES | KEY_DELETES, ##__VA_ARGS__)
#define TARGET_KEY(name_) KEY(name_, .key_use = KEY_OVERWRITE | KEY_UPDATES)
#define KEY_COUNT INTEGER("numkeys", .flags = ARG_KEY_COUNT)
#define SOURCES KEY_COUNT, READ_KEY("key", MULTIPLE)

#define ONEOF_SINCE(name_, since_, ...)                                                 \
    {                                                                                   \
        .kind = ARG_ONEOF, .name = (name_), .flags = ARG_OPTIONAL, .since = (since_),   \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }

#define WITH_SCORES TOKEN("withscores", "WITHSCORES", OPTIONAL)
#define LIMITS BLOCK_OPTIONAL("limit", "LIMIT", INTEGER("offset"), INTEGER("count"))
#define LIMITS_SINCE                                                                      \
    {                                                                                     \
        .kind = ARG_BLOCK, .name = "limit", .token = "LIMIT", OPTIONAL, .since = "6.2.0", \
        .args = (const struct arg[]){INTEGER("offset"), INTEGER("count")}, .arg_count = 2 \
    }
#define SORT_BY ONEOF_OPTIONAL("sortby", TOKEN("byscore", "BYSCORE"), TOKEN("bylex", "BYLEX"))
#define WEIGHTS_AND_AGGREGATE                                                   \
    INTEGER("weight", .token = "WEIGHTS", OPTIONAL_MULTIPLE), {                 \
        .kind = ARG_ONEOF, .name = "aggregate", .token = "AGGREGATE", OPTIONAL, \
        .args = (const struct arg[]){TOKEN("sum", "SUM"), TOKEN("min", "MIN"),  \
                                     TOKEN("max", "MAX")},                      \
        .arg_count = 3                                                          \
    }
#define END ONEOF("where", TOKEN("min", "MIN"), TOKEN("max", "MAX"))
#define POP_COUNT INTEGER("count", .token = "COUNT", OPTIONAL)
#define POP_RANGE                                                             \
    POPPED_KEY(), STRING("min"), STRING("max"),                               \
        ONEOF("sortby", TOKEN("byscore", "BYSCORE"), TOKEN("bylex", "BYLEX"), \
              TOKEN("byrank", "BYRANK")),                                     \
        TOKEN("rev", "REV", OPTIONAL), LIMITS

#define NOT_FLOAT "ERR value is not a valid float"
#define NOT_INTEGER "ERR value is not an integer or out of range"
#define NO_NUMBER "ERR resulting score is not a number (NaN)"
#define BAD_SCORES "ERR min or max is not a float"
#define BAD_NAMES "ERR min or max not valid string range item"
#define BAD_KEYS "ERR numkeys should be greater than 0; ERR count should be greater than 0"
#define BAD_TIMEOUT                                                         \
    "ERR timeout is not a float or out of range; ERR timeout is negative; " \
    "ERR timeout is out of range"
#define BAD_LIMIT                                                                   \
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE " \
    "or BYLEX"
#define BAD_RANGE NOT_INTEGER "; " BAD_SCORES "; " BAD_NAMES "; " BAD_LIMIT
#define BAD_SOURCES(command) \
    NOT_INTEGER "; ERR at least 1 input key is needed for '" command "' command"
#define BAD_WEIGHT "; ERR weight value is not a float"

#define MEMBERS "members, lowest score first; with WITHSCORES each with its score"
#define PAIRS "members with their scores"

static const struct command commands[] = {
    /* --- members --- */
    {
        .name = "ZADD",
        .handler = sorted_set_word_zadd,
        .summary = "Adds members with scores, or gives those that are there other scores.",
        .complexity = "O(log(N)) a member",
        .since = "1.2.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(UPDATED_KEY(0),
             ONEOF_SINCE("condition", "3.0.2", TOKEN("nx", "NX"), TOKEN("xx", "XX")),
             ONEOF_SINCE("comparison", "6.2.0", TOKEN("gt", "GT"), TOKEN("lt", "LT")),
             TOKEN("change", "CH", OPTIONAL, .since = "3.0.2"),
             TOKEN("increment", "INCR", OPTIONAL, .since = "3.0.2"),
             BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, DOUBLE("score"), STRING("member"))),
        .reply =
            "how many were added; with CH, how many were added or have another score now; with "
            "INCR, the new score, or null when the condition does not hold",
        .errors = NOT_FLOAT
        "; " NO_NUMBER
        "; ERR XX and NX options at the same time are not compatible; ERR GT, LT, and/or NX "
        "options at the same time are not compatible; ERR INCR option supports a single "
        "increment-element pair",
        .events = "zadd zincr",
        .example = "ZADD board 120 ann 95 bob",
    },
    {
        .name = "ZINCRBY",
        .handler = sorted_set_word_zincrby,
        .summary = "Adds to the score of a member, which is 0 for a new one.",
        .complexity = "O(log(N))",
        .since = "1.2.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(UPDATED_KEY(KEY_ACCESSES), INTEGER("increment"), STRING("member")),
        .reply = "the new score",
        .errors = NOT_FLOAT "; " NO_NUMBER,
        .events = "zincr",
        .example = "ZINCRBY board 5 bob",
    },
    {
        .name = "ZREM",
        .handler = sorted_set_word_zrem,
        .summary = "Removes members.",
        .complexity = "O(M*log(N)) for M members",
        .since = "1.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(REDUCED_KEY, STRING("member", MULTIPLE)),
        .reply = "how many were there",
        .events = "zrem del",
        .example = "ZREM board ann",
    },
    {
        .name = "ZCARD",
        .handler = sorted_set_word_zcard,
        .summary = "Counts the members.",
        .complexity = "O(1)",
        .since = "1.2.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ)),
        .reply = "the count; 0 when the key does not exist",
        .example = "ZCARD board",
    },
    {
        .name = "ZSCORE",
        .handler = sorted_set_word_zscore,
        .summary = "Reads the score of a member.",
        .complexity = "O(1)",
        .since = "1.2.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), STRING("member")),
        .reply = "the score; null when the member or the key does not exist",
        .example = "ZSCORE board ann",
    },
    {
        .name = "ZMSCORE",
        .handler = sorted_set_word_zmscore,
        .summary = "Reads the scores of several members.",
        .complexity = "O(N) for N members asked for",
        .since = "6.2.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), STRING("member", MULTIPLE)),
        .reply = "a score each; null for those that are not there",
        .example = "ZMSCORE board ann bob",
    },
    {
        .name = "ZRANK",
        .handler = sorted_set_word_zrank,
        .summary = "Tells how many members lie in front of one, counted from the lowest score.",
        .complexity = "O(log(N))",
        .since = "2.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), STRING("member"), TOKEN("withscore", "WITHSCORE", OPTIONAL)),
        .reply = "the rank, 0 for the first; with WITHSCORE the rank and the score; null when the "
                 "member or the key does not exist",
        .example = "ZRANK board ann WITHSCORE",
    },
    {
        .name = "ZREVRANK",
        .handler = sorted_set_word_zrevrank,
        .summary = "Tells how many members lie in front of one, counted from the highest score.",
        .complexity = "O(log(N))",
        .since = "2.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), STRING("member"), TOKEN("withscore", "WITHSCORE", OPTIONAL)),
        .reply = "the rank, 0 for the first; with WITHSCORE the rank and the score; null when the "
                 "member or the key does not exist",
        .example = "ZREVRANK board ann WITHSCORE",
    },
    {
        .name = "ZRANDMEMBER",
        .handler = sorted_set_word_zrandmember,
        .summary = "Picks members at random.",
        .complexity =
            "O(N) for N members picked, or O(M) for a set of M members when N is near to it",
        .since = "6.2.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), BLOCK_OPTIONAL("options", NULL, INTEGER("count"), WITH_SCORES)),
        .reply =
            "one member, or null; with a count an array of so many different ones, or, when it "
            "is negative, of so many that may repeat",
        .errors = NOT_INTEGER
        "; ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807; ERR value is out of range when the reply would be too long",
        .example = "ZRANDMEMBER board -5 WITHSCORES",
        .tips = "nondeterministic_output",
    },
    {
        .name = "ZSCAN",
        .handler = sorted_set_word_zscan,
        .summary = "Walks over the members in steps, with a cursor.",
        .complexity = "O(1) a step, O(N) for all",
        .since = "2.8.0",
        .access = READS,
        ARGS(READ_KEY("key"), INTEGER("cursor"), PATTERN("pattern", .token = "MATCH", OPTIONAL),
             INTEGER("count", .token = "COUNT", OPTIONAL), TOKEN("noscores", "NOSCORES", OPTIONAL)),
        .reply = "the next cursor, 0 at the end, and an array of members and scores, or, with "
                 "NOSCORES, of members",
        .errors = "ERR invalid cursor; " NOT_INTEGER
                  "; ERR NOVALUES option can only be used in HSCAN",
        .example = "ZSCAN board 0 MATCH a* COUNT 100",
        .tips = "nondeterministic_output",
    },
    /* --- ranges --- */
    {
        .name = "ZCOUNT",
        .handler = sorted_set_word_zcount,
        .summary = "Counts the members of a range of scores.",
        .complexity = "O(log(N))",
        .since = "2.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), DOUBLE("min"), DOUBLE("max")),
        .reply = "the count",
        .errors = BAD_SCORES,
        .example = "ZCOUNT board 90 (120",
    },
    {
        .name = "ZLEXCOUNT",
        .handler = sorted_set_word_zlexcount,
        .summary = "Counts the members of a range of names; all scores must be equal.",
        .complexity = "O(log(N))",
        .since = "2.8.9",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY("key"), STRING("min"), STRING("max")),
        .reply = "the count",
        .errors = BAD_NAMES,
        .example = "ZLEXCOUNT words [a (c",
    },
    {
        .name = "ZRANGE",
        .handler = sorted_set_word_zrange,
        .summary = "Reads a range of ranks, of scores or of names.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.2.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), STRING("start"), STRING("stop"),
             ONEOF_SINCE("sortby", "6.2.0", TOKEN("byscore", "BYSCORE"), TOKEN("bylex", "BYLEX")),
             TOKEN("rev", "REV", OPTIONAL, .since = "6.2.0"), LIMITS_SINCE, WITH_SCORES),
        .reply = MEMBERS "; with REV highest first",
        .errors = BAD_RANGE
        "; ERR syntax error, WITHSCORES not supported in combination with BYLEX",
        .example = "ZRANGE board 0 9 REV WITHSCORES",
    },
    {
        .name = "ZRANGEBYSCORE",
        .handler = sorted_set_word_zrangebyscore,
        .summary = "Reads a range of scores.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.0.5",
        .access = READS,
        .flags = COMMAND_DEPRECATED | COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), DOUBLE("min"), DOUBLE("max"),
             TOKEN("withscores", "WITHSCORES", OPTIONAL, .since = "2.0.0"), LIMITS),
        .reply = MEMBERS,
        .errors = NOT_INTEGER "; " BAD_SCORES,
        .example = "ZRANGEBYSCORE board 90 +inf WITHSCORES LIMIT 0 10",
        .deprecated_since = "6.2.0",
        .replaced_by = "`ZRANGE` with the `BYSCORE` argument",
    },
    {
        .name = "ZREVRANGEBYSCORE",
        .handler = sorted_set_word_zrevrangebyscore,
        .summary = "Reads a range of scores, highest first.",
        .complexity = "O(log(N)+M) for M members",
        .since = "2.2.0",
        .access = READS,
        .flags = COMMAND_DEPRECATED | COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), DOUBLE("max"), DOUBLE("min"), WITH_SCORES, LIMITS),
        .reply = "members, highest score first; with WITHSCORES each with its score",
        .errors = NOT_INTEGER "; " BAD_SCORES,
        .example = "ZREVRANGEBYSCORE board +inf 90",
        .deprecated_since = "6.2.0",
        .replaced_by = "`ZRANGE` with the `REV` and `BYSCORE` arguments",
    },
    {
        .name = "ZRANGEBYLEX",
        .handler = sorted_set_word_zrangebylex,
        .summary = "Reads a range of names.",
        .complexity = "O(log(N)+M) for M members",
        .since = "2.8.9",
        .access = READS,
        .flags = COMMAND_DEPRECATED | COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), STRING("min"), STRING("max"), LIMITS),
        .reply = "members in order of name",
        .errors = NOT_INTEGER
        "; " BAD_NAMES "; ERR syntax error, WITHSCORES not supported in combination with BYLEX",
        .example = "ZRANGEBYLEX words - [c",
        .deprecated_since = "6.2.0",
        .replaced_by = "`ZRANGE` with the `BYLEX` argument",
    },
    {
        .name = "ZREVRANGEBYLEX",
        .handler = sorted_set_word_zrevrangebylex,
        .summary = "Reads a range of names, highest first.",
        .complexity = "O(log(N)+M) for M members",
        .since = "2.8.9",
        .access = READS,
        .flags = COMMAND_DEPRECATED | COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), STRING("max"), STRING("min"), LIMITS),
        .reply = "members in order of name, last first",
        .errors = NOT_INTEGER
        "; " BAD_NAMES "; ERR syntax error, WITHSCORES not supported in combination with BYLEX",
        .example = "ZREVRANGEBYLEX words [c -",
        .deprecated_since = "6.2.0",
        .replaced_by = "`ZRANGE` with the `REV` and `BYLEX` arguments",
    },
    {
        .name = "ZREVRANGE",
        .handler = sorted_set_word_zrevrange,
        .summary = "Reads a range of ranks, highest first.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.2.0",
        .access = READS,
        .flags = COMMAND_DEPRECATED | COMMAND_MAY_SUSPEND,
        ARGS(READ_KEY("key"), INTEGER("start"), INTEGER("stop"), WITH_SCORES),
        .reply = "members, highest score first; with WITHSCORES each with its score",
        .errors = NOT_INTEGER "; " BAD_LIMIT,
        .example = "ZREVRANGE board 0 9",
        .deprecated_since = "6.2.0",
        .replaced_by = "`ZRANGE` with the `REV` argument",
    },
    {
        .name = "ZRANGESTORE",
        .handler = sorted_set_word_zrangestore,
        .summary = "Stores a range of a sorted set as another one.",
        .complexity = "O(log(N)+M*log(M)) for M members",
        .since = "6.2.0",
        .access = WRITES,
        ARGS(TARGET_KEY("dst"), READ_KEY("src"), STRING("min"), STRING("max"), SORT_BY,
             TOKEN("rev", "REV", OPTIONAL), LIMITS),
        .reply = "how many members were stored; 0 when there was none, and then the target is gone",
        .errors = BAD_RANGE,
        .events = "zrangestore del",
        .example = "ZRANGESTORE best board 0 9 REV",
    },
    /* --- removing and popping --- */
    {
        .name = "ZREMRANGEBYRANK",
        .handler = sorted_set_word_zremrangebyrank,
        .summary = "Removes a range of ranks.",
        .complexity = "O(log(N)+M) for M members",
        .since = "2.0.0",
        .access = WRITES_FREELY,
        ARGS(REDUCED_KEY, INTEGER("start"), INTEGER("stop")),
        .reply = "how many were removed",
        .errors = NOT_INTEGER,
        .events = "zremrangebyrank del",
        .example = "ZREMRANGEBYRANK board 0 -101",
    },
    {
        .name = "ZREMRANGEBYSCORE",
        .handler = sorted_set_word_zremrangebyscore,
        .summary = "Removes a range of scores.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.2.0",
        .access = WRITES_FREELY,
        ARGS(REDUCED_KEY, DOUBLE("min"), DOUBLE("max")),
        .reply = "how many were removed",
        .errors = BAD_SCORES,
        .events = "zremrangebyscore del",
        .example = "ZREMRANGEBYSCORE board -inf (90",
    },
    {
        .name = "ZREMRANGEBYLEX",
        .handler = sorted_set_word_zremrangebylex,
        .summary = "Removes a range of names; all scores must be equal.",
        .complexity = "O(log(N)+M) for M members",
        .since = "2.8.9",
        .access = WRITES_FREELY,
        ARGS(REDUCED_KEY, STRING("min"), STRING("max")),
        .reply = "how many were removed",
        .errors = BAD_NAMES,
        .events = "zremrangebylex del",
        .example = "ZREMRANGEBYLEX words [a (b",
    },
    {
        .name = "ZPOPMIN",
        .handler = sorted_set_word_zpopmin,
        .summary = "Takes out the members with the lowest scores and gives them.",
        .complexity = "O(log(N)*M) for M members",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(POPPED_KEY(), INTEGER("count", OPTIONAL)),
        .reply = PAIRS ", lowest first; empty when the key does not exist",
        .errors = "ERR value is out of range, must be positive",
        .events = "zpopmin del",
        .example = "ZPOPMIN board 2",
    },
    {
        .name = "ZPOPMAX",
        .handler = sorted_set_word_zpopmax,
        .summary = "Takes out the members with the highest scores and gives them.",
        .complexity = "O(log(N)*M) for M members",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(POPPED_KEY(), INTEGER("count", OPTIONAL)),
        .reply = PAIRS ", highest first; empty when the key does not exist",
        .errors = "ERR value is out of range, must be positive",
        .events = "zpopmax del",
        .example = "ZPOPMAX board 2",
    },
    {
        .name = "ZMPOP",
        .handler = sorted_set_word_zmpop,
        .summary = "Takes members out of the first of several sorted sets that has any.",
        .complexity = "O(K) + O(M*log(N)) for K keys and M members",
        .since = "7.0.0",
        .access = WRITES_FREELY,
        ARGS(KEY_COUNT, POPPED_KEY(MULTIPLE), END, POP_COUNT),
        .reply = "the key and " PAIRS "; null when there is none",
        .errors = BAD_KEYS,
        .events = "zpopmin zpopmax del",
        .example = "ZMPOP 2 board other MIN COUNT 5",
    },
    {
        .name = "BZPOPMIN",
        .handler = sorted_set_word_bzpopmin,
        .summary = "Takes out the member with the lowest score of the first of several sorted sets "
                   "that has any, and waits for one.",
        .complexity = "O(log(N))",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        .flags = COMMAND_BLOCKING,
        ARGS(POPPED_KEY(MULTIPLE), DOUBLE("timeout")),
        .reply = "the key, the member and its score; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = "zpopmin del",
        .example = "BZPOPMIN board 1",
    },
    {
        .name = "BZPOPMAX",
        .handler = sorted_set_word_bzpopmax,
        .summary =
            "Takes out the member with the highest score of the first of several sorted sets "
            "that has any, and waits for one.",
        .complexity = "O(log(N))",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        .flags = COMMAND_BLOCKING,
        ARGS(POPPED_KEY(MULTIPLE), DOUBLE("timeout")),
        .reply = "the key, the member and its score; null when the time is over",
        .errors = BAD_TIMEOUT,
        .events = "zpopmax del",
        .example = "BZPOPMAX board 1",
    },
    {
        .name = "BZMPOP",
        .handler = sorted_set_word_bzmpop,
        .summary =
            "Takes members out of the first of several sorted sets that has any, and waits for "
            "one.",
        .complexity = "O(K) + O(M*log(N)) for K keys and M members",
        .since = "7.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        ARGS(DOUBLE("timeout"), KEY_COUNT, POPPED_KEY(MULTIPLE), END, POP_COUNT),
        .reply = "the key and " PAIRS "; null when the time is over",
        .errors = BAD_KEYS "; " BAD_TIMEOUT,
        .events = "zpopmin zpopmax del",
        .example = "BZMPOP 1 2 board other MAX",
    },
    {
        .name = "ZPOPRANGE",
        .handler = sorted_set_word_zpoprange,
        .summary = "Takes out a range of scores, names or ranks and gives it.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        ARGS(POP_RANGE),
        .reply = PAIRS ", in the order of the range; empty when there is none",
        .errors = BAD_RANGE,
        .events = "zpoprange del",
        .example = "ZPOPRANGE jobs -inf 1700000000 BYSCORE LIMIT 0 10",
    },
    {
        .name = "BZPOPRANGE",
        .handler = sorted_set_word_bzpoprange,
        .summary =
            "Takes out a range of scores, names or ranks and gives it, and waits while it is "
            "empty.",
        .complexity = "O(log(N)+M) for M members",
        .since = "1.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        ARGS(DOUBLE("timeout"), POP_RANGE),
        .reply = PAIRS ", in the order of the range; null when the time is over",
        .errors = BAD_RANGE "; " BAD_TIMEOUT,
        .events = "zpoprange del",
        .example = "BZPOPRANGE 1 jobs -inf 1700000000 BYSCORE LIMIT 0 1",
    },
    /* --- several sets --- */
    {
        .name = "ZUNION",
        .handler = sorted_set_word_zunion,
        .summary = "Gives the members that any of several sets has.",
        .complexity = "O(N)+O(M*log(M)) for N members in all and M in the result",
        .since = "6.2.0",
        .access = READS,
        ARGS(SOURCES, WEIGHTS_AND_AGGREGATE, WITH_SCORES),
        .reply = MEMBERS,
        .errors = BAD_SOURCES("zunion") BAD_WEIGHT,
        .example = "ZUNION 2 board other WEIGHTS 1 2 WITHSCORES",
    },
    {
        .name = "ZINTER",
        .handler = sorted_set_word_zinter,
        .summary = "Gives the members that all of several sets have.",
        .complexity =
            "O(N*K)+O(M*log(M)) for the smallest of K sets, of N members, and M in the result",
        .since = "6.2.0",
        .access = READS,
        ARGS(SOURCES, WEIGHTS_AND_AGGREGATE, WITH_SCORES),
        .reply = MEMBERS,
        .errors = BAD_SOURCES("zinter") BAD_WEIGHT,
        .example = "ZINTER 2 board other WEIGHTS 1 2 WITHSCORES",
    },
    {
        .name = "ZDIFF",
        .handler = sorted_set_word_zdiff,
        .summary = "Gives the members that the first of several sets has and no other.",
        .complexity =
            "O(N*K)+O(M*log(M)) for the first of K sets, of N members, and M in the result",
        .since = "6.2.0",
        .access = READS,
        ARGS(SOURCES, WITH_SCORES),
        .reply = MEMBERS,
        .errors = BAD_SOURCES("zdiff"),
        .example = "ZDIFF 2 board other WITHSCORES",
    },
    {
        .name = "ZUNIONSTORE",
        .handler = sorted_set_word_zunionstore,
        .summary = "Stores the members that any of several sets has.",
        .complexity = "O(N)+O(M*log(M)) for N members in all and M in the result",
        .since = "2.0.0",
        .access = WRITES,
        ARGS(TARGET_KEY("destination"), SOURCES, WEIGHTS_AND_AGGREGATE),
        .reply = "how many members were stored; 0 when there was none, and then the target is gone",
        .errors = BAD_SOURCES("zunionstore") BAD_WEIGHT,
        .events = "zunionstore del",
        .example = "ZUNIONSTORE all 2 board other AGGREGATE MAX",
    },
    {
        .name = "ZINTERSTORE",
        .handler = sorted_set_word_zinterstore,
        .summary = "Stores the members that all of several sets have.",
        .complexity =
            "O(N*K)+O(M*log(M)) for the smallest of K sets, of N members, and M in the result",
        .since = "2.0.0",
        .access = WRITES,
        ARGS(TARGET_KEY("destination"), SOURCES, WEIGHTS_AND_AGGREGATE),
        .reply = "how many members were stored; 0 when there was none, and then the target is gone",
        .errors = BAD_SOURCES("zinterstore") BAD_WEIGHT,
        .events = "zinterstore del",
        .example = "ZINTERSTORE all 2 board other AGGREGATE MAX",
    },
    {
        .name = "ZDIFFSTORE",
        .handler = sorted_set_word_zdiffstore,
        .summary = "Stores the members that the first of several sets has and no other.",
        .complexity =
            "O(N*K)+O(M*log(M)) for the first of K sets, of N members, and M in the result",
        .since = "6.2.0",
        .access = WRITES,
        ARGS(TARGET_KEY("destination"), SOURCES),
        .reply = "how many members were stored; 0 when there was none, and then the target is gone",
        .errors = BAD_SOURCES("zdiffstore"),
        .events = "zdiffstore del",
        .example = "ZDIFFSTORE all 2 board other",
    },
    {
        .name = "ZINTERCARD",
        .handler = sorted_set_word_zintercard,
        .summary = "Counts the members that all of several sets have.",
        .complexity = "O(N*K) for the smallest of K sets, of N members",
        .since = "7.0.0",
        .access = READS,
        ARGS(SOURCES, INTEGER("limit", .token = "LIMIT", OPTIONAL)),
        .reply = "the count, at most the limit (0: none)",
        .errors = BAD_SOURCES("zintercard") "; ERR LIMIT can't be negative",
        .example = "ZINTERCARD 2 board other LIMIT 10",
    },
};

static const struct value_type *const types[] = {&sorted_set_type};

const struct family sorted_set_family = {
    .name = "sorted_set",
    .title = "Sorted sets",
    .group = "sorted-set",
    .category = "sortedset",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .types = types,
    .type_count = COUNT_OF(types),
    .expire_members = sorted_set_expire_members,
};
