/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Which arguments of a request are shown to those who look on: MONITOR, SLOWLOG. Passwords and the
 * like (ARG_SECRET in the declaration, OPTION_SECRET in CONFIG SET) are not. */
#include <stdbool.h>

#include "base/bytes.h"
#include "commands/registry.h"

struct server;

/* False for nearly all commands: their arguments may be shown as they are. */
bool secrets_any(const struct command_entry *entry);
/* The argument, or "(redacted)". Only for commands that may have some. */
struct bytes secrets_shown(const struct server *server, const struct command_entry *entry,
                           const struct bytes *argv, int argc, int index);
