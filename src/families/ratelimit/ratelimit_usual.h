/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The usual check: one limit, worded as some check before it, on a key with that limit and nothing
 * else.
 *
 * Nearly all checks of a server say one of a few limits, byte for byte. What their words mean is
 * kept here: the rule, how it lies packed under a key, the beginning of the reply; so such a check
 * reads no word, unpacks no rule and packs none. It decides as every other check does
 * (limiter_check) and writes the bytes that ratelimit_pack would.
 *
 * Budget: 4 KB an executor; of a check a comparison of its words and of some ten packed bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "families/ratelimit/ratelimit.h"

#define RATELIMIT_USUAL_WORDS_MAX 5 /* 100/1m ALGO token-bucket BURST 200 */
#define RATELIMIT_USUAL_WORD_BYTES 16
#define RATELIMIT_USUAL_COUNT 16 /* a power of two */

struct ratelimit_usual {
    struct limiter_rule rule;
    uint64_t cost;      /* 1 or more */
    uint64_t unit;      /* of a bucket's level, as it is packed */
    bool is_direct;     /* ratelimit_usual_check may be asked */
    uint8_t word_count; /* 0: nothing is kept here */
    uint8_t word_bytes[RATELIMIT_USUAL_WORDS_MAX];
    uint8_t head; /* how a key with this limit begins */
    uint8_t rule_len;
    uint8_t reply_len;
    uint8_t rule_bytes[24];
    char reply[40]; /* "*5", allowed, the limit */
    char words[RATELIMIT_USUAL_WORDS_MAX][RATELIMIT_USUAL_WORD_BYTES];
};

/* Zeroed: nothing is kept. */
struct ratelimit_usuals {
    struct ratelimit_usual usuals[RATELIMIT_USUAL_COUNT];
};

/* What these words meant before; NULL: they are not kept. */
const struct ratelimit_usual *ratelimit_usual_find(const struct ratelimit_usuals *usuals,
                                                   const struct bytes *words, int count);
/* Keeps that the words mean a check of this one rule, no policy's, whose reply has five elements,
 * unless they are long or many. They take the place of others. */
void ratelimit_usual_keep(struct ratelimit_usuals *usuals, const struct bytes *words, int count,
                          const struct limiter_rule *rule, uint64_t cost);

/* The key as it is then, packed; to be stored when the verdict allows. */
struct ratelimit_usual_answer {
    struct limiter_verdict verdict;
    uint8_t len;
    uint8_t packed[64];
};
/* Checks and charges. `packed`: what lies under the key, or nothing. False: it is not the usual
 * thing, nothing was decided. */
bool ratelimit_usual_check(const struct ratelimit_usual *usual, struct bytes packed, int64_t now_ms,
                           struct ratelimit_usual_answer *answer);

#define RATELIMIT_USUAL_REPLY_BYTES 128
/* The reply, in RESP; returns how long it is. */
size_t ratelimit_usual_reply(const struct ratelimit_usual *usual,
                             const struct limiter_verdict *verdict,
                             char out[RATELIMIT_USUAL_REPLY_BYTES]);
