/* SPDX-License-Identifier: BSD-3-Clause */
/* The usual check against the general one, which AT asks for: same replies, same bytes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "harness/harness.h"

static const char *const limits[] = {"10/1s ALGO token-bucket",
                                     "7/1s ALGO token-bucket BURST 20",
                                     "10/1s ALGO leaky-bucket",
                                     "5/2s ALGO fixed",
                                     "5/2s",
                                     "5/2s ALGO sliding-log",
                                     "1000/1m ALGO token-bucket",
                                     "5/2s COST 2",
                                     "10/1s ALGO fixed FIRSTHIT",
                                     "900000000000/3000d ALGO token-bucket",
                                     "3/1s ALGO token-bucket COST 4"};

static void check(struct harness *harness, const char *limit, int key) {
    char usual[128];
    snprintf(usual, sizeof(usual), "%s", harness_runf(harness, "RL.CHECK a:%d %s", key, limit));
    const char *general = harness_runf(harness, "RL.CHECK b:%d %s AT %lld", key, limit,
                                       (long long)harness_now_ms(harness));
    cr_assert_str_eq(usual, general, "%s", limit);
}

static void compare_bytes(struct harness *harness, int key) {
    char dumped[512];
    harness_runf(harness, "DUMP a:%d", key);
    size_t len = harness->reply_len;
    cr_assert_leq(len, sizeof(dumped));
    memcpy(dumped, harness->reply, len);
    harness_runf(harness, "DUMP b:%d", key);
    cr_assert_eq(harness->reply_len, len);
    cr_assert_eq(memcmp(harness->reply, dumped, len), 0);
    cr_assert_eq(harness_integer(harness, key % 2 ? "PTTL a:1" : "PTTL a:0"),
                 harness_integer(harness, key % 2 ? "PTTL b:1" : "PTTL b:0"));
}

Test(ratelimit_usual, decides_and_stores_as_the_general_check_does) {
    struct harness harness;
    struct random random;
    harness_init(&harness);
    random_init(&random, 20261124);
    for (int i = 0; i < 6000; i++) {
        int key = (int)random_below(&random, 6);
        check(&harness, limits[random_below(&random, COUNT_OF(limits))], key);
        if (random_below(&random, 20) == 0) harness_runf(&harness, "DEL a:%d b:%d", key, key);
        if (random_below(&random, 200) == 0) {
            harness_runf(&harness, "RL.BLOCK a:%d 1s", key);
            harness_runf(&harness, "RL.BLOCK b:%d 1s", key);
        }
        compare_bytes(&harness, key);
        if (random_below(&random, 3) == 0)
            harness_advance_ms(&harness, (int64_t)random_below(&random, 900));
    }
    harness_deinit(&harness);
}

Test(ratelimit_usual, one_limit_on_a_key_is_the_same_again_and_again) {
    struct harness harness;
    struct random random;
    harness_init(&harness);
    random_init(&random, 7);
    for (int i = 0; i < 6000; i++) {
        int key = (int)random_below(&random, COUNT_OF(limits));
        check(&harness, limits[key], key);
        compare_bytes(&harness, key);
        harness_advance_ms(&harness, (int64_t)random_below(&random, 300));
    }
    harness_deinit(&harness);
}
