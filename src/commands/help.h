/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The reply of X HELP: lines of text, framed as clients of Redis expect. */
#include <stddef.h>

struct call;
void reply_help(struct call *call, const char *const *lines, size_t count);
