/* SPDX-License-Identifier: BSD-3-Clause */
/* Two families of keys are built here from the published definitions of XXH64 and XXH3, without
 * knowing a seed: whoever can send keys can send these. The tests first prove that the keys do
 * what they were built for, then that they are like any others under hash_bytes. They say nothing
 * about attacks that learn the secret from the server's behaviour. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { KEY_COUNT = 65536 };

static uint64_t hashes[KEY_COUNT];

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int count_distinct(void) {
    qsort(hashes, KEY_COUNT, sizeof hashes[0], by_value);
    int distinct = 1;
    for (int i = 1; i < KEY_COUNT; i++) distinct += hashes[i] != hashes[i - 1];
    return distinct;
}

/* The longest chain of a table of as many buckets as keys. */
static int longest_chain(void) {
    static int chains[KEY_COUNT];
    memset(chains, 0, sizeof chains);
    int longest = 0;
    for (int i = 0; i < KEY_COUNT; i++) {
        int length = ++chains[hashes[i] % KEY_COUNT];
        if (length > longest) longest = length;
    }
    return longest;
}

typedef void build_key(uint8_t *key, unsigned number);

static void hash_all(build_key *build, size_t len) {
    uint8_t key[4096];
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        build(key, i);
        hashes[i] = hash_bytes(bytes_make(key, len));
    }
}

static void put_word(uint8_t *at, uint64_t value) {
    memcpy(at, &value, sizeof value); /* both hashes read little-endian, as this machine does */
}

static uint64_t inverse(uint64_t odd) { /* modulo 2^64, by Newton's iteration */
    uint64_t x = odd;
    for (int i = 0; i < 6; i++) x *= 2 - odd * x;
    return x;
}

/* --- XXH64: three choices a slot, two of which collide, for every seed --------------------- *
 *
 * A lane takes a word w by acc = rotl(acc + w * P2, 31) * P1. Flipping the top bit of w flips the
 * top bit of the sum whatever acc is; after the rotation the lane is off by +2^30 * P1 or
 * -2^30 * P1. The next word of the lane can take that back if it guesses the sign. So of the
 * three word pairs (0, 0), (flip, -d), (flip, +d) the first always collides with one of the
 * others: 3^n keys of n such slots have at most 2^n hashes. */

enum { SLOTS = 11, XXH64_KEY_BYTES = 6 * 32 };

static void build_xxh64_key(uint8_t *key, unsigned number) {
    const uint64_t p1 = 0x9E3779B185EBCA87u, p2 = 0xC2B2AE3D27D4EB4Fu;
    uint64_t d = (p1 << 30) * inverse(p2);
    memset(key, 0, XXH64_KEY_BYTES);
    for (unsigned slot = 0; slot < SLOTS; slot++, number /= 3) {
        uint8_t *first = key + slot / 4 * 64 + slot % 4 * 8;
        if (number % 3 == 0) continue;
        put_word(first, UINT64_C(1) << 63);
        put_word(first + 32, number % 3 == 1 ? 0 - d : d);
    }
}

Test(hash, tells_keys_apart_that_collide_under_xxh64_for_every_seed) {
    hash_setup(NULL);
    struct random random;
    random_init(&random, 5);
    for (int round = 0; round < 8; round++) {
        uint64_t seed = round == 0 ? 0 : random_next(&random);
        for (unsigned i = 0; i < KEY_COUNT; i++) {
            uint8_t key[XXH64_KEY_BYTES];
            build_xxh64_key(key, i);
            hashes[i] = XXH64(key, sizeof key, seed);
        }
        cr_assert_leq(count_distinct(), 1 << SLOTS, "the keys are not what they should be");
    }
    hash_all(build_xxh64_key, XXH64_KEY_BYTES);
    cr_assert_leq(longest_chain(), 14); /* chance: 8 or 9; 15 once in 50 million */
    cr_assert_eq(count_distinct(), KEY_COUNT);
}

/* --- XXH3 with a seed: all keys collide, for one seed in five hundred ----------------------- *
 *
 * In inputs over 240 bytes, lane i of stripe n meets word n + i of the secret. Its word w adds
 * lo32(w ^ s) * hi32(w ^ s) to the lane and w itself to its neighbour. Flip the top bit of two
 * words of one lane, at stripes that meet s1 and s2: the neighbour gains 2^64 = 0, and the
 * products change by +-2^31 * lo each, which is nothing if both lo are equal and the signs are
 * not. With a seed the words are those of the public secret plus (even ones) or minus (odd ones)
 * the seed, so lo32(s1) ^ lo32(s2) is guessed right for one seed in 247 with the words below, and
 * the signs for half of these. Eight lanes of two blocks give sixteen independent bits. */

enum { WORD_1 = 11, WORD_2 = 15, BLOCK_BYTES = 1024, XXH3_KEY_BYTES = 2 * BLOCK_BYTES + 64 };
static const uint64_t guessed_difference = 0x82908990;

static void build_xxh3_key(uint8_t *key, unsigned number) {
    memset(key, 0, XXH3_KEY_BYTES);
    for (unsigned bit = 0; bit < 16; bit++) {
        uint64_t flip = (uint64_t)(number >> bit & 1) << 63;
        unsigned lane = bit % 8;
        uint8_t *block = key + bit / 8 * BLOCK_BYTES;
        put_word(block + (WORD_1 - lane) * 64 + lane * 8, flip);
        put_word(block + (WORD_2 - lane) * 64 + lane * 8, flip | guessed_difference);
    }
}

static bool xxh3_collides(uint64_t seed) {
    uint8_t a[XXH3_KEY_BYTES], b[XXH3_KEY_BYTES];
    build_xxh3_key(a, 0);
    build_xxh3_key(b, 0xffff);
    return XXH3_64bits_withSeed(a, sizeof a, seed) == XXH3_64bits_withSeed(b, sizeof b, seed);
}

Test(hash, tells_keys_apart_that_collide_under_xxh3_for_many_seeds) {
    hash_setup(NULL);
    struct random random;
    random_init(&random, 6);
    enum { SEEDS = 20000 };
    int weak_count = 0;
    uint64_t weak_seed = 0;
    for (int i = 0; i < SEEDS; i++) {
        uint64_t seed = random_next(&random);
        if (!xxh3_collides(seed)) continue;
        weak_count++;
        weak_seed = seed;
    }
    cr_assert_geq(weak_count, SEEDS / 1000, "the keys are not what they should be");
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        uint8_t key[XXH3_KEY_BYTES];
        build_xxh3_key(key, i);
        hashes[i] = XXH3_64bits_withSeed(key, sizeof key, weak_seed);
    }
    cr_assert_eq(count_distinct(), 1, "the keys are not what they should be");
    hash_all(build_xxh3_key, XXH3_KEY_BYTES);
    cr_assert_leq(longest_chain(), 14);
    cr_assert_eq(count_distinct(), KEY_COUNT);
}

/* --- the secret --------------------------------------------------------------------------- */

static void fill(uint8_t secret[HASH_SECRET_BYTES], uint64_t seed) {
    struct random random;
    random_init(&random, seed);
    for (int i = 0; i < HASH_SECRET_BYTES; i++) secret[i] = (uint8_t)random_next(&random);
}

/* Every length that XXH3 treats in a way of its own, and both sides of each border. */
Test(hash, is_xxh3_over_the_secret_for_every_length) {
    uint8_t secret[HASH_SECRET_BYTES], input[3000];
    fill(secret, 1);
    hash_setup(secret);
    for (size_t i = 0; i < sizeof input; i++) input[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len < sizeof input; len += len < 300 ? 1 : 101) {
        cr_assert_eq(hash_bytes(bytes_make(input, len)),
                     XXH3_64bits_withSecret(input, len, secret, sizeof secret), "len %zu", len);
    }
    cr_assert_eq(hash_bytes((struct bytes){NULL, 0}), hash_bytes(BYTES("")));
}

Test(hash, depends_on_every_part_of_the_secret_and_of_the_key) {
    uint8_t secret[HASH_SECRET_BYTES], key[2000] = {0};
    fill(secret, 2);
    hash_setup(secret);
    uint64_t expected = hash_bytes(bytes_make(key, sizeof key));
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = 1;
        cr_assert_neq(hash_bytes(bytes_make(key, sizeof key)), expected, "byte %zu of the key", i);
        key[i] = 0;
    }
    for (int i = 0; i < HASH_SECRET_BYTES; i++) {
        secret[i] ^= 1;
        hash_setup(secret);
        cr_assert_neq(hash_bytes(bytes_make(key, sizeof key)), expected, "byte %d of it", i);
        secret[i] ^= 1;
    }
}

Test(hash, has_another_secret_in_every_process) {
    hash_setup(NULL);
    uint64_t first = hash_bytes(BYTES("key:000000000001"));
    hash_setup(NULL);
    cr_assert_neq(hash_bytes(BYTES("key:000000000001")), first);
}

static void build_counted_key(uint8_t *key, unsigned number) {
    char text[17];
    snprintf(text, sizeof text, "key:%012u", number);
    memcpy(key, text, 16);
}

Test(hash, spreads_ordinary_keys_evenly) {
    hash_setup(NULL);
    hash_all(build_counted_key, 16);
    cr_assert_leq(longest_chain(), 14);
    for (int i = 0; i < KEY_COUNT; i++) hashes[i] >>= 48; /* the top bits, too */
    cr_assert_leq(longest_chain(), 14);
}

static void assert_digest(const char *text, const char *expected) {
    char hex[HASH_DIGEST64_HEX + 1] = {0};
    hash_digest64(bytes_of(text), hex);
    cr_assert_str_eq(hex, expected);
}

/* The first is XXH3's of nothing, the second is in the documentation of Redis's DIGEST. */
Test(hash, digests_as_redis_does_whatever_the_secret) {
    hash_setup(NULL);
    assert_digest("", "2d06800538d394c2");
    assert_digest("Hello world", "b6acb9d84a38ff74");
}
