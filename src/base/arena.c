/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Under AddressSanitizer what is not handed out may not be touched. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(start, len) ASAN_POISON_MEMORY_REGION(start, len)
#define PERMIT(start, len) ASAN_UNPOISON_MEMORY_REGION(start, len)
#else
#define FORBID(start, len) ((void)(start), (void)(len))
#define PERMIT(start, len) ((void)(start), (void)(len))
#endif

#define ALIGNMENT ((size_t)16)
#define FIRST_BYTES ((size_t)16 << 10)
#define MORE_BYTES ((size_t)64 << 10)
/* Requests from here on get a block of their own and leave the open one as it is. */
#define LARGE_BYTES (MORE_BYTES / 4)

struct arena_block {
    _Alignas(ALIGNMENT) struct arena_block *next;
    size_t size; /* of data */
    _Alignas(ALIGNMENT) char data[];
};

void arena_init(struct arena *arena) { *arena = (struct arena){0}; }

static void free_extra(struct arena *arena) {
    while (arena->extra != NULL) {
        struct arena_block *block = arena->extra;
        arena->extra = block->next;
        PERMIT(block->data, block->size);
        memory_free(block);
    }
}

void arena_deinit(struct arena *arena) {
    free_extra(arena);
    if (arena->first != NULL) PERMIT(arena->first->data, arena->first->size);
    memory_free(arena->first);
    *arena = (struct arena){0};
}

static void open_block(struct arena *arena, struct arena_block *block) {
    arena->at = block->data;
    arena->end = block->data + block->size;
    FORBID(block->data, block->size);
}

void arena_reset(struct arena *arena) {
    if (arena->first == NULL && arena->extra == NULL) return;
    free_extra(arena);
    arena->at = NULL;
    arena->end = NULL;
    if (arena->first != NULL) open_block(arena, arena->first);
}

/* A sum that would wrap stays a size that no one grants. */
static size_t block_size(size_t size) {
    return size > SIZE_MAX - sizeof(struct arena_block) ? size : size + sizeof(struct arena_block);
}

/* A block with room for `size`, opened unless it is a large one, which is all for this request.
 * NULL when refused, which only happens if it `may_fail`. */
static struct arena_block *add_block(struct arena *arena, size_t size, bool may_fail) {
    bool is_first = arena->first == NULL && size <= FIRST_BYTES - sizeof(struct arena_block);
    bool is_large = !is_first && size >= LARGE_BYTES;
    size_t total = is_first ? FIRST_BYTES : MORE_BYTES;
    if (is_large) total = block_size(size);
    struct arena_block *block = may_fail ? memory_try_allocate(total) : memory_allocate(total);
    if (block == NULL) return NULL;
    block->next = NULL;
    block->size = total - sizeof(struct arena_block);
    if (is_first) {
        arena->first = block;
    } else {
        block->next = arena->extra;
        arena->extra = block;
    }
    if (!is_large) open_block(arena, block);
    return block;
}

static inline void *allocate(struct arena *arena, size_t size, bool may_fail) {
    /* Absurd sizes go to memory.c as they are, to be refused or to be fatal there. */
    size_t rounded = UNLIKELY(size > SIZE_MAX / 4) ? size : (size + ALIGNMENT - 1) & -ALIGNMENT;
    if (UNLIKELY(rounded > (size_t)(arena->end - arena->at) || arena->at == NULL)) {
        struct arena_block *block = add_block(arena, rounded, may_fail);
        if (block == NULL || arena->at != block->data) return block == NULL ? NULL : block->data;
    }
    char *start = arena->at;
    arena->at += rounded;
    PERMIT(start, size);
    return start;
}

void *arena_try_allocate(struct arena *arena, size_t size) { return allocate(arena, size, true); }

void *arena_allocate(struct arena *arena, size_t size) { return allocate(arena, size, false); }

struct bytes arena_copy(struct arena *arena, struct bytes bytes) {
    char *start = arena_allocate(arena, bytes.len);
    if (bytes.len > 0) memcpy(start, bytes.data, bytes.len);
    return (struct bytes){start, bytes.len};
}

static struct bytes format_list(struct arena *arena, const char *format, va_list list,
                                bool may_fail) PRINTF_LIKE(2, 0);
static struct bytes format_list(struct arena *arena, const char *format, va_list list,
                                bool may_fail) {
    assert(format != NULL);
    va_list again;
    va_copy(again, list);
    int len = vsnprintf(NULL, 0, format, list);
    assert(len >= 0);
    char *start = allocate(arena, (size_t)len + 1, may_fail);
    if (start != NULL) vsnprintf(start, (size_t)len + 1, format, again);
    va_end(again);
    return (struct bytes){start, start == NULL ? 0 : (size_t)len};
}

struct bytes arena_format_list(struct arena *arena, const char *format, va_list list) {
    return format_list(arena, format, list, false);
}

struct bytes arena_try_format_list(struct arena *arena, const char *format, va_list list) {
    return format_list(arena, format, list, true);
}

struct bytes arena_format(struct arena *arena, const char *format, ...) {
    va_list list;
    va_start(list, format);
    struct bytes text = arena_format_list(arena, format, list);
    va_end(list);
    return text;
}
