/* SPDX-License-Identifier: BSD-3-Clause */
/* Many bitmaps made into one: BITOP. */
#include "families/bitmap/bitmap_combine.h"
#include "families/bitmap/bitmap_words.h"

static const struct {
    const char *word;
    int sources_min;
    int sources_max;
} operations[BITMAP_OPERATION_COUNT] = {
    [BITMAP_AND] = {"AND", 1, INT32_MAX},     [BITMAP_OR] = {"OR", 1, INT32_MAX},
    [BITMAP_XOR] = {"XOR", 1, INT32_MAX},     [BITMAP_NOT] = {"NOT", 1, 1},
    [BITMAP_DIFF] = {"DIFF", 2, INT32_MAX},   [BITMAP_DIFF1] = {"DIFF1", 2, INT32_MAX},
    [BITMAP_ANDOR] = {"ANDOR", 2, INT32_MAX}, [BITMAP_ONE] = {"ONE", 1, INT32_MAX},
};

static enum bitmap_operation take_operation(struct call *call) {
    struct bytes word = args_bytes(call);
    int at = 0;
    while (at < BITMAP_OPERATION_COUNT && !bytes_is(word, operations[at].word)) at++;
    if (at < BITMAP_OPERATION_COUNT) return (enum bitmap_operation)at;
    args_syntax_error(call);
    return BITMAP_OR;
}

static void judge_source_count(struct call *call, enum bitmap_operation operation) {
    const char *word = operations[operation].word;
    if (args_left(call) > operations[operation].sources_max)
        args_fail(call, "ERR BITOP %s must be called with a single source key.", word);
    if (args_left(call) < operations[operation].sources_min)
        args_fail(call, "ERR BITOP %s must be called with at least two source keys.", word);
}

struct sources {
    struct bytes *bytes;
    size_t count;
    size_t longest;
};

static void *allocate(struct call *call, size_t size) {
    void *block = arena_try_allocate(call_arena(call), size);
    if (block == NULL) reply_error(call, "OOM command not allowed: no memory for the value");
    return block;
}

/* A view of each source; one that is not there is empty. False: the reason was replied. */
static bool read_sources(struct call *call, struct sources *sources) {
    int first = args_index(call);
    *sources = (struct sources){.count = (size_t)args_left(call)};
    sources->bytes = allocate(call, sources->count * sizeof(*sources->bytes));
    if (sources->bytes == NULL) return false;
    /* Those whose time has come go now, not between two views. */
    for (size_t i = 0; i < sources->count; i++) key_exists(call, call->argv[first + (int)i]);
    for (size_t i = 0; i < sources->count; i++) {
        struct value value;
        sources->bytes[i] = BYTES("");
        if (key_read(call, args_key(call), &string_type, &value)) {
            char *scratch = NULL;
            if (value.storage == VALUE_INTEGER) {
                scratch = allocate(call, TEXT_INTEGER_MAX);
                if (scratch == NULL) return false;
            }
            sources->bytes[i] = string_bytes(&value, scratch);
        }
        if (call->failed) return false;
        if (sources->bytes[i].len > sources->longest) sources->longest = sources->bytes[i].len;
    }
    return true;
}

/* The destination loses whatever it was and its deadline. */
static void store(struct call *call, struct bytes key, struct value *value) {
    struct edit edit;
    if (edit_open(&edit, call, key, NULL) && edit_replace(&edit, value)) {
        edit_commit_as(&edit, EVENT_STRING, "set");
        return;
    }
    string_value_drop(value);
}

static void store_nothing(struct call *call, struct bytes key) {
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (edit_exists(&edit)) {
        edit_delete(&edit, call->executor->lazy_server_del);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
    } else {
        edit_cancel(&edit);
    }
}

/* The result is made before the destination is opened: that may move or remove a source. */
static void combine(struct call *call, enum bitmap_operation operation, struct bytes key,
                    const struct sources *sources) {
    char inlined[STRING_INLINED_MAX];
    size_t len = sources->longest;
    struct value value = {.type = &string_type, .encoding = STRING_RAW};
    char *out = inlined;
    if (len <= STRING_INLINED_MAX) {
        value.storage = VALUE_INLINED;
        value.inlined = bytes_make(inlined, len);
    } else {
        struct blob *blob = blob_try_create(len);
        if (blob == NULL) {
            reply_error(call, "OOM command not allowed: no memory for the value");
            return;
        }
        blob->len = len;
        value.storage = VALUE_BOXED;
        value.boxed = blob;
        out = blob->data;
    }
    bitmap_combine(operation, sources->bytes, sources->count, out, len);
    store(call, key, &value);
}

void bitmap_bitop(struct call *call) {
    enum bitmap_operation operation = take_operation(call);
    struct bytes key = args_key(call);
    judge_source_count(call, operation);
    if (args_failed(call)) return;
    struct sources sources;
    if (!read_sources(call, &sources)) return;
    if (sources.longest > 0) combine(call, operation, key, &sources);
    else store_nothing(call, key);
    if (!call->failed) reply_integer(call, (int64_t)sources.longest);
}
