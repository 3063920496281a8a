/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Configuration parameters: declared once by whoever uses them, with type, default, bounds, unit
 * and one sentence. CONFIG GET/SET/REWRITE, the config file, --name value, redis.conf.sample and
 * the docs are derived.
 *
 * Values live in a flat `struct options` (an array indexed by the option's number), read by its
 * owner through a `struct option_handle` that is resolved once at start; no lookup on hot paths. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum option_kind {
    OPTION_BOOL,              /* yes no */
    OPTION_INTEGER,           /* decimal */
    OPTION_UNSIGNED,          /* decimal, 64 bits */
    OPTION_MEMORY,            /* bytes, with units */
    OPTION_PERCENT_OR_MEMORY, /* bytes, or N%: kept negative, as Redis does */
    OPTION_ENUM,
    OPTION_FLAGS, /* blank-separated words of an enum */
    OPTION_TEXT,
    OPTION_OCTAL,
    OPTION_LIST,    /* several words kept as they are, joined by blanks */
    OPTION_SPECIAL, /* parsed and printed by hooks */
};

enum option_flags {
    OPTION_IMMUTABLE = 1 << 0, /* only at start */
    OPTION_PROTECTED = 1 << 1, /* not over the wire unless enable-protected-configs */
    OPTION_INERT = 1 << 2,     /* accepted and kept, means nothing here */
    OPTION_HIDDEN = 1 << 3,    /* not matched by patterns in CONFIG GET */
    OPTION_SECRET = 1 << 4,    /* never logged */
    OPTION_MULTIPLE = 1 << 5,  /* a later line of the file adds instead of replacing */
    OPTION_EMPTY_IS_NULL = 1 << 6,
};

struct option_word {
    const char *word;
    int64_t value;
};

struct options;
struct option {
    const char *name;
    const char *alias; /* the other name of the field: "replica-..." and "slave-..." */
    enum option_kind kind;
    uint32_t flags;
    const char *fallback; /* the default, as the file would write it */
    int64_t min, max;     /* numbers; both 0: unbounded */
    const struct option_word *words;
    const char *unit; /* NULL: none */
    const char *help; /* one sentence */
};
