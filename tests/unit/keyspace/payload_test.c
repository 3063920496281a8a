/* SPDX-License-Identifier: BSD-3-Clause */
/* Payloads byte by byte: what live servers dumped, and each way in which one can be wrong. */
#include "keyspace/payload.h"

#include "base/digest.h"
#include "unit/keyspace/keyspace_fixture.h"

static enum outcome load(const struct keyspace *keyspace, struct bytes payload, char *text,
                         size_t *len) {
    struct decoder decoder;
    struct value value;
    enum outcome outcome = payload_load(keyspace, payload, &decoder, &value);
    if (outcome == OUTCOME_OK && value.type == &string_type) {
        char scratch[TEXT_INTEGER_MAX];
        struct bytes bytes = string_bytes(&value, scratch);
        memcpy(text, bytes.data, bytes.len);
        *len = bytes.len;
        string_value_drop(&value);
    }
    decoder_deinit(&decoder);
    return outcome;
}

/* Puts version and checksum behind a body. */
static struct bytes sealed(char *room, struct bytes body, uint16_t version) {
    memcpy(room, body.data, body.len);
    memcpy(room + body.len, &version, 2);
    uint64_t crc = digest_crc64(0, bytes_make(room, body.len + 2));
    memcpy(room + body.len + 2, &crc, 8);
    return bytes_make(room, body.len + PAYLOAD_FOOTER_BYTES);
}

static struct keyspace keyspace;
static void setup(void) { fixture_init(&keyspace, 1); }
static void teardown(void) { keyspace_deinit(&keyspace); }
TestSuite(payload, .init = setup, .fini = teardown);

Test(payload, reads_what_live_servers_dumped) {
    static const struct {
        struct bytes payload;
        struct bytes text;
    } dumps[] = {
        /* the string "v" from Redis 7.0.15, Valkey 9.1.2 and Redis 8.0.6 */
        {BYTES("\x00\x01v\n\x00\x91\x08\xce\xb2\x19\x38\x8a\xce"), BYTES("v")},
        {BYTES("\x00\x01vP\x00^\"\x07#\x87j\xed:"), BYTES("v")},
        {BYTES("\x00\x01v\x0c\x00Z~\xfar\xe3\x12\x14\x87"), BYTES("v")},
    };
    for (size_t i = 0; i < COUNT_OF(dumps); i++) {
        char text[64];
        size_t len = 0;
        cr_assert_eq(load(&keyspace, dumps[i].payload, text, &len), OUTCOME_OK, "dump %zu", i);
        cr_assert(bytes_equal(bytes_make(text, len), dumps[i].text));
    }
}

Test(payload, knows_the_versions_that_exist) {
    char room[64], text[64];
    size_t len;
    for (uint32_t version = 0; version < 200; version++) {
        struct bytes payload = sealed(room, BYTES("\x00\x01v"), (uint16_t)version);
        bool known = version <= 12 || version == 80;
        cr_assert_eq(load(&keyspace, payload, text, &len), known ? OUTCOME_OK : OUTCOME_MALFORMED,
                     "version %u", version);
    }
}

/* Zeros have a checksum of zero, and Redis says OK to any number of them from ten on. Twelve are an
 * empty string of version 0, whole and without anything behind it. */
Test(payload, refuses_zeros_that_are_not_a_whole_value) {
    char zeros[64] = {0}, text[64];
    size_t len;
    for (size_t i = 0; i <= sizeof(zeros); i++) {
        enum outcome expected = i < PAYLOAD_FOOTER_BYTES ? OUTCOME_MALFORMED
                                : i == 12                ? OUTCOME_OK
                                                         : OUTCOME_CORRUPT;
        cr_assert_eq(load(&keyspace, bytes_make(zeros, i), text, &len), expected, "%zu", i);
    }
}

Test(payload, refuses_a_payload_with_any_bit_turned) {
    char room[64], text[64];
    size_t len;
    struct bytes payload = sealed(room, BYTES("\x00\x05hello"), PAYLOAD_VERSION);
    for (size_t bit = 0; bit < payload.len * 8; bit++) {
        room[bit / 8] ^= (char)(1 << bit % 8);
        cr_assert_eq(load(&keyspace, payload, text, &len), OUTCOME_MALFORMED, "bit %zu", bit);
        room[bit / 8] ^= (char)(1 << bit % 8);
    }
    cr_assert_eq(load(&keyspace, payload, text, &len), OUTCOME_OK);
}

Test(payload, refuses_bodies_that_are_signed_and_wrong) {
    static const struct bytes bodies[] = {
        BYTES(""),                         /* nothing */
        BYTES("\x00"),                     /* a string without a length */
        BYTES("\x00\x05hell"),             /* one that is cut */
        BYTES("\x00\x05hello!"),           /* something behind it */
        BYTES("\x00\x80\xff\xff\xff\xff"), /* longer than anything */
        BYTES("\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff"),
        BYTES("\x00\xc4"),             /* an encoding that is none */
        BYTES("\x00\xc3\x01\x05\x00"), /* compressed bytes that are none */
        BYTES("\x00\xc3\x04\x81\x00\x00\x00\x10\x00\x00\x00\x00xxxx"),
        BYTES("\x01\x00"), /* a list: no such type here */
        BYTES("\xff"),
        BYTES("\x07"),                                         /* a module without an id */
        BYTES("\x07\x81\x12\x34\x56\x78\x12\x34\x56\x78\x00"), /* of nobody */
        BYTES("\x06\x00"), /* modules as they were written before */
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        char room[64], text[64];
        size_t len;
        struct bytes payload = sealed(room, bodies[i], PAYLOAD_VERSION);
        cr_assert_eq(load(&keyspace, payload, text, &len), OUTCOME_CORRUPT, "body %zu", i);
    }
}

Test(payload, is_saved_and_loaded_behind_other_bytes_of_an_encoder) {
    struct encoder encoder;
    encoder_init(&encoder);
    encode_raw(&encoder, BYTES("before"));
    struct value value = text_value(BYTES("hello"));
    cr_assert_eq(payload_save(&value, &encoder), OUTCOME_OK);
    char text[64];
    size_t len = 0;
    struct bytes payload = bytes_make(encoder.data + 6, encoder.len - 6);
    cr_assert_eq(load(&keyspace, payload, text, &len), OUTCOME_OK);
    cr_assert(bytes_equal(bytes_make(text, len), BYTES("hello")));
    encoder_deinit(&encoder);
    memory_fail_try(1);
    encoder_init(&encoder);
    cr_assert_eq(payload_save(&value, &encoder), OUTCOME_FULL);
    memory_fail_try(0);
    encoder_deinit(&encoder);
}

/* --- module values --- */

static void save_object(const struct value *value, struct encoder *encoder) {
    encode_field_unsigned(encoder, ((struct object *)value->boxed)->number);
    encode_field_end(encoder);
}

static uint32_t version_told;

static enum outcome load_object(struct decoder *decoder, uint32_t version, struct value *value);

static const struct value_type saved_type = {.name = "saved",
                                             .rdb_type = VALUE_RDB_MODULE,
                                             .disk_tag = "savedobj1",
                                             .disk_version = 3,
                                             .destroy = object_destroy,
                                             .save = save_object,
                                             .load = load_object};

/* Leaves the end mark to be forgotten, so that a wrong end is found by the payload. */
static enum outcome load_object(struct decoder *decoder, uint32_t version, struct value *value) {
    version_told = version;
    uint64_t number = decode_field_unsigned(decoder);
    if (number != 13) decode_field_end(decoder);
    if (decoder->failed) return OUTCOME_CORRUPT;
    *value = (struct value){
        .type = &saved_type, .storage = VALUE_BOXED, .boxed = object_create((uint32_t)number)};
    return OUTCOME_OK;
}

static struct bytes module_payload(char *room, uint32_t version, uint32_t number) {
    struct encoder encoder;
    encoder_init(&encoder);
    encode_byte(&encoder, VALUE_RDB_MODULE);
    encode_length(&encoder, encode_module_id("savedobj1", version));
    encode_field_unsigned(&encoder, number);
    encode_field_end(&encoder);
    struct bytes payload = sealed(room, encoder_bytes(&encoder), PAYLOAD_VERSION);
    encoder_deinit(&encoder);
    return payload;
}

Test(payload, a_module_value_is_known_by_its_id_and_told_its_version) {
    keyspace_add_type(&keyspace, &saved_type);
    char room[64];
    for (uint32_t version = 0; version < 6; version++) {
        struct decoder decoder;
        struct value value;
        enum outcome outcome = payload_load(&keyspace, module_payload(room, version, 5), &decoder,
                                            &value);
        decoder_deinit(&decoder);
        cr_assert_eq(outcome, version <= 3 ? OUTCOME_OK : OUTCOME_CORRUPT);
        if (outcome != OUTCOME_OK) continue;
        cr_assert_eq(version_told, version);
        cr_assert_eq(((struct object *)value.boxed)->number, 5);
        struct encoder encoder;
        encoder_init(&encoder);
        cr_assert_eq(payload_save(&value, &encoder), OUTCOME_OK);
        char other[64];
        cr_assert(bytes_equal(encoder_bytes(&encoder), module_payload(other, 3, 5)));
        encoder_deinit(&encoder);
        object_destroy(value.boxed);
    }
    cr_assert_eq(objects_alive, 0);
}

Test(payload, a_value_with_something_behind_it_is_not_kept) {
    keyspace_add_type(&keyspace, &saved_type);
    char room[64];
    struct decoder decoder;
    struct value value;
    cr_assert_eq(payload_load(&keyspace, module_payload(room, 1, 13), &decoder, &value),
                 OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
    cr_assert_eq(objects_alive, 0);
    cr_assert_null(value.type);
}
