/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/suspension.h"

#include "base/memory.h"
#include "server/dispatch.h"
#include "server/server.h"
#include "server/session.h"
#include "server/turn.h"

#define STEP_BUDGET 512

struct suspension {
    struct suspension *next;
    struct suspension *previous;
    struct session *session;
    struct call call;
    struct output output;
    call_step *step;
    void *state;
    void (*destroy)(void *state);
    uint64_t ticks;
    int argc;
    struct bytes argv[]; /* bytes behind */
};

struct suspensions {
    struct suspension *first;
    struct suspension *last;
};

struct suspensions *suspensions_create(void) {
    return memory_allocate_zero(sizeof(struct suspensions));
}

void suspensions_destroy(struct suspensions **suspensions) {
    memory_free(*suspensions);
    *suspensions = NULL;
}

static void append(struct suspensions *all, struct suspension *suspension) {
    suspension->next = NULL;
    suspension->previous = all->last;
    if (all->last != NULL) all->last->next = suspension;
    else all->first = suspension;
    all->last = suspension;
}

static void unlink(struct suspensions *all, struct suspension *suspension) {
    if (suspension->previous != NULL) suspension->previous->next = suspension->next;
    else all->first = suspension->next;
    if (suspension->next != NULL) suspension->next->previous = suspension->previous;
    else all->last = suspension->previous;
}

struct call *suspension_begin(void *context, struct call *call, call_step *step, void *state,
                              void (*destroy)(void *state)) {
    struct server *server = context;
    struct session *session = call->session;
    size_t size = sizeof(struct suspension) + (size_t)call->argc * sizeof(struct bytes);
    for (int i = 0; i < call->argc; i++) size += call->argv[i].len;
    struct suspension *suspension = memory_try_allocate(size);
    if (suspension == NULL) return NULL; /* then all of it at once */
    *suspension = (struct suspension){.session = session,
                                      .call = *call,
                                      .step = step,
                                      .state = state,
                                      .destroy = destroy,
                                      .argc = call->argc};
    char *at = (char *)(suspension->argv + call->argc);
    for (int i = 0; i < call->argc; i++) {
        if (call->argv[i].len > 0) memcpy(at, call->argv[i].data, call->argv[i].len);
        suspension->argv[i] = bytes_make(at, call->argv[i].len);
        at += call->argv[i].len;
    }
    output_init(&suspension->output, session->protocol);
    suspension->call.argv = suspension->argv;
    suspension->call.blobs = NULL;
    suspension->call.hashes = NULL;
    suspension->call.hash_count = 0;
    suspension->call.output = &suspension->output;
    /* What the handler has replied so far (the opening of an aggregate) owes nothing yet. */
    call->reply_pending = 0;
    session->suspension = suspension;
    session->flags |= SESSION_SUSPENDED;
    turn_suspend(session);
    append(server->suspensions, suspension);
    return &suspension->call;
}

static void destroy_one(struct server *server, struct suspension *suspension) {
    unlink(server->suspensions, suspension);
    suspension->session->suspension = NULL;
    suspension->session->flags &= ~(uint32_t)SESSION_SUSPENDED;
    if (suspension->destroy != NULL) suspension->destroy(suspension->state);
    output_deinit(&suspension->output);
    memory_free(suspension);
}

void suspension_drop(struct session *session) {
    if (session->suspension != NULL) destroy_one(session->server, session->suspension);
}

static void finish(struct server *server, struct suspension *suspension) {
    struct session *session = suspension->session;
    struct call *call = &suspension->call;
    if (UNLIKELY(suspension->output.refused)) {
        output_truncate(&suspension->output, 0);
        resp_error(&suspension->output, BYTES("OOM command not allowed: no memory for the reply"));
        call->failed = true;
    }
    if (!session_is_silent(session)) {
        struct output *pending = session_push_open(session);
        output_move(pending, &suspension->output);
        session_push_close(session);
    }
    dispatch_finish(server, session, call->entry, suspension->argv, suspension->argc,
                    suspension->ticks, call->failed);
    destroy_one(server, suspension);
    session_skip_on(session);
    turn_resume(session);
}

bool suspensions_advance(struct server *server, int64_t budget_us) {
    struct suspensions *all = server->suspensions;
    uint64_t start = ticks_now();
    while (all->first != NULL) {
        struct suspension *suspension = all->first;
        uint64_t before = ticks_now();
        executor_begin(&server->executor);
        bool done = !session_is_alive(suspension->session) ||
                    suspension->step(&suspension->call, suspension->state, STEP_BUDGET);
        executor_end(&server->executor);
        suspension->ticks += ticks_now() - before;
        if (session_is_alive(suspension->session))
            session_refuses(suspension->session, &suspension->output);
        if (!session_is_alive(suspension->session)) {
            destroy_one(server, suspension);
        } else if (done) {
            finish(server, suspension);
        } else {
            unlink(all, suspension);
            append(all, suspension);
        }
        if ((int64_t)ticks_to_us(&server->tick_rate, ticks_now() - start) >= budget_us) break;
    }
    return all->first == NULL;
}
