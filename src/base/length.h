/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How long something is, in front of it, in memory: one byte up to 253, else 254 and two bytes or
 * 255 and four, in the machine's order. Lengths are below 2^32. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LENGTH_SHORT_MAX 0xfd /* takes one byte */
#define LENGTH_SIZE_MAX 5

static inline size_t length_size(size_t len) {
    return len <= LENGTH_SHORT_MAX ? 1 : len <= 0xffff ? 3 : 5;
}

/* Gives how many bytes the length took. */
static inline size_t length_read(const uint8_t *at, size_t *len) {
    if (__builtin_expect(at[0] <= LENGTH_SHORT_MAX, 1)) {
        *len = at[0];
        return 1;
    }
    if (at[0] == 0xfe) {
        uint16_t wide;
        memcpy(&wide, at + 1, sizeof(wide));
        *len = wide;
        return 3;
    }
    uint32_t wide;
    memcpy(&wide, at + 1, sizeof(wide));
    *len = wide;
    return 5;
}

static inline size_t length_write(uint8_t *at, size_t len) {
    if (len <= LENGTH_SHORT_MAX) {
        at[0] = (uint8_t)len;
        return 1;
    }
    if (len <= 0xffff) {
        uint16_t wide = (uint16_t)len;
        at[0] = 0xfe;
        memcpy(at + 1, &wide, sizeof(wide));
        return 3;
    }
    assert(len <= UINT32_MAX);
    uint32_t wide = (uint32_t)len;
    at[0] = 0xff;
    memcpy(at + 1, &wide, sizeof(wide));
    return 5;
}
