/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/clients.h"

#include "base/memory.h"
#include "server/server.h"
#include "server/session.h"
#include "server/transaction.h"

struct clients {
    size_t counted_bytes; /* of all sessions' `counted_bytes` */
};

struct clients *clients_create(void) {
    return memory_allocate_zero(sizeof(struct clients));
}

void clients_destroy(struct clients **clients) {
    memory_free(*clients);
    *clients = NULL;
}

size_t clients_memory_bytes(const struct server *server) {
    size_t total = 0;
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (session_is_alive(session)) total += session_memory_bytes(session);
    }
    return total;
}

static void count(struct session *session, size_t bytes) {
    session->server->clients->counted_bytes += bytes - session->counted_bytes;
    session->counted_bytes = bytes;
}

void clients_account(struct session *session, size_t more_bytes) {
    if (session->server->settings.maxmemory_clients > 0)
        count(session, session_memory_bytes(session) + more_bytes);
}

void clients_forget(struct session *session) { count(session, 0); }

static bool is_idle_too_long(const struct server *server, const struct session *session) {
    if (server->settings.timeout_seconds <= 0) return false;
    if ((session->flags & (SESSION_SUSPENDED | SESSION_PAUSED | SESSION_MONITOR)) != 0)
        return false;
    if (session_class(session) != SESSION_NORMAL) return false;
    int64_t idle_us = server->executor.now_us - session->active_us;
    return idle_us > (int64_t)server->settings.timeout_seconds * 1000000;
}

/* The biggest go first. */
void clients_evict(struct server *server) {
    const struct clients *clients = server->clients;
    size_t limit = server->settings.maxmemory_clients;
    while (limit > 0 && clients->counted_bytes > limit) {
        struct session *biggest = NULL;
        for (struct session *session = server->sessions.first; session != NULL;
             session = session->next) {
            if (!session_is_alive(session) || (session->flags & SESSION_NO_EVICT) != 0) continue;
            if (biggest == NULL || session->counted_bytes > biggest->counted_bytes)
                biggest = session;
        }
        if (biggest == NULL) return;
        clients_forget(biggest);
        server->counters.client_evictions++;
        session_close(biggest);
    }
}

void clients_tend(struct server *server) {
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (!session_is_alive(session)) continue;
        clients_account(session, 0);
        session_check_output(session);
        if (is_idle_too_long(server, session)) session_close(session);
    }
    clients_evict(server);
}
