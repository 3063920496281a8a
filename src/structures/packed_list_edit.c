/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/packed_list.h"
#include "structures/packed_list_internal.h"

/* A list of at least so many elements is longer than this. */
#define BYTES_UNCOUNTABLE (PACKED_LIST_EMPTY_BYTES + 2u * PACKED_LIST_COUNT_UNKNOWN)

static bool lies_in(const uint8_t *list, const void *data) {
    uintptr_t from = (uintptr_t)list;
    return (uintptr_t)data >= from && (uintptr_t)data - from < packed_list_bytes_total(list);
}

static struct packed_change change_of(const uint8_t *list, uint32_t at, uint32_t removed) {
    struct packed_change change = {.bytes_before = packed_list_bytes_total(list), .at = at};
    assert(at >= PACKED_LIST_FIRST && at < change.bytes_before);
    if (removed == 0) return change;
    struct packed_run run = packed_list_run(list, at, removed);
    change.removed_bytes = run.bytes;
    change.removed_count = run.count;
    return change;
}

struct packed_change packed_list_plan(const uint8_t *list, uint32_t at, uint32_t removed,
                                      const struct packed_item *items, uint32_t item_count) {
    struct packed_change change = change_of(list, at, removed);
    change.items = items;
    change.added_count = item_count;
    for (uint32_t i = 0; i < item_count; i++) {
        assert(items[i].is_integer || !lies_in(list, items[i].text.data));
        change.added_bytes += packed_item_bytes(&items[i]);
    }
    change.bytes_after = change.bytes_before - change.removed_bytes + change.added_bytes;
    return change;
}

struct packed_change packed_list_plan_run(const uint8_t *list, uint32_t at, uint32_t removed,
                                          struct packed_run run) {
    struct packed_change change = change_of(list, at, removed);
    assert(!lies_in(list, run.data));
    change.run = run.data;
    change.added_count = run.count;
    change.added_bytes = run.bytes;
    change.bytes_after = change.bytes_before - change.removed_bytes + change.added_bytes;
    return change;
}

static void update_header(uint8_t *list, const struct packed_change *change) {
    uint32_t total = (uint32_t)change->bytes_after;
    uint32_t known = packed_list_count_known(list);
    uint64_t count = known;
    if (known == PACKED_LIST_COUNT_UNKNOWN) {
        packed_list_set_header(list, total, known);
        /* Counted again only when the answer is sure to fit the header, so once and not often. */
        if (total >= BYTES_UNCOUNTABLE) return;
        count = packed_list_count(list);
    } else {
        assert(change->removed_count <= count);
        count = count - change->removed_count + change->added_count;
    }
    packed_list_set_header(list, total, count);
}

void packed_list_apply(uint8_t *list, const struct packed_change *change) {
    assert(packed_list_bytes_total(list) == change->bytes_before);
    assert(change->bytes_after <= PACKED_LIST_BYTES_MAX);
    uint8_t *hole = list + change->at;
    size_t behind = change->bytes_before - change->at - change->removed_bytes;
    if (behind == 1) {
        hole[change->added_bytes] = TAG_END;
    } else if (change->added_bytes != change->removed_bytes) {
        memmove(hole + change->added_bytes, hole + change->removed_bytes, behind);
    }
    if (change->items != NULL) {
        uint8_t *at = hole;
        for (uint32_t i = 0; i < change->added_count; i++)
            at = packed_entry_write(at, &change->items[i]);
        assert(at == hole + change->added_bytes);
    } else if (change->added_bytes > 0) {
        memcpy(hole, change->run, change->added_bytes);
    }
    update_header(list, change);
}
