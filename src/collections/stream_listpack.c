/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "collections/stream_internal.h"
#include "structures/packed_list.h"

#define FLAG_DELETED 1
#define FLAG_SAME_FIELDS 2
#define ID_BYTES 16
#define ITEMS_AT_ONCE 64

/* Of a stranger's block: what is longer becomes several. */
#define LOADED_ENTRIES_MAX 4096
#define LOADED_BYTES_MAX (1u << 20)

/* --- writing --- */

struct writer {
    uint8_t *list;
    size_t capacity;
    struct packed_item items[ITEMS_AT_ONCE];
    uint32_t item_count;
    bool failed;
};

static void flush(struct writer *writer) {
    if (writer->item_count == 0 || writer->failed) return;
    struct packed_change change = packed_list_plan(writer->list, packed_list_end(writer->list), 0,
                                                   writer->items, writer->item_count);
    writer->item_count = 0;
    if (change.bytes_after > writer->capacity) {
        size_t wanted = change.bytes_after + change.bytes_after / 2;
        uint8_t *moved = change.bytes_after > PACKED_LIST_BYTES_MAX
                             ? NULL
                             : memory_try_reallocate(writer->list, wanted);
        if (moved == NULL) {
            writer->failed = true;
            return;
        }
        writer->list = moved;
        writer->capacity = wanted;
    }
    packed_list_apply(writer->list, &change);
}

static void put(struct writer *writer, struct packed_item item) {
    if (writer->item_count == ITEMS_AT_ONCE) flush(writer);
    writer->items[writer->item_count++] = item;
}

static void put_integer(struct writer *writer, uint64_t value) {
    put(writer, packed_item_of_integer((int64_t)value));
}

static void put_entry(struct writer *writer, const struct stream_block *block,
                      struct stream_entry *entry) {
    bool same = entry->names != NULL;
    uint64_t count = entry->pair_count;
    put_integer(writer, same ? FLAG_SAME_FIELDS : 0);
    put_integer(writer, entry->id.ms - block->master.ms);
    put_integer(writer, entry->id.seq - block->master.seq);
    if (!same) put_integer(writer, count);
    for (uint64_t i = 0; i < count; i++) {
        struct stream_pair pair = stream_entry_pair(entry);
        if (!same) put(writer, packed_item_of(pair.name));
        put(writer, packed_item_of(pair.value));
    }
    put_integer(writer, same ? count + 3 : 2 * count + 4);
}

static void put_master(struct writer *writer, const struct stream_block *block) {
    put_integer(writer, block->count);
    put_integer(writer, 0);
    put_integer(writer, block->field_count);
    /* The names alone, as if they were the values of an entry. */
    struct stream_entry names = {.pair_count = block->field_count, .names = block->data};
    for (uint32_t i = 0; i < block->field_count; i++) {
        names.values = block->data; /* any: only the name is looked at */
        put(writer, packed_item_of(stream_entry_pair(&names).name));
    }
    put_integer(writer, 0);
}

static void put_u64(char *at, uint64_t value) {
    for (int i = 0; i < 8; i++) at[i] = (char)(value >> (56 - 8 * i));
}

void stream_listpack_save(const struct stream_block *block, struct encoder *encoder) {
    char key[ID_BYTES];
    put_u64(key, block->master.ms);
    put_u64(key + 8, block->master.seq);
    encode_string(encoder, bytes_make(key, sizeof(key)), false);

    struct writer writer = {.capacity = block->listpack_bytes + 16u};
    writer.list = memory_try_allocate(writer.capacity);
    if (writer.list == NULL) {
        encoder->failed = true;
        return;
    }
    packed_list_init_empty(writer.list);
    put_master(&writer, block);
    struct stream_entry entry;
    bool on = stream_block_first(block, &entry);
    for (; on; on = stream_block_next(block, &entry)) {
        struct stream_entry one = entry;
        put_entry(&writer, block, &one);
    }
    flush(&writer);
    if (writer.failed) encoder->failed = true;
    else
        encode_string(encoder, bytes_make(writer.list, packed_list_bytes_total(writer.list)), true);
    memory_free(writer.list);
}

/* --- reading --- */

struct reader {
    const uint8_t *list;
    uint32_t at;
    bool failed;
    struct bytes *pairs;
    char (*scratch)[TEXT_INTEGER_MAX]; /* one a text */
    size_t room;                       /* texts */
    uint64_t field_count;              /* of the first entry */
    uint32_t names_at;
};

static struct packed_item take(struct reader *reader) {
    if (reader->failed || packed_list_is_end(reader->list, reader->at)) {
        reader->failed = true;
        return packed_item_of_integer(0);
    }
    struct packed_item item = packed_list_get(reader->list, reader->at);
    reader->at = packed_list_next(reader->list, reader->at);
    return item;
}

static int64_t take_integer(struct reader *reader) {
    struct packed_item item = take(reader);
    if (!item.is_integer) reader->failed = true;
    return item.is_integer ? item.integer : 0;
}

/* A count of texts of which there can be as many: each takes two bytes at least. */
static uint64_t take_count(struct reader *reader) {
    int64_t count = take_integer(reader);
    if (count < 0 || (uint64_t)count > packed_list_bytes_total(reader->list) / 2)
        reader->failed = true;
    return reader->failed ? 0 : (uint64_t)count;
}

static bool make_room(struct reader *reader, size_t texts) {
    if (texts <= reader->room) return true;
    memory_free(reader->pairs);
    memory_free(reader->scratch);
    reader->pairs = memory_try_allocate(texts * sizeof(reader->pairs[0]));
    reader->scratch = memory_try_allocate(texts * sizeof(reader->scratch[0]));
    reader->room = texts;
    return reader->pairs != NULL && reader->scratch != NULL;
}

static void take_text(struct reader *reader, size_t index) {
    struct packed_item item = take(reader);
    reader->pairs[index] = packed_item_text(&item, reader->scratch[index]);
}

/* Pairs of an entry; gives how many. */
static uint64_t take_pairs(struct reader *reader, bool same) {
    uint64_t count = same ? reader->field_count : take_count(reader);
    if (reader->failed || !make_room(reader, 2 * (size_t)count)) {
        reader->failed = true;
        return 0;
    }
    uint32_t name_at = reader->names_at;
    for (uint64_t i = 0; i < count; i++) {
        if (same) {
            struct packed_item name = packed_list_get(reader->list, name_at);
            name_at = packed_list_next(reader->list, name_at);
            reader->pairs[2 * i] = packed_item_text(&name, reader->scratch[2 * i]);
        } else {
            take_text(reader, 2 * (size_t)i);
        }
        take_text(reader, 2 * (size_t)i + 1);
    }
    if (take_integer(reader) != (int64_t)(same ? count + 3 : 2 * count + 4)) reader->failed = true;
    return count;
}

static const struct collection_limits loaded_limits = {.stream_block_bytes = LOADED_BYTES_MAX,
                                                       .stream_block_entries = LOADED_ENTRIES_MAX};

static bool append_loaded(struct stream *stream, struct reader *reader, struct stream_id id,
                          uint64_t count) {
    if (count == 0 || stream_id_compare(id, stream->last_id) <= 0) return false;
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < 2 * count; i++) bytes += reader->pairs[i].len;
    if (bytes > STREAM_BLOCK_BYTES_MAX) return false;
    return stream_append(stream, &loaded_limits, id, reader->pairs, (uint32_t)count);
}

static bool read_entries(struct stream *stream, struct reader *reader, struct stream_id master) {
    uint64_t count = take_count(reader), deleted = take_count(reader);
    reader->field_count = take_count(reader);
    reader->names_at = reader->at;
    for (uint64_t i = 0; i < reader->field_count && !reader->failed; i++) take(reader);
    if (take_integer(reader) != 0) reader->failed = true;
    while (!reader->failed && !packed_list_is_end(reader->list, reader->at)) {
        int64_t flags = take_integer(reader);
        struct stream_id id = {master.ms + (uint64_t)take_integer(reader),
                               master.seq + (uint64_t)take_integer(reader)};
        uint64_t pairs = take_pairs(reader, (flags & FLAG_SAME_FIELDS) != 0);
        if (reader->failed) return false;
        if ((flags & FLAG_DELETED) != 0) {
            if (deleted-- == 0) return false;
            continue;
        }
        if (count-- == 0 || !append_loaded(stream, reader, id, pairs)) return false;
    }
    return !reader->failed && count == 0 && deleted == 0;
}

static uint64_t get_u64(const char *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | (uint8_t)at[i];
    return value;
}

bool stream_listpack_load(struct stream *stream, struct decoder *decoder) {
    struct bytes key = decode_string(decoder);
    if (decoder->failed || key.len != ID_BYTES) return false;
    struct stream_id master = {get_u64(key.data), get_u64(key.data + 8)};
    struct bytes input = decode_string(decoder);
    if (decoder->failed) return false;
    struct packed_check check = packed_list_validate(input);
    if (!check.is_valid || check.count == 0) return false;
    uint8_t *rewritten = NULL;
    if (!check.is_canonical) {
        rewritten = memory_try_allocate(check.bytes_needed);
        if (rewritten == NULL) return false;
        packed_list_rewrite(input, rewritten);
    }
    struct reader reader = {.list = rewritten != NULL ? rewritten : (const uint8_t *)input.data,
                            .at = PACKED_LIST_FIRST};
    bool good = read_entries(stream, &reader, master);
    memory_free(reader.pairs);
    memory_free(reader.scratch);
    memory_free(rewritten);
    return good;
}
