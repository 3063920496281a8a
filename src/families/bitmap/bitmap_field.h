/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A number of 1 to 64 bits anywhere in a run of bytes, its highest bit first. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct bitmap_field {
    uint64_t offset; /* of its first bit */
    uint8_t bits;    /* 1 to 63, signed ones to 64 */
    bool is_signed;
};

/* What becomes of a number that does not fit. */
enum bitmap_overflow { BITMAP_WRAP, BITMAP_SATURATE, BITMAP_REFUSE };

/* More than any sum of a field and an int64. */
typedef __int128 bitmap_wide;

/* "u8", "i64"; the offset is left alone. False: no such type. */
bool bitmap_field_parse(struct bytes text, struct bitmap_field *field);
/* The least length at which all bits of the field are there. */
static inline size_t bitmap_field_end(const struct bitmap_field *field) {
    return (size_t)((field->offset + field->bits - 1) >> 3) + 1;
}
static inline bitmap_wide bitmap_field_max(const struct bitmap_field *field) {
    return ((bitmap_wide)1 << (field->bits - (field->is_signed ? 1 : 0))) - 1;
}
static inline bitmap_wide bitmap_field_min(const struct bitmap_field *field) {
    return field->is_signed ? -bitmap_field_max(field) - 1 : 0;
}

/* Bits beyond the end are zero. */
int64_t bitmap_field_read(struct bytes bytes, const struct bitmap_field *field);
/* All bytes of the field must be there; of the number the field takes the lowest bits. */
void bitmap_field_write(char *data, const struct bitmap_field *field, int64_t number);
/* Brings a number into the field's bounds. False: refused. */
bool bitmap_field_fit(const struct bitmap_field *field, enum bitmap_overflow overflow,
                      bitmap_wide number, int64_t *fitting);
