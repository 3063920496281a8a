/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One stream socket in the loop: 64 bytes. Reading is waited for from the start; writing only
 * while the socket is full, so a request costs one read and one write and no epoll_ctl. It holds
 * no buffers: its owner does.
 *
 * A connection that we open ourselves will be the same thing, writable when it is established. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/outcome.h"
#include "network/address.h"

struct connection;
struct loop;

/* Takes fd, which must be a nonblocking stream socket. Returned owned. */
struct connection *connection_create(struct loop *loop, int fd, void *owner);
/* Closes the socket. At any time: a slot on the list of the running turn becomes NULL. */
void connection_close(struct connection **connection);

void *connection_owner(const struct connection *connection);
void connection_set_owner(struct connection *connection, void *owner);
int connection_fd(const struct connection *connection);

/* What this turn's poll said; false outside the turn. A broken connection is both. */
bool connection_is_readable(const struct connection *connection);
bool connection_is_writable(const struct connection *connection);

enum connection_result {
    CONNECTION_MOVED,  /* some bytes: *len of them, maybe fewer than asked */
    CONNECTION_WAIT,   /* none now */
    CONNECTION_ENDED,  /* reading only: the peer sends no more */
    CONNECTION_FAILED, /* errno says why; close it */
};

/* One system call each. A read that gives less than was asked for has emptied the socket. */
enum connection_result connection_read(struct connection *connection, void *buffer, size_t capacity,
                                       size_t *len) MUST_CHECK;
enum connection_result connection_readv(struct connection *connection, const struct iovec *parts,
                                        int count, size_t *len) MUST_CHECK;
enum connection_result connection_write(struct connection *connection, const void *bytes,
                                        size_t size, size_t *len) MUST_CHECK;
/* At most IOV_MAX (1024) parts. */
enum connection_result connection_writev(struct connection *connection, const struct iovec *parts,
                                         int count, size_t *len) MUST_CHECK;

/* Waits for room in the socket, or no longer; nothing happens when it is so already. */
void connection_watch_writing(struct connection *connection, bool on);
/* Pauses or resumes reading. A paused connection does not notice that its peer went away. */
void connection_watch_reading(struct connection *connection, bool on);

/* Text with a final zero; its length. For a Unix socket both give the listener's path. */
size_t connection_peer_text(const struct connection *connection, char out[ADDRESS_TEXT_BYTES_MAX]);
size_t connection_local_text(const struct connection *connection, char out[ADDRESS_TEXT_BYTES_MAX]);
bool connection_is_unix(const struct connection *connection);

/* Probes from `seconds` of silence on; a peer that does not answer is given up after about twice
 * that. 0: never. Sockets of other kinds are left alone. */
void connection_set_keepalive(struct connection *connection, int seconds);
void connection_set_nodelay(struct connection *connection);

size_t connection_memory_bytes(void);
