/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Frees big values on a thread of its own, so that giving back many pages holds nobody up. */
#include <stddef.h>

struct keyspace;
struct value_type;
struct disposal;

/* Starts the thread and installs itself as the keyspace's `dispose`. */
struct disposal *disposal_create(struct keyspace *keyspace);
/* Waits until all is freed. */
void disposal_destroy(struct disposal **disposal);
size_t disposal_pending(const struct disposal *disposal); /* values: lazyfree_pending_objects */
size_t disposal_done(const struct disposal *disposal);    /* lazyfreed_objects */
