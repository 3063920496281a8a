/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Hashing of keys, fields and members: XXH3 over a secret of 192 random bytes made at start.
 * XXH64 and XXH3 with a mere seed have pairs that collide for many seeds at once; a random secret
 * leaves nothing to aim at. The secret is a constant of the process once hash_setup ran. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define HASH_SECRET_BYTES 192

/* NULL: from the system's random source. Tests hand in a fixed one. Called once, before any
 * table exists. */
void hash_setup(const uint8_t secret[HASH_SECRET_BYTES]);
uint64_t hash_bytes(struct bytes key);

/* Redis's DIGEST of a string: XXH3 of 64 bits with its default secret and seed 0, as sixteen hex
 * digits in lower case. The same everywhere and for ever, so it is nothing to hash a table by. */
#define HASH_DIGEST64_HEX 16
void hash_digest64(struct bytes bytes, char hex[HASH_DIGEST64_HEX]);
