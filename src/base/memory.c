/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of any size from jemalloc, and the count of everything that lives.
 *
 * Each thread counts in a cache line of its own with plain loads and stores; a reader sums the
 * lines. A thread may free what another allocated, so a single line may well be negative: only
 * the sum means something. Lines are never handed on: after COUNTERS threads the newcomers share
 * one line and pay for an atomic addition.
 *
 * With MEMORY_PLAIN (sanitizers) blocks come from libc, whose malloc the sanitizer replaces. */
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory_internal.h"

#ifdef MEMORY_PLAIN
#include <malloc.h>
#else
#include <jemalloc/jemalloc.h>
#endif

#define COUNTERS 64
#define CACHE_LINE 64

struct counter {
    _Alignas(CACHE_LINE) _Atomic int64_t bytes; /* written by one thread only */
};

/* state: the count belongs to the process, as the heap does (see memory.h). */
static struct {
    struct counter counters[COUNTERS];
    struct counter shared; /* for threads that came when all were taken */
    _Atomic unsigned thread_count;
    _Atomic size_t peak_bytes;
    _Atomic uint64_t try_count;     /* tries since the last memory_fail_try */
    _Atomic uint64_t try_to_refuse; /* the number of the try that fails; 0 = none */
    _Atomic uint64_t refusals;
} heap;

/* state: this thread's line of the count; NULL until it counts, or when it counts in `shared`. */
static _Thread_local struct counter *own __attribute__((tls_model("initial-exec")));
/* state: this thread came too late for a line of its own. */
static _Thread_local bool counts_shared __attribute__((tls_model("initial-exec")));

/* --- the count ---------------------------------------------------------------------------- */

static __attribute__((noinline, cold)) void count_slowly(int64_t bytes) {
    if (!counts_shared) {
        unsigned index = atomic_fetch_add_explicit(&heap.thread_count, 1, memory_order_relaxed);
        if (index < COUNTERS) {
            own = &heap.counters[index];
            atomic_store_explicit(&own->bytes, bytes, memory_order_relaxed);
            return;
        }
        counts_shared = true;
    }
    atomic_fetch_add_explicit(&heap.shared.bytes, bytes, memory_order_relaxed);
}

static inline void count(int64_t bytes) {
    if (UNLIKELY(own == NULL)) {
        count_slowly(bytes);
        return;
    }
    int64_t before = atomic_load_explicit(&own->bytes, memory_order_relaxed);
    atomic_store_explicit(&own->bytes, before + bytes, memory_order_relaxed);
}

size_t memory_used_bytes(void) {
    unsigned threads = atomic_load_explicit(&heap.thread_count, memory_order_relaxed);
    if (threads > COUNTERS) threads = COUNTERS;
    int64_t sum = atomic_load_explicit(&heap.shared.bytes, memory_order_relaxed);
    for (unsigned i = 0; i < threads; i++) {
        sum += atomic_load_explicit(&heap.counters[i].bytes, memory_order_relaxed);
    }
    /* Below zero only for an instant, when a block went from a thread already read to another. */
    return memory_slab_live_bytes() + (size_t)(sum < 0 ? 0 : sum);
}

size_t memory_peak_bytes(void) {
    return atomic_load_explicit(&heap.peak_bytes, memory_order_relaxed);
}

void memory_sample_peak(void) {
    size_t used = memory_used_bytes();
    if (used > memory_peak_bytes()) {
        atomic_store_explicit(&heap.peak_bytes, used, memory_order_relaxed);
    }
}

void memory_reset_peak(void) {
    atomic_store_explicit(&heap.peak_bytes, memory_used_bytes(), memory_order_relaxed);
}

/* --- refusing ----------------------------------------------------------------------------- */

uint64_t memory_fail_try(uint64_t nth) {
    atomic_store_explicit(&heap.try_to_refuse, nth, memory_order_relaxed);
    return atomic_exchange_explicit(&heap.try_count, 0, memory_order_relaxed);
}

/* Tests that plan a failure run the code that fails in one thread, so a lost count between
 * threads does no harm, and the tries of a real server cost no locked instruction. */
bool memory_try_is_permitted(size_t size) {
    uint64_t number = atomic_load_explicit(&heap.try_count, memory_order_relaxed) + 1;
    atomic_store_explicit(&heap.try_count, number, memory_order_relaxed);
    bool planned = number == atomic_load_explicit(&heap.try_to_refuse, memory_order_relaxed);
    if (LIKELY(size <= MEMORY_SIZE_MAX && !planned)) return true;
    memory_note_refusal();
    return false;
}

void memory_note_refusal(void) {
    atomic_fetch_add_explicit(&heap.refusals, 1, memory_order_relaxed);
}

uint64_t memory_refusals(void) {
    return atomic_load_explicit(&heap.refusals, memory_order_relaxed);
}

void memory_abort(size_t size) {
    char line[96];
    int len = snprintf(line, sizeof line, "Out of memory: the system refused %zu bytes.\n", size);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)len);
    (void)ignored;
    abort();
}

/* --- blocks ------------------------------------------------------------------------------- */

#ifdef MEMORY_PLAIN

/* Under AddressSanitizer this is the very size asked for. */
static size_t system_bytes(const void *block) {
    union {
        const void *constant;
        void *plain;
    } same = {.constant = block};
    return malloc_usable_size(same.plain);
}

static void *system_allocate(size_t size, bool zero) {
    void *block = zero ? calloc(1, size) : malloc(size);
    if (LIKELY(block != NULL)) count((int64_t)system_bytes(block));
    return block;
}

static void *system_reallocate(void *block, size_t size) {
    int64_t before = (int64_t)system_bytes(block);
    void *moved = realloc(block, size);
    if (LIKELY(moved != NULL)) count((int64_t)system_bytes(moved) - before);
    return moved;
}

void memory_free(void *block) {
    if (block == NULL) return;
    count(-(int64_t)system_bytes(block));
    free(block);
}

/* Sizes of one class may stand in for each other, so each is its own: a tool sees every byte. */
size_t memory_sized_bytes(size_t size) { return size; }

void *memory_sized_allocate(size_t size) {
    if (size > MEMORY_SIZE_MAX) return NULL;
    void *block = malloc(size);
    if (block != NULL) count((int64_t)memory_sized_bytes(size));
    return block;
}

void *memory_sized_reallocate(void *block, size_t old_size, size_t new_size) {
    if (new_size > MEMORY_SIZE_MAX) return NULL;
    void *moved = realloc(block, new_size);
    if (moved == NULL) return NULL;
    count((int64_t)memory_sized_bytes(new_size) - (int64_t)memory_sized_bytes(old_size));
    return moved;
}

void memory_sized_free(void *block, size_t size) {
    count(-(int64_t)memory_sized_bytes(size));
    free(block);
}

#else

static size_t system_bytes(const void *block) { return sallocx(block, 0); }

/* What a block of `size` takes is known without looking at it: nallocx is arithmetic, sallocx
 * a walk of the allocator's page map. malloc and free have a shorter way inside jemalloc than
 * mallocx and sdallocx: 10 ns a pair with the count here, instead of 20. */
static void *system_allocate(size_t size, bool zero) {
    void *block = zero ? calloc(1, size) : malloc(size);
    if (LIKELY(block != NULL)) count((int64_t)nallocx(size, 0));
    return block;
}

static void *system_reallocate(void *block, size_t size) {
    int64_t before = (int64_t)system_bytes(block);
    void *moved = rallocx(block, size, 0);
    if (LIKELY(moved != NULL)) count((int64_t)system_bytes(moved) - before);
    return moved;
}

void memory_free(void *block) {
    if (block == NULL) return;
    count(-(int64_t)system_bytes(block));
    free(block);
}

size_t memory_sized_bytes(size_t size) { return size > MEMORY_SIZE_MAX ? 0 : nallocx(size, 0); }

void *memory_sized_allocate(size_t size) {
    return size > MEMORY_SIZE_MAX ? NULL : system_allocate(size, false);
}

void *memory_sized_reallocate(void *block, size_t old_size, size_t new_size) {
    if (new_size > MEMORY_SIZE_MAX) return NULL;
    size_t before = nallocx(old_size, 0);
    size_t after = nallocx(new_size, 0);
    if (before == after) return block;
    void *moved = rallocx(block, new_size, 0);
    if (LIKELY(moved != NULL)) count((int64_t)after - (int64_t)before);
    return moved;
}

void memory_sized_free(void *block, size_t size) {
    count(-(int64_t)nallocx(size, 0));
    sdallocx(block, size, 0);
}

#endif

/* Nothing is asked of the allocator with size 0: its answer would be undefined. */
static size_t at_least_one(size_t size) { return size + (size == 0); }

static void *allocate(size_t size, bool zero) {
    if (UNLIKELY(size > MEMORY_SIZE_MAX)) memory_abort(size);
    void *block = system_allocate(at_least_one(size), zero);
    if (UNLIKELY(block == NULL)) memory_abort(size);
    return block;
}

void *memory_allocate(size_t size) { return allocate(size, false); }

void *memory_allocate_zero(size_t size) { return allocate(size, true); }

void *memory_reallocate(void *block, size_t size) {
    if (block == NULL) return allocate(size, false);
    if (UNLIKELY(size > MEMORY_SIZE_MAX)) memory_abort(size);
    void *moved = system_reallocate(block, at_least_one(size));
    if (UNLIKELY(moved == NULL)) memory_abort(size);
    return moved;
}

static void *noted(void *block) {
    if (UNLIKELY(block == NULL)) memory_note_refusal();
    return block;
}

void *memory_try_allocate(size_t size) {
    if (!memory_try_is_permitted(size)) return NULL;
    return noted(system_allocate(at_least_one(size), false));
}

void *memory_try_reallocate(void *block, size_t size) {
    if (!memory_try_is_permitted(size)) return NULL;
    size = at_least_one(size);
    return noted(block == NULL ? system_allocate(size, false) : system_reallocate(block, size));
}

size_t memory_block_bytes(const void *block) {
    assert(block != NULL);
    return system_bytes(block);
}

/* --- reports ------------------------------------------------------------------------------ */

size_t memory_resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return 0;
    unsigned long pages = 0;
    if (fscanf(file, "%*s %lu", &pages) != 1) pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

#ifdef MEMORY_PLAIN

const char *memory_allocator_name(void) { return "libc"; }

void memory_purge(void) { malloc_trim(0); }

static void ask_allocator(struct memory_report *report) {
    (void)report; /* libc keeps no such figures */
}

#else

#define TEXT_OF(x) #x
#define TEXT_OF_VALUE(x) TEXT_OF(x)

const char *memory_allocator_name(void) {
    return "jemalloc-" TEXT_OF_VALUE(JEMALLOC_VERSION_MAJOR) "." TEXT_OF_VALUE(
        JEMALLOC_VERSION_MINOR) "." TEXT_OF_VALUE(JEMALLOC_VERSION_BUGFIX);
}

void memory_purge(void) {
    memory_slab_purge();
    (void)mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    (void)mallctl("arena." TEXT_OF_VALUE(MALLCTL_ARENAS_ALL) ".purge", NULL, NULL, NULL, 0);
}

static size_t figure(const char *name) {
    size_t value = 0;
    size_t len = sizeof value;
    return mallctl(name, &value, &len, NULL, 0) == 0 ? value : 0;
}

/* jemalloc's figures are those of its last epoch: start a new one, then read. */
static void ask_allocator(struct memory_report *report) {
    uint64_t epoch = 1;
    size_t len = sizeof epoch;
    (void)mallctl("epoch", &epoch, &len, &epoch, len);
    report->allocated = figure("stats.allocated");
    report->active = figure("stats.active");
    report->resident = figure("stats.resident");
    report->retained = figure("stats.retained");
    report->muzzy = figure("stats.arenas." TEXT_OF_VALUE(MALLCTL_ARENAS_ALL) ".pmuzzy") *
                    figure("arenas.page");
}

#endif

struct memory_report memory_report(void) {
    struct memory_report report = {
        .used = memory_used_bytes(),
        .slab_free = memory_slab_free_bytes(),
        .slab_empty = memory_slab_empty_bytes(),
    };
    ask_allocator(&report);
    return report;
}
