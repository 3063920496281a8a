/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/notify.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager(const char *name, size_t len) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, len);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    cr_assert_geq(fd, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

static void expect(int fd, const char *lines) {
    char buffer[256];
    ssize_t len = recv(fd, buffer, sizeof(buffer), 0);
    cr_assert_eq(len, (ssize_t)strlen(lines));
    cr_assert_eq(memcmp(buffer, lines, strlen(lines)), 0);
}

Test(notify, sends_its_lines_to_a_path) {
    char directory[] = "/tmp/notify_test_XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char path[64];
    snprintf(path, sizeof(path), "%s/notify", directory);
    int fd = manager(path, strlen(path) + 1);
    cr_assert_eq(notify_send(path, BYTES("READY=1\nSTATUS=Serving.\n")), OUTCOME_OK);
    expect(fd, "READY=1\nSTATUS=Serving.\n");
    cr_assert_eq(notify_send(path, BYTES("STOPPING=1")), OUTCOME_OK);
    expect(fd, "STOPPING=1");
    close(fd);
    unlink(path);
    rmdir(directory);
}

Test(notify, sends_its_lines_to_an_abstract_name) {
    char name[64];
    int len = snprintf(name, sizeof(name), "@notify-test-%d", (int)getpid());
    name[0] = '\0';
    int fd = manager(name, (size_t)len);
    name[0] = '@';
    cr_assert_eq(notify_send(name, BYTES("READY=1")), OUTCOME_OK);
    expect(fd, "READY=1");
    close(fd);
}

Test(notify, says_when_nobody_listens_and_when_the_name_is_wrong) {
    cr_assert_eq(notify_send(NULL, BYTES("READY=1")), OUTCOME_NOT_FOUND);
    cr_assert_eq(notify_send("", BYTES("READY=1")), OUTCOME_NOT_FOUND);
    cr_assert_eq(notify_send("relative", BYTES("READY=1")), OUTCOME_MALFORMED);
    char name[200];
    memset(name, '/', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    cr_assert_eq(notify_send(name, BYTES("READY=1")), OUTCOME_MALFORMED);
    cr_assert_eq(notify_send("/nonexistent/notify", BYTES("READY=1")), OUTCOME_IO_FAILED);
    cr_assert_eq(errno, ENOENT);
}
