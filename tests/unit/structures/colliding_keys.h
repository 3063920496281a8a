/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Keys that collide under XXH64 for every seed, and under XXH3 with a seed for one seed in five
 * hundred: how they are built, and proof that they do, is in tests/unit/base/hash_test.c. */
#include <stdint.h>
#include <string.h>

enum { COLLIDING_KEYS = 65536 };
enum { XXH64_SLOTS = 11, XXH64_KEY_BYTES = 6 * 32 };
enum { XXH3_BLOCK_BYTES = 1024, XXH3_KEY_BYTES = 2 * XXH3_BLOCK_BYTES + 64 };

typedef void build_key(uint8_t *key, unsigned number);

static inline void put_word(uint8_t *at, uint64_t value) { memcpy(at, &value, sizeof(value)); }

static inline void build_xxh64_key(uint8_t *key, unsigned number) {
    const uint64_t p1 = 0x9E3779B185EBCA87u, p2 = 0xC2B2AE3D27D4EB4Fu;
    uint64_t inverse = p2; /* of p2 modulo 2^64, by Newton's iteration */
    for (int i = 0; i < 6; i++) inverse *= 2 - p2 * inverse;
    uint64_t d = (p1 << 30) * inverse;
    memset(key, 0, XXH64_KEY_BYTES);
    for (unsigned slot = 0; slot < XXH64_SLOTS; slot++, number /= 3) {
        uint8_t *first = key + slot / 4 * 64 + slot % 4 * 8;
        if (number % 3 == 0) continue;
        put_word(first, UINT64_C(1) << 63);
        put_word(first + 32, number % 3 == 1 ? 0 - d : d);
    }
}

static inline void build_xxh3_key(uint8_t *key, unsigned number) {
    const unsigned word_1 = 11, word_2 = 15;
    const uint64_t guessed_difference = 0x82908990;
    memset(key, 0, XXH3_KEY_BYTES);
    for (unsigned bit = 0; bit < 16; bit++) {
        uint64_t flip = (uint64_t)(number >> bit & 1) << 63;
        unsigned lane = bit % 8;
        uint8_t *block = key + bit / 8 * XXH3_BLOCK_BYTES;
        put_word(block + (word_1 - lane) * 64 + lane * 8, flip);
        put_word(block + (word_2 - lane) * 64 + lane * 8, flip | guessed_difference);
    }
}
