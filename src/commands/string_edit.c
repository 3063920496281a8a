/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/string_edit.h"

#include "commands/reply.h"

#define GROWTH_MAX ((size_t)1 << 20)

static char *refuse(struct edit *edit) {
    reply_error(edit->call, "OOM command not allowed: no memory for the value");
    edit_cancel(edit);
    return NULL;
}

static size_t roomy(size_t len) { return len < GROWTH_MAX ? len * 2 : len + GROWTH_MAX; }

static char *edit_inlined(struct edit *edit, struct bytes old, size_t len) {
    /* The old bytes may lie in the entry that is about to move: resize keeps them there. */
    if (edit_exists(edit) && edit->value.storage == VALUE_INLINED) {
        if (edit->value.encoding != STRING_RAW) {
            struct value raw = edit->value;
            raw.encoding = STRING_RAW;
            if (!edit_store(edit, &raw)) return NULL;
        }
        uint8_t *bytes = edit_resize(edit, len);
        if (bytes == NULL) return NULL;
        if (len > old.len) memset(bytes + old.len, 0, len - old.len);
        return (char *)bytes;
    }
    char fresh[STRING_INLINED_MAX] = {0};
    memcpy(fresh, old.data, old.len < len ? old.len : len);
    struct value value = {.type = &string_type,
                          .storage = VALUE_INLINED,
                          .encoding = STRING_RAW,
                          .inlined = {fresh, len}};
    if (!edit_store(edit, &value)) return NULL;
    return (char *)(uintptr_t)edit->value.inlined.data;
}

static char *edit_boxed(struct edit *edit, struct bytes old, size_t len) {
    bool boxed = edit_exists(edit) && edit->value.storage == VALUE_BOXED;
    struct blob *blob = boxed ? edit->value.boxed : NULL;
    if (blob != NULL && !blob_is_shared(blob)) {
        if (len > blob->capacity) {
            blob = blob_try_resize(blob, roomy(len));
            if (blob == NULL) return refuse(edit);
        }
        if (len > blob->len) memset(blob->data + blob->len, 0, len - blob->len);
        blob->len = len;
        struct value value = {
            .type = &string_type, .storage = VALUE_BOXED, .encoding = STRING_RAW, .boxed = blob};
        edit_rewrite(edit, &value);
        return blob->data;
    }
    struct blob *fresh = blob_try_create(old.len == 0 ? len : roomy(len));
    if (fresh == NULL) return refuse(edit);
    size_t kept = old.len < len ? old.len : len;
    if (kept > 0) memcpy(fresh->data, old.data, kept);
    memset(fresh->data + kept, 0, len - kept);
    fresh->len = len;
    struct value value = {
        .type = &string_type, .storage = VALUE_BOXED, .encoding = STRING_RAW, .boxed = fresh};
    if (!edit_store(edit, &value)) {
        blob_unref(fresh);
        return NULL;
    }
    return fresh->data;
}

char *string_edit(struct edit *edit, size_t len) {
    char scratch[TEXT_INTEGER_MAX];
    struct bytes old = BYTES("");
    if (edit_exists(edit)) old = string_bytes(&edit->value, scratch);
    bool boxed = edit_exists(edit) && edit->value.storage == VALUE_BOXED;
    if (len <= STRING_INLINED_MAX && !boxed) return edit_inlined(edit, old, len);
    return edit_boxed(edit, old, len);
}

bool string_edit_set(struct edit *edit, struct bytes bytes) {
    struct value value;
    if (!string_value_try(bytes, NULL, &value)) {
        refuse(edit);
        return false;
    }
    if (edit_store(edit, &value)) return true;
    string_value_drop(&value);
    return false;
}
