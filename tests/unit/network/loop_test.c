/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/loop.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network/connection.h"

#define HOUR_US ((int64_t)3600 * 1000000)

/* What a turn handler saw. */
struct seen {
    struct loop *loop;
    int turns;
    size_t ready_count;
    int timers;
    int signals;
    int signal_number;
    int stop_after; /* turns; 0: never */
    int hurry_until;
};

static void turn(void *context, struct connection **ready, size_t count) {
    (void)ready;
    struct seen *seen = context;
    seen->turns++;
    seen->ready_count += count;
    if (seen->turns < seen->hurry_until) loop_hurry(seen->loop);
    if (seen->turns == seen->stop_after) loop_stop(seen->loop);
}

static void fire(void *context) { ((struct seen *)context)->timers++; }

static struct loop *open_loop(struct seen *seen) {
    *seen = (struct seen){0};
    seen->loop = loop_create(turn, seen);
    cr_assert_not_null(seen->loop);
    return seen->loop;
}

Test(loop, takes_a_turn_after_every_poll_even_when_nothing_is_ready) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    loop_run_once(loop, false);
    loop_run_once(loop, false);
    cr_assert_eq(seen.turns, 2);
    cr_assert_eq(seen.ready_count, 0);
    cr_assert_eq(loop_stats(loop).turn_count, 2);
    loop_destroy(&loop);
    cr_assert_null(loop);
}

Test(loop, does_not_sleep_while_it_is_hurried, .timeout = 10) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    struct loop_timer *far = loop_timer_create(loop, fire, &seen);
    loop_timer_start(far, HOUR_US);
    seen.hurry_until = 100;
    seen.stop_after = 100;
    loop_hurry(loop);
    loop_run(loop);
    cr_assert_eq(seen.turns, 100);
    cr_assert_eq(seen.timers, 0);
    loop_timer_destroy(&far);
    loop_destroy(&loop);
}

Test(loop, does_not_run_when_it_was_stopped_before) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    loop_stop(loop);
    loop_run(loop);
    cr_assert_eq(seen.turns, 0);
    loop_destroy(&loop);
}

Test(loop, fires_a_timer_once_and_can_start_it_again, .timeout = 10) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    struct loop_timer *timer = loop_timer_create(loop, fire, &seen);
    cr_assert_not(loop_timer_is_running(timer));
    loop_timer_start(timer, 0);
    cr_assert(loop_timer_is_running(timer));
    loop_run_once(loop, true);
    cr_assert_eq(seen.timers, 1);
    cr_assert_not(loop_timer_is_running(timer));
    loop_run_once(loop, false);
    cr_assert_eq(seen.timers, 1);
    loop_timer_start(timer, 0);
    loop_run_once(loop, true);
    cr_assert_eq(seen.timers, 2);
    loop_timer_destroy(&timer);
    loop_destroy(&loop);
}

Test(loop, moves_a_timer_that_is_started_twice, .timeout = 10) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    struct loop_timer *timer = loop_timer_create(loop, fire, &seen);
    loop_timer_start(timer, 0);
    loop_timer_start(timer, HOUR_US);
    loop_run_once(loop, false);
    cr_assert_eq(seen.timers, 0);
    loop_timer_start(timer, 0);
    loop_run_once(loop, true);
    cr_assert_eq(seen.timers, 1);
    loop_timer_start(timer, 0);
    loop_timer_stop(timer);
    loop_run_once(loop, false);
    cr_assert_eq(seen.timers, 1);
    loop_timer_destroy(&timer);
    loop_destroy(&loop);
}

static void *wake(void *context) {
    loop_wake(context);
    return NULL;
}

Test(loop, wakes_up_for_another_thread, .timeout = 10) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    seen.stop_after = 1;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, wake, loop), 0);
    loop_run(loop); /* would sleep for good */
    cr_assert_eq(seen.turns, 1);
    pthread_join(thread, NULL);
    loop_destroy(&loop);
}

static void on_signal(void *context, int signal_number) {
    struct seen *seen = context;
    seen->signals++;
    seen->signal_number = signal_number;
}

Test(loop, hands_over_signals_between_polls, .timeout = 10) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    loop_on_signal(loop, SIGUSR1, on_signal, &seen);
    loop_on_signal(loop, SIGHUP, on_signal, &seen);
    raise(SIGUSR1);
    cr_assert_eq(seen.signals, 0);
    while (seen.signals == 0) loop_run_once(loop, true);
    cr_assert_eq(seen.signal_number, SIGUSR1);
    raise(SIGHUP);
    while (seen.signals == 1) loop_run_once(loop, true);
    cr_assert_eq(seen.signal_number, SIGHUP);
    loop_destroy(&loop);
}

Test(loop, says_the_wall_time_of_its_last_poll) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    struct timespec before;
    clock_gettime(CLOCK_REALTIME, &before);
    loop_run_once(loop, false);
    int64_t seconds = loop_wall_us(loop) / 1000000;
    cr_assert_geq(seconds, before.tv_sec - 1);
    cr_assert_leq(seconds, before.tv_sec + 60);
    loop_destroy(&loop);
}

Test(loop, collects_all_that_became_ready_into_one_turn) {
    struct seen seen;
    struct loop *loop = open_loop(&seen);
    enum { COUNT = 200 };
    struct connection *connections[COUNT];
    int peers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        int pair[2];
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        connections[i] = connection_create(loop, pair[0], NULL);
        peers[i] = pair[1];
        cr_assert_eq(write(peers[i], "x", 1), 1);
    }
    /* The first polls learn how many can be ready at once. */
    for (int i = 0; i < 5; i++) loop_run_once(loop, false);
    seen.turns = 0;
    seen.ready_count = 0;
    loop_run_once(loop, false);
    cr_assert_eq(seen.turns, 1);
    cr_assert_eq(seen.ready_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        connection_close(&connections[i]);
        close(peers[i]);
    }
    loop_run_once(loop, false);
    cr_assert_eq(seen.ready_count, COUNT);
    loop_destroy(&loop);
}
