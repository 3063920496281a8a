/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/hash_value.h"

#include <assert.h>

#include "base/memory.h"
#include "collections/hash_internal.h"

#define THROWS_MAX 64 /* then the fields that are not due are counted */

static struct member_table *members(const struct value *value) {
    return &((struct hash *)value->boxed)->members;
}

/* --- packed --- */

uint32_t hash_packed_find(const struct value *value, struct bytes field) {
    struct packed_item needle = packed_item_of(field);
    return packed_list_find(hash_list(value), PACKED_LIST_FIRST, &needle, hash_stride(value));
}

int64_t hash_packed_deadline(const uint8_t *list, uint32_t at) {
    struct packed_item item = packed_list_get(list,
                                              packed_list_next(list, packed_list_next(list, at)));
    assert(item.is_integer);
    return item.integer == 0 ? INT64_MAX : item.integer;
}

uint32_t hash_packed_next(const uint8_t *list, uint32_t at, uint32_t stride) {
    for (uint32_t i = 0; i < stride; i++) at = packed_list_next(list, at);
    return at;
}

/* All but the field. */
static void read_rest(const struct value *value, uint32_t at, struct hash_item *item) {
    const uint8_t *list = hash_list(value);
    struct packed_item second = packed_list_get(list, packed_list_next(list, at));
    item->value = packed_item_text(&second, item->value_scratch);
    item->deadline_ms = value->encoding == HASH_PAIRS ? INT64_MAX : hash_packed_deadline(list, at);
}

void hash_item_at(const struct value *value, uint32_t at, struct hash_item *item) {
    struct packed_item first = packed_list_get(hash_list(value), at);
    item->field = packed_item_text(&first, item->field_scratch);
    read_rest(value, at, item);
}

/* Where the fields begin that are not due: those that are lie in front. */
static uint32_t first_alive(const struct value *value, int64_t now_ms, size_t *due) {
    const uint8_t *list = hash_list(value);
    uint32_t at = PACKED_LIST_FIRST;
    *due = 0;
    if (value->encoding == HASH_PAIRS) return at;
    while (!packed_list_is_end(list, at) && hash_packed_deadline(list, at) <= now_ms) {
        at = hash_packed_next(list, at, 3);
        ++*due;
    }
    return at;
}

/* --- asking --- */

size_t hash_count(const struct value *value, int64_t now_ms) {
    if (!hash_is_packed(value)) return member_table_count(members(value), now_ms);
    size_t due;
    first_alive(value, now_ms, &due);
    return packed_list_count(hash_list(value)) / hash_stride(value) - due;
}

static void item_of(const struct member *member, struct hash_item *item) {
    item->field = member_name(member);
    item->value = member_value(member);
    item->deadline_ms = member_deadline_ms(member);
}

bool hash_find(const struct value *value, struct bytes field, int64_t now_ms,
               struct hash_item *item) {
    if (hash_is_packed(value)) {
        uint32_t at = hash_packed_find(value, field);
        if (at == PACKED_LIST_NONE) return false;
        read_rest(value, at, item);
        return item->deadline_ms > now_ms;
    }
    const struct member *member = member_table_find(members(value), field).member;
    if (member == NULL || member_is_due(member, now_ms)) return false;
    item->value = member_value(member);
    item->deadline_ms = member_deadline_ms(member);
    return true;
}

int64_t hash_next_deadline_ms(const struct value *value) {
    if (value->encoding == HASH_PAIRS) return INT64_MAX;
    if (value->encoding == HASH_TABLE) return member_table_next_deadline_ms(members(value));
    const uint8_t *list = hash_list(value);
    return packed_list_is_end(list, PACKED_LIST_FIRST)
               ? INT64_MAX
               : hash_packed_deadline(list, PACKED_LIST_FIRST);
}

bool hash_due(const struct value *value, int64_t now_ms, struct hash_item *item) {
    if (hash_next_deadline_ms(value) > now_ms) return false;
    if (hash_is_packed(value)) hash_item_at(value, PACKED_LIST_FIRST, item);
    else item_of(member_table_due(members(value), now_ms), item);
    return true;
}

/* --- walking --- */

struct showing {
    int64_t now_ms;
    hash_visit *visit;
    void *context;
    size_t looked;
};

static void show_member(void *context, void *member) {
    struct showing *showing = context;
    showing->looked++;
    if (member_is_due(member, showing->now_ms)) return;
    struct hash_item item;
    item_of(member, &item);
    showing->visit(showing->context, &item);
}

static void show_packed(const struct value *value, const struct showing *showing) {
    const uint8_t *list = hash_list(value);
    uint32_t stride = hash_stride(value);
    size_t due;
    uint32_t at = first_alive(value, showing->now_ms, &due);
    for (; !packed_list_is_end(list, at); at = hash_packed_next(list, at, stride)) {
        struct hash_item item;
        hash_item_at(value, at, &item);
        showing->visit(showing->context, &item);
    }
}

void hash_walk_on(struct hash_walk *walk, const struct value *value, int64_t now_ms, size_t budget,
                  hash_visit *visit, void *context) {
    struct showing showing = {now_ms, visit, context, 0};
    if (hash_is_packed(value)) {
        show_packed(value, &showing);
        walk->done = true;
        return;
    }
    const struct hash_table *table = &members(value)->table;
    while (walk->bucket < table->bucket_count && showing.looked < budget)
        hash_table_visit_bucket(table, walk->bucket++, show_member, &showing);
    walk->done = walk->bucket >= table->bucket_count;
}

void hash_visit_all(const struct value *value, int64_t now_ms, hash_visit *visit, void *context) {
    struct hash_walk walk = {0};
    hash_walk_on(&walk, value, now_ms, SIZE_MAX, visit, context);
}

uint64_t hash_scan(const struct value *value, uint64_t cursor, int64_t now_ms, hash_visit *visit,
                   void *context) {
    struct showing showing = {now_ms, visit, context, 0};
    if (!hash_is_packed(value))
        return hash_table_scan(&members(value)->table, cursor, show_member, &showing);
    show_packed(value, &showing);
    return 0;
}

/* --- throwing --- */

static uint64_t throw(void *random) { return random_next(random); }

struct picking {
    int64_t now_ms;
    size_t left; /* fields to pass by */
    const struct member *member;
};

static void pick(void *context, void *member) {
    struct picking *picking = context;
    if (picking->member != NULL || member_is_due(member, picking->now_ms)) return;
    if (picking->left-- == 0) picking->member = member;
}

const struct member *hash_throw(const struct value *value, int64_t now_ms, struct random *random) {
    const struct member_table *table = members(value);
    for (int i = 0; i < THROWS_MAX; i++) {
        const struct member *member = hash_table_random(&table->table, throw, random);
        if (member == NULL || !member_is_due(member, now_ms)) return member;
    }
    size_t alive = member_table_count(table, now_ms);
    if (alive == 0) return NULL;
    struct picking picking = {now_ms, random_below(random, alive), NULL};
    for (size_t i = 0; i < table->table.bucket_count && picking.member == NULL; i++)
        hash_table_visit_bucket(&table->table, i, pick, &picking);
    return picking.member;
}
