/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What lies under a rate-limited key: its limits with their states, a penalty box, leases.
 *
 * It is kept as packed bytes in the key's own entry (ratelimit_packing.c): unpack, act, pack, and
 * nothing is allocated on the way. Limits are those that checks have named: a check charges the
 * ones it names and leaves the others; a limit whose state equals never used is dropped, and when
 * nothing is left the key is gone. A limit is recognised by its algorithm and window: another
 * count is the same limit with its counts. A policy may change more, and then carries its counts
 * over.
 *
 * Bytes, packed: a key with one limit 8 to 20 (100/1m as a bucket: 14), with ten 60 to 100; sliding
 * logs add at most 4 for each request in the window.
 *
 * A `struct ratelimit` borrows the bytes it was unpacked from (logs, reason, holders). All times
 * are Unix milliseconds, and `now_ms` is at most LIMITER_TIME_MS_MAX. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "engines/limiter.h"

#define RATELIMIT_LIMITS_MAX 16
#define RATELIMIT_REASON_BYTES_MAX 128
#define RATELIMIT_HOLDER_BYTES_MAX 128
#define RATELIMIT_LEASES_MAX 4096 /* slots of one key */

struct ratelimit_limit {
    struct limiter_rule rule;
    struct limiter_state state;
    uint16_t policy; /* a mark of the policy that named it; 0: none */
};

struct ratelimit {
    int64_t at_ms;            /* when the states were true */
    int64_t blocked_until_ms; /* 0: not blocked */
    struct bytes reason;      /* why; empty: not said */
    struct bytes leases;      /* packed, see ratelimit_leases.c */
    uint32_t lease_limit;     /* how many slots there were to take, last time someone asked */
    uint32_t limit_count;
    struct ratelimit_limit limits[RATELIMIT_LIMITS_MAX];
};

/* What a check asks. */
struct ratelimit_request {
    int64_t now_ms;
    uint64_t cost;
    int64_t book_ms; /* 0: no booking */
    uint32_t count;
    struct limiter_rule rules[RATELIMIT_LIMITS_MAX];
    uint16_t policies[RATELIMIT_LIMITS_MAX];
};

/* What it is told: for each rule that was asked, in that order, and which of them decides: the one
 * refusing longest or, if none does, the one with least remaining. */
struct ratelimit_answer {
    bool allowed;
    uint32_t deciding;
    int64_t wait_ms;                      /* the longest */
    uint8_t places[RATELIMIT_LIMITS_MAX]; /* where the rules are in the ratelimit */
    struct limiter_verdict verdicts[RATELIMIT_LIMITS_MAX];
};

/* Never used. */
void ratelimit_init(struct ratelimit *ratelimit);
/* False when the bytes are not what ratelimit_pack writes. Trusts the inside of logs and leases;
 * bytes of strangers go through ratelimit_is_valid too. */
bool ratelimit_unpack(struct ratelimit *ratelimit, struct bytes packed) MUST_CHECK;
/* Whether every field is in its range, so that no verb can fail or go astray. */
bool ratelimit_is_valid(const struct ratelimit *ratelimit);
/* Bytes that ratelimit_pack may write at most. */
size_t ratelimit_packed_bytes_max(const struct ratelimit *ratelimit);
/* Returns how many bytes were written. Leaves out what is over or unused at `at_ms`. */
size_t ratelimit_pack(const struct ratelimit *ratelimit, uint8_t *out);
#define RATELIMIT_PACKED_BYTES_SMALL (16 + 80 * RATELIMIT_LIMITS_MAX) /* without logs, leases */

/* When all of it, left alone, equals never used. */
int64_t ratelimit_idle_at_ms(const struct ratelimit *ratelimit);

/* Moves all states to `now_ms`. Every verb below wants that first. */
void ratelimit_advance(struct ratelimit *ratelimit, int64_t now_ms);

/* The usual check in one go, from advancing to measuring: one rule is asked, and there is no other
 * limit, no lease, no block. False: it is not so, nothing was done. */
bool ratelimit_check_alone(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                           bool charge, struct ratelimit_answer *answer);

/* Finds or makes the places of the rules. False: there would be more than RATELIMIT_LIMITS_MAX. */
bool ratelimit_prepare(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                       struct ratelimit_answer *answer) MUST_CHECK;
/* Says what would happen; changes no state. */
void ratelimit_judge(const struct ratelimit *ratelimit, const struct ratelimit_request *request,
                     struct ratelimit_answer *answer);
/* Takes the cost from every rule asked, as judged. */
void ratelimit_charge(struct ratelimit *ratelimit, const struct ratelimit_request *request,
                      const struct ratelimit_answer *answer);
/* Fills remaining, reset and the deciding rule, as things stand. */
void ratelimit_measure(const struct ratelimit *ratelimit, const struct ratelimit_request *request,
                       struct ratelimit_answer *answer);

/* Charges all the key's limits, allowed or not; gives back to all. The answer is the key's own
 * limits, in order. */
void ratelimit_overrun(struct ratelimit *ratelimit, uint64_t amount);
void ratelimit_refund(struct ratelimit *ratelimit, uint64_t amount);
void ratelimit_survey(const struct ratelimit *ratelimit, struct ratelimit_answer *answer);

/* --- leases: how many at once --- */

struct ratelimit_lease {
    struct bytes holder;
    uint32_t slots;
    int64_t until_ms;
};

/* Walks: false at the end. `at` starts as 0. */
bool ratelimit_lease_next(struct bytes leases, size_t *at, struct ratelimit_lease *lease);
/* Slots held now. */
uint32_t ratelimit_leased(const struct ratelimit *ratelimit);
/* Bytes that acquiring may need for the new list. */
size_t ratelimit_leases_bytes_max(const struct ratelimit *ratelimit, struct bytes holder);
/* Takes `lease->slots` of `limit` for a holder, or renews (and resizes) what it has. `room` is
 * memory for the new list, which the ratelimit borrows from then on. The verdict's remaining is
 * slots, its reset the end of the lease, its retry when enough leases will have ended. */
struct limiter_verdict ratelimit_acquire(struct ratelimit *ratelimit,
                                         const struct ratelimit_lease *lease, uint32_t limit,
                                         uint8_t *room);
/* Returns the slots that were given back; 0: the holder has none. */
uint32_t ratelimit_release(struct ratelimit *ratelimit, struct bytes holder, uint8_t *room);
