/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/loop.h"

#include <assert.h>

#include "base/clock.h"
#include "base/memory.h"
#include "network/loop_internal.h"

struct loop_signal {
    ev_signal watcher; /* .data: this */
    loop_signal_fn *handler;
    void *context;
    struct loop_signal *next;
};

struct loop_timer {
    ev_timer watcher; /* .data: this */
    struct loop *loop;
    loop_timer_fn *fire;
    void *context;
};

/* What libev keeps per descriptor is counted like everything else. */
static void *reallocate(void *block, long size) {
    if (size > 0) return memory_reallocate(block, (size_t)size);
    memory_free(block);
    return NULL;
}

/* Waking is all it does: a turn follows every poll. */
static void woken(struct ev_loop *ev, ev_async *watcher, int events) {
    (void)ev;
    (void)watcher;
    (void)events;
}

struct loop *loop_create(loop_turn_fn *turn, void *context) {
    ev_set_allocator(reallocate);
    /* No timerfd: there are no wall-clock timers, so jumps of the clock need no notice. */
    struct ev_loop *ev = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD);
    if (ev == NULL) return NULL;
    struct loop *loop = memory_allocate_zero(sizeof(*loop));
    loop->ev = ev;
    loop->turn = turn;
    loop->context = context;
    ev_async_init(&loop->waker, woken);
    ev_async_start(ev, &loop->waker);
    return loop;
}

void loop_destroy(struct loop **loop) {
    struct loop *gone = *loop;
    if (gone == NULL) return;
    while (gone->signals != NULL) {
        struct loop_signal *entry = gone->signals;
        gone->signals = entry->next;
        ev_signal_stop(gone->ev, &entry->watcher);
        memory_free(entry);
    }
    ev_async_stop(gone->ev, &gone->waker);
    ev_loop_destroy(gone->ev);
    memory_free(gone->ready);
    memory_free(gone);
    *loop = NULL;
}

/* --- turns ---------------------------------------------------------------------------------- */

void loop_add_ready(struct loop *loop, struct connection *connection, int events) {
    connection->readiness = (uint16_t)(connection->readiness | events);
    if (connection->ready_slot != 0) return;
    if (UNLIKELY(loop->ready_count == loop->ready_capacity)) {
        loop->ready_capacity = loop->ready_capacity == 0 ? 64 : loop->ready_capacity * 2;
        loop->ready = memory_reallocate(loop->ready, loop->ready_capacity * sizeof(loop->ready[0]));
    }
    loop->ready[loop->ready_count++] = connection;
    connection->ready_slot = (uint32_t)loop->ready_count;
}

void loop_forget_ready(struct loop *loop, struct connection *connection) {
    if (connection->ready_slot == 0) return;
    assert(loop->ready[connection->ready_slot - 1] == connection);
    loop->ready[connection->ready_slot - 1] = NULL;
    connection->ready_slot = 0;
}

void loop_run_once(struct loop *loop, bool wait) {
    assert(!loop->is_turning);
    bool sleeps = wait && !loop->is_hurried && !loop->is_stopping;
    loop->is_hurried = false;
    ev_run(loop->ev, sleeps ? EVRUN_ONCE : EVRUN_NOWAIT);

    struct clock system_clock;
    clock_init_system(&system_clock);
    int64_t start_us = clock_monotonic_us(&system_clock);
    size_t count = loop->ready_count;
    loop->is_turning = true;
    loop->turn(loop->context, loop->ready, count);
    loop->is_turning = false;
    for (size_t i = 0; i < count; i++) {
        if (loop->ready[i] == NULL) continue;
        loop->ready[i]->ready_slot = 0;
        loop->ready[i]->readiness = 0;
    }
    loop->ready_count = 0;

    uint64_t busy_us = (uint64_t)(clock_monotonic_us(&system_clock) - start_us);
    loop->stats.turn_count++;
    loop->stats.ready_count += count;
    loop->stats.busy_us += busy_us;
    if (busy_us > loop->stats.busy_us_max) loop->stats.busy_us_max = busy_us;
}

void loop_run(struct loop *loop) {
    while (!loop->is_stopping) loop_run_once(loop, true);
    loop->is_stopping = false;
}

void loop_stop(struct loop *loop) { loop->is_stopping = true; }

void loop_hurry(struct loop *loop) { loop->is_hurried = true; }

void loop_wake(struct loop *loop) { ev_async_send(loop->ev, &loop->waker); }

int64_t loop_wall_us(const struct loop *loop) { return (int64_t)(ev_now(loop->ev) * 1e6); }

struct loop_stats loop_stats(const struct loop *loop) {
    return loop->stats;
}

/* --- timers --------------------------------------------------------------------------------- */

static void timer_fired(struct ev_loop *ev, ev_timer *watcher, int events) {
    (void)ev;
    (void)events;
    struct loop_timer *timer = watcher->data;
    timer->fire(timer->context);
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_timer_fn *fire, void *context) {
    struct loop_timer *timer = memory_allocate_zero(sizeof(*timer));
    timer->loop = loop;
    timer->fire = fire;
    timer->context = context;
    ev_timer_init(&timer->watcher, timer_fired, 0., 0.);
    timer->watcher.data = timer;
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t after_us) {
    assert(after_us >= 0);
    struct ev_loop *ev = timer->loop->ev;
    ev_timer_stop(ev, &timer->watcher);
    /* libev counts from when its poll returned: without this a timer set late in a long turn
     * would fire early. */
    ev_now_update(ev);
    ev_timer_set(&timer->watcher, (double)after_us / 1e6, 0.);
    ev_timer_start(ev, &timer->watcher);
}

void loop_timer_stop(struct loop_timer *timer) { ev_timer_stop(timer->loop->ev, &timer->watcher); }

bool loop_timer_is_running(const struct loop_timer *timer) { return ev_is_active(&timer->watcher); }

void loop_timer_destroy(struct loop_timer **timer) {
    if (*timer == NULL) return;
    loop_timer_stop(*timer);
    memory_free(*timer);
    *timer = NULL;
}

/* --- signals -------------------------------------------------------------------------------- */

static void signal_came(struct ev_loop *ev, ev_signal *watcher, int events) {
    (void)ev;
    (void)events;
    struct loop_signal *entry = watcher->data;
    entry->handler(entry->context, watcher->signum);
}

void loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn *handler, void *context) {
    struct loop_signal *entry = memory_allocate_zero(sizeof(*entry));
    entry->handler = handler;
    entry->context = context;
    entry->next = loop->signals;
    loop->signals = entry;
    ev_signal_init(&entry->watcher, signal_came, signal_number);
    entry->watcher.data = entry;
    ev_signal_start(loop->ev, &entry->watcher);
}
