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
