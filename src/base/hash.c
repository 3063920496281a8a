/* SPDX-License-Identifier: BSD-3-Clause */
/* XXH3 compiled into this file alone, so that a short key is hashed without a call into the
 * library: 16 bytes are two multiplications. Source: xxHash 0.8, XXH3_64bits_withSecret. */
#include "base/hash.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/outcome.h"
#include "base/random.h"

static_assert(HASH_SECRET_BYTES >= XXH3_SECRET_SIZE_MIN, "XXH3 wants a longer secret");

/* state: a constant of the process once hash_setup ran. */
static struct {
    _Alignas(64) uint8_t secret[HASH_SECRET_BYTES];
    bool ready;
} hash;

void hash_setup(const uint8_t secret[HASH_SECRET_BYTES]) {
    if (secret == NULL) {
        random_secret(hash.secret, HASH_SECRET_BYTES);
    } else {
        memcpy(hash.secret, secret, HASH_SECRET_BYTES);
    }
    hash.ready = true;
}

/* Apart, so that a short key pays nothing for the registers of the long way. */
static __attribute__((noinline, flatten)) uint64_t hash_longer(struct bytes key) {
    return XXH3_64bits_withSecret(key.data, key.len, hash.secret, HASH_SECRET_BYTES);
}

__attribute__((flatten)) uint64_t hash_bytes(struct bytes key) {
    assert(LIKELY(hash.ready));
    if (key.len > 16) return hash_longer(key);
    return XXH3_64bits_withSecret(key.data, key.len, hash.secret, HASH_SECRET_BYTES);
}

void hash_digest64(struct bytes bytes, char hex[HASH_DIGEST64_HEX]) {
    uint64_t value = XXH3_64bits(bytes.data, bytes.len);
    for (int i = HASH_DIGEST64_HEX - 1; i >= 0; i--, value >>= 4)
        hex[i] = "0123456789abcdef"[value & 15];
}
