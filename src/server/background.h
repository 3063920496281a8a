/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How the process stands in its machine: in the background (`daemonize`), watched over by a
 * service manager (`supervised`), its number in a file (`pidfile`).
 *
 * Who starts a server in the background waits until it listens, and ends with the code of the one
 * that could not, after showing why: a mistake is seen where it was made. A service manager that
 * is told of the server's state makes `daemonize` void, as in Redis. */
#include <stdbool.h>

#include "base/bytes.h"

struct log;
struct options;

enum supervision { SUPERVISION_NONE, SUPERVISION_UPSTART, SUPERVISION_SYSTEMD };

struct background {
    enum supervision supervision;
    bool is_detached; /* this is the process in the background */
    int starter;      /* pipe to whoever started us; -1: nobody waits */
    char *pid_path;   /* owned, absolute; NULL: no file of ours */
};

/* Finds out who watches, and goes to the background if that is wanted: before threads and
 * descriptors that a fork does not carry over. False: this process has nothing left to do but to
 * end with *code. */
bool background_enter(struct background *background, struct options *options, struct log *log,
                      int *code);
/* Says to the starter why it ends here; the log has it already. */
void background_failed(struct background *background, const char *reason);
/* Writes the file with the number: a start goes on without it, as in Redis, and says so. */
void background_write_pid(struct background *background, struct options *options, struct log *log);
/* The server answers now: whoever waits for it goes on. */
void background_ready(struct background *background, struct log *log);
/* Lines of sd_notify(3), when systemd is to be told. */
void background_notify(const struct background *background, const char *lines);
/* Removes the file, unless another process has written its number there since. */
void background_leave(struct background *background, struct log *log);
/* "no", "upstart", "systemd": INFO's process_supervised. */
const char *background_supervisor(const struct background *background);
