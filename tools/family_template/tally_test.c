/* SPDX-License-Identifier: BSD-3-Clause */
/* The thing alone: pure calls, no server. */
#include <criterion/criterion.h>

#include "families/tally/tally.h"

Test(tally, starts_at_zero_and_adds_up) {
    struct tally *tally = tally_create();
    cr_assert_eq(tally_count(tally), 0);
    cr_assert(tally_add(tally, 5));
    cr_assert(tally_add(tally, -2));
    cr_assert_eq(tally_count(tally), 3);
    tally_destroy(&tally);
    cr_assert_null(tally);
}

Test(tally, refuses_to_leave_its_bounds_and_stays_as_it_was) {
    struct tally *tally = tally_create();
    cr_assert_not(tally_add(tally, -1));
    cr_assert(tally_add(tally, TALLY_COUNT_MAX));
    cr_assert_not(tally_add(tally, 1));
    cr_assert_eq(tally_count(tally), TALLY_COUNT_MAX);
    tally_destroy(&tally);
}
