// SPDX-License-Identifier: BSD-3-Clause
/* What the load generator is made of: requests, replies, histograms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `count` requests ready to be sent; at each slot stand the twelve digits of a key. */
struct request {
    char *bytes;
    size_t len, room;
    size_t *slots;
    int slot_count;
    int count;
};

void request_render(struct request *request, char **words, int word_count, int pipeline);
void request_render_memcached(struct request *request, char **words, int word_count, int pipeline);

void digits_init(void);
void digits_write(char *at, uint64_t number);

/* Counts whole replies in a stream that comes in pieces. */
struct replies {
    size_t skip; // bytes of a bulk that are still to come
    long need;   // elements still missing from the reply under way
    char line[64];
    size_t line_len;
    bool memcached;
};

void replies_init(struct replies *replies, bool memcached);
long replies_count(struct replies *replies, const char *bytes, size_t len);
long replies_errors(void);

/* Times by size: 32 steps in each doubling, so within 3 %. */
struct histogram {
    uint64_t counts[64 * 32];
    uint64_t total, max_ns;
};

void histogram_add(struct histogram *histogram, uint64_t ns);
void histogram_print(const struct histogram *histogram);
