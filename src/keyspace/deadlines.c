/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/deadlines.h"

#include <assert.h>

#include "base/memory.h"
#include "base/outcome.h"
#include "keyspace/entry.h"

#define HASH_MASK (((uint64_t)1 << 48) - 1)
#define REBUILD_SLACK 1024

void deadlines_init(struct deadlines *deadlines, int64_t now_ms) {
    *deadlines = (struct deadlines){.rebuilt = NULL};
    timing_wheel_init(&deadlines->wheel, now_ms);
}

static bool demolish_apart(struct timing_wheel **wheel, size_t blocks) {
    if (*wheel == NULL) return true;
    if (!timing_wheel_demolish(*wheel, blocks)) return false;
    memory_free(*wheel);
    *wheel = NULL;
    return true;
}

bool deadlines_demolish(struct deadlines *deadlines, size_t blocks) {
    return demolish_apart(&deadlines->retired, blocks) &&
           demolish_apart(&deadlines->rebuilt, blocks) &&
           timing_wheel_demolish(&deadlines->wheel, blocks);
}

void deadlines_deinit(struct deadlines *deadlines) {
    bool freed = deadlines_demolish(deadlines, SIZE_MAX);
    assert(freed);
}

void deadlines_add(struct deadlines *deadlines, uint64_t hash, int64_t deadline_ms) {
    timing_wheel_add(&deadlines->wheel, hash & HASH_MASK, deadline_ms);
    if (deadlines->rebuilt != NULL)
        timing_wheel_add(deadlines->rebuilt, hash & HASH_MASK, deadline_ms);
}

size_t deadlines_memory_bytes(const struct deadlines *deadlines) {
    size_t bytes = deadlines->wheel.memory_bytes;
    if (deadlines->rebuilt != NULL)
        bytes += deadlines->rebuilt->memory_bytes + sizeof(*deadlines->rebuilt);
    if (deadlines->retired != NULL)
        bytes += deadlines->retired->memory_bytes + sizeof(*deadlines->retired);
    return bytes;
}

static void rebuild_visit(void *context, void *item) {
    struct timing_wheel *wheel = context;
    const struct entry *entry = item;
    if (!entry_has_deadline(entry)) return;
    uint64_t hash = hash_bytes(entry_key(entry)) & HASH_MASK;
    timing_wheel_add(wheel, hash, entry_deadline_ms(entry));
}

/* The fresh wheel takes the place of the old one. */
static void replace_wheel(struct deadlines *deadlines) {
    struct timing_wheel *fresh = deadlines->rebuilt;
    struct timing_wheel old = deadlines->wheel;
    deadlines->wheel = *fresh;
    *fresh = old;
    deadlines->retired = fresh;
    deadlines->rebuilt = NULL;
}

void deadlines_tend(struct deadlines *deadlines, const struct hash_table *table,
                    size_t volatile_count, size_t steps) {
    if (UNLIKELY(deadlines->retired != NULL)) {
        demolish_apart(&deadlines->retired, steps);
        return;
    }
    if (LIKELY(deadlines->rebuilt == NULL)) {
        if (deadlines->wheel.item_count <= volatile_count * 2 + REBUILD_SLACK) return;
        deadlines->rebuilt = memory_allocate(sizeof(*deadlines->rebuilt));
        timing_wheel_init(deadlines->rebuilt, deadlines->wheel.now_ms);
        deadlines->rebuild_cursor = 0;
    }
    for (size_t i = 0; i < steps; i++) {
        deadlines->rebuild_cursor = hash_table_scan(table, deadlines->rebuild_cursor, rebuild_visit,
                                                    deadlines->rebuilt);
        if (deadlines->rebuild_cursor != 0) continue;
        replace_wheel(deadlines);
        return;
    }
}

/* --- expiring --- */

struct examination {
    const struct hash_table *table;
    int64_t now_ms;
    deadlines_expire *expire;
    void *context;
    uint64_t hash48;
    struct entry *due; /* one whose time has come */
    int64_t later_ms;  /* the earliest deadline of those whose time has not, 0 for none */
};

static void examine_entry(void *context, void *item) {
    struct examination *examination = context;
    struct entry *entry = item;
    if (!entry_has_deadline(entry)) return;
    if ((hash_bytes(entry_key(entry)) & HASH_MASK) != examination->hash48) return;
    int64_t deadline_ms = entry_deadline_ms(entry);
    if (deadline_ms <= examination->now_ms) {
        examination->due = entry;
        return;
    }
    if (examination->later_ms == 0 || deadline_ms < examination->later_ms)
        examination->later_ms = deadline_ms;
}

static int64_t examine(void *context, uint64_t item) {
    struct examination *examination = context;
    examination->hash48 = item;
    do {
        examination->due = NULL;
        examination->later_ms = 0;
        hash_table_visit_like(examination->table, item, examine_entry, examination);
        if (examination->due != NULL) examination->expire(examination->context, examination->due);
    } while (examination->due != NULL);
    return examination->later_ms;
}

bool deadlines_advance(struct deadlines *deadlines, const struct hash_table *table, int64_t now_ms,
                       size_t budget, deadlines_expire *expire, void *context) {
    struct examination examination = {
        .table = table, .now_ms = now_ms, .expire = expire, .context = context};
    return timing_wheel_advance(&deadlines->wheel, now_ms, budget, examine, &examination);
}

/* --- choosing --- */

struct choice {
    const struct hash_table *table;
    deadlines_accept *accept; /* NULL: every one */
    void *context;
    struct entry **entries;
    size_t count;
    size_t max;
    size_t looks;        /* items that may still be looked at */
    int64_t earliest_ms; /* of those found for one item */
    bool found;
};

static void choose(void *context, void *item) {
    struct choice *choice = context;
    if (choice->count == choice->max || !entry_has_deadline(item)) return;
    if (choice->accept != NULL && !choice->accept(choice->context, item)) return;
    choice->entries[choice->count++] = item;
}

#define LOOKS_MAX 4096

static bool choose_item(void *context, uint64_t item) {
    struct choice *choice = context;
    if (item == TIMING_WHEEL_SLOT_END) return true;
    hash_table_visit_like(choice->table, item, choose, choice);
    return choice->count < choice->max && --choice->looks > 0;
}

size_t deadlines_walk(const struct deadlines *deadlines, const struct hash_table *table,
                      deadlines_accept *accept, void *context, struct entry **entries,
                      size_t count) {
    struct choice choice = {.table = table,
                            .accept = accept,
                            .context = context,
                            .entries = entries,
                            .max = count,
                            .looks = LOOKS_MAX};
    timing_wheel_walk(&deadlines->wheel, choose_item, &choice);
    return choice.count;
}

static void choose_like(void *context, void *item) {
    struct choice *choice = context;
    if (!entry_has_deadline(item)) return;
    int64_t deadline_ms = entry_deadline_ms(item);
    if (deadline_ms < choice->earliest_ms) choice->earliest_ms = deadline_ms;
    choice->found = true;
    if (choice->count < choice->max) choice->entries[choice->count++] = item;
}

/* Entries that share the tag of the hash may be others than the item stands for: it is kept then,
 * where it is or earlier than it need be. */
static int64_t choose_examined(void *context, uint64_t item) {
    struct choice *choice = context;
    choice->found = false;
    choice->earliest_ms = INT64_MAX;
    hash_table_visit_like(choice->table, item, choose_like, choice);
    if (!choice->found) return 0;
    return choice->earliest_ms == 0 ? 1 : choice->earliest_ms;
}

#define SAMPLE_MAX 16

size_t deadlines_sample(struct deadlines *deadlines, const struct hash_table *table, bool soonest,
                        uint64_t throw, struct entry **entries, size_t count) {
    struct choice choice = {.table = table, .entries = entries, .max = count};
    timing_wheel_sample(&deadlines->wheel, soonest, throw, count < SAMPLE_MAX ? count : SAMPLE_MAX,
                        choose_examined, &choice);
    return choice.count;
}
