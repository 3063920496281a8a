/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The times of accepted requests, packed: one to four bytes each.
 *
 * Entries run from the oldest to the newest; each says how long after the previous one it came and
 * what it cost. An entry is 1 to 4 bytes, little-endian but for the first byte:
 *
 *     ll c ddddd  [dddddddd [dddddddd [dddddddd]]]  [cost as varint, when c]
 *     ll = further bytes of the delta, c = the cost is not 1
 *
 * Deltas are quanta of 2^shift ms, so that a whole window fits into 29 bits; times are rounded up
 * to quanta, which can only make a request count longer, never shorter. The first entry's delta
 * means nothing: its time is newest − span.
 *
 * A log is a view: it borrows the bytes of its owner (`entries`), drops from either end by moving
 * `skip` and `len`, and keeps what was appended since in `tail`. The owner stores skip … len and
 * the tail, one after the other. No allocation. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITER_LOG_TAIL_BYTES 32
#define LIMITER_LOG_ENTRY_BYTES_MAX 14 /* a delta of four, a cost of ten */

struct limiter_log {
    const uint8_t *entries;
    uint32_t skip;
    uint32_t len;
    uint64_t span;     /* quanta from the oldest to the newest */
    int64_t newest_ms; /* 0 when empty; may lie in the future */
    uint8_t tail_len;
    uint8_t tail[LIMITER_LOG_TAIL_BYTES];
};

/* The quantum for a window of this length: milliseconds are << shift. */
unsigned limiter_log_shift(uint64_t duration_ms);

/* Drops what came at or before `until_ms` (the owner's bytes only, so call it before appending).
 * Returns the sum of the costs dropped. O(dropped). */
uint64_t limiter_log_trim(struct limiter_log *log, int64_t until_ms, unsigned shift);
/* Appends; a time before the newest counts as the newest. cost ≥ 1. */
void limiter_log_append(struct limiter_log *log, int64_t at_ms, uint64_t cost, unsigned shift);
/* Drops the newest until `amount` of cost is gone; the last one may be cut to a smaller cost.
 * `total` is the sum of the costs, amount < total. O(entries). */
void limiter_log_drop_newest(struct limiter_log *log, uint64_t total, uint64_t amount,
                             unsigned shift);
/* The time of the entry with which, counted from the oldest, `amount` of cost is reached. */
int64_t limiter_log_time_of(const struct limiter_log *log, uint64_t amount, unsigned shift);
void limiter_log_clear(struct limiter_log *log);
static inline uint32_t limiter_log_bytes(const struct limiter_log *log) {
    return log->len - log->skip + log->tail_len;
}
/* Whether bytes of a stranger are a well-formed log with this total and span; nothing in tail. */
bool limiter_log_is_valid(const struct limiter_log *log, uint64_t total);
