/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/tally/tally.h"

#include <assert.h>

#include "base/memory.h"

struct tally {
    int64_t count; /* 0 … TALLY_COUNT_MAX */
};

struct tally *tally_create(void) {
    return memory_allocate_zero(sizeof(struct tally));
}

struct tally *tally_copy(const struct tally *tally) {
    struct tally *copy = memory_allocate(sizeof(*copy));
    *copy = *tally;
    return copy;
}

void tally_destroy(struct tally **tally) {
    memory_free(*tally);
    *tally = NULL;
}

bool tally_add(struct tally *tally, int64_t amount) {
    assert(tally->count >= 0 && tally->count <= TALLY_COUNT_MAX);
    if (amount < -tally->count || amount > TALLY_COUNT_MAX - tally->count) return false;
    tally->count += amount;
    return true;
}

int64_t tally_count(const struct tally *tally) { return tally->count; }

size_t tally_bytes(const struct tally *tally) { return memory_block_bytes(tally); }
