/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Configuration parameters: declared once by whoever uses them, with type, default, bounds, unit
 * and one sentence. CONFIG GET/SET/REWRITE, the config file, --name value, redis.conf.sample and
 * the docs are derived.
 *
 * Values live in `struct options` (server/options.h), an array with a place for each declaration;
 * owners find the place once (options_index) and read by it. */
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
    OPTION_FLAGS, /* blank-separated words of an enum, their values or-ed */
    OPTION_TEXT,
    OPTION_OCTAL,   /* shown in octal, and so are its bounds */
    OPTION_LIST,    /* several words kept as they are, joined by blanks */
    OPTION_SPECIAL, /* what `settle` makes of it */
};

enum option_flags {
    OPTION_IMMUTABLE = 1 << 0, /* only at start */
    OPTION_PROTECTED = 1 << 1, /* not over the wire unless enable-protected-configs */
    OPTION_INERT = 1 << 2,     /* accepted and kept, means nothing here */
    OPTION_HIDDEN = 1 << 3,    /* not matched by patterns in CONFIG GET, not in the sample */
    OPTION_SECRET = 1 << 4,    /* never logged */
    OPTION_WORDS = 1 << 5,     /* SPECIAL: takes several words; LIST and FLAGS always do */
};

struct option_word {
    const char *word;
    int64_t value;
};

/* A value on its way in. `settle` sees the words, and for kinds other than LIST and SPECIAL what
 * the kind has made of them; it may put something else in their place. */
struct option_edit {
    const struct bytes *words;
    int word_count;
    struct bytes before; /* the value so far, as printed: what an addition adds to */
    bool adding;         /* not the first of several lines of one configuration */
    int64_t number;      /* the value of kinds that are numbers; of SPECIAL what the owner likes */
    char *text;          /* where LIST, SPECIAL and TEXT put their canonical form */
    size_t capacity;     /* of text: OPTION_TEXT_MAX */
    size_t len;
};

#define OPTION_TEXT_MAX (64 * 1024) /* bytes of a value that is text */

struct option {
    const char *name;
    const char *alias; /* the other name of the field: "replica-..." and "slave-..." */
    enum option_kind kind;
    uint32_t flags;
    const char *fallback;                  /* the default, as the file would write it */
    int64_t min, max;                      /* numbers; both 0: unbounded */
    const struct option_word *words;       /* ended by NULL */
    const struct option_word *quiet_words; /* accepted too, yet not offered by errors; or NULL */
    const char *unit;                      /* NULL: none */
    const char *help;                      /* one sentence */
    /* Checks or makes the value, see above; NULL: the kind suffices. Gives NULL, or why not. */
    const char *(*settle)(struct option_edit *edit);
    /* LIST and SPECIAL whose value is several lines of the file: words in each; 0: one line. */
    uint8_t line_words;
};
