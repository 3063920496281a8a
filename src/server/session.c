/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/session.h"

#include <stdio.h>
#include <sys/uio.h>

#include "base/memory.h"
#include "network/connection.h"
#include "protocol/request.h"
#include "server/blocking.h"
#include "server/clients.h"
#include "server/observe.h"
#include "server/pubsub.h"
#include "server/server.h"
#include "server/suspension.h"
#include "server/transaction.h"
#include "server/turn.h"

#define WRITE_PARTS_MAX 64
#define DISCARD_MIN_BYTES ((size_t)64 * 1024)

struct session *session_create(struct server *server, struct connection *connection) {
    struct sessions *sessions = &server->sessions;
    struct session *session = memory_try_allocate(sizeof(*session));
    if (session == NULL) return NULL;
    *session = (struct session){
        .server = server,
        .connection = connection,
        .previous = sessions->last,
        .id = ++sessions->next_id,
        .protocol = 2,
        .created_us = server->executor.now_us,
        .active_us = server->executor.now_us,
    };
    if (connection != NULL) connection_set_owner(connection, session);
    if (!server->settings.password_required) session->flags |= SESSION_AUTHENTICATED;
    if (sessions->last != NULL) sessions->last->next = session;
    else sessions->first = session;
    sessions->last = session;
    sessions->count++;
    return session;
}

void session_close(struct session *session) {
    if (!session_is_alive(session)) return;
    session->flags |= SESSION_CLOSING;
    session->next_closing = session->server->sessions.closing;
    session->server->sessions.closing = session;
}

static void about_destroy(struct session_about *about) {
    if (about == NULL) return;
    memory_free(about->name);
    memory_free(about->library_name);
    memory_free(about->library_version);
    memory_free(about);
}

static void pending_destroy(struct session *session) {
    if (session->pending == NULL) return;
    output_deinit(session->pending);
    memory_free(session->pending);
    session->pending = NULL;
    session->pending_sent = 0;
}

/* Lets go of everything that ties the session to parts of the server. */
static void detach(struct session *session) {
    transaction_end(session);
    pubsub_forget(session);
    if ((session->flags & SESSION_MONITOR) != 0) monitors_remove(session->server, session);
    suspension_drop(session);
    blocking_drop(session);
}

static void session_free(struct session *session) {
    struct sessions *sessions = &session->server->sessions;
    detach(session);
    clients_forget(session);
    turn_forget(session);
    request_partial_destroy(&session->partial);
    memory_free(session->kept);
    pending_destroy(session);
    about_destroy(session->about);
    if (session->connection != NULL) connection_close(&session->connection);
    if (session->previous != NULL) session->previous->next = session->next;
    else sessions->first = session->next;
    if (session->next != NULL) session->next->previous = session->previous;
    else sessions->last = session->previous;
    sessions->count--;
    memory_free(session);
}

void session_free_closing(struct server *server) {
    while (server->sessions.closing != NULL) {
        struct session *session = server->sessions.closing;
        server->sessions.closing = session->next_closing;
        session_free(session);
    }
}

enum session_class session_class(const struct session *session) {
    if (session->subscriptions != NULL && pubsub_session_count(session) > 0) return SESSION_PUBSUB;
    return SESSION_NORMAL;
}

void session_skip_on(struct session *session) {
    if ((session->flags & SESSION_SUSPENDED) != 0) return;
    uint32_t next = (session->flags & SESSION_REPLY_SKIP_NEXT) != 0 ? SESSION_REPLY_SKIP : 0;
    session->flags &= ~(uint32_t)(SESSION_REPLY_SKIP | SESSION_REPLY_SKIP_NEXT);
    session->flags |= next;
}

/* --- output --- */

static struct output *pending_open(struct session *session) {
    if (session->pending == NULL) {
        session->pending = memory_allocate(sizeof(*session->pending));
        output_init(session->pending, session->protocol);
    }
    session->pending->protocol = session->protocol;
    return session->pending;
}

struct output *session_push_open(struct session *session) {
    struct output *output = turn_output_of(session);
    return output != NULL ? output : pending_open(session);
}

void session_push_close(struct session *session) {
    if (turn_output_of(session) != NULL) return;
    turn_push(session);
    if (session->pending->refused) session_close(session); /* it cannot have what it is owed */
    else session_check_output(session);
}

size_t session_output_bytes(const struct session *session) {
    return session->pending == NULL ? 0 : output_bytes(session->pending) - session->pending_sent;
}

bool session_refuses(struct session *session, const struct output *output) {
    size_t hard = session->server->settings.output_limits[session_class(session)].hard_bytes;
    if (LIKELY(hard == 0) || session_output_bytes(session) + output_bytes(output) < hard)
        return false;
    session->server->counters.output_limit_disconnections++;
    session_close(session);
    return true;
}

void session_check_output(struct session *session) {
    if (session->pending == NULL) return;
    const struct output_limit *limit =
        &session->server->settings.output_limits[session_class(session)];
    size_t bytes = session_output_bytes(session);
    bool hard = limit->hard_bytes > 0 && bytes >= limit->hard_bytes;
    bool soft = false;
    if (limit->soft_bytes > 0 && bytes >= limit->soft_bytes) {
        int64_t now_ms = session->server->executor.now_us / 1000;
        if (session->soft_limit_since_ms == 0) session->soft_limit_since_ms = now_ms;
        else soft = now_ms - session->soft_limit_since_ms > limit->soft_seconds * 1000;
    } else {
        session->soft_limit_since_ms = 0;
    }
    if (!hard && !soft) return;
    session->server->counters.output_limit_disconnections++;
    session_close(session);
}

/* Sends an output from `*sent` on. True when all of it has left. */
static bool send_output(struct session *session, const struct output *output, size_t *sent,
                        bool *gone) {
    size_t total = output_bytes(output);
    while (*sent < total) {
        size_t len = 0;
        enum connection_result result;
        if (output->splice_count == 0) {
            result = connection_write(session->connection, output->data + *sent,
                                      output->len - *sent, &len);
        } else {
            struct iovec parts[WRITE_PARTS_MAX];
            int count = output_vector(output, *sent, parts, WRITE_PARTS_MAX);
            result = connection_writev(session->connection, parts, count, &len);
        }
        if (result == CONNECTION_WAIT) return false;
        if (result != CONNECTION_MOVED) {
            *gone = true;
            return false;
        }
        *sent += len;
        session->output_bytes += len;
        session->server->counters.net_output_bytes += len;
    }
    session->server->counters.writes_processed++;
    return true;
}

static void arm(struct session *session, bool on) {
    bool armed = (session->flags & SESSION_WRITE_ARMED) != 0;
    if (armed == on) return;
    connection_watch_writing(session->connection, on);
    session->flags ^= SESSION_WRITE_ARMED;
}

bool session_flush(struct session *session) {
    if (session->pending == NULL || session->connection == NULL) return true;
    bool gone = false;
    if (send_output(session, session->pending, &session->pending_sent, &gone)) {
        pending_destroy(session);
        session->soft_limit_since_ms = 0;
        arm(session, false);
        if ((session->flags & SESSION_CLOSE_AFTER_REPLY) != 0) session_close(session);
        return true;
    }
    if (gone) {
        session_close(session);
        return false;
    }
    /* A client that never catches up must not keep what it had: when half of it has gone, moving
     * the rest costs no more than was sent. */
    if (session->pending_sent >= DISCARD_MIN_BYTES &&
        session->pending_sent * 2 >= output_bytes(session->pending))
        session->pending_sent = output_discard(session->pending, session->pending_sent);
    arm(session, true);
    return true;
}

bool session_send(struct session *session, struct output *output) {
    if (output_bytes(output) == 0) {
        if ((session->flags & SESSION_CLOSE_AFTER_REPLY) != 0 && session->pending == NULL)
            session_close(session);
        return true;
    }
    if (session->connection == NULL) { /* a client of a test: it fetches what is pending */
        output_move(pending_open(session), output);
        if (session->pending->refused) session_close(session);
        return true;
    }
    if (session_refuses(session, output)) return false;
    size_t sent = 0;
    bool gone = false;
    if (session->pending == NULL && send_output(session, output, &sent, &gone)) {
        if ((session->flags & SESSION_CLOSE_AFTER_REPLY) != 0) session_close(session);
        return true;
    }
    if (gone) {
        session_close(session);
        return false;
    }
    struct output *pending = pending_open(session);
    if (output_bytes(pending) == 0) session->pending_sent = sent;
    output_move(pending, output);
    if (pending->refused) {
        session_close(session);
        return false;
    }
    arm(session, true);
    session_check_output(session);
    return true;
}

/* --- about --- */

size_t session_query_bytes(const struct session *session) {
    return session->kept_len + request_partial_bytes(session->partial);
}

size_t session_memory_bytes(const struct session *session) {
    size_t bytes = memory_block_bytes(session) + connection_memory_bytes();
    bytes += request_partial_bytes(session->partial);
    if (session->kept != NULL) bytes += memory_block_bytes(session->kept);
    if (session->pending != NULL)
        bytes += memory_block_bytes(session->pending) + output_memory_bytes(session->pending);
    if (session->transaction != NULL)
        bytes += memory_block_bytes(session->transaction) + session->transaction->memory_bytes +
                 session->transaction->watch_bytes;
    if (session->about != NULL) bytes += memory_block_bytes(session->about);
    bytes += pubsub_session_bytes(session);
    return bytes;
}

struct session *session_by_id(struct server *server, uint64_t id) {
    for (struct session *session = server->sessions.first; session != NULL;
         session = session->next) {
        if (session->id == id) return session_is_alive(session) ? session : NULL;
    }
    return NULL;
}

void session_peer_text(const struct session *session, char out[ADDRESS_TEXT_BYTES_MAX]) {
    out[0] = '\0';
    if (session->connection != NULL) connection_peer_text(session->connection, out);
}

void session_local_text(const struct session *session, char out[ADDRESS_TEXT_BYTES_MAX]) {
    out[0] = '\0';
    if (session->connection != NULL) connection_local_text(session->connection, out);
}

struct session_about *session_about(struct session *session) {
    if (session->about == NULL) session->about = memory_allocate_zero(sizeof(*session->about));
    return session->about;
}

void session_reset(struct session *session) {
    detach(session);
    session->flags &= ~(uint32_t)(SESSION_MONITOR | SESSION_NO_EVICT | SESSION_NO_TOUCH |
                                  SESSION_REPLY_OFF | /* a RESET to be skipped stays so */
                                  SESSION_AUTHENTICATED | SESSION_IMPORT_SOURCE);
    if (!session->server->settings.password_required) session->flags |= SESSION_AUTHENTICATED;
    session->database = 0;
    session->protocol = 2;
    if (session->about != NULL) {
        memory_free(session->about->name);
        session->about->name = NULL;
    }
}
