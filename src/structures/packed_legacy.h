/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The packed forms of earlier times, as old RDB files and DUMP payloads carry them, made into
 * packed lists: ziplists (RDB types 10, 12, 13 and within 14) and zipmaps (type 9). From public
 * descriptions of the RDB format, and from what servers take.
 *
 * Each call looks at all of the input and writes nothing when it is wrong. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"

/* Writes the elements as a packed list to `list`; NULL: looks only. Returns the bytes that the list
 * takes, 0 when the input is wrong. O(bytes). */
size_t packed_legacy_from_ziplist(struct bytes ziplist, uint8_t *list) MUST_CHECK;
/* Fields and values in turn. */
size_t packed_legacy_from_zipmap(struct bytes zipmap, uint8_t *list) MUST_CHECK;
