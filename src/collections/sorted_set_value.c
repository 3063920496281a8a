/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/sorted_set_value.h"

#include <assert.h>

#include "base/hash.h"
#include "base/memory.h"
#include "collections/sorted_set_internal.h"
#include "structures/packed_list.h"

static const uint8_t *packed(const struct value *value) {
    return (const uint8_t *)value->inlined.data;
}

static struct sorted_set *big(const struct value *value) { return value->boxed; }

static bool is_packed(const struct value *value) { return value->encoding == SORTED_SET_PACKED; }

/* --- packed pairs --- */

struct packed_item sorted_set_packed_score(double score, char text[TEXT_DOUBLE_MAX]) {
    if (score >= -0x1p63 && score < 0x1p63) {
        int64_t whole = (int64_t)score;
        if ((double)whole == score) return packed_item_of_integer(whole);
    }
    return (struct packed_item){.text = bytes_make(text, text_from_double(text, score))};
}

bool sorted_set_read_score(const struct packed_item *item, double *score) {
    if (!item->is_integer) return text_to_double(item->text, score);
    *score = (double)item->integer;
    return true;
}

static double score_at(const uint8_t *list, uint32_t at) {
    struct packed_item item = packed_list_get(list, at);
    double score;
    bool read = sorted_set_read_score(&item, &score);
    assert(read);
    return score;
}

/* Below 0: the pair at `at` lies in front of name and score. */
static int pair_order(const uint8_t *list, uint32_t at, double score, struct bytes name) {
    double there = score_at(list, packed_list_next(list, at));
    if (there != score) return there < score ? -1 : 1;
    char scratch[TEXT_INTEGER_MAX];
    struct packed_item item = packed_list_get(list, at);
    return bytes_compare(packed_item_text(&item, scratch), name);
}

static uint32_t next_pair(const uint8_t *list, uint32_t at) {
    return packed_list_next(list, packed_list_next(list, at));
}

static uint32_t find_pair(const uint8_t *list, struct bytes name) {
    struct packed_item needle = packed_item_of(name);
    return packed_list_find(list, PACKED_LIST_FIRST, &needle, 2);
}

/* --- asking --- */

size_t sorted_set_count(const struct value *value) {
    return is_packed(value) ? packed_list_count(packed(value)) / 2 : big(value)->order.item_count;
}

bool sorted_set_find(const struct value *value, struct bytes name, double *score) {
    double found;
    if (is_packed(value)) {
        const uint8_t *list = packed(value);
        uint32_t at = find_pair(list, name);
        if (at == PACKED_LIST_NONE) return false;
        found = score_at(list, packed_list_next(list, at));
    } else {
        const struct member *member = member_table_find(&big(value)->members, name).member;
        if (member == NULL) return false;
        found = member_score(member);
    }
    if (score != NULL) *score = found;
    return true;
}

bool sorted_set_rank(const struct value *value, struct bytes name, double *score, size_t *rank) {
    if (is_packed(value)) {
        const uint8_t *list = packed(value);
        uint32_t found = find_pair(list, name);
        if (found == PACKED_LIST_NONE) return false;
        *rank = 0;
        for (uint32_t at = PACKED_LIST_FIRST; at != found; at = next_pair(list, at)) ++*rank;
        *score = score_at(list, packed_list_next(list, found));
        return true;
    }
    const struct member *member = member_table_find(&big(value)->members, name).member;
    if (member == NULL) return false;
    *score = member_score(member);
    *rank = ordered_tree_rank(&big(value)->order, member);
    return true;
}

size_t sorted_set_seek_score(const struct value *value, double score, bool behind) {
    if (!is_packed(value)) {
        struct ordered_probe probe = {.key = ordered_key_of_double(score), .bias = behind ? 1 : -1};
        return ordered_tree_seek(&big(value)->order, &probe, NULL);
    }
    const uint8_t *list = packed(value);
    size_t rank = 0;
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at); at = next_pair(list, at)) {
        double there = score_at(list, packed_list_next(list, at));
        if (behind ? there > score : there >= score) break;
        rank++;
    }
    return rank;
}

struct name_probe {
    struct bytes name;
    bool behind;
};

static int compare_name(const void *context, const void *member) {
    const struct name_probe *probe = context;
    int order = bytes_compare(probe->name, member_name(member));
    return order != 0 ? order : probe->behind ? 1 : -1;
}

size_t sorted_set_seek_name(const struct value *value, struct bytes name, bool behind) {
    if (!is_packed(value)) {
        struct name_probe context = {name, behind};
        struct ordered_probe probe = {
            .compare = compare_name, .context = &context, .any_key = true};
        return ordered_tree_seek(&big(value)->order, &probe, NULL);
    }
    const uint8_t *list = packed(value);
    size_t rank = 0;
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at); at = next_pair(list, at)) {
        char scratch[TEXT_INTEGER_MAX];
        struct packed_item item = packed_list_get(list, at);
        int order = bytes_compare(packed_item_text(&item, scratch), name);
        if (behind ? order > 0 : order >= 0) break;
        rank++;
    }
    return rank;
}

/* --- walking --- */

static bool show_packed(struct sorted_set_walk *walk) {
    if (walk->at == PACKED_LIST_NONE || packed_list_is_end(walk->list, walk->at)) return false;
    struct packed_item item = packed_list_get(walk->list, walk->at);
    walk->item.name = packed_item_text(&item, walk->scratch);
    walk->item.score = score_at(walk->list, packed_list_next(walk->list, walk->at));
    walk->item.deadline_ms = INT64_MAX;
    return true;
}

static struct sorted_set_item item_of(const struct member *member) {
    return (struct sorted_set_item){.name = member_name(member),
                                    .score = member_score(member),
                                    .deadline_ms = member_deadline_ms(member)};
}

static bool show_member(struct sorted_set_walk *walk, const struct member *member) {
    if (member == NULL) return false;
    walk->item = item_of(member);
    return true;
}

bool sorted_set_walk_start(struct sorted_set_walk *walk, const struct value *value, size_t rank) {
    if (is_packed(value)) {
        walk->list = packed(value);
        walk->at = packed_list_seek(walk->list, (int64_t)rank * 2);
        return show_packed(walk);
    }
    walk->list = NULL;
    return show_member(walk, ordered_tree_at(&big(value)->order, rank, &walk->cursor));
}

bool sorted_set_walk_next(struct sorted_set_walk *walk) {
    if (walk->list == NULL) return show_member(walk, ordered_cursor_next(&walk->cursor));
    walk->at = next_pair(walk->list, walk->at);
    return show_packed(walk);
}

bool sorted_set_walk_previous(struct sorted_set_walk *walk) {
    if (walk->list == NULL) return show_member(walk, ordered_cursor_previous(&walk->cursor));
    uint32_t score = packed_list_previous(walk->list, walk->at);
    walk->at = score == PACKED_LIST_NONE ? PACKED_LIST_NONE
                                         : packed_list_previous(walk->list, score);
    return show_packed(walk);
}

struct scan {
    sorted_set_visit *visit;
    void *context;
};

static void scan_member(void *context, void *member) {
    const struct scan *scan = context;
    struct sorted_set_item item = item_of(member);
    scan->visit(scan->context, &item);
}

uint64_t sorted_set_scan(const struct value *value, uint64_t cursor, sorted_set_visit *visit,
                         void *context) {
    if (!is_packed(value)) {
        struct scan scan = {visit, context};
        return hash_table_scan(&big(value)->members.table, cursor, scan_member, &scan);
    }
    struct sorted_set_walk walk;
    for (bool on = sorted_set_walk_start(&walk, value, 0); on; on = sorted_set_walk_next(&walk))
        visit(context, &walk.item);
    return 0;
}

/* --- building --- */

struct sorted_set *sorted_set_create(void) {
    struct sorted_set *set = memory_allocate(sizeof(*set));
    member_table_init(&set->members);
    ordered_tree_init(&set->order, &member_score_rules);
    return set;
}

void sorted_set_destroy(struct sorted_set *set) {
    ordered_tree_deinit(&set->order);
    member_table_deinit(&set->members);
    memory_free(set);
}

bool sorted_set_add(struct sorted_set *set, const struct member_parts *parts) {
    struct member_parts own = *parts;
    own.flags |= MEMBER_HAS_SCORE;
    struct member *member = member_try_create(&own);
    if (member == NULL) return false;
    member_table_insert(&set->members, member);
    ordered_tree_insert(&set->order, member);
    return true;
}

/* The packed set that is there becomes a big one. */
static bool make_big(struct value_home *home) {
    struct sorted_set *set = sorted_set_create();
    struct sorted_set_walk walk;
    bool on = home->value->type != NULL && sorted_set_walk_start(&walk, home->value, 0);
    for (; on; on = sorted_set_walk_next(&walk)) {
        if (!sorted_set_add(
                set, &(struct member_parts){.name = walk.item.name, .score = walk.item.score})) {
            sorted_set_destroy(set);
            return false;
        }
    }
    if (value_home_store(home, &(struct value){.type = &sorted_set_type,
                                               .storage = VALUE_BOXED,
                                               .encoding = SORTED_SET_TREE,
                                               .boxed = set}))
        return true;
    sorted_set_destroy(set);
    return false;
}

/* --- changing a packed set --- */

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

/* Where a pair belongs. */
static uint32_t place_of_pair(const uint8_t *list, double score, struct bytes name) {
    uint32_t at = PACKED_LIST_FIRST;
    while (!packed_list_is_end(list, at) && pair_order(list, at, score, name) < 0)
        at = next_pair(list, at);
    return at;
}

/* `change` tells where it went and how long it is. */
static bool insert_pair(struct value_home *home, struct bytes name, double score,
                        struct packed_change *change) {
    char text[TEXT_DOUBLE_MAX];
    struct packed_item items[2] = {packed_item_of(name), sorted_set_packed_score(score, text)};
    const uint8_t *list = packed(home->value);
    *change = packed_list_plan(list, place_of_pair(list, score, name), 0, items, 2);
    return apply(home, change);
}

static bool remove_pairs(struct value_home *home, uint32_t at, size_t count) {
    struct packed_change change = packed_list_plan(packed(home->value), at, (uint32_t)count * 2,
                                                   NULL, 0);
    return apply(home, &change);
}

/* A first pair: the key comes to be. */
static bool store_first(struct value_home *home) {
    uint8_t list[PACKED_LIST_EMPTY_BYTES];
    packed_list_init_empty(list);
    return value_home_store(home, &(struct value){.type = &sorted_set_type,
                                                  .storage = VALUE_INLINED,
                                                  .encoding = SORTED_SET_PACKED,
                                                  .inlined = bytes_make(list, sizeof(list))});
}

static enum sorted_set_outcome put_packed(struct value_home *home, struct bytes name,
                                          double score) {
    const uint8_t *list = packed(home->value);
    uint32_t at = find_pair(list, name);
    struct packed_change change;
    if (at != PACKED_LIST_NONE && score_at(list, packed_list_next(list, at)) == score)
        return SORTED_SET_SAME;
    /* The new pair first: when there is no room for it the old one must still be there. */
    if (!insert_pair(home, name, score, &change)) return SORTED_SET_REFUSED;
    if (at == PACKED_LIST_NONE) return SORTED_SET_ADDED;
    if (change.at <= at) at += (uint32_t)change.added_bytes;
    bool removed = remove_pairs(home, at, 1);
    assert(removed); /* less room is never refused */
    return SORTED_SET_UPDATED;
}

/* --- changing a big set --- */

static enum sorted_set_outcome put_big(struct sorted_set *set, struct bytes name, double score) {
    struct member_place place = member_table_find(&set->members, name);
    if (place.member == NULL) {
        struct member_parts parts = {.name = name, .score = score};
        return sorted_set_add(set, &parts) ? SORTED_SET_ADDED : SORTED_SET_REFUSED;
    }
    struct member *member = place.member;
    if (member_score(member) == score) return SORTED_SET_SAME;
    struct member_parts parts = member_parts(member);
    parts.score = score;
    struct member *successor = NULL;
    if (!member_score_fits(member, score)) {
        successor = member_try_create(&parts);
        if (successor == NULL) return SORTED_SET_REFUSED;
    }
    ordered_tree_remove(&set->order, member);
    if (successor == NULL) {
        bool fits = member_set_score(member, score);
        assert(fits);
        successor = member;
    } else {
        member_destroy(member_table_replace(&set->members, &place, successor));
    }
    ordered_tree_insert(&set->order, successor);
    return SORTED_SET_UPDATED;
}

static void take_out(struct sorted_set *set, struct member *member) {
    struct member_place place = member_table_find(&set->members, member_name(member));
    member_destroy(member_table_remove(&set->members, place));
}

struct removing {
    struct sorted_set *set;
    sorted_set_visit *visit;
    void *context;
};

static void remove_member(void *context, void *member) {
    const struct removing *removing = context;
    if (removing->visit != NULL) {
        struct sorted_set_item item = item_of(member);
        removing->visit(removing->context, &item);
    }
    take_out(removing->set, member);
}

/* --- changing --- */

enum sorted_set_outcome sorted_set_put(struct value_home *home,
                                       const struct collection_limits *limits, struct bytes name,
                                       double score) {
    bool is_new = home->value->type == NULL;
    bool fits = name.len <= limits->sorted_set_packed_value;
    if (is_new) {
        bool made = fits && limits->sorted_set_packed_entries > 0 ? store_first(home)
                                                                  : make_big(home);
        if (!made) return SORTED_SET_REFUSED;
    }
    if (is_packed(home->value)) {
        bool full = sorted_set_count(home->value) >= limits->sorted_set_packed_entries &&
                    find_pair(packed(home->value), name) == PACKED_LIST_NONE;
        if (fits && !full) return put_packed(home, name, score);
        if (!make_big(home)) return SORTED_SET_REFUSED;
    }
    return put_big(big(home->value), name, score);
}

bool sorted_set_remove(struct value_home *home, struct bytes name) {
    if (is_packed(home->value)) {
        uint32_t at = find_pair(packed(home->value), name);
        return at != PACKED_LIST_NONE && remove_pairs(home, at, 1);
    }
    struct sorted_set *set = big(home->value);
    struct member *member = member_table_find(&set->members, name).member;
    if (member == NULL) return false;
    ordered_tree_remove(&set->order, member);
    take_out(set, member);
    return true;
}

void sorted_set_remove_ranks(struct value_home *home, size_t rank, size_t count,
                             sorted_set_visit *visit, void *context) {
    if (count == 0) return;
    if (is_packed(home->value)) {
        struct sorted_set_walk walk;
        if (!sorted_set_walk_start(&walk, home->value, rank)) return;
        size_t left = sorted_set_count(home->value) - rank;
        if (count > left) count = left;
        uint32_t first = walk.at;
        for (size_t i = 0; visit != NULL && i < count; i++, sorted_set_walk_next(&walk))
            visit(context, &walk.item);
        bool removed = remove_pairs(home, first, count);
        assert(removed); /* less room is never refused */
        return;
    }
    struct sorted_set *set = big(home->value);
    struct removing removing = {set, visit, context};
    while (count > 0) {
        struct ordered_cursor cursor;
        if (ordered_tree_at(&set->order, rank, &cursor) == NULL) return;
        count -= ordered_tree_remove_run(&set->order, &cursor, count, remove_member, &removing);
    }
}

#define EXPECTED_AHEAD 4

void sorted_set_expect(const struct value *value, bool highest) {
    if (is_packed(value)) return;
    const struct sorted_set *set = big(value);
    size_t count = set->order.item_count;
    struct ordered_cursor cursor;
    if (count == 0) return;
    /* Those after the next are loaded now, so that the next itself has been before. */
    size_t from = !highest ? 0 : count > EXPECTED_AHEAD ? count - EXPECTED_AHEAD : 0;
    const struct member *next = ordered_tree_at(&set->order, from, &cursor);
    ordered_cursor_prefetch(&cursor, EXPECTED_AHEAD);
    if (highest) next = ordered_tree_at(&set->order, count - 1, &cursor);
    hash_table_prefetch(&set->members.table, hash_bytes(member_name(next)));
}

bool sorted_set_set_deadline(struct value_home *home, struct bytes name, int64_t deadline_ms) {
    if (is_packed(home->value)) {
        if (deadline_ms < 0) return true;
        if (!make_big(home)) return false;
    }
    struct sorted_set *set = big(home->value);
    struct member_place place = member_table_find(&set->members, name);
    struct member *before = place.member;
    if (deadline_ms < 0 && !member_has_deadline(before)) return true;
    if (deadline_ms >= 0 && member_has_deadline(before))
        return member_table_set_deadline(&set->members, &place, deadline_ms);
    /* It moves: out of the order meanwhile, since names are compared there. */
    ordered_tree_remove(&set->order, before);
    bool done = member_table_set_deadline(&set->members, &place, deadline_ms);
    ordered_tree_insert(&set->order, place.member);
    return done;
}

bool sorted_set_due(const struct value *value, int64_t now_ms, struct bytes *name) {
    if (is_packed(value)) return false;
    const struct member *member = member_table_due(&big(value)->members, now_ms);
    if (member == NULL) return false;
    *name = member_name(member);
    return true;
}
