/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/bitmap/bitmap_count.h"

#include <assert.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET(features) __attribute__((target(features)))
#else
#define TARGET(features)
#endif

/* Four sums, so that no addition waits for the one before. */
#define COUNT_WORDS(bytes)                                                               \
    uint64_t sums[4] = {0};                                                              \
    size_t at = 0;                                                                       \
    for (; (bytes).len - at >= sizeof(sums); at += sizeof(sums)) {                       \
        uint64_t words[4];                                                               \
        memcpy(words, (bytes).data + at, sizeof(words));                                 \
        for (int i = 0; i < 4; i++) sums[i] += (uint64_t)__builtin_popcountll(words[i]); \
    }                                                                                    \
    uint64_t rest[4] = {0};                                                              \
    if ((bytes).len > at) memcpy(rest, (bytes).data + at, (bytes).len - at);             \
    for (int i = 0; i < 4; i++) sums[i] += (uint64_t)__builtin_popcountll(rest[i]);      \
    return sums[0] + sums[1] + sums[2] + sums[3]

static uint64_t count_plain(struct bytes bytes) { COUNT_WORDS(bytes); }

TARGET("popcnt") static uint64_t count_popcnt(struct bytes bytes) { COUNT_WORDS(bytes); }

#if defined(__x86_64__)

/* Both halves of each byte are looked up in a table of sixteen; the sums of bytes are gathered into
 * words before they can overflow. */
TARGET("avx2,popcnt") static uint64_t count_avx2(struct bytes bytes) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(15);
    __m256i sums = _mm256_setzero_si256();
    size_t at = 0;
    while (bytes.len - at >= 32) {
        size_t left = (bytes.len - at) / 32;
        size_t rounds = left < 31 ? left : 31; /* of at most 8 each: a byte holds 255 */
        __m256i round_sums = _mm256_setzero_si256();
        for (size_t i = 0; i < rounds; i++, at += 32) {
            __m256i part = _mm256_loadu_si256((const __m256i *)(const void *)(bytes.data + at));
            __m256i high = _mm256_and_si256(_mm256_srli_epi16(part, 4), low);
            __m256i counts = _mm256_add_epi8(
                _mm256_shuffle_epi8(table, _mm256_and_si256(part, low)),
                _mm256_shuffle_epi8(table, high));
            round_sums = _mm256_add_epi8(round_sums, counts);
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(round_sums, _mm256_setzero_si256()));
    }
    uint64_t words[4];
    memcpy(words, &sums, sizeof(words));
    return words[0] + words[1] + words[2] + words[3] +
           count_popcnt(bytes_make(bytes.data + at, bytes.len - at));
}

TARGET("avx512f,avx512vpopcntdq,popcnt") static uint64_t count_avx512(struct bytes bytes) {
    __m512i sums[4];
    for (int i = 0; i < 4; i++) sums[i] = _mm512_setzero_si512();
    size_t at = 0;
    for (; bytes.len - at >= sizeof(sums); at += sizeof(sums)) {
        for (int i = 0; i < 4; i++) {
            __m512i part = _mm512_loadu_si512(bytes.data + at + (size_t)i * sizeof(part));
            sums[i] = _mm512_add_epi64(sums[i], _mm512_popcnt_epi64(part));
        }
    }
    __m512i both = _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]),
                                    _mm512_add_epi64(sums[2], sums[3]));
    return (uint64_t)_mm512_reduce_add_epi64(both) +
           count_popcnt(bytes_make(bytes.data + at, bytes.len - at));
}

bool bitmap_count_knows(enum bitmap_count_way way) {
    switch (way) {
    case BITMAP_COUNT_PLAIN: return true;
    case BITMAP_COUNT_POPCNT: return __builtin_cpu_supports("popcnt");
    case BITMAP_COUNT_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    case BITMAP_COUNT_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq") &&
               __builtin_cpu_supports("popcnt");
    case BITMAP_COUNT_WAYS: break;
    }
    return false;
}

#else

#define count_avx2 count_popcnt
#define count_avx512 count_popcnt

bool bitmap_count_knows(enum bitmap_count_way way) { return way == BITMAP_COUNT_PLAIN; }

#endif

uint64_t bitmap_count_by(enum bitmap_count_way way, struct bytes bytes) {
    assert(bitmap_count_knows(way));
    switch (way) {
    case BITMAP_COUNT_AVX512: return count_avx512(bytes);
    case BITMAP_COUNT_AVX2: return count_avx2(bytes);
    case BITMAP_COUNT_POPCNT: return count_popcnt(bytes);
    default: return count_plain(bytes);
    }
}

uint64_t bitmap_count(struct bytes bytes) {
    int way = BITMAP_COUNT_WAYS - 1;
    while (!bitmap_count_knows((enum bitmap_count_way)way)) way--;
    return bitmap_count_by((enum bitmap_count_way)way, bytes);
}
