/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How often something may happen: five algorithms as rules over a small state and a given time.
 *
 * A rule says what is allowed, a state what has happened. A state stands "as of" one instant that
 * its owner keeps (`at_ms`, Unix milliseconds), so several states can share one; limiter_advance
 * moves it on, the other verbs expect it to be as of now. Nothing here allocates or reads a clock.
 * All arithmetic is exact: a bucket keeps its debt in parts of a token (1 token = duration_ms
 * parts, and every millisecond pays back `count` parts), so nothing is ever rounded into a state.
 *
 *   fixed            `used` in this window; windows are aligned to the epoch, to calendar days or
 *                    months at an offset from UTC, or begin at the first hit
 *   sliding counter  `used` in this window and `before` in the previous one, which weighs by how
 *                    much of it the sliding window still covers. In any true window that ends e
 *                    into the current one at most count × (1 + e / duration) are let through
 *   sliding log      every accepted request (engines/limiter_log.h): exact
 *   token bucket     `level`: what is missing in the bucket. The same as GCRA's one time
 *   leaky bucket     the same arithmetic, as a meter; or as a queue (`queued`), where what is let
 *                    through is told how long to wait so that calls leave at the constant rate
 *
 * Clocks that go back: a state from the future by at most one window counts as if it were of now;
 * by more than one window it counts as never used. So a step of the clock blocks or grants at most
 * one window more.
 *
 * Bookings may reach into the future: windows take them from `ahead`, in order. */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engines/limiter_log.h"

#define LIMITER_COUNT_MAX 1000000000000LL                   /* requests, tokens or bytes */
#define LIMITER_DURATION_MS_MAX (3653LL * 24 * 3600 * 1000) /* ten years */
#define LIMITER_TIME_MS_MAX ((1LL << 47) - 1)               /* instants fit in six bytes */
#define LIMITER_NEVER (-1)                                  /* a retry that would never succeed */

enum limiter_algorithm {
    LIMITER_FIXED,
    LIMITER_SLIDING_LOG,
    LIMITER_SLIDING_COUNTER,
    LIMITER_TOKEN_BUCKET,
    LIMITER_LEAKY_BUCKET,
};
#define LIMITER_ALGORITHM_COUNT 5

enum limiter_window {
    LIMITER_WINDOW_ALIGNED, /* to the epoch */
    LIMITER_WINDOW_FIRST_HIT,
    LIMITER_WINDOW_DAY,   /* fixed only; duration_ms is LIMITER_DAY_MS */
    LIMITER_WINDOW_MONTH, /* fixed only; duration_ms is LIMITER_MONTH_MS */
};
#define LIMITER_WINDOW_COUNT 4
#define LIMITER_DAY_MS 86400000LL
#define LIMITER_MONTH_MS (31 * LIMITER_DAY_MS) /* the longest one */

struct limiter_rule {
    uint64_t count;       /* per duration, 1 … LIMITER_COUNT_MAX */
    uint64_t duration_ms; /* 1 … LIMITER_DURATION_MS_MAX */
    uint64_t capacity;    /* what fits at once: the burst of a bucket, the queue's length plus the
                             one that leaves; equals count for all others */
    int16_t tz_minutes;   /* calendar windows: east of UTC */
    uint8_t algorithm;
    uint8_t window;
    bool queued; /* leaky bucket: as a queue */
};

typedef unsigned __int128 limiter_parts;

/* All zero is "never used" (and wants limiter_advance too, from now to now). */
struct limiter_state {
    limiter_parts level;    /* buckets */
    uint64_t used;          /* windows: in the current one */
    uint64_t before;        /* sliding counter: in the previous one; first hit: ms since it began */
    uint64_t ahead;         /* windows: booked in those to come */
    int64_t window_end_ms;  /* windows: of the current one; worked out by limiter_advance */
    struct limiter_log log; /* sliding log */
};

struct limiter_verdict {
    bool allowed;
    int64_t retry_after_ms; /* when it would be allowed if nothing else came; -1 when allowed, and
                               when the cost can never fit */
    int64_t wait_ms;        /* allowed: how long to wait before acting (queued, booked), else 0 */
    uint64_t remaining;     /* what could be taken now, after this */
    int64_t reset_after_ms; /* until the state equals never used, after this */
};

/* The name as commands write it ("sliding-log"), and back (-1 for an unknown word). */
const char *limiter_algorithm_name(enum limiter_algorithm algorithm);
int limiter_algorithm_of(struct bytes name);

/* A rule whose fields are in their ranges and agree with each other. */
bool limiter_rule_is_valid(const struct limiter_rule *rule);
/* Whether states of one can be read as states of the other: all but count and capacity equal. */
bool limiter_rules_match(const struct limiter_rule *a, const struct limiter_rule *b);

/* Moves a state from one instant to another; backwards too, see above. Of a log, what has left the
 * window is dropped. O(1); log: O(dropped). */
void limiter_advance(const struct limiter_rule *rule, struct limiter_state *state, int64_t from_ms,
                     int64_t to_ms);

/* Whether `cost` may be taken at `now_ms`, or, with `book_ms` > 0, booked for at most so much
 * later. Changes nothing; fills allowed, retry_after_ms and wait_ms. A cost of 0 asks whether the
 * limit is not exceeded. Log: O(cost). */
struct limiter_verdict limiter_judge(const struct limiter_rule *rule,
                                     const struct limiter_state *state, uint64_t cost,
                                     int64_t book_ms, int64_t now_ms);
/* Fills the other two fields: what is left as things stand. */
void limiter_measure(const struct limiter_rule *rule, const struct limiter_state *state,
                     int64_t now_ms, struct limiter_verdict *verdict);
/* Takes `cost`, allowed or not (a settlement may run into debt); `wait_ms` is the verdict's. */
void limiter_charge(const struct limiter_rule *rule, struct limiter_state *state, uint64_t cost,
                    int64_t wait_ms, int64_t now_ms);
/* Gives back up to `amount`, newest first. Returns how much there was to give back (of a bucket in
 * whole tokens, rounded up). Log: O(entries). */
uint64_t limiter_refund(const struct limiter_rule *rule, struct limiter_state *state,
                        uint64_t amount);

/* All of it at once, for owners of one limit: advances from `at_ms`, judges, charges when allowed
 * and `charge`, measures. The state is as of now then, also when nothing was charged. */
struct limiter_verdict limiter_check(const struct limiter_rule *rule, struct limiter_state *state,
                                     int64_t at_ms, uint64_t cost, int64_t book_ms, bool charge,
                                     int64_t now_ms);
/* The same on a copy: `*at_ms` and the state change only when something was charged. Not for logs,
 * whose bytes want an owner who stores them. */
struct limiter_verdict limiter_take(const struct limiter_rule *rule, struct limiter_state *state,
                                    int64_t *at_ms, uint64_t cost, int64_t now_ms);
struct limiter_verdict limiter_peek(const struct limiter_rule *rule,
                                    const struct limiter_state *state, int64_t at_ms, uint64_t cost,
                                    int64_t now_ms);

/* What counts against the limit now, rounded up. */
uint64_t limiter_used(const struct limiter_rule *rule, const struct limiter_state *state,
                      int64_t now_ms);
bool limiter_is_unused(const struct limiter_state *state);
/* The first instant at which the state, left alone, equals never used; `now_ms` when it does. */
int64_t limiter_idle_at_ms(const struct limiter_rule *rule, const struct limiter_state *state,
                           int64_t now_ms);

/* Carries what is used over to another rule, whole. */
void limiter_convert(const struct limiter_rule *from, const struct limiter_rule *to,
                     struct limiter_state *state, int64_t now_ms);
