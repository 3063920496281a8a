/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/bitmap/bitmap_field.h"

#include "base/text.h"

bool bitmap_field_parse(struct bytes text, struct bitmap_field *field) {
    if (text.len < 2 || (text.data[0] != 'i' && text.data[0] != 'u')) return false;
    field->is_signed = text.data[0] == 'i';
    int64_t bits;
    if (!text_to_integer(bytes_make(text.data + 1, text.len - 1), &bits)) return false;
    if (bits < 1 || bits > (field->is_signed ? 64 : 63)) return false;
    field->bits = (uint8_t)bits;
    return true;
}

/* The lowest bits of a number as the field understands them. */
static int64_t narrow(const struct bitmap_field *field, uint64_t number) {
    int unused = 64 - field->bits;
    if (field->is_signed) return (int64_t)(number << unused) >> unused;
    return (int64_t)(number << unused >> unused);
}

int64_t bitmap_field_read(struct bytes bytes, const struct bitmap_field *field) {
    size_t at = (size_t)(field->offset >> 3), end = bitmap_field_end(field);
    unsigned __int128 window = 0;
    for (size_t i = at; i < end; i++)
        window = window << 8 | (i < bytes.len ? (unsigned char)bytes.data[i] : 0);
    size_t behind = end * 8 - (size_t)field->offset - field->bits;
    return narrow(field, (uint64_t)(window >> behind));
}

void bitmap_field_write(char *data, const struct bitmap_field *field, int64_t number) {
    size_t at = (size_t)(field->offset >> 3), end = bitmap_field_end(field);
    size_t behind = end * 8 - (size_t)field->offset - field->bits;
    unsigned __int128 mask = (((unsigned __int128)1 << field->bits) - 1) << behind;
    unsigned __int128 bits = (unsigned __int128)(uint64_t)number << behind & mask;
    for (size_t i = end; i > at; i--, mask >>= 8, bits >>= 8) {
        unsigned byte = (unsigned char)data[i - 1];
        data[i - 1] = (char)((byte & ~(unsigned)mask) | (unsigned)bits);
    }
}

bool bitmap_field_fit(const struct bitmap_field *field, enum bitmap_overflow overflow,
                      bitmap_wide number, int64_t *fitting) {
    bitmap_wide max = bitmap_field_max(field), min = bitmap_field_min(field);
    *fitting = narrow(field, (uint64_t)number);
    if (number >= min && number <= max) return true;
    if (overflow == BITMAP_REFUSE) return false;
    if (overflow == BITMAP_SATURATE) *fitting = (int64_t)(number > max ? max : min);
    return true;
}
