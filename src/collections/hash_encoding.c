/* SPDX-License-Identifier: BSD-3-Clause */
/* How hashes are saved and read. Without deadlines: RDB types 4 (fields and values) and 16
 * (listpack), which every Redis from 7.0 and Valkey read; with deadlines as Redis 8 does:
 *   24  earliest deadline u64 | count | (0, or deadline - earliest + 1; field; value) ...
 *   25  earliest deadline u64 | listpack of triplets
 * Read are also 9 (zipmap), 13 (ziplist), 23 (25 without its deadline in front, of Redis 7.4's
 * candidates) and 22 as Valkey 9 writes it: count | (field; value; deadline i64, -1: none) ... */
#include <assert.h>

#include "base/memory.h"
#include "collections/hash_internal.h"
#include "structures/packed_legacy.h"

#define RDB_FIELDS 4
#define RDB_ZIPMAP 9
#define RDB_ZIPLIST 13
#define RDB_PAIRS 16
#define RDB_FIELDS_VALKEY 22
#define RDB_TRIPLETS_EARLY 23
#define RDB_FIELDS_DEADLINES 24
#define RDB_TRIPLETS 25

/* What is read is packed up to here; the limits in force matter at the next change. */
#define PACKED_READ_FIELDS_MAX 512
#define PACKED_READ_VALUE_MAX 64
#define PACKED_READ_BYTES_MAX (64 * 1024)

static uint8_t rdb_type_of(const struct value *value) {
    bool packed = hash_is_packed(value);
    if (hash_next_deadline_ms(value) == INT64_MAX) return packed ? RDB_PAIRS : RDB_FIELDS;
    return packed ? RDB_TRIPLETS : RDB_FIELDS_DEADLINES;
}

/* --- saving --- */

struct saving {
    struct encoder *encoder;
    int64_t earliest_ms; /* INT64_MAX: without deadlines */
};

static void save_item(void *context, const struct hash_item *item) {
    const struct saving *saving = context;
    if (saving->earliest_ms != INT64_MAX) {
        bool has = item->deadline_ms != INT64_MAX;
        encode_length(saving->encoder,
                      has ? (uint64_t)(item->deadline_ms - saving->earliest_ms) + 1 : 0);
    }
    encode_string(saving->encoder, item->field, true);
    encode_string(saving->encoder, item->value, true);
}

static void append(uint8_t *list, const struct packed_item *items, uint32_t count) {
    struct packed_change change = packed_list_plan(list, packed_list_end(list), 0, items, count);
    packed_list_apply(list, &change);
}

/* Triplets of which none has a deadline any more. */
static void save_as_pairs(const struct value *value, struct encoder *encoder) {
    const uint8_t *list = hash_list(value);
    uint8_t *pairs = memory_try_allocate(packed_list_bytes_total(list));
    if (pairs == NULL) {
        encoder->failed = true;
        return;
    }
    packed_list_init_empty(pairs);
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at);
         at = hash_packed_next(list, at, 3)) {
        struct packed_item items[2] = {packed_list_get(list, at),
                                       packed_list_get(list, packed_list_next(list, at))};
        append(pairs, items, 2);
    }
    encode_string(encoder, bytes_make(pairs, packed_list_bytes_total(pairs)), true);
    memory_free(pairs);
}

static void save(const struct value *value, struct encoder *encoder) {
    int64_t earliest_ms = hash_next_deadline_ms(value);
    if (earliest_ms != INT64_MAX) encode_u64(encoder, (uint64_t)earliest_ms);
    if (!hash_is_packed(value)) {
        struct saving saving = {encoder, earliest_ms};
        encode_length(encoder, hash_count(value, HASH_ALL));
        hash_visit_all(value, HASH_ALL, save_item, &saving);
    } else if (earliest_ms == INT64_MAX && value->encoding == HASH_TRIPLETS) {
        save_as_pairs(value, encoder);
    } else {
        encode_string(encoder, value->inlined, true);
    }
}

/* --- packing what was read --- */

static struct packed_item deadline_item(int64_t deadline_ms) {
    return packed_item_of_integer(deadline_ms == INT64_MAX ? 0 : deadline_ms);
}

struct packing {
    bool with_deadlines;
    bool only_without; /* those with one are in the list already */
    bool small;        /* every element is */
    size_t bytes;
    uint8_t *list; /* NULL: only measured */
};

static void pack(void *context, void *item) {
    struct packing *packing = context;
    const struct member *member = item;
    if (packing->only_without && member_has_deadline(member)) return;
    struct bytes name = member_name(member), value = member_value(member);
    struct packed_item items[3] = {packed_item_of(name), packed_item_of(value),
                                   deadline_item(member_deadline_ms(member))};
    uint32_t stride = packing->with_deadlines ? 3 : 2;
    if (packing->list != NULL) {
        append(packing->list, items, stride);
        return;
    }
    packing->small &= name.len <= PACKED_READ_VALUE_MAX && value.len <= PACKED_READ_VALUE_MAX;
    for (uint32_t i = 0; i < stride; i++) packing->bytes += packed_item_bytes(&items[i]);
}

static void pack_all(const struct hash *hash, struct packing *packing) {
    const struct hash_table *table = &hash->members.table;
    for (size_t i = 0; i < table->bucket_count; i++)
        hash_table_visit_bucket(table, i, pack, packing);
}

static void pack_by_deadline(const struct hash *hash, struct packing *packing) {
    struct ordered_cursor cursor;
    struct member *member = ordered_tree_at(hash->members.deadlines, 0, &cursor);
    for (; member != NULL; member = ordered_cursor_next(&cursor)) pack(packing, member);
}

/* Room in the decoder's scratch, where a value may lie that is looked at. NULL: no memory. */
static uint8_t *scratch(struct decoder *decoder, size_t len) {
    if (decoder->scratch_capacity < len) {
        char *room = memory_try_reallocate(decoder->scratch, len);
        if (room == NULL) return NULL;
        decoder->scratch = room;
        decoder->scratch_capacity = len;
    }
    return (uint8_t *)decoder->scratch;
}

static struct value inlined(const uint8_t *list, uint8_t encoding) {
    return (struct value){.type = &hash_type,
                          .storage = VALUE_INLINED,
                          .encoding = encoding,
                          .inlined = bytes_make(list, packed_list_bytes_total(list))};
}

/* A hash that was read becomes the value: packed when it is small. Takes it. */
static enum outcome finish(struct decoder *decoder, struct hash *hash, bool good,
                           struct value *value) {
    size_t count = hash->members.table.item_count;
    if (!good || decoder->failed || count == 0) {
        hash_destroy(hash);
        return OUTCOME_CORRUPT;
    }
    *value = (struct value){
        .type = &hash_type, .storage = VALUE_BOXED, .encoding = HASH_TABLE, .boxed = hash};
    if (count > PACKED_READ_FIELDS_MAX) return OUTCOME_OK;
    struct packing packing = {.with_deadlines = hash->members.deadlines != NULL,
                              .small = true,
                              .bytes = PACKED_LIST_EMPTY_BYTES};
    pack_all(hash, &packing);
    if (!packing.small) return OUTCOME_OK;
    packing.list = scratch(decoder, packing.bytes);
    if (packing.list == NULL) return OUTCOME_OK;
    packed_list_init_empty(packing.list);
    if (packing.with_deadlines) pack_by_deadline(hash, &packing);
    packing.only_without = packing.with_deadlines;
    pack_all(hash, &packing);
    assert(packed_list_bytes_total(packing.list) == packing.bytes);
    hash_destroy(hash);
    *value = inlined(packing.list, packing.with_deadlines ? HASH_TRIPLETS : HASH_PAIRS);
    return OUTCOME_OK;
}

/* --- reading --- */

/* Adds a field that may be there already; `deadline_ms` INT64_MAX: none. */
static bool add_strange(struct hash *hash, struct bytes field, struct bytes text,
                        int64_t deadline_ms) {
    struct member_parts parts = {.name = field, .value = text};
    if (deadline_ms != INT64_MAX) {
        parts.flags = MEMBER_HAS_DEADLINE;
        parts.deadline_ms = deadline_ms == 0 ? 1 : deadline_ms; /* a packed 0 is none */
        if (deadline_ms < 0 || deadline_ms > MEMBER_DEADLINE_MAX) return false;
    }
    return member_table_find(&hash->members, field).member == NULL && hash_add(hash, &parts);
}

/* What a field of RDB type 24 says of its deadline. */
static int64_t decode_distance(struct decoder *decoder, uint64_t earliest_ms) {
    uint64_t distance = decode_length(decoder);
    if (distance == 0) return INT64_MAX;
    if (earliest_ms > (uint64_t)MEMBER_DEADLINE_MAX || distance > (uint64_t)MEMBER_DEADLINE_MAX)
        return -1;
    return (int64_t)(earliest_ms + distance - 1);
}

/* What Valkey says; later than can be kept is as late as can be kept. */
static int64_t decode_instant(struct decoder *decoder) {
    int64_t deadline_ms = (int64_t)decode_u64(decoder);
    if (deadline_ms == -1) return INT64_MAX;
    return deadline_ms > MEMBER_DEADLINE_MAX ? MEMBER_DEADLINE_MAX : deadline_ms;
}

/* A string that outlives the reading of the next one: what is decoded into the scratch is copied to
 * `*copy`, which the caller frees. False: no memory, or the decoder has failed. */
static bool decode_lasting(struct decoder *decoder, struct bytes *text, char **copy) {
    *text = decode_string(decoder);
    if (decoder->failed) return false;
    if (text->len == 0 || text->data != decoder->scratch) return true;
    char *room = memory_try_reallocate(*copy, text->len);
    if (room == NULL) return false;
    *copy = room;
    memcpy(room, text->data, text->len);
    text->data = room;
    return true;
}

static enum outcome load_fields(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    uint64_t earliest_ms = rdb_type == RDB_FIELDS_DEADLINES ? decode_u64(decoder) : 0;
    uint64_t count = decode_length(decoder);
    struct hash *hash = hash_create();
    char *copy = NULL;
    bool good = !decoder->failed;
    for (uint64_t i = 0; good && i < count; i++) {
        int64_t deadline_ms = INT64_MAX;
        struct bytes field, text;
        if (rdb_type == RDB_FIELDS_DEADLINES) deadline_ms = decode_distance(decoder, earliest_ms);
        good = decode_lasting(decoder, &field, &copy);
        if (!good) break;
        text = decode_string(decoder);
        if (rdb_type == RDB_FIELDS_VALKEY) deadline_ms = decode_instant(decoder);
        good = !decoder->failed && add_strange(hash, field, text, deadline_ms);
    }
    memory_free(copy);
    return finish(decoder, hash, good, value);
}

/* Whether the last of each triplet is a deadline, and `in_order`, as hashes have them here. Their
 * count is a multiple of three. */
static bool check_deadlines(const uint8_t *list, bool *in_order) {
    int64_t before = 0;
    *in_order = true;
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at);) {
        uint32_t last = hash_packed_next(list, at, 2);
        struct packed_item item = packed_list_get(list, last);
        if (!item.is_integer || item.integer < 0 || item.integer > MEMBER_DEADLINE_MAX)
            return false;
        int64_t deadline_ms = item.integer == 0 ? INT64_MAX : item.integer;
        *in_order &= deadline_ms >= before;
        before = deadline_ms;
        at = packed_list_next(list, last);
    }
    return true;
}

/* By way of a big hash. The list may lie in the decoder's scratch until that is made. */
static enum outcome load_loose(struct decoder *decoder, const struct value *packed,
                               struct value *value) {
    const uint8_t *list = hash_list(packed);
    uint32_t stride = hash_stride(packed);
    struct hash *hash = hash_create();
    bool good = true;
    for (uint32_t at = PACKED_LIST_FIRST; good && !packed_list_is_end(list, at);
         at = hash_packed_next(list, at, stride)) {
        struct hash_item item;
        hash_item_at(packed, at, &item);
        good = add_strange(hash, item.field, item.value, item.deadline_ms);
    }
    return finish(decoder, hash, good, value);
}

/* A whole list, canonical, of memory that lives as long as the decoder's scratch. */
static enum outcome adopt(struct decoder *decoder, struct bytes bytes, uint32_t count,
                          uint8_t encoding, struct value *value) {
    uint32_t stride = encoding == HASH_PAIRS ? 2 : 3;
    if (bytes.len == 0 || count == 0 || count % stride != 0) return OUTCOME_CORRUPT;
    const uint8_t *list = (const uint8_t *)bytes.data;
    struct value packed = inlined(list, encoding);
    bool in_order = true;
    if (stride == 3 && !check_deadlines(list, &in_order)) return OUTCOME_CORRUPT;
    bool small = count / stride <= PACKED_READ_FIELDS_MAX && bytes.len <= PACKED_READ_BYTES_MAX;
    if (!small || !in_order) return load_loose(decoder, &packed, value);
    if (!packed_list_is_distinct(list, stride)) return OUTCOME_CORRUPT;
    *value = packed;
    return OUTCOME_OK;
}

static enum outcome load_packed(struct decoder *decoder, uint8_t encoding, struct value *value) {
    struct bytes bytes = decode_string(decoder);
    if (decoder->failed) return OUTCOME_CORRUPT;
    struct packed_check check = packed_list_validate(bytes);
    if (!check.is_valid) return OUTCOME_CORRUPT;
    if (check.is_canonical) return adopt(decoder, bytes, check.count, encoding, value);
    uint8_t *list = memory_try_allocate(check.bytes_needed);
    if (list == NULL) return OUTCOME_CORRUPT;
    packed_list_rewrite(bytes, list);
    uint8_t *kept = scratch(decoder, check.bytes_needed);
    if (kept != NULL) memcpy(kept, list, check.bytes_needed);
    memory_free(list);
    if (kept == NULL) return OUTCOME_CORRUPT;
    return adopt(decoder, bytes_make(kept, check.bytes_needed), check.count, encoding, value);
}

static enum outcome load_legacy(struct decoder *decoder, size_t read(struct bytes, uint8_t *),
                                struct value *value) {
    struct bytes bytes = decode_string(decoder);
    size_t len = decoder->failed ? 0 : read(bytes, NULL);
    uint8_t *list = len == 0 ? NULL : memory_try_allocate(len);
    if (list == NULL) return OUTCOME_CORRUPT;
    size_t written = read(bytes, list);
    uint8_t *kept = scratch(decoder, written);
    if (kept != NULL) memcpy(kept, list, written);
    memory_free(list);
    if (kept == NULL) return OUTCOME_CORRUPT;
    return adopt(decoder, bytes_make(kept, written), packed_list_count(kept), HASH_PAIRS, value);
}

static enum outcome load(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    switch (rdb_type) {
    case RDB_FIELDS:
    case RDB_FIELDS_VALKEY:
    case RDB_FIELDS_DEADLINES: return load_fields(decoder, rdb_type, value);
    case RDB_ZIPMAP: return load_legacy(decoder, packed_legacy_from_zipmap, value);
    case RDB_ZIPLIST: return load_legacy(decoder, packed_legacy_from_ziplist, value);
    case RDB_PAIRS: return load_packed(decoder, HASH_PAIRS, value);
    case RDB_TRIPLETS: decode_u64(decoder); return load_packed(decoder, HASH_TRIPLETS, value);
    case RDB_TRIPLETS_EARLY: return load_packed(decoder, HASH_TRIPLETS, value);
    default: return OUTCOME_CORRUPT;
    }
}

/* --- the type --- */

static void destroy(void *boxed) { hash_destroy(boxed); }

/* A leaf of the deadlines, or a bucket of the table, at a time. */
static bool demolish(void *boxed, size_t *steps) {
    struct hash *hash = boxed;
    while (*steps > 0) {
        *steps -= *steps < HASH_TABLE_LOAD_MAX ? *steps : HASH_TABLE_LOAD_MAX;
        if (member_table_demolish(&hash->members)) continue;
        memory_free(hash);
        return true;
    }
    return false;
}

static void *copy(const void *boxed) {
    const struct hash *hash = boxed;
    struct hash *made = hash_create();
    if (member_table_try_copy(&hash->members, &made->members)) return made;
    hash_destroy(made);
    return NULL;
}

static size_t bytes_taken(const void *boxed, size_t samples) {
    (void)samples;
    return memory_block_bytes(boxed) +
           member_table_memory_bytes(&((const struct hash *)boxed)->members);
}

static size_t effort(const void *boxed) {
    return ((const struct hash *)boxed)->members.table.item_count;
}

static const char *encoding(const struct value *value) {
    static const char *const names[] = {"listpack", "listpackex", "hashtable"};
    return names[value->encoding];
}

static size_t count(const struct value *value) { return hash_count(value, HASH_ALL); }

static bool member_deadline(const struct value *value, struct bytes name, int64_t *deadline_ms) {
    struct hash_item item;
    if (!hash_find(value, name, HASH_ALL, &item)) return false;
    *deadline_ms = item.deadline_ms;
    return true;
}

static void digest_item(void *context, const struct hash_item *item) {
    struct value_digest one = {{0}};
    value_digest_add(&one, item->field);
    value_digest_add(&one, item->value);
    if (item->deadline_ms != INT64_MAX)
        value_digest_add(&one, bytes_make(&item->deadline_ms, sizeof(item->deadline_ms)));
    value_digest_add_unordered(context, bytes_make(one.sha1, sizeof(one.sha1)));
}

static void digest(const struct value *value, struct value_digest *out) {
    hash_visit_all(value, HASH_ALL, digest_item, out);
}

static const uint8_t rdb_types_read[] = {
    RDB_FIELDS,         RDB_ZIPMAP,           RDB_ZIPLIST,  RDB_PAIRS,    RDB_FIELDS_VALKEY,
    RDB_TRIPLETS_EARLY, RDB_FIELDS_DEADLINES, RDB_TRIPLETS, VALUE_RDB_END};

const struct value_type hash_type = {
    .name = "hash",
    .rdb_type = RDB_FIELDS,
    .rdb_type_of = rdb_type_of,
    .event_class = 'h',
    .destroy = destroy,
    .demolish = demolish,
    .copy = copy,
    .bytes = bytes_taken,
    .effort = effort,
    .encoding = encoding,
    .count = count,
    .next_deadline_ms = hash_next_deadline_ms,
    .member_deadline_ms = member_deadline,
    .set_member_deadline = hash_set_deadline,
    .save = save,
    .load = load,
    .digest = digest,
    .rdb_types_read = rdb_types_read,
};
