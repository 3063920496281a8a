/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family: one bit, ranges, whole bitmaps, fields. */
#include "families/bitmap/bitmap_words.h"

#define CHANGES (KEY_WRITE | KEY_ACCESSES | KEY_UPDATES)
#define READ_KEY KEY("key", .key_use = KEY_READ | KEY_ACCESSES)

#define UNIT                                                                                     \
    {                                                                                            \
        .kind = ARG_ONEOF, .name = "unit", .flags = ARG_OPTIONAL, .since = "7.0.0",              \
        .args = (const struct arg[]){TOKEN("byte", "BYTE"), TOKEN("bit", "BIT")}, .arg_count = 2 \
    }
#define ONEOF_OF(name_, token_, flags_, ...)                                            \
    {                                                                                   \
        .kind = ARG_ONEOF, .name = (name_), .token = (token_), .flags = (flags_),       \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }
#define GET_STEP(flags_) \
    BLOCK_MULTIPLE("get-block", "GET", flags_, STRING("encoding"), INTEGER("offset"))

#define NOT_INTEGER "ERR value is not an integer or out of range"
#define OFFSET_ERROR "ERR bit offset is not an integer or out of range"
#define FIELD_ERRORS                                                                         \
    OFFSET_ERROR "; ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is " \
                 "not supported but i64 is."

/* A BITFIELD that only reads uses its key as one that reads; what is wrong counts as writing. */
static uint16_t bitfield_key_use(const struct bytes *argv, int argc, int position) {
    (void)position;
    for (int i = 2; i < argc;) {
        int left = argc - i - 1;
        if (bytes_is(argv[i], "GET") && left >= 2) i += 3;
        else if (bytes_is(argv[i], "OVERFLOW") && left >= 1) i += 2;
        else return CHANGES;
    }
    return KEY_READ | KEY_ACCESSES;
}

static const struct command commands[] = {
    /* --- one bit --- */
    {
        .name = "SETBIT",
        .handler = bitmap_setbit,
        .summary = "Sets or clears a bit of a string, extending it with zeros if needed.",
        .complexity = "O(1); O(N) where the string grows to N bytes",
        .since = "2.2.0",
        .access = WRITES,
        ARGS(KEY("key", .key_use = CHANGES), INTEGER("offset"), INTEGER("value")),
        .reply = "the bit before it",
        .errors = OFFSET_ERROR "; ERR bit is not an integer or out of range",
        .events = "setbit",
        .example = "SETBIT visitors 7 1",
    },
    {
        .name = "GETBIT",
        .handler = bitmap_getbit,
        .summary = "Returns a bit of a string.",
        .complexity = "O(1)",
        .since = "2.2.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY, INTEGER("offset")),
        .reply = "the bit; 0 beyond the end and when the key does not exist",
        .errors = OFFSET_ERROR,
        .example = "GETBIT visitors 7",
    },
    /* --- ranges --- */
    {
        .name = "BITCOUNT",
        .handler = bitmap_bitcount,
        .summary = "Counts the set bits of a string or of a range of it.",
        .complexity = "O(N) where N is the number of bytes",
        .since = "2.6.0",
        .access = READS,
        ARGS(READ_KEY, BLOCK_OPTIONAL("range", NULL, INTEGER("start"), INTEGER("end"), UNIT)),
        .reply = "the count; 0 when the key does not exist",
        .errors = NOT_INTEGER,
        .example = "BITCOUNT visitors 0 -1",
    },
    {
        .name = "BITPOS",
        .handler = bitmap_bitpos,
        .summary = "Finds the first set or clear bit of a string or of a range of it.",
        .complexity = "O(N) where N is the number of bytes",
        .since = "2.8.7",
        .access = READS,
        ARGS(READ_KEY, INTEGER("bit"),
             BLOCK_OPTIONAL("range", NULL, INTEGER("start"),
                            BLOCK_OPTIONAL("end-unit-block", NULL, INTEGER("end"), UNIT))),
        .reply = "its offset, or -1; a clear bit is found after the string when no end is given",
        .errors = NOT_INTEGER "; ERR The bit argument must be 1 or 0.",
        .example = "BITPOS visitors 1",
    },
    /* --- whole bitmaps --- */
    {
        .name = "BITOP",
        .handler = bitmap_bitop,
        .summary = "Combines strings bit by bit and stores the result.",
        .complexity = "O(N) where N is the number of bytes of all strings",
        .since = "2.6.0",
        .access = WRITES,
        ARGS(ONEOF("operation", TOKEN("and", "AND"), TOKEN("or", "OR"), TOKEN("xor", "XOR"),
                   TOKEN("not", "NOT"), TOKEN("diff", "DIFF", .since = "8.2.0"),
                   TOKEN("diff1", "DIFF1", .since = "8.2.0"),
                   TOKEN("andor", "ANDOR", .since = "8.2.0"),
                   TOKEN("one", "ONE", .since = "8.2.0")),
             KEY("destkey", .key_use = KEY_OVERWRITE | KEY_UPDATES),
             KEY("key", .key_use = KEY_READ | KEY_ACCESSES, MULTIPLE)),
        .reply = "the length of the result, that of the longest string; 0 when destkey was deleted",
        .errors = "ERR BITOP NOT must be called with a single source key.; "
                  "ERR BITOP DIFF must be called with at least two source keys.",
        .events = "set del",
        .example = "BITOP OR both visitors members",
    },
    /* --- fields --- */
    {
        .name = "BITFIELD",
        .handler = bitmap_bitfield,
        .summary = "Reads, sets and increments integers of any width within a string, atomically.",
        .complexity = "O(1) for each integer",
        .since = "3.2.0",
        .access = WRITES,
        ARGS(KEY("key", .key_use = CHANGES | KEY_VARIABLE_FLAGS),
             ONEOF_OF(
                 "operation", NULL, ARG_OPTIONAL | ARG_MULTIPLE, GET_STEP(0),
                 BLOCK("write",
                       ONEOF_OF("overflow-block", "OVERFLOW", ARG_OPTIONAL, TOKEN("wrap", "WRAP"),
                                TOKEN("sat", "SAT"), TOKEN("fail", "FAIL")),
                       ONEOF("write-operation",
                             BLOCK_MULTIPLE("set-block", "SET", 0, STRING("encoding"),
                                            INTEGER("offset"), INTEGER("value")),
                             BLOCK_MULTIPLE("incrby-block", "INCRBY", 0, STRING("encoding"),
                                            INTEGER("offset"), INTEGER("increment")))))),
        .reply = "an array: for GET the integer, for SET the old one, for INCRBY the new one; "
                 "null where OVERFLOW FAIL prevented a change",
        .errors = FIELD_ERRORS "; " NOT_INTEGER "; ERR Invalid OVERFLOW type specified",
        .events = "setbit",
        .example = "BITFIELD counters OVERFLOW SAT INCRBY u8 #0 1 GET u4 8",
        .key_use_in = bitfield_key_use,
    },
    {
        .name = "BITFIELD_RO",
        .handler = bitmap_bitfield_ro,
        .summary = "Reads integers of any width within a string.",
        .complexity = "O(1) for each integer",
        .since = "6.0.0",
        .access = READS,
        .speed = FAST,
        ARGS(READ_KEY, GET_STEP(ARG_OPTIONAL | ARG_MULTIPLE | ARG_MULTIPLE_TOKEN)),
        .reply = "an array of integers",
        .errors = FIELD_ERRORS "; ERR BITFIELD_RO only supports the GET subcommand",
        .example = "BITFIELD_RO counters GET u8 #0",
    },
};

const struct family bitmap_family = {
    .name = "bitmap",
    .title = "Bitmaps",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
