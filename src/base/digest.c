/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks: CRC-64 and CRC-16 by tables.
 *
 * A table of a CRC is linear: the entry of a byte is the exclusive or of the entries of its bits.
 * So the source holds eight constants a table and the compiler makes the rest. CRC-64 takes eight
 * bytes a step, one table for each ("slicing by eight", Kounavis and Berry 2005). */
#include "base/digest.h"

#define ENTRY(n, a, b, c, d, e, f, g, h)                                             \
    (((n)&1 ? (a) : 0) ^ ((n)&2 ? (b) : 0) ^ ((n)&4 ? (c) : 0) ^ ((n)&8 ? (d) : 0) ^ \
     ((n)&16 ? (e) : 0) ^ ((n)&32 ? (f) : 0) ^ ((n)&64 ? (g) : 0) ^ ((n)&128 ? (h) : 0))
#define FOUR(n, ...)                                                                 \
    ENTRY(n, __VA_ARGS__), ENTRY((n) + 1, __VA_ARGS__), ENTRY((n) + 2, __VA_ARGS__), \
        ENTRY((n) + 3, __VA_ARGS__)
#define SIXTEEN(n, ...)                                                           \
    FOUR(n, __VA_ARGS__), FOUR((n) + 4, __VA_ARGS__), FOUR((n) + 8, __VA_ARGS__), \
        FOUR((n) + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...)                                                                   \
    SIXTEEN(n, __VA_ARGS__), SIXTEEN((n) + 16, __VA_ARGS__), SIXTEEN((n) + 32, __VA_ARGS__), \
        SIXTEEN((n) + 48, __VA_ARGS__)
#define TABLE(...)                                                                             \
    {                                                                                          \
        SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__), \
            SIXTY_FOUR(192, __VA_ARGS__)                                                       \
    }

/* crc64_tables[k][byte]: what a byte does to the check when k more bytes follow it. Each line
 * holds the entries of the bytes 1, 2, 4 … 128, by the reflected polynomial 0x95ac9329ac4bc9b5. */
static const uint64_t crc64_tables[8][256] = {
    TABLE(0x7ad870c830358979, 0xf5b0e190606b12f2, 0xc038e5739841b68f, 0xab28ecb46814fe75,
          0x7d08ff3b88be6f81, 0xfa11fe77117cdf02, 0xdf7adabd7a6e2d6f, 0x95ac9329ac4bc9b5),
    TABLE(0x89e99ffd73bddf69, 0x388a19a9bfec2db9, 0x711433537fd85b72, 0xe22866a6ffb0b6e4,
          0xef09eb1ea7f6fea3, 0xf54af06e177a6e2d, 0xc1ccc68f76634f31, 0xa8c0ab4db4510d09),
    TABLE(0xf4125129ce4038be, 0xc37d8400c417e217, 0xada22e52d0b85745, 0x701d7af6f9e73de1,
          0xe03af5edf3ce7bc2, 0xeb2ccd88bf0b64ef, 0xfd00bd4226815ab5, 0xd1585cd715952601),
    TABLE(0x8ce168638c796306, 0x329bf69440655567, 0x6537ed2880caaace, 0xca6fda510195559c,
          0xbf8692f15bbd3853, 0x545403b1efede3cd, 0xa8a80763dfdbc79a, 0x7a092894e7201c5f),
    TABLE(0x3504e58b9ba6dd1e, 0x6a09cb17374dba3c, 0xd413962e6e9b7478, 0x837e0a0f85a17b9b,
          0x2da5324c53d5645d, 0x5b4a6498a7aac8ba, 0xb694c9314f559174, 0x4670b431c63cb183),
    TABLE(0xe39d1389931b9354, 0xec6301407ea0b5c3, 0xf39f24d3a5d6f8ed, 0xcc676ff4133a62b1,
          0xb397f9bb7ee35609, 0x4c76d525a5513f79, 0x98edaa4b4aa27ef2, 0x1a8272c5cdd36e8f),
    TABLE(0x62a95de6e302eff2, 0xc552bbcdc605dfe4, 0xa1fc51c8d49c2ca3, 0x68a185c2f1afca2d,
          0xd1430b85e35f945a, 0x89df31589e28bbdf, 0x38e744e264c6e4d5, 0x71ce89c4c98dc9aa),
    TABLE(0x381d0015c96f4444, 0x703a002b92de8888, 0xe074005725bd1110, 0xebb126fd13edb14b,
          0xfc3b6ba97f4cf1fd, 0xd32ff101a60e7091, 0x8d06c450148b7249, 0x3154aef3718177f9),
};

static const uint16_t crc16_table[256] = TABLE(0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462,
                                               0x48c4, 0x9188);

static uint64_t load_little_endian(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

uint64_t digest_crc64(uint64_t crc, struct bytes bytes) {
    const uint8_t *at = (const uint8_t *)bytes.data;
    size_t left = bytes.len;
    for (; left >= 8; left -= 8, at += 8) {
        crc ^= load_little_endian(at);
        crc = crc64_tables[7][crc & 0xff] ^ crc64_tables[6][crc >> 8 & 0xff] ^
              crc64_tables[5][crc >> 16 & 0xff] ^ crc64_tables[4][crc >> 24 & 0xff] ^
              crc64_tables[3][crc >> 32 & 0xff] ^ crc64_tables[2][crc >> 40 & 0xff] ^
              crc64_tables[1][crc >> 48 & 0xff] ^ crc64_tables[0][crc >> 56];
    }
    for (; left > 0; left--, at++) crc = crc64_tables[0][(crc ^ *at) & 0xff] ^ crc >> 8;
    return crc;
}

uint16_t digest_crc16(struct bytes bytes) {
    uint16_t crc = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = (uint8_t)bytes.data[i];
        crc = (uint16_t)(crc << 8 ^ crc16_table[(crc >> 8 ^ byte) & 0xff]);
    }
    return crc;
}
