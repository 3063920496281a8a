/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/connection.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "network/loop.h"

struct pair {
    struct loop *loop;
    struct connection *connection;
    struct connection *other; /* closed by the turn handler; NULL: none */
    int peer;
    int readable;
    int writable;
    int holes; /* NULL on the ready list */
};

static void turn(void *context, struct connection **ready, size_t count) {
    struct pair *pair = context;
    for (size_t i = 0; i < count; i++) {
        if (ready[i] == NULL) {
            pair->holes++;
            continue;
        }
        cr_assert_eq(connection_owner(ready[i]), pair);
        pair->readable += connection_is_readable(ready[i]);
        pair->writable += connection_is_writable(ready[i]);
        if (pair->other == NULL) continue;
        /* Each closes the other: only the first gets its turn. */
        connection_close(ready[i] == pair->other ? &pair->connection : &pair->other);
    }
}

static void open_pair(struct pair *pair) {
    *pair = (struct pair){0};
    pair->loop = loop_create(turn, pair);
    cr_assert_not_null(pair->loop);
    int fds[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    pair->connection = connection_create(pair->loop, fds[0], pair);
    pair->peer = fds[1];
}

static void close_pair(struct pair *pair) {
    connection_close(&pair->connection);
    if (pair->peer >= 0) close(pair->peer);
    loop_destroy(&pair->loop);
}

static void forget(struct pair *pair) { pair->readable = pair->writable = pair->holes = 0; }

Test(connection, is_readable_in_the_turns_when_bytes_are_there) {
    struct pair pair;
    open_pair(&pair);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 0);
    cr_assert_eq(write(pair.peer, "hello", 5), 5);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 1);
    cr_assert_eq(pair.writable, 0);
    cr_assert_not(connection_is_readable(pair.connection), "the turn is over");
    char buffer[16];
    size_t len;
    cr_assert_eq(connection_read(pair.connection, buffer, sizeof(buffer), &len), CONNECTION_MOVED);
    cr_assert_eq(len, 5);
    cr_assert_eq(memcmp(buffer, "hello", 5), 0);
    cr_assert_eq(connection_read(pair.connection, buffer, sizeof(buffer), &len), CONNECTION_WAIT);
    cr_assert_eq(len, 0);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 1);
    close_pair(&pair);
}

Test(connection, reads_into_two_places_with_one_call) {
    struct pair pair;
    open_pair(&pair);
    cr_assert_eq(write(pair.peer, "blobREST", 8), 8);
    char blob[4];
    char buffer[16];
    struct iovec parts[2] = {{blob, sizeof(blob)}, {buffer, sizeof(buffer)}};
    size_t len;
    cr_assert_eq(connection_readv(pair.connection, parts, 2, &len), CONNECTION_MOVED);
    cr_assert_eq(len, 8);
    cr_assert_eq(memcmp(blob, "blob", 4), 0);
    cr_assert_eq(memcmp(buffer, "REST", 4), 0);
    close_pair(&pair);
}

Test(connection, says_that_the_peer_has_ended_and_that_it_is_broken) {
    struct pair pair;
    open_pair(&pair);
    close(pair.peer);
    pair.peer = -1;
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 1);
    char buffer[16];
    size_t len;
    cr_assert_eq(connection_read(pair.connection, buffer, sizeof(buffer), &len), CONNECTION_ENDED);
    struct iovec part = {buffer, sizeof(buffer)};
    cr_assert_eq(connection_readv(pair.connection, &part, 1, &len), CONNECTION_ENDED);
    /* and no SIGPIPE */
    cr_assert_eq(connection_write(pair.connection, "x", 1, &len), CONNECTION_FAILED);
    cr_assert_eq(errno, EPIPE);
    cr_assert_eq(connection_writev(pair.connection, &part, 1, &len), CONNECTION_FAILED);
    cr_assert_eq(errno, EPIPE);
    close_pair(&pair);
}

Test(connection, is_told_of_room_only_while_it_waits_for_it) {
    struct pair pair;
    open_pair(&pair);
    static char block[1 << 16];
    size_t len;
    size_t sent = 0;
    enum connection_result result;
    while ((result = connection_write(pair.connection, block, sizeof(block), &len)) ==
           CONNECTION_MOVED) {
        sent += len;
    }
    cr_assert_eq(result, CONNECTION_WAIT);
    connection_watch_writing(pair.connection, true);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.writable, 0);
    for (size_t left = sent; left > 0;) {
        ssize_t got = read(pair.peer, block, sizeof(block));
        cr_assert_gt(got, 0);
        left -= (size_t)got;
    }
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.writable, 1);
    connection_watch_writing(pair.connection, false);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.writable, 1);
    close_pair(&pair);
}

Test(connection, writes_many_parts_with_one_call) {
    struct pair pair;
    open_pair(&pair);
    struct iovec parts[3] = {{(void *)(uintptr_t) "$5\r\n", 4},
                             {(void *)(uintptr_t) "value", 5},
                             {(void *)(uintptr_t) "\r\n", 2}};
    size_t len;
    cr_assert_eq(connection_writev(pair.connection, parts, 3, &len), CONNECTION_MOVED);
    cr_assert_eq(len, 11);
    char buffer[16];
    cr_assert_eq(read(pair.peer, buffer, sizeof(buffer)), 11);
    cr_assert_eq(memcmp(buffer, "$5\r\nvalue\r\n", 11), 0);
    close_pair(&pair);
}

Test(connection, reads_nothing_while_paused_and_loses_nothing) {
    struct pair pair;
    open_pair(&pair);
    connection_watch_reading(pair.connection, false);
    cr_assert_eq(write(pair.peer, "x", 1), 1);
    for (int i = 0; i < 3; i++) loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 0);
    connection_watch_reading(pair.connection, true);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 1);
    close_pair(&pair);
}

Test(connection, may_be_closed_while_it_is_on_the_ready_list) {
    struct pair pair;
    open_pair(&pair);
    int fds[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    pair.other = connection_create(pair.loop, fds[0], &pair);
    cr_assert_eq(write(pair.peer, "x", 1), 1);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    loop_run_once(pair.loop, false);
    cr_assert_eq(pair.readable, 1);
    cr_assert_eq(pair.holes, 1);
    cr_assert_neq(pair.other == NULL, pair.connection == NULL);
    close(fds[1]);
    connection_close(&pair.other);
    close_pair(&pair);
}

Test(connection, can_take_the_descriptor_of_one_closed_before) {
    struct pair pair;
    open_pair(&pair);
    for (int i = 0; i < 3; i++) {
        loop_run_once(pair.loop, false);
        int fd = connection_fd(pair.connection);
        connection_close(&pair.connection);
        close(pair.peer);
        int fds[2];
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        cr_assert(fds[0] == fd || fds[1] == fd);
        pair.connection = connection_create(pair.loop, fd, &pair);
        pair.peer = fds[0] == fd ? fds[1] : fds[0];
        forget(&pair);
        cr_assert_eq(write(pair.peer, "x", 1), 1);
        loop_run_once(pair.loop, false);
        cr_assert_eq(pair.readable, 1);
    }
    close_pair(&pair);
}

Test(connection, shows_a_socket_without_a_name_as_such) {
    struct pair pair;
    open_pair(&pair);
    char text[ADDRESS_TEXT_BYTES_MAX];
    cr_assert_eq(connection_peer_text(pair.connection, text), 2);
    cr_assert_str_eq(text, ":0");
    cr_assert(connection_is_unix(pair.connection));
    connection_set_keepalive(pair.connection, 300); /* means nothing here, and does nothing */
    connection_set_nodelay(pair.connection);
    close_pair(&pair);
}

static int option(int fd, int level, int name) {
    int value = -1;
    socklen_t len = sizeof(value);
    cr_assert_eq(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

Test(connection, probes_a_silent_peer_when_it_is_told_to) {
    struct pair pair;
    open_pair(&pair);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct connection *tcp = connection_create(pair.loop, fd, &pair);
    connection_set_keepalive(tcp, 300);
    cr_assert_neq(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    cr_assert_eq(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 300);
    cr_assert_eq(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 100);
    cr_assert_eq(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    connection_set_keepalive(tcp, 1);
    cr_assert_eq(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 1);
    connection_set_keepalive(tcp, 0);
    cr_assert_eq(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    connection_set_nodelay(tcp);
    cr_assert_neq(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    cr_assert_not(connection_is_unix(tcp));
    connection_close(&tcp);
    close_pair(&pair);
}
