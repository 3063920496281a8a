/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Small collections as one run of bytes: the listpack format (its public specification, and bytes
 * that real servers dump), shared by hashes, lists, sets, sorted sets and streams.
 *
 *   bytes u32 | count u16 | entry ... | 0xff                         numbers are little-endian
 *   entry: tag with 7 or 13 bits of an integer, or the length of a text; payload; the length of
 *          tag and payload once more, readable from behind, seven bits a byte
 *
 * The memory is somebody else's: bytes inlined in a key's entry, or a block of a long list. Nothing
 * here allocates. A change is planned (how many bytes will it be?), the owner sees to the room,
 * then it is applied in place:
 *
 *   struct packed_change change = packed_list_plan(list, at, removed, items, item_count);
 *   if (change.bytes_after > change.bytes_before) list = grow(list, change.bytes_after);
 *   packed_list_apply(list, &change);
 *   if (change.bytes_after < change.bytes_before) list = shrink(list, change.bytes_after);
 *
 * Places are offsets; they hold until the list changes. All lists here are canonical: each element
 * in the shortest form there is, so that equal elements are equal bytes. What strangers send goes
 * through packed_list_validate first and, when it is loose, through packed_list_rewrite. What is
 * not a list that was checked is a mistake of ours, and asserted. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "base/text.h"

#define PACKED_LIST_FIRST 6u       /* where the first entry, or the end, is */
#define PACKED_LIST_EMPTY_BYTES 7u /* header and end */
#define PACKED_LIST_NONE 0u        /* no place */
#define PACKED_LIST_BYTES_MAX UINT32_MAX
#define PACKED_LIST_COUNT_UNKNOWN 65535 /* in the header: so many, or more, or not counted since */

/* --- elements --- */

/* An element: read from a list (its text borrows the list), about to go into one, or looked for.
 * A text that is an integer's canonical form is an integer. */
struct packed_item {
    union {
        struct bytes text;
        int64_t integer;
    };
    bool is_integer;
};

static inline struct packed_item packed_item_of_integer(int64_t integer) {
    return (struct packed_item){.integer = integer, .is_integer = true};
}

static inline struct packed_item packed_item_of(struct bytes text) {
    int64_t integer;
    if (text_to_integer(text, &integer)) return packed_item_of_integer(integer);
    return (struct packed_item){.text = text};
}

/* Its text; an integer's is printed into `scratch`. */
static inline struct bytes packed_item_text(const struct packed_item *item,
                                            char scratch[TEXT_INTEGER_MAX]) {
    if (!item->is_integer) return item->text;
    return bytes_make(scratch, text_from_integer(scratch, item->integer));
}

static inline bool packed_item_equal(const struct packed_item *a, const struct packed_item *b) {
    if (a->is_integer != b->is_integer) return false;
    return a->is_integer ? a->integer == b->integer : bytes_equal(a->text, b->text);
}

/* The bytes that its entry takes: 2 to 11 and, for a text, its length and 2 to 10. */
size_t packed_item_bytes(const struct packed_item *item);

/* --- reading --- */

static inline uint32_t packed_list_bytes_total(const uint8_t *list) {
    uint32_t bytes;
    memcpy(&bytes, list, sizeof(bytes));
    return bytes;
}

/* O(1) below 65535 elements; may walk above. */
uint32_t packed_list_count(const uint8_t *list);

/* Where an element behind the last one would begin. */
static inline uint32_t packed_list_end(const uint8_t *list) {
    return packed_list_bytes_total(list) - 1;
}

static inline bool packed_list_is_end(const uint8_t *list, uint32_t at) { return list[at] == 0xff; }

/* Bytes of an entry by its tag; 0: the length is elsewhere, or it is no entry. */
extern const uint8_t packed_list_skips[256];
uint32_t packed_list_long_skip(const uint8_t *list, uint32_t at);

/* The place behind the element at `at`: the next one, or the end. */
static inline uint32_t packed_list_next(const uint8_t *list, uint32_t at) {
    uint32_t skip = packed_list_skips[list[at]];
    if (UNLIKELY(skip == 0)) skip = packed_list_long_skip(list, at);
    assert(skip < packed_list_bytes_total(list) - at);
    return at + skip;
}

/* The element before `at`, which may be the end; NONE before the first. */
uint32_t packed_list_previous(const uint8_t *list, uint32_t at);

/* The element at an index: 0 is the first, -1 the last; NONE beyond. O(n), from the nearer end. */
uint32_t packed_list_seek(const uint8_t *list, int64_t index);

struct packed_item packed_list_get_other(const uint8_t *list, uint32_t at);

/* The element at `at`. */
static inline struct packed_item packed_list_get(const uint8_t *list, uint32_t at) {
    uint8_t tag = list[at];
    if (tag < 0x80) return packed_item_of_integer(tag);
    if (tag >= 0xc0) return packed_list_get_other(list, at);
    assert((tag & 0x3fu) + 2 < packed_list_bytes_total(list) - at);
    return (struct packed_item){.text = bytes_make(list + at + 1, tag & 0x3f)};
}

static inline bool packed_list_is(const uint8_t *list, uint32_t at,
                                  const struct packed_item *item) {
    struct packed_item there = packed_list_get(list, at);
    return packed_item_equal(&there, item);
}

/* The first element equal to `needle` among those `stride` apart, from `at` (an element or the end)
 * on; NONE when there is none. Stride 2 from the first looks for a field among field-value pairs.
 * O(bytes); what is not there costs one pass of vector compares, whatever the count. */
uint32_t packed_list_find(const uint8_t *list, uint32_t at, const struct packed_item *needle,
                          uint32_t stride);

/* Whether no two of the elements `stride` apart, from the first on, are equal. O(count * bytes): of
 * what strangers send, see to the count first. */
bool packed_list_is_distinct(const uint8_t *list, uint32_t stride);

/* Neighbours in a list, as bytes: to be copied into another. Valid until the list changes. */
struct packed_run {
    const uint8_t *data;
    uint32_t bytes;
    uint32_t count;
};

/* Up to `count` elements from `at` on; UINT32_MAX: all. O(count). */
struct packed_run packed_list_run(const uint8_t *list, uint32_t at, uint32_t count);

/* --- changing --- */

extern const uint8_t packed_list_empty[PACKED_LIST_EMPTY_BYTES]; /* to plan a first change from */
void packed_list_init_empty(uint8_t list[PACKED_LIST_EMPTY_BYTES]);

struct packed_change {
    size_t bytes_before;
    size_t bytes_after; /* may exceed PACKED_LIST_BYTES_MAX: then it can't be applied */
    uint32_t at;
    uint32_t removed_bytes;
    uint32_t removed_count;
    uint32_t added_count;
    size_t added_bytes;
    const struct packed_item *items; /* NULL: the bytes of `run` */
    const uint8_t *run;
};

/* Puts `item_count` items in place of up to `removed` elements from `at` on (an element or the
 * end). Insertion removes nothing, deletion has no items. Items must live until the change is
 * applied, and their texts outside of this list. O(removed + item_count). */
struct packed_change packed_list_plan(const uint8_t *list, uint32_t at, uint32_t removed,
                                      const struct packed_item *items, uint32_t item_count);
/* The same with elements of another list: merging, splitting. */
struct packed_change packed_list_plan_run(const uint8_t *list, uint32_t at, uint32_t removed,
                                          struct packed_run run);
/* Carries it out, on the list as it was when planned; there is room for the larger of both sizes.
 * What was at `at` is gone or has moved behind what was put in. O(bytes behind `at`). */
void packed_list_apply(uint8_t *list, const struct packed_change *change);

/* --- bytes of strangers --- */

struct packed_check {
    bool is_valid;
    bool is_canonical;   /* may be used as it is */
    uint32_t count;      /* whatever the header says */
    size_t bytes_needed; /* by packed_list_rewrite */
};

/* Looks at all of it: sizes, count, every length from both sides, the end. O(bytes). */
struct packed_check packed_list_validate(struct bytes input) MUST_CHECK;
/* Writes a valid list in canonical form to other memory. */
void packed_list_rewrite(struct bytes input, uint8_t *list);
