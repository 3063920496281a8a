/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A HyperLogLog: how many different elements were seen, to within 0.81 %, in at most 12304 bytes.
 *
 * 2^14 registers; an element's hash chooses one of them and gives a rank, and a register keeps the
 * highest rank that it was given. The value is a plain string in the format that Redis has
 * published, little-endian, so that it can be copied between servers with GET and SET:
 *
 *   "HYLL" | encoding: 1 | unused: 3 | cached count: 8, its highest bit: stale | registers
 *
 *   dense    6 bits a register, the lowest bits of a byte first: hyperloglog_dense.h
 *   sparse   runs of equal registers, for sets of few elements: hyperloglog_sparse.h
 *
 * Values come from strangers, who may SET any bytes: whoever reads one asks hyperloglog_is_valid
 * first, and the registers of a sparse one are never believed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define HYPERLOGLOG_INDEX_BITS 14
#define HYPERLOGLOG_REGISTERS (1 << HYPERLOGLOG_INDEX_BITS)
#define HYPERLOGLOG_RANK_BITS (64 - HYPERLOGLOG_INDEX_BITS)
#define HYPERLOGLOG_RANK_MAX (HYPERLOGLOG_RANK_BITS + 1) /* what an element can have */
#define HYPERLOGLOG_RANKS 64                             /* what six bits can hold, 0: none yet */

#define HYPERLOGLOG_HEADER_BYTES 16
#define HYPERLOGLOG_DENSE_BYTES (HYPERLOGLOG_HEADER_BYTES + HYPERLOGLOG_REGISTERS / 4 * 3)
#define HYPERLOGLOG_EMPTY_BYTES (HYPERLOGLOG_HEADER_BYTES + 2)

enum hyperloglog_encoding { HYPERLOGLOG_DENSE = 0, HYPERLOGLOG_SPARSE = 1 };

/* --- the value --- */

/* Whether its header says that it is one, and a dense one has its length. */
bool hyperloglog_is_valid(struct bytes value);
/* These ask for a valid one. */
static inline bool hyperloglog_is_dense(struct bytes value) {
    return value.data[4] == HYPERLOGLOG_DENSE;
}
static inline struct bytes hyperloglog_body(struct bytes value) {
    return bytes_make(value.data + HYPERLOGLOG_HEADER_BYTES, value.len - HYPERLOGLOG_HEADER_BYTES);
}
/* No element yet, sparse, its count known: HYPERLOGLOG_EMPTY_BYTES. */
struct bytes hyperloglog_empty(void);

/* False when the count in the header is stale. */
bool hyperloglog_cached(struct bytes value, int64_t *count);
void hyperloglog_cache(uint8_t *value, int64_t count);
void hyperloglog_make_stale(uint8_t *value);

/* --- elements and registers --- */

struct hyperloglog_mark {
    uint16_t index; /* below HYPERLOGLOG_REGISTERS */
    uint8_t rank;   /* 1 to HYPERLOGLOG_RANK_MAX */
};
struct hyperloglog_mark hyperloglog_mark(struct bytes element);

/* The loops over all registers, in two makes of equal results: AVX2 where the processor has it,
 * and plain C. */
struct hyperloglog_loops;
const struct hyperloglog_loops *hyperloglog_loops_best(void);
const struct hyperloglog_loops *hyperloglog_loops_plain(void);

/* Raises registers, a byte each, to those of a valid value. False: that is corrupt, and some may
 * have been raised. */
bool hyperloglog_merge(const struct hyperloglog_loops *loops,
                       uint8_t registers[HYPERLOGLOG_REGISTERS], struct bytes value);
/* How many elements: of registers, or of a valid value (false: it is corrupt). INT64_MIN when
 * registers say what no set can, as Redis has it. */
int64_t hyperloglog_count_registers(const struct hyperloglog_loops *loops,
                                    const uint8_t registers[HYPERLOGLOG_REGISTERS]);
bool hyperloglog_count(const struct hyperloglog_loops *loops, struct bytes value, int64_t *count);

/* Whether packing, merging and counting agree with themselves and with the theory: NULL, or what
 * does not. Some milliseconds. */
const char *hyperloglog_self_test(const struct hyperloglog_loops *loops);
