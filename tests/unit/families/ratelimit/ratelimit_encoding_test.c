/* SPDX-License-Identifier: BSD-3-Clause */
/* Saving and loading: what was saved comes back as the same bytes, what a stranger wrote is either
 * as good as ours or refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/encode.h"
#include "base/random.h"
#include "commands/family.h"
#include "families/ratelimit/ratelimit.h"
#include "families/ratelimit/ratelimit_policies.h"
#include "families/ratelimit/ratelimit_types.h"

#define NOW_MS 1700000040000LL

static uint8_t packed[4096];

static struct limiter_rule rule_of(enum limiter_algorithm algorithm, uint64_t count) {
    return (struct limiter_rule){
        .count = count, .duration_ms = 60000, .capacity = count, .algorithm = (uint8_t)algorithm};
}

/* Five limits with states, a block and a lease. */
static struct value sample(void) {
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    static uint8_t room[64];
    struct ratelimit_request request = {.now_ms = NOW_MS, .cost = 3, .count = 5};
    for (int i = 0; i < 5; i++) request.rules[i] = rule_of((enum limiter_algorithm)i, 100);
    ratelimit_init(&ratelimit);
    cr_assert(ratelimit_prepare(&ratelimit, &request, &answer));
    ratelimit_judge(&ratelimit, &request, &answer);
    ratelimit_charge(&ratelimit, &request, &answer);
    ratelimit.blocked_until_ms = NOW_MS + 1000;
    ratelimit.reason = BYTES("why");
    struct ratelimit_lease lease = {BYTES("holder"), 2, NOW_MS + 5000};
    ratelimit.blocked_until_ms = 0;
    cr_assert(ratelimit_acquire(&ratelimit, &lease, 3, room).allowed);
    ratelimit.blocked_until_ms = NOW_MS + 1000;
    size_t len = ratelimit_pack(&ratelimit, packed);
    return (struct value){
        .type = &ratelimit_type, .storage = VALUE_INLINED, .inlined = bytes_make(packed, len)};
}

static struct value sample_policies(void) {
    struct ratelimit_policies *policies = ratelimit_policies_create();
    struct limiter_rule rules[3] = {rule_of(LIMITER_FIXED, 10), rule_of(LIMITER_TOKEN_BUCKET, 20),
                                    rule_of(LIMITER_LEAKY_BUCKET, 30)};
    rules[2].queued = true;
    rules[2].capacity = 6;
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("login"), rules, 1), OUTCOME_OK);
    cr_assert_eq(ratelimit_policies_set(policies, BYTES("api"), rules, 3), OUTCOME_OK);
    return (struct value){
        .type = &ratelimit_policies_type, .storage = VALUE_BOXED, .boxed = policies};
}

static enum outcome load(const struct value_type *type, struct bytes bytes, uint32_t version,
                         struct encoder *again) {
    struct decoder decoder;
    struct value value;
    decoder_init(&decoder, bytes);
    enum outcome outcome = type->load(&decoder, version, &value);
    if (outcome == OUTCOME_OK) {
        encoder_init(again);
        type->save(&value, again);
        if (value.storage == VALUE_BOXED) type->destroy(value.boxed);
    }
    decoder_deinit(&decoder);
    return outcome;
}

static void check_type(struct value value) {
    const struct value_type *type = value.type;
    struct encoder saved, again;
    encoder_init(&saved);
    type->save(&value, &saved);
    struct bytes bytes = encoder_bytes(&saved);
    cr_assert_eq(load(type, bytes, 1, &again), OUTCOME_OK);
    cr_assert(bytes_equal(encoder_bytes(&again), bytes));
    encoder_deinit(&again);
    cr_assert_eq(load(type, bytes, 2, &again), OUTCOME_CORRUPT);
    for (size_t len = 0; len < bytes.len; len++) {
        cr_assert_eq(load(type, bytes_make(bytes.data, len), 1, &again), OUTCOME_CORRUPT,
                     "%zu bytes", len);
    }
    struct random random;
    random_init(&random, 2);
    char other[512];
    cr_assert_lt(bytes.len, sizeof(other));
    size_t accepted = 0;
    for (int i = 0; i < 100000; i++) {
        memcpy(other, bytes.data, bytes.len);
        for (uint64_t flips = 1 + random_below(&random, 4); flips > 0; flips--) {
            other[random_below(&random, bytes.len)] ^= (char)(1u << random_below(&random, 8));
        }
        if (load(type, bytes_make(other, bytes.len), 1, &again) != OUTCOME_OK) continue;
        accepted++;
        encoder_deinit(&again);
    }
    cr_assert_gt(accepted, 0);
    encoder_deinit(&saved);
}

Test(ratelimit_encoding, limits_come_back_and_damage_is_told) { check_type(sample()); }

Test(ratelimit_encoding, policies_come_back_and_damage_is_told) {
    struct value value = sample_policies();
    check_type(value);
    ratelimit_policies_type.destroy(value.boxed);
}

Test(ratelimit_encoding, the_digest_follows_the_content) {
    struct value value = sample();
    struct value_digest one = {0}, two = {0}, three = {0};
    ratelimit_type.digest(&value, &one);
    ratelimit_type.digest(&value, &two);
    cr_assert_arr_eq(one.sha1, two.sha1, 20);
    packed[value.inlined.len - 1] ^= 1;
    ratelimit_type.digest(&value, &three);
    cr_assert_neq(memcmp(one.sha1, three.sha1, 20), 0);
}

Test(ratelimit_encoding, a_copy_of_policies_digests_the_same) {
    struct value value = sample_policies();
    struct value copy = value;
    copy.boxed = ratelimit_policies_type.copy(value.boxed);
    /* What checks were counted is volatile. */
    ratelimit_policies_at(copy.boxed, 0)->checks = 5;
    struct value_digest one = {0}, two = {0};
    ratelimit_policies_type.digest(&value, &one);
    ratelimit_policies_type.digest(&copy, &two);
    cr_assert_arr_eq(one.sha1, two.sha1, 20);
    ratelimit_policies_type.destroy(value.boxed);
    ratelimit_policies_type.destroy(copy.boxed);
}
