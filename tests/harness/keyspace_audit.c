/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/keyspace_audit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/* state: the last sentence; a test reads it before it asks again. */
static char complaint[256];

struct gathered {
    const struct entry **entries;
    size_t count;
};

static void gather(void *context, void *item) {
    struct gathered *gathered = context;
    gathered->entries[gathered->count++] = item;
}

void keyspace_audit_each(struct keyspace *keyspace, keyspace_audit_visit *visit, void *context) {
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        struct database *database = &keyspace->databases[i];
        struct gathered gathered = {calloc(database->table.item_count + 1, sizeof(struct entry *)),
                                    0};
        for (size_t bucket = 0; bucket < database->table.bucket_count; bucket++)
            hash_table_visit_bucket(&database->table, bucket, gather, &gathered);
        for (size_t j = 0; j < gathered.count; j++) visit(context, database, gathered.entries[j]);
        free(gathered.entries);
    }
}

struct sums {
    const struct keyspace *keyspace;
    size_t application_bytes;
    size_t *volatile_counts; /* by database */
    size_t keys;
};

static void add_up(void *context, struct database *database, const struct entry *entry) {
    struct sums *sums = context;
    sums->keys++;
    if (sums->keyspace->types[entry->type]->is_application)
        sums->application_bytes += memory_small_class(entry_size(entry));
    sums->volatile_counts[database->index] += entry_has_deadline(entry);
}

const char *keyspace_audit_counters(struct keyspace *keyspace) {
    struct sums sums = {
        .keyspace = keyspace,
        .volatile_counts = calloc((size_t)keyspace->database_count, sizeof(size_t))};
    keyspace_audit_each(keyspace, add_up, &sums);
    complaint[0] = '\0';
    if (keyspace->application_bytes != sums.application_bytes)
        snprintf(complaint, sizeof(complaint), "application_bytes is %zu, the sum is %zu",
                 keyspace->application_bytes, sums.application_bytes);
    if (keyspace_key_count(keyspace) != sums.keys)
        snprintf(complaint, sizeof(complaint), "%zu keys are counted, there are %zu",
                 keyspace_key_count(keyspace), sums.keys);
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        if (keyspace->databases[i].volatile_count == sums.volatile_counts[i]) continue;
        snprintf(complaint, sizeof(complaint), "database %d: volatile_count is %zu, and %zu are", i,
                 keyspace->databases[i].volatile_count, sums.volatile_counts[i]);
    }
    free(sums.volatile_counts);
    return complaint[0] == '\0' ? NULL : complaint;
}

struct owners {
    const struct keyspace *keyspace;
    const void *boxed;
    size_t count;
};

static void count_owner(void *context, struct database *database, const struct entry *entry) {
    struct owners *owners = context;
    struct value value;
    keyspace_value(owners->keyspace, entry, &value);
    owners->count += value.storage == VALUE_BOXED && value.boxed == owners->boxed;
    (void)database;
}

/* What MEMORY USAGE says of a key, but for its share of the table; and without the value where
 * another key has it, too, as a copy of a string does. */
static size_t said_bytes(struct keyspace *keyspace, const struct entry *entry) {
    struct value value;
    keyspace_value(keyspace, entry, &value);
    size_t bytes = memory_small_class(entry_size(entry));
    if (value.storage != VALUE_BOXED) return bytes;
    struct owners owners = {keyspace, value.boxed, 0};
    keyspace_audit_each(keyspace, count_owner, &owners);
    return owners.count > 1 ? bytes : bytes + value.type->bytes(value.boxed, 0);
}

static void take_out(void *context, struct database *database, const struct entry *entry) {
    struct keyspace *keyspace = context;
    size_t said = said_bytes(keyspace, entry);
    const char *type = keyspace->types[entry->type]->name;
    struct bytes key = entry_key(entry);
    struct keyspace_place place = keyspace_find(database, key, hash_bytes(key));
    size_t used = memory_used_bytes(), table = keyspace_overhead_bytes(keyspace);
    keyspace_delete(keyspace, database, &place, false);
    size_t freed = used - memory_used_bytes() - (table - keyspace_overhead_bytes(keyspace));
    if (said == freed) return;
    snprintf(complaint, sizeof(complaint), "a %s said %zu bytes and %zu were freed", type, said,
             freed);
}

const char *keyspace_audit_bytes(struct keyspace *keyspace) {
    complaint[0] = '\0';
    keyspace_audit_each(keyspace, take_out, keyspace);
    return complaint[0] == '\0' ? NULL : complaint;
}
