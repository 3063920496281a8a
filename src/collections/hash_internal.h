/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Places in packed hashes: for hash_value.c, hash_change.c and hash_encoding.c. */
#include "collections/hash_value.h"

/* Where a field lies; PACKED_LIST_NONE: nowhere. */
uint32_t hash_packed_find(const struct value *value, struct bytes field);
/* The deadline of the triplet at `at`; INT64_MAX: none. */
int64_t hash_packed_deadline(const uint8_t *list, uint32_t at);
/* The field behind the one at `at`, or the end. */
uint32_t hash_packed_next(const uint8_t *list, uint32_t at, uint32_t stride);
