/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Sparse registers: runs of equal ones, in the order of their indexes, all of them together exactly
 * HYPERLOGLOG_REGISTERS.
 *
 *   00llllll            l + 1 zeros                        ZERO, 1 to 64
 *   01llllll llllllll   l + 1 zeros, the high bits first   XZERO, 1 to 16384
 *   1vvvvvll            l + 1 registers of rank v + 1      VAL, 1 to 4 of 1 to 32
 *
 * Nothing here believes the bytes: a run that its bytes or the registers are too few for ends the
 * reading. Raising a register splits the run it lies in, then joins neighbours of one rank, exactly
 * as Redis does it, so that the same elements give the same bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "families/hyperloglog/hyperloglog.h"

struct hyperloglog_run {
    uint32_t registers;
    uint8_t rank;
    uint8_t bytes;
};

/* The run that begins at `at`, which is before `end`. False: its second byte is missing. */
static inline bool hyperloglog_run_read(const uint8_t *at, const uint8_t *end,
                                        struct hyperloglog_run *run) {
    uint8_t first = *at;
    if (first & 0x80) {
        *run = (struct hyperloglog_run){(first & 3u) + 1, (uint8_t)((first >> 2 & 31) + 1), 1};
        return true;
    }
    if ((first & 0x40) == 0) {
        *run = (struct hyperloglog_run){first + 1u, 0, 1};
        return true;
    }
    if (end - at < 2) return false;
    *run = (struct hyperloglog_run){((first & 63u) << 8 | at[1]) + 1, 0, 2};
    return true;
}

/* Raises registers to those of the runs, or counts them by rank. False: the runs are too many, too
 * few, or cut off, and some may have been raised or counted. */
bool hyperloglog_sparse_merge(uint8_t registers[HYPERLOGLOG_REGISTERS], struct bytes runs);
bool hyperloglog_sparse_tally(struct bytes runs, uint32_t counts[HYPERLOGLOG_RANKS]);

/* --- changing one --- */

/* A valid value being changed: a copy in the arena, made when the first register rises, so that the
 * value itself stays as it is until all went well. Becomes dense when it must. */
struct hyperloglog_draft {
    struct arena *arena;
    uint8_t *bytes; /* the whole value; borrowed and not to be written while `capacity` is 0 */
    size_t len;
    size_t capacity;
    size_t sparse_bytes_max; /* a sparse value may not grow beyond it */
    /* Where a search for a higher index than the last one may begin: the run two before that in
     * which it was found, and the first register of it. */
    uint32_t last_index;
    size_t resume_at;
    uint32_t resume_first;
};

enum hyperloglog_change {
    HYPERLOGLOG_SAME,
    HYPERLOGLOG_CHANGED,
    HYPERLOGLOG_CORRUPT,
    HYPERLOGLOG_NO_MEMORY,
};

void hyperloglog_draft_init(struct hyperloglog_draft *draft, struct arena *arena,
                            struct bytes value, size_t sparse_bytes_max);
static inline struct bytes hyperloglog_draft_value(const struct hyperloglog_draft *draft) {
    return bytes_make(draft->bytes, draft->len);
}
/* Makes the copy now. False: no memory. */
bool hyperloglog_draft_own(struct hyperloglog_draft *draft) MUST_CHECK;
/* Raises one register. O(N) in the bytes before it; where indexes ascend, in those since the last
 * one, and in those behind it that move. */
enum hyperloglog_change hyperloglog_draft_raise(struct hyperloglog_draft *draft,
                                                struct hyperloglog_mark mark) MUST_CHECK;
/* Makes it dense if it is not. CHANGED, SAME, CORRUPT or NO_MEMORY. */
enum hyperloglog_change hyperloglog_draft_make_dense(struct hyperloglog_draft *draft) MUST_CHECK;
