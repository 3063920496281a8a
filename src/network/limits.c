/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/text.h"

struct limits_descriptors limits_raise_descriptors(uint64_t wanted) {
    struct limits_descriptors result = {0};
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        result.error = errno;
        return result;
    }
    result.before = result.now = limit.rlim_cur;
    if (limit.rlim_cur >= wanted) return result;
    struct rlimit raised = {.rlim_cur = wanted, .rlim_max = limit.rlim_max};
    if (raised.rlim_max < wanted) raised.rlim_max = wanted;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
        result.now = wanted;
        return result;
    }
    result.error = errno;
    /* The hard limit can't be moved; up to it everybody may go. */
    raised = (struct rlimit){.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) result.now = raised.rlim_cur;
    return result;
}

int limits_backlog_max(void) {
    char text[32];
    int fd = open("/proc/sys/net/core/somaxconn", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t len = read(fd, text, sizeof(text));
    close(fd);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) len--;
    int64_t value;
    if (len <= 0 || !text_to_integer(bytes_make(text, (size_t)len), &value)) return 0;
    return value > 0 && value <= INT_MAX ? (int)value : 0;
}
