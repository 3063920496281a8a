/* SPDX-License-Identifier: BSD-3-Clause */
/* Small things: slabs of 16 KiB that hold objects of one size, in classes of eight bytes.
 *
 *   extent, 2 MiB, aligned to 2 MiB (from jemalloc, not counted as used)
 *   +---------------+-- ... --+--------+--------------------+---------+-- ... --+----------+
 *   | slab 0        |         | extent | 128 slab headers   | rest of |         | slab 127 |
 *   | 16 KiB        |         | 64 B   | 32 B each          | slab c  |         | 16 KiB   |
 *   +---------------+-- ... --+--------+--------------------+---------+-- ... --+----------+
 *
 * An address says its extent by masking and its slab by a shift, so an object carries nothing.
 * The headers stand together, away from the objects (at the start of each slab they would all
 * fall into the same few sets of the cache), and begin in a different slab c from extent to
 * extent, for the same reason: that took random frees from 20 ns to 12.
 *
 * A fresh slab hands its slots out in order of address and touches no page before its time; a
 * freed slot joins the slab's list, linked by offsets in units of eight bytes. All is O(1).
 *
 * Measured on two million objects of 56 bytes, against jemalloc's mallocx and sdallocx: 56.5
 * bytes resident an object (66.2); taken from the system and written, 170 ns each (220), with huge
 * pages 33; a warm batch of a thousand taken and given back, 6 ns each (14); freed in random order,
 * 13 ns (10) and a random one replaced, 120 ns (90): jemalloc does not touch what it frees, while
 * here that is a cache miss unless, as in a server, the object has just been looked at. */
#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "base/memory_internal.h"

#ifndef MEMORY_PLAIN
#include <jemalloc/jemalloc.h>
#else
#include <stdlib.h>
#endif

#define UNIT 8u
#define CLASSES (MEMORY_SMALL_MAX / UNIT)
#define SLAB_BYTES ((size_t)16384)
#define SLAB_UNITS (SLAB_BYTES / UNIT)
#define EXTENT_BYTES ((size_t)2 << 20)
#define EXTENT_SLABS (EXTENT_BYTES / SLAB_BYTES)
#define COLOURS 8u /* slabs that the headers may begin in */
#define NO_SLOT UINT16_MAX
/* Where huge pages are wanted, so many extents come without: a small server stays small. */
#define EXTENTS_WITH_SMALL_PAGES 8u

/* On the list of its class while it has room; on its extent's list of free slabs while it has no
 * class; else on none. */
struct slab {
    struct slab *next;
    struct slab *previous;
    char *base;
    uint16_t free;  /* first slot of the list, in units from base; NO_SLOT = none */
    uint16_t fresh; /* where slots begin that were never used */
    uint16_t used;  /* objects alive */
    uint16_t units; /* the class; 0 = none */
};

struct extent {
    _Alignas(64) char *start;
    struct extent *next; /* among the extents that have free slabs */
    struct extent *previous;
    struct slab *free; /* slabs given back, the most recent first */
    uint32_t fresh;    /* slabs from here on were never used */
    uint32_t used;     /* slabs that have a class */
    _Alignas(64) struct slab slabs[EXTENT_SLABS];
};

static_assert(sizeof(struct slab) == 32, "two headers share a cache line");
/* Slots behind the headers begin on a cache line too: alignment is the same in every slab. */
static_assert(sizeof(struct extent) % 64 == 0, "slots behind the headers begin aligned");
static_assert(sizeof(struct extent) < SLAB_BYTES / 2, "room for objects behind the headers");

/* state: the slabs belong to the process, as the heap does (see memory.h). */
static struct {
    _Atomic size_t live_bytes;  /* written by the owner only */
    _Atomic size_t slab_count;  /* slabs that have a class */
    _Atomic size_t empty_count; /* slabs that had one and wait for the next */
    const char *owner;          /* the address of the owner's thread_mark */
    size_t extent_count;
    bool wants_huge_pages;
    struct extent *roomy;              /* extents that have free slabs, the most recent first */
    struct extent *spare;              /* an extent without any used slab, against flapping */
    struct slab *partial[CLASSES + 1]; /* by units; slot 0 stays empty */
} slabs;

/* state: its address tells threads apart. */
static _Thread_local char thread_mark __attribute__((tls_model("initial-exec")));

static inline size_t units_of(size_t size) { return (size + UNIT - 1) / UNIT + (size == 0); }

size_t memory_small_class(size_t size) {
    return size <= MEMORY_SMALL_MAX ? units_of(size) * UNIT : memory_sized_bytes(size);
}

size_t memory_slab_live_bytes(void) {
    return atomic_load_explicit(&slabs.live_bytes, memory_order_relaxed);
}

static inline void count_live(size_t bytes) { /* modulo 2^64: negative numbers take away */
    size_t before = atomic_load_explicit(&slabs.live_bytes, memory_order_relaxed);
    atomic_store_explicit(&slabs.live_bytes, before + bytes, memory_order_relaxed);
}

void memory_small_own(void) { slabs.owner = &thread_mark; }

void memory_small_use_huge_pages(bool wanted) { slabs.wants_huge_pages = wanted; }

#ifndef MEMORY_PLAIN

static void count_slabs(_Atomic size_t *counter, size_t change) {
    size_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + change, memory_order_relaxed);
}

/* --- extents ------------------------------------------------------------------------------ */

/* Of any address inside: an object's, a header's, the first. */
static inline struct extent *extent_of(const void *address) {
    uintptr_t start = (uintptr_t)address & ~(uintptr_t)(EXTENT_BYTES - 1);
    return (struct extent *)(start + start / EXTENT_BYTES % COLOURS * SLAB_BYTES);
}

static void extent_link(struct extent *extent) {
    extent->previous = NULL;
    extent->next = slabs.roomy;
    if (slabs.roomy != NULL) slabs.roomy->previous = extent;
    slabs.roomy = extent;
}

static void extent_unlink(struct extent *extent) {
    if (extent->previous != NULL) extent->previous->next = extent->next;
    else slabs.roomy = extent->next;
    if (extent->next != NULL) extent->next->previous = extent->previous;
}

static bool extent_is_full(const struct extent *extent) {
    return extent->free == NULL && extent->fresh == EXTENT_SLABS;
}

static struct extent *extent_create(void) {
    char *start = mallocx(EXTENT_BYTES, MALLOCX_ALIGN(EXTENT_BYTES));
    if (start == NULL) return NULL;
    if (slabs.wants_huge_pages && slabs.extent_count >= EXTENTS_WITH_SMALL_PAGES) {
        (void)madvise(start, EXTENT_BYTES, MADV_HUGEPAGE);
    }
    slabs.extent_count++;
    struct extent *extent = extent_of(start);
    memset(extent, 0, sizeof *extent);
    extent->start = start;
    return extent;
}

static void extent_destroy(struct extent *extent) {
    count_slabs(&slabs.empty_count, -(size_t)extent->fresh); /* all on the list of free slabs */
    slabs.extent_count--;
    sdallocx(extent->start, EXTENT_BYTES, MALLOCX_ALIGN(EXTENT_BYTES));
}

/* An extent with room, linked; NULL when the system refuses. */
static struct extent *extent_find(void) {
    if (slabs.roomy != NULL) return slabs.roomy;
    struct extent *extent = slabs.spare;
    slabs.spare = NULL;
    if (extent == NULL) extent = extent_create();
    if (extent != NULL) extent_link(extent);
    return extent;
}

/* --- slabs -------------------------------------------------------------------------------- */

static uint16_t first_slot(const struct slab *slab, const struct extent *extent) {
    return slab->base == (const char *)extent ? sizeof(struct extent) / UNIT : 0;
}

static inline bool slab_is_full(const struct slab *slab, size_t units) {
    return slab->free == NO_SLOT && slab->fresh + units > SLAB_UNITS;
}

static inline void slab_link(struct slab *slab, size_t units) {
    struct slab *head = slabs.partial[units];
    slab->previous = NULL;
    slab->next = head;
    if (head != NULL) head->previous = slab;
    slabs.partial[units] = slab;
}

static inline void slab_unlink(struct slab *slab, size_t units) {
    if (slab->previous != NULL) slab->previous->next = slab->next;
    else slabs.partial[units] = slab->next;
    if (slab->next != NULL) slab->next->previous = slab->previous;
}

/* A slab of this class with room, first on its list; NULL when the system refuses. */
static struct slab *slab_open(size_t units) {
    if (slabs.owner == NULL) memory_small_own();
    assert(slabs.owner == &thread_mark); /* slabs belong to one thread */
    struct extent *extent = extent_find();
    if (extent == NULL) return NULL;
    struct slab *slab = extent->free;
    if (slab != NULL) {
        extent->free = slab->next;
        count_slabs(&slabs.empty_count, (size_t)-1);
    } else {
        slab = &extent->slabs[extent->fresh];
        slab->base = extent->start + extent->fresh * SLAB_BYTES;
        extent->fresh++;
    }
    extent->used++;
    if (extent_is_full(extent)) extent_unlink(extent);
    slab->free = NO_SLOT;
    slab->fresh = first_slot(slab, extent);
    slab->used = 0;
    slab->units = (uint16_t)units;
    slab_link(slab, units);
    count_slabs(&slabs.slab_count, 1);
    return slab;
}

/* Called when the last object went. A class keeps one empty slab, so that a single object that
 * comes and goes moves no slab. */
static void slab_close(struct slab *slab, size_t units) {
    struct extent *extent = extent_of(slab);
    if (slabs.partial[units] == slab && slab->next == NULL) {
        slab->free = NO_SLOT;
        slab->fresh = first_slot(slab, extent);
        return;
    }
    slab_unlink(slab, units);
    count_slabs(&slabs.slab_count, (size_t)-1);
    count_slabs(&slabs.empty_count, 1);
    bool was_full = extent_is_full(extent);
    slab->units = 0;
    slab->next = extent->free;
    extent->free = slab;
    extent->used--;
    if (extent->used == 0) {
        if (!was_full) extent_unlink(extent);
        if (slabs.spare == NULL) slabs.spare = extent;
        else extent_destroy(extent);
    } else if (was_full) {
        extent_link(extent);
    }
}

/* --- objects ------------------------------------------------------------------------------ */

/* What seldom happens stands apart, so that the way of every day saves no registers. */
static __attribute__((noinline)) void *retire(struct slab *slab, size_t units, void *block) {
    slab_unlink(slab, units);
    return block;
}

static inline void *slab_take(struct slab *slab, size_t units) {
    char *block;
    if (slab->free != NO_SLOT) {
        block = slab->base + slab->free * UNIT;
        memcpy(&slab->free, block, sizeof slab->free);
    } else {
        block = slab->base + slab->fresh * UNIT;
        slab->fresh = (uint16_t)(slab->fresh + units);
    }
    slab->used++;
    count_live(units * UNIT);
    if (UNLIKELY(slab_is_full(slab, units))) return retire(slab, units, block);
    return block;
}

static __attribute__((noinline)) void *take_from_new_slab(size_t units, bool may_fail) {
    struct slab *slab = slab_open(units);
    if (slab != NULL) return slab_take(slab, units);
    if (!may_fail) memory_abort(EXTENT_BYTES);
    return NULL;
}

static inline void *small_take(size_t units, bool may_fail) {
    struct slab *slab = slabs.partial[units];
    if (UNLIKELY(slab == NULL)) return take_from_new_slab(units, may_fail);
    assert(LIKELY(slabs.owner == &thread_mark)); /* slabs belong to one thread */
    return slab_take(slab, units);
}

/* The slab was full, or its last object went. */
static __attribute__((noinline)) void relist(struct slab *slab, size_t units, bool was_full) {
    if (was_full) slab_link(slab, units); /* the fullest of all: fill it first */
    if (slab->used == 0) slab_close(slab, units);
}

static inline void small_give(char *block, size_t units) {
    assert(LIKELY(slabs.owner == &thread_mark));
    struct extent *extent = extent_of(block);
    struct slab *slab = &extent->slabs[(uintptr_t)block % EXTENT_BYTES / SLAB_BYTES];
    /* A wrong size, a second free or a stranger's block ends here, before it spreads. */
    assert(LIKELY(slab->units == units && slab->used > 0));
    bool was_full = slab_is_full(slab, units);
    memcpy(block, &slab->free, sizeof slab->free);
    slab->free = (uint16_t)((size_t)(block - slab->base) / UNIT);
    slab->used--;
    count_live(-(units * UNIT));
    if (UNLIKELY(was_full || slab->used == 0)) relist(slab, units, was_full);
}

size_t memory_slab_free_bytes(void) {
    size_t bytes = atomic_load_explicit(&slabs.slab_count, memory_order_relaxed) * SLAB_BYTES;
    size_t live = memory_slab_live_bytes();
    return bytes > live ? bytes - live : 0;
}

size_t memory_slab_empty_bytes(void) {
    return atomic_load_explicit(&slabs.empty_count, memory_order_relaxed) * SLAB_BYTES;
}

void memory_slab_purge(void) {
    if (slabs.owner != &thread_mark) return;
    if (slabs.spare != NULL) extent_destroy(slabs.spare);
    slabs.spare = NULL;
    for (struct extent *extent = slabs.roomy; extent != NULL; extent = extent->next) {
        for (struct slab *slab = extent->free; slab != NULL; slab = slab->next) {
            /* The slab that shares its pages with the headers stays. */
            if (slab->base != (char *)extent) (void)madvise(slab->base, SLAB_BYTES, MADV_DONTNEED);
        }
    }
}

#else

/* Every object is a block of its own, so that the sanitizer sees where it ends; the count is that
 * of the slabs. Alignment as well. */
static void *small_take(size_t units, bool may_fail) {
    if (slabs.owner == NULL) memory_small_own();
    assert(slabs.owner == &thread_mark);
    size_t bytes = units * UNIT;
    void *block = bytes % 64 == 0 ? aligned_alloc(64, bytes) : malloc(bytes);
    if (block != NULL) count_live(bytes);
    else if (!may_fail) memory_abort(bytes);
    return block;
}

static void small_give(char *block, size_t units) {
    assert(slabs.owner == &thread_mark);
    count_live(-(units * UNIT));
    free(block);
}

size_t memory_slab_free_bytes(void) { return 0; }

size_t memory_slab_empty_bytes(void) { return 0; }

void memory_slab_purge(void) {}

#endif

static __attribute__((noinline)) void *allocate_sized(size_t size) {
    void *block = memory_sized_allocate(size);
    if (block == NULL) memory_abort(size);
    return block;
}

void *memory_small_allocate(size_t size) {
    if (UNLIKELY(size > MEMORY_SMALL_MAX)) return allocate_sized(size);
    return small_take(units_of(size), false);
}

void *memory_small_try_allocate(size_t size) {
    if (!memory_try_is_permitted(size)) return NULL;
    return size <= MEMORY_SMALL_MAX ? small_take(units_of(size), true)
                                    : memory_sized_allocate(size);
}

void memory_small_free(void *block, size_t size) {
    if (LIKELY(size <= MEMORY_SMALL_MAX)) small_give(block, units_of(size));
    else memory_sized_free(block, size);
}

void *memory_small_reallocate(void *block, size_t old_size, size_t new_size) {
    if (old_size > MEMORY_SMALL_MAX && new_size > MEMORY_SMALL_MAX) {
        void *moved = memory_sized_reallocate(block, old_size, new_size);
        if (moved == NULL) memory_abort(new_size);
        return moved;
    }
    bool both_small = old_size <= MEMORY_SMALL_MAX && new_size <= MEMORY_SMALL_MAX;
    if (both_small && units_of(old_size) == units_of(new_size)) return block;
    void *moved = memory_small_allocate(new_size);
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    memory_small_free(block, old_size);
    return moved;
}
