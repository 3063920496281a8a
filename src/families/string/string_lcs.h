/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A longest common subsequence of two byte strings, and where it lies in both.
 *
 * Bit-parallel dynamic programming: one row of the table for each byte of `a`, one bit of a row
 * for each byte of `b`, 64 columns a step (H. Hyyrö, "Bit-parallel LCS-length computation
 * revisited", 2004). A bit is clear where the length grows from one column to the next; that is
 * all the way back needs, so the table takes |a| × |b| / 8 bytes, a 32nd of one with numbers.
 *
 * Among several longest ones it finds the one Redis finds: going back from the ends, equal bytes
 * are taken; else a step is made in `a` only where that alone keeps the length.
 *
 * O(|a| × |b| / 16) operations where the machine compares 16 bytes at once. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"

struct string_lcs {
    struct bytes a; /* both borrowed */
    struct bytes b;
    uint64_t *rows; /* of the last row alone where the way back is not wanted */
    size_t row_words;
    size_t length;
    bool has_way_back;
};

/* A run of equal bytes: `len` of them, from index `a` of the one and `b` of the other. */
struct string_lcs_run {
    size_t a;
    size_t b;
    size_t len;
};

/* Works it out. False: no memory. */
bool string_lcs_try_init(struct string_lcs *lcs, struct bytes a, struct bytes b,
                         bool way_back) MUST_CHECK;
void string_lcs_deinit(struct string_lcs *lcs);

/* Walks the runs from the last to the first: begins with {a.len, b.len, 0}, and each call puts
 * the next one into `run`. False: there is none left. */
bool string_lcs_back(const struct string_lcs *lcs, struct string_lcs_run *run);
