/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of strings: APPEND, SETRANGE, GETRANGE, and what two have in common. */
#include "families/string/string_lcs.h"
#include "families/string/string_words.h"

/* A string may not grow beyond this. */
static bool fits(struct call *call, size_t before, size_t more) {
    size_t len;
    if (!__builtin_add_overflow(before, more, &len) && len <= call->executor->string_bytes_max)
        return true;
    reply_error(call, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    return false;
}

void string_append(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes more = args_bytes(call);
    struct blob *blob = args_taken_blob(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    size_t len = 0;
    if (edit_exists(&edit)) {
        len = string_length(&edit.value);
        if (!fits(call, len, more.len)) {
            edit_cancel(&edit);
            return;
        }
        char *bytes = string_edit(&edit, len + more.len);
        if (bytes == NULL) return;
        if (more.len > 0) memcpy(bytes + len, more.data, more.len);
    } else if (!string_replace(&edit, more, blob, &(struct string_expiry){0})) {
        return;
    }
    edit_commit_as(&edit, EVENT_STRING, "append");
    reply_integer(call, (int64_t)(len + more.len));
}

void string_setrange(struct call *call) {
    struct bytes key = args_key(call);
    int64_t offset = args_integer(call, INT64_MIN, INT64_MAX);
    if (offset < 0) args_fail(call, "ERR offset is out of range");
    struct bytes part = args_bytes(call);
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    size_t len = edit_exists(&edit) ? string_length(&edit.value) : 0;
    size_t at = (size_t)offset;
    if (part.len == 0 || !fits(call, at, part.len)) {
        edit_cancel(&edit);
        if (part.len == 0) reply_integer(call, (int64_t)len);
        return;
    }
    if (at + part.len > len) len = at + part.len;
    char *bytes = string_edit(&edit, len);
    if (bytes == NULL) return;
    memcpy(bytes + at, part.data, part.len);
    edit_commit_as(&edit, EVENT_STRING, "setrange");
    reply_integer(call, (int64_t)len);
}

/* Indexes count from the end when negative; those before the beginning mean the beginning, even
 * where that makes one byte of what lies wholly before it, as Redis has it. */
static struct bytes part_of(struct bytes bytes, int64_t start, int64_t end) {
    int64_t len = (int64_t)bytes.len;
    if (start < 0 && end < 0 && start > end) return BYTES("");
    if (start < 0) start = start < -len ? 0 : start + len;
    if (end < 0) end = end < -len ? 0 : end + len;
    if (end >= len) end = len - 1;
    if (start > end || len == 0) return BYTES("");
    return bytes_make(bytes.data + start, (size_t)(end - start + 1));
}

void string_getrange(struct call *call) {
    struct bytes key = args_key(call);
    int64_t start = args_integer(call, INT64_MIN, INT64_MAX);
    int64_t end = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;

    struct value value;
    char scratch[TEXT_INTEGER_MAX];
    if (key_read(call, key, &string_type, &value))
        reply_bulk(call, part_of(string_bytes(&value, scratch), start, end));
    else if (!call->failed) reply_bulk(call, BYTES(""));
}

/* --- LCS --- */

struct lcs_options {
    bool length_only;
    bool indexes;
    bool with_lengths;
    int64_t length_min;
};

static void take_lcs_options(struct call *call, struct lcs_options *options) {
    *options = (struct lcs_options){0};
    while (args_left(call) > 0) {
        if (args_word(call, "LEN")) options->length_only = true;
        else if (args_word(call, "IDX")) options->indexes = true;
        else if (args_word(call, "WITHMATCHLEN")) options->with_lengths = true;
        else if (args_word(call, "MINMATCHLEN"))
            options->length_min = args_integer(call, INT64_MIN, INT64_MAX);
        else args_syntax_error(call);
    }
    if (options->length_only && options->indexes)
        args_fail(call, "ERR If you want both the length and indexes, please just use IDX.");
}

static void reply_ends(struct call *call, size_t start, size_t len) {
    reply_array(call, 2);
    reply_integer(call, (int64_t)start);
    reply_integer(call, (int64_t)(start + len - 1));
}

static void reply_indexes(struct call *call, const struct string_lcs *lcs,
                          const struct lcs_options *options) {
    reply_map(call, 2);
    reply_bulk(call, BYTES("matches"));
    struct reply_later later = reply_later_open(call);
    struct string_lcs_run run = {.a = lcs->a.len, .b = lcs->b.len};
    while (string_lcs_back(lcs, &run)) {
        if ((int64_t)run.len < options->length_min) continue;
        reply_array(call, options->with_lengths ? 3 : 2);
        reply_ends(call, run.a, run.len);
        reply_ends(call, run.b, run.len);
        if (options->with_lengths) reply_integer(call, (int64_t)run.len);
    }
    reply_later_close(call, later, '*');
    reply_bulk(call, BYTES("len"));
    reply_integer(call, (int64_t)lcs->length);
}

static void reply_common(struct call *call, const struct string_lcs *lcs) {
    char *out = arena_try_allocate(call_arena(call), lcs->length);
    if (out == NULL) {
        reply_error(call, "ERR Insufficient memory, failed allocating transient memory for LCS");
        return;
    }
    struct string_lcs_run run = {.a = lcs->a.len, .b = lcs->b.len};
    char *at = out + lcs->length;
    while (string_lcs_back(lcs, &run)) {
        at -= run.len;
        memcpy(at, lcs->a.data + run.a, run.len);
    }
    reply_bulk(call, bytes_make(out, lcs->length));
}

/* The limit that Redis's table of numbers keeps, though ours takes a 32nd of it: it is also what
 * bounds the time. */
static bool lcs_fits(const struct call *call, struct bytes a, struct bytes b) {
    size_t cells, size;
    return !__builtin_mul_overflow(a.len + 1, b.len + 1, &cells) &&
           !__builtin_mul_overflow(cells, sizeof(uint32_t), &size) &&
           size <= call->executor->string_bytes_max;
}

static void reply_lcs(struct call *call, struct bytes a, struct bytes b) {
    struct lcs_options options;
    take_lcs_options(call, &options);
    if (args_failed(call)) return;
    if (!lcs_fits(call, a, b)) {
        reply_error(call, "ERR Insufficient memory, transient memory for LCS exceeds "
                          "proto-max-bulk-len");
        return;
    }
    struct string_lcs lcs;
    if (!string_lcs_try_init(&lcs, a, b, !options.length_only)) {
        reply_error(call, "ERR Insufficient memory, failed allocating transient memory for LCS");
        return;
    }
    if (options.length_only) reply_integer(call, (int64_t)lcs.length);
    else if (options.indexes) reply_indexes(call, &lcs, &options);
    else reply_common(call, &lcs);
    string_lcs_deinit(&lcs);
}

/* False: it holds another type. No key: no bytes. */
static bool read_any(struct call *call, struct bytes key, char scratch[TEXT_INTEGER_MAX],
                     struct bytes *bytes) {
    struct value value;
    *bytes = BYTES("");
    if (!key_read(call, key, NULL, &value)) return true;
    if (value.type != &string_type) return false;
    *bytes = string_bytes(&value, scratch);
    return true;
}

void string_lcs(struct call *call) {
    struct bytes key_a = args_key(call);
    struct bytes key_b = args_key(call);
    /* If its time has come it goes now, not between the two views. */
    key_exists(call, key_b);
    char scratch_a[TEXT_INTEGER_MAX], scratch_b[TEXT_INTEGER_MAX];
    struct bytes a, b;
    bool strings = read_any(call, key_a, scratch_a, &a);
    strings &= read_any(call, key_b, scratch_b, &b);
    if (strings) reply_lcs(call, a, b);
    else reply_error(call, "ERR The specified keys must contain string values");
}
