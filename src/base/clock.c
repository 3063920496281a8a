/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/clock.h"

#include <assert.h>
#include <time.h>

/* Where a manual clock's monotonic time starts: not at 0, which callers may use for "never". */
#define MANUAL_MONOTONIC_START_US 1000000

static int64_t read_us(clockid_t id) {
    struct timespec now;
    int failed = clock_gettime(id, &now);
    assert(failed == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_us(const struct clock *clock) {
    return clock->manual_wall_us != 0 ? clock->manual_wall_us : read_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(const struct clock *clock) {
    return clock->manual_wall_us != 0 ? clock->manual_monotonic_us : read_us(CLOCK_MONOTONIC);
}

void clock_init_system(struct clock *clock) { *clock = (struct clock){0}; }

void clock_init_manual(struct clock *clock, int64_t wall_us) {
    assert(wall_us > 0);
    *clock = (struct clock){
        .manual_wall_us = wall_us,
        .manual_monotonic_us = MANUAL_MONOTONIC_START_US,
    };
}

void clock_advance_us(struct clock *clock, int64_t us) {
    assert(clock->manual_wall_us != 0);
    assert(us >= 0 && us <= INT64_MAX - clock->manual_wall_us);
    clock->manual_wall_us += us;
    clock->manual_monotonic_us += us;
}
