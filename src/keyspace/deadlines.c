/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/deadlines.h"

#include "base/memory.h"
#include "keyspace/entry.h"

#define HASH_MASK (((uint64_t)1 << 48) - 1)
#define REBUILD_SLACK 1024

void deadlines_init(struct deadlines *deadlines, int64_t now_ms) {
    timing_wheel_init(&deadlines->wheel, now_ms);
    deadlines->rebuilt = NULL;
    deadlines->rebuild_cursor = 0;
}

static void drop_rebuilt(struct deadlines *deadlines) {
    if (deadlines->rebuilt == NULL) return;
    timing_wheel_deinit(deadlines->rebuilt);
    memory_free(deadlines->rebuilt);
    deadlines->rebuilt = NULL;
}

void deadlines_deinit(struct deadlines *deadlines) {
    drop_rebuilt(deadlines);
    timing_wheel_deinit(&deadlines->wheel);
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
    return bytes;
}

static void rebuild_visit(void *context, void *item) {
    struct timing_wheel *wheel = context;
    const struct entry *entry = item;
    if (!entry_has_deadline(entry)) return;
    uint64_t hash = hash_bytes(entry_key(entry)) & HASH_MASK;
    timing_wheel_add(wheel, hash, entry_deadline_ms(entry));
}

void deadlines_tend(struct deadlines *deadlines, const struct hash_table *table,
                    size_t volatile_count, size_t steps) {
    if (deadlines->rebuilt == NULL) {
        if (deadlines->wheel.item_count <= volatile_count * 2 + REBUILD_SLACK) return;
        deadlines->rebuilt = memory_allocate(sizeof(*deadlines->rebuilt));
        timing_wheel_init(deadlines->rebuilt, deadlines->wheel.now_ms);
        deadlines->rebuild_cursor = 0;
    }
    for (size_t i = 0; i < steps; i++) {
        deadlines->rebuild_cursor = hash_table_scan(table, deadlines->rebuild_cursor, rebuild_visit,
                                                    deadlines->rebuilt);
        if (deadlines->rebuild_cursor != 0) continue;
        timing_wheel_deinit(&deadlines->wheel);
        deadlines->wheel = *deadlines->rebuilt;
        memory_free(deadlines->rebuilt);
        deadlines->rebuilt = NULL;
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
    struct entry **entries;
    size_t count;
    size_t max;
};

static void choose(void *context, void *item) {
    struct choice *choice = context;
    if (choice->count == choice->max || !entry_has_deadline(item)) return;
    choice->entries[choice->count++] = item;
}

static size_t entries_of(const struct hash_table *table, const uint64_t *items, size_t item_count,
                         struct entry **entries, size_t count) {
    struct choice choice = {entries, 0, count};
    for (size_t i = 0; i < item_count; i++) hash_table_visit_like(table, items[i], choose, &choice);
    return choice.count;
}

#define CHOICE_MAX 64

size_t deadlines_soonest(const struct deadlines *deadlines, const struct hash_table *table,
                         struct entry **entries, size_t count) {
    uint64_t items[CHOICE_MAX];
    size_t found = timing_wheel_soonest(&deadlines->wheel, items,
                                        count < CHOICE_MAX ? count : CHOICE_MAX);
    return entries_of(table, items, found, entries, count);
}

size_t deadlines_sample(struct deadlines *deadlines, const struct hash_table *table, uint64_t throw,
                        struct entry **entries, size_t count) {
    uint64_t items[CHOICE_MAX];
    size_t found = timing_wheel_sample(&deadlines->wheel, throw, items,
                                       count < CHOICE_MAX ? count : CHOICE_MAX);
    return entries_of(table, items, found, entries, count);
}
