/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/limiter_calendar.h"

#define DAY_MS 86400000
#define MINUTE_MS 60000
#define DAYS_PER_ERA 146097 /* 400 years */
#define EPOCH_DAY 719468    /* 1970-01-01 counted from 0000-03-01 */

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t calendar_day_of(int64_t at_ms, int tz_minutes) {
    return floor_divide(at_ms + (int64_t)tz_minutes * MINUTE_MS, DAY_MS);
}

int64_t calendar_day_start(int64_t day, int tz_minutes) {
    return day * DAY_MS - (int64_t)tz_minutes * MINUTE_MS;
}

int64_t calendar_month_of(int64_t at_ms, int tz_minutes) {
    int64_t day = calendar_day_of(at_ms, tz_minutes) + EPOCH_DAY;
    int64_t era = floor_divide(day, DAYS_PER_ERA);
    int64_t day_of_era = day - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / (DAYS_PER_ERA - 1)) /
                          365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    /* March of year y is month 12·(y − 1970) + 2. */
    return (era * 400 + year_of_era - 1970) * 12 + 2 + month_from_march;
}

int64_t calendar_month_start(int64_t month, int tz_minutes) {
    int64_t from_march = month - 2;
    int64_t year = floor_divide(from_march, 12) + 1970;
    int64_t month_from_march = from_march - floor_divide(from_march, 12) * 12;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * month_from_march + 2) / 5;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return calendar_day_start(era * DAYS_PER_ERA + day_of_era - EPOCH_DAY, tz_minutes);
}
