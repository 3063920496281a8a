/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/limiter_log.h"

#include <criterion/criterion.h>
#include <string.h>

#define NOW_MS 1700000000000LL

static uint8_t bytes[4096];

static void settle(struct limiter_log *log) {
    uint32_t kept = log->len - log->skip;
    if (kept > 0) memmove(bytes, log->entries + log->skip, kept);
    memcpy(bytes + kept, log->tail, log->tail_len);
    log->entries = bytes;
    log->skip = 0;
    log->len = kept + log->tail_len;
    log->tail_len = 0;
}

Test(limiter_log, gaps_and_costs_of_every_size_come_back) {
    static const int64_t gaps[] = {0, 1, 31, 32, 8191, 8192, 2097151, 2097152, 268435456};
    static const uint64_t costs[] = {1, 2, 127, 128, 1000000000000, 1, 1ULL << 61, 5, 1};
    struct limiter_log log = {0};
    int64_t at_ms = NOW_MS;
    uint64_t total = 0;
    for (int i = 0; i < 9; i++) {
        at_ms += gaps[i];
        limiter_log_append(&log, at_ms, costs[i], 0);
        settle(&log);
        total += costs[i];
        cr_assert(limiter_log_is_valid(&log, total));
        cr_assert_eq(log.newest_ms, at_ms);
        cr_assert_eq(limiter_log_time_of(&log, total, 0), at_ms);
    }
    at_ms = NOW_MS;
    for (int i = 0; i < 9; i++) {
        at_ms += gaps[i];
        uint64_t dropped = limiter_log_trim(&log, at_ms, 0);
        if (i == 0) cr_assert_eq(dropped, costs[0]);
        if (i > 0) cr_assert_eq(dropped, costs[i]);
    }
    cr_assert_eq(limiter_log_bytes(&log), 0);
}

Test(limiter_log, a_request_out_of_order_counts_as_the_newest) {
    struct limiter_log log = {0};
    limiter_log_append(&log, NOW_MS, 1, 0);
    limiter_log_append(&log, NOW_MS - 500, 1, 0);
    settle(&log);
    cr_assert_eq(limiter_log_trim(&log, NOW_MS - 1, 0), 0);
    cr_assert_eq(limiter_log_trim(&log, NOW_MS, 0), 2);
}

Test(limiter_log, coarse_quanta_never_let_a_request_go_early) {
    unsigned shift = limiter_log_shift(40LL * 86400 * 1000);
    cr_assert_gt(shift, 0);
    struct limiter_log log = {0};
    for (int i = 0; i < 100; i++) {
        limiter_log_append(&log, NOW_MS + i * 7, 1, shift);
        settle(&log);
        cr_assert_geq(log.newest_ms, NOW_MS + i * 7);
        cr_assert_lt(log.newest_ms, NOW_MS + i * 7 + (1 << shift));
    }
}

Test(limiter_log, dropping_the_newest_may_cut_a_cost) {
    struct limiter_log log = {0};
    limiter_log_append(&log, NOW_MS, 3, 0);
    settle(&log);
    limiter_log_append(&log, NOW_MS + 10, 300, 0);
    settle(&log);
    limiter_log_drop_newest(&log, 303, 299, 0);
    settle(&log);
    cr_assert(limiter_log_is_valid(&log, 4));
    cr_assert_eq(log.newest_ms, NOW_MS + 10);
    limiter_log_drop_newest(&log, 4, 1, 0);
    settle(&log);
    cr_assert(limiter_log_is_valid(&log, 3));
    cr_assert_eq(log.newest_ms, NOW_MS);
}

Test(limiter_log, malformed_bytes_are_told) {
    struct limiter_log log = {0};
    limiter_log_append(&log, NOW_MS, 300, 0);
    settle(&log);
    limiter_log_append(&log, NOW_MS + 100000, 1, 0);
    settle(&log);
    cr_assert(limiter_log_is_valid(&log, 301));
    cr_assert(!limiter_log_is_valid(&log, 300));
    cr_assert(!limiter_log_is_valid(&log, 302));
    log.span++;
    cr_assert(!limiter_log_is_valid(&log, 301));
    log.span--;
    for (uint32_t len = 0; len < log.len; len++) {
        struct limiter_log cut = log;
        cut.len = len;
        cr_assert(!limiter_log_is_valid(&cut, 301), "%u bytes", len);
    }
    memset(bytes, 0xff, sizeof(bytes));
    log.len = sizeof(bytes);
    cr_assert(!limiter_log_is_valid(&log, 301));
}
