/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One element of a big collection: a field with its value, a member of a set, a member with its
 * score; each with a deadline of its own where it has one. One small allocation:
 *
 *   flags:8 | [deadline_ms: 48 bits] | [score: 32 or 64 bits] | length | name | [length | value]
 *
 * A score that is a small whole number takes four bytes. Budget: a set's member of sixteen bytes
 * takes 24, with a score of either width 24 or 32; a deadline adds six.
 *
 * Whoever holds the pointer owns the member. Changes that do not fit where it lies make a new one:
 * tables and trees that point at it are told (member_table.h). Memory for names and values is asked
 * for with memory_small_try_allocate: NULL when refused. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/length.h"
#include "base/outcome.h"
#include "structures/ordered_tree.h"

#define MEMBER_HAS_DEADLINE 0x01
#define MEMBER_HAS_SCORE 0x02
#define MEMBER_SCORE_SHORT 0x04 /* an int32; set by whoever makes the member, never asked for */
#define MEMBER_HAS_VALUE 0x08
#define MEMBER_DEADLINE_MAX (((int64_t)1 << 48) - 1) /* the year 10889 */

struct member {
    uint8_t flags;
    uint8_t rest[];
};

/* All of a member, laid open. `flags` says what there is. Names and values are borrowed. */
struct member_parts {
    struct bytes name;
    struct bytes value;
    double score;        /* no NaN */
    int64_t deadline_ms; /* 0 to MEMBER_DEADLINE_MAX, Unix time */
    uint8_t flags;
};

/* Returned owned; NULL when memory was refused. */
struct member *member_try_create(const struct member_parts *parts) MUST_CHECK;
void member_destroy(struct member *member);
/* Valid until the member changes. */
struct member_parts member_parts(const struct member *member);
/* Bytes that it really takes. */
size_t member_bytes(const struct member *member);

static inline size_t member_deadline_size(const struct member *member) {
    return (member->flags & MEMBER_HAS_DEADLINE) != 0 ? 6 : 0;
}

static inline size_t member_score_size(const struct member *member) {
    if ((member->flags & MEMBER_HAS_SCORE) == 0) return 0;
    return (member->flags & MEMBER_SCORE_SHORT) != 0 ? 4 : 8;
}

static inline struct bytes member_name(const struct member *member) {
    const uint8_t *at = member->rest + member_deadline_size(member) + member_score_size(member);
    size_t len;
    at += length_read(at, &len);
    return bytes_make(at, len);
}

static inline bool member_has_deadline(const struct member *member) {
    return (member->flags & MEMBER_HAS_DEADLINE) != 0;
}

/* INT64_MAX without one. */
static inline int64_t member_deadline_ms(const struct member *member) {
    if (!member_has_deadline(member)) return INT64_MAX;
    int64_t deadline_ms = 0;
    memcpy(&deadline_ms, member->rest, 6);
    return deadline_ms;
}

static inline bool member_is_due(const struct member *member, int64_t now_ms) {
    return member_has_deadline(member) && member_deadline_ms(member) <= now_ms;
}

/* Only where there is one. */
static inline double member_score(const struct member *member) {
    const uint8_t *at = member->rest + member_deadline_size(member);
    if ((member->flags & MEMBER_SCORE_SHORT) != 0) {
        int32_t whole;
        memcpy(&whole, at, sizeof(whole));
        return whole;
    }
    double score;
    memcpy(&score, at, sizeof(score));
    return score;
}

/* Empty where there is none. */
static inline struct bytes member_value(const struct member *member) {
    if ((member->flags & MEMBER_HAS_VALUE) == 0) return BYTES("");
    struct bytes name = member_name(member);
    const uint8_t *at = (const uint8_t *)name.data + name.len;
    size_t len;
    at += length_read(at, &len);
    return bytes_make(at, len);
}

/* Whether member_set_score would do. */
bool member_score_fits(const struct member *member, double score);
/* In place when the new one takes as many bytes as the old; false otherwise, and nothing changes.
 * A member that lies in a tree must be taken out before its score or deadline changes. */
bool member_set_score(struct member *member, double score) MUST_CHECK;
bool member_set_value(struct member *member, struct bytes value) MUST_CHECK;
bool member_set_deadline(struct member *member, int64_t deadline_ms) MUST_CHECK;

/* For hash tables. */
struct bytes member_key_of(const void *member);
/* For ordered trees: by score and name, by deadline and name. */
extern const struct ordered_rules member_score_rules;
extern const struct ordered_rules member_deadline_rules;
