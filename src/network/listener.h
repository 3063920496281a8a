/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Where clients come in: opening sockets that listen (TCP, Unix, handed over by the service
 * manager) and accepting from them, many per turn.
 *
 * When the process has no descriptors or the system no memory left, accepting pauses for
 * LISTENER_PAUSE_MS and clients wait in the backlog: the loop does not spin. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "network/address.h"

#define LISTENER_ACCEPTS_PER_TURN_MAX 1000
#define LISTENER_PAUSE_MS 100
#define LISTENER_FAILURE_BYTES_MAX 160

struct loop;
struct listener;

/* --- opening -------------------------------------------------------------------------------- */

/* Why it could not be opened. */
struct listener_failure {
    const char *step; /* "bind", "listen", ...; NULL: the name means nothing */
    int error;        /* errno, or a code of getaddrinfo when step is NULL */
};

/* "bind: Address already in use", "Name or service not known"; with a final zero. */
size_t listener_failure_text(const struct listener_failure *failure,
                             char out[LISTENER_FAILURE_BYTES_MAX]);

/* An address of `bind`: "-" in front makes it optional, "*" is every IPv4 address, "::*" every
 * IPv6 address, what has a colon is IPv6, anything else an IPv4 address or a name.
 * NOT_FOUND: it is optional and this machine does not have it; IO_FAILED: see `failure`, which is
 * set in both cases. Port 0 is any free one. On OK the caller owns *fd. */
enum outcome listener_open_tcp(const char *bind_address, uint16_t port, int backlog, int *fd,
                               struct listener_failure *failure) MUST_CHECK;
/* Without the "-": as messages name it. */
const char *listener_host(const char *bind_address);
/* Replaces what is at `path`; mode 0 leaves it to the umask. Whoever closes it unlinks the path. */
enum outcome listener_open_unix(const char *path, mode_t mode, int backlog, int *fd,
                                struct listener_failure *failure) MUST_CHECK;

/* --- accepting ------------------------------------------------------------------------------ */

/* The listener may not be closed from within. */
struct listener_events {
    /* Takes fd, which is nonblocking and closed on exec; on TCP with NODELAY. */
    void (*accepted)(void *context, int fd, const struct address *peer);
    /* Accepting pauses; errno says why. */
    void (*failed)(void *context, int error);
    void *context;
};

/* Takes fd, a socket that listens. Returned owned. */
struct listener *listener_create(struct loop *loop, int fd, const struct listener_events *events);
void listener_close(struct listener **listener);
/* Connections accepted from now on have it; see connection_set_keepalive. */
void listener_set_keepalive(struct listener *listener, int seconds);
/* Accepts no more, or again: at once, also when it was pausing. */
void listener_set_accepting(struct listener *listener, bool on);
int listener_fd(const struct listener *listener);
