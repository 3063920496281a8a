/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The marks that encode.c writes and decode.c reads; no one else needs them.
 *
 * A length's first byte says in its top two bits how the rest is to be read: 00 six bits here,
 * 01 six bits here and a byte, 10 a big-endian number of 32 or 64 bits follows, 11 not a length
 * but a string of the kind in the low six bits. */

enum {
    LENGTH_14_BITS = 0x40,
    LENGTH_32_BITS = 0x80,
    LENGTH_64_BITS = 0x81,
};

enum {
    STRING_INT8 = 0xc0,
    STRING_INT16 = 0xc1,
    STRING_INT32 = 0xc2,
    STRING_LZF = 0xc3, /* compressed length, length, compressed bytes */
};

/* What kind of field of a module value follows. */
enum {
    FIELD_END = 0,
    FIELD_SIGNED = 1,
    FIELD_UNSIGNED = 2,
    FIELD_DOUBLE = 4,
    FIELD_STRING = 5,
};
