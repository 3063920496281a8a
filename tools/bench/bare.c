// SPDX-License-Identifier: BSD-3-Clause
/* The least a server can do: an epoll loop that answers every read with one constant.
 *
 *   bare PORT [REPLY_BYTES]
 *
 * The floor under requests without pipeline: what is above it is the server's own work.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 16384, EVENTS_MAX = 1024 };

static void add(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1024) < 0) {
        perror("bare");
        exit(1);
    }
    return fd;
}

/* +OK, or a bulk of so many bytes. */
static size_t make_reply(char *reply, size_t bytes) {
    if (bytes == 0) return (size_t)sprintf(reply, "+OK\r\n");
    size_t len = (size_t)sprintf(reply, "$%zu\r\n", bytes);
    memset(reply + len, 'x', bytes);
    memcpy(reply + len + bytes, "\r\n", 2);
    return len + bytes + 2;
}

int main(int argc, char **argv) {
    char room[ROOM], reply[ROOM];
    struct epoll_event events[EVENTS_MAX];
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : 7777), epoll = epoll_create1(0), yes = 1;
    size_t bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    size_t reply_len = make_reply(reply, bytes < ROOM - 64 ? bytes : ROOM - 64);
    add(epoll, listener);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept(listener, NULL, NULL);
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                add(epoll, fd);
            } else if (read(fd, room, sizeof room) <= 0) {
                close(fd);
            } else if (write(fd, reply, reply_len) < 0) {
                close(fd);
            }
        }
    }
}
