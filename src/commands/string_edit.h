/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Changing a string in place: APPEND, SETRANGE, SETBIT, PFADD and their kin. */
#include <stddef.h>

#include "base/bytes.h"
#include "commands/edit.h"
#include "keyspace/string_value.h"

/* Makes the string that the edit holds (none: an empty one is created) `len` bytes long and gives
 * its bytes, writable until the next change; bytes beyond the old length are zero. An integer
 * becomes its text; a shared blob is copied first; a growing one doubles, so that appending is
 * amortised O(1). The deadline stays. NULL: out of memory was replied, the edit is cancelled. */
char *string_edit(struct edit *edit, size_t len) MUST_CHECK;
/* Stores these bytes in place of the value, keeping the deadline. */
bool string_edit_set(struct edit *edit, struct bytes bytes) MUST_CHECK;
