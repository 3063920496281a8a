/* SPDX-License-Identifier: BSD-3-Clause */
/* Each case runs in a child: descriptor 3 belongs to the test runner. */
#include "network/activation.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/listener.h"

enum what_is_there { A_LISTENER, A_FILE };

static bool is_ready(int fd) {
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) && (fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

/* pid "": ours. NULL: the variable is not set. */
static bool child_passes(enum what_is_there what, const char *pid, const char *count,
                         enum outcome expected, int expected_count) {
    int fd;
    struct listener_failure failure;
    if (what == A_FILE) fd = open("/dev/null", O_RDONLY);
    else if (listener_open_tcp("127.0.0.1", 0, 1, &fd, &failure) != OUTCOME_OK) return false;
    if (dup2(fd, ACTIVATION_FIRST_FD) < 0 || dup2(fd, ACTIVATION_FIRST_FD + 1) < 0) return false;
    fcntl(ACTIVATION_FIRST_FD, F_SETFL, 0); /* as systemd gives it */
    char own[16];
    snprintf(own, sizeof(own), "%d", (int)getpid());
    if (pid != NULL) setenv("LISTEN_PID", pid[0] == '\0' ? own : pid, 1);
    if (count != NULL) setenv("LISTEN_FDS", count, 1);
    setenv("LISTEN_FDNAMES", "a:b", 1);
    int got = -1;
    if (activation_take(&got) != expected) return false;
    if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES")) return false;
    if (expected != OUTCOME_OK) return true;
    for (int i = 0; i < got; i++) {
        if (!is_ready(ACTIVATION_FIRST_FD + i)) return false;
    }
    return got == expected_count;
}

static bool passes(enum what_is_there what, const char *pid, const char *count,
                   enum outcome expected, int expected_count) {
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) _exit(child_passes(what, pid, count, expected, expected_count) ? 0 : 1);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Test(activation, takes_the_sockets_that_are_meant_for_this_process) {
    cr_assert(passes(A_LISTENER, "", "1", OUTCOME_OK, 1));
    cr_assert(passes(A_LISTENER, "", "2", OUTCOME_OK, 2));
}

Test(activation, takes_nothing_that_is_not_meant_for_it) {
    cr_assert(passes(A_LISTENER, NULL, NULL, OUTCOME_OK, 0));
    cr_assert(passes(A_LISTENER, "1", "1", OUTCOME_OK, 0));
    cr_assert(passes(A_LISTENER, NULL, "1", OUTCOME_OK, 0));
    cr_assert(passes(A_LISTENER, "", "0", OUTCOME_OK, 0));
}

Test(activation, refuses_nonsense) {
    cr_assert(passes(A_LISTENER, "x", "1", OUTCOME_MALFORMED, 0));
    cr_assert(passes(A_LISTENER, "", "-1", OUTCOME_MALFORMED, 0));
    cr_assert(passes(A_LISTENER, "", "99999999999", OUTCOME_MALFORMED, 0));
    cr_assert(passes(A_FILE, "", "1", OUTCOME_MALFORMED, 0));
}
