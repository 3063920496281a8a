/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/server_harness.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/registry.h"
#include "harness/flatten.h"
#include "keyspace/dataset_digest.h"
#include "network/loop.h"
#include "protocol/output.h"
#include "server/blocking.h"
#include "server/cron.h"
#include "server/disposal.h"
#include "server/options.h"
#include "server/parts.h"
#include "server/pause.h"
#include "server/session.h"
#include "server/transaction.h"
#include "server/turn.h"

#define WORDS_MAX 4096
#define SEED 42

static void nothing_is_ready(void *context, struct connection **ready, size_t count) {
    (void)context;
    (void)ready;
    (void)count;
}

/* Frees those that the server has closed. Another client may have closed ours. */
static void tend_clients(struct server_harness *harness) {
    session_free_closing(&harness->server);
    if (session_by_id(&harness->server, harness->client_id) != NULL) return;
    harness->client = server_harness_connect(harness);
    harness->client_id = harness->client->id;
}

void server_harness_init(struct server_harness *harness) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {9, 14, 3, 77, 250, 1};
    static char *const argv[] = {(char *)"mainstay-server", NULL};
    *harness = (struct server_harness){.process = {.argc = 1, .argv = argv}};
    struct server *server = &harness->server;
    hash_setup(secret);
    clock_init_manual(&server->clock, SERVER_HARNESS_START_US);
    tick_rate_init(&server->tick_rate);
    harness->family_count = parts_families(harness->families);
    server->registry = registry_create(harness->families, harness->family_count);
    server->options = options_create(harness->families, harness->family_count);
    server->log = log_create();
    log_set_level(server->log, LOG_LEVEL_NOTHING);
    server->process = &harness->process;
    harness->process.start_us = clock_wall_us(&server->clock);
    executor_init(&server->executor, server->registry, &server->clock, 16, SEED);
    server->executor.options = server->options;
    server->loop = loop_create(nothing_is_ready, server);
    assert(server->loop != NULL);
    parts_setup(server);
    log_set_level(server->log, LOG_LEVEL_NOTHING);
    server->settings.slow_ticks = UINT64_MAX; /* how long a command takes is not the test's */
    memory_journal_init(&harness->journal);
    server->executor.journal = &harness->journal.journal;
    tend_clients(harness);
}

void server_harness_deinit(struct server_harness *harness) {
    struct server *server = &harness->server;
    parts_teardown(server);
    loop_destroy(&server->loop);
    log_destroy(&server->log);
    options_destroy(&server->options);
    registry_destroy(&server->registry);
    memory_journal_deinit(&harness->journal);
    free(harness->reply);
}

struct session *server_harness_connect(struct server_harness *harness) {
    struct session *client = session_create(&harness->server, NULL);
    /* A test that refuses memory means other memory than this. */
    if (client == NULL) client = session_create(&harness->server, NULL);
    assert(client != NULL);
    client->flags |= SESSION_LOOPBACK;
    return client;
}

/* --- turns --- */

static bool is_busy(const struct server *server) {
    const struct keyspace *keyspace = &server->executor.keyspace;
    if (turn_is_wanted(server->turn) || keyspace_has_condemned(keyspace)) return true;
    for (const struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (session->suspension != NULL) return true;
    }
    return false;
}

void server_harness_settle(struct server_harness *harness) {
    struct server *server = &harness->server;
    do {
        cron_turn(server, NULL, 0);
        if (!server->expiry_stopped) {
            while (!executor_expire_due(&server->executor, 1000)) continue;
        }
    } while (is_busy(server));
    while (disposal_pending(server->disposal) > 0) continue;
    tend_clients(harness);
}

/* Flattens what waits for the client into `reply`. */
static void fetch(struct server_harness *harness, struct session *client) {
    static struct output nothing;
    const struct output *output = client->pending != NULL ? client->pending : &nothing;
    harness->reply_len = flatten(output, &harness->reply);
    if (client->pending == NULL) return;
    output_deinit(client->pending);
    memory_free(client->pending);
    client->pending = NULL;
}

/* As if the bytes had come while the client was not looked at. */
static void receive(struct session *client, struct bytes bytes) {
    size_t len = client->kept_len + bytes.len;
    client->kept = memory_reallocate(client->kept, len);
    if (bytes.len > 0) memcpy(client->kept + client->kept_len, bytes.data, bytes.len);
    client->kept_len = (uint32_t)len;
    client->kept_capacity = (uint32_t)len;
}

const char *server_harness_send(struct server_harness *harness, struct session *client,
                                struct bytes bytes) {
    struct server *server = &harness->server;
    receive(client, bytes);
    turn_resume(client);
    uint64_t id = client->id;
    executor_refresh_now(&server->executor);
    client->active_us = server->executor.now_us; /* as what reads sockets does */
    turn_run(server, NULL, 0);
    while (turn_is_wanted(server->turn) || client->suspension != NULL) {
        cron_turn(server, NULL, 0);
        if (session_by_id(server, id) == NULL) break;
    }
    harness->closed = session_by_id(server, id) == NULL;
    if (harness->closed) {
        harness->reply = realloc(harness->reply, 1);
        harness->reply[0] = '\0';
        harness->reply_len = 0;
    } else {
        fetch(harness, client);
        harness->closed = (client->flags & SESSION_CLOSE_AFTER_REPLY) != 0;
        if (harness->closed) session_close(client);
    }
    tend_clients(harness);
    return harness->reply;
}

const char *server_harness_run_argv(struct server_harness *harness, const struct bytes *argv,
                                    int argc) {
    struct output request;
    output_init(&request, 2);
    resp_array(&request, (size_t)argc);
    for (int i = 0; i < argc; i++) resp_bulk(&request, argv[i]);
    const char *reply = server_harness_send(harness, harness->client,
                                            bytes_make(request.data, request.len));
    output_deinit(&request);
    if (harness->hurries && !harness->closed && harness->client->blocked != NULL) {
        server_harness_release(harness);
        fetch(harness, harness->client);
        reply = harness->reply;
    }
    return reply;
}

const char *server_harness_run(struct server_harness *harness, const char *line) {
    char *copy = strdup(line);
    struct bytes *words = calloc(WORDS_MAX, sizeof(*words));
    int count = text_split_words(copy, strlen(copy), words, WORDS_MAX);
    assert(count > 0);
    const char *reply = server_harness_run_argv(harness, words, count);
    free(words);
    free(copy);
    return reply;
}

void server_harness_advance_ms(struct server_harness *harness, int64_t ms) {
    clock_advance_us(&harness->server.clock, ms * 1000);
    executor_refresh_now(&harness->server.executor);
}

bool server_harness_waits(const struct server_harness *harness) {
    return harness->client->blocked != NULL;
}

void server_harness_release(struct server_harness *harness) {
    struct server *server = &harness->server;
    pause_end(server);
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (session->blocked != NULL) blocking_unblock(session, false);
    }
    turn_run(server, NULL, 0);
    tend_clients(harness);
}

void server_harness_renew(struct server_harness *harness) {
    pause_end(&harness->server);
    harness->server.expiry_stopped = false;
    session_close(harness->client);
    tend_clients(harness);
}

void server_harness_clear(struct server_harness *harness) {
    server_harness_renew(harness);
    server_harness_run(harness, "FLUSHALL SYNC");
    server_harness_settle(harness);
    memory_journal_deinit(&harness->journal);
}

void server_harness_digest(const struct server_harness *harness, char hex[41]) {
    const struct executor *executor = &harness->server.executor;
    dataset_digest_hex(&executor->keyspace, executor->now_us / 1000, hex);
}

struct command_entry *server_harness_entry(const struct server_harness *harness, const char *name) {
    return registry_find_full(harness->server.registry, bytes_of(name));
}

/* --- replay --- */

void replica_init(struct replica *replica, const struct server_harness *harness) {
    *replica = (struct replica){.clock = {0}};
    clock_init_manual(&replica->clock, SERVER_HARNESS_START_US);
    executor_init(&replica->executor, harness->server.registry, &replica->clock,
                  harness->server.executor.keyspace.database_count, SEED + 1);
}

void replica_deinit(struct replica *replica) { executor_deinit(&replica->executor); }

const struct memory_unit *replica_follow(struct replica *replica,
                                         const struct server_harness *harness) {
    for (const struct memory_unit *unit = harness->journal.first; unit != NULL; unit = unit->next) {
        if (!executor_replay(&replica->executor, unit->effects, unit->effect_count, unit->now_ms))
            return unit;
    }
    return NULL;
}

void replica_digest(const struct replica *replica, const struct server_harness *at, char hex[41]) {
    dataset_digest_hex(&replica->executor.keyspace, at->server.executor.now_us / 1000, hex);
}
