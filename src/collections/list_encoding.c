/* SPDX-License-Identifier: BSD-3-Clause */
/* How lists are saved and read: Redis's RDB types 1 (texts), 10 (one ziplist), 14 (ziplists) and 18
 * (listpacks and plain elements), which is what is written. */
#include "base/memory.h"
#include "collections/list_internal.h"
#include "collections/list_value.h"
#include "structures/packed_legacy.h"

#define RDB_TEXTS 1
#define RDB_ZIPLIST 10
#define RDB_ZIPLISTS 14
#define RDB_BLOCKS 18

#define CONTAINER_PLAIN 1 /* one element, as it is */
#define CONTAINER_PACKED 2

/* A block that is read is kept as it is up to here. */
#define BLOCK_BYTES_MAX (64 * 1024)

/* What is read is laid out by the limits that hold at first; those in force matter at the next
 * change. */
static const struct collection_limits limits = {.list_packed_size = -2};

/* --- saving --- */

static void save_block(const uint8_t *list, struct encoder *encoder) {
    uint32_t bytes = packed_list_bytes_total(list);
    if (bytes > BLOCK_BYTES_MAX && packed_list_count(list) == 1) {
        struct packed_item item = packed_list_get(list, PACKED_LIST_FIRST);
        encode_length(encoder, CONTAINER_PLAIN);
        encode_string(encoder, item.text, true);
        return;
    }
    encode_length(encoder, CONTAINER_PACKED);
    encode_string(encoder, bytes_make(list, bytes), true);
}

static void save(const struct value *value, struct encoder *encoder) {
    if (value->encoding == LIST_PACKED) {
        encode_length(encoder, 1);
        save_block((const uint8_t *)value->inlined.data, encoder);
        return;
    }
    const struct packed_deque *deque = &((const struct list *)value->boxed)->deque;
    encode_length(encoder, deque->block_count);
    for (uint32_t i = 0; i < deque->block_count; i++)
        save_block(packed_deque_block(deque, i)->list, encoder);
}

/* --- reading --- */

static bool append_each(struct list *list, const uint8_t *packed) {
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(packed, at);
         at = packed_list_next(packed, at)) {
        char scratch[TEXT_INTEGER_MAX];
        struct packed_item item = packed_list_get(packed, at);
        if (!list_append(list, &limits, packed_item_text(&item, scratch))) return false;
    }
    return true;
}

/* A canonical list, maybe an empty one. */
static bool append_packed(struct list *list, const uint8_t *packed, uint32_t count) {
    if (count == 0) return true;
    if (packed_list_bytes_total(packed) > BLOCK_BYTES_MAX) return append_each(list, packed);
    return packed_deque_append_list(&list->deque, packed);
}

static bool load_listpack(struct list *list, struct bytes bytes) {
    struct packed_check check = packed_list_validate(bytes);
    if (!check.is_valid) return false;
    if (check.is_canonical) return append_packed(list, (const uint8_t *)bytes.data, check.count);
    uint8_t *packed = memory_try_allocate(check.bytes_needed);
    if (packed == NULL) return false;
    packed_list_rewrite(bytes, packed);
    bool good = append_packed(list, packed, check.count);
    memory_free(packed);
    return good;
}

static bool load_ziplist(struct list *list, struct bytes bytes) {
    size_t len = packed_legacy_from_ziplist(bytes, NULL);
    uint8_t *packed = len == 0 ? NULL : memory_try_allocate(len);
    if (packed == NULL) return false;
    bool good = packed_legacy_from_ziplist(bytes, packed) == len &&
                append_packed(list, packed, packed_list_count(packed));
    memory_free(packed);
    return good;
}

static bool load_part(struct decoder *decoder, uint32_t rdb_type, struct list *list) {
    uint64_t container = rdb_type == RDB_TEXTS ? CONTAINER_PLAIN : CONTAINER_PACKED;
    if (rdb_type == RDB_BLOCKS) container = decode_length(decoder);
    if (container != CONTAINER_PLAIN && container != CONTAINER_PACKED) return false;
    struct bytes bytes = decode_string(decoder);
    if (decoder->failed) return false;
    if (container == CONTAINER_PLAIN) return list_append(list, &limits, bytes);
    return rdb_type == RDB_BLOCKS ? load_listpack(list, bytes) : load_ziplist(list, bytes);
}

/* Lets the decoder keep bytes for as long as the value is looked at. */
static bool keep(struct decoder *decoder, struct value *value) {
    size_t len = value->inlined.len;
    if (decoder->scratch_capacity < len) {
        char *scratch = memory_try_reallocate(decoder->scratch, len);
        if (scratch == NULL) return false;
        decoder->scratch = scratch;
        decoder->scratch_capacity = len;
    }
    memcpy(decoder->scratch, value->inlined.data, len);
    value->inlined.data = decoder->scratch;
    return true;
}

static enum outcome load(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    struct list *list = list_create();
    uint64_t parts = rdb_type == RDB_ZIPLIST ? 1 : decode_length(decoder);
    bool good = !decoder->failed;
    for (uint64_t i = 0; good && i < parts; i++) good = load_part(decoder, rdb_type, list);
    if (!good || list->deque.block_count == 0) {
        list_destroy(list);
        return OUTCOME_CORRUPT;
    }
    uint8_t scratch[LIST_INLINED_BYTES_MAX];
    *value = list_finish(list, &limits, scratch);
    if (value->storage == VALUE_INLINED && !keep(decoder, value)) return OUTCOME_CORRUPT;
    return OUTCOME_OK;
}

/* --- the type --- */

static void destroy(void *boxed) { list_destroy(boxed); }

/* Giving a block back costs about as much as freeing so many small things. */
#define BLOCK_STEPS 4

static bool demolish(void *boxed, size_t *steps) {
    struct list *list = boxed;
    while (*steps > 0) {
        *steps -= *steps < BLOCK_STEPS ? *steps : BLOCK_STEPS;
        if (!packed_deque_demolish(&list->deque)) continue;
        memory_free(list);
        return true;
    }
    return false;
}

static void *copy(const void *boxed) {
    const struct list *list = boxed;
    struct list *made = list_create();
    if (!packed_deque_try_copy(&list->deque, &made->deque)) {
        memory_free(made);
        return NULL;
    }
    made->is_quick = list->is_quick;
    return made;
}

static size_t bytes_taken(const void *boxed, size_t samples) {
    (void)samples;
    const struct list *list = boxed;
    return memory_block_bytes(list) + list->deque.memory_bytes;
}

static size_t effort(const void *boxed) { return ((const struct list *)boxed)->deque.block_count; }

static const char *encoding(const struct value *value) {
    if (value->encoding == LIST_PACKED) return "listpack";
    return ((const struct list *)value->boxed)->is_quick ? "quicklist" : "listpack";
}

static void digest(const struct value *value, struct value_digest *out) {
    struct list_walk walk;
    bool on = list_walk_start(&walk, value, 0);
    for (; on; on = list_walk_next(&walk)) {
        char scratch[TEXT_INTEGER_MAX];
        value_digest_add(out, packed_item_text(&walk.item, scratch));
    }
}

static const uint8_t rdb_types_read[] = {RDB_TEXTS, RDB_ZIPLIST, RDB_ZIPLISTS, RDB_BLOCKS,
                                         VALUE_RDB_END};

const struct value_type list_type = {
    .name = "list",
    .rdb_type = RDB_BLOCKS,
    .event_class = 'l',
    .destroy = destroy,
    .destroy_anywhere = true,
    .demolish = demolish,
    .copy = copy,
    .bytes = bytes_taken,
    .effort = effort,
    .encoding = encoding,
    .count = list_count,
    .save = save,
    .load = load,
    .digest = digest,
    .rdb_types_read = rdb_types_read,
};
