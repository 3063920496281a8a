/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/eviction.h"

#define HASH_MASK (((uint64_t)1 << 48) - 1)
#define LOOK_MAX 64  /* entries of one look */
#define LOOKS_MAX 64 /* looks before giving up on a database where little may go */

void eviction_reset(struct eviction *eviction) {
    memset(eviction->pool, 0, sizeof(eviction->pool));
}

struct looking {
    struct entry *entries[LOOK_MAX];
    size_t count;
};

static void collect(void *context, void *item) {
    struct looking *looking = context;
    if (looking->count < LOOK_MAX) looking->entries[looking->count++] = item;
}

static bool may_go(const struct eviction *eviction, const struct keyspace *keyspace,
                   const struct entry *entry) {
    if (eviction->volatile_only && !entry_has_deadline(entry)) return false;
    return eviction->applications_too || !keyspace->types[entry->type]->is_application;
}

struct acceptance {
    const struct eviction *eviction;
    const struct keyspace *keyspace;
};

static bool accept(void *context, const struct entry *entry) {
    const struct acceptance *acceptance = context;
    return may_go(acceptance->eviction, acceptance->keyspace, entry);
}

/* Some entries of a database, those that may not go left out. */
static size_t look(struct eviction *eviction, struct keyspace *keyspace, struct database *database,
                   size_t wanted, struct looking *looking) {
    looking->count = 0;
    size_t kept = 0;
    bool soonest = eviction->order == EVICTION_TTL;
    for (int i = 0; i < LOOKS_MAX && kept < wanted; i++) {
        size_t before = looking->count = kept;
        uint64_t throw = random_next(&keyspace->random);
        if (eviction->volatile_only) {
            looking->count += deadlines_sample(&database->deadlines, &database->table, soonest,
                                               throw, looking->entries + before, LOOK_MAX - before);
        } else {
            hash_table_visit_bucket(
                &database->table, (size_t)(throw % database->table.bucket_count), collect, looking);
        }
        for (size_t j = before; j < looking->count; j++) {
            if (may_go(eviction, keyspace, looking->entries[j]))
                looking->entries[kept++] = looking->entries[j];
        }
    }
    looking->count = kept;
    return kept;
}

/* The same, yet what is there is found even when little of it may go: volatile keys are asked in
 * order of their deadlines then. */
static size_t look_harder(struct eviction *eviction, struct keyspace *keyspace,
                          struct database *database, size_t wanted, struct looking *looking) {
    if (look(eviction, keyspace, database, wanted, looking) > 0) return looking->count;
    if (!eviction->volatile_only) return 0;
    struct acceptance acceptance = {eviction, keyspace};
    looking->count = deadlines_walk(&database->deadlines, &database->table, accept, &acceptance,
                                    looking->entries, wanted);
    return looking->count;
}

static uint64_t score_of(const struct eviction *eviction, const struct keyspace *keyspace,
                         const struct entry *entry) {
    switch (eviction->order) {
    case EVICTION_LFU: return 256 - (uint64_t)access_frequency(&keyspace->access, entry);
    case EVICTION_TTL: return ((uint64_t)1 << 63) - (uint64_t)entry_deadline_ms(entry);
    default: return 1 + (uint64_t)access_idle_seconds(&keyspace->access, entry);
    }
}

/* Keeps the pool sorted by score, the best last; worse ones fall out at the front. */
static void pool_offer(struct eviction *eviction, uint64_t hash48, int32_t database,
                       uint64_t score) {
    struct eviction_candidate *pool = eviction->pool;
    for (int i = 0; i < EVICTION_POOL; i++) {
        if (pool[i].score != 0 && pool[i].hash48 == hash48 && pool[i].database == database) return;
    }
    if (score <= pool[0].score) return;
    int at = 0;
    while (at + 1 < EVICTION_POOL && pool[at + 1].score < score) {
        pool[at] = pool[at + 1];
        at++;
    }
    pool[at] = (struct eviction_candidate){hash48, score, database};
}

static void pool_fill(struct eviction *eviction, struct keyspace *keyspace) {
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        struct database *database = &keyspace->databases[i];
        size_t there = eviction->volatile_only ? database->volatile_count
                                               : database->table.item_count;
        if (there == 0) continue;
        struct looking looking;
        look_harder(eviction, keyspace, database, (size_t)eviction->samples, &looking);
        for (size_t j = 0; j < looking.count; j++) {
            uint64_t hash48 = hash_bytes(entry_key(looking.entries[j])) & HASH_MASK;
            pool_offer(eviction, hash48, i, score_of(eviction, keyspace, looking.entries[j]));
        }
    }
}

/* Takes the best candidate that still is what it was. */
static struct entry *pool_take(struct eviction *eviction, struct keyspace *keyspace,
                               struct database **database) {
    struct eviction_candidate *pool = eviction->pool;
    while (pool[EVICTION_POOL - 1].score != 0) {
        struct eviction_candidate best = pool[EVICTION_POOL - 1];
        memmove(pool + 1, pool, (EVICTION_POOL - 1) * sizeof(pool[0]));
        pool[0] = (struct eviction_candidate){0};
        *database = &keyspace->databases[best.database];
        struct looking looking = {.count = 0};
        hash_table_visit_like(&(*database)->table, best.hash48, collect, &looking);
        for (size_t i = 0; i < looking.count; i++) {
            struct entry *entry = looking.entries[i];
            if ((hash_bytes(entry_key(entry)) & HASH_MASK) != best.hash48) continue;
            if (may_go(eviction, keyspace, entry) &&
                score_of(eviction, keyspace, entry) >= best.score)
                return entry;
        }
    }
    return NULL;
}

static struct entry *choose_random(struct eviction *eviction, struct keyspace *keyspace,
                                   struct database **database) {
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        int32_t at = eviction->next_database++ % keyspace->database_count;
        eviction->next_database %= keyspace->database_count;
        *database = &keyspace->databases[at];
        size_t there = eviction->volatile_only ? (*database)->volatile_count
                                               : (*database)->table.item_count;
        if (there == 0) continue;
        struct looking looking;
        size_t count = look_harder(eviction, keyspace, *database, 1, &looking);
        if (count > 0) return looking.entries[random_below(&keyspace->random, count)];
    }
    return NULL;
}

bool eviction_choose(struct eviction *eviction, struct keyspace *keyspace,
                     struct database **database, struct keyspace_place *place) {
    struct entry *entry = NULL;
    switch (eviction->order) {
    case EVICTION_NONE: return false;
    case EVICTION_RANDOM: entry = choose_random(eviction, keyspace, database); break;
    case EVICTION_LRU:
    case EVICTION_LFU:
    case EVICTION_TTL:
        /* All that the pool remembers may have been used since: the second filling is fresh. */
        for (int i = 0; i < 2 && entry == NULL; i++) {
            pool_fill(eviction, keyspace);
            entry = pool_take(eviction, keyspace, database);
        }
        break;
    }
    if (entry == NULL) return false;
    struct bytes key = entry_key(entry);
    *place = keyspace_find(*database, key, hash_bytes(key));
    return true;
}
