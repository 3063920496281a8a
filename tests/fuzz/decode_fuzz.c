/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that claim to be saved values: read in any order of reads, they never take us beyond the
 * end; written as a string, they are read back the same. The first byte chooses which of the two,
 * and in the first case each read is chosen by a byte of the input's second half. */
#include <assert.h>
#include <stdlib.h>

#include "base/encode.h"
#include "base/memory.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every byte, so that a sanitizer sees a bad one. */
static void look_at(struct bytes bytes) {
    volatile char last = 0;
    for (size_t i = 0; i < bytes.len; i++) last = bytes.data[i];
    (void)last;
}

static void read_one(struct decoder *decoder, uint8_t choice) {
    switch (choice % 13) {
    case 0: (void)decode_byte(decoder); break;
    case 1: (void)decode_u16(decoder); break;
    case 2: (void)decode_u32(decoder); break;
    case 3: (void)decode_u64(decoder); break;
    case 4: (void)decode_double(decoder); break;
    case 5: (void)decode_length(decoder); break;
    case 6: look_at(decode_raw(decoder, choice)); break;
    case 7: (void)decode_field_unsigned(decoder); break;
    case 8: (void)decode_field_signed(decoder); break;
    case 9: (void)decode_field_double(decoder); break;
    case 10: look_at(decode_field_string(decoder)); break;
    case 11: decode_field_end(decoder); break;
    default: look_at(decode_string(decoder)); break;
    }
}

static void read_as_chosen(struct bytes input, struct bytes choices) {
    struct decoder decoder;
    decoder_init(&decoder, input);
    for (size_t i = 0; i < choices.len; i++) {
        size_t left = decoder_left(&decoder);
        read_one(&decoder, (uint8_t)choices.data[i]);
        assert(decoder_left(&decoder) <= left);
        if (decoder.failed) assert(decoder_left(&decoder) == 0);
    }
    decoder_deinit(&decoder);
}

/* Whatever can be read as a string can be written, and is the same when read again. */
static void read_and_write(struct bytes input) {
    struct decoder decoder;
    decoder_init(&decoder, input);
    struct bytes text = decode_string(&decoder);
    struct encoder encoder;
    encoder_init(&encoder);
    encode_string(&encoder, decoder.failed ? input : text, true);
    struct decoder again;
    decoder_init(&again, encoder_bytes(&encoder));
    struct bytes back = decode_string(&again);
    assert(bytes_equal(back, decoder.failed ? input : text));
    assert(!again.failed && decoder_at_end(&again));
    decoder_deinit(&again);
    encoder_deinit(&encoder);
    decoder_deinit(&decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    size_t len = size - 1;
    char *copy = malloc(len + 1);
    assert(copy != NULL);
    memcpy(copy, data + 1, len);
    if (data[0] & 1) {
        read_and_write(bytes_make(copy, len));
    } else {
        size_t half = len / 2;
        char *input = malloc(half + 1);
        assert(input != NULL);
        memcpy(input + 1, copy, half);
        read_as_chosen(bytes_make(input + 1, half), bytes_make(copy + half, len - half));
        free(input);
    }
    free(copy);
    return 0;
}
