/* SPDX-License-Identifier: BSD-3-Clause */
/* PFADD, PFCOUNT, PFMERGE: and how a HyperLogLog is read and written as a string. */
#include "families/hyperloglog/hyperloglog_words.h"

#define STORE_SLACK 61 /* bytes behind a sparse one, for the runs to come */

/* --- a HyperLogLog in a string --- */

bool hyperloglog_view(struct call *call, const struct value *value, struct bytes *bytes) {
    char scratch[TEXT_INTEGER_MAX];
    if (value->storage != VALUE_INTEGER) {
        *bytes = string_bytes(value, scratch);
        if (hyperloglog_is_valid(*bytes)) return true;
    }
    reply_error(call, "WRONGTYPE Key is not a valid HyperLogLog string value.");
    return false;
}

void hyperloglog_reply_corrupt(struct call *call) {
    reply_error(call, "INVALIDOBJ Corrupted HLL object detected");
}

static void refuse_memory(struct edit *edit) {
    reply_error(edit->call, "OOM command not allowed: no memory for the value");
    edit_cancel(edit);
}

void hyperloglog_refuse(struct edit *edit, enum hyperloglog_change change) {
    if (change == HYPERLOGLOG_NO_MEMORY) {
        refuse_memory(edit);
        return;
    }
    hyperloglog_reply_corrupt(edit->call);
    edit_cancel(edit);
}

/* Whether the bytes can lie where the value lies now, or behind its key. */
static bool fits_in_place(const struct edit *edit, size_t len) {
    if (!edit_exists(edit) || edit->value.storage != VALUE_BOXED) return len <= STRING_INLINED_MAX;
    const struct blob *blob = edit->value.boxed;
    return !blob_is_shared(blob) && len <= blob->capacity;
}

/* A blob of its own, with no more room than it will need: string_edit would double it. */
static bool store_blob(struct edit *edit, struct bytes bytes) {
    struct blob *blob = blob_try_create(hyperloglog_is_dense(bytes) ? bytes.len
                                                                    : bytes.len + STORE_SLACK);
    if (blob == NULL) {
        refuse_memory(edit);
        return false;
    }
    memcpy(blob->data, bytes.data, bytes.len);
    blob->len = bytes.len;
    struct value value = {
        .type = &string_type, .storage = VALUE_BOXED, .encoding = STRING_RAW, .boxed = blob};
    if (edit_store(edit, &value)) return true;
    blob_unref(blob);
    return false;
}

bool hyperloglog_store(struct edit *edit, struct bytes bytes) {
    if (!fits_in_place(edit, bytes.len)) return store_blob(edit, bytes);
    char *own = string_edit(edit, bytes.len);
    if (own == NULL) return false;
    memcpy(own, bytes.data, bytes.len);
    return true;
}

uint8_t *hyperloglog_edit(struct edit *edit) {
    char scratch[TEXT_INTEGER_MAX];
    struct bytes bytes = string_bytes(&edit->value, scratch);
    if (fits_in_place(edit, bytes.len)) return (uint8_t *)string_edit(edit, bytes.len);
    if (!store_blob(edit, bytes)) return NULL;
    return (uint8_t *)((struct blob *)edit->value.boxed)->data;
}

static void draft_of(struct call *call, struct hyperloglog_draft *draft, struct bytes value) {
    hyperloglog_draft_init(draft, call_arena(call), value, call->executor->sparse_bytes_max);
}

/* --- PFADD --- */

enum added { ADDED_NOTHING, ADDED_SOME, ADDED_FAILED };

/* In place, and once the first register has to rise nothing can fail any more. */
static enum added add_dense(struct edit *edit, struct bytes value) {
    struct call *call = edit->call;
    const uint8_t *packed = (const uint8_t *)hyperloglog_body(value).data;
    uint8_t *own = NULL;
    while (args_left(call) > 0) {
        struct hyperloglog_mark mark = hyperloglog_mark(args_bytes(call));
        if (LIKELY(hyperloglog_dense_get(packed, mark.index) >= mark.rank)) continue;
        if (own == NULL) {
            own = hyperloglog_edit(edit);
            if (own == NULL) return ADDED_FAILED;
            packed = own + HYPERLOGLOG_HEADER_BYTES;
        }
        hyperloglog_dense_put(own + HYPERLOGLOG_HEADER_BYTES, mark.index, mark.rank);
    }
    if (own == NULL) return ADDED_NOTHING;
    hyperloglog_make_stale(own);
    return ADDED_SOME;
}

static enum added add_sparse(struct edit *edit, struct bytes value, bool is_new) {
    struct call *call = edit->call;
    struct hyperloglog_draft draft;
    draft_of(call, &draft, value);
    bool changed = is_new;
    while (args_left(call) > 0) {
        struct hyperloglog_mark mark = hyperloglog_mark(args_bytes(call));
        enum hyperloglog_change change = hyperloglog_draft_raise(&draft, mark);
        if (UNLIKELY(change > HYPERLOGLOG_CHANGED)) {
            hyperloglog_refuse(edit, change);
            return ADDED_FAILED;
        }
        if (change == HYPERLOGLOG_CHANGED) changed = true;
    }
    if (!changed) return ADDED_NOTHING;
    if (!hyperloglog_draft_own(&draft)) {
        hyperloglog_refuse(edit, HYPERLOGLOG_NO_MEMORY);
        return ADDED_FAILED;
    }
    hyperloglog_make_stale(draft.bytes);
    return hyperloglog_store(edit, hyperloglog_draft_value(&draft)) ? ADDED_SOME : ADDED_FAILED;
}

/* Whoever opens a string to add to it has edited it, says OBJECT ENCODING, even when nothing was
 * new. False: refused, and that was replied. */
static bool seem_edited(struct edit *edit) {
    if (!edit_exists(edit) || edit->value.storage != VALUE_INLINED ||
        edit->value.encoding == STRING_RAW)
        return true;
    return hyperloglog_edit(edit) != NULL;
}

void hyperloglog_pfadd(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    struct bytes value = hyperloglog_empty();
    if (edit_exists(&edit) && !hyperloglog_view(call, &edit.value, &value)) {
        edit_cancel(&edit);
        return;
    }
    enum added added = hyperloglog_is_dense(value) ? add_dense(&edit, value)
                                                   : add_sparse(&edit, value, !edit_exists(&edit));
    if (added == ADDED_FAILED || (added == ADDED_NOTHING && !seem_edited(&edit))) return;
    if (added == ADDED_SOME) edit_commit_as(&edit, EVENT_STRING, "pfadd");
    else edit_cancel(&edit);
    reply_integer(call, added == ADDED_SOME);
}

/* --- PFCOUNT --- */

/* False: there is none (`call->failed` tells whether that was replied as an error). */
static bool read(struct call *call, struct bytes key, struct bytes *bytes) {
    struct value value;
    return key_read(call, key, &string_type, &value) && hyperloglog_view(call, &value, bytes);
}

/* Keeps the count in the value, so that it need not be found again before the next change: this is
 * an edit as any other, for WATCH and the journal too, only that nobody is told of an event. */
static bool keep_count(struct call *call, struct bytes key, int64_t count) {
    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return false;
    uint8_t *own = hyperloglog_edit(&edit);
    if (own == NULL) return false;
    hyperloglog_cache(own, count);
    edit_commit(&edit, NULL);
    return true;
}

static void count_one(struct call *call, struct bytes key) {
    struct bytes value;
    int64_t count = 0;
    if (!read(call, key, &value)) {
        if (!call->failed) reply_integer(call, 0);
        return;
    }
    if (!hyperloglog_cached(value, &count)) {
        if (!hyperloglog_count(hyperloglog_loops(call), value, &count)) {
            hyperloglog_reply_corrupt(call);
            return;
        }
        if (!keep_count(call, key, count)) return;
    }
    reply_integer(call, count);
}

static uint8_t *no_registers(struct call *call) {
    uint8_t *registers = arena_allocate(call_arena(call), HYPERLOGLOG_REGISTERS);
    return memset(registers, 0, HYPERLOGLOG_REGISTERS);
}

/* Raises registers to those of all keys that are left. `dense` (may be NULL) tells whether one of
 * them is. False: an error was replied. */
static bool merge_all(struct call *call, uint8_t *registers, bool *dense) {
    const struct hyperloglog_loops *loops = hyperloglog_loops(call);
    while (args_left(call) > 0) {
        struct bytes value;
        if (!read(call, args_key(call), &value)) {
            if (call->failed) return false;
            continue;
        }
        if (dense != NULL && hyperloglog_is_dense(value)) *dense = true;
        if (!hyperloglog_merge(loops, registers, value)) {
            hyperloglog_reply_corrupt(call);
            return false;
        }
    }
    return true;
}

void hyperloglog_pfcount(struct call *call) {
    if (args_left(call) == 1) {
        count_one(call, args_key(call));
        return;
    }
    uint8_t *registers = no_registers(call);
    if (!merge_all(call, registers, NULL)) return;
    reply_integer(call, hyperloglog_count_registers(hyperloglog_loops(call), registers));
}

/* --- PFMERGE --- */

static bool write_dense(struct edit *edit, struct bytes value, const uint8_t *registers) {
    const struct hyperloglog_loops *loops = hyperloglog_loops(edit->call);
    uint8_t *own;
    if (hyperloglog_is_dense(value)) {
        own = hyperloglog_edit(edit);
        if (own == NULL) return false;
    } else {
        own = arena_allocate(call_arena(edit->call), HYPERLOGLOG_DENSE_BYTES);
        memcpy(own, value.data, HYPERLOGLOG_HEADER_BYTES);
        own[4] = HYPERLOGLOG_DENSE;
    }
    loops->pack(own + HYPERLOGLOG_HEADER_BYTES, registers);
    hyperloglog_make_stale(own);
    return hyperloglog_is_dense(value) ||
           hyperloglog_store(edit, bytes_make(own, HYPERLOGLOG_DENSE_BYTES));
}

/* One register after the other, for that decides how runs lie, and whether they grow too long. */
static bool write_sparse(struct edit *edit, struct bytes value, const uint8_t *registers) {
    struct hyperloglog_draft draft;
    draft_of(edit->call, &draft, value);
    for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
        if (registers[i] == 0) continue;
        enum hyperloglog_change change = hyperloglog_draft_raise(
            &draft, (struct hyperloglog_mark){(uint16_t)i, registers[i]});
        if (change <= HYPERLOGLOG_CHANGED) continue;
        hyperloglog_refuse(edit, change);
        return false;
    }
    if (!hyperloglog_draft_own(&draft)) {
        hyperloglog_refuse(edit, HYPERLOGLOG_NO_MEMORY);
        return false;
    }
    hyperloglog_make_stale(draft.bytes);
    return hyperloglog_store(edit, hyperloglog_draft_value(&draft));
}

void hyperloglog_pfmerge(struct call *call) {
    struct bytes target = args_peek(call, 0);
    uint8_t *registers = no_registers(call);
    bool dense = false;
    if (!merge_all(call, registers, &dense)) return;
    struct edit edit;
    if (!edit_open(&edit, call, target, &string_type)) return;
    struct bytes value = hyperloglog_empty();
    if (edit_exists(&edit) && !hyperloglog_view(call, &edit.value, &value)) {
        edit_cancel(&edit);
        return;
    }
    bool written = dense ? write_dense(&edit, value, registers)
                         : write_sparse(&edit, value, registers);
    if (!written) return;
    edit_commit_as(&edit, EVENT_STRING, "pfadd");
    reply_ok(call);
}
