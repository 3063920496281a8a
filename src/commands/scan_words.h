/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The words that SCAN, HSCAN, SSCAN and ZSCAN have in common: a cursor, COUNT and MATCH. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commands/call.h"

#define SCAN_COUNT_DEFAULT 10

struct scan_words {
    uint64_t cursor;
    size_t count;   /* elements to look at, about */
    int pattern_at; /* index of the pattern in argv; 0: every name will do */
};

/* Takes a cursor, which begins the words; "ERR invalid cursor" when it is none. */
void scan_words_begin(struct call *call, struct scan_words *words);
/* Takes COUNT or MATCH with its argument, when that comes next. */
bool scan_words_take(struct call *call, struct scan_words *words);
/* Whether a name is asked for. */
bool scan_words_match(const struct scan_words *words, const struct call *call, struct bytes name);
