/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <math.h>

#include "base/digest.h"
#include "base/encode.h"
#include "base/memory.h"
#include "base/text.h"

static void expect_bytes(struct bytes got, struct bytes expected) {
    char left[512];
    char right[512];
    left[text_quote(left, sizeof left - 1, got)] = '\0';
    right[text_quote(right, sizeof right - 1, expected)] = '\0';
    cr_expect(bytes_equal(got, expected), "got %s, expected %s", left, right);
}

static struct bytes repeat(char *out, char c, size_t count) {
    memset(out, c, count);
    return bytes_make(out, count);
}

/* A DUMP payload of a string: type 0, the string, two bytes of version, eight of CRC-64. */
struct dump {
    struct bytes text;
    struct bytes payload;
};

#define ALPHABET "abcdefghijklmnopqrstu"
#define A(n) "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + 64 - (n), n

/* From redis-server 7.0, but for the three last ones. */
static const struct dump peer_dumps[] = {
    {BYTES(""), BYTES("\x00\x00\x0a\x00]\x9b\\@\x0f\x7f\xa2\xda")},
    {BYTES("0"), BYTES("\x00\xc0\x00\x0a\x00\x98@\xa7x\xf8P\x03\x08")},
    {BYTES("-1"), BYTES("\x00\xc0\xff\x0a\x00\x0c\x93~$\x85\x08\x9d\xc5")},
    {BYTES("127"), BYTES("\x00\xc0\x7f\x0a\x00\x0d\xb5\xeb"
                         "1RT\xc5\x14")},
    {BYTES("128"), BYTES("\x00\xc1\x80\x00\x0a\x00\xebz\xb3\xb5\x10\xcfKe")},
    {BYTES("-128"), BYTES("\x00\xc0\x80\x0a\x00\x99"
                          "f2m/\x0c[\xd9")},
    {BYTES("-129"), BYTES("\x00\xc1\x7f\xff\x0a\x00\x17`\x82(T\x80\x84\x80")},
    {BYTES("32767"), BYTES("\x00\xc1\xff\x7f\x0a\x00IZ7\xda\x17\xf4\xd5+")},
    {BYTES("32768"), BYTES("\x00\xc2\x00\x80\x00\x00\x0a\x00"
                           "E\xd8.\xed\xd5\xbd\xa9\x10")},
    {BYTES("-32768"), BYTES("\x00\xc1\x00\x80\x0a\x00\xb5@\x06GS\xbb\x1a\xce")},
    {BYTES("-32769"), BYTES("\x00\xc2\xff\x7f\xff\xff\x0a\x00\xae\xe3LM\x06\xc6\x85"
                            "6")},
    {BYTES("2147483647"), BYTES("\x00\xc2\xff\xff\xff\x7f\x0a\x00,t\xe5\x9e\xe0.\xad\xa1")},
    {BYTES("2147483648"), BYTES("\x00\x0a"
                                "2147483648\x0a\x00\xe7\xb1)\xa3L\x1dv\xee")},
    {BYTES("-2147483648"), BYTES("\x00\xc2\x00\x00\x00\x80\x0a\x00\xc7O\x87>3U\x81\x87")},
    {BYTES("-2147483649"), BYTES("\x00\x0b-2147483649\x0a\x00\xc2"
                                 "a7y\x08\xf2\x02\x8c")},
    {BYTES("01"), BYTES("\x00\x02"
                        "01\x0a\x00l\xdd\xc4"
                        "A\x14L}\xa4")},
    {BYTES("hello"), BYTES("\x00\x05hello\x0a\x00"
                           "cr\xdfve4 \x0a")},
    {{A(20)},
     BYTES("\x00\x14"
           "aaaaaaaaaaaaaaaaaaaa\x0a\x00\x83\xb4k^\x1b\x11\xac\xf1")},
    {{A(21)},
     BYTES("\x00\xc3\x06\x15\x01"
           "aa\xe0\x0a\x00\x0a\x00\xfd\x0c\xb3h\x07"
           "A?h")},
    {{A(64)},
     BYTES("\x00\xc3\x09@@\x01"
           "aa\xe0"
           "3\x00\x01"
           "aa\x0a\x00\xc3"
           "e\x96\x12\xce\x1c\xc4l")},
    {BYTES(ALPHABET), BYTES("\x00\x15"
                            "abcdefghijklmnopqrstu\x0a\x00\xad\x1c#\x02\x9a\x10\xe3\x06")},
    {{A(64)},
     BYTES("\x00\xc3\x09@@\x01"
           "aa\xe0"
           "3\x00\x01"
           "aa\x0c\x00\x08\x13\xa2\xd2"
           "46Z%")},
    {{A(64)},
     BYTES("\x00\xc3\x09@@\x01"
           "aa\xe0"
           "3\x00\x01"
           "aaP\x00\x0cO_\x83PN\xa3\x98")},
    {BYTES("hello"), BYTES("\x00\x05helloP\x00\xacX\x16\xe7\xfb"
                           "fG\xfe")},
};

#define DUMP_TAIL_BYTES 10

Test(encode, reads_the_strings_that_the_peers_dump) {
    for (size_t i = 0; i < COUNT_OF(peer_dumps); i++) {
        struct bytes payload = peer_dumps[i].payload;
        struct decoder decoder;
        decoder_init(&decoder, payload);
        cr_expect_eq(decode_byte(&decoder), 0);
        expect_bytes(decode_string(&decoder), peer_dumps[i].text);
        cr_expect_eq(decoder_left(&decoder), DUMP_TAIL_BYTES);
        uint16_t version = decode_u16(&decoder);
        cr_expect(version == 10 || version == 12 || version == 80);
        uint64_t crc = digest_crc64(0, bytes_make(payload.data, payload.len - 8));
        cr_expect_eq(decode_u64(&decoder), crc);
        cr_expect(decoder_at_end(&decoder) && !decoder.failed);
        decoder_deinit(&decoder);
    }
}

Test(encode, writes_the_strings_that_the_peers_dump) {
    for (size_t i = 0; i < COUNT_OF(peer_dumps); i++) {
        struct encoder encoder;
        encoder_init(&encoder);
        encode_byte(&encoder, 0);
        encode_string(&encoder, peer_dumps[i].text, true);
        struct bytes payload = peer_dumps[i].payload;
        expect_bytes(encoder_bytes(&encoder),
                     bytes_make(payload.data, payload.len - DUMP_TAIL_BYTES));
        cr_expect_not(encoder.failed);
        encoder_deinit(&encoder);
    }
}

static void expect_string_round_trip(struct bytes text, bool compress) {
    struct encoder encoder;
    struct decoder decoder;
    encoder_init(&encoder);
    encode_string(&encoder, text, compress);
    encode_byte(&encoder, 0x5a);
    cr_assert_not(encoder.failed);
    decoder_init(&decoder, encoder_bytes(&encoder));
    struct bytes back = decode_string(&decoder);
    cr_assert(bytes_equal(back, text), "%zu bytes", text.len);
    cr_assert_eq(decode_byte(&decoder), 0x5a);
    cr_assert(decoder_at_end(&decoder) && !decoder.failed);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

Test(encode, reads_back_strings_of_all_sizes) {
    static char text[100000];
    uint32_t state = 7;
    for (size_t i = 0; i < sizeof text; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (char)('a' + (state >> 28 & 3));
    }
    for (size_t len = 0; len < 400; len++) {
        expect_string_round_trip(bytes_make(text, len), true);
        expect_string_round_trip(bytes_make(text, len), false);
    }
    static const size_t lens[] = {16383, 16384, 65535, 65536, sizeof text};
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        expect_string_round_trip(bytes_make(text, lens[i]), true);
        expect_string_round_trip(bytes_make(text, lens[i]), false);
    }
    memset(text, 'x', sizeof text);
    expect_string_round_trip(bytes_make(text, sizeof text), true);
}

Test(encode, keeps_texts_that_only_look_like_integers) {
    static const char *const texts[] = {"00",         "-0",          "+1", "01", " 1",
                                        "2147483648", "-2147483649", "-",  "1.0"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct encoder encoder;
        encoder_init(&encoder);
        encode_string(&encoder, bytes_of(texts[i]), true);
        cr_expect_eq(encoder.len, strlen(texts[i]) + 1);
        encoder_deinit(&encoder);
        expect_string_round_trip(bytes_of(texts[i]), true);
    }
}

Test(encode, writes_lengths_in_the_fewest_bytes) {
    static const struct {
        uint64_t length;
        struct bytes bytes;
    } rows[] = {
        {0, BYTES("\0")},
        {63, BYTES("\x3f")},
        {64, BYTES("\x40\x40")},
        {16383, BYTES("\x7f\xff")},
        {16384, BYTES("\x80\0\0\x40\0")},
        {UINT32_MAX, BYTES("\x80\xff\xff\xff\xff")},
        {(uint64_t)UINT32_MAX + 1, BYTES("\x81\0\0\0\1\0\0\0\0")},
        {UINT64_MAX, BYTES("\x81\xff\xff\xff\xff\xff\xff\xff\xff")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct encoder encoder;
        struct decoder decoder;
        encoder_init(&encoder);
        encode_length(&encoder, rows[i].length);
        expect_bytes(encoder_bytes(&encoder), rows[i].bytes);
        decoder_init(&decoder, rows[i].bytes);
        cr_expect_eq(decode_length(&decoder), rows[i].length);
        cr_expect(decoder_at_end(&decoder) && !decoder.failed);
        decoder_deinit(&decoder);
        encoder_deinit(&encoder);
    }
}

static void write_everything(struct encoder *encoder) {
    char text[64];
    encode_byte(encoder, 0xab);
    encode_u16(encoder, 0x1234);
    encode_u32(encoder, 0x12345678);
    encode_u64(encoder, 0x123456789abcdef0);
    encode_double(encoder, -1.5);
    encode_length(encoder, 100000);
    encode_raw(encoder, BYTES("raw"));
    encode_field_unsigned(encoder, UINT64_MAX);
    encode_field_signed(encoder, -5);
    encode_field_signed(encoder, INT64_MIN);
    encode_field_double(encoder, 2.5);
    encode_field_string(encoder, BYTES("field"));
    encode_field_string(encoder, BYTES("12345"));
    encode_string(encoder, repeat(text, 'z', sizeof text), true);
    encode_field_end(encoder);
}

/* False as soon as something is not what write_everything wrote. */
static bool read_everything(struct decoder *decoder) {
    char text[64];
    bool same = decode_byte(decoder) == 0xab;
    same &= decode_u16(decoder) == 0x1234;
    same &= decode_u32(decoder) == 0x12345678;
    same &= decode_u64(decoder) == 0x123456789abcdef0;
    same &= decode_double(decoder) == -1.5;
    same &= decode_length(decoder) == 100000;
    same &= bytes_equal(decode_raw(decoder, 3), BYTES("raw"));
    same &= decode_field_unsigned(decoder) == UINT64_MAX;
    same &= decode_field_signed(decoder) == -5;
    same &= decode_field_signed(decoder) == INT64_MIN;
    same &= decode_field_double(decoder) == 2.5;
    same &= bytes_equal(decode_field_string(decoder), BYTES("field"));
    same &= bytes_equal(decode_field_string(decoder), BYTES("12345"));
    same &= bytes_equal(decode_string(decoder), repeat(text, 'z', sizeof text));
    decode_field_end(decoder);
    return same;
}

Test(encode, reads_back_every_kind_of_value) {
    struct encoder encoder;
    struct decoder decoder;
    encoder_init(&encoder);
    write_everything(&encoder);
    cr_assert_not(encoder.failed);
    decoder_init(&decoder, encoder_bytes(&encoder));
    cr_expect(read_everything(&decoder));
    cr_expect(decoder_at_end(&decoder) && !decoder.failed);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

Test(encode, fixed_sizes_are_little_endian) {
    struct encoder encoder;
    encoder_init(&encoder);
    encode_u16(&encoder, 0x0102);
    encode_u32(&encoder, 0x03040506);
    encode_u64(&encoder, 0x0708090a0b0c0d0e);
    encode_double(&encoder, 1);
    expect_bytes(encoder_bytes(&encoder), BYTES("\2\1\6\5\4\3\x0e\x0d\x0c\x0b\x0a\x09\x08\x07"
                                                "\0\0\0\0\0\0\xf0\x3f"));
    encoder_deinit(&encoder);
}

Test(encode, any_truncation_is_a_failure_that_lasts) {
    struct encoder encoder;
    encoder_init(&encoder);
    write_everything(&encoder);
    for (size_t len = 0; len < encoder.len; len++) {
        struct decoder decoder;
        /* A block of its own, so that a sanitizer sees a byte read too far. */
        char *cut = memory_allocate(len == 0 ? 1 : len);
        memcpy(cut, encoder.data, len);
        decoder_init(&decoder, bytes_make(cut, len));
        (void)read_everything(&decoder);
        cr_assert(decoder.failed, "%zu bytes are not enough", len);
        cr_expect_eq(decode_u64(&decoder), 0);
        cr_expect_eq(decode_string(&decoder).len, 0);
        cr_expect_eq(decoder_left(&decoder), 0);
        decoder_deinit(&decoder);
        memory_free(cut);
    }
    encoder_deinit(&encoder);
}

Test(encode, lies_in_lengths_are_found_before_memory_is_taken) {
    static const struct bytes lies[] = {
        BYTES("\x05"
              "abcd"), /* a byte short */
        BYTES("\x80\xff\xff\xff\xff"
              "abcd"), /* 4 GB */
        BYTES("\x81\xff\xff\xff\xff\xff\xff\xff\xff"
              "abcd"), /* all there is */
        BYTES("\xc3\x03\x80\x7f\xff\xff\xff"
              "\x01"
              "ab"), /* 2 GB of three bytes */
        BYTES("\xc3\x04\x05"
              "\x01"
              "ab"), /* compressed beyond the end */
        BYTES("\xc3\x00\x05"
              "abcde"), /* compressed to nothing */
        BYTES("\xc3\x03\x00"
              "\x01"
              "ab"), /* nothing compressed */
        BYTES("\xc3\x03\x05"
              "\x01"
              "ab"), /* two bytes, not five */
        BYTES("\xc3\x03\x01"
              "\x01"
              "ab"), /* two bytes, not one */
        BYTES("\xc3\x03\x09"
              "\xe0\xff\xff"), /* refers to before the start */
        BYTES("\xc3\xc0\x01\x02"
              "ab"), /* a length that is none */
        BYTES("\xc4"
              "abcd"), /* an encoding nobody knows */
        BYTES("\xff"
              "abcd"),
        BYTES("\x82"
              "abcdefgh"),
    };
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct decoder decoder;
        decoder_init(&decoder, lies[i]);
        cr_expect_eq(decode_string(&decoder).len, 0, "lie %zu", i);
        cr_expect(decoder.failed, "lie %zu", i);
        cr_expect_leq(decoder.scratch_capacity, 1024, "lie %zu", i);
        decoder_deinit(&decoder);
    }
}

Test(encode, a_string_is_no_length_and_a_field_no_other_field) {
    struct decoder decoder;
    decoder_init(&decoder, BYTES("\xc0\x05"));
    cr_expect_eq(decode_length(&decoder), 0);
    cr_expect(decoder.failed);
    decoder_deinit(&decoder);
    decoder_init(&decoder, BYTES("\x02\x05"));
    cr_expect_eq(decode_field_signed(&decoder), 0);
    cr_expect(decoder.failed);
    decoder_deinit(&decoder);
    decoder_init(&decoder, BYTES("\x02"));
    decode_field_end(&decoder);
    cr_expect(decoder.failed);
    decoder_deinit(&decoder);
}

Test(encode, refused_memory_latches_a_failure_and_keeps_quiet_afterwards) {
    struct encoder encoder;
    memory_fail_try(1);
    encoder_init(&encoder);
    write_everything(&encoder);
    memory_fail_try(0);
    cr_expect(encoder.failed);
    cr_expect_eq(encoder.len, 0);
    encode_byte(&encoder, 1);
    cr_expect_eq(encoder.len, 0);
    encoder_deinit(&encoder);

    struct decoder decoder;
    decoder_init(&decoder, BYTES("\xc0\x05"));
    memory_fail_try(1);
    cr_expect_eq(decode_string(&decoder).len, 0);
    memory_fail_try(0);
    cr_expect(decoder.failed);
    decoder_deinit(&decoder);
}

/* The characters are those that redis-server 7.0 names when a file it loads has a value of type 7
 * with such an id: "no matching module type 'rate-Z_09'". */
Test(encode, module_ids_are_nine_characters_and_a_version) {
    cr_expect_eq(encode_module_id("AAAAAAAAA", 0), 0);
    cr_expect_eq(encode_module_id("AAAAAAAAB", 3), 1 << 10 | 3);
    cr_expect_eq(encode_module_id("_________", 1023), UINT64_MAX);
    cr_expect_eq(encode_module_id("rate-Z_09", 7), 0xadab5ef99ff4f407);
}
