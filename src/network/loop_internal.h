/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What this folder's files know of each other. */
#include <ev.h>

#include "network/loop.h"

struct loop_signal;

struct loop {
    struct ev_loop *ev;
    loop_turn_fn *turn;
    void *context;
    struct connection **ready; /* owned */
    size_t ready_count;
    size_t ready_capacity;
    struct loop_signal *signals; /* owned */
    ev_async waker;
    bool is_stopping;
    bool is_hurried;
    bool is_turning;
    struct loop_stats stats;
};

/* A cache line. The descriptor is io.fd, the owner is io.data. */
struct connection {
    ev_io io;
    struct loop *loop;
    uint32_t ready_slot; /* index in loop->ready, plus one; 0: not there */
    uint16_t readiness;  /* EV_READ, EV_WRITE: what this turn's poll said */
    uint16_t wanted;     /* EV_READ, EV_WRITE: what is waited for */
};

/* Puts the connection on the list of this turn. */
void loop_add_ready(struct loop *loop, struct connection *connection, int events);
/* The connection will be gone. */
void loop_forget_ready(struct loop *loop, struct connection *connection);
