/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Values as DUMP payloads (keyspace/payload.h): the door of handlers that hand one out or take one
 * in. */
#include <stdbool.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "commands/call.h"
#include "keyspace/payload.h"

/* Replies with the value's payload, or that there is no memory for it. */
void dump_reply(struct call *call, const struct value *value);
/* As payload_load; false when the payload is not good, and that was replied. The caller deinits
 * `decoder` in any case. */
bool dump_read(struct call *call, struct bytes payload, struct decoder *decoder,
               struct value *value) MUST_CHECK;
