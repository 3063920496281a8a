/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Replies of very many elements, built in slices, that show one instant: LRANGE, SMEMBERS, HGETALL,
 * ZRANGE, SORT.
 *
 * A reading is a call that goes on in slices (slices.h) and says which values it reads. Before any
 * of them changes, or goes, the reading is finished: its remaining steps run at once, and the
 * change comes after. So a step may keep the views of the values in its state and walk on where it
 * stopped; nothing has changed between two steps.
 *
 * Budget: nothing while nobody reads in slices (one comparison when a key is opened for change);
 * else one comparison for each value that is being read. */
#include <stdbool.h>
#include <stddef.h>

#include "commands/slices.h"
#include "keyspace/value.h"

#define READING_AT_ONCE 1000 /* elements up to which a reply is better given in one piece */

/* The last thing that a handler does; as call_in_slices. Of `values` (as key_read gave them) those
 * that are BOXED are kept as they are until the last step; INLINED bytes may move, so a state that
 * needs them has a copy. Where there is no memory that is the reply, and the state is destroyed. */
void call_read_in_slices(struct call *call, const struct value *values, size_t value_count,
                         call_step *step, void *state, void (*destroy)(void *state));

/* Finishes the readings of this value, which is about to change or to go. Called by edit.c and
 * executor.c, while `executor->readings` is not NULL. */
void readings_finish(struct executor *executor, const struct value *value);
/* The same for all: a whole database is about to go. */
void readings_finish_all(struct executor *executor);
