/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/pause.h"

#include "base/memory.h"
#include "commands/registry.h"
#include "server/server.h"
#include "server/session.h"
#include "server/transaction.h"
#include "server/turn.h"

struct pause {
    enum pause_mode mode;
    int64_t until_ms;
};

struct pause *pause_create(void) {
    return memory_allocate_zero(sizeof(struct pause));
}

void pause_destroy(struct pause **pause) {
    memory_free(*pause);
    *pause = NULL;
}

enum pause_mode pause_mode(const struct server *server) { return server->pause->mode; }

int64_t pause_left_ms(const struct server *server) {
    if (server->pause->mode == PAUSE_OFF) return 0;
    int64_t left_ms = server->pause->until_ms - server->executor.now_us / 1000;
    return left_ms < 0 ? 0 : left_ms;
}

/* A longer or stricter pause wins over the one that runs. */
void pause_begin(struct server *server, enum pause_mode mode, int64_t until_ms) {
    struct pause *pause = server->pause;
    if (mode > pause->mode) pause->mode = mode;
    if (until_ms > pause->until_ms) pause->until_ms = until_ms;
    server->executor.expiry_paused = true;
}

void pause_end(struct server *server) {
    if (server->pause->mode == PAUSE_OFF) return;
    *server->pause = (struct pause){PAUSE_OFF, 0};
    server->executor.expiry_paused = false;
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if ((session->flags & SESSION_PAUSED) == 0) continue;
        session->flags &= ~(uint32_t)SESSION_PAUSED;
        turn_resume(session);
    }
}

bool pause_holds(struct session *session, const struct command_entry *entry) {
    struct pause *pause = session->server->pause;
    if (entry == NULL) return false;
    bool writes = entry->writes || (entry->flags & COMMAND_MAY_REPLICATE) != 0;
    if (transaction_is_active(session->transaction) && strcmp(entry->full_name, "exec") == 0)
        writes = writes || session->transaction->writes;
    bool held = pause->mode == PAUSE_ALL || (pause->mode == PAUSE_WRITES && writes);
    /* Whoever would end the pause must get through. */
    if (!held || strncmp(entry->full_name, "client", 6) == 0) return false;
    session->flags |= SESSION_PAUSED;
    turn_suspend(session);
    return true;
}

void pause_tend(struct server *server) {
    if (server->pause->mode == PAUSE_OFF) return;
    if (server->executor.now_us / 1000 >= server->pause->until_ms) pause_end(server);
}
