/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/geo/geo_area.h"

#include <assert.h>
#include <math.h>

#define MERCATOR_MAX 20037726.37 /* half of the equator on the web's map, in metres */

static double radians(double degrees) { return degrees * (M_PI / 180.0); }
static double degrees(double radians_) { return radians_ / (M_PI / 180.0); }

void geo_area_center_polygon(struct geo_area *area) {
    assert(area->vertex_count > 0);
    double x = 0, y = 0, z = 0, count = (double)area->vertex_count;
    for (size_t i = 0; i < area->vertex_count; i++) {
        double longitude = radians(area->vertices[i].longitude);
        double latitude = radians(area->vertices[i].latitude);
        x += cos(latitude) * cos(longitude);
        y += cos(latitude) * sin(longitude);
        z += sin(latitude);
    }
    x /= count, y /= count, z /= count;
    area->center = (struct geo_point){degrees(atan2(y, x)), degrees(atan2(z, sqrt(x * x + y * y)))};
}

/* --- what lies in an area --- */

/* A ray from the point to the east crosses an odd number of edges (Shimrat, CACM algorithm 112). */
static bool polygon_contains(const struct geo_area *area, struct geo_point point) {
    bool inside = false;
    for (size_t i = 0, j = area->vertex_count - 1; i < area->vertex_count; j = i++) {
        struct geo_point a = area->vertices[i], b = area->vertices[j];
        if ((a.latitude > point.latitude) == (b.latitude > point.latitude)) continue;
        double crossing = (b.longitude - a.longitude) * (point.latitude - a.latitude) /
                              (b.latitude - a.latitude) +
                          a.longitude;
        if (point.longitude < crossing) inside = !inside;
    }
    return inside;
}

static bool box_contains(const struct geo_area *area, struct geo_point point) {
    double up = GEO_EARTH_RADIUS * fabs(radians(point.latitude) - radians(area->center.latitude));
    if (up > area->height / 2) return false;
    struct geo_point across = {area->center.longitude, point.latitude};
    return geo_distance(point, across) <= area->width / 2;
}

bool geo_area_contains(const struct geo_area *area, struct geo_point point, double *distance) {
    if (area->shape == GEO_BOX && !box_contains(area, point)) return false;
    if (area->shape == GEO_POLYGON && !polygon_contains(area, point)) return false;
    *distance = geo_distance(area->center, point);
    return area->shape != GEO_CIRCLE || *distance <= area->radius;
}

/* --- covers --- */

struct bounds {
    double west, south, east, north;
};

/* A box that holds all of the area; at the poles it may be turned inside out, as in Redis. */
static struct bounds bounds_of(const struct geo_area *area) {
    if (area->shape == GEO_POLYGON) {
        struct bounds bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY};
        for (size_t i = 0; i < area->vertex_count; i++) {
            struct geo_point vertex = area->vertices[i];
            bounds.west = fmin(bounds.west, vertex.longitude);
            bounds.east = fmax(bounds.east, vertex.longitude);
            bounds.south = fmin(bounds.south, vertex.latitude);
            bounds.north = fmax(bounds.north, vertex.latitude);
        }
        return bounds;
    }
    struct geo_point center = area->center;
    bool circle = area->shape == GEO_CIRCLE;
    double up = degrees((circle ? area->radius : area->height / 2) / GEO_EARTH_RADIUS);
    double across = degrees((circle ? area->radius : area->width / 2) / GEO_EARTH_RADIUS);
    /* A degree of longitude is shortest where the area is nearest to a pole. */
    double nearest = center.latitude < 0 ? center.latitude - up : center.latitude + up;
    across /= cos(radians(nearest));
    return (struct bounds){center.longitude - across, center.latitude - up,
                           center.longitude + across, center.latitude + up};
}

/* How far from the centre the area reaches. */
static double reach(const struct geo_area *area) {
    if (area->shape == GEO_CIRCLE) return area->radius;
    if (area->shape == GEO_BOX)
        return sqrt(area->width / 2 * (area->width / 2) + area->height / 2 * (area->height / 2));
    double far = 0;
    for (size_t i = 0; i < area->vertex_count; i++)
        far = fmax(far, geo_distance(area->center, area->vertices[i]));
    return far;
}

/* How fine a grid may be so that three by three cells around the centre reach that far. Towards the
 * poles cells become narrow. */
static uint8_t steps_for(double range, double latitude) {
    if (range == 0) return GEO_STEPS;
    int steps = 1;
    for (; range < MERCATOR_MAX; range *= 2) steps++;
    steps -= 2;
    if (fabs(latitude) > 66) steps--;
    if (fabs(latitude) > 80) steps--;
    return (uint8_t)(steps < 1 ? 1 : steps > GEO_STEPS ? GEO_STEPS : steps);
}

/* The neighbour so many columns and rows away; the grid goes round. */
static struct geo_cell neighbour(struct geo_cell cell, int columns, int rows) {
    uint32_t mask = (uint32_t)((UINT64_C(1) << cell.steps) - 1);
    if (columns != 0) cell.column = (cell.column + (uint32_t)columns) & mask;
    if (rows != 0) cell.row = (cell.row + (uint32_t)rows) & mask;
    return cell;
}

static struct bounds bounds_of_cell(struct geo_cell cell) {
    struct geo_point low = geo_cell_corner(cell);
    struct geo_cell next = {cell.column + 1, cell.row + 1, cell.steps};
    struct geo_point high = geo_cell_corner(next);
    return (struct bounds){low.longitude, low.latitude, high.longitude, high.latitude};
}

static bool neighbours_fall_short(struct geo_cell cell, const struct bounds *area) {
    return bounds_of_cell(neighbour(cell, 0, 1)).north < area->north ||
           bounds_of_cell(neighbour(cell, 0, -1)).south > area->south ||
           bounds_of_cell(neighbour(cell, 1, 0)).east < area->east ||
           bounds_of_cell(neighbour(cell, -1, 0)).west > area->west;
}

static struct geo_range range_of(struct geo_cell cell) {
    uint64_t number = geo_cell_number(cell);
    int shift = 2 * (GEO_STEPS - cell.steps);
    return (struct geo_range){number << shift, (number + 1) << shift};
}

size_t geo_area_cover(const struct geo_area *area, struct geo_range ranges[GEO_RANGES_MAX]) {
    static const int8_t ways[GEO_RANGES_MAX][2] = {{0, 0}, {0, 1},  {0, -1}, {1, 0},  {-1, 0},
                                                   {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
    struct bounds bounds = bounds_of(area);
    uint8_t steps = steps_for(reach(area), area->center.latitude);
    struct geo_cell cell = geo_cell_of(area->center, steps);
    if (steps > 1 && neighbours_fall_short(cell, &bounds))
        cell = geo_cell_of(area->center, --steps);
    struct bounds middle = bounds_of_cell(cell);
    size_t count = 0;
    for (size_t i = 0; i < GEO_RANGES_MAX; i++) {
        int columns = ways[i][0], rows = ways[i][1];
        /* A cell of few steps is so big that its neighbours may be on its other side. */
        bool outside = (rows < 0 && middle.south < bounds.south) ||
                       (rows > 0 && middle.north > bounds.north) ||
                       (columns < 0 && middle.west < bounds.west) ||
                       (columns > 0 && middle.east > bounds.east);
        if (steps >= 2 && outside) continue;
        struct geo_range range = range_of(neighbour(cell, columns, rows));
        bool again = count > 0 && ranges[count - 1].first == range.first;
        if (!again) ranges[count++] = range;
    }
    return count;
}
