/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys that ended and are stored over where they lie: nobody can tell them from keys that were
 * removed and made again. */
#include <criterion/criterion.h>

#include "families/ratelimit/ratelimit_words.h"
#include "harness/harness.h"

static struct harness harness;

static void setup(void) {
    harness_init(&harness);
    harness.executor.event_mask = ~(uint32_t)EVENT_MISS;
}

static void teardown(void) { harness_deinit(&harness); }

TestSuite(ratelimit_linger, .init = setup, .fini = teardown);

static void forget(void) {
    harness_journal_clear(&harness);
    harness.events_len = 0;
}

#define BUCKET "RL.CHECK k 10/1s ALGO token-bucket"

Test(ratelimit_linger, a_bucket_that_was_full_again_starts_anew_where_it_lay) {
    harness_run(&harness, BUCKET " COST 10");
    harness_advance_ms(&harness, 1000);
    harness_expire(&harness);
    cr_assert_eq(harness_integer(&harness, "DBSIZE"), 1, "it waits to be used again");
    cr_assert_eq(harness_integer(&harness, "EXISTS k"), 0);
    harness_run(&harness, BUCKET " COST 10");
    harness_advance_ms(&harness, 1000);
    forget();
    cr_assert_str_eq(harness_run(&harness, BUCKET), "*5\r\n:1\r\n:10\r\n:9\r\n:-1\r\n:100\r\n");
    cr_assert_str_eq(harness.events, "expired k 0\nnew k 0\nrl.check k 0\n");
    cr_assert_str_eq(harness_journal(&harness),
                     "DEL k\nRL.CHECK k 10/1s ALGO token-bucket AT 1700000002000\n--\n");
    cr_assert_eq(harness_integer(&harness, "PTTL k"), 100);
}

Test(ratelimit_linger, what_is_not_used_again_goes) {
    harness_run(&harness, BUCKET " COST 10");
    harness_run(&harness, "CL.THROTTLE c 9 10 1 10");
    harness_advance_ms(&harness, 1000 + RATELIMIT_LINGER_MS + 1000);
    forget();
    harness_expire(&harness);
    cr_assert_eq(harness_integer(&harness, "DBSIZE"), 0);
    cr_assert_str_eq(harness_journal(&harness), "DEL c\nDEL k\n--\n");
}

Test(ratelimit_linger, refusals_and_peeks_of_what_has_ended_change_nothing) {
    harness_run(&harness, BUCKET);
    harness_run(&harness, "CL.THROTTLE c 9 10 1");
    harness_advance_ms(&harness, 1000);
    forget();
    harness_run(&harness, BUCKET " PEEK");
    harness_run(&harness, BUCKET " COST 11");
    harness_run(&harness, "RL.REFUND k 1");
    harness_run(&harness, "CL.THROTTLE c 9 10 1 0");
    harness_run(&harness, "CL.THROTTLE c 9 10 1 11");
    harness_run(&harness, "CL.THROTTLE c 9 10 1 -1");
    cr_assert_str_eq(harness_journal(&harness), "");
    cr_assert_eq(harness.events_len, 0);
}

Test(ratelimit_linger, a_throttle_that_was_full_again_starts_anew_where_it_lay) {
    harness_run(&harness, "CL.THROTTLE c 9 10 1");
    harness_advance_ms(&harness, 100);
    forget();
    cr_assert_str_eq(harness_run(&harness, "CL.THROTTLE c 9 10 1"),
                     "*5\r\n:0\r\n:10\r\n:9\r\n:-1\r\n:1\r\n");
    cr_assert_str_eq(harness.events, "expired c 0\nnew c 0\nset c 0\n");
    cr_assert_str_eq(harness_journal(&harness),
                     "DEL c\nSET c 1700000000200000000 PXAT 1700000000200\n--\n");
}

Test(ratelimit_linger, another_kind_of_value_takes_the_place_of_what_has_ended) {
    harness_run(&harness, "SET k text PX 100");
    harness_run(&harness, "RL.CHECK c 10/1s ALGO token-bucket");
    harness_advance_ms(&harness, 100);
    cr_assert_str_eq(harness_run(&harness, BUCKET), "*5\r\n:1\r\n:10\r\n:9\r\n:-1\r\n:100\r\n");
    cr_assert_str_eq(harness_run(&harness, "CL.THROTTLE c 9 10 1"),
                     "*5\r\n:0\r\n:10\r\n:9\r\n:-1\r\n:1\r\n");
    cr_assert_str_eq(harness_run(&harness, "TYPE c"), "+string\r\n");
    cr_assert_eq(harness_integer(&harness, "DBSIZE"), 2);
}

Test(ratelimit_linger, a_replay_of_what_was_stored_over_gives_the_same_digest) {
    for (int i = 0; i < 200; i++) {
        harness_runf(&harness, "RL.CHECK k%d 10/1s ALGO token-bucket COST %d", i % 7, i % 5 + 1);
        harness_runf(&harness, "CL.THROTTLE c%d 9 10 1 %d", i % 5, i % 3 + 1);
        harness_advance_ms(&harness, i * 37 % 200);
        if (i % 11 == 0) harness_expire(&harness);
    }
    struct harness other;
    harness_init(&other);
    harness_replay(&harness, &other);
    harness_set_now_ms(&other, harness_now_ms(&harness));
    cr_assert_str_eq(harness_digest(&harness), harness_digest(&other));
    harness_deinit(&other);
}
