/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-1 as RFC 3174 describes it. Broken as a secret keeper since 2005; here it only names. */
#include <assert.h>

#include "base/digest.h"

#define BLOCK_BYTES 64

static uint32_t rotate(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static uint32_t load_big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store_big_endian(uint8_t *at, uint32_t word) {
    at[0] = (uint8_t)(word >> 24);
    at[1] = (uint8_t)(word >> 16);
    at[2] = (uint8_t)(word >> 8);
    at[3] = (uint8_t)word;
}

/* Five words that change places as the steps go by: kept by value, so that they stay in
 * registers. */
struct working {
    uint32_t a, b, c, d, e;
};

/* One step of the eighty; `mix` is the round's function of b, c and d, its constant added. */
static inline struct working step(struct working w, uint32_t mix, uint32_t word) {
    return (struct working){rotate(w.a, 5) + mix + w.e + word, w.a, rotate(w.b, 30), w.c, w.d};
}

static uint32_t choice(struct working w) { return (w.d ^ (w.b & (w.c ^ w.d))) + 0x5a827999; }

static uint32_t parity(struct working w) { return w.b ^ w.c ^ w.d; }

static uint32_t majority(struct working w) {
    return ((w.b & w.c) | (w.d & (w.b | w.c))) + 0x8f1bbcdc;
}

static void add_block(uint32_t state[5], const uint8_t *block) {
    uint32_t words[80];
    for (int i = 0; i < 16; i++) words[i] = load_big_endian(block + i * 4);
    for (int i = 16; i < 80; i++) {
        words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    struct working w = {state[0], state[1], state[2], state[3], state[4]};
    for (int i = 0; i < 20; i++) w = step(w, choice(w), words[i]);
    for (int i = 20; i < 40; i++) w = step(w, parity(w) + 0x6ed9eba1, words[i]);
    for (int i = 40; i < 60; i++) w = step(w, majority(w), words[i]);
    for (int i = 60; i < 80; i++) w = step(w, parity(w) + 0xca62c1d6, words[i]);
    state[0] += w.a;
    state[1] += w.b;
    state[2] += w.c;
    state[3] += w.d;
    state[4] += w.e;
}

void digest_sha1_init(struct digest_sha1 *sha1) {
    *sha1 = (struct digest_sha1){
        .state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
    };
}

void digest_sha1_add(struct digest_sha1 *sha1, struct bytes bytes) {
    if (bytes.len == 0) return;
    const uint8_t *at = (const uint8_t *)bytes.data;
    size_t left = bytes.len;
    size_t held = sha1->length % BLOCK_BYTES;
    sha1->length += left;
    if (held > 0) {
        size_t take = left < BLOCK_BYTES - held ? left : BLOCK_BYTES - held;
        memcpy(sha1->block + held, at, take);
        if (held + take < BLOCK_BYTES) return;
        add_block(sha1->state, sha1->block);
        at += take;
        left -= take;
    }
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, at += BLOCK_BYTES) add_block(sha1->state, at);
    memcpy(sha1->block, at, left);
}

void digest_sha1_finish(struct digest_sha1 *sha1, uint8_t out[20]) {
    static const uint8_t padding[BLOCK_BYTES] = {0x80};
    uint64_t bits = sha1->length * 8;
    size_t held = sha1->length % BLOCK_BYTES;
    /* One byte of mark, zeros, and the length in the last eight bytes of a block. */
    size_t pad = held < BLOCK_BYTES - 8 ? BLOCK_BYTES - 8 - held : 2 * BLOCK_BYTES - 8 - held;
    uint8_t length[8];
    store_big_endian(length, (uint32_t)(bits >> 32));
    store_big_endian(length + 4, (uint32_t)bits);
    digest_sha1_add(sha1, bytes_make(padding, pad));
    digest_sha1_add(sha1, bytes_make(length, sizeof length));
    assert(sha1->length % BLOCK_BYTES == 0);
    for (int i = 0; i < 5; i++) store_big_endian(out + i * 4, sha1->state[i]);
}
