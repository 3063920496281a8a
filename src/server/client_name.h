/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What clients say of themselves: CLIENT SETNAME, CLIENT SETINFO, HELLO SETNAME. */
#include <stdbool.h>

#include "base/bytes.h"
#include "base/outcome.h"

struct session;

/* Printable ASCII without blanks: what can stand in a line of CLIENT LIST. */
bool client_text_is_plain(struct bytes text);
/* Replaces a field of session_about; empty: none. False: memory was refused, it stays. */
bool client_set_text(char **field, struct bytes text) MUST_CHECK;
/* The same of the name, which must be plain. */
bool client_set_name(struct session *session, struct bytes name) MUST_CHECK;
