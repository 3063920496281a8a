/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* From options to what the parts use: `struct settings`, the log, limits. */
#include <stdbool.h>
#include <stddef.h>

struct server;

/* Reads every option once and registers for changes. */
void settings_setup(struct server *server);
/* Fits maxclients to the descriptors that the system grants; says so in the log. False with a
 * report for people: there is none left for clients. */
bool settings_fit_clients(struct server *server, char *report, size_t capacity);
