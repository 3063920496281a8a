/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/dataset_digest.h"

struct gathering {
    const struct keyspace *keyspace;
    struct value_digest *digest;
    int32_t database;
    int64_t now_ms;
};

void entry_digest(const struct keyspace *keyspace, const struct entry *entry,
                  struct value_digest *digest) {
    struct value value;
    *digest = (struct value_digest){0};
    keyspace_value(keyspace, entry, &value);
    value_digest_add(digest, bytes_of(value.type->name));
    value.type->digest(&value, digest);
}

static void gather(void *context, void *item) {
    struct gathering *gathering = context;
    const struct entry *entry = item;
    if (entry_has_deadline(entry) && entry_deadline_ms(entry) <= gathering->now_ms) return;
    struct value_digest whole;
    entry_digest(gathering->keyspace, entry, &whole);
    value_digest_add(&whole, entry_key(entry));
    value_digest_add(&whole, bytes_make(&gathering->database, sizeof(gathering->database)));
    if (entry_has_deadline(entry)) {
        int64_t deadline_ms = entry_deadline_ms(entry);
        value_digest_add(&whole, bytes_make(&deadline_ms, sizeof(deadline_ms)));
    }
    value_digest_add_unordered(gathering->digest, bytes_make(whole.sha1, sizeof(whole.sha1)));
}

void dataset_digest(const struct keyspace *keyspace, int64_t now_ms, struct value_digest *digest) {
    *digest = (struct value_digest){0};
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        const struct hash_table *table = &keyspace->databases[i].table;
        struct gathering gathering = {keyspace, digest, i, now_ms};
        for (size_t bucket = 0; bucket < table->bucket_count; bucket++)
            hash_table_visit_bucket(table, bucket, gather, &gathering);
    }
}

void digest_to_hex(const struct value_digest *digest, char hex[41]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(digest->sha1); i++) {
        hex[i * 2] = digits[digest->sha1[i] >> 4];
        hex[i * 2 + 1] = digits[digest->sha1[i] & 15];
    }
    hex[40] = '\0';
}

void dataset_digest_hex(const struct keyspace *keyspace, int64_t now_ms, char hex[41]) {
    struct value_digest digest;
    dataset_digest(keyspace, now_ms, &digest);
    digest_to_hex(&digest, hex);
}
