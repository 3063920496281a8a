/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/listener.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "network/loop_internal.h"
#include "network/socket_options.h"

struct listener {
    ev_io io; /* .data: this */
    struct loop *loop;
    struct listener_events events;
    struct loop_timer *pause; /* runs while descriptors or memory are short */
    bool is_accepting;
};

/* --- opening -------------------------------------------------------------------------------- */

size_t listener_failure_text(const struct listener_failure *failure,
                             char out[LISTENER_FAILURE_BYTES_MAX]) {
    bool is_named = failure->step != NULL;
    const char *reason = is_named ? strerror(failure->error) : gai_strerror(failure->error);
    int len = snprintf(out, LISTENER_FAILURE_BYTES_MAX, "%s%s%s", is_named ? failure->step : "",
                       is_named ? ": " : "", reason);
    return len < LISTENER_FAILURE_BYTES_MAX ? (size_t)len : LISTENER_FAILURE_BYTES_MAX - 1;
}

const char *listener_host(const char *bind_address) {
    return bind_address[0] == '-' ? bind_address + 1 : bind_address;
}

static enum outcome fail(struct listener_failure *failure, const char *step, int fd) {
    *failure = (struct listener_failure){.step = step, .error = errno};
    if (fd >= 0) close(fd);
    return OUTCOME_IO_FAILED;
}

static enum outcome open_resolved(const struct addrinfo *info, int backlog, int *fd,
                                  struct listener_failure *failure) {
    int one = 1;
    *fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, info->ai_protocol);
    if (*fd < 0) return fail(failure, "socket", -1);
    /* "*" and "::*" may both be bound only if the second does not include the first. */
    if (info->ai_family == AF_INET6 &&
        setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) != 0) {
        return fail(failure, "setsockopt IPV6_V6ONLY", *fd);
    }
    if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0) {
        return fail(failure, "setsockopt SO_REUSEADDR", *fd);
    }
    /* Accepted sockets inherit it, which saves a system call for each. */
    socket_set_nodelay(*fd);
    if (bind(*fd, info->ai_addr, info->ai_addrlen) != 0) return fail(failure, "bind", *fd);
    if (listen(*fd, backlog) != 0) return fail(failure, "listen", *fd);
    return OUTCOME_OK;
}

/* The machine does not have such an address, or not such addresses at all. */
static bool is_absent(int error) {
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPFNOSUPPORT ||
           error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == ENOENT;
}

enum outcome listener_open_tcp(const char *bind_address, uint16_t port, int backlog, int *fd,
                               struct listener_failure *failure) {
    bool is_optional = bind_address[0] == '-';
    const char *host = listener_host(bind_address);
    bool is_ipv6 = strchr(host, ':') != NULL;
    bool is_any = strcmp(host, "*") == 0 || strcmp(host, "::*") == 0;
    struct addrinfo hints = {.ai_family = is_ipv6 ? AF_INET6 : AF_INET,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    struct addrinfo *list = NULL;
    int code = getaddrinfo(is_any ? NULL : host, service, &hints, &list);
    if (code == EAI_SYSTEM) return fail(failure, "getaddrinfo", -1);
    if (code != 0) {
        *failure = (struct listener_failure){.step = NULL, .error = code};
        return OUTCOME_IO_FAILED;
    }
    enum outcome outcome = open_resolved(list, backlog, fd, failure);
    freeaddrinfo(list);
    if (outcome != OUTCOME_OK && is_optional && is_absent(failure->error)) {
        return OUTCOME_NOT_FOUND;
    }
    return outcome;
}

enum outcome listener_open_unix(const char *path, mode_t mode, int backlog, int *fd,
                                struct listener_failure *failure) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return fail(failure, "bind", -1);
    }
    memcpy(address.sun_path, path, len + 1);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0) return fail(failure, "socket", -1);
    (void)unlink(path);
    /* Linux gives the file the mode of the socket, so that it is never open wider than asked. */
    if (mode != 0 && fchmod(*fd, mode) != 0) return fail(failure, "fchmod", *fd);
    if (bind(*fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        return fail(failure, "bind", *fd);
    }
    /* What the umask took away. */
    if (mode != 0 && chmod(path, mode) != 0) return fail(failure, "chmod", *fd);
    if (listen(*fd, backlog) != 0) return fail(failure, "listen", *fd);
    return OUTCOME_OK;
}

/* --- accepting ------------------------------------------------------------------------------ */

static void watch(struct listener *listener) {
    struct ev_loop *ev = listener->loop->ev;
    if (listener->is_accepting && !loop_timer_is_running(listener->pause)) {
        ev_io_start(ev, &listener->io);
    } else {
        ev_io_stop(ev, &listener->io);
    }
}

static void pause_ended(void *context) { watch(context); }

/* Errors of the one connection that was to be accepted, which is gone (accept(2)). */
static bool concerns_the_client(int error) {
    switch (error) {
    case ECONNABORTED:
    case EINTR:
    case EPERM: /* a firewall */
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH: return true;
    default: return false;
    }
}

static void accept_some(struct ev_loop *ev, ev_io *io, int events) {
    (void)ev;
    (void)events;
    struct listener *listener = io->data;
    for (int i = 0; i < LISTENER_ACCEPTS_PER_TURN_MAX && listener->is_accepting; i++) {
        struct address peer = {.len = sizeof(peer.storage)};
        int fd = accept4(io->fd, (struct sockaddr *)&peer.storage, &peer.len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            listener->events.accepted(listener->events.context, fd, &peer);
            continue;
        }
        int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK) return;
        if (concerns_the_client(error)) continue;
        loop_timer_start(listener->pause, (int64_t)LISTENER_PAUSE_MS * 1000);
        watch(listener);
        listener->events.failed(listener->events.context, error);
        return;
    }
}

struct listener *listener_create(struct loop *loop, int fd, const struct listener_events *events) {
    assert(fd >= 0 && events->accepted != NULL && events->failed != NULL);
    struct listener *listener = memory_allocate_zero(sizeof(*listener));
    listener->loop = loop;
    listener->events = *events;
    listener->is_accepting = true;
    listener->pause = loop_timer_create(loop, pause_ended, listener);
    ev_io_init(&listener->io, accept_some, fd, EV_READ);
    listener->io.data = listener;
    watch(listener);
    return listener;
}

void listener_close(struct listener **listener) {
    struct listener *gone = *listener;
    if (gone == NULL) return;
    ev_io_stop(gone->loop->ev, &gone->io);
    loop_timer_destroy(&gone->pause);
    close(gone->io.fd);
    memory_free(gone);
    *listener = NULL;
}

void listener_set_keepalive(struct listener *listener, int seconds) {
    socket_set_keepalive(listener->io.fd, seconds);
}

void listener_set_accepting(struct listener *listener, bool on) {
    listener->is_accepting = on;
    loop_timer_stop(listener->pause);
    watch(listener);
}

int listener_fd(const struct listener *listener) { return listener->io.fd; }
