/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/listener.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "network/connection.h"
#include "network/loop.h"

#define CLIENTS_MAX 16

struct door {
    struct loop *loop;
    struct listener *listener;
    int port;
    int accepted_fds[CLIENTS_MAX];
    int accepted;
    bool peer_is_local;
    int failures;
    int error;
};

static void turn(void *context, struct connection **ready, size_t count) {
    (void)context;
    (void)ready;
    cr_assert_eq(count, 0);
}

static void accepted(void *context, int fd, const struct address *peer) {
    struct door *door = context;
    cr_assert_lt(door->accepted, CLIENTS_MAX);
    door->accepted_fds[door->accepted++] = fd;
    door->peer_is_local = address_is_local(peer);
}

static void failed(void *context, int error) {
    struct door *door = context;
    door->failures++;
    door->error = error;
}

static void open_door(struct door *door, int fd) {
    *door = (struct door){0};
    door->loop = loop_create(turn, door);
    cr_assert_not_null(door->loop);
    struct listener_events events = {accepted, failed, door};
    door->listener = listener_create(door->loop, fd, &events);
    struct address address;
    cr_assert(address_of_socket(fd, &address));
    door->port = address_port(&address);
}

static void close_door(struct door *door) {
    listener_close(&door->listener);
    for (int i = 0; i < door->accepted; i++) close(door->accepted_fds[i]);
    loop_destroy(&door->loop);
}

static int open_tcp(const char *bind_address, uint16_t port) {
    int fd = -1;
    struct listener_failure failure;
    char text[LISTENER_FAILURE_BYTES_MAX] = "";
    enum outcome outcome = listener_open_tcp(bind_address, port, 16, &fd, &failure);
    if (outcome != OUTCOME_OK) listener_failure_text(&failure, text);
    cr_assert_eq(outcome, OUTCOME_OK, "%s", text);
    return fd;
}

static int connect_to(struct door *door) {
    struct address address;
    cr_assert(address_of_socket(listener_fd(door->listener), &address));
    int fd = socket(address.storage.ss_family, SOCK_STREAM, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address.storage, address.len), 0);
    return fd;
}

static int option(int fd, int level, int name) {
    int value = -1;
    socklen_t len = sizeof(value);
    cr_assert_eq(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

Test(listener, accepts_all_who_wait_in_one_turn, .timeout = 10) {
    struct door door;
    open_door(&door, open_tcp("127.0.0.1", 0));
    int clients[5];
    for (int i = 0; i < 5; i++) clients[i] = connect_to(&door);
    loop_run_once(door.loop, true);
    cr_assert_eq(door.accepted, 5);
    cr_assert(door.peer_is_local);
    for (int i = 0; i < 5; i++) close(clients[i]);
    close_door(&door);
}

Test(listener, gives_sockets_that_need_no_more_preparation, .timeout = 10) {
    struct door door;
    open_door(&door, open_tcp("127.0.0.1", 0));
    listener_set_keepalive(door.listener, 60);
    int client = connect_to(&door);
    loop_run_once(door.loop, true);
    int fd = door.accepted_fds[0];
    cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_assert_neq(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    cr_assert_neq(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    cr_assert_eq(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
    close(client);
    close_door(&door);
}

/* What CLIENT LIST shows. */
static void expect_texts(struct door *door, int client, const char *format) {
    struct address end;
    char expected[ADDRESS_TEXT_BYTES_MAX];
    char text[ADDRESS_TEXT_BYTES_MAX];
    struct connection *connection = connection_create(door->loop,
                                                      door->accepted_fds[--door->accepted], NULL);
    cr_assert(address_of_socket(client, &end));
    snprintf(expected, sizeof(expected), format, address_port(&end));
    cr_assert_eq(connection_peer_text(connection, text), strlen(expected));
    cr_assert_str_eq(text, expected);
    snprintf(expected, sizeof(expected), format, door->port);
    cr_assert_eq(connection_local_text(connection, text), strlen(expected));
    cr_assert_str_eq(text, expected);
    connection_close(&connection);
}

Test(listener, knows_both_ends_of_a_connection_by_name, .timeout = 10) {
    static const struct {
        const char *bind;
        const char *format;
    } rows[] = {{"127.0.0.1", "127.0.0.1:%d"}, {"localhost", "127.0.0.1:%d"}, {"-::1", "[::1]:%d"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int fd;
        struct listener_failure failure;
        enum outcome outcome = listener_open_tcp(rows[i].bind, 0, 16, &fd, &failure);
        if (outcome == OUTCOME_NOT_FOUND) continue; /* a machine without IPv6 */
        cr_assert_eq(outcome, OUTCOME_OK);
        struct door door;
        open_door(&door, fd);
        int client = connect_to(&door);
        loop_run_once(door.loop, true);
        cr_assert_eq(door.accepted, 1);
        cr_assert(door.peer_is_local);
        expect_texts(&door, client, rows[i].format);
        close(client);
        close_door(&door);
    }
}

Test(listener, listens_on_every_address_of_both_families_at_one_port) {
    int ipv4 = open_tcp("*", 0);
    struct address address;
    cr_assert(address_of_socket(ipv4, &address));
    int ipv6;
    struct listener_failure failure;
    enum outcome outcome = listener_open_tcp("-::*", address_port(&address), 16, &ipv6, &failure);
    cr_assert(outcome == OUTCOME_OK || outcome == OUTCOME_NOT_FOUND);
    if (outcome == OUTCOME_OK) {
        cr_assert_neq(option(ipv6, IPPROTO_IPV6, IPV6_V6ONLY), 0);
        close(ipv6);
    }
    close(ipv4);
}

static void expect_failure(const char *bind_address, int port, enum outcome expected,
                           const char *expected_text) {
    int fd;
    struct listener_failure failure;
    char text[LISTENER_FAILURE_BYTES_MAX];
    cr_assert_eq(listener_open_tcp(bind_address, (uint16_t)port, 16, &fd, &failure), expected);
    cr_assert_eq(listener_failure_text(&failure, text), strlen(expected_text));
    cr_assert_str_eq(text, expected_text);
}

Test(listener, says_what_failed_and_why) {
    struct door door;
    open_door(&door, open_tcp("127.0.0.1", 0));
    expect_failure("127.0.0.1", door.port, OUTCOME_IO_FAILED, "bind: Address already in use");
    expect_failure("-127.0.0.1", door.port, OUTCOME_IO_FAILED, "bind: Address already in use");
    expect_failure("192.0.2.1", 0, OUTCOME_IO_FAILED, "bind: Cannot assign requested address");
    expect_failure("-192.0.2.1", 0, OUTCOME_NOT_FOUND, "bind: Cannot assign requested address");
    expect_failure("::zz", 0, OUTCOME_IO_FAILED, "Name or service not known");
    cr_assert_str_eq(listener_host("-::1"), "::1");
    cr_assert_str_eq(listener_host("*"), "*");
    close_door(&door);
}

Test(listener, listens_at_a_path_with_a_mode, .timeout = 10) {
    char directory[] = "/tmp/listener_test_XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char path[64];
    snprintf(path, sizeof(path), "%s/socket", directory);
    for (int round = 0; round < 2; round++) { /* the second replaces what the first left */
        int fd;
        struct listener_failure failure;
        cr_assert_eq(listener_open_unix(path, 0720, 16, &fd, &failure), OUTCOME_OK);
        struct stat status;
        cr_assert_eq(stat(path, &status), 0);
        cr_assert(S_ISSOCK(status.st_mode));
        cr_assert_eq(status.st_mode & 0777, 0720);
        struct door door;
        open_door(&door, fd);
        int client = connect_to(&door);
        loop_run_once(door.loop, true);
        cr_assert(door.peer_is_local);
        struct connection *connection = connection_create(door.loop,
                                                          door.accepted_fds[--door.accepted], NULL);
        char expected[ADDRESS_TEXT_BYTES_MAX];
        char text[ADDRESS_TEXT_BYTES_MAX];
        snprintf(expected, sizeof(expected), "%s:0", path);
        connection_peer_text(connection, text);
        cr_assert_str_eq(text, expected);
        connection_local_text(connection, text);
        cr_assert_str_eq(text, expected);
        cr_assert(connection_is_unix(connection));
        connection_close(&connection);
        close(client);
        close_door(&door);
    }
    unlink(path);
    rmdir(directory);
}

Test(listener, refuses_a_path_that_cannot_be) {
    int fd;
    struct listener_failure failure;
    char text[LISTENER_FAILURE_BYTES_MAX];
    cr_assert_eq(listener_open_unix("/nonexistent/socket", 0, 16, &fd, &failure),
                 OUTCOME_IO_FAILED);
    listener_failure_text(&failure, text);
    cr_assert_str_eq(text, "bind: No such file or directory");
    char path[200];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    cr_assert_eq(listener_open_unix(path, 0, 16, &fd, &failure), OUTCOME_IO_FAILED);
    listener_failure_text(&failure, text);
    cr_assert_str_eq(text, "bind: File name too long");
}

Test(listener, pauses_without_spinning_when_there_are_no_descriptors, .timeout = 10) {
    struct door door;
    open_door(&door, open_tcp("127.0.0.1", 0));
    int client = connect_to(&door);
    loop_run_once(door.loop, false);
    cr_assert_eq(door.accepted, 1);
    int another = connect_to(&door);
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int i = 0; i < 5; i++) loop_run_once(door.loop, false);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert_eq(door.failures, 1);
    cr_assert_eq(door.error, EMFILE);
    cr_assert_eq(door.accepted, 1);
    while (door.accepted == 1) loop_run_once(door.loop, true); /* it goes on by itself */
    cr_assert_eq(door.failures, 1);
    close(client);
    close(another);
    close_door(&door);
}

Test(listener, accepts_only_while_it_should, .timeout = 10) {
    struct door door;
    open_door(&door, open_tcp("127.0.0.1", 0));
    listener_set_accepting(door.listener, false);
    int client = connect_to(&door);
    for (int i = 0; i < 3; i++) loop_run_once(door.loop, false);
    cr_assert_eq(door.accepted, 0);
    listener_set_accepting(door.listener, true);
    loop_run_once(door.loop, true);
    cr_assert_eq(door.accepted, 1);
    close(client);
    close_door(&door);
}
