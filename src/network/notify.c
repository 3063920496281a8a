/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum outcome notify_send(const char *socket_path, struct bytes lines) {
    if (socket_path == NULL || socket_path[0] == '\0') return OUTCOME_NOT_FOUND;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(socket_path);
    bool is_abstract = socket_path[0] == '@';
    if (!is_abstract && socket_path[0] != '/') return OUTCOME_MALFORMED;
    if (len >= sizeof(address.sun_path)) return OUTCOME_MALFORMED;
    memcpy(address.sun_path, socket_path, len);
    if (is_abstract) address.sun_path[0] = '\0';
    /* The zero behind a path is part of the address; behind an abstract name it would be of the
     * name. */
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + !is_abstract);

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return OUTCOME_IO_FAILED;
    ssize_t sent = sendto(fd, lines.data, lines.len, MSG_NOSIGNAL,
                          (const struct sockaddr *)&address, size);
    int error = errno;
    close(fd);
    errno = error;
    return sent == (ssize_t)lines.len ? OUTCOME_OK : OUTCOME_IO_FAILED;
}
