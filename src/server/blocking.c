/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/blocking.h"

#include <poll.h>

#include "base/memory.h"
#include "commands/reply.h"
#include "network/connection.h"
#include "network/loop.h"
#include "server/blocking_internal.h"
#include "server/dispatch.h"
#include "server/server.h"
#include "server/session.h"
#include "server/turn.h"
#include "server/waiting.h"

struct blocking {
    struct blocked *first;
    size_t timed_count;
};

struct blocking *blocking_create(void) {
    return memory_allocate_zero(sizeof(struct blocking));
}

void blocking_destroy(struct blocking **blocking) {
    memory_free(*blocking);
    *blocking = NULL;
}

size_t blocking_timed_count(const struct server *server) { return server->blocking->timed_count; }

static void destroy_one(struct blocked *blocked) {
    struct session *session = blocked->session;
    struct blocking *blocking = session->server->blocking;
    if (blocked->waits != NULL) waiting_forget(session->server, blocked);
    if (blocked->previous != NULL) blocked->previous->next = blocked->next;
    else blocking->first = blocked->next;
    if (blocked->next != NULL) blocked->next->previous = blocked->previous;
    if (blocked->timer != NULL) {
        loop_timer_destroy(&blocked->timer);
        blocking->timed_count--;
    }
    session->blocked = NULL;
    session->flags &= ~(uint32_t)SESSION_SUSPENDED;
    output_deinit(&blocked->output);
    memory_free(blocked);
}

void blocking_drop(struct session *session) {
    if (session->blocked != NULL) destroy_one(session->blocked);
}

void blocking_finish(struct blocked *blocked, uint64_t ticks) {
    struct session *session = blocked->session;
    struct call *call = &blocked->call;
    if (!session_is_silent(session)) {
        output_move(session_push_open(session), &blocked->output);
        session_push_close(session);
    }
    dispatch_finish(session->server, session, call->entry, blocked->argv, call->argc, ticks,
                    call->failed);
    destroy_one(blocked);
    session_skip_on(session);
    turn_resume(session);
    loop_hurry(session->server->loop);
}

static void give_up(struct blocked *blocked) {
    struct executor *executor = &blocked->session->server->executor;
    executor_begin(executor);
    blocked->give_up(&blocked->call);
    executor_end(executor);
    blocking_finish(blocked, 0);
}

static void time_is_over(void *context) {
    struct blocked *blocked = context;
    if (session_is_alive(blocked->session)) give_up(blocked);
}

bool blocking_unblock(struct session *session, bool with_error) {
    struct blocked *blocked = session->blocked;
    if (blocked == NULL) return false;
    if (!with_error) {
        give_up(blocked);
        return true;
    }
    reply_error(&blocked->call, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    blocking_finish(blocked, 0);
    return true;
}

static struct blocked *copy_call(const struct call *call, const struct bytes *argv) {
    size_t size = sizeof(struct blocked) + (size_t)call->argc * sizeof(struct bytes);
    for (int i = 0; i < call->argc; i++) size += argv[i].len;
    struct blocked *blocked = memory_try_allocate(size);
    if (blocked == NULL) return NULL;
    *blocked = (struct blocked){.session = call->session, .call = *call};
    char *at = (char *)(blocked->argv + call->argc);
    for (int i = 0; i < call->argc; i++) {
        if (argv[i].len > 0) memcpy(at, argv[i].data, argv[i].len);
        blocked->argv[i] = bytes_make(at, argv[i].len);
        at += argv[i].len;
    }
    output_init(&blocked->output, call->session->protocol);
    blocked->call.argv = blocked->argv;
    blocked->call.blobs = NULL;
    blocked->call.hashes = NULL;
    blocked->call.hash_count = 0;
    blocked->call.output = &blocked->output;
    return blocked;
}

struct blocked *blocking_begin(struct call *call, const struct bytes *argv, int64_t timeout_ms,
                               void (*give_up_)(struct call *call)) {
    struct session *session = call->session;
    struct server *server = session->server;
    struct blocking *blocking = server->blocking;
    struct blocked *blocked = copy_call(call, argv);
    if (blocked == NULL) return NULL;
    blocked->give_up = give_up_;
    blocked->next = blocking->first;
    if (blocking->first != NULL) blocking->first->previous = blocked;
    blocking->first = blocked;
    if (timeout_ms > 0) {
        blocked->timer = loop_timer_create(server->loop, time_is_over, blocked);
        int64_t longest_ms = INT64_MAX / 1000;
        loop_timer_start(blocked->timer,
                         (timeout_ms < longest_ms ? timeout_ms : longest_ms) * 1000);
        blocking->timed_count++;
    }
    session->blocked = blocked;
    session->flags |= SESSION_SUSPENDED;
    turn_suspend(session);
    reply_none(call);
    return blocked;
}

void blocking_wait(struct call *call, int64_t timeout_ms, void (*give_up_)(struct call *call)) {
    struct session *session = call->session;
    if (session == NULL || call->in_transaction || session->blocked != NULL) give_up_(call);
    else if (blocking_begin(call, call->argv, timeout_ms, give_up_) == NULL)
        reply_no_memory(call, "the wait");
}

void blocking_tend(struct server *server) {
    for (struct blocked *blocked = server->blocking->first; blocked != NULL;
         blocked = blocked->next) {
        if (blocked->session->connection == NULL) continue;
        struct pollfd poll_fd = {connection_fd(blocked->session->connection), POLLRDHUP, 0};
        if (poll(&poll_fd, 1, 0) > 0) session_close(blocked->session);
    }
}
