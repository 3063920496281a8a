/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define PROBES 3

static void set(int fd, int level, int option, int value) {
    /* Refused by sockets that know no such option, which is as good. */
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

void socket_set_keepalive(int fd, int seconds) {
    set(fd, SOL_SOCKET, SO_KEEPALIVE, seconds > 0);
    if (seconds <= 0) return;
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds < PROBES ? 1 : seconds / PROBES);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
}

void socket_set_nodelay(int fd) { set(fd, IPPROTO_TCP, TCP_NODELAY, 1); }
