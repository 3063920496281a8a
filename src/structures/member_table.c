/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/member_table.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

void member_table_init(struct member_table *table) {
    *table = (struct member_table){.deadlines = NULL};
    hash_table_init(&table->table, member_key_of);
}

static void destroy_one(void *context, void *member) {
    (void)context;
    member_destroy(member);
}

static void forget_deadlines(struct member_table *table) {
    if (table->deadlines == NULL) return;
    ordered_tree_deinit(table->deadlines);
    memory_free(table->deadlines);
    table->deadlines = NULL;
}

bool member_table_demolish(struct member_table *table) {
    if (table->deadlines != NULL) {
        if (ordered_tree_demolish(table->deadlines, NULL, NULL)) return true;
        forget_deadlines(table);
    }
    if (table->table.bucket_count > 0 && hash_table_demolish(&table->table, destroy_one, NULL))
        return true;
    member_table_init(table);
    return false;
}

void member_table_deinit(struct member_table *table) {
    forget_deadlines(table);
    while (member_table_demolish(table)) continue;
}

size_t member_table_memory_bytes(const struct member_table *table) {
    size_t bytes = table->member_bytes + hash_table_memory_bytes(&table->table);
    if (table->deadlines != NULL)
        bytes += table->deadlines->node_bytes + memory_block_bytes(table->deadlines);
    return bytes;
}

/* --- deadlines --- */

static void note_deadline(struct member_table *table, struct member *member) {
    if (!member_has_deadline(member)) return;
    if (table->deadlines == NULL) {
        table->deadlines = memory_allocate(sizeof(*table->deadlines));
        ordered_tree_init(table->deadlines, &member_deadline_rules);
    }
    ordered_tree_insert(table->deadlines, member);
}

static void drop_deadline(struct member_table *table, const struct member *member) {
    if (!member_has_deadline(member)) return;
    ordered_tree_remove(table->deadlines, member);
    if (table->deadlines->item_count == 0) forget_deadlines(table);
}

size_t member_table_count(const struct member_table *table, int64_t now_ms) {
    if (table->deadlines == NULL || now_ms < 0) return table->table.item_count;
    struct ordered_probe behind_due = {.key = (uint64_t)now_ms, .bias = 1};
    return table->table.item_count - ordered_tree_seek(table->deadlines, &behind_due, NULL);
}

static struct member *first_to_end(const struct member_table *table) {
    struct ordered_cursor cursor;
    return table->deadlines == NULL ? NULL : ordered_tree_at(table->deadlines, 0, &cursor);
}

int64_t member_table_next_deadline_ms(const struct member_table *table) {
    const struct member *first = first_to_end(table);
    return first == NULL ? INT64_MAX : member_deadline_ms(first);
}

struct member *member_table_due(const struct member_table *table, int64_t now_ms) {
    struct member *first = first_to_end(table);
    return first != NULL && member_is_due(first, now_ms) ? first : NULL;
}

/* --- members --- */

struct member_place member_table_find(const struct member_table *table, struct bytes name) {
    struct member_place place = {.hash = hash_bytes(name)};
    place.member = hash_table_find(&table->table, place.hash, name, &place.slot);
    return place;
}

void member_table_insert(struct member_table *table, struct member *member) {
    hash_table_insert(&table->table, hash_bytes(member_name(member)), member);
    table->member_bytes += member_bytes(member);
    note_deadline(table, member);
}

struct member *member_table_remove(struct member_table *table, struct member_place place) {
    drop_deadline(table, place.member);
    hash_table_remove(&table->table, place.slot);
    table->member_bytes -= member_bytes(place.member);
    return place.member;
}

struct member *member_table_replace(struct member_table *table, struct member_place *place,
                                    struct member *successor) {
    struct member *old = place->member;
    drop_deadline(table, old);
    table->member_bytes -= member_bytes(old);
    hash_table_set(place->slot, successor);
    place->member = successor;
    table->member_bytes += member_bytes(successor);
    note_deadline(table, successor);
    return old;
}

bool member_table_set_deadline(struct member_table *table, struct member_place *place,
                               int64_t deadline_ms) {
    struct member *member = place->member;
    if (deadline_ms >= 0 && member_has_deadline(member)) {
        drop_deadline(table, member);
        bool fits = member_set_deadline(member, deadline_ms);
        assert(fits);
        note_deadline(table, member);
        return true;
    }
    if (deadline_ms < 0 && !member_has_deadline(member)) return true;
    struct member_parts parts = member_parts(member);
    parts.flags ^= MEMBER_HAS_DEADLINE;
    parts.deadline_ms = deadline_ms < 0 ? 0 : deadline_ms;
    struct member *successor = member_try_create(&parts);
    if (successor == NULL) return false;
    member_destroy(member_table_replace(table, place, successor));
    return true;
}

/* --- copying --- */

struct copying {
    struct member_table *copy;
    bool failed;
};

static void copy_one(void *context, void *item) {
    struct copying *copying = context;
    if (copying->failed) return;
    struct member_parts parts = member_parts(item);
    struct member *member = member_try_create(&parts);
    if (member == NULL) copying->failed = true;
    else member_table_insert(copying->copy, member);
}

bool member_table_try_copy(const struct member_table *table, struct member_table *copy) {
    struct copying copying = {copy, false};
    member_table_init(copy);
    for (size_t i = 0; i < table->table.bucket_count && !copying.failed; i++)
        hash_table_visit_bucket(&table->table, i, copy_one, &copying);
    if (copying.failed) member_table_deinit(copy);
    return !copying.failed;
}
