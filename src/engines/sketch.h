/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Which keys occur most, among more than can be counted: the space-saving sketch.
 *
 * `capacity` counters; a key that has none takes over the smallest and inherits its count as
 * possible error. So a count is never too low, too high by at most total / capacity, and every key
 * with more than total / capacity is there. A heap by count: adding is O(log capacity).
 * Source: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in
 * data streams" (2005).
 *
 * `sketch_recent` forgets: two sketches, one for the current span of time and one for the previous,
 * which weighs by how much of it the last span still covers. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SKETCH_CAPACITY_MAX 65536
#define SKETCH_KEY_BYTES_MAX 512 /* longer keys are known by their beginning */

struct sketch_item {
    struct bytes key; /* borrowed: valid until the next change */
    uint64_t count;
    uint64_t error; /* of the count, at most */
};

struct sketch;
struct sketch *sketch_create(size_t capacity); /* returns owned; 1 … SKETCH_CAPACITY_MAX */
void sketch_destroy(struct sketch **sketch);
void sketch_clear(struct sketch *sketch);
void sketch_add(struct sketch *sketch, struct bytes key, uint64_t amount);
/* 0 for a key without a counter. */
uint64_t sketch_count(const struct sketch *sketch, struct bytes key);
size_t sketch_item_count(const struct sketch *sketch);
struct sketch_item sketch_item_at(const struct sketch *sketch, size_t index); /* in no order */
size_t sketch_bytes(const struct sketch *sketch);

struct sketch_recent {
    struct sketch *current;
    struct sketch *before;
    int64_t span_ms;
    int64_t window; /* which span the current one is, counted from the epoch */
};

void sketch_recent_init(struct sketch_recent *recent, size_t capacity, int64_t span_ms);
void sketch_recent_deinit(struct sketch_recent *recent);
/* Moves on to the span of now: expected before reading and adding. */
void sketch_recent_advance(struct sketch_recent *recent, int64_t now_ms);
void sketch_recent_add(struct sketch_recent *recent, struct bytes key, uint64_t amount,
                       int64_t now_ms);
/* How often in the last span, about. */
uint64_t sketch_recent_count(const struct sketch_recent *recent, struct bytes key, int64_t now_ms);
