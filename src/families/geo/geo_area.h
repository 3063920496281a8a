/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Areas that are searched: circles, boxes, polygons; and the cells that cover one.
 *
 * A cover is the cell that the centre lies in, of a size that it and its eight neighbours are sure
 * to reach beyond the area, without those neighbours that lie outside of it: nine ranges of scores
 * at most. Cells are visited in the order of Redis (the centre, then north, south, east, west, NE,
 * NW, SE, SW), which is the order of an unsorted answer. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "families/geo/geo.h"

enum geo_shape { GEO_CIRCLE, GEO_BOX, GEO_POLYGON };

struct geo_area {
    enum geo_shape shape;
    struct geo_point center;          /* of a polygon: see geo_area_center_polygon */
    double radius;                    /* of a circle; metres, as all here */
    double width, height;             /* of a box */
    const struct geo_point *vertices; /* of a polygon, at least three; borrowed */
    size_t vertex_count;
};

/* Scores from `first` on, below `end`. */
struct geo_range {
    uint64_t first;
    uint64_t end;
};

#define GEO_RANGES_MAX 9

/* The centre of a polygon's vertices: their mean as points in space, seen on the globe. */
void geo_area_center_polygon(struct geo_area *area);
/* Whether a point lies in the area, and how far from its centre. A box is as wide as it says at
 * the point's own latitude. O(1); of a polygon O(vertices). */
bool geo_area_contains(const struct geo_area *area, struct geo_point point, double *distance);
/* Gives the number of ranges. */
size_t geo_area_cover(const struct geo_area *area, struct geo_range ranges[GEO_RANGES_MAX]);
