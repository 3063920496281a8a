/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/packed_list.h"

#include "structures/packed_list_internal.h"

/* What an entry takes as a whole: tag, payload and the length from behind. */
#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
const uint8_t packed_list_skips[256] = {
    [0 ... TAG_TEXT_6 - 1] = 2,
    /* clang-format off */
    [TAG_TEXT_6] = EIGHT(2), EIGHT(10), EIGHT(18), EIGHT(26), EIGHT(34), EIGHT(42), EIGHT(50),
                   EIGHT(58),
    /* clang-format on */
    [TAG_INTEGER_13... TAG_TEXT_12 - 1] = 3,
    [TAG_INTEGER_16] = 4,
    [TAG_INTEGER_24] = 5,
    [TAG_INTEGER_32] = 6,
    [TAG_INTEGER_64] = 10,
};

const uint8_t packed_list_empty[PACKED_LIST_EMPTY_BYTES] = {
    [0] = PACKED_LIST_EMPTY_BYTES, [PACKED_LIST_FIRST] = TAG_END};

void packed_list_init_empty(uint8_t list[PACKED_LIST_EMPTY_BYTES]) {
    memcpy(list, packed_list_empty, sizeof(packed_list_empty));
}

size_t packed_item_bytes(const struct packed_item *item) {
    if (item->is_integer) return packed_integer_bytes(item->integer) + 1;
    size_t encoded = packed_text_head_bytes(item->text.len) + item->text.len;
    return encoded + packed_back_bytes(encoded);
}

/* Where the text begins and how long it is; only for tags of long texts. */
static uint32_t long_text(const uint8_t *entry, size_t *len) {
    if (entry[0] != TAG_TEXT_32) {
        assert(entry[0] >= TAG_TEXT_12 && entry[0] < TAG_TEXT_32);
        *len = (size_t)(entry[0] & 0xf) << 8 | entry[1];
        return 2;
    }
    uint32_t wide;
    memcpy(&wide, entry + 1, sizeof(wide));
    *len = wide;
    return 5;
}

uint32_t packed_list_long_skip(const uint8_t *list, uint32_t at) {
    size_t len;
    size_t encoded = long_text(list + at, &len);
    encoded += len;
    size_t skip = encoded + packed_back_bytes(encoded);
    assert(skip < packed_list_bytes_total(list));
    return (uint32_t)skip;
}

struct packed_item packed_list_get_other(const uint8_t *list, uint32_t at) {
    const uint8_t *entry = list + at;
    assert(entry[0] >= TAG_INTEGER_13 && entry[0] < TAG_NONE);
    if (entry[0] < TAG_TEXT_12 || entry[0] > TAG_TEXT_32)
        return packed_item_of_integer(packed_integer_read(entry));
    size_t len;
    uint32_t head = long_text(entry, &len);
    assert(head + len + 1 < packed_list_bytes_total(list) - at);
    return (struct packed_item){.text = bytes_make(entry + head, len)};
}

/* The length of the entry that ends before `at`, as it is written there. */
static inline size_t back_length(const uint8_t *list, uint32_t at) {
    const uint8_t *byte = list + at - 1;
    size_t length = *byte & 127;
    for (unsigned shift = 7; *byte >= 128; shift += 7) {
        assert(shift < 7 * PACKED_BACK_MAX);
        length |= (size_t)(*--byte & 127) << shift;
    }
    return length;
}

uint32_t packed_list_previous(const uint8_t *list, uint32_t at) {
    assert(at >= PACKED_LIST_FIRST);
    if (at == PACKED_LIST_FIRST) return PACKED_LIST_NONE;
    size_t encoded = back_length(list, at);
    size_t bytes = encoded + packed_back_bytes(encoded);
    assert(bytes <= at - PACKED_LIST_FIRST);
    return at - (uint32_t)bytes;
}

static uint32_t walk_count(const uint8_t *list) {
    uint32_t count = 0;
    for (uint32_t at = PACKED_LIST_FIRST; !packed_list_is_end(list, at); count++)
        at = packed_list_next(list, at);
    return count;
}

uint32_t packed_list_count(const uint8_t *list) {
    uint32_t count = packed_list_count_known(list);
    return LIKELY(count != PACKED_LIST_COUNT_UNKNOWN) ? count : walk_count(list);
}

static uint32_t seek_forward(const uint8_t *list, uint64_t steps) {
    uint32_t at = PACKED_LIST_FIRST;
    for (; !packed_list_is_end(list, at); at = packed_list_next(list, at)) {
        if (steps-- == 0) return at;
    }
    return PACKED_LIST_NONE;
}

static uint32_t seek_backward(const uint8_t *list, uint64_t steps) {
    uint32_t at = packed_list_end(list);
    do at = packed_list_previous(list, at);
    while (at != PACKED_LIST_NONE && steps-- > 0);
    return at;
}

uint32_t packed_list_seek(const uint8_t *list, int64_t index) {
    bool from_end = index < 0;
    uint64_t steps = from_end ? ~(uint64_t)index : (uint64_t)index; /* -1 is 0 from the end */
    uint32_t count = packed_list_count_known(list);
    if (count != PACKED_LIST_COUNT_UNKNOWN) {
        if (steps >= count) return PACKED_LIST_NONE;
        if (steps > count / 2) {
            steps = count - 1 - steps;
            from_end = !from_end;
        }
    }
    return from_end ? seek_backward(list, steps) : seek_forward(list, steps);
}

struct packed_run packed_list_run(const uint8_t *list, uint32_t at, uint32_t count) {
    assert(at >= PACKED_LIST_FIRST && at <= packed_list_end(list));
    struct packed_run run = {.data = list + at};
    if (at == PACKED_LIST_FIRST && count >= packed_list_count(list)) {
        run.count = packed_list_count(list);
        run.bytes = packed_list_end(list) - at;
        return run;
    }
    uint32_t behind = at;
    for (; run.count < count && !packed_list_is_end(list, behind); run.count++)
        behind = packed_list_next(list, behind);
    run.bytes = behind - at;
    return run;
}
