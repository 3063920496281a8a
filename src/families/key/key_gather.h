/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Keys that are found over many slices, kept as the bulk strings of the reply that they will be.
 *
 * They lie in a few blobs, which leave without being copied: at the end of a walk over millions of
 * keys nothing is left to do that takes long. */
#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"
#include "base/bytes.h"

struct call;
struct key_gather {
    struct blob *open; /* the one that is being filled; NULL: none yet */
    struct blob **full;
    size_t full_count;
    size_t full_capacity;
    size_t count; /* keys */
    bool failed;  /* memory was refused; no more is taken */
};

void key_gather_init(struct key_gather *gather);
void key_gather_deinit(struct key_gather *gather);
void key_gather_add(struct key_gather *gather, struct bytes key);
/* Replies with an array of all, and keeps nothing. */
void key_gather_reply(struct key_gather *gather, struct call *call);
