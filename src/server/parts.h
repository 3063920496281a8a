/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The parts of a server, made and taken down together: of the one that server_main runs, and of
 * those that tests keep in their own process. */
#include <stddef.h>

struct family;
struct server;

#define PARTS_FAMILIES_MAX 64

/* All families: those of src/families, then the server's own words. Returns how many. */
size_t parts_families(const struct family *all[PARTS_FAMILIES_MAX]);
/* Makes everything that does not reach outside the process and reads the settings. `server` has its
 * clock, tick rate, log, options, process, registry, executor and loop already. */
void parts_setup(struct server *server);
/* Closes all sessions and destroys the parts, the executor among them; the loop must still live. */
void parts_teardown(struct server *server);
