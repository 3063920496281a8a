/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking for an element. Lists are canonical, so an equal element is an equal run of bytes.
 *
 * Walking costs two dependent loads an entry, whatever is compared. In a list of some length the
 * needle is therefore looked for as bytes first, 64 places a step; only what looks like it is
 * walked to, from the nearer end, to learn whether an entry that counts begins there. The walk goes
 * on from where it last was, so that bytes which look like it time and again cost no more than a
 * walk. */
#include "structures/packed_list.h"
#include "structures/packed_list_internal.h"

#define SCAN_BYTES_MIN 256 /* below, walking is as fast where the needle is there */
#define WORD_BYTES sizeof(uint64_t)

/* The needle as the entry that it would be. */
struct pattern {
    uint8_t head[PACKED_HEAD_MAX];
    uint32_t head_bytes;
    struct bytes text; /* empty for an integer */
    size_t encoded_bytes;
    size_t entry_bytes;
    uint64_t last_word; /* its last eight bytes, or all: the last byte is the highest */
    uint64_t last_mask;
};

/* The last eight bytes, or all, behind zeros. */
static uint64_t last_word(const void *data, size_t len) {
    const uint8_t *from = data;
    unsigned empty_bits = 8 * (unsigned)(len < WORD_BYTES ? WORD_BYTES - len : 0);
    uint64_t word;
    uint32_t first, last;
    if (len >= WORD_BYTES) {
        memcpy(&word, from + len - WORD_BYTES, sizeof(word));
        return word;
    }
    if (len >= sizeof(first)) {
        memcpy(&first, from, sizeof(first));
        memcpy(&last, from + len - sizeof(last), sizeof(last));
        return (uint64_t)first << empty_bits | (uint64_t)last << 32;
    }
    if (len == 0) return 0;
    unsigned middle_bits = empty_bits + 8 * (unsigned)(len / 2);
    return (uint64_t)from[0] << empty_bits | (uint64_t)from[len / 2] << middle_bits |
           (uint64_t)from[len - 1] << 56;
}

static void pattern_set(struct pattern *pattern, const struct packed_item *needle) {
    pattern->head_bytes = packed_head_write(pattern->head, needle);
    pattern->text = needle->is_integer ? bytes_make(NULL, 0) : needle->text;
    size_t encoded = pattern->head_bytes + pattern->text.len;
    uint32_t back_bytes = packed_back_bytes(encoded);
    pattern->encoded_bytes = encoded;
    pattern->entry_bytes = encoded + back_bytes;

    uint64_t word;
    if (needle->is_integer) {
        word = last_word(pattern->head, pattern->head_bytes);
    } else {
        word = last_word(pattern->text.data, pattern->text.len);
        if (encoded < WORD_BYTES) word |= (uint64_t)pattern->head[0] << 8 * (WORD_BYTES - encoded);
    }
    uint8_t back[PACKED_BACK_MAX];
    packed_back_write(back, back_bytes, encoded);
    for (uint32_t i = 0; i < back_bytes; i++) word = word >> 8 | (uint64_t)back[i] << 56;
    pattern->last_word = word;
    pattern->last_mask = ~(uint64_t)0;
    if (pattern->entry_bytes < WORD_BYTES)
        pattern->last_mask <<= 8 * (WORD_BYTES - pattern->entry_bytes);
}

/* Whether what ends like the pattern lies at `at`; for a short one that is all there is to compare.
 * The entry would end before the list does, and the word may begin before it: the list's header is
 * there at least. */
static inline bool ends_alike(const uint8_t *list, size_t at, const struct pattern *pattern) {
    uint64_t word;
    memcpy(&word, list + at + pattern->entry_bytes - WORD_BYTES, sizeof(word));
    return (word & pattern->last_mask) == pattern->last_word;
}

/* Whether it begins alike, too, when it has the pattern's tag. */
static inline bool begins_alike(const uint8_t *entry, const struct pattern *pattern) {
    if (pattern->entry_bytes <= WORD_BYTES) return true;
    size_t head = pattern->head_bytes, len = pattern->text.len;
    if (head > 1 && memcmp(entry + 1, pattern->head + 1, head - 1) != 0) return false;
    return len == 0 || memcmp(entry + head, pattern->text.data, len) == 0;
}

static inline uint32_t next_or_end(const uint8_t *list, uint32_t at) {
    return UNLIKELY(packed_list_is_end(list, at)) ? at : packed_list_next(list, at);
}

/* --- walking --- */

static inline __attribute__((always_inline)) uint32_t walk_by(const uint8_t *list, uint32_t at,
                                                              const struct pattern *pattern,
                                                              uint32_t stride) {
    uint32_t end = packed_list_end(list);
    while (at != end) {
        if (list[at] == pattern->head[0] && pattern->entry_bytes <= end - at &&
            ends_alike(list, at, pattern) && begins_alike(list + at, pattern))
            return at;
        at = packed_list_next(list, at);
        for (uint32_t i = 1; i < stride; i++) at = next_or_end(list, at);
    }
    return PACKED_LIST_NONE;
}

static uint32_t walk(const uint8_t *list, uint32_t at, const struct pattern *pattern,
                     uint32_t stride) {
    if (stride == 1) return walk_by(list, at, pattern, 1);
    if (stride == 2) return walk_by(list, at, pattern, 2);
    return walk_by(list, at, pattern, stride);
}

/* --- scanning --- */

/* A place that is known to begin an entry, and how many entries it is past one that counts. */
struct footing {
    uint32_t at;
    uint32_t phase;
};

/* From the end, where the count says which entries count. Stops at or before `target`. */
static struct footing step_back(const uint8_t *list, uint32_t target, uint32_t stride) {
    uint32_t at = packed_list_end(list);
    uint32_t index = packed_list_count_known(list);
    while (at > target) {
        at = packed_list_previous(list, at);
        index--;
    }
    return (struct footing){at, index % stride};
}

/* Goes on to `target` or just beyond. True when an entry that counts begins there. */
static bool step_to(const uint8_t *list, struct footing *footing, uint32_t target,
                    uint32_t stride) {
    uint32_t at = footing->at, phase = footing->phase;
    while (at < target) {
        at = packed_list_next(list, at);
        phase = phase + 1 == stride ? 0 : phase + 1;
    }
    *footing = (struct footing){at, phase};
    return at == target && phase == 0;
}

#if defined(__SSE2__)
typedef char vector16 __attribute__((vector_size(16), aligned(1)));
#define LANES 16
#define PLACES 64u /* looked at in one step */

/* Two neighbouring bytes of the pattern: the last of the payload, where elements of a kind differ
 * most, as far as there are two. */
struct probe {
    size_t offset;
    vector16 tag;
    vector16 former;
    vector16 latter;
};

static struct probe probe_of(const struct pattern *pattern) {
    size_t offset = pattern->encoded_bytes >= 2 ? pattern->encoded_bytes - 2 : 0;
    size_t from_end = pattern->entry_bytes - offset;
    uint64_t from_there = pattern->last_word >> (8 * (WORD_BYTES - from_end));
    return (struct probe){.offset = offset,
                          .tag = (vector16){0} + (char)pattern->head[0],
                          .former = (vector16){0} + (char)from_there,
                          .latter = (vector16){0} + (char)(from_there >> 8)};
}

static inline vector16 probe_look(const struct probe *probe, const uint8_t *places) {
    const uint8_t *at = places + probe->offset;
    return (*(const vector16 *)(const void *)places == probe->tag) &
           (*(const vector16 *)(const void *)at == probe->former) &
           (*(const vector16 *)(const void *)(at + 1) == probe->latter);
}

/* One bit for each of so many places that may begin the pattern. */
static inline uint64_t candidates(const struct probe *probe, const uint8_t *places) {
    vector16 some[PLACES / LANES];
    for (size_t i = 0; i < COUNT_OF(some); i++) some[i] = probe_look(probe, places + i * LANES);
    if (LIKELY(__builtin_ia32_pmovmskb128(some[0] | some[1] | some[2] | some[3]) == 0)) return 0;
    uint64_t bits = 0;
    for (size_t i = 0; i < COUNT_OF(some); i++)
        bits |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb128(some[i]) << (i * LANES);
    return bits;
}

/* Of the candidates from `at` on, the first that is an entry that counts, and equal. */
static uint32_t judge(const uint8_t *list, uint32_t at, uint64_t bits,
                      const struct pattern *pattern, struct footing *footing, uint32_t stride) {
    for (; bits != 0; bits &= bits - 1) {
        uint32_t place = at + (uint32_t)__builtin_ctzll(bits);
        if (!ends_alike(list, place, pattern)) continue;
        bool is_far = footing->at == PACKED_LIST_FIRST && place > packed_list_end(list) / 2;
        if (is_far && packed_list_count_known(list) != PACKED_LIST_COUNT_UNKNOWN)
            *footing = step_back(list, place, stride);
        if (step_to(list, footing, place, stride) && begins_alike(list + place, pattern))
            return place;
    }
    return PACKED_LIST_NONE;
}

/* The pattern has more than PLACES places to be at. */
static uint32_t scan(const uint8_t *list, uint32_t at, const struct pattern *pattern,
                     uint32_t stride) {
    uint32_t last = packed_list_end(list) - (uint32_t)pattern->entry_bytes;
    struct footing footing = {at, 0};
    struct probe probe = probe_of(pattern);
    for (; at + PLACES - 1 <= last; at += PLACES) {
        uint64_t bits = candidates(&probe, list + at);
        if (LIKELY(bits == 0)) continue;
        uint32_t found = judge(list, at, bits, pattern, &footing, stride);
        if (found != PACKED_LIST_NONE) return found;
    }
    if (at > last) return PACKED_LIST_NONE;
    /* The last places, together with some that have been seen. */
    uint32_t final = last - (PLACES - 1), seen = at - final;
    uint64_t bits = candidates(&probe, list + final) >> seen << seen;
    return judge(list, final, bits, pattern, &footing, stride);
}
#endif

uint32_t packed_list_find(const uint8_t *list, uint32_t at, const struct packed_item *needle,
                          uint32_t stride) {
    assert(stride > 0 && at >= PACKED_LIST_FIRST && at <= packed_list_end(list));
    if (!needle->is_integer && needle->text.len >= packed_list_bytes_total(list))
        return PACKED_LIST_NONE;
    struct pattern pattern;
    pattern_set(&pattern, needle);
#if defined(__SSE2__)
    if (packed_list_end(list) - at >= SCAN_BYTES_MIN + pattern.entry_bytes)
        return scan(list, at, &pattern, stride);
#endif
    return walk(list, at, &pattern, stride);
}

bool packed_list_is_distinct(const uint8_t *list, uint32_t stride) {
    uint32_t at = PACKED_LIST_FIRST;
    while (!packed_list_is_end(list, at)) {
        struct packed_item item = packed_list_get(list, at);
        for (uint32_t i = 0; i < stride; i++) at = next_or_end(list, at);
        if (packed_list_find(list, at, &item, stride) != PACKED_LIST_NONE) return false;
    }
    return true;
}
