/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The plain value: bytes. It lies here, below the families, because several of them read and write
 * it: strings, bitmaps, HyperLogLog, redis-cell's limiter.
 *
 * INTEGER when the text is a canonical int64 of at most 20 characters; INLINED behind its key up to
 * STRING_INLINED_MAX bytes; BOXED as a `struct blob` above. Saved as Redis saves strings (RDB type
 * 0). `encoding` says STRING_RAW when the bytes were edited in place: OBJECT ENCODING then answers
 * "raw" whatever the length, as Redis does. */
#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/text.h"
#include "keyspace/value.h"

#define STRING_INLINED_MAX 400
#define STRING_EMBEDDED_MAX 44 /* what Redis calls embstr */
#define STRING_PLAIN 0
#define STRING_RAW 1

extern const struct value_type string_type;

/* The bytes of a string; an INTEGER is printed into `scratch`. */
static inline struct bytes string_bytes(const struct value *value, char scratch[TEXT_INTEGER_MAX]) {
    if (__builtin_expect(value->storage == VALUE_INLINED, 1)) return value->inlined;
    if (value->storage == VALUE_BOXED) return blob_bytes((const struct blob *)value->boxed);
    return bytes_make(scratch, text_from_integer(scratch, value->integer));
}

size_t string_length(const struct value *value);

/* The best way to lie for these bytes. INLINED borrows `bytes`; a BOXED one is owned by the
 * caller until stored: it takes a reference of `blob` when that holds exactly these bytes (NULL:
 * none). False: no memory. */
bool string_value_try(struct bytes bytes, struct blob *blob, struct value *value) MUST_CHECK;
/* An INTEGER. */
struct value string_value_integer(int64_t integer);
/* Lets go of a value made by string_value_try that was not stored. */
void string_value_drop(struct value *value);
