/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/blob.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

/* A sum that would wrap becomes a size that is always refused. */
static size_t block_size(size_t capacity) {
    return capacity > SIZE_MAX - sizeof(struct blob) ? SIZE_MAX : capacity + sizeof(struct blob);
}

static struct blob *start(struct blob *blob, size_t capacity) {
    if (blob == NULL) return NULL;
    blob->refs = 1;
    blob->reserved = 0;
    blob->len = 0;
    blob->capacity = capacity;
    return blob;
}

struct blob *blob_try_create(size_t capacity) {
    return start(memory_try_allocate(block_size(capacity)), capacity);
}

struct blob *blob_create(size_t capacity) {
    return start(memory_allocate(block_size(capacity)), capacity);
}

static struct blob *fill(struct blob *blob, struct bytes bytes) {
    if (blob == NULL) return NULL;
    if (bytes.len > 0) memcpy(blob->data, bytes.data, bytes.len);
    blob->len = bytes.len;
    return blob;
}

struct blob *blob_copy(struct bytes bytes) {
    return fill(blob_create(bytes.len), bytes);
}

struct blob *blob_try_copy(struct bytes bytes) {
    return fill(blob_try_create(bytes.len), bytes);
}

struct blob *blob_try_resize(struct blob *blob, size_t capacity) {
    assert(blob->refs == 1);
    struct blob *moved = memory_try_reallocate(blob, block_size(capacity));
    if (moved == NULL) return NULL;
    moved->capacity = capacity;
    if (moved->len > capacity) moved->len = capacity;
    return moved;
}

void blob_unref(struct blob *blob) {
    assert(blob->refs > 0);
    if (--blob->refs == 0) memory_free(blob);
}

size_t blob_memory_bytes(const struct blob *blob) { return memory_block_bytes(blob); }
