/* SPDX-License-Identifier: BSD-3-Clause */
/* ziplist: bytes u32 | offset of the last entry u32 | count u16, 65535 for more | entries | 0xff
 *   entry: length of the one before (a byte below 254, or 254 and u32) | encoding | payload
 *   encoding: 00llllll text | 01llllll llllllll text | 10000000 and a big-endian u32 text |
 *             11000000 int16 | 11010000 int32 | 11100000 int64 | 11110000 int24 | 11111110 int8 |
 *             1111vvvv with 1 to 13, the integer's value and one
 * zipmap: count u8, 254 for more | pairs | 0xff
 *   pair: length | field | length | free u8 | value | that many unused bytes
 *   length: a byte below 254, or 254 and u32
 * What is not said to be big-endian is little-endian. */
#include "structures/packed_legacy.h"

#include "structures/packed_list_internal.h"

#define ZIPLIST_HEADER_BYTES 10
#define ZIPLIST_COUNT_UNKNOWN 65535
#define ZIPMAP_COUNT_UNKNOWN 254
#define LENGTH_WIDE 254 /* a u32 follows */
#define MARK_END 255

/* Input that is read once from front to back; nothing beyond its end. */
struct reader {
    const uint8_t *at;
    size_t left;
};

static const uint8_t *take(struct reader *reader, size_t len) {
    if (len > reader->left) return NULL;
    const uint8_t *taken = reader->at;
    reader->at += len;
    reader->left -= len;
    return taken;
}

static bool take_byte(struct reader *reader, uint8_t *byte) {
    const uint8_t *at = take(reader, 1);
    if (at == NULL) return false;
    *byte = *at;
    return true;
}

static bool take_text(struct reader *reader, size_t len, struct packed_item *item) {
    const uint8_t *text = take(reader, len);
    if (text == NULL) return false;
    *item = packed_item_of(bytes_make(text, len));
    return true;
}

/* Little-endian, `width` bytes, the last with the sign. */
static bool take_integer(struct reader *reader, uint32_t width, struct packed_item *item) {
    const uint8_t *at = take(reader, width);
    if (at == NULL) return false;
    uint64_t value = 0;
    memcpy(&value, at, width);
    unsigned above = 64 - 8 * width;
    *item = packed_item_of_integer((int64_t)(value << above) >> above);
    return true;
}

/* The lengths that both forms use: of a previous entry, of a field, of a value. */
static bool take_length(struct reader *reader, size_t *length) {
    uint8_t byte;
    if (!take_byte(reader, &byte) || byte == MARK_END) return false;
    *length = byte;
    if (byte != LENGTH_WIDE) return true;
    const uint8_t *at = take(reader, sizeof(uint32_t));
    if (at == NULL) return false;
    uint32_t wide;
    memcpy(&wide, at, sizeof(wide));
    *length = wide;
    return true;
}

/* Where the elements go; `list` NULL: they are only counted. */
struct sink {
    uint8_t *list;
    size_t bytes; /* so far, without the end */
    uint64_t count;
};

static void put(struct sink *sink, const struct packed_item *item) {
    if (sink->list != NULL) packed_entry_write(sink->list + sink->bytes, item);
    sink->bytes += packed_item_bytes(item);
    sink->count++;
}

static size_t finish(struct sink *sink) {
    size_t bytes = sink->bytes + 1;
    if (bytes > PACKED_LIST_BYTES_MAX) return 0;
    if (sink->list != NULL) packed_list_seal(sink->list, bytes, sink->count);
    return bytes;
}

/* --- ziplist --- */

static bool take_ziplist_integer(struct reader *reader, uint8_t encoding,
                                 struct packed_item *item) {
    switch (encoding) {
    case 0xc0: return take_integer(reader, 2, item);
    case 0xd0: return take_integer(reader, 4, item);
    case 0xe0: return take_integer(reader, 8, item);
    case 0xf0: return take_integer(reader, 3, item);
    case 0xfe: return take_integer(reader, 1, item);
    default:
        *item = packed_item_of_integer((encoding & 0xf) - 1);
        return encoding >= 0xf1 && encoding <= 0xfd;
    }
}

static bool take_ziplist_item(struct reader *reader, struct packed_item *item) {
    uint8_t encoding, low;
    if (!take_byte(reader, &encoding)) return false;
    if (encoding >= 0xc0) return take_ziplist_integer(reader, encoding, item);
    if (encoding < 0x40) return take_text(reader, encoding, item);
    if (encoding < 0x80)
        return take_byte(reader, &low) &&
               take_text(reader, (size_t)(encoding & 0x3f) << 8 | low, item);
    const uint8_t *at = take(reader, sizeof(uint32_t));
    if (encoding != 0x80 || at == NULL) return false;
    uint32_t wide;
    memcpy(&wide, at, sizeof(wide));
    return take_text(reader, __builtin_bswap32(wide), item);
}

static bool walk_ziplist(struct bytes ziplist, struct sink *sink) {
    uint32_t bytes, last_offset;
    uint16_t count;
    if (ziplist.len < ZIPLIST_HEADER_BYTES + 1) return false;
    memcpy(&bytes, ziplist.data, sizeof(bytes));
    memcpy(&last_offset, ziplist.data + 4, sizeof(last_offset));
    memcpy(&count, ziplist.data + 8, sizeof(count));
    const uint8_t *start = (const uint8_t *)ziplist.data;
    if (bytes != ziplist.len || start[bytes - 1] != MARK_END) return false;

    struct reader reader = {start + ZIPLIST_HEADER_BYTES, bytes - ZIPLIST_HEADER_BYTES - 1};
    const uint8_t *last = reader.at;
    size_t last_bytes = 0;
    while (reader.left > 0) {
        const uint8_t *entry = reader.at;
        size_t before;
        struct packed_item item;
        if (!take_length(&reader, &before) || before != last_bytes) return false;
        if (!take_ziplist_item(&reader, &item)) return false;
        put(sink, &item);
        last = entry;
        last_bytes = (size_t)(reader.at - entry);
    }
    if ((size_t)(last - start) != last_offset) return false;
    return count == ZIPLIST_COUNT_UNKNOWN || count == sink->count;
}

/* --- zipmap --- */

static bool walk_zipmap(struct bytes zipmap, struct sink *sink) {
    struct reader reader = {(const uint8_t *)zipmap.data, zipmap.len};
    uint8_t count;
    if (zipmap.len < 2 || (uint8_t)zipmap.data[zipmap.len - 1] != MARK_END) return false;
    reader.left--;
    if (!take_byte(&reader, &count)) return false;
    while (reader.left > 0) {
        size_t len;
        uint8_t unused;
        struct packed_item field, value;
        if (!take_length(&reader, &len) || !take_text(&reader, len, &field)) return false;
        if (!take_length(&reader, &len) || !take_byte(&reader, &unused)) return false;
        if (!take_text(&reader, len, &value) || take(&reader, unused) == NULL) return false;
        put(sink, &field);
        put(sink, &value);
    }
    return count == ZIPMAP_COUNT_UNKNOWN || count * (uint64_t)2 == sink->count;
}

/* --- both --- */

typedef bool walk(struct bytes input, struct sink *sink);

static size_t convert(walk *from, struct bytes input, uint8_t *list) {
    struct sink sink = {.bytes = PACKED_LIST_FIRST};
    size_t bytes = from(input, &sink) ? finish(&sink) : 0;
    if (bytes == 0 || list == NULL) return bytes;
    sink = (struct sink){.list = list, .bytes = PACKED_LIST_FIRST};
    bool is_valid = from(input, &sink);
    assert(is_valid);
    return finish(&sink);
}

size_t packed_legacy_from_ziplist(struct bytes ziplist, uint8_t *list) {
    return convert(walk_ziplist, ziplist, list);
}

size_t packed_legacy_from_zipmap(struct bytes zipmap, uint8_t *list) {
    return convert(walk_zipmap, zipmap, list);
}
