/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/hyperloglog/hyperloglog_dense.h"

#include <stdbool.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* --- in plain C --- */

/* Four registers of six bits become four bytes. */
ALWAYS_INLINE uint32_t spread(uint32_t four) {
    return (four & 0x3f) | (four << 2 & 0x3f00) | (four << 4 & 0x3f0000) | (four << 6 & 0x3f000000);
}

ALWAYS_INLINE void store_four(uint8_t *registers, uint32_t four) {
    for (int i = 0; i < 4; i++) registers[i] = (uint8_t)(four >> 8 * i);
}

static void unpack_plain(uint8_t *registers, const uint8_t *packed) {
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 4, packed += 3)
        store_four(registers + i, spread(hyperloglog_dense_four(packed)));
}

static void pack_plain(uint8_t *packed, const uint8_t *registers) {
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 4, packed += 3) {
        uint32_t four = (uint32_t)registers[i] | (uint32_t)registers[i + 1] << 6 |
                        (uint32_t)registers[i + 2] << 12 | (uint32_t)registers[i + 3] << 18;
        for (int j = 0; j < 3; j++) packed[j] = (uint8_t)(four >> 8 * j);
    }
}

/* In blocks, so that the second loop is one that compilers vectorise. */
static void merge_plain(uint8_t *registers, const uint8_t *packed) {
    enum { BLOCK = 256 };
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += BLOCK, packed += BLOCK / 4 * 3) {
        uint8_t block[BLOCK];
        for (size_t j = 0; j < BLOCK; j += 4)
            store_four(block + j, spread(hyperloglog_dense_four(packed + j / 4 * 3)));
        for (size_t j = 0; j < BLOCK; j++)
            if (registers[i + j] < block[j]) registers[i + j] = block[j];
    }
}

/* Neighbours often have the same rank: four tables keep one increment from waiting for another. */
static void tally_plain(const uint8_t *registers, uint32_t counts[HYPERLOGLOG_RANKS]) {
    uint16_t tables[4][HYPERLOGLOG_RANKS] = {0};
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 4) {
        for (size_t j = 0; j < 4; j++) tables[j][registers[i + j] % HYPERLOGLOG_RANKS]++;
    }
    for (size_t rank = 0; rank < HYPERLOGLOG_RANKS; rank++)
        for (size_t j = 0; j < 4; j++) counts[rank] += tables[j][rank];
}

static const struct hyperloglog_loops loops_plain = {
    .unpack = unpack_plain,
    .pack = pack_plain,
    .merge = merge_plain,
    .tally = tally_plain,
};

const struct hyperloglog_loops *hyperloglog_loops_plain(void) { return &loops_plain; }

/* --- with AVX2 --- */

#ifdef __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* 32 registers from 24 bytes. The two halves of the vector are loaded eight bytes apart, so that
 * neither reads beyond the 24; the shuffle gives every four registers a word of their own. */
AVX2 ALWAYS_INLINE __m256i unpack_32(const uint8_t *packed) {
    const __m256i words = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4,
                                           5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1);
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)packed);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(packed + 8));
    __m256i fours = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), words);
    __m256i first = _mm256_and_si256(fours, _mm256_set1_epi32(0x3f));
    __m256i second = _mm256_and_si256(_mm256_slli_epi32(fours, 2), _mm256_set1_epi32(0x3f00));
    __m256i third = _mm256_and_si256(_mm256_slli_epi32(fours, 4), _mm256_set1_epi32(0x3f0000));
    __m256i fourth = _mm256_and_si256(_mm256_slli_epi32(fours, 6), _mm256_set1_epi32(0x3f000000));
    return _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, fourth));
}

AVX2 ALWAYS_INLINE __m256i load_32(const uint8_t *registers) {
    return _mm256_loadu_si256((const __m256i *)(const void *)registers);
}

AVX2 ALWAYS_INLINE void store_32(uint8_t *registers, __m256i bytes) {
    _mm256_storeu_si256((__m256i *)(void *)registers, bytes);
}

AVX2 static void unpack_avx2(uint8_t *registers, const uint8_t *packed) {
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 32, packed += 24)
        store_32(registers + i, unpack_32(packed));
}

AVX2 static void merge_avx2(uint8_t *registers, const uint8_t *packed) {
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 32, packed += 24)
        store_32(registers + i, _mm256_max_epu8(load_32(registers + i), unpack_32(packed)));
}

/* Two multiplications shift neighbours together, pairs and then pairs of pairs; the shuffle drops
 * the fourth byte of each word, and the permutation the gap between the halves. */
AVX2 static void pack_avx2(uint8_t *packed, const uint8_t *registers) {
    const __m256i bytes = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
                                           0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m256i order = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += 32, packed += 24) {
        __m256i pairs = _mm256_maddubs_epi16(load_32(registers + i), _mm256_set1_epi16(0x4001));
        __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x10000001));
        __m256i all = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(fours, bytes), order);
        _mm_storeu_si128((__m128i *)(void *)packed, _mm256_castsi256_si128(all));
        _mm_storel_epi64((__m128i *)(void *)(packed + 16), _mm256_extracti128_si256(all, 1));
    }
}

AVX2 ALWAYS_INLINE uint32_t sum_of(__m256i bytes) {
    __m256i sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    return (uint32_t)(_mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1));
}

/* Counts four ranks at a time by comparing: a comparison gives -1 a byte, and 128 of them fit. */
AVX2 static void tally_four(const uint8_t *registers, int rank, uint32_t *counts) {
    enum { BLOCK = 128 * 32 };
    __m256i wanted[4];
    for (int k = 0; k < 4; k++) wanted[k] = _mm256_set1_epi8((char)(rank + k));
    for (size_t i = 0; i < HYPERLOGLOG_REGISTERS; i += BLOCK) {
        __m256i found[4] = {0};
        for (size_t j = 0; j < BLOCK; j += 32) {
            __m256i some = load_32(registers + i + j);
            for (int k = 0; k < 4; k++)
                found[k] = _mm256_sub_epi8(found[k], _mm256_cmpeq_epi8(some, wanted[k]));
        }
        for (int k = 0; k < 4; k++) counts[k] += sum_of(found[k]);
    }
}

/* Ranks lie close together: once all registers have been counted, there are no others. */
AVX2 static void tally_avx2(const uint8_t *registers, uint32_t counts[HYPERLOGLOG_RANKS]) {
    uint32_t seen = 0;
    for (int rank = 0; rank < HYPERLOGLOG_RANKS && seen < HYPERLOGLOG_REGISTERS; rank += 4) {
        uint32_t four[4] = {0};
        tally_four(registers, rank, four);
        for (int k = 0; k < 4; k++) {
            counts[rank + k] += four[k];
            seen += four[k];
        }
    }
}

static const struct hyperloglog_loops loops_avx2 = {
    .unpack = unpack_avx2,
    .pack = pack_avx2,
    .merge = merge_avx2,
    .tally = tally_avx2,
};

const struct hyperloglog_loops *hyperloglog_loops_best(void) {
    return __builtin_cpu_supports("avx2") ? &loops_avx2 : &loops_plain;
}

#else

const struct hyperloglog_loops *hyperloglog_loops_best(void) { return &loops_plain; }

#endif
