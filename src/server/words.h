/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The words that need the session or the server: families like all others, except that they live
 * here because they know what lives here. */
#include <stddef.h>

struct family;
struct server;
struct call;
/* Families of the server's own words. */
const struct family *const *server_families(size_t *count);
/* The server that a call runs in. */
struct server *server_of(const struct call *call);
