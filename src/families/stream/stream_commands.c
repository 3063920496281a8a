/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family: entries, reading, what is pending. */
#include "families/stream/stream_declarations.h"

#define MAX_LENGTH_ERROR "ERR The MAXLEN argument must be >= 0."
#define NO_GROUP "NOGROUP No such key 'k' or consumer group 'g'"
#define TRIM_PARTS                                                                           \
    ONEOF("strategy", TOKEN("maxlen", "MAXLEN"), TOKEN("minid", "MINID", .since = "6.2.0")), \
        ONEOF_OPTIONAL("operator", TOKEN("equal", "="), TOKEN("approximately", "~")),        \
        STRING("threshold"), INTEGER("count", .token = "LIMIT", OPTIONAL, .since = "6.2.0")
#define DELETION                                                                        \
    ONEOF_OPTIONAL("condition", TOKEN("keepref", "KEEPREF"), TOKEN("delref", "DELREF"), \
                   TOKEN("acked", "ACKED")),                                            \
        BLOCK_MULTIPLE("ids", "IDS", 0, INTEGER("numids"), STRING("id", MULTIPLE))
#define DELETION_ERRORS                                                \
    STREAM_ID_ERROR "; ERR Number of IDs must be a positive integer; " \
                    "ERR The `numids` parameter must match the number of arguments"
#define COUNT_OPTION INTEGER("count", .token = "COUNT", OPTIONAL)
#define BLOCK_OPTION INTEGER("milliseconds", .token = "BLOCK", OPTIONAL)
#define STREAMS_AND_IDS                                                      \
    BLOCK_MULTIPLE("streams", "STREAMS", 0,                                  \
                   KEY("key", .key_use = KEY_READ | KEY_ACCESSES, MULTIPLE), \
                   STRING("id", MULTIPLE))

static const struct command commands[] = {
    /* --- entries --- */
    {
        .name = "XADD",
        .handler = stream_xadd,
        .summary = "Adds an entry to a stream, which is made if there is none, and may trim it.",
        .complexity = "O(1); O(N) for N entries that are trimmed",
        .since = "5.0.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(STREAM_UPDATE_KEY, TOKEN("nomkstream", "NOMKSTREAM", OPTIONAL, .since = "6.2.0"),
             BLOCK_OPTIONAL("trim", NULL, TRIM_PARTS),
             ONEOF("id-selector", TOKEN("auto-id", "*"), STRING("id")),
             BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, STRING("field"), STRING("value"))),
        .reply = "the id of the entry; null with NOMKSTREAM when there is no stream",
        .errors = STREAM_ID_ERROR
        "; ERR The ID specified in XADD is equal or smaller than the target stream top item"
        "; ERR The ID specified in XADD must be greater than 0-0"
        "; ERR The stream has exhausted the last possible ID, unable to add more items"
        "; ERR Elements are too large to be stored; " MAX_LENGTH_ERROR,
        .events = "xadd xtrim",
        .example = "XADD trades * item book count 2",
        .tips = STREAM_VARYING,
    },
    {
        .name = "XDEL",
        .handler = stream_xdel,
        .summary = "Deletes entries of a stream.",
        .complexity = "O(log N) for each id",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_DELETE_KEY, STRING("id", MULTIPLE)),
        .reply = "how many there were",
        .errors = STREAM_ID_ERROR,
        .events = "xdel",
        .example = "XDEL trades 1526569495631-0",
    },
    {
        .name = "XDELEX",
        .handler = stream_xdelex,
        .summary = "Deletes entries of a stream, minding groups that have them pending.",
        .complexity = "O(log N) for each id, and for each group that is asked",
        .since = "8.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_DELETE_KEY, DELETION),
        .reply = "for each id 1, or -1 when there is none, or 2 when ACKED kept it",
        .errors = DELETION_ERRORS,
        .events = "xdel",
        .example = "XDELEX trades DELREF IDS 1 1526569495631-0",
    },
    {
        .name = "XTRIM",
        .handler = stream_xtrim,
        .summary = "Removes the oldest entries of a stream, down to a length or up to an id.",
        .complexity = "O(N) for N entries that are removed, by whole blocks where that is enough",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        ARGS(STREAM_DELETE_KEY, BLOCK("trim", TRIM_PARTS)),
        .reply = "how many were removed",
        .errors = "ERR syntax error, XTRIM must be called with a trimming strategy"
                  "; ERR syntax error, LIMIT cannot be used without the special ~ option"
                  "; " MAX_LENGTH_ERROR "; " STREAM_NOT_INTEGER "; " STREAM_ID_ERROR,
        .events = "xtrim",
        .example = "XTRIM trades MAXLEN ~ 1000",
        .tips = STREAM_VARYING,
    },
    {
        .name = "XSETID",
        .handler = stream_xsetid,
        .summary = "Says which id was the last of a stream, and how many entries there ever were.",
        .complexity = "O(log N)",
        .since = "5.0.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(STREAM_UPDATE_KEY, STRING("last-id"),
             INTEGER("entries-added", .token = "ENTRIESADDED", OPTIONAL, .since = "7.0.0"),
             STRING("max-deleted-id", .token = "MAXDELETEDID", OPTIONAL, .since = "7.0.0")),
        .reply = "OK",
        .errors = "ERR no such key; " STREAM_ID_ERROR "; ERR entries_added must be positive"
                  "; ERR The ID specified in XSETID is smaller than the target stream top item"
                  "; ERR The entries_added specified in XSETID is smaller than the target stream "
                  "length",
        .events = "xsetid",
        .example = "XSETID trades 1900000000000-0",
    },
    /* --- reading --- */
    {
        .name = "XLEN",
        .handler = stream_xlen,
        .summary = "Counts the entries of a stream.",
        .complexity = "O(1)",
        .since = "5.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_READ)),
        .reply = "how many; 0 when the key does not exist",
        .example = "XLEN trades",
    },
    {
        .name = "XRANGE",
        .handler = stream_xrange,
        .summary = "Returns the entries between two ids.",
        .complexity = "O(log N + M) for M entries; long answers are built in slices",
        .since = "5.0.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        ARGS(STREAM_READ_KEY, STRING("start"), STRING("end"), COUNT_OPTION),
        .reply = "an array of entries: id, and an array of fields and values",
        .errors = STREAM_ID_ERROR "; ERR invalid start ID for the interval"
                                  "; ERR invalid end ID for the interval; " STREAM_NOT_INTEGER,
        .example = "XRANGE trades - + COUNT 10",
    },
    {
        .name = "XREVRANGE",
        .handler = stream_xrevrange,
        .summary = "Returns the entries between two ids, the last first.",
        .complexity = "O(log N + M) for M entries; long answers are built in slices",
        .since = "5.0.0",
        .access = READS,
        .flags = COMMAND_MAY_SUSPEND,
        ARGS(STREAM_READ_KEY, STRING("end"), STRING("start"), COUNT_OPTION),
        .reply = "an array of entries: id, and an array of fields and values",
        .errors = STREAM_ID_ERROR "; ERR invalid start ID for the interval"
                                  "; ERR invalid end ID for the interval; " STREAM_NOT_INTEGER,
        .example = "XREVRANGE trades + - COUNT 1",
    },
    {
        .name = "XREAD",
        .handler = stream_xread,
        .summary = "Returns what lies behind an id in each of several streams, or waits for it.",
        .complexity = "O(log N + M) for each stream with M entries to give",
        .since = "5.0.0",
        .access = READS,
        .flags = COMMAND_BLOCKING | COMMAND_MAY_SUSPEND,
        .categories = CATEGORY_BLOCKING,
        ARGS(COUNT_OPTION, BLOCK_OPTION, STREAMS_AND_IDS),
        .reply = "by stream, an array of entries; null when there is nothing",
        .errors = "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' "
                  "must be specified.; ERR timeout is negative; "
                  "ERR timeout is not an integer or out of range; " STREAM_ID_ERROR,
        .example = "XREAD COUNT 10 STREAMS trades 0",
    },
    {
        .name = "XREADGROUP",
        .handler = stream_xreadgroup,
        .summary = "Gives a consumer entries that its group has not read, or its own once more.",
        .complexity = "O(log N + M log P) for each stream with M entries to give and P pending",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .flags = COMMAND_BLOCKING,
        .categories = CATEGORY_BLOCKING,
        ARGS(BLOCK_MULTIPLE("group-block", "GROUP", 0, STRING("group"), STRING("consumer")),
             COUNT_OPTION, BLOCK_OPTION, TOKEN("noack", "NOACK", OPTIONAL), STREAMS_AND_IDS),
        .reply = "by stream, an array of entries; null when there is nothing",
        .errors =
            "NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP option; "
            "ERR Missing GROUP option for XREADGROUP; ERR timeout is negative; " STREAM_ID_ERROR,
        .events = "xgroup-createconsumer",
        .example = "XREADGROUP GROUP billing alice COUNT 1 STREAMS trades >",
    },
    /* --- groups --- */
    {
        .name = "XGROUP",
        .summary = "A container for what manages groups of consumers.",
        .complexity = "Depends on subcommand.",
        .since = "5.0.0",
        .access = TOUCHES_NO_KEYS,
        .categories = CATEGORY_NOT_OF_GROUP,
        SUBCOMMANDS(stream_xgroup_subcommands),
    },
    {
        .name = "XINFO",
        .summary = "A container for what describes streams.",
        .complexity = "Depends on subcommand.",
        .since = "5.0.0",
        .access = TOUCHES_NO_KEYS,
        .categories = CATEGORY_NOT_OF_GROUP,
        SUBCOMMANDS(stream_xinfo_subcommands),
    },
    {
        .name = "XACK",
        .handler = stream_xack,
        .summary = "Says that a consumer of the group is done with entries that were pending.",
        .complexity = "O(log P) for each id, with P pending",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_UPDATE_KEY, STRING("group"), STRING("id", MULTIPLE)),
        .reply = "how many were pending",
        .errors = STREAM_ID_ERROR,
        .example = "XACK trades billing 1526569495631-0",
    },
    {
        .name = "XACKDEL",
        .handler = stream_xackdel,
        .summary = "Acknowledges entries for a group and deletes them.",
        .complexity = "O(log N) for each id, and for each group that is asked",
        .since = "8.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_DELETE_KEY, STRING("group"), DELETION),
        .reply = "for each id 1, or -1 when it was not pending, or 2 when ACKED kept the entry",
        .errors = DELETION_ERRORS,
        .events = "xdel",
        .example = "XACKDEL trades billing ACKED IDS 1 1526569495631-0",
    },
    {
        .name = "XPENDING",
        .handler = stream_xpending,
        .summary = "Tells what is pending in a group: for whom, for how long, how often given.",
        .complexity = "O(log P + M) for M entries that are looked at",
        .since = "5.0.0",
        .access = READS,
        ARGS(STREAM_READ_KEY, STRING("group"),
             BLOCK_OPTIONAL("filters", NULL,
                            INTEGER("min-idle-time", .token = "IDLE", OPTIONAL, .since = "6.2.0"),
                            STRING("start"), STRING("end"), INTEGER("count"),
                            STRING("consumer", OPTIONAL))),
        .reply = "count, first and last id, and consumers with their counts; of a range, entries: "
                 "id, consumer, milliseconds since, how often given",
        .errors = NO_GROUP "; " STREAM_NOT_INTEGER "; " STREAM_ID_ERROR,
        .example = "XPENDING trades billing - + 10",
        .tips = STREAM_VARYING,
    },
    {
        .name = "XCLAIM",
        .handler = stream_xclaim,
        .summary = "Makes a consumer the owner of pending entries of the group.",
        .complexity = "O(log P) for each id, with P pending",
        .since = "5.0.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_UPDATE_KEY, STRING("group"), STRING("consumer"), STRING("min-idle-time"),
             STRING("id", MULTIPLE), INTEGER("ms", .token = "IDLE", OPTIONAL),
             UNIX_TIME("unix-time-milliseconds", .token = "TIME", OPTIONAL),
             INTEGER("count", .token = "RETRYCOUNT", OPTIONAL), TOKEN("force", "FORCE", OPTIONAL),
             TOKEN("justid", "JUSTID", OPTIONAL), STRING("lastid", .token = "LASTID", OPTIONAL)),
        .reply = "an array of the entries that were claimed, or of their ids",
        .errors = NO_GROUP "; ERR Invalid min-idle-time argument for XCLAIM; "
                           "ERR Unrecognized XCLAIM option 'x'; " STREAM_ID_ERROR,
        .events = "xgroup-createconsumer",
        .example = "XCLAIM trades billing bob 3600000 1526569495631-0",
        .tips = STREAM_VARYING,
    },
    {
        .name = "XAUTOCLAIM",
        .handler = stream_xautoclaim,
        .summary = "Makes a consumer the owner of entries that have been pending for long.",
        .complexity = "O(log P + M log P) for M entries that are looked at, with P pending",
        .since = "6.2.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STREAM_DELETE_KEY, STRING("group"), STRING("consumer"), STRING("min-idle-time"),
             STRING("start"), COUNT_OPTION, TOKEN("justid", "JUSTID", OPTIONAL)),
        .reply = "where to go on, an array of the entries that were claimed (or of their ids), and "
                 "one of ids whose entries are gone",
        .errors = NO_GROUP "; ERR Invalid min-idle-time argument for XAUTOCLAIM; "
                           "ERR COUNT must be > 0; " STREAM_ID_ERROR,
        .events = "xgroup-createconsumer",
        .example = "XAUTOCLAIM trades billing bob 3600000 0 COUNT 25",
        .tips = STREAM_VARYING,
    },
};

static const struct value_type *const types[] = {&stream_type};

const struct family stream_family = {
    .name = "stream",
    .title = "Streams",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .types = types,
    .type_count = COUNT_OF(types),
};
