/* SPDX-License-Identifier: BSD-3-Clause */
/* A ratelimit in as few bytes as do. Varints are little-endian, seven bits a byte.
 *
 *   One limit and nothing else, nearly all keys:
 *       1   1:1 has_more:1 wide_time:1 has_capacity:1 kind:4
 *       5   at_ms since 2020 (until 2054; wide: 6 bytes, since 1970)
 *           the limit's fields
 *   Any other:
 *       1   0:1 has_leases:1 has_block:1 limits:5
 *       6   at_ms, when there are limits
 *           each limit: 1   has_ahead:1 has_more:1 0:1 has_capacity:1 kind:4, then its fields
 *           block:  6 until, reason length (1), reason
 *           leases: limit, varint; the rest is leases
 *   A limit's fields:
 *           more, 1: has_tz:1 has_policy:1; count, varint
 *           duration, varint: << 2 | unit (ms, s, min, h); not of calendar windows
 *           capacity, varint; tz, zigzag varint; policy, 2 bytes
 *           bucket           level, varint: in tokens / count << 1 where that is whole (60 000
 *                            parts of 100/1m are 100 × 600), else << 1 | 1
 *           fixed            used; first hit: since it began
 *           sliding counter  used, before
 *           sliding log      used, newest − at (zigzag), span, length, entries
 *           ahead, varint
 *
 * There is one form for each state: what is loaded must pack to the same bytes. */
#include "families/ratelimit/ratelimit_packing.h"

#include <assert.h>
#include <string.h>

#include "families/ratelimit/ratelimit.h"

#define ALONE 0x80u /* of the first byte */
#define HAS_LEASES 0x40u
#define HAS_BLOCK 0x20u
#define LIMITS_MASK 0x1fu

#define HAS_AHEAD 0x80u /* of a limit's first byte, which ALONE and the time share when alone */
#define HAS_MORE 0x40u
#define WIDE_TIME 0x20u
#define HAS_CAPACITY 0x10u
#define KIND_MASK 0x0fu

#define HAS_TZ 0x01u
#define HAS_POLICY 0x02u
#define MORE_MASK 0x03u

#define WIDE_TIME_BYTES 6

/* What a limit is, apart from numbers. */
static const struct {
    uint8_t algorithm;
    uint8_t window;
    bool queued;
} kinds[] = {
    {LIMITER_FIXED, LIMITER_WINDOW_ALIGNED, false},
    {LIMITER_FIXED, LIMITER_WINDOW_FIRST_HIT, false},
    {LIMITER_FIXED, LIMITER_WINDOW_DAY, false},
    {LIMITER_FIXED, LIMITER_WINDOW_MONTH, false},
    {LIMITER_SLIDING_LOG, LIMITER_WINDOW_ALIGNED, false},
    {LIMITER_SLIDING_COUNTER, LIMITER_WINDOW_ALIGNED, false},
    {LIMITER_TOKEN_BUCKET, LIMITER_WINDOW_ALIGNED, false},
    {LIMITER_LEAKY_BUCKET, LIMITER_WINDOW_ALIGNED, false},
    {LIMITER_LEAKY_BUCKET, LIMITER_WINDOW_ALIGNED, true},
};

static unsigned kind_of(const struct limiter_rule *rule) {
    switch ((enum limiter_algorithm)rule->algorithm) {
    case LIMITER_FIXED: return rule->window;
    case LIMITER_SLIDING_LOG: return 4;
    case LIMITER_SLIDING_COUNTER: return 5;
    case LIMITER_TOKEN_BUCKET: return 6;
    case LIMITER_LEAKY_BUCKET: break;
    }
    return rule->queued ? 8 : 7;
}

static const uint64_t unit_ms[] = {1, 1000, 60000, 3600000};

/* --- writing --- */

static inline uint8_t *put_level(uint8_t *at, limiter_parts value) {
    while (value >> 63 != 0) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    return ratelimit_put_varint(at, (uint64_t)value);
}

static inline uint64_t zigzag(int64_t value) {
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t unzigzag(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint8_t *put_time(uint8_t *at, int64_t ms) {
    memcpy(at, &ms, WIDE_TIME_BYTES);
    return at + WIDE_TIME_BYTES;
}

static bool is_calendar(uint8_t window) {
    return window == LIMITER_WINDOW_DAY || window == LIMITER_WINDOW_MONTH;
}

static uint8_t *put_duration(uint8_t *at, uint64_t duration_ms) {
    uint64_t unit = 0;
    while (unit < 3 && duration_ms % unit_ms[unit + 1] == 0) unit++;
    return ratelimit_put_varint(at, duration_ms / unit_ms[unit] << 2 | unit);
}

static uint8_t *put_log(uint8_t *at, const struct limiter_state *state, int64_t at_ms) {
    const struct limiter_log *log = &state->log;
    at = ratelimit_put_varint(at, state->used);
    at = ratelimit_put_varint(at, zigzag(log->newest_ms - at_ms));
    at = ratelimit_put_varint(at, log->span);
    at = ratelimit_put_varint(at, limiter_log_bytes(log));
    if (log->len > log->skip) memcpy(at, log->entries + log->skip, log->len - log->skip);
    at += log->len - log->skip;
    memcpy(at, log->tail, log->tail_len);
    return at + log->tail_len;
}

/* How many parts the level of a bucket is a multiple of, unless its count was changed. */
static uint64_t level_unit(const struct limiter_rule *rule) {
    if (UNLIKELY(rule->count == 0)) return 1; /* a stranger's, and about to be refused */
    if (LIKELY((rule->duration_ms | rule->count) >> 32 == 0)) {
        return (uint32_t)rule->duration_ms % (uint32_t)rule->count == 0 ? rule->count : 1;
    }
    return rule->duration_ms % rule->count == 0 ? rule->count : 1;
}

static uint8_t *put_bucket(uint8_t *at, const struct limiter_rule *rule, limiter_parts level) {
    uint64_t unit = level_unit(rule);
    if (LIKELY(level >> 62 == 0)) {
        uint64_t units = (uint64_t)level / unit;
        bool whole = units * unit == (uint64_t)level;
        return ratelimit_put_varint(at, whole ? units << 1 : (uint64_t)level << 1 | 1);
    }
    return put_level(at, level % unit == 0 ? level / unit << 1 : level << 1 | 1);
}

static uint8_t *put_state(uint8_t *at, const struct ratelimit_limit *limit, int64_t at_ms) {
    const struct limiter_state *state = &limit->state;
    switch ((enum limiter_algorithm)limit->rule.algorithm) {
    case LIMITER_TOKEN_BUCKET:
    case LIMITER_LEAKY_BUCKET: return put_bucket(at, &limit->rule, state->level);
    case LIMITER_SLIDING_LOG: return put_log(at, state, at_ms);
    case LIMITER_SLIDING_COUNTER:
        at = ratelimit_put_varint(at, state->used);
        at = ratelimit_put_varint(at, state->before);
        break;
    case LIMITER_FIXED:
        at = ratelimit_put_varint(at, state->used);
        if (limit->rule.window == LIMITER_WINDOW_FIRST_HIT)
            at = ratelimit_put_varint(at, state->before);
        break;
    }
    return state->ahead > 0 ? ratelimit_put_varint(at, state->ahead) : at;
}

/* The first byte but for what alone and other limits use differently. */
static unsigned limit_head(const struct ratelimit_limit *limit) {
    const struct limiter_rule *rule = &limit->rule;
    bool more = rule->tz_minutes != 0 || limit->policy != 0;
    return kind_of(rule) | (rule->capacity != rule->count ? HAS_CAPACITY : 0) |
           (more ? HAS_MORE : 0);
}

static uint8_t *put_fields(uint8_t *at, const struct ratelimit_limit *limit, unsigned head,
                           int64_t at_ms) {
    const struct limiter_rule *rule = &limit->rule;
    unsigned more = (rule->tz_minutes != 0 ? HAS_TZ : 0) | (limit->policy != 0 ? HAS_POLICY : 0);
    if (head & HAS_MORE) *at++ = (uint8_t)more;
    at = ratelimit_put_varint(at, rule->count);
    if (!is_calendar(rule->window)) at = put_duration(at, rule->duration_ms);
    if (head & HAS_CAPACITY) at = ratelimit_put_varint(at, rule->capacity);
    if (more & HAS_TZ) at = ratelimit_put_varint(at, zigzag(rule->tz_minutes));
    if (more & HAS_POLICY) {
        memcpy(at, &limit->policy, sizeof(limit->policy));
        at += sizeof(limit->policy);
    }
    return put_state(at, limit, at_ms);
}

size_t ratelimit_packed_bytes_max(const struct ratelimit *ratelimit) {
    size_t bytes = RATELIMIT_PACKED_BYTES_SMALL + ratelimit->reason.len + ratelimit->leases.len;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if (ratelimit->limits[i].rule.algorithm != LIMITER_SLIDING_LOG) continue;
        bytes += limiter_log_bytes(&ratelimit->limits[i].state.log);
    }
    return bytes;
}

static size_t live_leases(const struct ratelimit *ratelimit, uint8_t *out) {
    struct ratelimit_lease lease;
    size_t len = 0, from = 0;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease); from = at) {
        if (lease.until_ms <= ratelimit->at_ms) continue;
        if (out != NULL) memcpy(out + len, ratelimit->leases.data + from, at - from);
        len += at - from;
    }
    return len;
}

static size_t pack_alone(const struct ratelimit_limit *limit, int64_t at_ms, uint8_t *out) {
    unsigned head = limit_head(limit) | ALONE;
    uint8_t *at = out + 1;
    if (UNLIKELY(ratelimit_time_is_wide(at_ms))) {
        head |= WIDE_TIME;
        at = put_time(at, at_ms);
    } else {
        int64_t since_ms = at_ms - RATELIMIT_TIME_BASE_MS;
        memcpy(at, &since_ms, RATELIMIT_TIME_BYTES);
        at += RATELIMIT_TIME_BYTES;
    }
    out[0] = (uint8_t)head;
    return (size_t)(put_fields(at, limit, head, at_ms) - out);
}

static size_t pack_any(const struct ratelimit *ratelimit, uint8_t *out) {
    uint8_t *at = out + 1;
    unsigned limits = 0;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        const struct ratelimit_limit *limit = &ratelimit->limits[i];
        if (limiter_is_unused(&limit->state)) continue;
        if (limits++ == 0) at = put_time(at, ratelimit->at_ms);
        unsigned head = limit_head(limit) | (limit->state.ahead > 0 ? HAS_AHEAD : 0);
        *at++ = (uint8_t)head;
        at = put_fields(at, limit, head, ratelimit->at_ms);
    }
    unsigned head = limits;
    if (ratelimit->blocked_until_ms > ratelimit->at_ms) {
        head |= HAS_BLOCK;
        at = put_time(at, ratelimit->blocked_until_ms);
        *at++ = (uint8_t)ratelimit->reason.len;
        memcpy(at, ratelimit->reason.data, ratelimit->reason.len);
        at += ratelimit->reason.len;
    }
    if (ratelimit->leases.len > 0 && live_leases(ratelimit, NULL) > 0) {
        head |= HAS_LEASES;
        at = ratelimit_put_varint(at, ratelimit->lease_limit);
        at += live_leases(ratelimit, at);
    }
    out[0] = (uint8_t)head;
    return (size_t)(at - out);
}

/* The only limit that is in use, when nothing else is there; NULL: it is not so simple. */
static const struct ratelimit_limit *alone(const struct ratelimit *ratelimit) {
    if (ratelimit->blocked_until_ms > ratelimit->at_ms) return NULL;
    if (ratelimit->leases.len > 0 && live_leases(ratelimit, NULL) > 0) return NULL;
    const struct ratelimit_limit *only = NULL;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if (limiter_is_unused(&ratelimit->limits[i].state)) continue;
        if (only != NULL) return NULL;
        only = &ratelimit->limits[i];
    }
    return only == NULL || only->state.ahead > 0 ? NULL : only;
}

size_t ratelimit_pack(const struct ratelimit *ratelimit, uint8_t *out) {
    const struct ratelimit_limit *only = alone(ratelimit);
    if (LIKELY(only != NULL)) return pack_alone(only, ratelimit->at_ms, out);
    return pack_any(ratelimit, out);
}

/* --- reading --- */

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline size_t left(const struct reader *reader) {
    return (size_t)(reader->end - reader->at);
}

static uint8_t get_byte(struct reader *reader) {
    if (left(reader) == 0) {
        reader->failed = true;
        return 0;
    }
    return *reader->at++;
}

static struct bytes get_bytes(struct reader *reader, uint64_t len) {
    if (left(reader) < len) {
        reader->failed = true;
        return BYTES("");
    }
    reader->at += len;
    return bytes_make(reader->at - len, len);
}

static limiter_parts get_parts(struct reader *reader, unsigned bits_max) {
    limiter_parts value = 0;
    for (unsigned bits = 0; bits < bits_max; bits += 7) {
        uint8_t byte = get_byte(reader);
        value |= (limiter_parts)(byte & 0x7f) << bits;
        if (byte < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

static uint64_t get_varint(struct reader *reader) {
    uint64_t value = 0;
    for (unsigned bits = 0; reader->at < reader->end && bits < 63; bits += 7) {
        uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7f) << bits;
        if (LIKELY(byte < 0x80)) return value;
    }
    reader->failed = true;
    return 0;
}

static int64_t get_time(struct reader *reader) {
    struct bytes bytes = get_bytes(reader, WIDE_TIME_BYTES);
    int64_t ms = 0;
    memcpy(&ms, bytes.data, bytes.len);
    return ms;
}

static void get_duration(struct reader *reader, struct limiter_rule *rule) {
    if (rule->window == LIMITER_WINDOW_DAY) {
        rule->duration_ms = LIMITER_DAY_MS;
    } else if (rule->window == LIMITER_WINDOW_MONTH) {
        rule->duration_ms = LIMITER_MONTH_MS;
    } else {
        uint64_t scaled = get_varint(reader);
        /* Too long is kept recognisably too long, so that the product can't wrap into range. */
        uint64_t units = scaled >> 2 > LIMITER_DURATION_MS_MAX ? LIMITER_DURATION_MS_MAX + 1ULL
                                                               : scaled >> 2;
        rule->duration_ms = units * unit_ms[scaled & 3];
    }
}

static void get_rule(struct reader *reader, struct ratelimit_limit *limit, unsigned head) {
    struct limiter_rule *rule = &limit->rule;
    unsigned more = head & HAS_MORE ? get_byte(reader) : 0;
    unsigned kind = head & KIND_MASK;
    if (kind >= sizeof(kinds) / sizeof(kinds[0]) || more > MORE_MASK) {
        reader->failed = true;
        kind = 0;
    }
    rule->algorithm = kinds[kind].algorithm;
    rule->window = kinds[kind].window;
    rule->queued = kinds[kind].queued;
    rule->count = get_varint(reader);
    get_duration(reader, rule);
    rule->capacity = head & HAS_CAPACITY ? get_varint(reader) : rule->count;
    rule->tz_minutes = 0;
    limit->policy = 0;
    if (LIKELY(more == 0)) return;
    int64_t tz_minutes = more & HAS_TZ ? unzigzag(get_varint(reader)) : 0;
    if (tz_minutes != (int16_t)tz_minutes) reader->failed = true;
    rule->tz_minutes = (int16_t)tz_minutes;
    if (more & HAS_POLICY) {
        struct bytes policy = get_bytes(reader, sizeof(limit->policy));
        memcpy(&limit->policy, policy.data, policy.len);
    }
}

static limiter_parts get_bucket(struct reader *reader, const struct limiter_rule *rule) {
    limiter_parts coded = left(reader) > 0 && reader->end[-1] < 0x80 && left(reader) <= 9
                              ? get_varint(reader) /* the last field, and short */
                              : get_parts(reader, 119);
    if (coded & 1) return coded >> 1;
    /* Beyond what any state reaches, so that the product can't wrap back into range. */
    if (UNLIKELY(coded >> 87 != 0)) {
        reader->failed = true;
        return 0;
    }
    return (coded >> 1) * level_unit(rule);
}

static void get_log(struct reader *reader, struct limiter_state *state, int64_t at_ms) {
    state->used = get_varint(reader);
    state->log.newest_ms = at_ms + unzigzag(get_varint(reader));
    state->log.span = get_varint(reader);
    struct bytes entries = get_bytes(reader, get_varint(reader));
    if (entries.len > UINT32_MAX) reader->failed = true;
    state->log.entries = (const uint8_t *)entries.data;
    state->log.len = (uint32_t)entries.len;
}

static void get_state(struct reader *reader, struct ratelimit_limit *limit, int64_t at_ms) {
    struct limiter_state *state = &limit->state;
    memset(state, 0, sizeof(*state));
    switch (limit->rule.algorithm) {
    case LIMITER_TOKEN_BUCKET:
    case LIMITER_LEAKY_BUCKET: state->level = get_bucket(reader, &limit->rule); break;
    case LIMITER_SLIDING_LOG: get_log(reader, state, at_ms); break;
    case LIMITER_SLIDING_COUNTER:
        state->used = get_varint(reader);
        state->before = get_varint(reader);
        break;
    case LIMITER_FIXED:
        state->used = get_varint(reader);
        if (limit->rule.window == LIMITER_WINDOW_FIRST_HIT) state->before = get_varint(reader);
        break;
    default: reader->failed = true;
    }
}

static bool unpack_alone(struct ratelimit *ratelimit, struct reader *reader, unsigned head) {
    struct ratelimit_limit *limit = &ratelimit->limits[0];
    if (head & WIDE_TIME) {
        ratelimit->at_ms = get_time(reader);
    } else {
        struct bytes bytes = get_bytes(reader, RATELIMIT_TIME_BYTES);
        memcpy(&ratelimit->at_ms, bytes.data, bytes.len); /* it was zero */
        ratelimit->at_ms += RATELIMIT_TIME_BASE_MS;
    }
    get_rule(reader, limit, head);
    if (reader->failed) return false;
    get_state(reader, limit, ratelimit->at_ms);
    ratelimit->limit_count = 1;
    return !reader->failed && left(reader) == 0;
}

static bool get_limit(struct reader *reader, struct ratelimit_limit *limit, int64_t at_ms) {
    unsigned head = get_byte(reader);
    get_rule(reader, limit, head);
    if (reader->failed || (head & WIDE_TIME) != 0) return false;
    get_state(reader, limit, at_ms);
    if (head & HAS_AHEAD) limit->state.ahead = get_varint(reader);
    return true;
}

bool ratelimit_unpack(struct ratelimit *ratelimit, struct bytes packed) {
    struct reader reader = {(const uint8_t *)packed.data, (const uint8_t *)packed.data + packed.len,
                            false};
    unsigned head = get_byte(&reader);
    ratelimit_init(ratelimit);
    if (LIKELY(head & ALONE)) return unpack_alone(ratelimit, &reader, head);
    uint32_t count = head & LIMITS_MASK;
    if (count > RATELIMIT_LIMITS_MAX) return false;
    if (count > 0) ratelimit->at_ms = get_time(&reader);
    for (uint32_t i = 0; i < count; i++) {
        if (!get_limit(&reader, &ratelimit->limits[i], ratelimit->at_ms)) return false;
    }
    ratelimit->limit_count = count;
    if (head & HAS_BLOCK) {
        ratelimit->blocked_until_ms = get_time(&reader);
        ratelimit->reason = get_bytes(&reader, get_byte(&reader));
    }
    if (head & HAS_LEASES) {
        ratelimit->lease_limit = (uint32_t)get_varint(&reader);
        ratelimit->leases = get_bytes(&reader, left(&reader));
    }
    return !reader.failed && left(&reader) == 0;
}

/* --- bytes of strangers --- */

static bool log_is_valid(const struct limiter_rule *rule, const struct limiter_state *state) {
    const struct limiter_log *log = &state->log;
    unsigned shift = limiter_log_shift(rule->duration_ms);
    if (log->newest_ms < 0 || log->newest_ms > LIMITER_TIME_MS_MAX) return false;
    if (log->span > (uint64_t)log->newest_ms >> shift) return false;
    return limiter_log_is_valid(log, state->used);
}

static bool limit_is_valid(const struct ratelimit_limit *limit) {
    const struct limiter_state *state = &limit->state;
    if (!limiter_rule_is_valid(&limit->rule) || limiter_is_unused(state)) return false;
    uint64_t most = 1ULL << 62;
    if (state->used > most || state->before > most || state->ahead > most) return false;
    if (state->level >> 100 > 0) return false;
    if (limit->rule.window == LIMITER_WINDOW_FIRST_HIT) {
        if (state->before >= limit->rule.duration_ms) return false;
        if (state->used == 0 && state->ahead == 0) return false;
    }
    if (limit->rule.algorithm != LIMITER_SLIDING_LOG) return true;
    return log_is_valid(&limit->rule, state);
}

static bool leases_are_valid(const struct ratelimit *ratelimit) {
    struct ratelimit_lease lease;
    size_t at = 0;
    uint64_t slots = 0;
    while (ratelimit_lease_next(ratelimit->leases, &at, &lease)) {
        slots += lease.slots;
        if (lease.slots == 0 || slots > RATELIMIT_LEASES_MAX) return false;
        if (lease.holder.len > RATELIMIT_HOLDER_BYTES_MAX) return false;
        if (lease.until_ms > LIMITER_TIME_MS_MAX) return false;
    }
    return at == ratelimit->leases.len && ratelimit->lease_limit <= RATELIMIT_LEASES_MAX;
}

bool ratelimit_is_valid(const struct ratelimit *ratelimit) {
    if (ratelimit->at_ms > LIMITER_TIME_MS_MAX) return false;
    if (ratelimit->blocked_until_ms > LIMITER_TIME_MS_MAX) return false;
    if (ratelimit->reason.len > RATELIMIT_REASON_BYTES_MAX) return false;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        if (!limit_is_valid(&ratelimit->limits[i])) return false;
    }
    return leases_are_valid(ratelimit);
}
