/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Which key goes when memory is short: the policies behind maxmemory-policy, one interface.
 *
 * LRU, LFU and TTL are approximated as Redis does: some keys are looked at, the best candidates so
 * far are kept in a small pool, the best of the pool goes. A look takes a whole bucket of the
 * table, so one cache line gives up to nine candidates. Volatile policies draw from the deadlines,
 * TTL from the slot of the timing wheel that is due next: exact but for the width of that slot.
 *
 * The pool remembers hashes, not entries: candidates that moved or changed are looked at again. */
#include <stdbool.h>
#include <stdint.h>

#include "keyspace/keyspace.h"

enum eviction_order { EVICTION_NONE, EVICTION_LRU, EVICTION_LFU, EVICTION_RANDOM, EVICTION_TTL };

#define EVICTION_POOL 16

struct eviction_candidate {
    uint64_t hash48;
    uint64_t score; /* higher goes sooner; 0: an empty place */
    int32_t database;
};

struct eviction {
    enum eviction_order order;
    bool volatile_only;
    bool applications_too;                         /* app-keys-evictable */
    int32_t samples;                               /* maxmemory-samples */
    struct eviction_candidate pool[EVICTION_POOL]; /* best last */
    int32_t next_database;
};

/* Finds the key that goes next. False: nothing may go. */
bool eviction_choose(struct eviction *eviction, struct keyspace *keyspace,
                     struct database **database, struct keyspace_place *place);
/* The policy has changed: forget candidates. */
void eviction_reset(struct eviction *eviction);
