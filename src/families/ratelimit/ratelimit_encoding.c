/* SPDX-License-Identifier: BSD-3-Clause */
/* How limits and policies are kept. A ratelimit is one field, its packed bytes; policies are their
 * number and then each one's name and rules, number by number.
 *
 * Whoever changes what is written raises disk_version and lets `load` read both. */
#include <string.h>

#include "base/encode.h"
#include "commands/family.h"
#include "families/ratelimit/ratelimit.h"
#include "families/ratelimit/ratelimit_policies.h"
#include "families/ratelimit/ratelimit_types.h"

/* --- limits --- */

static const char *ratelimit_encoding(const struct value *value) {
    (void)value;
    return "packed";
}

static size_t limit_count(const struct value *value) {
    struct ratelimit ratelimit;
    return ratelimit_unpack(&ratelimit, value->inlined) ? ratelimit.limit_count : 0;
}

static void save_ratelimit(const struct value *value, struct encoder *encoder) {
    encode_field_string(encoder, value->inlined);
    encode_field_end(encoder);
}

/* Each state has one form, so what does not pack to the same bytes was not written by us. */
static bool is_canonical(const struct ratelimit *ratelimit, struct bytes packed) {
    uint8_t small[RATELIMIT_PACKED_BYTES_SMALL];
    uint8_t *again = small;
    size_t most = ratelimit_packed_bytes_max(ratelimit);
    if (most > sizeof(small)) {
        again = memory_try_allocate(most);
        if (again == NULL) return false;
    }
    size_t len = ratelimit_pack(ratelimit, again);
    bool same = bytes_equal(packed, bytes_make(again, len));
    if (again != small) memory_free(again);
    return same;
}

static enum outcome load_ratelimit(struct decoder *decoder, uint32_t version, struct value *value) {
    if (version != ratelimit_type.disk_version) return OUTCOME_CORRUPT;
    struct bytes packed = decode_field_string(decoder);
    decode_field_end(decoder);
    struct ratelimit ratelimit;
    if (decoder->failed || packed.len < 2 || !ratelimit_unpack(&ratelimit, packed) ||
        !ratelimit_is_valid(&ratelimit) || !is_canonical(&ratelimit, packed)) {
        return OUTCOME_CORRUPT;
    }
    *value = (struct value){.type = &ratelimit_type, .storage = VALUE_INLINED, .inlined = packed};
    return OUTCOME_OK;
}

static void digest_ratelimit(const struct value *value, struct value_digest *digest) {
    value_digest_add(digest, value->inlined);
}

const struct value_type ratelimit_type = {
    .name = "ratelimit",
    .rdb_type = VALUE_RDB_MODULE,
    .disk_tag = "ratelimit",
    .disk_version = 1,
    .event_class = 'a',
    .is_application = true,
    .encoding = ratelimit_encoding,
    .count = limit_count,
    .save = save_ratelimit,
    .load = load_ratelimit,
    .digest = digest_ratelimit,
};

/* --- policies --- */

static void destroy_policies(void *boxed) {
    struct ratelimit_policies *policies = boxed;
    ratelimit_policies_destroy(&policies);
}

static void *copy_policies(const void *boxed) { return ratelimit_policies_copy(boxed); }

static size_t policies_bytes(const void *boxed, size_t samples) {
    (void)samples;
    return ratelimit_policies_bytes(boxed);
}

static size_t policies_effort(const void *boxed) { return ratelimit_policies_count(boxed); }

static const char *policies_encoding(const struct value *value) {
    (void)value;
    return "sorted";
}

static size_t policies_count(const struct value *value) {
    return ratelimit_policies_count(value->boxed);
}

static void save_rule(const struct limiter_rule *rule, struct encoder *encoder) {
    encode_field_unsigned(encoder, rule->algorithm);
    encode_field_unsigned(encoder, rule->window);
    encode_field_unsigned(encoder, rule->queued);
    encode_field_unsigned(encoder, rule->count);
    encode_field_unsigned(encoder, rule->duration_ms);
    encode_field_unsigned(encoder, rule->capacity);
    encode_field_signed(encoder, rule->tz_minutes);
}

static bool load_rule(struct decoder *decoder, struct limiter_rule *rule) {
    uint64_t algorithm = decode_field_unsigned(decoder);
    uint64_t window = decode_field_unsigned(decoder);
    uint64_t queued = decode_field_unsigned(decoder);
    rule->count = decode_field_unsigned(decoder);
    rule->duration_ms = decode_field_unsigned(decoder);
    rule->capacity = decode_field_unsigned(decoder);
    int64_t tz_minutes = decode_field_signed(decoder);
    if (algorithm > UINT8_MAX || window > UINT8_MAX || queued > 1) return false;
    if (tz_minutes != (int16_t)tz_minutes) return false;
    rule->algorithm = (uint8_t)algorithm;
    rule->window = (uint8_t)window;
    rule->queued = queued == 1;
    rule->tz_minutes = (int16_t)tz_minutes;
    return !decoder->failed && limiter_rule_is_valid(rule);
}

static void save_policies(const struct value *value, struct encoder *encoder) {
    size_t count = ratelimit_policies_count(value->boxed);
    encode_field_unsigned(encoder, count);
    for (size_t i = 0; i < count; i++) {
        const struct ratelimit_policy *policy = ratelimit_policies_at(value->boxed, i);
        encode_field_string(encoder, ratelimit_policy_name(policy));
        encode_field_unsigned(encoder, policy->rule_count);
        for (size_t j = 0; j < policy->rule_count; j++) save_rule(&policy->rules[j], encoder);
    }
    encode_field_end(encoder);
}

static bool load_policy(struct decoder *decoder, struct ratelimit_policies *policies) {
    struct limiter_rule rules[RATELIMIT_LIMITS_MAX];
    char name[RATELIMIT_POLICY_NAME_BYTES_MAX];
    struct bytes text = decode_field_string(decoder); /* valid until the next read of one */
    if (text.len == 0 || text.len > sizeof(name)) return false;
    memcpy(name, text.data, text.len);
    uint64_t count = decode_field_unsigned(decoder);
    if (decoder->failed || count == 0 || count > RATELIMIT_LIMITS_MAX) return false;
    for (size_t i = 0; i < count; i++) {
        if (!load_rule(decoder, &rules[i])) return false;
    }
    struct bytes key = bytes_make(name, text.len);
    if (ratelimit_policies_find(policies, key) != NULL) return false;
    return ratelimit_policies_set(policies, key, rules, (uint32_t)count) == OUTCOME_OK;
}

static enum outcome load_policies(struct decoder *decoder, uint32_t version, struct value *value) {
    if (version != ratelimit_policies_type.disk_version) return OUTCOME_CORRUPT;
    uint64_t count = decode_field_unsigned(decoder);
    if (decoder->failed || count == 0 || count > RATELIMIT_POLICIES_MAX) return OUTCOME_CORRUPT;
    struct ratelimit_policies *policies = ratelimit_policies_create();
    bool good = true;
    for (uint64_t i = 0; i < count && good; i++) good = load_policy(decoder, policies);
    if (good) decode_field_end(decoder);
    if (!good || decoder->failed) {
        ratelimit_policies_destroy(&policies);
        return OUTCOME_CORRUPT;
    }
    *value = (struct value){
        .type = &ratelimit_policies_type, .storage = VALUE_BOXED, .boxed = policies};
    return OUTCOME_OK;
}

static void digest_policies(const struct value *value, struct value_digest *digest) {
    struct encoder encoder;
    encoder_init(&encoder);
    save_policies(value, &encoder);
    value_digest_add(digest, encoder_bytes(&encoder));
    encoder_deinit(&encoder);
}

const struct value_type ratelimit_policies_type = {
    .name = "ratelimit-policies",
    .rdb_type = VALUE_RDB_MODULE,
    .disk_tag = "ratelpols",
    .disk_version = 1,
    .event_class = 'a',
    .is_application = true,
    .destroy = destroy_policies,
    .destroy_anywhere = true,
    .copy = copy_policies,
    .bytes = policies_bytes,
    .effort = policies_effort,
    .encoding = policies_encoding,
    .count = policies_count,
    .save = save_policies,
    .load = load_policies,
    .digest = digest_policies,
};
