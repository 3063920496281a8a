/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Between memory.c (any size, and the count) and memory_slab.c (small things). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

/* Sizes above this are refused or fatal before any arithmetic on them can wrap. */
#define MEMORY_SIZE_MAX (SIZE_MAX / 2)

/* Says no when a test's plan wants this try to fail. Call once for each memory_*_try_*. */
bool memory_try_is_permitted(size_t size) MUST_CHECK;
/* A memory_*_try_* is about to answer NULL; memory_try_is_permitted calls it where it says no. */
void memory_note_refusal(void);
_Noreturn void memory_abort(size_t size);

/* Blocks whose size the caller remembers, counted by the size alone. 0 < size; NULL when the
 * system refuses or size > MEMORY_SIZE_MAX. */
size_t memory_sized_bytes(size_t size);
void *memory_sized_allocate(size_t size) MUST_CHECK;
void *memory_sized_reallocate(void *block, size_t old_size, size_t new_size) MUST_CHECK;
void memory_sized_free(void *block, size_t size);

/* Live bytes of slabs; any thread may ask. */
size_t memory_slab_live_bytes(void);
/* Slots that hold nothing in slabs that have a class. */
size_t memory_slab_free_bytes(void);
/* Slabs without a class, in extents that are kept because of their neighbours. */
size_t memory_slab_empty_bytes(void);
/* Gives the pages of slabs without a class back to the system. From a thread that does not own
 * the slabs: nothing happens. */
void memory_slab_purge(void);
