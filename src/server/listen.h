/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The sockets that the server listens on, as the configuration (or the service manager) says, and
 * the welcome of new clients: maxclients, protected mode. */
#include <stdbool.h>
#include <stddef.h>

struct server;
struct listeners;

/* Opens all; `inherited` sockets of the service manager come first and replace TCP. False with a
 * report for people; *in_use when an address was taken. */
bool listeners_open(struct server *server, int inherited, char *report, size_t capacity,
                    bool *in_use);
void listeners_close(struct server *server);
/* After CONFIG SET of port or bind: opens the new ones before it closes the old. */
bool listeners_reopen_tcp(struct server *server, char *reason, size_t capacity);
/* After CONFIG SET of unixsocketgroup. False with the reason. */
bool listeners_give_to_group(struct server *server, char *reason, size_t capacity);
void listeners_set_keepalive(struct server *server, int seconds);
/* "127.0.0.1:6379 [::1]:6379 /run/x.sock" for the log and INFO. */
size_t listeners_text(const struct server *server, char *out, size_t capacity);
int listeners_tcp_port(const struct server *server); /* the first real one; 0: none */
