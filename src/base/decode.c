/* SPDX-License-Identifier: BSD-3-Clause */
/* The reading half: see encode.h. The input is a stranger's: every length in it is a claim. */
#include <lzf.h>

#include "base/encode.h"
#include "base/encode_format.h"
#include "base/memory.h"
#include "base/text.h"

/* The most that three compressed bytes can stand for; a claim of more is a lie, found out before
 * any memory is set aside for it. */
#define LZF_RUN_MAX 264
#define LZF_RUN_BYTES 3
#define SCRATCH_BYTES_MIN 64

void decoder_init(struct decoder *decoder, struct bytes input) {
    *decoder = (struct decoder){.data = input.data, .len = input.len};
}

void decoder_deinit(struct decoder *decoder) {
    memory_free(decoder->scratch);
    *decoder = (struct decoder){0};
}

bool decoder_at_end(const struct decoder *decoder) { return decoder->at == decoder->len; }

size_t decoder_left(const struct decoder *decoder) { return decoder->len - decoder->at; }

void decoder_fail(struct decoder *decoder) {
    decoder->failed = true;
    /* Nothing is left to read, so that loops over the input end. */
    decoder->at = decoder->len;
}

/* The next `size` bytes, or NULL and the failure latched. */
static const uint8_t *take(struct decoder *decoder, size_t size) {
    if (UNLIKELY(decoder->failed || decoder_left(decoder) < size)) {
        decoder_fail(decoder);
        return NULL;
    }
    const uint8_t *at = (const uint8_t *)decoder->data + decoder->at;
    decoder->at += size;
    return at;
}

struct bytes decode_raw(struct decoder *decoder, size_t len) {
    if (len == 0) return BYTES("");
    const uint8_t *at = take(decoder, len);
    return at == NULL ? BYTES("") : bytes_make(at, len);
}

static uint64_t decode_little_endian(struct decoder *decoder, size_t size) {
    const uint8_t *at = take(decoder, size);
    if (at == NULL) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)at[i] << (i * 8);
    return value;
}

static uint64_t decode_big_endian(struct decoder *decoder, size_t size) {
    const uint8_t *at = take(decoder, size);
    if (at == NULL) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | at[i];
    return value;
}

uint8_t decode_byte(struct decoder *decoder) { return (uint8_t)decode_little_endian(decoder, 1); }

uint16_t decode_u16(struct decoder *decoder) { return (uint16_t)decode_little_endian(decoder, 2); }

uint32_t decode_u32(struct decoder *decoder) { return (uint32_t)decode_little_endian(decoder, 4); }

uint64_t decode_u64(struct decoder *decoder) { return decode_little_endian(decoder, 8); }

double decode_double(struct decoder *decoder) {
    uint64_t bits = decode_u64(decoder);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t length_after(struct decoder *decoder, uint8_t first) {
    switch (first >> 6) {
    case 0: return first;
    case 1: return (uint64_t)(first & 0x3f) << 8 | decode_byte(decoder);
    case 2:
        if (first == LENGTH_32_BITS) return decode_big_endian(decoder, 4);
        if (first == LENGTH_64_BITS) return decode_big_endian(decoder, 8);
        break;
    default: break;
    }
    decoder_fail(decoder);
    return 0;
}

uint64_t decode_length(struct decoder *decoder) {
    uint8_t first = decode_byte(decoder);
    uint64_t length = length_after(decoder, first);
    return decoder->failed ? 0 : length;
}

static bool scratch_holds(struct decoder *decoder, size_t size) {
    if (size <= decoder->scratch_capacity) return true;
    if (size < SCRATCH_BYTES_MIN) size = SCRATCH_BYTES_MIN;
    char *scratch = memory_try_reallocate(decoder->scratch, size);
    if (scratch == NULL) return false;
    decoder->scratch = scratch;
    decoder->scratch_capacity = size;
    return true;
}

static struct bytes integer_text(struct decoder *decoder, int64_t value) {
    if (decoder->failed || !scratch_holds(decoder, TEXT_INTEGER_MAX)) {
        decoder_fail(decoder);
        return BYTES("");
    }
    return bytes_make(decoder->scratch, text_from_integer(decoder->scratch, value));
}

static struct bytes decompressed(struct decoder *decoder) {
    uint64_t compressed_len = decode_length(decoder);
    uint64_t len = decode_length(decoder);
    if (decoder->failed || compressed_len > decoder_left(decoder)) goto fail;
    if (compressed_len == 0 || len == 0) goto fail;
    if (compressed_len > UINT32_MAX || len > UINT32_MAX) goto fail;
    if (len > (compressed_len / LZF_RUN_BYTES + 1) * LZF_RUN_MAX) goto fail;
    struct bytes compressed = decode_raw(decoder, (size_t)compressed_len);
    if (!scratch_holds(decoder, (size_t)len)) goto fail;
    if (lzf_decompress(compressed.data, (unsigned)compressed_len, decoder->scratch,
                       (unsigned)len) != len) {
        goto fail;
    }
    return bytes_make(decoder->scratch, (size_t)len);
fail:
    decoder_fail(decoder);
    return BYTES("");
}

struct bytes decode_string(struct decoder *decoder) {
    uint8_t first = decode_byte(decoder);
    switch (first) {
    case STRING_INT8: return integer_text(decoder, (int8_t)decode_byte(decoder));
    case STRING_INT16: return integer_text(decoder, (int16_t)decode_u16(decoder));
    case STRING_INT32: return integer_text(decoder, (int32_t)decode_u32(decoder));
    case STRING_LZF: return decompressed(decoder);
    default: break;
    }
    uint64_t len = length_after(decoder, first);
    if (decoder->failed || len > decoder_left(decoder)) {
        decoder_fail(decoder);
        return BYTES("");
    }
    return decode_raw(decoder, (size_t)len);
}

static bool field_is(struct decoder *decoder, uint64_t kind) {
    if (decode_length(decoder) != kind) decoder_fail(decoder);
    return !decoder->failed;
}

uint64_t decode_field_unsigned(struct decoder *decoder) {
    return field_is(decoder, FIELD_UNSIGNED) ? decode_length(decoder) : 0;
}

int64_t decode_field_signed(struct decoder *decoder) {
    return field_is(decoder, FIELD_SIGNED) ? (int64_t)decode_length(decoder) : 0;
}

double decode_field_double(struct decoder *decoder) {
    return field_is(decoder, FIELD_DOUBLE) ? decode_double(decoder) : 0;
}

struct bytes decode_field_string(struct decoder *decoder) {
    return field_is(decoder, FIELD_STRING) ? decode_string(decoder) : BYTES("");
}

void decode_field_end(struct decoder *decoder) { (void)field_is(decoder, FIELD_END); }
