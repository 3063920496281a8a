/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Waits for the world and hands over, once per turn, everything that became ready.
 *
 * A turn: one poll; timers, signals and new connections call back as they come; then the turn
 * handler gets all connections that can be read or written together, so that it can read all,
 * parse all, run all and write all. Everything runs on the thread that runs the loop; only
 * loop_wake may come from another. libev, with epoll, is known to this folder alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

struct connection;
struct loop;
struct loop_timer;

/* Called once after each poll, also when nothing is ready: whoever became ready last stands first,
 * as libev calls back in that order. `ready[i]` is NULL if that connection was closed since; the
 * array is valid until the handler returns. */
typedef void loop_turn_fn(void *context, struct connection **ready, size_t count);
typedef void loop_timer_fn(void *context);
typedef void loop_signal_fn(void *context, int signal_number);

/* Returned owned. NULL with errno when the system has no descriptors left for it. */
struct loop *loop_create(loop_turn_fn *turn, void *context) MUST_CHECK;
/* Timers, connections and listeners must be gone. */
void loop_destroy(struct loop **loop);

/* Turns until loop_stop, which may have been called before. */
void loop_run(struct loop *loop);
/* One turn, not from within one; without `wait` it takes what is there. */
void loop_run_once(struct loop *loop, bool wait);
void loop_stop(struct loop *loop);
/* Work is left: the next poll does not sleep. Asked for anew in each turn. */
void loop_hurry(struct loop *loop);
/* From any thread: a sleeping poll returns. A thread that queued something calls it; many calls
 * may make one turn. */
void loop_wake(struct loop *loop);

/* Wall time when the poll returned, microseconds since the epoch; costs nothing. */
int64_t loop_wall_us(const struct loop *loop);

struct loop_stats {
    uint64_t turn_count;
    uint64_t ready_count; /* connections handed over */
    uint64_t busy_us;     /* spent in turn handlers */
    uint64_t busy_us_max; /* the longest turn */
};
struct loop_stats loop_stats(const struct loop *loop);

/* One-shot; start it again from its own callback or anywhere. Starting allocates nothing. */
struct loop_timer *loop_timer_create(struct loop *loop, loop_timer_fn *fire, void *context);
void loop_timer_start(struct loop_timer *timer, int64_t after_us); /* moves it if it runs */
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_running(const struct loop_timer *timer);
void loop_timer_destroy(struct loop_timer **timer);

/* Called between polls, not in the signal's own context. One loop per signal. */
void loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn *handler, void *context);
