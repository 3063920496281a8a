/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How an entry is laid out: for the files of packed_list and for those that convert into it. */
#include "structures/packed_list.h"

enum {
    TAG_TEXT_6 = 0x80,     /* 10llllll */
    TAG_INTEGER_13 = 0xc0, /* 110vvvvv vvvvvvvv, two's complement, high bits first */
    TAG_TEXT_12 = 0xe0,    /* 1110llll llllllll, high bits first */
    TAG_TEXT_32 = 0xf0,    /* then u32 */
    TAG_INTEGER_16 = 0xf1, /* then so many bits, little-endian */
    TAG_INTEGER_24 = 0xf2,
    TAG_INTEGER_32 = 0xf3,
    TAG_INTEGER_64 = 0xf4,
    TAG_NONE = 0xf5, /* from here on: no entry */
    TAG_END = 0xff,
};

#define PACKED_HEAD_MAX 9 /* an integer in full, or what stands before a text */
#define PACKED_BACK_MAX 5

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they are");

/* What the header says of it. */
static inline uint32_t packed_list_count_known(const uint8_t *list) {
    uint16_t count;
    memcpy(&count, list + sizeof(uint32_t), sizeof(count));
    return count;
}

/* Bytes that the length from behind takes. Seven bits a byte, but the highest length of each width
 * but the first takes one more: so do all versions of Redis write it, and they read nothing else.
 * (Valkey 9 writes the shorter one; see packed_list_validate.) */
static inline uint32_t packed_back_bytes(size_t encoded) {
    if (LIKELY(encoded <= 127)) return 1;
    if (encoded < 16383) return 2;
    if (encoded < 2097151) return 3;
    return encoded < 268435455 ? 4 : 5;
}

static inline void packed_back_write(uint8_t *at, uint32_t width, size_t encoded) {
    for (uint32_t i = width; i-- > 0; encoded >>= 7)
        at[i] = (uint8_t)((encoded & 127) | (i > 0 ? 128 : 0));
}

static inline uint32_t packed_integer_bytes(int64_t value) {
    if (value >= 0 && value <= 127) return 1;
    if (value >= -4096 && value <= 4095) return 2;
    if (value == (int16_t)value) return 3;
    if (value >= -(1 << 23) && value < 1 << 23) return 4;
    return value == (int32_t)value ? 5 : 9;
}

static inline uint32_t packed_text_head_bytes(size_t len) {
    return len < 64 ? 1 : len < 4096 ? 2 : 5;
}

/* The integer of an entry that holds one. */
static inline int64_t packed_integer_read(const uint8_t *entry) {
    int16_t narrow;
    int32_t value;
    int64_t wide;
    if (entry[0] < TAG_TEXT_6) return entry[0];
    switch (entry[0]) {
    case TAG_INTEGER_16: memcpy(&narrow, entry + 1, sizeof(narrow)); return narrow;
    case TAG_INTEGER_24:
        memcpy(&value, entry, sizeof(value)); /* the tag is shifted out */
        return value >> 8;
    case TAG_INTEGER_32: memcpy(&value, entry + 1, sizeof(value)); return value;
    case TAG_INTEGER_64: memcpy(&wide, entry + 1, sizeof(wide)); return wide;
    default:
        /* 13 bits, the highest of them the sign. */
        return (int16_t)(uint16_t)(((entry[0] & 0x1f) << 8 | entry[1]) << 3) >> 3;
    }
}

/* What stands before the text, or an integer in full. Returns its length. */
static inline uint32_t packed_head_write(uint8_t out[PACKED_HEAD_MAX],
                                         const struct packed_item *item) {
    if (item->is_integer) {
        int64_t value = item->integer;
        uint32_t bytes = packed_integer_bytes(value);
        switch (bytes) {
        case 1: out[0] = (uint8_t)value; return 1;
        case 2:
            out[0] = (uint8_t)(TAG_INTEGER_13 | (value >> 8 & 0x1f));
            out[1] = (uint8_t)value;
            return 2;
        case 9: out[0] = TAG_INTEGER_64; break;
        default: out[0] = (uint8_t)(TAG_INTEGER_16 + bytes - 3); break;
        }
        memcpy(out + 1, &value, bytes - 1);
        return bytes;
    }
    size_t len = item->text.len;
    uint32_t bytes = packed_text_head_bytes(len);
    if (bytes == 1) {
        out[0] = (uint8_t)(TAG_TEXT_6 | len);
    } else if (bytes == 2) {
        out[0] = (uint8_t)(TAG_TEXT_12 | len >> 8);
        out[1] = (uint8_t)len;
    } else {
        uint32_t wide = (uint32_t)len;
        out[0] = TAG_TEXT_32;
        memcpy(out + 1, &wide, sizeof(wide));
    }
    return bytes;
}

/* Writes a whole entry of packed_item_bytes bytes; returns the place behind it. */
static inline uint8_t *packed_entry_write(uint8_t *at, const struct packed_item *item) {
    uint32_t head = packed_head_write(at, item);
    size_t encoded = head;
    if (!item->is_integer && item->text.len > 0) {
        memcpy(at + head, item->text.data, item->text.len);
        encoded += item->text.len;
    }
    uint32_t width = packed_back_bytes(encoded);
    packed_back_write(at + encoded, width, encoded);
    return at + encoded + width;
}

static inline void packed_list_set_header(uint8_t *list, size_t bytes, uint64_t count) {
    assert(bytes >= PACKED_LIST_EMPTY_BYTES && bytes <= PACKED_LIST_BYTES_MAX);
    uint32_t total = (uint32_t)bytes;
    uint16_t known = count < PACKED_LIST_COUNT_UNKNOWN ? (uint16_t)count
                                                       : PACKED_LIST_COUNT_UNKNOWN;
    memcpy(list, &total, sizeof(total));
    memcpy(list + sizeof(total), &known, sizeof(known));
}

/* Writes the header and the end around entries that begin at PACKED_LIST_FIRST. */
static inline void packed_list_seal(uint8_t *list, size_t bytes, uint64_t count) {
    packed_list_set_header(list, bytes, count);
    list[bytes - 1] = TAG_END;
}
