/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What has changed, as plain commands with every value spelled out: the promise of replay.
 *
 * One unit is the effect of one command (or of one transaction): it is applied whole or not at
 * all. Units arrive in the order in which they happened. A journal is an interface: here is the
 * one that keeps units in memory; a file and replicas come later. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct effect {
    int32_t database;
    int argc;
    const struct bytes *argv; /* borrowed for the length of `append` */
    struct effect *next;
};

struct journal {
    /* `count` effects as one atomic unit. `now_ms` is the instant at which they happened. */
    void (*append)(struct journal *journal, const struct effect *first, size_t count,
                   int64_t now_ms);
};

/* Units in RESP, in memory: [count][database argc argv...]. */
struct memory_journal {
    struct journal journal; /* first, so that the one is the other */
    struct memory_unit *first;
    struct memory_unit *last;
    size_t unit_count;
};

struct memory_unit {
    struct memory_unit *next;
    int64_t now_ms;
    size_t effect_count;
    struct effect *effects; /* with all their bytes in the same block */
};

void memory_journal_init(struct memory_journal *journal);
void memory_journal_deinit(struct memory_journal *journal);
