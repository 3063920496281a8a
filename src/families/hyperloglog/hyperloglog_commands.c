/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family. */
#include "families/hyperloglog/hyperloglog_words.h"

#define NOT_VALID "WRONGTYPE Key is not a valid HyperLogLog string value."
#define CORRUPT "INVALIDOBJ Corrupted HLL object detected"

static const struct command commands[] = {
    {
        .name = "PFADD",
        .handler = hyperloglog_pfadd,
        .summary = "Has a HyperLogLog see elements, and makes it if there is none.",
        .complexity = "O(1) for each element",
        .since = "2.8.9",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_INSERTS), STRING("element", OPTIONAL_MULTIPLE)),
        .reply =
            "1 when it was made or a register rose, so that the count may have changed; else 0",
        .errors = NOT_VALID "; " CORRUPT,
        .events = "pfadd",
        .example = "PFADD guests ann bob",
    },
    {
        /* Keeps the count that it has found in the value, and that is journaled. */
        .name = "PFCOUNT",
        .handler = hyperloglog_pfcount,
        .summary = "Estimates how many different elements HyperLogLogs have seen together.",
        .complexity = "O(1), and mostly a look at the count kept; with several keys O(N) in their "
                      "number, each time a merge of all registers",
        .since = "2.8.9",
        .access = READS,
        .flags = COMMAND_MAY_REPLICATE,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_ACCESSES, MULTIPLE)),
        .reply = "the estimate, with a standard error of 0.81 %; 0 when there are no such keys",
        .errors = NOT_VALID "; " CORRUPT,
        .example = "PFCOUNT guests",
    },
    {
        .name = "PFMERGE",
        .handler = hyperloglog_pfmerge,
        .summary = "Makes a HyperLogLog that has seen all that it and others have.",
        .complexity = "O(N) where N is the number of keys, each time a merge of all registers",
        .since = "2.8.9",
        .access = WRITES,
        ARGS(KEY("destkey", .key_use = KEY_WRITE | KEY_ACCESSES | KEY_INSERTS),
             KEY("sourcekey", .key_use = KEY_READ | KEY_ACCESSES, OPTIONAL_MULTIPLE)),
        .reply = "OK",
        .errors = NOT_VALID "; " CORRUPT,
        .events = "pfadd",
        .example = "PFMERGE week monday tuesday",
    },
    {
        .name = "PFDEBUG",
        .handler = hyperloglog_pfdebug,
        .summary = "Shows how a HyperLogLog lies, or makes it dense; for those who debug it.",
        .complexity = "O(1)",
        .since = "2.8.9",
        .access = WRITES,
        .flags = COMMAND_ADMIN | COMMAND_HIDDEN,
        ARGS(STRING("subcommand"), KEY("key", .key_use = KEY_WRITE | KEY_ACCESSES)),
        .reply = "ENCODING: dense or sparse; DECODE: the runs of a sparse one; GETREG: all "
                 "registers, made dense; TODENSE: 1 when it was sparse, else 0; SIMD ON|OFF in "
                 "place of a key: enabled or disabled",
        .errors = NOT_VALID "; " CORRUPT "; ERR The specified key does not exist; "
                            "ERR HLL encoding is not sparse",
        .example = "PFDEBUG TODENSE guests",
    },
    {
        .name = "PFSELFTEST",
        .handler = hyperloglog_pfselftest,
        .summary = "Tests that registers are packed, merged and counted right on this machine.",
        .complexity = "O(1), some ten milliseconds",
        .since = "2.8.9",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_HIDDEN,
        .reply = "OK",
        .errors = "TESTFAILED with what was found",
        .example = "PFSELFTEST",
    },
};

const struct family hyperloglog_family = {
    .name = "hyperloglog",
    .title = "HyperLogLogs",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .state_create = hyperloglog_state_create,
    .state_destroy = hyperloglog_state_destroy,
};
