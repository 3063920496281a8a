/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Many bitmaps made into one, bit by bit; shorter ones count as followed by zeros.
 *
 * Works through the result a piece at a time that stays in the first-level cache, so each source is
 * read once from memory and the result is written once. O(bytes of the sources + of the result). */
#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* X is the first source, Y the others. */
enum bitmap_operation {
    BITMAP_AND,
    BITMAP_OR,
    BITMAP_XOR,
    BITMAP_NOT,   /* of a single source */
    BITMAP_DIFF,  /* X and no Y */
    BITMAP_DIFF1, /* any Y, not X */
    BITMAP_ANDOR, /* X and any Y */
    BITMAP_ONE,   /* exactly one of all */
    BITMAP_OPERATION_COUNT,
};

/* `out` has the length of the longest source and overlaps none. At least one source. */
void bitmap_combine(enum bitmap_operation operation, const struct bytes *sources, size_t count,
                    char *out, size_t len);
/* The same without the wider vectors that this processor may have: for tests. */
void bitmap_combine_plain(enum bitmap_operation operation, const struct bytes *sources,
                          size_t count, char *out, size_t len);
