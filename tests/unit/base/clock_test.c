/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/clock.h"

#include <criterion/criterion.h>
#include <time.h>

Test(clock, reads_the_wall_as_the_system_does) {
    struct clock clock;
    clock_init_system(&clock);
    int64_t before = (int64_t)time(NULL);
    int64_t wall_us = clock_wall_us(&clock);
    int64_t after = (int64_t)time(NULL);
    /* time() may use a coarser clock that is a tick behind. */
    cr_assert_geq(wall_us / 1000000, before);
    cr_assert_leq(wall_us / 1000000, after + 1);
}

Test(clock, never_goes_back_in_monotonic_time) {
    struct clock clock;
    clock_init_system(&clock);
    int64_t last = clock_monotonic_us(&clock);
    int64_t first = last;
    for (int i = 0; i < 200000; i++) {
        int64_t now = clock_monotonic_us(&clock);
        cr_assert_geq(now, last);
        last = now;
    }
    cr_assert_gt(last, first);
}

Test(clock, stands_still_when_manual) {
    struct clock clock;
    clock_init_manual(&clock, 1700000000000000);
    cr_assert_eq(clock_wall_us(&clock), 1700000000000000);
    int64_t monotonic_us = clock_monotonic_us(&clock);
    cr_assert_gt(monotonic_us, 0);
    for (int i = 0; i < 1000; i++) cr_assert_eq(clock_wall_us(&clock), 1700000000000000);
    cr_assert_eq(clock_monotonic_us(&clock), monotonic_us);
}

Test(clock, moves_wall_and_monotonic_time_alike) {
    struct clock clock;
    clock_init_manual(&clock, 5);
    int64_t monotonic_us = clock_monotonic_us(&clock);
    clock_advance_us(&clock, 250000);
    clock_advance_us(&clock, 0);
    cr_assert_eq(clock_wall_us(&clock), 250005);
    cr_assert_eq(clock_monotonic_us(&clock) - monotonic_us, 250000);
}
