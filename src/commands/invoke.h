/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Another command, run by name inside this one: same instant, same atomic unit, its reply as RESP
 * bytes (protocol 3) in the arena. The way in which a family acts on another family's key. */
#include <stdbool.h>

#include "base/bytes.h"
#include "commands/call.h"

/* False when the reply is an error. `reply` (may be NULL) gets the raw RESP bytes; false, and an
 * error, too, where there is no memory for them. */
bool invoke(struct call *call, const struct bytes *argv, int argc, struct bytes *reply);
