/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 as FIPS 180-4 describes it: what passwords are kept as. */
#include "base/digest.h"

#define BLOCK_BYTES 64

/* The first 32 bits of the fractions of the cube roots of the first 64 primes (4.2.2). */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static uint32_t load_big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store_big_endian(uint8_t *at, uint32_t word) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void expand(uint32_t words[64], const uint8_t *block) {
    for (int i = 0; i < 16; i++) words[i] = load_big_endian(block + i * 4);
    for (int i = 16; i < 64; i++) {
        uint32_t early = words[i - 15], late = words[i - 2];
        uint32_t small_0 = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3;
        uint32_t small_1 = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10;
        words[i] = words[i - 16] + small_0 + words[i - 7] + small_1;
    }
}

/* 6.2.2, with the eight working variables a to h as w[0] to w[7]. */
static void add_block(uint32_t state[8], const uint8_t *block) {
    uint32_t words[64], w[8];
    expand(words, block);
    memcpy(w, state, sizeof w);
    for (int i = 0; i < 64; i++) {
        uint32_t big_1 = rotate(w[4], 6) ^ rotate(w[4], 11) ^ rotate(w[4], 25);
        uint32_t choice = (w[4] & w[5]) ^ (~w[4] & w[6]);
        uint32_t first = w[7] + big_1 + choice + constants[i] + words[i];
        uint32_t big_0 = rotate(w[0], 2) ^ rotate(w[0], 13) ^ rotate(w[0], 22);
        uint32_t majority = (w[0] & w[1]) ^ (w[0] & w[2]) ^ (w[1] & w[2]);
        memmove(w + 1, w, 7 * sizeof w[0]);
        w[4] += first;
        w[0] = first + big_0 + majority;
    }
    for (int i = 0; i < 8; i++) state[i] += w[i];
}

void digest_sha256(struct bytes bytes, uint8_t out[DIGEST_SHA256_BYTES]) {
    /* The same of the square roots of the first 8 primes (5.3.3). */
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const uint8_t *at = (const uint8_t *)bytes.data;
    size_t left = bytes.len;
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, at += BLOCK_BYTES) add_block(state, at);
    /* What is left, one byte of mark, zeros, and the length in bits: one block or two. */
    uint8_t last[2 * BLOCK_BYTES] = {0};
    size_t size = left < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    if (left > 0) memcpy(last, at, left);
    last[left] = 0x80;
    store_big_endian(last + size - 8, (uint32_t)((uint64_t)bytes.len >> 29));
    store_big_endian(last + size - 4, (uint32_t)((uint64_t)bytes.len << 3));
    for (size_t i = 0; i < size; i += BLOCK_BYTES) add_block(state, last + i);
    for (int i = 0; i < 8; i++) store_big_endian(out + i * 4, state[i]);
}
