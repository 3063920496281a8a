/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/geo/geo.h"

#include <math.h>

static double radians(double degrees) { return degrees * (M_PI / 180.0); }

bool geo_point_is_valid(struct geo_point point) {
    return point.longitude >= -GEO_LONGITUDE_MAX && point.longitude <= GEO_LONGITUDE_MAX &&
           point.latitude >= -GEO_LATITUDE_MAX && point.latitude <= GEO_LATITUDE_MAX;
}

/* --- cells --- */

/* Every bit followed by a zero. */
static uint64_t spread(uint32_t bits) {
    uint64_t wide = bits;
    wide = (wide | wide << 16) & 0x0000ffff0000ffff;
    wide = (wide | wide << 8) & 0x00ff00ff00ff00ff;
    wide = (wide | wide << 4) & 0x0f0f0f0f0f0f0f0f;
    wide = (wide | wide << 2) & 0x3333333333333333;
    return (wide | wide << 1) & 0x5555555555555555;
}

/* Every second bit, from the lowest on. */
static uint32_t gather(uint64_t wide) {
    wide &= 0x5555555555555555;
    wide = (wide | wide >> 1) & 0x3333333333333333;
    wide = (wide | wide >> 2) & 0x0f0f0f0f0f0f0f0f;
    wide = (wide | wide >> 4) & 0x00ff00ff00ff00ff;
    wide = (wide | wide >> 8) & 0x0000ffff0000ffff;
    return (uint32_t)(wide | wide >> 16);
}

static uint32_t place_on_axis(double value, double max, uint8_t steps) {
    return (uint32_t)((value + max) / (max + max) * (double)(UINT64_C(1) << steps));
}

static double edge_on_axis(uint64_t place, double max, uint8_t steps) {
    return -max + (double)place / (double)(UINT64_C(1) << steps) * (max + max);
}

struct geo_cell geo_cell_of(struct geo_point point, uint8_t steps) {
    return (struct geo_cell){.column = place_on_axis(point.longitude, GEO_LONGITUDE_MAX, steps),
                             .row = place_on_axis(point.latitude, GEO_LATITUDE_MAX, steps),
                             .steps = steps};
}

uint64_t geo_cell_number(struct geo_cell cell) {
    return spread(cell.row) | spread(cell.column) << 1;
}

struct geo_point geo_cell_corner(struct geo_cell cell) {
    return (struct geo_point){edge_on_axis(cell.column, GEO_LONGITUDE_MAX, cell.steps),
                              edge_on_axis(cell.row, GEO_LATITUDE_MAX, cell.steps)};
}

/* --- scores --- */

uint64_t geo_score_of(struct geo_point point) {
    return geo_cell_number(geo_cell_of(point, GEO_STEPS));
}

uint64_t geo_bits_of(double score) {
    if (score < -0x1p63) return UINT64_C(1) << 63;
    if (score < 0) return (uint64_t)(int64_t)score;
    return score < 0x1p64 ? (uint64_t)score : 0;
}

static double within(double value, double max) {
    return value > max ? max : value < -max ? -max : value;
}

struct geo_point geo_point_of(double score) {
    uint64_t bits = geo_bits_of(score);
    uint64_t row = gather(bits), column = gather(bits >> 1);
    double west = edge_on_axis(column, GEO_LONGITUDE_MAX, GEO_STEPS);
    double east = edge_on_axis(column + 1, GEO_LONGITUDE_MAX, GEO_STEPS);
    double south = edge_on_axis(row, GEO_LATITUDE_MAX, GEO_STEPS);
    double north = edge_on_axis(row + 1, GEO_LATITUDE_MAX, GEO_STEPS);
    return (struct geo_point){within((west + east) / 2, GEO_LONGITUDE_MAX),
                              within((south + north) / 2, GEO_LATITUDE_MAX)};
}

/* --- distances --- */

double geo_distance(struct geo_point a, struct geo_point b) {
    double a_latitude = radians(a.latitude), b_latitude = radians(b.latitude);
    double v = sin((radians(b.longitude) - radians(a.longitude)) / 2);
    /* On one meridian the arc is the difference itself, and so without rounding. */
    if (v == 0) return GEO_EARTH_RADIUS * fabs(b_latitude - a_latitude);
    double u = sin((b_latitude - a_latitude) / 2);
    double square = u * u + cos(a_latitude) * cos(b_latitude) * v * v;
    return 2.0 * GEO_EARTH_RADIUS * asin(square < 1 ? sqrt(square) : 1);
}

/* --- text --- */

void geo_hash_text(struct geo_point point, char text[GEO_HASH_LEN]) {
    static const char alphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
    struct geo_cell cell = {place_on_axis(point.longitude, 180, GEO_STEPS),
                            place_on_axis(point.latitude, 90, GEO_STEPS), GEO_STEPS};
    uint64_t bits = geo_cell_number(cell);
    for (int i = 0; i < GEO_HASH_LEN - 1; i++) text[i] = alphabet[bits >> (47 - 5 * i) & 31];
    text[GEO_HASH_LEN - 1] = alphabet[0];
}
