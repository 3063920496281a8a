/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Points on the globe as numbers that sort by nearness.
 *
 * A point becomes a cell of a grid that halves longitude and latitude 26 times each; the halvings,
 * a bit each, are interleaved into 52 bits (Morton, 1966; geohash, Niemeyer, 2008), which a double
 * holds exactly: the score of the point in a sorted set. So what is near has, mostly, a common
 * beginning, and a coarser cell is a range of scores. Latitudes end where the web's Mercator map
 * does (EPSG:900913). Distances are those of the haversine formula (Sinnott, Sky and Telescope
 * 68, 1984) on a sphere of 6372797.560856 m, as Redis measures them.
 *
 * Angles are degrees, distances metres. */
#include <stdbool.h>
#include <stdint.h>

#define GEO_STEPS 26 /* halvings of each axis */
#define GEO_HASH_LEN 11
#define GEO_LONGITUDE_MAX 180.0
#define GEO_LATITUDE_MAX 85.05112878
#define GEO_EARTH_RADIUS 6372797.560856

struct geo_point {
    double longitude;
    double latitude;
};

/* A cell after `steps` halvings: column from the west, row from the south. */
struct geo_cell {
    uint32_t column;
    uint32_t row;
    uint8_t steps;
};

bool geo_point_is_valid(struct geo_point point);
/* The point must be valid. A cell beyond the last where it lies on the very edge in the east or
 * north. */
struct geo_cell geo_cell_of(struct geo_point point, uint8_t steps);
/* The bits of a cell, those of the row lowest: its number among the cells of so many steps. */
uint64_t geo_cell_number(struct geo_cell cell);
/* Where a cell begins and, at column and row + 1, ends. */
struct geo_point geo_cell_corner(struct geo_cell cell);

uint64_t geo_score_of(struct geo_point point);
/* The middle of the cell that a score names; any double names one. */
struct geo_point geo_point_of(double score);
/* The bits that a score is, as Redis casts it. */
uint64_t geo_bits_of(double score);

double geo_distance(struct geo_point a, struct geo_point b);
/* The standard's eleven characters, of a grid of which the latitudes end at the poles. Two bits are
 * missing for the last, which is always '0'. */
void geo_hash_text(struct geo_point point, char text[GEO_HASH_LEN]);
