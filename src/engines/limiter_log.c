/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/limiter_log.h"

#include <assert.h>
#include <string.h>

#define DELTA_BITS 29
#define HAS_COST 0x20u

struct entry {
    uint64_t delta;
    uint64_t cost;
    uint32_t bytes; /* 0: malformed */
};

unsigned limiter_log_shift(uint64_t duration_ms) {
    /* One bit to spare: a booked time may come a whole window, rounded up, after the newest. */
    unsigned bits = 64 - (unsigned)__builtin_clzll(duration_ms | 1);
    return bits > DELTA_BITS - 1 ? bits - (DELTA_BITS - 1) : 0;
}

static struct entry entry_read(const uint8_t *at, size_t left) {
    struct entry entry = {0};
    if (left == 0) return entry;
    uint32_t more = at[0] >> 6;
    uint32_t used = 1 + more;
    if (left < used) return entry;
    uint64_t delta = at[0] & 0x1fu;
    for (uint32_t i = 1; i <= more; i++) delta |= (uint64_t)at[i] << (8 * i - 3);
    uint64_t cost = 1;
    if (at[0] & HAS_COST) {
        cost = 0;
        for (unsigned bits = 0;; bits += 7) {
            if (used == left || bits > 56) return entry;
            uint8_t byte = at[used++];
            cost |= (uint64_t)(byte & 0x7f) << bits;
            if (byte < 0x80) break;
        }
    }
    entry.delta = delta;
    entry.cost = cost;
    entry.bytes = used;
    return entry;
}

static uint8_t entry_write(uint8_t *at, uint64_t delta, uint64_t cost) {
    assert(delta < (1ULL << DELTA_BITS));
    assert(cost > 0 && cost < (1ULL << 63));
    uint8_t more = delta < (1u << 5) ? 0 : delta < (1u << 13) ? 1 : delta < (1u << 21) ? 2 : 3;
    uint8_t used = 0;
    at[used++] = (uint8_t)(((unsigned)more << 6) | (cost != 1 ? HAS_COST : 0) | (delta & 0x1f));
    for (uint8_t i = 1; i <= more; i++) at[used++] = (uint8_t)(delta >> (8 * i - 3));
    if (cost == 1) return used;
    while (cost >= 0x80) {
        at[used++] = (uint8_t)(cost | 0x80);
        cost >>= 7;
    }
    at[used++] = (uint8_t)cost;
    return used;
}

/* The n-th byte run: first the owner's, then the tail. `at` counts over both. */
static struct entry entry_at(const struct limiter_log *log, uint32_t at) {
    if (at < log->len) return entry_read(log->entries + at, log->len - at);
    return entry_read(log->tail + (at - log->len), log->tail_len - (at - log->len));
}

static uint32_t end_of(const struct limiter_log *log) { return log->len + log->tail_len; }

static int64_t oldest_ms(const struct limiter_log *log, unsigned shift) {
    return log->newest_ms - (int64_t)(log->span << shift);
}

void limiter_log_clear(struct limiter_log *log) {
    log->skip = log->len = 0;
    log->span = 0;
    log->newest_ms = 0;
    log->tail_len = 0;
}

uint64_t limiter_log_trim(struct limiter_log *log, int64_t until_ms, unsigned shift) {
    assert(log->tail_len == 0);
    uint64_t dropped = 0;
    while (log->skip < log->len && oldest_ms(log, shift) <= until_ms) {
        struct entry first = entry_read(log->entries + log->skip, log->len - log->skip);
        assert(first.bytes > 0);
        dropped += first.cost;
        log->skip += first.bytes;
        if (log->skip == log->len) {
            limiter_log_clear(log);
            break;
        }
        log->span -= entry_read(log->entries + log->skip, log->len - log->skip).delta;
    }
    return dropped;
}

void limiter_log_append(struct limiter_log *log, int64_t at_ms, uint64_t cost, unsigned shift) {
    assert(log->tail_len + LIMITER_LOG_ENTRY_BYTES_MAX <= LIMITER_LOG_TAIL_BYTES);
    uint64_t delta = 0;
    if (limiter_log_bytes(log) == 0) {
        log->newest_ms = at_ms;
    } else if (at_ms > log->newest_ms) {
        uint64_t later = (uint64_t)(at_ms - log->newest_ms);
        delta = (later + (1ULL << shift) - 1) >> shift;
        log->newest_ms += (int64_t)(delta << shift);
        log->span += delta;
    }
    log->tail_len = (uint8_t)(log->tail_len + entry_write(log->tail + log->tail_len, delta, cost));
}

void limiter_log_drop_newest(struct limiter_log *log, uint64_t total, uint64_t amount,
                             unsigned shift) {
    assert(amount < total);
    assert(log->tail_len == 0);
    uint64_t keep = total - amount, kept = 0, span = 0;
    uint32_t at = log->skip;
    while (true) {
        struct entry entry = entry_at(log, at);
        assert(entry.bytes > 0);
        if (at != log->skip) span += entry.delta;
        if (kept + entry.cost >= keep) {
            log->newest_ms -= (int64_t)((log->span - span) << shift);
            log->span = span;
            if (kept + entry.cost == keep) {
                log->len = at + entry.bytes;
            } else {
                log->len = at;
                log->tail_len = entry_write(log->tail, entry.delta, keep - kept);
            }
            return;
        }
        kept += entry.cost;
        at += entry.bytes;
    }
}

int64_t limiter_log_time_of(const struct limiter_log *log, uint64_t amount, unsigned shift) {
    int64_t at_ms = oldest_ms(log, shift);
    uint64_t sum = 0;
    for (uint32_t at = log->skip; at < end_of(log);) {
        struct entry entry = entry_at(log, at);
        assert(entry.bytes > 0);
        if (at != log->skip) at_ms += (int64_t)(entry.delta << shift);
        sum += entry.cost;
        if (sum >= amount) break;
        at += entry.bytes;
    }
    return at_ms;
}

bool limiter_log_is_valid(const struct limiter_log *log, uint64_t total) {
    uint64_t sum = 0, span = 0;
    for (uint32_t at = log->skip; at < log->len;) {
        struct entry entry = entry_read(log->entries + at, log->len - at);
        if (entry.bytes == 0 || entry.cost == 0 || entry.cost > total - sum) return false;
        if (at != log->skip) span += entry.delta;
        sum += entry.cost;
        at += entry.bytes;
    }
    return sum == total && span == log->span;
}
