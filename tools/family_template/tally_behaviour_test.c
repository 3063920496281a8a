/* SPDX-License-Identifier: BSD-3-Clause */
/* The words as a client meets them, in process, with a clock that stands until it is moved. */
#include <criterion/criterion.h>

#include "harness/harness.h"

static struct harness harness;

static void setup(void) { harness_init(&harness); }

static void teardown(void) { harness_deinit(&harness); }

TestSuite(tally_behaviour, .init = setup, .fini = teardown);

Test(tally_behaviour, adds_to_what_is_there_and_makes_what_is_not) {
    cr_assert_eq(harness_integer(&harness, "TALLY.ADD visits 5"), 5);
    cr_assert_eq(harness_integer(&harness, "TALLY.ADD visits -2"), 3);
    cr_assert_eq(harness_integer(&harness, "TALLY.GET visits"), 3);
    cr_assert_str_eq(harness_text(&harness, "TYPE visits"), "tally");
}

Test(tally_behaviour, answers_null_for_no_key) {
    cr_assert_str_eq(harness_run(&harness, "TALLY.GET visits"), "$-1\r\n");
}

Test(tally_behaviour, refuses_to_leave_its_bounds_and_journals_nothing) {
    cr_assert_str_eq(harness_run(&harness, "TALLY.ADD visits -1"),
                     "-FULL the count would leave 0 to 1000000000000\r\n");
    cr_assert_eq(harness_integer(&harness, "EXISTS visits"), 0);
    cr_assert_str_eq(harness_journal(&harness), "");
}

Test(tally_behaviour, gives_the_same_digest_when_its_journal_is_replayed) {
    struct harness replayed;
    harness_init(&replayed);
    harness_run(&harness, "TALLY.ADD visits 5");
    harness_run(&harness, "TALLY.ADD clicks 2");
    harness_replay(&harness, &replayed);
    cr_assert_str_eq(harness_digest(&replayed), harness_digest(&harness));
    harness_deinit(&replayed);
}
