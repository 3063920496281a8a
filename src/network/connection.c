/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/connection.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "network/loop_internal.h"
#include "network/socket_options.h"

static_assert(sizeof(struct connection) == 64, "a connection is a cache line");

static void became_ready(struct ev_loop *ev, ev_io *io, int events) {
    (void)ev;
    struct connection *connection = (struct connection *)io; /* its first member */
    loop_add_ready(connection->loop, connection, events & (EV_READ | EV_WRITE));
}

struct connection *connection_create(struct loop *loop, int fd, void *owner) {
    assert(fd >= 0);
    struct connection *connection = memory_small_allocate(sizeof(*connection));
    *connection = (struct connection){.loop = loop, .wanted = EV_READ};
    ev_io_init(&connection->io, became_ready, fd, EV_READ);
    connection->io.data = owner;
    ev_io_start(loop->ev, &connection->io);
    return connection;
}

void connection_close(struct connection **connection) {
    struct connection *gone = *connection;
    if (gone == NULL) return;
    loop_forget_ready(gone->loop, gone);
    ev_io_stop(gone->loop->ev, &gone->io);
    close(gone->io.fd);
    memory_small_free(gone, sizeof(*gone));
    *connection = NULL;
}

void *connection_owner(const struct connection *connection) { return connection->io.data; }

void connection_set_owner(struct connection *connection, void *owner) {
    connection->io.data = owner;
}

int connection_fd(const struct connection *connection) { return connection->io.fd; }

bool connection_is_readable(const struct connection *connection) {
    return (connection->readiness & EV_READ) != 0;
}

bool connection_is_writable(const struct connection *connection) {
    return (connection->readiness & EV_WRITE) != 0;
}

/* --- moving bytes --------------------------------------------------------------------------- */

static enum connection_result told(ssize_t moved, size_t *len) {
    *len = moved > 0 ? (size_t)moved : 0;
    if (LIKELY(moved >= 0)) return CONNECTION_MOVED;
    /* An interrupted call moved nothing: the next poll says the same again. */
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return CONNECTION_WAIT;
    return CONNECTION_FAILED;
}

enum connection_result connection_read(struct connection *connection, void *buffer, size_t capacity,
                                       size_t *len) {
    assert(capacity > 0);
    ssize_t moved = recv(connection->io.fd, buffer, capacity, 0);
    enum connection_result result = told(moved, len);
    return moved == 0 ? CONNECTION_ENDED : result;
}

enum connection_result connection_readv(struct connection *connection, const struct iovec *parts,
                                        int count, size_t *len) {
    assert(count > 0 && parts[0].iov_len > 0);
    ssize_t moved = readv(connection->io.fd, parts, count);
    enum connection_result result = told(moved, len);
    return moved == 0 ? CONNECTION_ENDED : result;
}

enum connection_result connection_write(struct connection *connection, const void *bytes,
                                        size_t size, size_t *len) {
    return told(send(connection->io.fd, bytes, size, MSG_NOSIGNAL), len);
}

enum connection_result connection_writev(struct connection *connection, const struct iovec *parts,
                                         int count, size_t *len) {
    /* writev would raise SIGPIPE. */
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = (size_t)count};
    return told(sendmsg(connection->io.fd, &message, MSG_NOSIGNAL), len);
}

/* --- what is waited for --------------------------------------------------------------------- */

static void watch(struct connection *connection, int event, bool on) {
    int wanted = on ? connection->wanted | event : connection->wanted & ~event;
    if (wanted == connection->wanted) return;
    connection->wanted = (uint16_t)wanted;
    struct ev_loop *ev = connection->loop->ev;
    ev_io_stop(ev, &connection->io);
    if (wanted == 0) return;
    ev_io_set(&connection->io, connection->io.fd, wanted);
    ev_io_start(ev, &connection->io);
}

void connection_watch_writing(struct connection *connection, bool on) {
    watch(connection, EV_WRITE, on);
}

void connection_watch_reading(struct connection *connection, bool on) {
    watch(connection, EV_READ, on);
}

/* --- who is there --------------------------------------------------------------------------- */

size_t connection_local_text(const struct connection *connection,
                             char out[ADDRESS_TEXT_BYTES_MAX]) {
    struct address address;
    if (!address_of_socket(connection->io.fd, &address)) address = (struct address){0};
    return address_text(&address, out);
}

size_t connection_peer_text(const struct connection *connection, char out[ADDRESS_TEXT_BYTES_MAX]) {
    struct address address;
    if (!address_of_peer(connection->io.fd, &address)) address = (struct address){0};
    if (address_is_unix(&address)) return connection_local_text(connection, out);
    return address_text(&address, out);
}

bool connection_is_unix(const struct connection *connection) {
    struct address address;
    return address_of_socket(connection->io.fd, &address) && address_is_unix(&address);
}

void connection_set_keepalive(struct connection *connection, int seconds) {
    socket_set_keepalive(connection->io.fd, seconds);
}

void connection_set_nodelay(struct connection *connection) {
    socket_set_nodelay(connection->io.fd);
}

size_t connection_memory_bytes(void) { return memory_small_class(sizeof(struct connection)); }
