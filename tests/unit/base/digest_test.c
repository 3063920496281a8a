/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/digest.h"

/* The same check, a bit at a time. */
static uint64_t slow_crc64(uint64_t crc, struct bytes bytes) {
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (uint8_t)bytes.data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x95ac9329ac4bc9b5 : 0);
    }
    return crc;
}

static uint16_t slow_crc16(struct bytes bytes) {
    unsigned crc = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned)(uint8_t)bytes.data[i] << 8;
        for (int bit = 0; bit < 8; bit++) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    return (uint16_t)crc;
}

static void fill(char *out, size_t len) {
    uint32_t state = 1;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        out[i] = (char)(state >> 24);
    }
}

Test(digest, crc64_gives_the_published_check_value) {
    cr_expect_eq(digest_crc64(0, BYTES("123456789")), 0xe9c6d914c4b8d9ca);
    cr_expect_eq(digest_crc64(0, BYTES("")), 0);
}

Test(digest, crc64_tables_agree_with_one_bit_at_a_time) {
    char data[3000];
    fill(data, sizeof data);
    for (size_t len = 0; len < 40; len++) {
        for (size_t start = 0; start < 9; start++) {
            struct bytes part = {data + start * 17, len};
            cr_assert_eq(digest_crc64(len * 77, part), slow_crc64(len * 77, part));
        }
    }
    cr_expect_eq(digest_crc64(0, bytes_make(data, sizeof data)),
                 slow_crc64(0, bytes_make(data, sizeof data)));
}

Test(digest, crc64_can_be_taken_in_parts) {
    char data[100];
    fill(data, sizeof data);
    uint64_t whole = digest_crc64(0, bytes_make(data, sizeof data));
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        uint64_t head = digest_crc64(0, bytes_make(data, cut));
        cr_assert_eq(digest_crc64(head, bytes_make(data + cut, sizeof data - cut)), whole);
    }
}

/* CLUSTER KEYSLOT on redis-server 7.0 gives these, modulo 16384. */
Test(digest, crc16_gives_the_slots_that_the_peers_give) {
    cr_expect_eq(digest_crc16(BYTES("123456789")), 0x31c3);
    cr_expect_eq(digest_crc16(BYTES("foo")) % 16384, 12182);
    cr_expect_eq(digest_crc16(BYTES("bar")) % 16384, 5061);
    cr_expect_eq(digest_crc16(BYTES("")), 0);
}

Test(digest, crc16_table_agrees_with_one_bit_at_a_time) {
    for (int byte = 0; byte < 256; byte++) {
        char two[2] = {(char)byte, (char)(byte * 7)};
        cr_assert_eq(digest_crc16(bytes_make(two, 2)), slow_crc16(bytes_make(two, 2)));
    }
}

static void expect_sha1(const struct digest_sha1 *sha1, const char *expected) {
    struct digest_sha1 copy = *sha1;
    uint8_t out[20];
    char text[41];
    digest_sha1_finish(&copy, out);
    for (size_t i = 0; i < sizeof out; i++) {
        text[i * 2] = "0123456789abcdef"[out[i] >> 4];
        text[i * 2 + 1] = "0123456789abcdef"[out[i] & 15];
    }
    text[40] = '\0';
    cr_expect_str_eq(text, expected);
}

/* RFC 3174, section 7.3, and the empty text. */
Test(digest, sha1_gives_the_values_of_its_rfc) {
    struct digest_sha1 sha1;
    digest_sha1_init(&sha1);
    expect_sha1(&sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    digest_sha1_add(&sha1, BYTES("abc"));
    expect_sha1(&sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");

    digest_sha1_init(&sha1);
    digest_sha1_add(&sha1, BYTES("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
    expect_sha1(&sha1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");

    digest_sha1_init(&sha1);
    for (int i = 0; i < 1000000; i++) digest_sha1_add(&sha1, BYTES("a"));
    expect_sha1(&sha1, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");

    digest_sha1_init(&sha1);
    for (int i = 0; i < 80; i++) digest_sha1_add(&sha1, BYTES("01234567"));
    expect_sha1(&sha1, "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

Test(digest, sha1_does_not_care_how_the_bytes_arrive) {
    char data[200];
    fill(data, sizeof data);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct digest_sha1 whole;
        struct digest_sha1 parts;
        uint8_t expected[20];
        uint8_t out[20];
        digest_sha1_init(&whole);
        digest_sha1_add(&whole, bytes_make(data, len));
        digest_sha1_finish(&whole, expected);
        digest_sha1_init(&parts);
        for (size_t at = 0, size = 1; at < len; at += size, size = size % 67 + 13) {
            if (size > len - at) size = len - at;
            digest_sha1_add(&parts, bytes_make(data + at, size));
        }
        digest_sha1_finish(&parts, out);
        cr_assert_eq(memcmp(out, expected, sizeof out), 0);
    }
}

static const char *sha256_of(struct bytes bytes) {
    static char text[2 * DIGEST_SHA256_BYTES + 1];
    uint8_t digest[DIGEST_SHA256_BYTES];
    digest_sha256(bytes, digest);
    for (int i = 0; i < DIGEST_SHA256_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

/* The examples of FIPS 180-4, and what sha256sum says of lengths around the ends of blocks. */
Test(digest, sha256_gives_the_published_digests) {
    static char many_a[1000000];
    cr_expect_str_eq(sha256_of(BYTES("abc")),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cr_expect_str_eq(sha256_of(BYTES("")),
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cr_expect_str_eq(sha256_of(BYTES("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(many_a, 'a', sizeof many_a);
    cr_expect_str_eq(sha256_of(bytes_make(many_a, sizeof many_a)),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    static const struct {
        size_t len;
        const char *digest;
    } ends[] = {
        {1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
    };
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        cr_expect_str_eq(sha256_of(bytes_make(many_a, ends[i].len)), ends[i].digest, "%zu",
                         ends[i].len);
}
