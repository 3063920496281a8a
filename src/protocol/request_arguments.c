/* SPDX-License-Identifier: BSD-3-Clause */
#include "protocol/request_arguments.h"

#include "base/memory.h"

#define CHUNKS_KEPT 16

struct request_chunk {
    struct request_chunk *next;
    size_t capacity;
    struct bytes cells[];
};

void request_arguments_init(struct request_arguments *arguments) {
    *arguments = (struct request_arguments){0};
}

static void free_chunks(struct request_chunk *chunk) {
    while (chunk != NULL) {
        struct request_chunk *next = chunk->next;
        memory_free(chunk);
        chunk = next;
    }
}

void request_arguments_deinit(struct request_arguments *arguments) {
    free_chunks(arguments->first);
    request_arguments_init(arguments);
}

static void use_chunk(struct request_arguments *arguments, struct request_chunk *chunk) {
    arguments->current = chunk;
    arguments->cells = chunk == NULL ? NULL : chunk->cells;
    arguments->capacity = chunk == NULL ? 0 : chunk->capacity;
    arguments->used = 0;
}

void request_arguments_reset(struct request_arguments *arguments) {
    if (LIKELY(arguments->current == arguments->first)) {
        if (arguments->capacity <= REQUEST_CHUNK_CELLS) {
            arguments->used = 0;
            return;
        }
    }
    /* Chunks of the usual size stay, up to a bound; those made for one huge request go. */
    struct request_chunk **link = &arguments->first;
    for (int kept = 0; *link != NULL;) {
        struct request_chunk *chunk = *link;
        if (chunk->capacity > REQUEST_CHUNK_CELLS || kept == CHUNKS_KEPT) {
            *link = chunk->next;
            memory_free(chunk);
        } else {
            kept++;
            link = &chunk->next;
        }
    }
    use_chunk(arguments, arguments->first);
}

bool request_arguments_use_next_chunk(struct request_arguments *arguments, size_t count) {
    if (count > SIZE_MAX / 2 / sizeof(struct bytes)) return false;
    struct request_chunk **link = arguments->current == NULL ? &arguments->first
                                                             : &arguments->current->next;
    if (*link == NULL || (*link)->capacity < count) {
        size_t capacity = count > REQUEST_CHUNK_CELLS ? count : REQUEST_CHUNK_CELLS;
        struct request_chunk *chunk = memory_try_allocate(sizeof(*chunk) +
                                                          capacity * sizeof(struct bytes));
        if (chunk == NULL) return false;
        chunk->capacity = capacity;
        chunk->next = *link;
        *link = chunk;
    }
    use_chunk(arguments, *link);
    return true;
}

struct bytes *request_arguments_take(struct request_arguments *arguments, size_t count) {
    if (!request_arguments_reserve(arguments, count)) return NULL;
    struct bytes *cells = arguments->cells + arguments->used;
    arguments->used += count;
    return cells;
}
