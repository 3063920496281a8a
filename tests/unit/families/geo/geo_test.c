/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/geo/geo.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "families/geo/geo_area.h"

static const struct geo_point palermo = {13.361389, 38.115556}, catania = {15.087269, 37.502669};

/* The scores that Redis and Valkey give. */
Test(geo, scores_points_as_redis_does) {
    cr_assert_eq(geo_score_of(palermo), 3479099956230698u);
    cr_assert_eq(geo_score_of(catania), 3479447370796909u);
    cr_assert_eq(geo_score_of((struct geo_point){-180, -85.05112878}), 0u);
    cr_assert_eq(geo_score_of((struct geo_point){180, 85.05112878}), 13510798882111488u);
    cr_assert_eq(geo_bits_of(-5.0), (uint64_t)-5);
    cr_assert_eq(geo_bits_of(1e20), 0u);
    cr_assert_eq(geo_bits_of(-INFINITY), UINT64_C(1) << 63);
}

Test(geo, reads_a_point_back_to_within_a_cell) {
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < 10000; i++) {
        struct geo_point point = {random_fraction(&random) * 360 - 180,
                                  random_fraction(&random) * 170 - 85};
        struct geo_point back = geo_point_of((double)geo_score_of(point));
        cr_assert_lt(fabs(back.longitude - point.longitude), 360.0 / (1 << 26));
        cr_assert_lt(fabs(back.latitude - point.latitude), 171.0 / (1 << 26));
        cr_assert_eq(geo_score_of(back), geo_score_of(point));
    }
}

Test(geo, measures_distances) {
    cr_assert_float_eq(geo_distance(palermo, catania), 166274.15, 1);
    cr_assert_eq(geo_distance(palermo, palermo), 0);
    struct geo_point north = {0, 80}, south = {0, -80}, far = {180, 0}, zero = {0, 0};
    cr_assert_float_eq(geo_distance(north, south), GEO_EARTH_RADIUS * M_PI * 160 / 180, 1e-6);
    cr_assert_float_eq(geo_distance(zero, far), GEO_EARTH_RADIUS * M_PI, 1e-6);
}

Test(geo, writes_geohash_texts) {
    char text[GEO_HASH_LEN];
    geo_hash_text(geo_point_of(3479099956230698.0), text);
    cr_assert_eq(memcmp(text, "sqc8b49rny0", GEO_HASH_LEN), 0);
    geo_hash_text(geo_point_of(3479447370796909.0), text);
    cr_assert_eq(memcmp(text, "sqdtr74hyu0", GEO_HASH_LEN), 0);
}

/* --- areas --- */

static bool covers(const struct geo_range *ranges, size_t count, uint64_t score) {
    for (size_t i = 0; i < count; i++)
        if (score >= ranges[i].first && score < ranges[i].end) return true;
    return false;
}

/* Whatever lies in an area lies in its cover: random areas between the polar circles, random
 * points in and around them. */
Test(geo, covers_all_that_lies_in_an_area) {
    struct random random;
    random_init(&random, 7);
    size_t inside = 0;
    for (int i = 0; i < 3000; i++) {
        double size = pow(10, random_fraction(&random) * 5 + 1);
        struct geo_area area = {
            .shape = i % 2 == 0 ? GEO_CIRCLE : GEO_BOX,
            .center = {random_fraction(&random) * 300 - 150, random_fraction(&random) * 120 - 60},
            .radius = size,
            .width = size,
            .height = size * 2 * random_fraction(&random)};
        struct geo_range ranges[GEO_RANGES_MAX];
        size_t count = geo_area_cover(&area, ranges);
        cr_assert_leq(count, GEO_RANGES_MAX);
        for (int n = 0; n < 40; n++) {
            double degrees = size / 100000;
            struct geo_point point = {
                area.center.longitude + (random_fraction(&random) - 0.5) * degrees * 4,
                area.center.latitude + (random_fraction(&random) - 0.5) * degrees * 2};
            if (!geo_point_is_valid(point)) continue;
            point = geo_point_of((double)geo_score_of(point));
            double distance;
            if (!geo_area_contains(&area, point, &distance)) continue;
            inside++;
            cr_assert(covers(ranges, count, geo_score_of(point)), "%g m around %g %g", size,
                      area.center.longitude, area.center.latitude);
        }
    }
    cr_assert_gt(inside, 20000);
}

Test(geo, knows_the_inside_of_a_polygon) {
    static const struct geo_point corner[] = {{12, 36}, {16, 36}, {16, 39}, {14, 37}};
    struct geo_area area = {.shape = GEO_POLYGON, .vertices = corner, .vertex_count = 4};
    geo_area_center_polygon(&area);
    double distance;
    cr_assert(geo_area_contains(&area, (struct geo_point){15, 37}, &distance));
    cr_assert(geo_area_contains(&area, (struct geo_point){13, 36.2}, &distance));
    cr_assert_not(geo_area_contains(&area, (struct geo_point){14, 37.5}, &distance));
    cr_assert_not(geo_area_contains(&area, (struct geo_point){17, 37}, &distance));
    struct geo_range ranges[GEO_RANGES_MAX];
    size_t count = geo_area_cover(&area, ranges);
    cr_assert(covers(ranges, count, geo_score_of((struct geo_point){15.9, 38.8})));
    cr_assert(covers(ranges, count, geo_score_of((struct geo_point){12.2, 36.01})));
}
