/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Room for the argument vectors of a batch of requests. Vectors never move; all are given back at
 * once. Empty it allocates nothing; after some turns it holds what a turn needs and allocates no
 * more. Only memory that grows with the bytes received is asked for, and it can be refused. */
#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/outcome.h"

#define REQUEST_CHUNK_CELLS 4096 /* 64 KiB: a turn of fifty clients with pipelines of 16 */

struct request_chunk;

struct request_arguments {
    struct bytes *cells; /* of the chunk in use */
    size_t used;
    size_t capacity;
    struct request_chunk *current;
    struct request_chunk *first;
};

void request_arguments_init(struct request_arguments *arguments);
void request_arguments_deinit(struct request_arguments *arguments);
/* After the batch: every vector is gone. */
void request_arguments_reset(struct request_arguments *arguments);

bool request_arguments_use_next_chunk(struct request_arguments *arguments, size_t count) MUST_CHECK;
/* Makes room for `count` cells in one piece, at cells + used; who fills them adds to `used`.
 * False when memory is refused. */
static inline bool request_arguments_reserve(struct request_arguments *arguments, size_t count) {
    if (LIKELY(arguments->capacity - arguments->used >= count)) return true;
    return request_arguments_use_next_chunk(arguments, count);
}
/* A vector of `count` cells. NULL when memory is refused. */
struct bytes *request_arguments_take(struct request_arguments *arguments, size_t count) MUST_CHECK;
