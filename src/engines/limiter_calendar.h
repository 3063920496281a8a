/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Calendar months and days counted from the epoch, at an offset from UTC, in the proleptic
 * Gregorian calendar. Arithmetic after Howard Hinnant, "chrono-compatible low-level date
 * algorithms" (public domain), on years that begin in March. */
#include <stdint.h>

/* Months since January 1970 in which the instant lies. */
int64_t calendar_month_of(int64_t at_ms, int tz_minutes);
/* The instant at which that month begins. */
int64_t calendar_month_start(int64_t month, int tz_minutes);
/* Days since 1970-01-01, the same two. */
int64_t calendar_day_of(int64_t at_ms, int tz_minutes);
int64_t calendar_day_start(int64_t day, int tz_minutes);
