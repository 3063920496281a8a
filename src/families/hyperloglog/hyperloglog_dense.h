/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Dense registers: six bits each, four in three bytes, the lowest bits first.
 *
 *   byte 0      byte 1      byte 2
 *   11000000    22221111    33333322
 *
 * Single ones are read and written here; loops over all of them are in two makes (see
 * hyperloglog.h). A register's index is never out of range, so neither are its bytes. */
#include <stddef.h>
#include <stdint.h>

#include "families/hyperloglog/hyperloglog.h"

#define HYPERLOGLOG_PACKED_BYTES (HYPERLOGLOG_DENSE_BYTES - HYPERLOGLOG_HEADER_BYTES)

static inline uint32_t hyperloglog_dense_four(const uint8_t *three) {
    return (uint32_t)three[0] | (uint32_t)three[1] << 8 | (uint32_t)three[2] << 16;
}

static inline uint8_t hyperloglog_dense_get(const uint8_t *packed, uint16_t index) {
    uint32_t four = hyperloglog_dense_four(packed + index / 4 * 3);
    return four >> index % 4 * 6 & 63;
}

static inline void hyperloglog_dense_put(uint8_t *packed, uint16_t index, uint8_t rank) {
    uint8_t *three = packed + index / 4 * 3;
    uint32_t shift = index % 4 * 6;
    uint32_t four = hyperloglog_dense_four(three);
    four = (four & ~((uint32_t)63 << shift)) | (uint32_t)rank << shift;
    for (int i = 0; i < 3; i++) three[i] = (uint8_t)(four >> 8 * i);
}

/* Registers are a byte each, below HYPERLOGLOG_RANKS. */
struct hyperloglog_loops {
    void (*unpack)(uint8_t *registers, const uint8_t *packed);
    void (*pack)(uint8_t *packed, const uint8_t *registers);
    /* Raises registers to the packed ones. */
    void (*merge)(uint8_t *registers, const uint8_t *packed);
    /* Adds to each rank's count how many registers have it. */
    void (*tally)(const uint8_t *registers, uint32_t counts[HYPERLOGLOG_RANKS]);
};
