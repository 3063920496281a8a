/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Bits in a run of bytes. Bit 0 is the highest of the first byte, as Redis counts; a range of bits
 * is [first, end). Nothing here owns or allocates anything. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define BITMAP_NONE UINT64_MAX

/* Bits beyond the end are zero. */
static inline bool bitmap_get(struct bytes bytes, uint64_t offset) {
    size_t at = (size_t)(offset >> 3);
    if (at >= bytes.len) return false;
    return ((unsigned char)bytes.data[at] >> (7 - (offset & 7)) & 1) != 0;
}

/* The byte must be there. Gives the bit as it was. */
static inline bool bitmap_set(char *data, uint64_t offset, bool bit) {
    unsigned char *byte = (unsigned char *)data + (offset >> 3);
    unsigned mask = 0x80u >> (offset & 7);
    bool was = (*byte & mask) != 0;
    *byte = (unsigned char)(bit ? *byte | mask : *byte & ~mask);
    return was;
}

/* How many bits of the range are set; the range lies within the bytes. O(bytes of the range). */
uint64_t bitmap_count_range(struct bytes bytes, uint64_t first, uint64_t end);

/* The first bit of the range that is `bit`, or BITMAP_NONE; the range lies within the bytes.
 * O(bytes up to it), 32 at a time. */
uint64_t bitmap_find(struct bytes bytes, bool bit, uint64_t first, uint64_t end);
