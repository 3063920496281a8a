/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the files that write packed ratelimits share; the layout is told in ratelimit_packing.c. */
#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

#define RATELIMIT_TIME_BASE_MS 1577836800000LL /* 2020-01-01 UTC */
#define RATELIMIT_TIME_BYTES 5

static inline bool ratelimit_time_is_wide(int64_t ms) {
    return (uint64_t)(ms - RATELIMIT_TIME_BASE_MS) >> 40 != 0;
}

static inline uint8_t *ratelimit_put_varint(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}
