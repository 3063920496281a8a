/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Writing and reading values as bytes: the primitives of the RDB format (facts from the format's
 * public description and from files that real servers write), so that what is saved here can be
 * read there.
 *
 * An encoder appends to memory it owns; when memory is refused it latches `failed` and swallows
 * what follows. A decoder borrows its input; when the input is short or wrong it latches `failed`,
 * every later read gives zero or empty, and nothing is ever read beyond the end. Callers check
 * once, at the end. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"

struct encoder {
    char *data;
    size_t len;
    size_t capacity;
    bool failed;
};

void encoder_init(struct encoder *encoder);
void encoder_deinit(struct encoder *encoder);
struct bytes encoder_bytes(const struct encoder *encoder); /* valid until the next write */
void encode_raw(struct encoder *encoder, struct bytes bytes);
void encode_byte(struct encoder *encoder, uint8_t value);
void encode_u16(struct encoder *encoder, uint16_t value); /* fixed sizes are little-endian */
void encode_u32(struct encoder *encoder, uint32_t value);
void encode_u64(struct encoder *encoder, uint64_t value);
void encode_double(struct encoder *encoder, double value); /* IEEE 754 bits, little-endian */
/* RDB length: 6, 14, 32 or 64 bits, big-endian after the first byte. */
void encode_length(struct encoder *encoder, uint64_t length);
/* RDB string: small integers as 8/16/32 bits when the text is their canonical form, LZF when
 * `compress` and it is longer than 20 bytes and gets shorter, else length and bytes. */
void encode_string(struct encoder *encoder, struct bytes text, bool compress);
/* Fields of a module value (opcodes 2 = unsigned, 1 = signed, 4 = double, 5 = string, 0 = end):
 * self-delimiting, skippable by any RDB reader. */
void encode_field_unsigned(struct encoder *encoder, uint64_t value);
void encode_field_signed(struct encoder *encoder, int64_t value);
void encode_field_double(struct encoder *encoder, double value);
void encode_field_string(struct encoder *encoder, struct bytes text);
void encode_field_end(struct encoder *encoder);
/* The 64-bit id of a module type: nine characters of six bits and a version of ten bits. */
uint64_t encode_module_id(const char tag[9], uint32_t version);

struct decoder {
    const char *data;
    size_t len;
    size_t at;
    bool failed;
    char *scratch; /* holds the last decompressed or printed string; owned */
    size_t scratch_capacity;
};

void decoder_init(struct decoder *decoder, struct bytes input);
void decoder_deinit(struct decoder *decoder);
bool decoder_at_end(const struct decoder *decoder);
size_t decoder_left(const struct decoder *decoder);
void decoder_fail(struct decoder *decoder);
struct bytes decode_raw(struct decoder *decoder, size_t len); /* borrows the input */
uint8_t decode_byte(struct decoder *decoder);
uint16_t decode_u16(struct decoder *decoder);
uint32_t decode_u32(struct decoder *decoder);
uint64_t decode_u64(struct decoder *decoder);
double decode_double(struct decoder *decoder);
uint64_t decode_length(struct decoder *decoder); /* a special encoding is a failure here */
/* Any string encoding. Valid until the next decode_string or decode_field_string. */
struct bytes decode_string(struct decoder *decoder);
uint64_t decode_field_unsigned(struct decoder *decoder);
int64_t decode_field_signed(struct decoder *decoder);
double decode_field_double(struct decoder *decoder);
struct bytes decode_field_string(struct decoder *decoder);
void decode_field_end(struct decoder *decoder);
