/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/bitmap/bitmap.h"

#include <assert.h>

#include "families/bitmap/bitmap_count.h"

uint64_t bitmap_count_range(struct bytes bytes, uint64_t first, uint64_t end) {
    if (first >= end) return 0;
    assert(end <= (uint64_t)bytes.len * 8);
    size_t from = (size_t)(first >> 3), to = (size_t)((end - 1) >> 3);
    uint64_t count = bitmap_count(bytes_make(bytes.data + from, to - from + 1));
    /* Whole bytes were counted: take away the bits before the range and those behind it. */
    unsigned before = (unsigned char)bytes.data[from] >> (8 - (first & 7));
    unsigned behind = (unsigned char)bytes.data[to] & (0x7fu >> ((end - 1) & 7));
    return count - (uint64_t)(__builtin_popcount(before) + __builtin_popcount(behind));
}

static uint64_t load(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* The first byte of [at, end) with any bit set once flipped; `end` when there is none. */
static size_t find_byte(const char *data, size_t at, size_t end, uint64_t flip) {
    for (; end - at >= 32; at += 32) {
        const char *four = data + at;
        if (((load(four) ^ flip) | (load(four + 8) ^ flip) | (load(four + 16) ^ flip) |
             (load(four + 24) ^ flip)) != 0)
            break;
    }
    while (end - at >= 8 && load(data + at) == flip) at += 8;
    while (at < end && (unsigned char)data[at] == (unsigned char)flip) at++;
    return at;
}

uint64_t bitmap_find(struct bytes bytes, bool bit, uint64_t first, uint64_t end) {
    if (first >= end) return BITMAP_NONE;
    assert(end <= (uint64_t)bytes.len * 8);
    uint64_t flip = bit ? 0 : UINT64_MAX; /* what we look for is then a bit that is set */
    size_t at = (size_t)(first >> 3), to = (size_t)((end - 1) >> 3) + 1;
    unsigned byte = ((unsigned char)bytes.data[at] ^ (flip & 0xff)) & (0xffu >> (first & 7));
    if (byte == 0) {
        at = find_byte(bytes.data, at + 1, to, flip);
        if (at == to) return BITMAP_NONE;
        byte = (unsigned char)bytes.data[at] ^ (flip & 0xff);
    }
    uint64_t found = (uint64_t)at * 8 + (uint64_t)(__builtin_clz(byte) - 24);
    return found < end ? found : BITMAP_NONE;
}
