/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/parts.h"

#include <assert.h>
#include <string.h>

#include "families/families.h"
#include "server/blocking.h"
#include "server/clients.h"
#include "server/default_user.h"
#include "server/disposal.h"
#include "server/memory_limit.h"
#include "server/observe.h"
#include "server/options_file.h"
#include "server/pause.h"
#include "server/pubsub.h"
#include "server/server.h"
#include "server/session.h"
#include "server/settings.h"
#include "server/statistics.h"
#include "server/suspension.h"
#include "server/transaction.h"
#include "server/turn.h"
#include "server/waiting.h"
#include "server/words.h"

size_t parts_families(const struct family *all[PARTS_FAMILIES_MAX]) {
    size_t count, more;
    const struct family *const *families = families_all(&count);
    const struct family *const *own = server_families(&more);
    assert(count + more <= PARTS_FAMILIES_MAX);
    memcpy(all, families, count * sizeof(all[0]));
    memcpy(all + count, own, more * sizeof(all[0]));
    return count + more;
}

/* --- hooks of the executor --- */

static void on_event(void *context, uint32_t event_class, struct bytes event, struct bytes key,
                     int32_t database) {
    pubsub_event(context, event_class, event, key, database);
}

static void on_change(void *context, struct database *database, struct bytes key) {
    watches_key_changed(context, database, key);
    waiting_key_changed(context, database, key);
}

static void on_database_change(void *context, struct database *database) {
    watches_database_changed(context, database);
    waiting_database_changed(context, database);
}

/* --- all of them --- */

void parts_setup(struct server *server) {
    server->sessions = (struct sessions){0};
    struct options_error error; /* who started us has looked at the lines before */
    server->default_user = default_user_create(server->options, &error);
    assert(server->default_user != NULL);
    server->pubsub = pubsub_create();
    server->watches = watches_create();
    server->slowlog = slowlog_create();
    server->latency = latency_create();
    server->monitors = monitors_create();
    server->suspensions = suspensions_create();
    server->memory_limit = memory_limit_create(server);
    server->pause = pause_create();
    server->blocking = blocking_create();
    server->waiting = waiting_create();
    server->error_stats = error_stats_create();
    server->rates = rates_create();
    server->clients = clients_create();
    server->turn = turn_create(server);
    server->executor.context = server;
    server->executor.hooks = (struct executor_hooks){.event = on_event,
                                                     .changed = on_change,
                                                     .database_changed = on_database_change,
                                                     .suspend = suspension_begin,
                                                     .wait = waiting_begin,
                                                     .wake = waiting_serve};
    server->executor.now_held = true;
    server->disposal = disposal_create(&server->executor.keyspace);
    settings_setup(server);
    statistics_setup(server);
}

void parts_teardown(struct server *server) {
    for (struct session *session = server->sessions.first; session != NULL; session = session->next)
        session_close(session);
    session_free_closing(server);
    executor_deinit(&server->executor);
    disposal_destroy(&server->disposal);
    turn_destroy(&server->turn);
    clients_destroy(&server->clients);
    rates_destroy(&server->rates);
    error_stats_destroy(&server->error_stats);
    waiting_destroy(&server->waiting);
    blocking_destroy(&server->blocking);
    pause_destroy(&server->pause);
    memory_limit_destroy(&server->memory_limit);
    suspensions_destroy(&server->suspensions);
    monitors_destroy(&server->monitors);
    latency_destroy(&server->latency);
    slowlog_destroy(&server->slowlog);
    watches_destroy(&server->watches);
    pubsub_destroy(&server->pubsub);
    default_user_destroy(&server->default_user);
}
