/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What is asked of all clients together: idle ones leave, big ones are sent away. */
#include <stddef.h>
#include <stdint.h>

struct server;

struct clients;
struct clients *clients_create(void);
void clients_destroy(struct clients **clients);
/* Called by the cron: `timeout`, output buffers over their soft limit, maxmemory-clients.
 * O(clients), some 20 ns each. */
void clients_tend(struct server *server);
/* Bytes of all sessions' memory; as of the last clients_tend. */
size_t clients_memory_bytes(const struct server *server);
