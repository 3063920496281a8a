/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/entry.h"

#include "base/memory.h"

static size_t value_size(const struct value *value) {
    if (value->storage != VALUE_INLINED) return 8;
    return length_size(value->inlined.len) + value->inlined.len;
}

size_t entry_size(const struct entry *entry) {
    const uint8_t *at = entry_value_start(entry);
    size_t before = (size_t)(at - (const uint8_t *)entry);
    if (entry_storage(entry) != VALUE_INLINED) return before + 8;
    size_t len;
    size_t prefix = length_read(at, &len);
    return before + prefix + len;
}

void entry_value(const struct entry *entry, struct value *value) {
    const uint8_t *at = entry_value_start(entry);
    value->storage = entry->flags & ENTRY_STORAGE;
    value->encoding = entry->flags >> ENTRY_ENCODING_SHIFT;
    if (value->storage == VALUE_INLINED) {
        size_t len;
        at += length_read(at, &len);
        value->inlined = bytes_make(at, len);
        return;
    }
    memcpy(&value->integer, at, sizeof(value->integer));
}

struct bytes entry_key_of(const void *entry) {
    return entry_key(entry);
}

struct entry *entry_try_create(struct bytes key, uint8_t type, const struct value *value,
                               bool has_deadline, int64_t deadline_ms) {
    uint8_t deadline_flags = entry_deadline_flags(has_deadline, deadline_ms);
    size_t deadline_size = entry_deadline_size(deadline_flags);
    size_t size = sizeof(struct entry) + deadline_size + length_size(key.len) + key.len +
                  value_size(value);
    struct entry *entry = memory_small_try_allocate(size);
    if (entry == NULL) return NULL;
    entry->type = type;
    entry->flags = (uint8_t)(value->storage | deadline_flags |
                             value->encoding << ENTRY_ENCODING_SHIFT);
    memset(entry->access, 0, sizeof(entry->access));
    uint8_t *at = entry->rest;
    memcpy(at, &deadline_ms, deadline_size);
    at += deadline_size;
    at += length_write(at, key.len);
    if (key.len > 0) memcpy(at, key.data, key.len);
    at += key.len;
    if (value->storage == VALUE_INLINED) {
        at += length_write(at, value->inlined.len);
        if (value->inlined.len > 0) memcpy(at, value->inlined.data, value->inlined.len);
    } else {
        memcpy(at, &value->integer, sizeof(value->integer));
    }
    return entry;
}

void entry_free(struct entry *entry) { memory_small_free(entry, entry_size(entry)); }
