/* SPDX-License-Identifier: BSD-3-Clause */
/* Every type is saved and comes back the same, and no stranger's bytes do harm. */
#include "contracts/contract.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/memory.h"
#include "keyspace/payload.h"

static struct contract c;
static void setup(void) { contract_init(&c, 5); }
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_keeping, .init = setup, .fini = teardown, .timeout = 300);

static const struct keyspace *keyspace_of(void) { return &c.server.server.executor.keyspace; }

static void digest_value(const struct value *value, char hex[41]) {
    struct value_digest digest = {0};
    value->type->digest(value, &digest);
    digest_to_hex(&digest, hex);
}

static void drop(struct value *value) {
    if (value->type != NULL && value->storage == VALUE_BOXED) value->type->destroy(value->boxed);
}

/* A value that was accepted must be as good as any: it can be looked at, copied and kept again. */
static void check_good(const struct value *value) {
    char digest[41], again_digest[41];
    digest_value(value, digest);
    cr_assert_not_null(value->type->encoding(value));
    if (value->type->count != NULL) (void)value->type->count(value);
    if (value->storage == VALUE_BOXED) {
        cr_assert_gt(value->type->bytes(value->boxed, 0), 0);
        struct value copy = *value;
        copy.boxed = value->type->copy(value->boxed);
        digest_value(&copy, again_digest);
        cr_assert_str_eq(again_digest, digest);
        cr_assert_eq(value->type->bytes(copy.boxed, 0) > 0, true);
        drop(&copy);
    }
    struct encoder encoder;
    encoder_init(&encoder);
    cr_assert_eq(payload_save(value, &encoder), OUTCOME_OK);
    struct decoder decoder;
    struct value again;
    cr_assert_eq(payload_load(keyspace_of(), encoder_bytes(&encoder), &decoder, &again),
                 OUTCOME_OK);
    digest_value(&again, again_digest);
    cr_assert_str_eq(again_digest, digest);
    drop(&again);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

/* --- what was saved comes back --- */

struct kept {
    size_t keys;
    size_t by_type[KEYSPACE_TYPES_MAX];
};

static void check_kept(void *context, struct database *database, const struct entry *entry) {
    struct kept *kept = context;
    struct value value;
    keyspace_value(keyspace_of(), entry, &value);
    check_good(&value);
    kept->keys++;
    kept->by_type[entry->type]++;
    (void)database;
}

static void every_type_was_there(const struct kept *kept) {
    for (uint8_t i = 0; i < keyspace_of()->type_count; i++)
        cr_assert_gt(kept->by_type[i], 0, "no command makes a %s", keyspace_of()->types[i]->name);
}

Test(contract_keeping, values_are_loaded_as_they_were_saved) {
    struct kept kept = {0};
    for (int round = 0; round < 20; round++) {
        contract_populate(&c, 200);
        keyspace_audit_each(&c.server.server.executor.keyspace, check_kept, &kept);
    }
    every_type_was_there(&kept);
    cr_assert_gt(kept.keys, 100);
}

/* The same through the words of a client; in another database, so that what is visited stays. */
static void check_restored(void *context, struct database *database, const struct entry *entry) {
    struct kept *kept = context;
    if (database->index != 0) return;
    struct value value, again;
    keyspace_value(keyspace_of(), entry, &value);
    struct encoder encoder;
    encoder_init(&encoder);
    cr_assert_eq(payload_save(&value, &encoder), OUTCOME_OK);
    const struct bytes key = BYTES("contract:again");
    const struct bytes restore[] = {BYTES("RESTORE"), key, BYTES("0"), encoder_bytes(&encoder),
                                    BYTES("REPLACE")};
    server_harness_run(&c.server, "SELECT 9");
    cr_assert_str_eq(server_harness_run_argv(&c.server, restore, 5), "+OK\r\n");
    encoder_deinit(&encoder);
    struct keyspace_place place = keyspace_find(&keyspace_of()->databases[9], key, hash_bytes(key));
    keyspace_value(keyspace_of(), place.entry, &again);
    char one[41], other[41];
    digest_value(&value, one);
    digest_value(&again, other);
    cr_assert_str_eq(other, one);
    kept->by_type[entry->type]++;
}

Test(contract_keeping, dumped_and_restored_keys_have_the_same_digest) {
    struct kept kept = {0};
    for (int round = 0; round < 10; round++) {
        server_harness_run(&c.server, "SELECT 0");
        contract_populate(&c, 200);
        keyspace_audit_each(&c.server.server.executor.keyspace, check_restored, &kept);
    }
    every_type_was_there(&kept);
}

/* --- strangers' bytes --- */

struct sample {
    char *body; /* what lies before version and checksum */
    size_t len;
};

struct samples {
    struct sample all[400];
    size_t count;
    size_t by_type[KEYSPACE_TYPES_MAX];
};

static void take_sample(void *context, struct database *database, const struct entry *entry) {
    struct samples *samples = context;
    (void)database;
    if (samples->count == COUNT_OF(samples->all) || samples->by_type[entry->type] >= 40) return;
    struct value value;
    keyspace_value(keyspace_of(), entry, &value);
    struct encoder encoder;
    encoder_init(&encoder);
    cr_assert_eq(payload_save(&value, &encoder), OUTCOME_OK);
    size_t len = encoder.len - PAYLOAD_FOOTER_BYTES;
    if (len <= 600) {
        char *body = malloc(len);
        memcpy(body, encoder.data, len);
        samples->all[samples->count++] = (struct sample){body, len};
        samples->by_type[entry->type]++;
    }
    encoder_deinit(&encoder);
}

static void take_samples(struct samples *samples) {
    for (int round = 0; round < 10; round++) {
        contract_populate(&c, 150);
        keyspace_audit_each(&c.server.server.executor.keyspace, take_sample, samples);
    }
    for (uint8_t i = 0; i < keyspace_of()->type_count; i++)
        cr_assert_gt(samples->by_type[i], 0, "%s", keyspace_of()->types[i]->name);
}

static void free_samples(struct samples *samples) {
    for (size_t i = 0; i < samples->count; i++) free(samples->all[i].body);
}

/* Loads bytes that have a right checksum. True when they were accepted; then they were good. */
static bool load_body(struct bytes body) {
    struct encoder encoder;
    encoder_init(&encoder);
    encode_raw(&encoder, body);
    encode_u16(&encoder, PAYLOAD_VERSION);
    encode_u64(&encoder, digest_crc64(0, encoder_bytes(&encoder)));
    /* In a block of its own size, so that a sanitizer sees who reads beyond. */
    char *exact = malloc(encoder.len);
    memcpy(exact, encoder.data, encoder.len);
    struct bytes payload = bytes_make(exact, encoder.len);
    encoder_deinit(&encoder);
    struct decoder decoder;
    struct value value;
    enum outcome outcome = payload_load(keyspace_of(), payload, &decoder, &value);
    if (outcome == OUTCOME_OK) {
        check_good(&value);
        drop(&value);
    } else {
        cr_assert_eq(outcome, OUTCOME_CORRUPT);
    }
    decoder_deinit(&decoder);
    free(exact);
    return outcome == OUTCOME_OK;
}

/* A prefix is never a value: all formats say how long they are. */
Test(contract_keeping, no_truncated_payload_is_accepted) {
    static struct samples samples;
    take_samples(&samples);
    size_t before = memory_used_bytes();
    for (size_t i = 0; i < samples.count; i++) {
        struct sample sample = samples.all[i];
        cr_assert(load_body(bytes_make(sample.body, sample.len)));
        for (size_t len = 0; len < sample.len; len++)
            cr_assert_not(load_body(bytes_make(sample.body, len)), "%zu of %zu bytes", len,
                          sample.len);
    }
    cr_assert_eq(memory_used_bytes(), before, "some payload left memory behind");
    free_samples(&samples);
}

Test(contract_keeping, a_changed_byte_is_refused_or_makes_a_good_value) {
    static const uint8_t others[] = {0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff};
    static struct samples samples;
    take_samples(&samples);
    size_t before = memory_used_bytes(), accepted = 0, refused = 0;
    for (size_t i = 0; i < samples.count; i++) {
        struct sample sample = samples.all[i];
        for (size_t at = 0; at < sample.len; at++) {
            char kept = sample.body[at];
            for (size_t j = 0; j < COUNT_OF(others) + 3; j++) {
                uint8_t byte = (uint8_t)kept;
                if (j < COUNT_OF(others)) byte = others[j];
                else byte = (uint8_t)(byte + (j - COUNT_OF(others)) * 2 - 1);
                sample.body[at] = (char)byte;
                bool good = load_body(bytes_make(sample.body, sample.len));
                accepted += good;
                refused += !good;
            }
            sample.body[at] = kept;
        }
    }
    cr_assert_eq(memory_used_bytes(), before, "some payload left memory behind");
    cr_assert(accepted > 0 && refused > 0);
    free_samples(&samples);
}
