/* SPDX-License-Identifier: BSD-3-Clause */
/* Changing a hash: pairs, triplets and the table, and the ways from one to the next. */
#include <assert.h>

#include "base/memory.h"
#include "collections/hash_internal.h"

#define FIRST_BYTES_MAX 1024 /* of a list that is built before it is stored */
#define SHORT_BYTES_MAX 256  /* of an element that is copied to the stack */

static struct member_table *members(const struct value *value) {
    return &((struct hash *)value->boxed)->members;
}

/* --- building --- */

struct hash *hash_create(void) {
    struct hash *hash = memory_allocate(sizeof(*hash));
    member_table_init(&hash->members);
    return hash;
}

void hash_destroy(struct hash *hash) {
    member_table_deinit(&hash->members);
    memory_free(hash);
}

bool hash_add(struct hash *hash, const struct member_parts *parts) {
    struct member_parts own = *parts;
    own.flags |= MEMBER_HAS_VALUE;
    struct member *member = member_try_create(&own);
    if (member == NULL) return false;
    member_table_insert(&hash->members, member);
    return true;
}

struct filling {
    struct hash *hash;
    bool failed;
};

static void fill(void *context, const struct hash_item *item) {
    struct filling *filling = context;
    if (filling->failed) return;
    struct member_parts parts = {.name = item->field, .value = item->value};
    if (item->deadline_ms != INT64_MAX) {
        parts.flags = MEMBER_HAS_DEADLINE;
        parts.deadline_ms = item->deadline_ms;
    }
    filling->failed = !hash_add(filling->hash, &parts);
}

bool hash_make_big(struct value_home *home) {
    if (home->value->type != NULL && !hash_is_packed(home->value)) return true;
    struct filling filling = {hash_create(), false};
    if (home->value->type != NULL) hash_visit_all(home->value, HASH_ALL, fill, &filling);
    struct value value = {
        .type = &hash_type, .storage = VALUE_BOXED, .encoding = HASH_TABLE, .boxed = filling.hash};
    if (!filling.failed && value_home_store(home, &value)) return true;
    hash_destroy(filling.hash);
    return false;
}

/* --- packed --- */

/* Carries a change out with the room that it needs. */
static bool apply(struct value_home *home, const struct packed_change *change) {
    uint8_t *list = (uint8_t *)(uintptr_t)home->value->inlined.data;
    if (change->bytes_after > change->bytes_before) {
        list = value_home_resize(home, change->bytes_after);
        if (list == NULL) return false;
    }
    packed_list_apply(list, change);
    if (change->bytes_after < change->bytes_before)
        return value_home_resize(home, change->bytes_after) != NULL;
    return true;
}

static bool splice(struct value_home *home, uint32_t at, uint32_t removed,
                   const struct packed_item *items, uint32_t count) {
    struct packed_change change = packed_list_plan(hash_list(home->value), at, removed, items,
                                                   count);
    return apply(home, &change);
}

static void cut(struct value_home *home, uint32_t at, uint32_t count) {
    bool done = splice(home, at, count, NULL, 0);
    assert(done); /* less room is never refused */
}

static bool store_list(struct value_home *home, const uint8_t *list, uint8_t encoding) {
    return value_home_store(
        home, &(struct value){.type = &hash_type,
                              .storage = VALUE_INLINED,
                              .encoding = encoding,
                              .inlined = bytes_make(list, packed_list_bytes_total(list))});
}

/* Where a triplet with this deadline belongs: behind those that end no later. */
static uint32_t place_of(const uint8_t *list, int64_t deadline_ms) {
    uint32_t at = PACKED_LIST_FIRST;
    if (deadline_ms == INT64_MAX) return packed_list_end(list);
    while (!packed_list_is_end(list, at) && hash_packed_deadline(list, at) <= deadline_ms)
        at = hash_packed_next(list, at, 3);
    return at;
}

/* The triplet at `at` becomes this one, at its place. The new one comes first: when there is no
 * room for it the old one must still be there. */
static bool move_triplet(struct value_home *home, uint32_t at, struct packed_item items[3]) {
    const uint8_t *list = hash_list(home->value);
    int64_t deadline_ms = items[2].integer == 0 ? INT64_MAX : items[2].integer;
    struct packed_change change = packed_list_plan(list, place_of(list, deadline_ms), 0, items, 3);
    if (!apply(home, &change)) return false;
    if (change.at <= at) at += (uint32_t)change.added_bytes;
    cut(home, at, 3);
    return true;
}

static enum hash_outcome put_packed(struct value_home *home, uint32_t at, struct bytes field,
                                    struct bytes text, bool keep_deadline) {
    const uint8_t *list = hash_list(home->value);
    uint32_t stride = hash_stride(home->value);
    struct packed_item items[3] = {
        {.text = field}, packed_item_of(text), packed_item_of_integer(0)};
    if (at == PACKED_LIST_NONE) {
        items[0] = packed_item_of(field);
        return splice(home, packed_list_end(list), 0, items, stride) ? HASH_ADDED : HASH_REFUSED;
    }
    bool done;
    if (stride == 3 && !keep_deadline && hash_packed_deadline(list, at) != INT64_MAX) {
        items[0] = packed_item_of(field);
        done = move_triplet(home, at, items);
    } else {
        done = splice(home, packed_list_next(list, at), 1, &items[1], 1);
    }
    return done ? HASH_UPDATED : HASH_REFUSED;
}

/* --- big --- */

static enum hash_outcome put_big(struct member_table *table, struct bytes field, struct bytes value,
                                 bool keep_deadline) {
    struct member_place place = member_table_find(table, field);
    struct member *before = place.member;
    struct member_parts parts = {.name = field, .value = value, .flags = MEMBER_HAS_VALUE};
    if (before != NULL) {
        bool has = member_has_deadline(before);
        if ((!has || keep_deadline) && member_set_value(before, value)) return HASH_UPDATED;
        if (has && keep_deadline) {
            parts.flags |= MEMBER_HAS_DEADLINE;
            parts.deadline_ms = member_deadline_ms(before);
        }
    }
    struct member *member = member_try_create(&parts);
    if (member == NULL) return HASH_REFUSED;
    if (before == NULL) {
        member_table_insert(table, member);
        return HASH_ADDED;
    }
    member_destroy(member_table_replace(table, &place, member));
    return HASH_UPDATED;
}

/* --- changing --- */

static bool fits(const struct collection_limits *limits, struct bytes field, struct bytes value) {
    return field.len <= limits->hash_packed_value && value.len <= limits->hash_packed_value;
}

/* The list that a first pair or some become; false when the next is not for it. */
static bool gather(uint8_t list[FIRST_BYTES_MAX], const struct collection_limits *limits,
                   struct bytes field, struct bytes value) {
    if (!fits(limits, field, value)) return false;
    struct packed_item items[2] = {packed_item_of(field), packed_item_of(value)};
    uint32_t at = packed_list_find(list, PACKED_LIST_FIRST, &items[0], 2);
    bool is_new = at == PACKED_LIST_NONE;
    if (is_new && packed_list_count(list) / 2 >= limits->hash_packed_entries) return false;
    struct packed_change change = is_new
                                      ? packed_list_plan(list, packed_list_end(list), 0, items, 2)
                                      : packed_list_plan(list, packed_list_next(list, at), 1,
                                                         &items[1], 1);
    if (change.bytes_after > FIRST_BYTES_MAX) return false;
    packed_list_apply(list, &change);
    return true;
}

/* A first pair that is packed and yet too long for the stack. */
static bool begin_long(struct value_home *home, struct bytes field, struct bytes text) {
    struct packed_item items[2] = {packed_item_of(field), packed_item_of(text)};
    struct packed_change change = packed_list_plan(packed_list_empty, PACKED_LIST_FIRST, 0, items,
                                                   2);
    if (change.bytes_after > PACKED_LIST_BYTES_MAX) return false;
    uint8_t *list = memory_try_allocate(change.bytes_after);
    if (list == NULL) return false;
    packed_list_init_empty(list);
    packed_list_apply(list, &change);
    bool stored = store_list(home, list, HASH_PAIRS);
    memory_free(list);
    return stored;
}

/* A key that is not there yet begins with its first field: stored once, or not at all. */
static bool begin(struct value_home *home, const struct collection_limits *limits,
                  struct bytes field, struct bytes text) {
    uint8_t list[FIRST_BYTES_MAX];
    packed_list_init_empty(list);
    if (LIKELY(gather(list, limits, field, text))) return store_list(home, list, HASH_PAIRS);
    if (fits(limits, field, text) && limits->hash_packed_entries > 0)
        return begin_long(home, field, text);
    struct hash *hash = hash_create();
    struct value value = {
        .type = &hash_type, .storage = VALUE_BOXED, .encoding = HASH_TABLE, .boxed = hash};
    if (hash_add(hash, &(struct member_parts){.name = field, .value = text}) &&
        value_home_store(home, &value))
        return true;
    hash_destroy(hash);
    return false;
}

enum hash_outcome hash_put(struct value_home *home, const struct collection_limits *limits,
                           struct bytes field, struct bytes value, bool keep_deadline) {
    if (home->value->type == NULL)
        return begin(home, limits, field, value) ? HASH_ADDED : HASH_REFUSED;
    if (hash_is_packed(home->value)) {
        uint32_t at = hash_packed_find(home->value, field);
        bool full = at == PACKED_LIST_NONE &&
                    hash_count(home->value, HASH_ALL) >= limits->hash_packed_entries;
        if (fits(limits, field, value) && !full)
            return put_packed(home, at, field, value, keep_deadline);
        if (!hash_make_big(home)) return HASH_REFUSED;
    }
    return put_big(members(home->value), field, value, keep_deadline);
}

size_t hash_put_first(struct value_home *home, const struct collection_limits *limits,
                      const struct bytes *words, size_t count) {
    uint8_t list[FIRST_BYTES_MAX];
    size_t done = 0;
    packed_list_init_empty(list);
    while (done < count && gather(list, limits, words[done * 2], words[done * 2 + 1])) done++;
    if (done > 0 && !store_list(home, list, HASH_PAIRS)) return 0;
    for (; done < count; done++)
        if (hash_put(home, limits, words[done * 2], words[done * 2 + 1], false) == HASH_REFUSED)
            return 0;
    return hash_count(home->value, HASH_ALL);
}

bool hash_remove(struct value_home *home, struct bytes field) {
    if (hash_is_packed(home->value)) {
        uint32_t at = hash_packed_find(home->value, field);
        if (at != PACKED_LIST_NONE) cut(home, at, hash_stride(home->value));
        return at != PACKED_LIST_NONE;
    }
    struct member_place place = member_table_find(members(home->value), field);
    if (place.member == NULL) return false;
    member_destroy(member_table_remove(members(home->value), place));
    return true;
}

/* --- deadlines --- */

/* Pairs become triplets, in the order that they have. */
static bool make_triplets(struct value_home *home) {
    if (home->value->encoding != HASH_PAIRS) return true;
    const uint8_t *list = hash_list(home->value);
    const struct packed_item none = packed_item_of_integer(0);
    size_t count = packed_list_count(list) / 2;
    size_t bytes = packed_list_bytes_total(list) + count * packed_item_bytes(&none);
    uint8_t *made = memory_try_allocate(bytes);
    if (made == NULL) return false;
    packed_list_init_empty(made);
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at);) {
        struct packed_run pair = packed_list_run(list, at, 2);
        struct packed_change change = packed_list_plan_run(made, packed_list_end(made), 0, pair);
        packed_list_apply(made, &change);
        change = packed_list_plan(made, packed_list_end(made), 0, &none, 1);
        packed_list_apply(made, &change);
        at += pair.bytes;
    }
    assert(packed_list_bytes_total(made) == bytes);
    bool stored = store_list(home, made, HASH_TRIPLETS);
    memory_free(made);
    return stored;
}

static bool set_packed_deadline(struct value_home *home, struct bytes field, int64_t deadline_ms) {
    uint32_t at = hash_packed_find(home->value, field);
    assert(at != PACKED_LIST_NONE);
    const uint8_t *list = hash_list(home->value);
    int64_t wanted = deadline_ms < 0 ? INT64_MAX : deadline_ms;
    if (hash_packed_deadline(list, at) == wanted) return true;
    struct packed_item items[3] = {packed_item_of(field),
                                   packed_list_get(list, packed_list_next(list, at)),
                                   packed_item_of_integer(deadline_ms < 0 ? 0 : deadline_ms)};
    if (items[1].is_integer) return move_triplet(home, at, items);
    /* The value moves within its own list: by way of a copy. */
    char brief[SHORT_BYTES_MAX];
    size_t len = items[1].text.len;
    char *copy = len <= sizeof(brief) ? brief : memory_try_allocate(len);
    if (copy == NULL) return false;
    if (len > 0) memcpy(copy, items[1].text.data, len);
    items[1].text.data = copy;
    bool done = move_triplet(home, at, items);
    if (copy != brief) memory_free(copy);
    return done;
}

bool hash_set_deadline(struct value_home *home, struct bytes field, int64_t deadline_ms) {
    /* A packed 0 is no deadline: what ended at the beginning of time ended a moment later. */
    if (deadline_ms == 0) deadline_ms = 1;
    if (hash_is_packed(home->value)) {
        if (home->value->encoding == HASH_PAIRS && deadline_ms < 0) return true;
        return make_triplets(home) && set_packed_deadline(home, field, deadline_ms);
    }
    struct member_place place = member_table_find(members(home->value), field);
    assert(place.member != NULL);
    return member_table_set_deadline(members(home->value), &place, deadline_ms);
}
