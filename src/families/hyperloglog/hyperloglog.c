/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/hyperloglog/hyperloglog.h"

#include <assert.h>
#include <math.h>

#include "families/hyperloglog/hyperloglog_dense.h"
#include "families/hyperloglog/hyperloglog_estimate.h"
#include "families/hyperloglog/hyperloglog_sparse.h"

#define CACHE_AT 8
#define CACHE_BYTES 8
#define STALE 0x80 /* of the last of them */

/* --- the value --- */

bool hyperloglog_is_valid(struct bytes value) {
    if (value.len < HYPERLOGLOG_HEADER_BYTES || memcmp(value.data, "HYLL", 4) != 0) return false;
    if (hyperloglog_is_dense(value)) return value.len == HYPERLOGLOG_DENSE_BYTES;
    return value.data[4] == HYPERLOGLOG_SPARSE;
}

struct bytes hyperloglog_empty(void) {
    /* One run of zeros that is as long as a run can be. */
    static const char empty[] = "HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f\xff";
    static_assert(sizeof(empty) - 1 == HYPERLOGLOG_EMPTY_BYTES, "a header and two bytes");
    return bytes_make(empty, HYPERLOGLOG_EMPTY_BYTES);
}

bool hyperloglog_cached(struct bytes value, int64_t *count) {
    const uint8_t *at = (const uint8_t *)value.data + CACHE_AT;
    if ((at[CACHE_BYTES - 1] & STALE) != 0) return false;
    *count = 0;
    for (int i = CACHE_BYTES - 1; i >= 0; i--) *count = *count << 8 | at[i];
    return true;
}

void hyperloglog_cache(uint8_t *value, int64_t count) {
    for (int i = 0; i < CACHE_BYTES; i++)
        value[CACHE_AT + i] = (uint8_t)((uint64_t)count >> (8 * i));
}

void hyperloglog_make_stale(uint8_t *value) { value[CACHE_AT + CACHE_BYTES - 1] |= STALE; }

/* --- elements --- */

#define HASH_SEED 0xadc83b19
#define HASH_FACTOR 0xc6a4a7935bd1e995

/* Up to eight bytes, little-endian. */
static inline uint64_t load(const char *from, size_t len) {
    uint64_t word = 0;
    memcpy(&word, from, len);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* MurmurHash64A: part of the format, for all who share values must hash alike. */
static uint64_t hash(struct bytes bytes) {
    uint64_t sum = HASH_SEED ^ bytes.len * HASH_FACTOR;
    const char *at = bytes.data;
    size_t left = bytes.len;
    for (; left >= 8; at += 8, left -= 8) {
        uint64_t word = load(at, 8) * HASH_FACTOR;
        word = (word ^ word >> 47) * HASH_FACTOR;
        sum = (sum ^ word) * HASH_FACTOR;
    }
    if (left > 0) sum = (sum ^ load(at, left)) * HASH_FACTOR;
    sum = (sum ^ sum >> 47) * HASH_FACTOR;
    return sum ^ sum >> 47;
}

struct hyperloglog_mark hyperloglog_mark(struct bytes element) {
    uint64_t sum = hash(element);
    /* The bit above all those of the rank ends the count of zeros. */
    uint64_t rest = sum >> HYPERLOGLOG_INDEX_BITS | (uint64_t)1 << HYPERLOGLOG_RANK_BITS;
    return (struct hyperloglog_mark){
        .index = (uint16_t)(sum & (HYPERLOGLOG_REGISTERS - 1)),
        .rank = (uint8_t)(__builtin_ctzll(rest) + 1),
    };
}

/* --- registers --- */

bool hyperloglog_merge(const struct hyperloglog_loops *loops,
                       uint8_t registers[HYPERLOGLOG_REGISTERS], struct bytes value) {
    struct bytes body = hyperloglog_body(value);
    if (!hyperloglog_is_dense(value)) return hyperloglog_sparse_merge(registers, body);
    loops->merge(registers, (const uint8_t *)body.data);
    return true;
}

int64_t hyperloglog_count_registers(const struct hyperloglog_loops *loops,
                                    const uint8_t registers[HYPERLOGLOG_REGISTERS]) {
    uint32_t counts[HYPERLOGLOG_RANKS] = {0};
    loops->tally(registers, counts);
    return hyperloglog_estimate(counts);
}

bool hyperloglog_count(const struct hyperloglog_loops *loops, struct bytes value, int64_t *count) {
    struct bytes body = hyperloglog_body(value);
    if (hyperloglog_is_dense(value)) {
        uint8_t registers[HYPERLOGLOG_REGISTERS];
        loops->unpack(registers, (const uint8_t *)body.data);
        *count = hyperloglog_count_registers(loops, registers);
        return true;
    }
    uint32_t counts[HYPERLOGLOG_RANKS] = {0};
    if (!hyperloglog_sparse_tally(body, counts)) return false;
    *count = hyperloglog_estimate(counts);
    return true;
}

/* --- the self test --- */

static const char *test_packing(const struct hyperloglog_loops *loops, uint64_t *seed) {
    uint8_t plain[HYPERLOGLOG_REGISTERS], unpacked[HYPERLOGLOG_REGISTERS];
    uint8_t dense[HYPERLOGLOG_DENSE_BYTES - HYPERLOGLOG_HEADER_BYTES] = {0};
    for (int i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
        *seed = *seed * 6364136223846793005 + 1442695040888963407;
        plain[i] = (uint8_t)(*seed >> 58);
        hyperloglog_dense_put(dense, (uint16_t)i, plain[i]);
    }
    loops->unpack(unpacked, dense);
    if (memcmp(plain, unpacked, sizeof(plain)) != 0) return "registers are not what was put there";
    uint8_t packed[sizeof(dense)];
    loops->pack(packed, plain);
    if (memcmp(packed, dense, sizeof(dense)) != 0) return "packing all differs from packing each";
    uint32_t counts[HYPERLOGLOG_RANKS] = {0}, expected[HYPERLOGLOG_RANKS] = {0};
    for (int i = 0; i < HYPERLOGLOG_REGISTERS; i++) expected[plain[i]]++;
    loops->tally(plain, counts);
    if (memcmp(counts, expected, sizeof(counts)) != 0) return "ranks are counted wrong";
    for (int i = 0; i < HYPERLOGLOG_REGISTERS; i++) plain[i] ^= plain[(i * 7) & 0x3fff] & 1;
    loops->merge(plain, dense);
    for (int i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
        if (plain[i] < unpacked[i]) return "merging lowers a register";
    }
    return NULL;
}

/* The relative error has a standard deviation of 1.04 / sqrt(registers). Six never happen. */
static const char *test_error(const struct hyperloglog_loops *loops) {
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    for (int64_t added = 1; added <= 300000; added++) {
        struct hyperloglog_mark mark = hyperloglog_mark(bytes_make(&added, sizeof(added)));
        if (registers[mark.index] < mark.rank) registers[mark.index] = mark.rank;
        if ((added & (added - 1)) != 0 && added != 300000) continue;
        double error = (double)(hyperloglog_count_registers(loops, registers) - added);
        double allowed = 6 * 1.04 / sqrt(HYPERLOGLOG_REGISTERS) * (double)added;
        if (fabs(error) > allowed + (added < 16 ? 0 : 1)) return "the estimate is too far off";
    }
    return NULL;
}

const char *hyperloglog_self_test(const struct hyperloglog_loops *loops) {
    uint64_t seed = 1;
    for (int round = 0; round < 8; round++) {
        const char *wrong = test_packing(loops, &seed);
        if (wrong != NULL) return wrong;
    }
    return test_error(loops);
}
