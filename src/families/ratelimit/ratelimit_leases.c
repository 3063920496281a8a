/* SPDX-License-Identifier: BSD-3-Clause */
/* Leases, packed one after the other: until (six bytes, little-endian, Unix ms), slots (two bytes),
 * length of the holder's name (one byte), the name. They end by themselves: whoever walks them
 * leaves out those that are over. A walk is O(holders), of which there are at most
 * RATELIMIT_LEASES_MAX. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "families/ratelimit/ratelimit.h"

#define LEASE_HEAD_BYTES 9
#define SLOT_BITS 13
static_assert(RATELIMIT_LEASES_MAX < 1 << SLOT_BITS, "slots fit beside a time of 48 bits");

bool ratelimit_lease_next(struct bytes leases, size_t *at, struct ratelimit_lease *lease) {
    if (*at + LEASE_HEAD_BYTES > leases.len) return false;
    const uint8_t *head = (const uint8_t *)leases.data + *at;
    uint64_t until_ms = 0;
    uint16_t slots;
    memcpy(&until_ms, head, 6);
    memcpy(&slots, head + 6, sizeof(slots));
    size_t len = head[8];
    if (*at + LEASE_HEAD_BYTES + len > leases.len) return false;
    lease->until_ms = (int64_t)until_ms;
    lease->slots = slots;
    lease->holder = bytes_make(head + LEASE_HEAD_BYTES, len);
    *at += LEASE_HEAD_BYTES + len;
    return true;
}

static size_t write_lease(uint8_t *out, const struct ratelimit_lease *lease) {
    uint16_t slots = (uint16_t)lease->slots;
    memcpy(out, &lease->until_ms, 6);
    memcpy(out + 6, &slots, sizeof(slots));
    out[8] = (uint8_t)lease->holder.len;
    memcpy(out + LEASE_HEAD_BYTES, lease->holder.data, lease->holder.len);
    return LEASE_HEAD_BYTES + lease->holder.len;
}

uint32_t ratelimit_leased(const struct ratelimit *ratelimit) {
    struct ratelimit_lease lease;
    uint32_t slots = 0;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease);) {
        if (lease.until_ms > ratelimit->at_ms) slots += lease.slots;
    }
    return slots;
}

size_t ratelimit_leases_bytes_max(const struct ratelimit *ratelimit, struct bytes holder) {
    return ratelimit->leases.len + LEASE_HEAD_BYTES + holder.len;
}

/* Copies those that live and are not the holder's; says what that one had, and what others have. */
static size_t copy_others(const struct ratelimit *ratelimit, struct bytes holder, uint8_t *room,
                          uint32_t *own, uint32_t *others) {
    struct ratelimit_lease lease;
    size_t len = 0;
    *own = *others = 0;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease);) {
        if (lease.until_ms <= ratelimit->at_ms) continue;
        if (bytes_equal(lease.holder, holder)) {
            *own = lease.slots;
        } else {
            *others += lease.slots;
            len += write_lease(room + len, &lease);
        }
    }
    return len;
}

static int earlier(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* When `needed` slots of others will have become free: the end of the lease with which, in the
 * order in which they end, they add up. */
static int64_t freed_at_ms(const struct ratelimit *ratelimit, struct bytes holder,
                           uint32_t needed) {
    uint64_t ends[RATELIMIT_LEASES_MAX]; /* until << SLOT_BITS | slots */
    size_t count = 0;
    struct ratelimit_lease lease;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease);) {
        if (lease.until_ms <= ratelimit->at_ms || bytes_equal(lease.holder, holder)) continue;
        assert(count < RATELIMIT_LEASES_MAX); /* each has a slot, and there are no more slots */
        ends[count++] = (uint64_t)lease.until_ms << SLOT_BITS | lease.slots;
    }
    qsort(ends, count, sizeof(ends[0]), earlier);
    size_t last = 0;
    for (uint32_t freed = 0; last < count; last++) {
        freed += ends[last] & ((1u << SLOT_BITS) - 1);
        if (freed >= needed) break;
    }
    assert(last < count);
    return (int64_t)(ends[last] >> SLOT_BITS);
}

struct limiter_verdict ratelimit_acquire(struct ratelimit *ratelimit,
                                         const struct ratelimit_lease *lease, uint32_t limit,
                                         uint8_t *room) {
    assert(lease->slots > 0 && lease->slots <= RATELIMIT_LEASES_MAX);
    assert(lease->holder.len <= RATELIMIT_HOLDER_BYTES_MAX);
    struct limiter_verdict verdict = {.retry_after_ms = LIMITER_NEVER};
    int64_t now_ms = ratelimit->at_ms;
    uint32_t own, others;
    size_t len = copy_others(ratelimit, lease->holder, room, &own, &others);
    if (ratelimit->blocked_until_ms > now_ms) {
        verdict.retry_after_ms = ratelimit->blocked_until_ms - now_ms;
        return verdict;
    }
    uint32_t held = own + others;
    verdict.remaining = held < limit ? limit - held : 0;
    if (others + lease->slots > limit) {
        if (lease->slots > limit) return verdict; /* never */
        uint32_t needed = others + lease->slots - limit;
        verdict.retry_after_ms = freed_at_ms(ratelimit, lease->holder, needed) - now_ms;
        return verdict;
    }
    len += write_lease(room + len, lease);
    ratelimit->leases = bytes_make(room, len);
    ratelimit->lease_limit = limit;
    verdict.allowed = true;
    verdict.remaining = limit - others - lease->slots;
    verdict.reset_after_ms = lease->until_ms - now_ms;
    return verdict;
}

uint32_t ratelimit_release(struct ratelimit *ratelimit, struct bytes holder, uint8_t *room) {
    uint32_t own, others;
    size_t len = copy_others(ratelimit, holder, room, &own, &others);
    ratelimit->leases = bytes_make(room, len);
    return own;
}
