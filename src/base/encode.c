/* SPDX-License-Identifier: BSD-3-Clause */
/* The writing half: see encode.h. */
#include "base/encode.h"

#include <assert.h>
#include <lzf.h>

#include "base/encode_format.h"
#include "base/memory.h"
#include "base/text.h"

#define CAPACITY_MIN 64
#define LENGTH_BYTES_MAX 9
#define COMPRESS_BYTES_MIN 21
/* What compression must gain at least to be worth its own three bytes of header. */
#define COMPRESS_GAIN_MIN 4
#define INTEGER_TEXT_MAX 11 /* of -2147483648 */

void encoder_init(struct encoder *encoder) { *encoder = (struct encoder){0}; }

void encoder_deinit(struct encoder *encoder) {
    memory_free(encoder->data);
    *encoder = (struct encoder){0};
}

struct bytes encoder_bytes(const struct encoder *encoder) {
    return bytes_make(encoder->data, encoder->len);
}

static bool grow(struct encoder *encoder, size_t size) {
    size_t needed;
    if (encoder->failed) return false;
    if (__builtin_add_overflow(encoder->len, size, &needed)) {
        encoder->failed = true;
        return false;
    }
    size_t capacity = encoder->capacity < CAPACITY_MIN ? CAPACITY_MIN : encoder->capacity * 2;
    if (capacity < needed) capacity = needed;
    char *data = memory_try_reallocate(encoder->data, capacity);
    if (data == NULL) {
        encoder->failed = true;
        return false;
    }
    encoder->data = data;
    encoder->capacity = capacity;
    return true;
}

/* Room for `size` more bytes at the end, or NULL and the failure latched. */
static char *reserve(struct encoder *encoder, size_t size) {
    if (UNLIKELY(encoder->failed || encoder->capacity - encoder->len < size)) {
        if (!grow(encoder, size)) return NULL;
    }
    return encoder->data + encoder->len;
}

void encode_raw(struct encoder *encoder, struct bytes bytes) {
    if (bytes.len == 0) return;
    char *at = reserve(encoder, bytes.len);
    if (at == NULL) return;
    memcpy(at, bytes.data, bytes.len);
    encoder->len += bytes.len;
}

/* The low `size` bytes of the value, least significant first. */
static void encode_little_endian(struct encoder *encoder, uint64_t value, size_t size) {
    char *at = reserve(encoder, size);
    if (at == NULL) return;
    for (size_t i = 0; i < size; i++) at[i] = (char)(value >> (i * 8));
    encoder->len += size;
}

void encode_byte(struct encoder *encoder, uint8_t value) {
    encode_little_endian(encoder, value, 1);
}

void encode_u16(struct encoder *encoder, uint16_t value) {
    encode_little_endian(encoder, value, 2);
}

void encode_u32(struct encoder *encoder, uint32_t value) {
    encode_little_endian(encoder, value, 4);
}

void encode_u64(struct encoder *encoder, uint64_t value) {
    encode_little_endian(encoder, value, 8);
}

void encode_double(struct encoder *encoder, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    encode_u64(encoder, bits);
}

static void store_big_endian(char *at, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; i++) at[i] = (char)(value >> ((size - 1 - i) * 8));
}

/* Writes at most LENGTH_BYTES_MAX bytes. */
static size_t write_length(char *at, uint64_t length) {
    if (length < 1 << 6) {
        *at = (char)length;
        return 1;
    }
    if (length < 1 << 14) {
        store_big_endian(at, (uint64_t)LENGTH_14_BITS << 8 | length, 2);
        return 2;
    }
    if (length <= UINT32_MAX) {
        *at = (char)LENGTH_32_BITS;
        store_big_endian(at + 1, length, 4);
        return 5;
    }
    *at = (char)LENGTH_64_BITS;
    store_big_endian(at + 1, length, 8);
    return 9;
}

void encode_length(struct encoder *encoder, uint64_t length) {
    char *at = reserve(encoder, LENGTH_BYTES_MAX);
    if (at == NULL) return;
    encoder->len += write_length(at, length);
}

static bool encode_as_integer(struct encoder *encoder, struct bytes text) {
    int64_t value;
    if (text.len > INTEGER_TEXT_MAX || !text_to_integer(text, &value)) return false;
    if (value >= INT8_MIN && value <= INT8_MAX) {
        encode_byte(encoder, STRING_INT8);
        encode_byte(encoder, (uint8_t)value);
    } else if (value >= INT16_MIN && value <= INT16_MAX) {
        encode_byte(encoder, STRING_INT16);
        encode_u16(encoder, (uint16_t)value);
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
        encode_byte(encoder, STRING_INT32);
        encode_u32(encoder, (uint32_t)value);
    } else {
        return false;
    }
    return true;
}

/* Compresses straight into the encoder, behind room for the largest header, then closes the gap.
 * The library keeps its table of 256 KB on the stack and does not clear it: what it finds is
 * always true, but the same text may be compressed a little differently another time. */
static bool encode_compressed(struct encoder *encoder, struct bytes text) {
    const size_t header_max = 1 + 2 * LENGTH_BYTES_MAX;
    if (text.len < COMPRESS_BYTES_MIN || text.len > UINT32_MAX) return false;
    size_t room = text.len - COMPRESS_GAIN_MIN;
    char *at = reserve(encoder, header_max + room);
    if (at == NULL) return true; /* failed: nothing more to write */
    unsigned compressed = lzf_compress(text.data, (unsigned)text.len, at + header_max,
                                       (unsigned)room);
    if (compressed == 0) return false;
    size_t header = 0;
    at[header++] = (char)STRING_LZF;
    header += write_length(at + header, compressed);
    header += write_length(at + header, text.len);
    memmove(at + header, at + header_max, compressed);
    encoder->len += header + compressed;
    return true;
}

void encode_string(struct encoder *encoder, struct bytes text, bool compress) {
    if (encode_as_integer(encoder, text)) return;
    if (compress && encode_compressed(encoder, text)) return;
    encode_length(encoder, text.len);
    encode_raw(encoder, text);
}

void encode_field_unsigned(struct encoder *encoder, uint64_t value) {
    encode_length(encoder, FIELD_UNSIGNED);
    encode_length(encoder, value);
}

void encode_field_signed(struct encoder *encoder, int64_t value) {
    encode_length(encoder, FIELD_SIGNED);
    encode_length(encoder, (uint64_t)value);
}

void encode_field_double(struct encoder *encoder, double value) {
    encode_length(encoder, FIELD_DOUBLE);
    encode_double(encoder, value);
}

void encode_field_string(struct encoder *encoder, struct bytes text) {
    encode_length(encoder, FIELD_STRING);
    encode_string(encoder, text, false);
}

void encode_field_end(struct encoder *encoder) { encode_length(encoder, FIELD_END); }

static uint64_t six_bits(char c) {
    if (c >= 'A' && c <= 'Z') return (uint64_t)(c - 'A');
    if (c >= 'a' && c <= 'z') return (uint64_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (uint64_t)(c - '0') + 52;
    assert(c == '-' || c == '_');
    return c == '-' ? 62 : 63;
}

uint64_t encode_module_id(const char tag[9], uint32_t version) {
    assert(version < 1 << 10);
    uint64_t id = 0;
    for (int i = 0; i < 9; i++) id = id << 6 | six_bits(tag[i]);
    return id << 10 | version;
}
