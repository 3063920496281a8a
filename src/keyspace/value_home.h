/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Where a value lies while a collection changes it: the door by which code below the commands asks
 * for room. commands/edit_home.h makes one of an open edit; tests make one of plain memory.
 *
 * `value` is what is there, refreshed by each call; its type is NULL when nothing is. False and
 * NULL mean that memory was refused: nothing has changed, whoever made the home has said so to
 * whom it concerns, and the change is given up. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "keyspace/value.h"

struct value_home {
    struct value *value;
    /* Makes the INLINED value `len` bytes long, the common beginning kept; gives the bytes. */
    uint8_t *(*resize)(struct value_home *home, size_t len);
    /* Puts `value` in the place of what is there, which is destroyed, or makes the key; takes BOXED
     * ones, copies INLINED bytes. The deadline of the key stays. */
    bool (*store)(struct value_home *home, const struct value *value);
};

static inline uint8_t *value_home_resize(struct value_home *home, size_t len) {
    return home->resize(home, len);
}

MUST_CHECK static inline bool value_home_store(struct value_home *home, const struct value *value) {
    return home->store(home, value);
}
