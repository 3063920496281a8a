/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/payload.h"

#include <assert.h>

#include "base/digest.h"

/* Redis counts on and takes 0, too; Valkey 9 says 80. What lies between is nobody's today. */
#define VERSION_REDIS_MAX 12
#define VERSION_VALKEY 80

#define MODULE_VERSION_MASK 1023u

enum outcome payload_save(const struct value *value, struct encoder *encoder) {
    const struct value_type *type = value->type;
    size_t start = encoder->len;
    uint8_t rdb_type = type->rdb_type_of != NULL ? type->rdb_type_of(value) : type->rdb_type;
    encode_byte(encoder, rdb_type);
    if (rdb_type == VALUE_RDB_MODULE)
        encode_length(encoder, encode_module_id(type->disk_tag, type->disk_version));
    type->save(value, encoder);
    encode_u16(encoder, PAYLOAD_VERSION);
    if (encoder->failed) return OUTCOME_FULL;
    uint64_t crc = digest_crc64(0, bytes_make(encoder->data + start, encoder->len - start));
    encode_u64(encoder, crc);
    return encoder->failed ? OUTCOME_FULL : OUTCOME_OK;
}

static bool footer_is_good(struct bytes payload) {
    if (payload.len < PAYLOAD_FOOTER_BYTES) return false;
    struct decoder footer;
    decoder_init(&footer, bytes_make(payload.data + payload.len - PAYLOAD_FOOTER_BYTES,
                                     PAYLOAD_FOOTER_BYTES));
    uint16_t version = decode_u16(&footer);
    uint64_t crc = decode_u64(&footer);
    decoder_deinit(&footer);
    if (version > VERSION_REDIS_MAX && version != VERSION_VALKEY) return false;
    return crc == digest_crc64(0, bytes_make(payload.data, payload.len - sizeof(crc)));
}

static bool type_reads(const struct value_type *type, uint8_t rdb_type) {
    if (type->rdb_type == VALUE_RDB_MODULE) return false;
    if (type->rdb_type == rdb_type) return true;
    const uint8_t *other = type->rdb_types_read;
    while (other != NULL && *other != VALUE_RDB_END) {
        if (*other++ == rdb_type) return true;
    }
    return false;
}

static const struct value_type *type_of_byte(const struct keyspace *keyspace, uint8_t rdb_type) {
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        if (type_reads(keyspace->types[i], rdb_type)) return keyspace->types[i];
    }
    return NULL;
}

static const struct value_type *type_of_module(const struct keyspace *keyspace, uint64_t id) {
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        const struct value_type *type = keyspace->types[i];
        if (type->disk_tag[0] == '\0') continue;
        if (encode_module_id(type->disk_tag, 0) == (id & ~(uint64_t)MODULE_VERSION_MASK))
            return type;
    }
    return NULL;
}

/* Which type is to read on, and what it is told: its type byte, or the version of its module. */
static const struct value_type *read_type(const struct keyspace *keyspace, struct decoder *decoder,
                                          uint32_t *told) {
    uint8_t rdb_type = decode_byte(decoder);
    *told = rdb_type;
    if (decoder->failed) return NULL;
    if (rdb_type != VALUE_RDB_MODULE) return type_of_byte(keyspace, rdb_type);
    uint64_t id = decode_length(decoder);
    *told = (uint32_t)(id & MODULE_VERSION_MASK);
    if (decoder->failed) return NULL;
    const struct value_type *type = type_of_module(keyspace, id);
    if (type == NULL || *told > type->disk_version) return NULL;
    if (type->rdb_type != VALUE_RDB_MODULE) *told |= VALUE_RDB_AS_MODULE;
    return type;
}

static void discard(struct value *value) {
    if (value->storage == VALUE_BOXED) value->type->destroy(value->boxed);
    *value = (struct value){.type = NULL};
}

enum outcome payload_load(const struct keyspace *keyspace, struct bytes payload,
                          struct decoder *decoder, struct value *value) {
    bool good = footer_is_good(payload);
    decoder_init(decoder, bytes_make(payload.data, good ? payload.len - PAYLOAD_FOOTER_BYTES : 0));
    *value = (struct value){.type = NULL};
    if (!good) return OUTCOME_MALFORMED;
    uint32_t told;
    const struct value_type *type = read_type(keyspace, decoder, &told);
    if (type == NULL || type->load(decoder, told, value) != OUTCOME_OK) return OUTCOME_CORRUPT;
    assert(value->type == type);
    if (!decoder->failed && decoder_at_end(decoder)) return OUTCOME_OK;
    discard(value);
    return OUTCOME_CORRUPT;
}
