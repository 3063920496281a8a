/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the words of this family share: reading limits and options, keeping a changed key, replying
 * with verdicts, statistics. The handlers are named here for the table of ratelimit_commands.c. */
#include <stdbool.h>
#include <stdint.h>

#include "commands/family.h"
#include "engines/sketch.h"
#include "families/ratelimit/ratelimit.h"
#include "families/ratelimit/ratelimit_policies.h"
#include "families/ratelimit/ratelimit_types.h"
#include "families/ratelimit/ratelimit_usual.h"

/* Policies are one value under this key, in every database its own: an ordinary key, so they are
 * saved, journaled, dumped and flushed as keys are. */
#define RATELIMIT_POLICIES_KEY "ratelimit:policies"
#define RATELIMIT_BATCH_MAX 128 /* keys of one RL.MCHECK */
/* Most buckets are full again before their next check: for so long an entry that has ended waits to
 * be used again. */
#define RATELIMIT_LINGER_MS 2000
#define RATELIMIT_WORDS_MAX 64 /* of a command about one key: all options twice */

/* Options that a command lets its caller say. */
enum ratelimit_option {
    SAID_ALGO = 1 << 0,
    SAID_COST = 1 << 1,
    SAID_BURST = 1 << 2,
    SAID_QUEUE = 1 << 3,
    SAID_TZ = 1 << 4,
    SAID_FIRSTHIT = 1 << 5,
    SAID_PEEK = 1 << 6,
    SAID_SHADOW = 1 << 7,
    SAID_WITHALL = 1 << 8,
    SAID_BOOK = 1 << 9,
    SAID_POLICY = 1 << 10,
    SAID_AT = 1 << 11,
    SAID_TTL = 1 << 12,
};
#define SAID_OF_LIMITS (SAID_ALGO | SAID_BURST | SAID_QUEUE | SAID_TZ | SAID_FIRSTHIT)

/* What was said: limits as a request, and the options. */
struct ratelimit_words {
    struct ratelimit_request request;
    uint32_t given; /* enum ratelimit_option */
    int algorithm;
    uint64_t burst;
    uint64_t queue;
    int tz_minutes;
    int64_t ttl_ms;
    struct ratelimit_policy *policy; /* NULL: none; lives as long as nothing is changed */
};

/* Reads limits and options, in any order, to the end; `options` are those allowed. At least one
 * limit or a policy must be there. */
void ratelimit_words_read(struct call *call, struct ratelimit_words *words, uint32_t options);
/* Reads one limit; latches an error. */
void ratelimit_words_read_limit(struct call *call, struct ratelimit_words *words);
/* Starts with everything at its default. */
void ratelimit_words_init(struct call *call, struct ratelimit_words *words);
/* The instant at which a command happens: the call's own, or said, as journaled commands do. */
struct ratelimit_instant {
    int64_t ms;
    bool said;
};
/* Takes an AT ms that comes next. */
bool ratelimit_words_instant(struct call *call, struct ratelimit_instant *instant);
/* [AT ms] and nothing else. */
struct ratelimit_instant ratelimit_words_end(struct call *call);

/* Opens a key and unpacks it as of `now_ms`. False: an error was replied, nothing is open. */
bool ratelimit_open(struct edit *edit, struct ratelimit *ratelimit, struct call *call,
                    struct bytes key, int64_t now_ms);
/* The same, as of when it was stored. */
bool ratelimit_open_still(struct edit *edit, struct ratelimit *ratelimit, struct call *call,
                          struct bytes key);
/* Stores what is left of it, until it is idle, and commits. False: out of memory was replied. */
bool ratelimit_keep(struct edit *edit, const struct ratelimit *ratelimit, const char *event);
/* The same for several keys or none: first the entry for each (NULL: nothing is left of it), with
 * all the memory it takes; false: out of memory was replied, the edit is cancelled. Then each is
 * put, which cannot fail, and committed. */
bool ratelimit_make(struct edit *edit, const struct ratelimit *ratelimit,
                    struct entry **made) MUST_CHECK;
void ratelimit_put(struct edit *edit, struct entry *made, const char *event);
/* The same for who knows when it will be idle. */
bool ratelimit_keep_until(struct edit *edit, const struct ratelimit *ratelimit, int64_t idle_ms,
                          const char *event);
/* The command as given with its instant spelled out: what is journaled. */
void ratelimit_effect(struct call *call, struct ratelimit_instant instant);

/* [allowed, limit, remaining, retry_after_ms, reset_after_ms], and wait_ms when `waits`. With
 * `shadow` a refusal says allowed, and wait_ms tells how long it would have been. */
struct ratelimit_reply {
    bool waits;
    bool shadow;
};
void ratelimit_reply_verdict(struct call *call, const struct limiter_rule *rule,
                             const struct limiter_verdict *verdict, struct ratelimit_reply form);
/* The same of the key's own limits, or null when it has none. */
void ratelimit_reply_survey(struct call *call, const struct ratelimit *ratelimit);
/* "100/1m", in the call's arena. */
struct bytes ratelimit_limit_text(struct call *call, const struct limiter_rule *rule);

/* --- statistics: volatile, one of each executor; and what checks usually say --- */

struct ratelimit_statistics {
    uint64_t checks, allowed, refused, shadow_refused;
    size_t sketch_capacity; /* 0: off */
    struct sketch_recent minute;
    struct sketch_recent hour;
    struct ratelimit_usuals usuals;
};
struct ratelimit_statistics *ratelimit_statistics_of(struct call *call);
void *ratelimit_statistics_create(void);
void ratelimit_statistics_destroy(void *state);
/* ratelimit-top-keys: watches so many keys from now on, forgetting what was seen; 0: none. */
void ratelimit_statistics_watch(struct ratelimit_statistics *statistics, size_t keys);
void ratelimit_statistics_info(void *state, struct executor *executor, struct output *output);
/* Counts one check. `key` was refused when not allowed. */
void ratelimit_count_check(struct call *call, const struct ratelimit_words *words, struct bytes key,
                           bool allowed);

/* The same of a check without policy or SHADOW. */
void ratelimit_count_plain(struct call *call, struct ratelimit_statistics *statistics,
                           struct bytes key, bool allowed);
/* Stores packed bytes, until it is idle, and commits. False: out of memory was replied. */
bool ratelimit_keep_packed(struct edit *edit, struct bytes packed, int64_t idle_ms,
                           const char *event);

void ratelimit_word_check(struct call *call);
void ratelimit_word_mcheck(struct call *call);
void ratelimit_word_reserve(struct call *call);
void ratelimit_word_status(struct call *call);
void ratelimit_word_reset(struct call *call);
void ratelimit_word_refund(struct call *call);
void ratelimit_word_settle(struct call *call);
void ratelimit_word_block(struct call *call);
void ratelimit_word_unblock(struct call *call);
void ratelimit_word_acquire(struct call *call);
void ratelimit_word_release(struct call *call);
void ratelimit_word_policy_set(struct call *call);
void ratelimit_word_policy_get(struct call *call);
void ratelimit_word_policy_del(struct call *call);
void ratelimit_word_policy_list(struct call *call);
void ratelimit_word_stats(struct call *call);
void ratelimit_word_top(struct call *call);
void ratelimit_word_throttle(struct call *call);
