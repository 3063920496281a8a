/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A value as DUMP hands it out and RESTORE takes it back, in Redis's own format:
 *
 *   type byte | value as an RDB file has it | version, 2 bytes | CRC-64 of all before, 8 bytes
 *
 * A type of ours is a module value: byte 7, the module's id, then the self-delimiting fields and
 * the end mark that the type's `save` writes. What is written is marked as version 10, which is
 * what Redis 7.0 writes and all later ones and Valkey read.
 *
 * Source: the public description of the RDB format, and what live servers write and refuse. */
#include "base/bytes.h"
#include "base/encode.h"
#include "base/outcome.h"
#include "keyspace/keyspace.h"

#define PAYLOAD_VERSION 10
#define PAYLOAD_FOOTER_BYTES 10

/* Appends; FULL when memory was refused. O(value). */
enum outcome payload_save(const struct value *value, struct encoder *encoder) MUST_CHECK;
/* Reads all of a stranger's bytes before anything is said to be good. MALFORMED: the version or
 * the checksum; CORRUPT: what lies between, or bytes behind it; then nothing is left allocated.
 * Initialises `decoder`, which the caller deinits in any case: an INLINED value may lie in it or in
 * the payload. A BOXED value is owned by the caller until it is stored. O(payload). */
enum outcome payload_load(const struct keyspace *keyspace, struct bytes payload,
                          struct decoder *decoder, struct value *value) MUST_CHECK;
