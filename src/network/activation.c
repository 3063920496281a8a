/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/activation.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/text.h"
#include "network/socket_options.h"

static bool is_listening_stream(int fd) {
    int type = 0;
    int listens = 0;
    socklen_t len = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM) return false;
    len = sizeof(listens);
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

static bool prepare(int fd) {
    if (!is_listening_stream(fd)) return false;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return false;
    socket_set_nodelay(fd);
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Reads the environment. NOT_FOUND: nothing is meant for us. */
static enum outcome read_count(int *count) {
    const char *pid_text = getenv("LISTEN_PID");
    const char *count_text = getenv("LISTEN_FDS");
    if (pid_text == NULL || count_text == NULL) return OUTCOME_NOT_FOUND;
    int64_t number;
    if (!text_to_integer(bytes_of(pid_text), &number)) return OUTCOME_MALFORMED;
    if (number != getpid()) return OUTCOME_NOT_FOUND;
    if (!text_to_integer(bytes_of(count_text), &number)) return OUTCOME_MALFORMED;
    if (number < 0 || number > INT_MAX - ACTIVATION_FIRST_FD) return OUTCOME_MALFORMED;
    *count = (int)number;
    return OUTCOME_OK;
}

enum outcome activation_take(int *count) {
    *count = 0;
    enum outcome outcome = read_count(count);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (outcome == OUTCOME_NOT_FOUND) return OUTCOME_OK;
    if (outcome != OUTCOME_OK) return outcome;
    for (int i = 0; i < *count; i++) {
        if (!prepare(ACTIVATION_FIRST_FD + i)) return OUTCOME_MALFORMED;
    }
    return OUTCOME_OK;
}
