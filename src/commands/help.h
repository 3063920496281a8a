/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What a container of subcommands says of itself, framed as clients of Redis expect. */
#include <stddef.h>

struct call;
/* The reply of X HELP: lines of text. */
void reply_help(struct call *call, const char *const *lines, size_t count);
/* The error of a subcommand that exists and was given words it does not take. */
void reply_wrong_subcommand(struct call *call);
