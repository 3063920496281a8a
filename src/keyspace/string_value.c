/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/string_value.h"

size_t string_length(const struct value *value) {
    char scratch[TEXT_INTEGER_MAX];
    return string_bytes(value, scratch).len;
}

struct value string_value_integer(int64_t integer) {
    return (struct value){.type = &string_type,
                          .storage = VALUE_INTEGER,
                          .encoding = STRING_PLAIN,
                          .integer = integer};
}

bool string_value_try(struct bytes bytes, struct blob *blob, struct value *value) {
    *value = (struct value){.type = &string_type, .encoding = STRING_PLAIN};
    if (bytes.len <= 20 && text_to_integer(bytes, &value->integer)) {
        value->storage = VALUE_INTEGER;
        return true;
    }
    if (bytes.len <= STRING_INLINED_MAX) {
        value->storage = VALUE_INLINED;
        value->inlined = bytes;
        return true;
    }
    value->storage = VALUE_BOXED;
    if (blob != NULL && blob->data == bytes.data && blob->len == bytes.len) {
        value->boxed = blob_ref(blob);
        return true;
    }
    struct blob *copy = blob_try_create(bytes.len);
    if (copy == NULL) return false;
    memcpy(copy->data, bytes.data, bytes.len);
    copy->len = bytes.len;
    value->boxed = copy;
    return true;
}

void string_value_drop(struct value *value) {
    if (value->storage == VALUE_BOXED) blob_unref(value->boxed);
}

/* --- the type --- */

static void destroy(void *boxed) { blob_unref(boxed); }

/* Whoever edits a blob that others hold copies it first: until then a copy costs nothing. */
static void *copy(const void *boxed) { return blob_ref((struct blob *)(uintptr_t)boxed); }

static size_t bytes_taken(const void *boxed, size_t samples) {
    (void)samples;
    return blob_memory_bytes(boxed);
}

/* Giving back many pages takes the system time: one step for every 16 KiB. A shared blob is not
 * freed here and must not be let go of on another thread. */
static size_t effort(const void *boxed) {
    const struct blob *blob = boxed;
    return blob_is_shared(blob) ? 1 : blob->capacity / (16 * 1024);
}

static const char *encoding(const struct value *value) {
    if (value->storage == VALUE_INTEGER) return "int";
    if (value->encoding == STRING_RAW) return "raw";
    return string_length(value) <= STRING_EMBEDDED_MAX ? "embstr" : "raw";
}

static void save(const struct value *value, struct encoder *encoder) {
    char scratch[TEXT_INTEGER_MAX];
    encode_string(encoder, string_bytes(value, scratch), true);
}

static enum outcome load(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    (void)rdb_type;
    struct bytes bytes = decode_string(decoder);
    if (decoder->failed || !string_value_try(bytes, NULL, value)) return OUTCOME_CORRUPT;
    return OUTCOME_OK;
}

static void digest(const struct value *value, struct value_digest *out) {
    char scratch[TEXT_INTEGER_MAX];
    value_digest_add(out, string_bytes(value, scratch));
}

static const uint8_t rdb_types_read[] = {0, VALUE_RDB_END};

const struct value_type string_type = {
    .name = "string",
    .rdb_type = 0,
    .event_class = '$',
    .destroy = destroy,
    .destroy_anywhere = true,
    .copy = copy,
    .bytes = bytes_taken,
    .effort = effort,
    .encoding = encoding,
    .save = save,
    .load = load,
    .digest = digest,
    .rdb_types_read = rdb_types_read,
};
