/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Up to which size collections are packed: the parameters hash-max-listpack-entries and its kin,
 * with Redis 8's defaults. Kept by the keyspace, moved by whoever owns the configuration. */
#include <stdint.h>

struct collection_limits {
    uint32_t hash_packed_entries;
    uint32_t hash_packed_value; /* bytes of the longest element */
    int32_t list_packed_size;   /* > 0: elements a block; -1 to -5: 4 to 64 KiB a block */
    uint32_t list_compress_depth;
    uint32_t set_integer_entries; /* a set of integers only */
    uint32_t set_packed_entries;
    uint32_t set_packed_value;
    uint32_t sorted_set_packed_entries;
    uint32_t sorted_set_packed_value;
    uint32_t stream_block_bytes;   /* 0: no limit */
    uint32_t stream_block_entries; /* 0: no limit */
};

#define COLLECTION_LIMITS_DEFAULT                                 \
    ((struct collection_limits){.hash_packed_entries = 512,       \
                                .hash_packed_value = 64,          \
                                .list_packed_size = -2,           \
                                .list_compress_depth = 0,         \
                                .set_integer_entries = 512,       \
                                .set_packed_entries = 128,        \
                                .set_packed_value = 64,           \
                                .sorted_set_packed_entries = 128, \
                                .sorted_set_packed_value = 64,    \
                                .stream_block_bytes = 4096,       \
                                .stream_block_entries = 100})
