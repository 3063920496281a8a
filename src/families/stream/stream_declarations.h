/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the declarations of the family have in common; those of groups stand in a file of their
 * own. */
#include "families/stream/stream_words.h"

#define STREAM_READ_KEY KEY("key", .key_use = KEY_READ | KEY_ACCESSES)
#define STREAM_UPDATE_KEY KEY("key", .key_use = KEY_WRITE | KEY_UPDATES)
#define STREAM_INSERT_KEY KEY("key", .key_use = KEY_WRITE | KEY_INSERTS)
#define STREAM_DELETE_KEY KEY("key", .key_use = KEY_WRITE | KEY_DELETES)

#define STREAM_NOT_INTEGER "ERR value is not an integer or out of range"
#define STREAM_VARYING "nondeterministic_output"

#define STREAM_GROUP_SUBCOMMANDS 6
#define STREAM_INFO_SUBCOMMANDS 4
extern const struct command stream_xgroup_subcommands[STREAM_GROUP_SUBCOMMANDS];
extern const struct command stream_xinfo_subcommands[STREAM_INFO_SUBCOMMANDS];
