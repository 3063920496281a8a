/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Memory for the length of one call: handed out by moving a pointer, given back all at once.
 *
 * What a handler allocates while running comes from here. A call that needs more than the first
 * block gets more blocks, and large requests one of their own; those are freed at the next reset,
 * the first is kept, so that a hot call asks the allocator for nothing. Blocks handed out are
 * aligned to 16 bytes and live until the next reset. */
#include <stdarg.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/outcome.h"

struct arena_block;
struct arena {
    char *at; /* the next free byte, aligned */
    char *end;
    struct arena_block *first; /* NULL until the first request */
    struct arena_block *extra; /* the others, the latest first */
};

void arena_init(struct arena *arena); /* allocates nothing */
void arena_deinit(struct arena *arena);
/* O(1) for a call that stayed within the first block. */
void arena_reset(struct arena *arena);
void *arena_allocate(struct arena *arena, size_t size) __attribute__((returns_nonnull));
/* For sizes an outsider chose; NULL when refused. */
void *arena_try_allocate(struct arena *arena, size_t size) MUST_CHECK;
struct bytes arena_copy(struct arena *arena, struct bytes bytes);
/* The text is followed by a zero byte that its length does not count. */
struct bytes arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* data NULL: refused. */
struct bytes arena_try_format_list(struct arena *arena, const char *format, va_list list)
    PRINTF_LIKE(2, 0) MUST_CHECK;
struct bytes arena_format_list(struct arena *arena, const char *format, va_list list)
    PRINTF_LIKE(2, 0);
