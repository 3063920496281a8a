/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Facts about this run of the program, and how it ends. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "server/background.h"

#define MAINSTAY_VERSION "0.1.0"

enum exit_code {
    EXIT_WELL = 0,
    EXIT_USAGE = 1, /* usage or configuration */
    EXIT_DATA = 2,  /* data that cannot be trusted */
    EXIT_ADDRESS_IN_USE = 3,
    EXIT_OUR_FAULT = 70,
};

struct process {
    int64_t start_us; /* wall time */
    int64_t start_monotonic_us;
    char run_id[41]; /* hexadecimal, and a zero */
    char executable[4096];
    int argc;
    char *const *argv;
    struct background background;
    size_t start_memory_bytes; /* used when all parts were made */
    bool stopping;
    int exit_code;
    int64_t oom_score_before; /* what the system gave */
    struct listeners *listeners;
};

struct server;
/* Begins an orderly end: no new clients, replies leave, the loop stops. `why` goes to the log. */
void process_stop(struct server *server, const char *why);
int64_t process_uptime_seconds(const struct server *server);
