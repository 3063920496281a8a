/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What time it is: an input, handed to whoever needs it.
 *
 * Wall time in microseconds since the Unix epoch for deadlines and replies, monotonic time in
 * microseconds for measuring. A manual clock stands still until a test moves it. */
#include <stdint.h>

struct clock {
    int64_t manual_wall_us; /* 0: the system's clock; else this, and it does not move by itself */
    int64_t manual_monotonic_us;
};

int64_t clock_wall_us(const struct clock *clock);
int64_t clock_monotonic_us(const struct clock *clock);

void clock_init_system(struct clock *clock);
void clock_init_manual(struct clock *clock, int64_t wall_us);
void clock_advance_us(struct clock *clock, int64_t us); /* manual clocks only */
