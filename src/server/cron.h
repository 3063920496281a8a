/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What happens by itself: between turns, in slices of a millisecond, and `hz` times a second. */
#include <stddef.h>

struct server;
struct connection;

/* The loop's turn handler; `context` is the server. */
void cron_turn(void *context, struct connection **ready, size_t count);
/* The periodic timer's handler, which starts itself again. */
void cron_tick(void *context);
