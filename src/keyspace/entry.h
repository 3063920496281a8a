/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One key with what belongs to it, in one allocation from the slabs:
 *
 *   type:8 | storage:2 has_deadline:1 wide:1 encoding:4 | access:24 |
 *   [deadline_ms: 48 bits, or 64 when wide] | key length: 1, 3 or 5 bytes | key |
 *   INTEGER: 8 bytes | INLINED: length: 1, 3 or 5 bytes, bytes | BOXED: pointer, 8 bytes
 *
 * Budget: 16-byte key and 32-byte string: 5 + 1 + 16 + 1 + 32 = 55 bytes, one slab class of 56.
 * With a deadline 61, class 64. An integer: 30, class 32. One cache line for key and small value.
 *
 * The access field is an LRU clock (seconds, modulo 2^24) or LFU (16 bits of minutes, 8 bits of
 * a logarithmic counter); see keyspace/access.h. Entries move when they change size: the table's
 * slot is the only pointer to one. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/length.h"
#include "keyspace/value.h"

struct entry {
    uint8_t type; /* index into the keyspace's list of types */
    uint8_t flags;
    uint8_t access[3];
    uint8_t rest[];
};

#define ENTRY_STORAGE 0x03
#define ENTRY_HAS_DEADLINE 0x04
#define ENTRY_ENCODING_SHIFT 4
#define ENTRY_DEADLINE_WIDE 0x08 /* only together with ENTRY_HAS_DEADLINE */

static inline bool entry_has_deadline(const struct entry *entry) {
    return (entry->flags & ENTRY_HAS_DEADLINE) != 0;
}

/* Bytes that the deadline takes. Six reach the year 6429; what lies beyond is kept whole. */
static inline size_t entry_deadline_size(uint8_t flags) {
    return (flags & ENTRY_HAS_DEADLINE) == 0 ? 0 : (flags & ENTRY_DEADLINE_WIDE) == 0 ? 6 : 8;
}

static inline uint8_t entry_deadline_flags(bool has_deadline, int64_t deadline_ms) {
    if (!has_deadline) return 0;
    bool wide = deadline_ms < 0 || deadline_ms >= (int64_t)1 << 48;
    return ENTRY_HAS_DEADLINE | (wide ? ENTRY_DEADLINE_WIDE : 0);
}

/* Unix milliseconds; only where there is one. */
static inline int64_t entry_deadline_ms(const struct entry *entry) {
    int64_t deadline_ms = 0;
    memcpy(&deadline_ms, entry->rest, entry_deadline_size(entry->flags));
    return deadline_ms;
}

static inline const uint8_t *entry_key_start(const struct entry *entry) {
    return entry->rest + entry_deadline_size(entry->flags);
}

static inline struct bytes entry_key(const struct entry *entry) {
    const uint8_t *at = entry_key_start(entry);
    size_t len;
    at += length_read(at, &len);
    return bytes_make(at, len);
}

/* Where the value's part begins. */
static inline const uint8_t *entry_value_start(const struct entry *entry) {
    struct bytes key = entry_key(entry);
    return (const uint8_t *)key.data + key.len;
}

static inline enum value_storage entry_storage(const struct entry *entry) {
    return (enum value_storage)(entry->flags & ENTRY_STORAGE);
}

/* The allocated size; what must be said again to free it. */
size_t entry_size(const struct entry *entry);
/* A view of the value, without its type. */
void entry_value(const struct entry *entry, struct value *value);
struct bytes entry_key_of(const void *entry);

/* Makes an entry; `deadline_ms` is read when `has_deadline`. Takes a BOXED value. NULL when memory
 * was refused, and then nothing is taken. */
struct entry *entry_try_create(struct bytes key, uint8_t type, const struct value *value,
                               bool has_deadline, int64_t deadline_ms) MUST_CHECK;
/* Frees the entry's memory; a BOXED value is the caller's to destroy. */
void entry_free(struct entry *entry);
