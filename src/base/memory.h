/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The one door to the allocator, and the count of what went through it.
 *
 * Two ways in. `memory_allocate` and its kin take any size and remember it themselves (jemalloc
 * knows the size of a block). `memory_small_*` are for the millions of little things of a
 * keyspace: the caller says the size again when it frees, sizes up to MEMORY_SMALL_MAX come from
 * slabs in classes of eight bytes (jemalloc's step by sixteen and more), larger ones fall through.
 *
 * Out of memory: `memory_allocate` reports and aborts; any size that an outsider chose goes
 * through `memory_try_*` and can be refused. The count is exact: what the allocator really set
 * aside for live blocks, per block, not sampled. Counting is per thread and summed on reading, so
 * it costs two plain instructions.
 *
 * The counters and the slabs are state of the process, as the heap itself is: this file is the
 * documented exception to "no mutable file-scope state". The slabs belong to the command thread:
 * other threads hand slab memory back through the command thread, or free only memory of the
 * general kind. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

#define MEMORY_SMALL_MAX 512

void *memory_allocate(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_allocate_zero(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_reallocate(void *block, size_t size) __attribute__((returns_nonnull));
void memory_free(void *block); /* NULL is fine */

/* NULL when refused: by the system, by a test's plan, or because size > SIZE_MAX / 2. */
void *memory_try_allocate(size_t size) MUST_CHECK;
void *memory_try_reallocate(void *block, size_t size) MUST_CHECK; /* NULL leaves block alone */

/* Bytes really set aside for the block. */
size_t memory_block_bytes(const void *block);

/* Small things are aligned as far as their size is: to 64 bytes if it is a multiple of 64, to 16
 * if of 16, else to 8. */

/* The bytes that a request of `size` would really take. */
size_t memory_small_class(size_t size);
void *memory_small_allocate(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_small_try_allocate(size_t size) MUST_CHECK;
/* Frees a block got with the same `size` (any size of the same class will do). */
void memory_small_free(void *block, size_t size);
/* Moves to a new size; the same block when the class does not change. */
void *memory_small_reallocate(void *block, size_t old_size, size_t new_size)
    __attribute__((returns_nonnull));

/* The calling thread owns the slabs from now on; only needed when they move from the thread that
 * used them first (a server started in a thread of its own). The old owner must have stopped. */
void memory_small_own(void);

/* Asks for transparent huge pages for slabs got from now on, all but the first few. Fewer page
 * faults and TLB misses, up to 2 MiB more resident, and memory that goes back to the system in
 * larger pieces. Off at first. Owner's thread. */
void memory_small_use_huge_pages(bool wanted);

/* Bytes of live blocks, all threads: one load a thread. */
size_t memory_used_bytes(void);
/* The highest that memory_used_bytes was seen, sampled by whoever calls memory_sample_peak. */
size_t memory_peak_bytes(void);
void memory_sample_peak(void);
void memory_reset_peak(void);

struct memory_report {
    size_t used;       /* live blocks */
    size_t slab_free;  /* slots of slabs that hold nothing now */
    size_t slab_empty; /* whole slabs that wait for any class */
    size_t allocated;  /* the allocator's own figures, 0 where it keeps none: extents of slabs
                        * count in full here */
    size_t active;
    size_t resident;
    size_t retained;
    size_t muzzy;
};
struct memory_report memory_report(void);
size_t memory_resident_bytes(void); /* of the process, from the system */
const char *memory_allocator_name(void);
/* Gives free pages back to the system now. Those of slabs only from the thread that owns them. */
void memory_purge(void);

/* How many memory_try_* were refused so far, for whatever reason: who sees it grow knows why
 * something could not be done. */
uint64_t memory_refusals(void);

/* Tests: refuse the n-th memory_try_* from now (1 = the next); 0 = never. Returns how many
 * tries have been made since the last call. */
uint64_t memory_fail_try(uint64_t nth);
