/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What is asked of all clients together: idle ones leave, big ones are sent away. */
#include <stddef.h>
#include <stdint.h>

struct server;
struct session;

struct clients;
struct clients *clients_create(void);
void clients_destroy(struct clients **clients);
/* Called by the cron: `timeout`, output buffers over their soft limit, maxmemory-clients.
 * O(clients), some 20 ns each. */
void clients_tend(struct server *server);
/* The memory of this session may have changed: kept up to date while maxmemory-clients is set.
 * `more_bytes`: of a request that is about to run. */
void clients_account(struct session *session, size_t more_bytes);
/* The session goes. */
void clients_forget(struct session *session);
/* Sends away the biggest while all together are over maxmemory-clients: after a turn. */
void clients_evict(struct server *server);
/* Bytes of all sessions' memory. O(clients). */
size_t clients_memory_bytes(const struct server *server);
