/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/ratelimit/ratelimit_usual.h"

#include <assert.h>
#include <string.h>

#include "base/outcome.h"
#include "base/text.h"
#include "families/ratelimit/ratelimit_packing.h"

#define HEADER_BYTES (1 + RATELIMIT_TIME_BYTES)

/* --- words --- */

/* Equal bytes, at most sixteen; both may be read to their end and no further. */
static inline bool same(const char *a, const char *b, size_t len) {
    uint64_t first[2], last[2];
    if (len >= 8) {
        memcpy(&first[0], a, 8);
        memcpy(&first[1], b, 8);
        memcpy(&last[0], a + len - 8, 8);
        memcpy(&last[1], b + len - 8, 8);
        return first[0] == first[1] && last[0] == last[1];
    }
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i]) return false;
    return true;
}

/* Words of which all are there and of a size to be kept. */
static inline bool may_be_kept(const struct bytes *words, int count) {
    if (count < 1 || count > RATELIMIT_USUAL_WORDS_MAX) return false;
    for (int i = 0; i < count; i++)
        if (words[i].len - 1 >= RATELIMIT_USUAL_WORD_BYTES) return false;
    return true;
}

static inline size_t place_of(const struct bytes *words, int count) {
    const struct bytes *first = &words[0], *last = &words[count - 1];
    size_t mixed = first->len * 5 + (unsigned char)first->data[0] + last->len * 3 +
                   (unsigned char)last->data[0];
    return mixed & (RATELIMIT_USUAL_COUNT - 1);
}

const struct ratelimit_usual *ratelimit_usual_find(const struct ratelimit_usuals *usuals,
                                                   const struct bytes *words, int count) {
    if (UNLIKELY(!may_be_kept(words, count))) return NULL;
    const struct ratelimit_usual *usual = &usuals->usuals[place_of(words, count)];
    if (usual->word_count != count) return NULL;
    for (int i = 0; i < count; i++) {
        if (words[i].len != usual->word_bytes[i]) return NULL;
        if (!same(words[i].data, usual->words[i], words[i].len)) return NULL;
    }
    return usual;
}

static size_t put_number(char *out, int64_t number) {
    size_t len = 0;
    out[len++] = ':';
    if (number >= 0 && number <= 9) out[len++] = (char)('0' + number);
    else len += text_from_integer(out + len, number);
    out[len++] = '\r';
    out[len++] = '\n';
    return len;
}

static bool is_bucket(const struct limiter_rule *rule) {
    return rule->algorithm == LIMITER_TOKEN_BUCKET || rule->algorithm == LIMITER_LEAKY_BUCKET;
}

/* Whether all that the rule can count stays small, and lies in the state's first one or two
 * varints. */
static bool is_direct(const struct limiter_rule *rule) {
    limiter_parts most = (limiter_parts)rule->capacity * rule->duration_ms;
    return rule->algorithm != LIMITER_SLIDING_LOG && rule->window == LIMITER_WINDOW_ALIGNED &&
           rule->tz_minutes == 0 && most >> 60 == 0;
}

/* How the rule is packed is learnt from a key that has used one of its units. */
static void keep_packed(struct ratelimit_usual *usual) {
    struct ratelimit ratelimit;
    uint8_t packed[RATELIMIT_PACKED_BYTES_SMALL];
    ratelimit_init(&ratelimit);
    ratelimit.at_ms = RATELIMIT_TIME_BASE_MS;
    ratelimit.limit_count = 1;
    ratelimit.limits[0] = (struct ratelimit_limit){.rule = usual->rule};
    if (is_bucket(&usual->rule)) ratelimit.limits[0].state.level = usual->unit;
    else ratelimit.limits[0].state.used = 1;
    size_t len = ratelimit_pack(&ratelimit, packed);
    size_t state_len = usual->rule.algorithm == LIMITER_SLIDING_COUNTER ? 2 : 1;
    assert(packed[len - state_len] == (is_bucket(&usual->rule) ? 2 : 1));
    usual->head = packed[0];
    usual->rule_len = (uint8_t)(len - state_len - HEADER_BYTES);
    assert(usual->rule_len <= sizeof(usual->rule_bytes));
    memcpy(usual->rule_bytes, packed + HEADER_BYTES, usual->rule_len);
}

void ratelimit_usual_keep(struct ratelimit_usuals *usuals, const struct bytes *words, int count,
                          const struct limiter_rule *rule, uint64_t cost) {
    if (!may_be_kept(words, count) || cost == 0 || rule->queued) return;
    struct ratelimit_usual *usual = &usuals->usuals[place_of(words, count)];
    *usual = (struct ratelimit_usual){.rule = *rule, .cost = cost, .unit = 1};
    if (rule->duration_ms % rule->count == 0) usual->unit = rule->count;
    usual->is_direct = is_direct(rule);
    if (usual->is_direct) keep_packed(usual);
    size_t len = sizeof("*5\r\n:1\r\n") - 1;
    memcpy(usual->reply, "*5\r\n:1\r\n", len);
    len += put_number(usual->reply + len, (int64_t)rule->capacity);
    assert(len <= sizeof(usual->reply));
    usual->reply_len = (uint8_t)len;
    for (int i = 0; i < count; i++) {
        usual->word_bytes[i] = (uint8_t)words[i].len;
        memcpy(usual->words[i], words[i].data, words[i].len);
    }
    usual->word_count = (uint8_t)count;
}

/* --- checking --- */

/* A varint of at most eight bytes; NULL: it is longer, or cut. */
static inline const uint8_t *get_small(const uint8_t *at, const uint8_t *end, uint64_t *value) {
    *value = 0;
    for (unsigned bits = 0; at < end && bits < 56; bits += 7) {
        uint8_t byte = *at++;
        *value |= (uint64_t)(byte & 0x7f) << bits;
        if (LIKELY(byte < 0x80)) return at;
    }
    return NULL;
}

/* Reads the state behind the rule. False: it is not there, or great. */
static inline bool get_state(const struct ratelimit_usual *usual, const uint8_t *at,
                             const uint8_t *end, struct limiter_state *state) {
    uint64_t value;
    at = get_small(at, end, &value);
    if (at == NULL) return false;
    if (is_bucket(&usual->rule)) {
        if (value & 1) state->level = value >> 1;
        else state->level = (limiter_parts)(value >> 1) * usual->unit;
        return at == end && state->level >> 60 == 0;
    }
    state->used = value;
    if (usual->rule.algorithm == LIMITER_SLIDING_COUNTER) at = get_small(at, end, &state->before);
    return at == end;
}

static inline uint8_t *put_state(const struct ratelimit_usual *usual, uint8_t *at,
                                 const struct limiter_state *state) {
    if (is_bucket(&usual->rule)) {
        uint64_t level = (uint64_t)state->level, units = level / usual->unit;
        bool whole = units * usual->unit == level;
        return ratelimit_put_varint(at, whole ? units << 1 : level << 1 | 1);
    }
    at = ratelimit_put_varint(at, state->used);
    if (usual->rule.algorithm != LIMITER_SLIDING_COUNTER) return at;
    return ratelimit_put_varint(at, state->before);
}

static inline void pack(const struct ratelimit_usual *usual, const struct limiter_state *state,
                        int64_t now_ms, struct ratelimit_usual_answer *answer) {
    int64_t since_ms = now_ms - RATELIMIT_TIME_BASE_MS;
    uint8_t *at = answer->packed;
    *at++ = usual->head;
    memcpy(at, &since_ms, RATELIMIT_TIME_BYTES);
    at += RATELIMIT_TIME_BYTES;
    memcpy(at, usual->rule_bytes, sizeof(usual->rule_bytes)); /* what is too much is written over */
    at = put_state(usual, at + usual->rule_len, state);
    answer->len = (uint8_t)(at - answer->packed);
}

bool ratelimit_usual_check(const struct ratelimit_usual *usual, struct bytes packed, int64_t now_ms,
                           struct ratelimit_usual_answer *answer) {
    struct limiter_state state;
    const uint8_t *at = (const uint8_t *)packed.data, *end = at + packed.len;
    int64_t at_ms = now_ms;
    if (UNLIKELY(!usual->is_direct || ratelimit_time_is_wide(now_ms))) return false;
    memset(&state, 0, sizeof(state));
    if (packed.len > 0) {
        if (packed.len <= HEADER_BYTES + (size_t)usual->rule_len || at[0] != usual->head)
            return false;
        at_ms = 0;
        memcpy(&at_ms, at + 1, RATELIMIT_TIME_BYTES);
        at_ms += RATELIMIT_TIME_BASE_MS;
        at += HEADER_BYTES;
        if (memcmp(at, usual->rule_bytes, usual->rule_len) != 0) return false;
        if (!get_state(usual, at + usual->rule_len, end, &state)) return false;
    }
    answer->verdict = limiter_check(&usual->rule, &state, at_ms, usual->cost, 0, true, now_ms);
    if (answer->verdict.allowed) pack(usual, &state, now_ms, answer);
    return true;
}

/* --- replying --- */

size_t ratelimit_usual_reply(const struct ratelimit_usual *usual,
                             const struct limiter_verdict *verdict,
                             char out[RATELIMIT_USUAL_REPLY_BYTES]) {
    size_t len = usual->reply_len;
    memcpy(out, usual->reply, sizeof(usual->reply));
    if (!verdict->allowed) out[sizeof("*5\r\n:") - 1] = '0';
    len += put_number(out + len, (int64_t)verdict->remaining);
    if (verdict->allowed) {
        memcpy(out + len, ":-1\r\n", 5);
        len += 5;
    } else {
        len += put_number(out + len, verdict->retry_after_ms);
    }
    return len + put_number(out + len, verdict->reset_after_ms);
}
