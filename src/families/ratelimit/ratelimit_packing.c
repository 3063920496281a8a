/* SPDX-License-Identifier: BSD-3-Clause */
/* A ratelimit in as few bytes as do. Varints are little-endian, seven bits a byte.
 *
 *   1   limits:5 has_block:1 has_leases:1 0:1
 *   6   at_ms, when there are limits
 *       each limit:
 *       1   algorithm:3 window:2 queued:1 has_ahead:1 has_more:1
 *       1   has_capacity:1 has_tz:1 has_policy:1      when has_more
 *           count, varint
 *           duration, varint: << 2 | unit (ms, s, min, h); not of calendar windows
 *           capacity, varint; tz, zigzag varint; policy, 2 bytes
 *           bucket           level, varint
 *           fixed            used; first hit: since it began
 *           sliding counter  used, before
 *           sliding log      used, newest − at (zigzag), span, length, entries
 *           ahead, varint
 *   block:  6 until, reason length (1), reason
 *   leases: limit, varint; the rest is leases
 *
 * There is one form for each state: what is loaded must pack to the same bytes. */
#include <assert.h>
#include <string.h>

#include "families/ratelimit/ratelimit.h"

#define LIMITS_MASK 0x1f
#define HAS_BLOCK 0x20
#define HAS_LEASES 0x40

#define ALGORITHM_MASK 0x07
#define WINDOW_SHIFT 3
#define WINDOW_MASK 0x03
#define QUEUED 0x20
#define HAS_AHEAD 0x40
#define HAS_MORE 0x80

#define HAS_CAPACITY 0x01
#define HAS_TZ 0x02
#define HAS_POLICY 0x04

static const uint64_t unit_ms[] = {1, 1000, 60000, 3600000};

/* --- writing --- */

static inline uint8_t *put_varint(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *put_level(uint8_t *at, limiter_parts value) {
    while (value >> 63 != 0) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    return put_varint(at, (uint64_t)value);
}

static inline uint64_t zigzag(int64_t value) {
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t unzigzag(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint8_t *put_time(uint8_t *at, int64_t ms) {
    memcpy(at, &ms, 6);
    return at + 6;
}

static bool is_calendar(uint8_t window) {
    return window == LIMITER_WINDOW_DAY || window == LIMITER_WINDOW_MONTH;
}

static uint8_t *put_duration(uint8_t *at, uint64_t duration_ms) {
    uint64_t unit = 0;
    while (unit < 3 && duration_ms % unit_ms[unit + 1] == 0) unit++;
    return put_varint(at, duration_ms / unit_ms[unit] << 2 | unit);
}

static uint8_t *put_log(uint8_t *at, const struct limiter_state *state, int64_t at_ms) {
    const struct limiter_log *log = &state->log;
    at = put_varint(at, state->used);
    at = put_varint(at, zigzag(log->newest_ms - at_ms));
    at = put_varint(at, log->span);
    at = put_varint(at, limiter_log_bytes(log));
    if (log->len > log->skip) memcpy(at, log->entries + log->skip, log->len - log->skip);
    at += log->len - log->skip;
    memcpy(at, log->tail, log->tail_len);
    return at + log->tail_len;
}

static uint8_t *put_state(uint8_t *at, const struct ratelimit_limit *limit, int64_t at_ms) {
    const struct limiter_state *state = &limit->state;
    switch ((enum limiter_algorithm)limit->rule.algorithm) {
    case LIMITER_TOKEN_BUCKET:
    case LIMITER_LEAKY_BUCKET: return put_level(at, state->level);
    case LIMITER_SLIDING_LOG: return put_log(at, state, at_ms);
    case LIMITER_SLIDING_COUNTER:
        at = put_varint(at, state->used);
        at = put_varint(at, state->before);
        break;
    case LIMITER_FIXED:
        at = put_varint(at, state->used);
        if (limit->rule.window == LIMITER_WINDOW_FIRST_HIT) at = put_varint(at, state->before);
        break;
    }
    return state->ahead > 0 ? put_varint(at, state->ahead) : at;
}

static uint8_t *put_limit(uint8_t *at, const struct ratelimit_limit *limit, int64_t at_ms) {
    const struct limiter_rule *rule = &limit->rule;
    unsigned more = (rule->capacity != rule->count ? HAS_CAPACITY : 0) |
                    (rule->tz_minutes != 0 ? HAS_TZ : 0) | (limit->policy != 0 ? HAS_POLICY : 0);
    *at++ = (uint8_t)(rule->algorithm | rule->window << WINDOW_SHIFT | (rule->queued ? QUEUED : 0) |
                      (limit->state.ahead > 0 ? HAS_AHEAD : 0) | (more != 0 ? HAS_MORE : 0));
    if (more != 0) *at++ = (uint8_t)more;
    at = put_varint(at, rule->count);
    if (!is_calendar(rule->window)) at = put_duration(at, rule->duration_ms);
    if (more & HAS_CAPACITY) at = put_varint(at, rule->capacity);
    if (more & HAS_TZ) at = put_varint(at, zigzag(rule->tz_minutes));
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

size_t ratelimit_pack(const struct ratelimit *ratelimit, uint8_t *out) {
    uint8_t *at = out + 1;
    unsigned limits = 0;
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        const struct ratelimit_limit *limit = &ratelimit->limits[i];
        if (limiter_is_unused(&limit->state)) continue;
        if (limits++ == 0) at = put_time(at, ratelimit->at_ms);
        at = put_limit(at, limit, ratelimit->at_ms);
    }
    unsigned head = limits;
    if (UNLIKELY(ratelimit->blocked_until_ms > ratelimit->at_ms)) {
        head |= HAS_BLOCK;
        at = put_time(at, ratelimit->blocked_until_ms);
        *at++ = (uint8_t)ratelimit->reason.len;
        memcpy(at, ratelimit->reason.data, ratelimit->reason.len);
        at += ratelimit->reason.len;
    }
    if (UNLIKELY(ratelimit->leases.len > 0) && live_leases(ratelimit, NULL) > 0) {
        head |= HAS_LEASES;
        at = put_varint(at, ratelimit->lease_limit);
        at += live_leases(ratelimit, at);
    }
    out[0] = (uint8_t)head;
    return (size_t)(at - out);
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
    /* Nearly all are one or two bytes. */
    if (LIKELY(left(reader) > 0 && *reader->at < 0x80)) return *reader->at++;
    return (uint64_t)get_parts(reader, 63);
}

static int64_t get_time(struct reader *reader) {
    struct bytes bytes = get_bytes(reader, 6);
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
    unsigned more = head & HAS_MORE ? get_byte(reader) : 0;
    struct limiter_rule *rule = &limit->rule;
    rule->algorithm = head & ALGORITHM_MASK;
    rule->window = head >> WINDOW_SHIFT & WINDOW_MASK;
    rule->queued = (head & QUEUED) != 0;
    rule->count = get_varint(reader);
    get_duration(reader, rule);
    rule->capacity = more & HAS_CAPACITY ? get_varint(reader) : rule->count;
    int64_t tz_minutes = more & HAS_TZ ? unzigzag(get_varint(reader)) : 0;
    if (tz_minutes != (int16_t)tz_minutes) reader->failed = true;
    rule->tz_minutes = (int16_t)tz_minutes;
    limit->policy = 0;
    if (more & HAS_POLICY) {
        struct bytes policy = get_bytes(reader, sizeof(limit->policy));
        memcpy(&limit->policy, policy.data, policy.len);
    }
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
    case LIMITER_LEAKY_BUCKET: state->level = get_parts(reader, 112); break;
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

static void get_limit(struct reader *reader, struct ratelimit_limit *limit, int64_t at_ms) {
    unsigned head = get_byte(reader);
    get_rule(reader, limit, head);
    get_state(reader, limit, at_ms);
    if (head & HAS_AHEAD) limit->state.ahead = get_varint(reader);
}

bool ratelimit_unpack(struct ratelimit *ratelimit, struct bytes packed) {
    struct reader reader = {(const uint8_t *)packed.data, (const uint8_t *)packed.data + packed.len,
                            false};
    unsigned head = get_byte(&reader);
    ratelimit_init(ratelimit);
    uint32_t count = head & LIMITS_MASK;
    if (count > RATELIMIT_LIMITS_MAX) return false;
    if (count > 0) ratelimit->at_ms = get_time(&reader);
    for (uint32_t i = 0; i < count; i++) {
        get_limit(&reader, &ratelimit->limits[i], ratelimit->at_ms);
    }
    ratelimit->limit_count = count;
    if (UNLIKELY(head & HAS_BLOCK)) {
        ratelimit->blocked_until_ms = get_time(&reader);
        ratelimit->reason = get_bytes(&reader, get_byte(&reader));
    }
    if (UNLIKELY(head & HAS_LEASES)) {
        ratelimit->lease_limit = (uint32_t)get_varint(&reader);
        ratelimit->leases = get_bytes(&reader, left(&reader));
    }
    return !reader.failed && left(&reader) == 0 && (head & 0x80) == 0;
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
