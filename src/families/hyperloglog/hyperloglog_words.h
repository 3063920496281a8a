/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, and what they share. Declared as commands in hyperloglog_commands.c. */
#include "commands/family.h"
#include "commands/string_edit.h"
#include "families/hyperloglog/hyperloglog_dense.h"
#include "families/hyperloglog/hyperloglog_sparse.h"

extern const struct family hyperloglog_family;

/* hyperloglog_words.c */
void hyperloglog_pfadd(struct call *call);
void hyperloglog_pfcount(struct call *call);
void hyperloglog_pfmerge(struct call *call);
/* hyperloglog_debug_words.c */
void hyperloglog_pfdebug(struct call *call);
void hyperloglog_pfselftest(struct call *call);
void *hyperloglog_state_create(void);
void hyperloglog_state_destroy(void *state);

/* The loops that the server uses: PFDEBUG SIMD may have switched the fast ones off. */
const struct hyperloglog_loops *hyperloglog_loops(struct call *call);

/* The bytes of a string value that is a HyperLogLog. False: it is not one, which was replied. */
bool hyperloglog_view(struct call *call, const struct value *value, struct bytes *bytes) MUST_CHECK;
/* "INVALIDOBJ ...": the header was good, the registers are not. */
void hyperloglog_reply_corrupt(struct call *call);
/* Says what went wrong with a draft and cancels the edit. */
void hyperloglog_refuse(struct edit *edit, enum hyperloglog_change change);

/* The bytes of the value that the edit holds, of unchanged length, writable until the next change.
 * Allocates only when others hold the value too. NULL: out of memory was replied, the edit is
 * cancelled. */
uint8_t *hyperloglog_edit(struct edit *edit) MUST_CHECK;
/* Stores these bytes in place of the value. False: out of memory was replied, the edit is
 * cancelled. */
bool hyperloglog_store(struct edit *edit, struct bytes bytes) MUST_CHECK;
