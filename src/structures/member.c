/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/member.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

/* Whether a score may be kept as an int32; -0 may not: it prints otherwise. */
static bool is_short(double score) {
    if (!(score >= INT32_MIN && score <= INT32_MAX)) return false;
    int32_t whole = (int32_t)score;
    double back = whole;
    return memcmp(&back, &score, sizeof(score)) == 0;
}

static size_t parts_size(const struct member_parts *parts) {
    size_t size = sizeof(struct member) + length_size(parts->name.len) + parts->name.len;
    if ((parts->flags & MEMBER_HAS_DEADLINE) != 0) size += 6;
    if ((parts->flags & MEMBER_HAS_SCORE) != 0) size += is_short(parts->score) ? 4 : 8;
    if ((parts->flags & MEMBER_HAS_VALUE) != 0)
        size += length_size(parts->value.len) + parts->value.len;
    return size;
}

static uint8_t *write_score(uint8_t *at, double score, bool as_short) {
    if (as_short) {
        int32_t whole = (int32_t)score;
        memcpy(at, &whole, sizeof(whole));
        return at + sizeof(whole);
    }
    memcpy(at, &score, sizeof(score));
    return at + sizeof(score);
}

static uint8_t *write_bytes(uint8_t *at, struct bytes bytes) {
    at += length_write(at, bytes.len);
    if (bytes.len > 0) memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

struct member *member_try_create(const struct member_parts *parts) {
    assert(parts->name.len <= UINT32_MAX && parts->value.len <= UINT32_MAX);
    struct member *member = memory_small_try_allocate(parts_size(parts));
    if (member == NULL) return NULL;
    uint8_t *at = member->rest;
    member->flags = parts->flags & (uint8_t)~MEMBER_SCORE_SHORT;
    if ((parts->flags & MEMBER_HAS_DEADLINE) != 0) {
        assert(parts->deadline_ms >= 0 && parts->deadline_ms <= MEMBER_DEADLINE_MAX);
        memcpy(at, &parts->deadline_ms, 6);
        at += 6;
    }
    if ((parts->flags & MEMBER_HAS_SCORE) != 0) {
        bool as_short = is_short(parts->score);
        if (as_short) member->flags |= MEMBER_SCORE_SHORT;
        at = write_score(at, parts->score, as_short);
    }
    at = write_bytes(at, parts->name);
    if ((parts->flags & MEMBER_HAS_VALUE) != 0) write_bytes(at, parts->value);
    return member;
}

struct member_parts member_parts(const struct member *member) {
    return (struct member_parts){
        .name = member_name(member),
        .value = member_value(member),
        .score = (member->flags & MEMBER_HAS_SCORE) != 0 ? member_score(member) : 0,
        .deadline_ms = member_has_deadline(member) ? member_deadline_ms(member) : 0,
        .flags = member->flags,
    };
}

static size_t member_size(const struct member *member) {
    struct bytes last = (member->flags & MEMBER_HAS_VALUE) != 0 ? member_value(member)
                                                                : member_name(member);
    return (size_t)((const uint8_t *)last.data + last.len - (const uint8_t *)member);
}

void member_destroy(struct member *member) { memory_small_free(member, member_size(member)); }

size_t member_bytes(const struct member *member) { return memory_small_class(member_size(member)); }

bool member_score_fits(const struct member *member, double score) {
    return ((member->flags & MEMBER_SCORE_SHORT) != 0) == is_short(score);
}

bool member_set_score(struct member *member, double score) {
    if (!member_score_fits(member, score)) return false;
    write_score(member->rest + member_deadline_size(member), score, is_short(score));
    return true;
}

bool member_set_value(struct member *member, struct bytes value) {
    struct bytes old = member_value(member);
    if ((member->flags & MEMBER_HAS_VALUE) == 0 || old.len != value.len) return false;
    if (value.len > 0) memmove((char *)(uintptr_t)old.data, value.data, value.len);
    return true;
}

bool member_set_deadline(struct member *member, int64_t deadline_ms) {
    assert(deadline_ms >= 0 && deadline_ms <= MEMBER_DEADLINE_MAX);
    if (!member_has_deadline(member)) return false;
    memcpy(member->rest, &deadline_ms, 6);
    return true;
}

/* --- orders --- */

struct bytes member_key_of(const void *member) {
    return member_name(member);
}

static uint64_t score_key(const void *member) {
    return ordered_key_of_double(member_score(member));
}

static uint64_t deadline_key(const void *member) { return (uint64_t)member_deadline_ms(member); }

static int compare_names(const void *a, const void *b) {
    return bytes_compare(member_name(a), member_name(b));
}

const struct ordered_rules member_score_rules = {score_key, compare_names};
const struct ordered_rules member_deadline_rules = {deadline_key, compare_names};
