/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/clients.h"

#include "base/memory.h"
#include "server/server.h"
#include "server/session.h"
#include "server/transaction.h"

struct clients {
    size_t memory_bytes;
};

struct clients *clients_create(void) {
    return memory_allocate_zero(sizeof(struct clients));
}

void clients_destroy(struct clients **clients) {
    memory_free(*clients);
    *clients = NULL;
}

size_t clients_memory_bytes(const struct server *server) { return server->clients->memory_bytes; }

static bool is_idle_too_long(const struct server *server, const struct session *session) {
    if (server->settings.timeout_seconds <= 0) return false;
    if ((session->flags & (SESSION_SUSPENDED | SESSION_PAUSED | SESSION_MONITOR)) != 0)
        return false;
    if (session_class(session) != SESSION_NORMAL) return false;
    int64_t idle_us = server->executor.now_us - session->active_us;
    return idle_us > (int64_t)server->settings.timeout_seconds * 1000000;
}

/* maxmemory-clients: the biggest go first. */
static void evict_clients(struct server *server, size_t total) {
    size_t limit = server->settings.maxmemory_clients;
    while (limit > 0 && total > limit) {
        struct session *biggest = NULL;
        size_t most = 0;
        for (struct session *session = server->sessions.first; session != NULL;
             session = session->next) {
            if (!session_is_alive(session) || (session->flags & SESSION_NO_EVICT) != 0) continue;
            size_t bytes = session_memory_bytes(session);
            if (bytes <= most) continue;
            most = bytes;
            biggest = session;
        }
        if (biggest == NULL) return;
        total -= most;
        server->counters.client_evictions++;
        session_close(biggest);
    }
}

void clients_tend(struct server *server) {
    struct clients *clients = server->clients;
    size_t total = 0;
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (!session_is_alive(session)) continue;
        total += session_memory_bytes(session);
        session_check_output(session);
        if (is_idle_too_long(server, session)) session_close(session);
    }
    clients->memory_bytes = total;
    evict_clients(server, total);
}
