/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/key/key_gather.h"

#include "base/memory.h"
#include "base/text.h"
#include "commands/reply.h"

#define CAPACITY_MIN ((size_t)1024)
#define CAPACITY_MAX ((size_t)256 * 1024)
#define FRAME_BYTES_MAX (1 + TEXT_INTEGER_MAX + 2 + 2)

void key_gather_init(struct key_gather *gather) { *gather = (struct key_gather){.open = NULL}; }

void key_gather_deinit(struct key_gather *gather) {
    if (gather->open != NULL) blob_unref(gather->open);
    for (size_t i = 0; i < gather->full_count; i++) blob_unref(gather->full[i]);
    memory_free(gather->full);
    key_gather_init(gather);
}

static bool keep_open_one(struct key_gather *gather) {
    if (gather->open == NULL) return true;
    if (gather->full_count == gather->full_capacity) {
        size_t capacity = gather->full_capacity == 0 ? 8 : gather->full_capacity * 2;
        struct blob **full = memory_try_reallocate(gather->full, capacity * sizeof(full[0]));
        if (full == NULL) return false;
        gather->full = full;
        gather->full_capacity = capacity;
    }
    gather->full[gather->full_count++] = gather->open;
    gather->open = NULL;
    return true;
}

/* A blob with `size` bytes of room; each is larger than the one before, up to a point. */
static bool make_room(struct key_gather *gather, size_t size) {
    struct blob *open = gather->open;
    if (open != NULL && open->capacity - open->len >= size) return true;
    size_t capacity = open == NULL ? CAPACITY_MIN : open->capacity * 4;
    if (capacity > CAPACITY_MAX) capacity = CAPACITY_MAX;
    if (capacity < size) capacity = size;
    if (!keep_open_one(gather)) return false;
    gather->open = blob_try_create(capacity);
    return gather->open != NULL;
}

void key_gather_add(struct key_gather *gather, struct bytes key) {
    if (gather->failed) return;
    if (!make_room(gather, key.len + FRAME_BYTES_MAX)) {
        gather->failed = true;
        return;
    }
    struct blob *blob = gather->open;
    char *at = blob->data + blob->len;
    *at++ = '$';
    at += text_from_unsigned(at, key.len);
    memcpy(at, "\r\n", 2);
    if (key.len > 0) memcpy(at + 2, key.data, key.len);
    memcpy(at + 2 + key.len, "\r\n", 2);
    blob->len = (size_t)(at + 4 + key.len - blob->data);
    gather->count++;
}

static void put(struct output *output, struct blob *blob) {
    if (blob->len >= OUTPUT_SPLICE_MIN) {
        output_splice_take(output, blob);
        return;
    }
    output_raw(output, blob_bytes(blob));
    blob_unref(blob);
}

void key_gather_reply(struct key_gather *gather, struct call *call) {
    reply_array(call, gather->count);
    call->reply_pending -= (int64_t)gather->count;
    for (size_t i = 0; i < gather->full_count; i++) put(call->output, gather->full[i]);
    if (gather->open != NULL) put(call->output, gather->open);
    gather->full_count = 0;
    gather->open = NULL;
    gather->count = 0;
}
