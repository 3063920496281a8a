/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/machine.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/text.h"

struct look {
    const char *root;
    void (*say)(void *context, const char *sentence);
    void *context;
};

static void say(const struct look *look, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(const struct look *look, const char *format, ...) {
    char sentence[MACHINE_SENTENCE_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof(sentence), format, list);
    va_end(list);
    look->say(look->context, sentence);
}

/* The first line of a small file, without its end; empty when there is none. */
static struct bytes read_line(const struct look *look, const char *path, char *out, size_t room) {
    char whole[512];
    snprintf(whole, sizeof(whole), "%s%s", look->root, path);
    int fd = open(whole, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, out, room - 1);
    if (fd >= 0) close(fd);
    if (len < 0) len = 0;
    out[len] = '\0';
    size_t end = strcspn(out, "\n");
    out[end] = '\0';
    return bytes_make(out, end);
}

static bool read_number(const struct look *look, const char *path, uint64_t *number) {
    char text[64];
    return text_to_unsigned(read_line(look, path, text, sizeof(text)), number);
}

/* --- what is looked at --- */

static void look_at_backlog(const struct look *look, int backlog) {
    uint64_t most;
    if (backlog == 0 || !read_number(look, "/proc/sys/net/core/somaxconn", &most)) return;
    if (most >= (uint64_t)backlog) return;
    say(look,
        "The kernel holds at most %llu new connections, and tcp-backlog asks for %d. To have them: "
        "sysctl -w net.core.somaxconn=%d",
        (unsigned long long)most, backlog, backlog);
}

static void look_at_overcommit(const struct look *look) {
    uint64_t mode;
    if (!read_number(look, "/proc/sys/vm/overcommit_memory", &mode) || mode != 2) return;
    say(look,
        "The kernel counts reserved memory strictly (vm.overcommit_memory is 2), so it may refuse "
        "some while much is free. To be asked less: sysctl -w vm.overcommit_memory=0");
}

static void look_at_huge_pages(const struct look *look) {
    char text[128];
    read_line(look, "/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
    if (strstr(text, "[always]") == NULL) return;
    say(look, "Transparent huge pages are always on, so memory that was given back may stay with "
              "the process, and latency may jump. To change it: "
              "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

/* "MemTotal:       16384 kB" */
static uint64_t memory_of_machine(const struct look *look) {
    char text[128];
    unsigned long long kilobytes = 0;
    read_line(look, "/proc/meminfo", text, sizeof(text));
    if (sscanf(text, "MemTotal: %llu kB", &kilobytes) != 1) return 0;
    return (uint64_t)kilobytes * 1024;
}

static void look_at_memory(const struct look *look, uint64_t maxmemory) {
    uint64_t there = memory_of_machine(look), granted;
    bool limited = read_number(look, "/sys/fs/cgroup/memory.max", &granted) ||
                   read_number(look, "/sys/fs/cgroup/memory/memory.limit_in_bytes", &granted);
    const char *who = "this machine has";
    if (limited && (there == 0 || granted < there)) {
        there = granted;
        who = "this container may use";
    } else {
        limited = false;
    }
    if (maxmemory > there && there > 0)
        say(look,
            "maxmemory is %llu bytes, and %s %llu: the kernel would end the server first. "
            "Set maxmemory below it",
            (unsigned long long)maxmemory, who, (unsigned long long)there);
    else if (maxmemory == 0 && limited)
        say(look,
            "maxmemory is not set, and %s %llu bytes: beyond them the kernel ends the "
            "server. Set maxmemory to three quarters of that, or less",
            who, (unsigned long long)there);
}

void machine_look(const char *root, const struct machine_wants *wants,
                  void (*say_)(void *context, const char *sentence), void *context) {
    struct look look = {root, say_, context};
    look_at_backlog(&look, wants->backlog);
    look_at_overcommit(&look);
    look_at_huge_pages(&look);
    look_at_memory(&look, wants->maxmemory);
}
