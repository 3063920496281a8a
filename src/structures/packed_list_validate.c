/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists that come from elsewhere. Three things make a valid one loose: an integer wider than it
 * needs to be or kept as text, a text whose length is, and the length from behind as Valkey 9
 * writes it at the three lengths where Redis spends a byte more. */
#include "structures/packed_list.h"
#include "structures/packed_list_internal.h"

struct entry {
    struct packed_item item; /* in canonical form */
    size_t bytes;
    bool is_canonical;
};

/* What stands before a text, or an integer in full; 0 is no tag. */
static size_t head_bytes(uint8_t tag) {
    if (tag < TAG_TEXT_6) return 1;
    if (tag < TAG_INTEGER_13) return 1;
    if (tag < TAG_TEXT_32) return 2;
    switch (tag) {
    case TAG_TEXT_32: return 5;
    case TAG_INTEGER_16: return 3;
    case TAG_INTEGER_24: return 4;
    case TAG_INTEGER_32: return 5;
    case TAG_INTEGER_64: return 9;
    default: return 0;
    }
}

static size_t text_length(const uint8_t *at) {
    uint32_t wide;
    if (at[0] < TAG_INTEGER_13) return at[0] & 0x3f;
    if (at[0] < TAG_TEXT_32) return (size_t)(at[0] & 0xf) << 8 | at[1];
    memcpy(&wide, at + 1, sizeof(wide));
    return wide;
}

static bool holds_text(uint8_t tag) {
    return (tag >= TAG_TEXT_6 && tag < TAG_INTEGER_13) ||
           (tag >= TAG_TEXT_12 && tag <= TAG_TEXT_32);
}

/* How many bytes at `at`, of at most `left`, are the length from behind; 0 when it is wrong. */
static size_t back_bytes(const uint8_t *at, size_t left, size_t encoded, bool *is_canonical) {
    uint8_t wanted[PACKED_BACK_MAX];
    uint32_t width = packed_back_bytes(encoded);
    packed_back_write(wanted, width, encoded);
    if (width <= left && memcmp(at, wanted, width) == 0) return width;
    /* The first byte is empty at the lengths in question only. */
    if (wanted[0] != 0 || width == 1 || width - 1 > left) return 0;
    *is_canonical = false;
    packed_back_write(wanted, width - 1, encoded);
    return memcmp(at, wanted, width - 1) == 0 ? width - 1 : 0;
}

/* Reads the entry at `at`, of at most `left` bytes. False when it isn't one. */
static bool read_entry(const uint8_t *at, size_t left, struct entry *entry) {
    size_t encoded = head_bytes(at[0]);
    if (encoded == 0 || encoded > left) return false;
    if (holds_text(at[0])) {
        size_t len = text_length(at);
        if (len > left - encoded) return false;
        entry->item = packed_item_of(bytes_make(at + encoded, len));
        entry->is_canonical = !entry->item.is_integer && encoded == packed_text_head_bytes(len);
        encoded += len;
    } else {
        int64_t value = packed_integer_read(at);
        entry->item = packed_item_of_integer(value);
        entry->is_canonical = encoded == packed_integer_bytes(value);
    }
    size_t back = back_bytes(at + encoded, left - encoded, encoded, &entry->is_canonical);
    entry->bytes = encoded + back;
    return back > 0;
}

/* Where a list of these bytes would have its end; 0 when they can't be one. */
static size_t end_of(struct bytes input) {
    const uint8_t *list = (const uint8_t *)input.data;
    if (input.len < PACKED_LIST_EMPTY_BYTES || input.len > PACKED_LIST_BYTES_MAX) return 0;
    if (packed_list_bytes_total(list) != input.len) return 0;
    return list[input.len - 1] == TAG_END ? input.len - 1 : 0;
}

struct packed_check packed_list_validate(struct bytes input) {
    const uint8_t *list = (const uint8_t *)input.data;
    struct packed_check wrong = {0};
    struct packed_check check = {.is_canonical = true, .bytes_needed = PACKED_LIST_EMPTY_BYTES};
    size_t end = end_of(input);
    if (end == 0) return wrong;
    for (size_t at = PACKED_LIST_FIRST; at < end;) {
        struct entry entry;
        if (!read_entry(list + at, end - at, &entry)) return wrong;
        check.is_canonical &= entry.is_canonical;
        check.bytes_needed += packed_item_bytes(&entry.item);
        check.count++;
        at += entry.bytes;
    }
    uint32_t known = packed_list_count_known(list);
    if (known != PACKED_LIST_COUNT_UNKNOWN && known != check.count) return wrong;
    if (check.bytes_needed > PACKED_LIST_BYTES_MAX) return wrong;
    check.is_valid = true;
    return check;
}

void packed_list_rewrite(struct bytes input, uint8_t *list) {
    const uint8_t *from = (const uint8_t *)input.data;
    size_t end = end_of(input);
    assert(end != 0);
    uint8_t *to = list + PACKED_LIST_FIRST;
    uint32_t count = 0;
    for (size_t at = PACKED_LIST_FIRST; at < end; count++) {
        struct entry entry = {0};
        bool is_valid = read_entry(from + at, end - at, &entry);
        assert(is_valid);
        to = packed_entry_write(to, &entry.item);
        at += entry.bytes;
    }
    packed_list_seal(list, (size_t)(to - list) + 1, count);
}
