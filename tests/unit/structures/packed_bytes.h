/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* For the tests of packed forms: lists in blocks of exactly their size, so that a sanitizer sees
 * every step outside, and bytes written as hexadecimal digits. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "structures/packed_list.h"

static inline uint8_t *packed_new(void) {
    uint8_t *list = malloc(PACKED_LIST_EMPTY_BYTES);
    cr_assert_not_null(list);
    packed_list_init_empty(list);
    return list;
}

/* Applies a change the way an owner does; the block may move. */
static inline uint8_t *packed_carry_out(uint8_t *list, const struct packed_change *change) {
    if (change->bytes_after > change->bytes_before) list = realloc(list, change->bytes_after);
    cr_assert_not_null(list);
    packed_list_apply(list, change);
    if (change->bytes_after < change->bytes_before) list = realloc(list, change->bytes_after);
    cr_assert_not_null(list);
    return list;
}

static inline uint8_t *packed_splice(uint8_t *list, uint32_t at, uint32_t removed,
                                     const struct packed_item *items, uint32_t count) {
    struct packed_change change = packed_list_plan(list, at, removed, items, count);
    return packed_carry_out(list, &change);
}

static inline uint8_t *packed_push(uint8_t *list, struct bytes text) {
    struct packed_item item = packed_item_of(text);
    return packed_splice(list, packed_list_end(list), 0, &item, 1);
}

static inline struct bytes packed_bytes(const uint8_t *list) {
    return bytes_make(list, packed_list_bytes_total(list));
}

/* Pairs of digits, and blanks between them. A block of its own, to be freed. */
static inline struct bytes packed_from_hex(const char *digits) {
    uint8_t *bytes = malloc(strlen(digits) / 2 + 1);
    cr_assert_not_null(bytes);
    size_t len = 0;
    for (; *digits != 0; digits += *digits == ' ' ? 1 : 2) {
        char pair[3] = {digits[0], digits[1]};
        if (*digits != ' ') bytes[len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    /* Of exactly that size, so that a sanitizer sees the end of it. */
    return bytes_make(realloc(bytes, len + (len == 0)), len);
}

static inline void packed_discard(struct bytes bytes) { free((void *)(uintptr_t)bytes.data); }
