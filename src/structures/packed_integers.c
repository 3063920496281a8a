/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/packed_integers.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "integers are copied as they are");

static inline uint32_t width_of(int64_t value) {
    if (value == (int16_t)value) return sizeof(int16_t);
    return value == (int32_t)value ? sizeof(int32_t) : sizeof(int64_t);
}

static inline int64_t load(const uint8_t *set, uint32_t width, size_t index) {
    const uint8_t *at = set + PACKED_INTEGERS_EMPTY_BYTES + index * width;
    int16_t narrow;
    int32_t middle;
    int64_t wide;
    switch (width) {
    case sizeof(narrow): memcpy(&narrow, at, sizeof(narrow)); return narrow;
    case sizeof(middle): memcpy(&middle, at, sizeof(middle)); return middle;
    default: memcpy(&wide, at, sizeof(wide)); return wide;
    }
}

static inline void store(uint8_t *set, uint32_t width, size_t index, int64_t value) {
    memcpy(set + PACKED_INTEGERS_EMPTY_BYTES + index * width, &value, width);
}

static void set_header(uint8_t *set, uint32_t width, uint32_t count) {
    memcpy(set, &width, sizeof(width));
    memcpy(set + sizeof(width), &count, sizeof(count));
}

void packed_integers_init_empty(uint8_t set[PACKED_INTEGERS_EMPTY_BYTES]) {
    set_header(set, sizeof(int16_t), 0);
}

int64_t packed_integers_get(const uint8_t *set, uint32_t index) {
    assert(index < packed_integers_count(set));
    return load(set, packed_integers_width(set), index);
}

/* How many are less than `value`. The halves are chosen without a branch. */
static inline __attribute__((always_inline)) uint32_t lesser(const uint8_t *set, uint32_t width,
                                                             int64_t value) {
    size_t from = 0;
    size_t left = packed_integers_count(set);
    if (left == 0) return 0;
    while (left > 1) {
        size_t half = left / 2;
        from = load(set, width, from + half - 1) < value ? from + half : from;
        left -= half;
    }
    return (uint32_t)(from + (load(set, width, from) < value));
}

bool packed_integers_find(const uint8_t *set, int64_t value, uint32_t *index) {
    uint32_t width = packed_integers_width(set);
    if (width_of(value) > width) {
        *index = value < 0 ? 0 : packed_integers_count(set);
        return false;
    }
    switch (width) {
    case sizeof(int16_t): *index = lesser(set, sizeof(int16_t), value); break;
    case sizeof(int32_t): *index = lesser(set, sizeof(int32_t), value); break;
    default: *index = lesser(set, sizeof(int64_t), value); break;
    }
    return *index < packed_integers_count(set) && load(set, width, *index) == value;
}

struct packed_integers_change packed_integers_plan_insert(const uint8_t *set, uint32_t index,
                                                          int64_t value) {
    uint32_t width = packed_integers_width(set), count = packed_integers_count(set);
    assert(count < UINT32_MAX - 1 && index <= count);
    assert(index == 0 || load(set, width, index - 1) < value);
    assert(index == count || load(set, width, index) > value);
    if (width < width_of(value)) width = width_of(value);
    return (struct packed_integers_change){.bytes_before = packed_integers_bytes_total(set),
                                           .bytes_after = PACKED_INTEGERS_EMPTY_BYTES +
                                                          (size_t)width * (count + 1),
                                           .index = index,
                                           .width = width,
                                           .value = value};
}

struct packed_integers_change packed_integers_plan_remove(const uint8_t *set, uint32_t index) {
    uint32_t width = packed_integers_width(set);
    assert(index < packed_integers_count(set));
    size_t before = packed_integers_bytes_total(set);
    return (struct packed_integers_change){.bytes_before = before,
                                           .bytes_after = before - width,
                                           .index = index,
                                           .width = width,
                                           .is_removal = true};
}

/* From behind, so that none is overwritten before it has moved. */
static void widen(uint8_t *set, uint32_t width, uint32_t index) {
    uint32_t old_width = packed_integers_width(set);
    for (size_t i = packed_integers_count(set); i-- > 0;)
        store(set, width, i + (i >= index), load(set, old_width, i));
}

void packed_integers_apply(uint8_t *set, const struct packed_integers_change *change) {
    uint32_t width = change->width, count = packed_integers_count(set);
    assert(packed_integers_bytes_total(set) == change->bytes_before);
    uint8_t *hole = set + PACKED_INTEGERS_EMPTY_BYTES + (size_t)change->index * width;
    if (change->is_removal) {
        memmove(hole, hole + width, (size_t)(count - change->index - 1) * width);
        set_header(set, width, count - 1);
        return;
    }
    if (width == packed_integers_width(set)) {
        memmove(hole + width, hole, (size_t)(count - change->index) * width);
    } else {
        widen(set, width, change->index);
    }
    store(set, width, change->index, change->value);
    set_header(set, width, count + 1);
}

bool packed_integers_validate(struct bytes input) {
    const uint8_t *set = (const uint8_t *)input.data;
    if (input.len < PACKED_INTEGERS_EMPTY_BYTES) return false;
    uint32_t width = packed_integers_width(set), count = packed_integers_count(set);
    if (width != sizeof(int16_t) && width != sizeof(int32_t) && width != sizeof(int64_t))
        return false;
    if (packed_integers_bytes_total(set) != input.len) return false;
    for (size_t i = 1; i < count; i++) {
        if (load(set, width, i - 1) >= load(set, width, i)) return false;
    }
    return true;
}
