/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What list_value.c and list_encoding.c share. */
#include "collections/list_value.h"

/* A list of so many bytes, as one packed list, and so many elements is "listpack"; with `divisor` 2
 * as for one that shrinks. */
bool list_is_small(const struct collection_limits *limits, size_t bytes, size_t count,
                   uint32_t divisor);
struct packed_rule list_rule(const struct collection_limits *limits);

static inline size_t list_packed_bytes(const struct list *list) {
    return list->deque.entry_bytes + PACKED_LIST_EMPTY_BYTES;
}
