/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Checks and fingerprints: CRC-64 (Jones polynomial 0xad93d23594c935a9 reflected, as RDB and DUMP
 * payloads carry), CRC-16 (CCITT/XMODEM, key slots), SHA-1 (RFC 3174, DEBUG DIGEST and script
 * names: a fingerprint, not a secret), SHA-256 (FIPS 180-4, what passwords are kept as). */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

uint64_t digest_crc64(uint64_t crc, struct bytes bytes);
uint16_t digest_crc16(struct bytes bytes);

struct digest_sha1 {
    uint32_t state[5];
    uint64_t length;
    uint8_t block[64];
};
void digest_sha1_init(struct digest_sha1 *sha1);
void digest_sha1_add(struct digest_sha1 *sha1, struct bytes bytes);
void digest_sha1_finish(struct digest_sha1 *sha1, uint8_t out[20]);

#define DIGEST_SHA256_BYTES 32
void digest_sha256(struct bytes bytes, uint8_t out[DIGEST_SHA256_BYTES]);
