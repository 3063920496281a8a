/* SPDX-License-Identifier: BSD-3-Clause */
/* How sorted sets are saved and read: Redis's RDB types 3 (scores as text), 5 (as doubles), 12
 * (ziplist) and 17 (listpack). Members with deadlines are in none of them: such a set is a module
 * value of ours, of fields name, score, deadline (0: none), after their count. */
#include <math.h>

#include "base/memory.h"
#include "collections/sorted_set_internal.h"
#include "collections/sorted_set_value.h"
#include "structures/packed_legacy.h"

#define RDB_TEXT_SCORES 3
#define RDB_SCORES 5
#define RDB_ZIPLIST 12
#define RDB_PACKED 17

/* What is read stays packed up to here; the limits in force matter at the next change. */
#define PACKED_READ_COUNT_MAX 512
#define PACKED_READ_BYTES_MAX (64 * 1024)

static bool has_deadlines(const struct value *value) {
    if (value->encoding == SORTED_SET_PACKED) return false;
    return ((const struct sorted_set *)value->boxed)->members.deadlines != NULL;
}

static uint8_t rdb_type_of(const struct value *value) {
    if (value->encoding == SORTED_SET_PACKED) return RDB_PACKED;
    return has_deadlines(value) ? VALUE_RDB_MODULE : RDB_SCORES;
}

/* --- saving --- */

static void save_fields(const struct value *value, struct encoder *encoder) {
    struct sorted_set_walk walk;
    encode_field_unsigned(encoder, sorted_set_count(value));
    bool on = sorted_set_walk_start(&walk, value, 0);
    for (; on; on = sorted_set_walk_next(&walk)) {
        encode_field_string(encoder, walk.item.name);
        encode_field_double(encoder, walk.item.score);
        int64_t deadline_ms = walk.item.deadline_ms;
        encode_field_unsigned(encoder, deadline_ms == INT64_MAX ? 0 : (uint64_t)deadline_ms + 1);
    }
    encode_field_end(encoder);
}

static void save(const struct value *value, struct encoder *encoder) {
    if (value->encoding == SORTED_SET_PACKED) {
        encode_string(encoder, value->inlined, true);
        return;
    }
    if (has_deadlines(value)) {
        save_fields(value, encoder);
        return;
    }
    size_t count = sorted_set_count(value);
    struct sorted_set_walk walk;
    encode_length(encoder, count);
    /* From the last to the first, as Redis does: each is then put in front when it is read. */
    bool on = count > 0 && sorted_set_walk_start(&walk, value, count - 1);
    for (; on; on = sorted_set_walk_previous(&walk)) {
        encode_string(encoder, walk.item.name, true);
        encode_double(encoder, walk.item.score);
    }
}

/* --- reading --- */

/* A score of RDB type 3: its length and text, or a length that says what it is. */
static double decode_text_score(struct decoder *decoder) {
    uint8_t len = decode_byte(decoder);
    if (len == 254) return INFINITY;
    if (len == 255) return -INFINITY;
    double score = 0;
    if (len == 253 || !text_to_double(decode_raw(decoder, len), &score)) decoder_fail(decoder);
    return score;
}

/* Adds a member that may be there already, or be nonsense: false then. */
static bool add_strange(struct sorted_set *set, struct member_parts *parts) {
    if (isnan(parts->score) || member_table_find(&set->members, parts->name).member != NULL)
        return false;
    return sorted_set_add(set, parts);
}

static enum outcome finish(struct sorted_set *set, bool good, struct value *value) {
    if (!good || set->order.item_count == 0) {
        sorted_set_destroy(set);
        return OUTCOME_CORRUPT;
    }
    *value = (struct value){.type = &sorted_set_type,
                            .storage = VALUE_BOXED,
                            .encoding = SORTED_SET_TREE,
                            .boxed = set};
    return OUTCOME_OK;
}

static enum outcome load_members(struct decoder *decoder, bool as_text, struct value *value) {
    uint64_t count = decode_length(decoder);
    struct sorted_set *set = sorted_set_create();
    bool good = true;
    for (uint64_t i = 0; good && i < count; i++) {
        struct member_parts parts = {.name = decode_string(decoder)};
        parts.score = as_text ? decode_text_score(decoder) : decode_double(decoder);
        good = !decoder->failed && add_strange(set, &parts);
    }
    return finish(set, good && !decoder->failed, value);
}

static enum outcome load_fields(struct decoder *decoder, struct value *value) {
    uint64_t count = decode_field_unsigned(decoder);
    struct sorted_set *set = sorted_set_create();
    bool good = true;
    for (uint64_t i = 0; good && i < count; i++) {
        struct member_parts parts = {.name = decode_field_string(decoder)};
        parts.score = decode_field_double(decoder);
        uint64_t deadline = decode_field_unsigned(decoder);
        if (deadline > 0) {
            parts.deadline_ms = (int64_t)(deadline - 1);
            parts.flags |= MEMBER_HAS_DEADLINE;
        }
        good = !decoder->failed && deadline <= (uint64_t)MEMBER_DEADLINE_MAX &&
               add_strange(set, &parts);
    }
    decode_field_end(decoder);
    return finish(set, good && !decoder->failed, value);
}

/* Whether pairs are in order, with good scores. Their count is even. */
static bool pairs_are_sorted(const uint8_t *list) {
    double last_score = 0;
    uint32_t last = PACKED_LIST_NONE;
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at);) {
        uint32_t score_at = packed_list_next(list, at);
        struct packed_item item = packed_list_get(list, score_at);
        double score;
        if (!sorted_set_read_score(&item, &score)) return false;
        if (last != PACKED_LIST_NONE) {
            char a[TEXT_INTEGER_MAX], b[TEXT_INTEGER_MAX];
            struct packed_item before = packed_list_get(list, last);
            struct packed_item name = packed_list_get(list, at);
            if (last_score > score) return false;
            if (last_score == score &&
                bytes_compare(packed_item_text(&before, a), packed_item_text(&name, b)) >= 0)
                return false;
        }
        last = at;
        last_score = score;
        at = packed_list_next(list, score_at);
    }
    return true;
}

/* A big set of pairs in any order. */
static enum outcome load_pairs(const uint8_t *list, struct value *value) {
    struct sorted_set *set = sorted_set_create();
    bool good = true;
    for (uint32_t at = PACKED_LIST_FIRST; good && !packed_list_is_end(list, at);) {
        char scratch[TEXT_INTEGER_MAX];
        struct packed_item name = packed_list_get(list, at);
        at = packed_list_next(list, at);
        struct packed_item score = packed_list_get(list, at);
        at = packed_list_next(list, at);
        struct member_parts parts = {.name = packed_item_text(&name, scratch)};
        good = sorted_set_read_score(&score, &parts.score) && add_strange(set, &parts);
    }
    return finish(set, good, value);
}

/* A whole list, canonical, of memory that lives as long as the decoder's scratch. */
static enum outcome adopt(struct bytes bytes, uint32_t count, struct value *value) {
    const uint8_t *list = (const uint8_t *)bytes.data;
    if (bytes.len == 0 || count == 0 || count % 2 != 0) return OUTCOME_CORRUPT;
    bool small = count <= PACKED_READ_COUNT_MAX && bytes.len <= PACKED_READ_BYTES_MAX;
    if (!small || !pairs_are_sorted(list)) return load_pairs(list, value);
    if (!packed_list_is_distinct(list, 2)) return OUTCOME_CORRUPT;
    *value = (struct value){.type = &sorted_set_type,
                            .storage = VALUE_INLINED,
                            .encoding = SORTED_SET_PACKED,
                            .inlined = bytes};
    return OUTCOME_OK;
}

/* Lets the decoder keep a list for as long as the value is looked at. Empty: no memory. */
static struct bytes keep(struct decoder *decoder, const uint8_t *list, size_t len) {
    if (decoder->scratch_capacity < len) {
        char *scratch = memory_try_reallocate(decoder->scratch, len);
        if (scratch == NULL) return BYTES("");
        decoder->scratch = scratch;
        decoder->scratch_capacity = len;
    }
    memcpy(decoder->scratch, list, len);
    return bytes_make(decoder->scratch, len);
}

static enum outcome load_packed(struct decoder *decoder, struct value *value) {
    struct bytes bytes = decode_string(decoder);
    if (decoder->failed) return OUTCOME_CORRUPT;
    struct packed_check check = packed_list_validate(bytes);
    if (!check.is_valid) return OUTCOME_CORRUPT;
    if (check.is_canonical) return adopt(bytes, check.count, value);
    uint8_t *list = memory_try_allocate(check.bytes_needed);
    if (list == NULL) return OUTCOME_CORRUPT;
    packed_list_rewrite(bytes, list);
    struct bytes kept = keep(decoder, list, check.bytes_needed);
    memory_free(list);
    return adopt(kept, check.count, value);
}

static enum outcome load_ziplist(struct decoder *decoder, struct value *value) {
    struct bytes bytes = decode_string(decoder);
    size_t len = decoder->failed ? 0 : packed_legacy_from_ziplist(bytes, NULL);
    uint8_t *list = len == 0 ? NULL : memory_try_allocate(len);
    if (list == NULL) return OUTCOME_CORRUPT;
    size_t written = packed_legacy_from_ziplist(bytes, list);
    struct bytes kept = keep(decoder, list, written);
    memory_free(list);
    if (kept.len == 0) return OUTCOME_CORRUPT;
    return adopt(kept, packed_list_count((const uint8_t *)kept.data), value);
}

static enum outcome load(struct decoder *decoder, uint32_t rdb_type, struct value *value) {
    switch (rdb_type) {
    case RDB_TEXT_SCORES: return load_members(decoder, true, value);
    case RDB_SCORES: return load_members(decoder, false, value);
    case RDB_ZIPLIST: return load_ziplist(decoder, value);
    case RDB_PACKED: return load_packed(decoder, value);
    case VALUE_RDB_AS_MODULE | 1: return load_fields(decoder, value);
    default: return OUTCOME_CORRUPT;
    }
}

/* --- the type --- */

static void destroy(void *boxed) { sorted_set_destroy(boxed); }

/* A leaf of the tree, or a bucket of the table, at a time. */
static bool demolish(void *boxed, size_t *steps) {
    struct sorted_set *set = boxed;
    while (*steps > 0) {
        *steps -= *steps < HASH_TABLE_LOAD_MAX ? *steps : HASH_TABLE_LOAD_MAX;
        if (set->order.root != NULL) {
            ordered_tree_demolish(&set->order, NULL, NULL);
        } else if (!member_table_demolish(&set->members)) {
            memory_free(set);
            return true;
        }
    }
    return false;
}

static void order_visit(void *context, void *member) { ordered_tree_insert(context, member); }

static void *copy(const void *boxed) {
    const struct sorted_set *set = boxed;
    struct sorted_set *made = sorted_set_create();
    if (!member_table_try_copy(&set->members, &made->members)) {
        sorted_set_destroy(made);
        return NULL;
    }
    for (size_t i = 0; i < made->members.table.bucket_count; i++)
        hash_table_visit_bucket(&made->members.table, i, order_visit, &made->order);
    return made;
}

static size_t bytes_taken(const void *boxed, size_t samples) {
    (void)samples;
    const struct sorted_set *set = boxed;
    return memory_block_bytes(set) + member_table_memory_bytes(&set->members) +
           set->order.node_bytes;
}

static size_t effort(const void *boxed) {
    return ((const struct sorted_set *)boxed)->order.item_count;
}

static const char *encoding(const struct value *value) {
    return value->encoding == SORTED_SET_PACKED ? "listpack" : "skiplist";
}

static int64_t next_deadline_ms(const struct value *value) {
    if (value->encoding == SORTED_SET_PACKED) return INT64_MAX;
    return member_table_next_deadline_ms(&((const struct sorted_set *)value->boxed)->members);
}

static bool member_deadline(const struct value *value, struct bytes name, int64_t *deadline_ms) {
    *deadline_ms = INT64_MAX;
    if (value->encoding == SORTED_SET_PACKED) return sorted_set_find(value, name, NULL);
    const struct sorted_set *set = value->boxed;
    const struct member *member = member_table_find(&set->members, name).member;
    if (member != NULL) *deadline_ms = member_deadline_ms(member);
    return member != NULL;
}

static void digest(const struct value *value, struct value_digest *out) {
    struct sorted_set_walk walk;
    struct value_digest one;
    bool on = sorted_set_walk_start(&walk, value, 0);
    for (; on; on = sorted_set_walk_next(&walk)) {
        char score[TEXT_DOUBLE_MAX];
        one = (struct value_digest){{0}};
        value_digest_add(&one, walk.item.name);
        value_digest_add(&one, bytes_make(score, text_from_double(score, walk.item.score)));
        if (walk.item.deadline_ms != INT64_MAX)
            value_digest_add(&one, bytes_make(&walk.item.deadline_ms, sizeof(int64_t)));
        value_digest_add_unordered(out, bytes_make(one.sha1, sizeof(one.sha1)));
    }
}

static const uint8_t rdb_types_read[] = {RDB_TEXT_SCORES, RDB_SCORES, RDB_ZIPLIST, RDB_PACKED,
                                         VALUE_RDB_END};

const struct value_type sorted_set_type = {
    .name = "zset",
    .rdb_type = RDB_SCORES,
    .rdb_type_of = rdb_type_of,
    .disk_tag = "sortedset",
    .disk_version = 1,
    .event_class = 'z',
    .destroy = destroy,
    .demolish = demolish,
    .copy = copy,
    .bytes = bytes_taken,
    .effort = effort,
    .encoding = encoding,
    .count = sorted_set_count,
    .next_deadline_ms = next_deadline_ms,
    .member_deadline_ms = member_deadline,
    .set_member_deadline = sorted_set_set_deadline,
    .save = save,
    .load = load,
    .digest = digest,
    .rdb_types_read = rdb_types_read,
};
