/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A tally: one number that is added to and never leaves its bounds.
 *
 * This is the thing alone: it knows no client, no key and no file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_COUNT_MAX 1000000000000LL

struct tally;

/* Returns owned, at zero. */
struct tally *tally_create(void);
struct tally *tally_copy(const struct tally *tally);
void tally_destroy(struct tally **tally);

/* Adds `amount`, which may be negative. False, and nothing changes, when the count would leave
 * [0, TALLY_COUNT_MAX]. */
bool tally_add(struct tally *tally, int64_t amount);
int64_t tally_count(const struct tally *tally);
/* All the memory it owns. */
size_t tally_bytes(const struct tally *tally);
