/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Conversations with a whole server in process: a line as redis-cli takes it, and the reply's
 * bytes. What is expected here was answered by redis-server 7.0, Redis 8.0 and Valkey 9.1. */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/server_harness.h"
#include "server/session.h"

static struct server_harness h;

static inline void server_setup(void) { server_harness_init(&h); }
static inline void server_teardown(void) { server_harness_deinit(&h); }

#define SAYS(line, expected)                                                                \
    cr_assert_str_eq(server_harness_run(&h, line), expected, "%s gave %s and not %s", line, \
                     h.reply, expected)
/* Of bytes as they are, from another client. */
#define SENDS(client, bytes, expected)                                        \
    cr_assert_str_eq(server_harness_send(&h, client, BYTES(bytes)), expected, \
                     "%s gave %s and not %s", bytes, h.reply, expected)
#define ERROR(text) "-ERR " text "\r\n"
#define SYNTAX_ERROR ERROR("syntax error")
#define NOT_AN_INTEGER ERROR("value is not an integer or out of range")
#define NULL_BULK "$-1\r\n"
