/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Shared bytes: an argument kept as a value, a message sent to many, a big value on its way out.
 *
 * Counted references; whoever holds the only one may change the bytes in place, others must copy
 * first (blob_is_shared). One block of memory: header and bytes. The command thread alone counts
 * references; a blob whose last reference is gone may be freed by any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"

struct blob {
    uint32_t refs;
    uint32_t reserved;
    size_t len;
    size_t capacity;
    char data[];
};

/* Returned owned, len 0, one reference. NULL when refused. */
struct blob *blob_try_create(size_t capacity) MUST_CHECK;
struct blob *blob_create(size_t capacity);
struct blob *blob_copy(struct bytes bytes);
struct blob *blob_try_copy(struct bytes bytes) MUST_CHECK; /* NULL when refused */
/* Grows (or shrinks) the capacity of an unshared blob; NULL when refused, and the old one lives. */
struct blob *blob_try_resize(struct blob *blob, size_t capacity) MUST_CHECK;
static inline struct blob *blob_ref(struct blob *blob) {
    blob->refs++;
    return blob;
}
void blob_unref(struct blob *blob);
static inline bool blob_is_shared(const struct blob *blob) { return blob->refs > 1; }
static inline struct bytes blob_bytes(const struct blob *blob) {
    return (struct bytes){blob->data, blob->len};
}
size_t blob_memory_bytes(const struct blob *blob);
