/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/limits.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_limits(rlim_t soft, rlim_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

Test(limits, raises_descriptors_up_to_the_hard_limit) {
    set_limits(100, 200);
    struct limits_descriptors result = limits_raise_descriptors(150);
    cr_assert_eq(result.before, 100);
    cr_assert_eq(result.now, 150);
    cr_assert_eq(result.error, 0);
    result = limits_raise_descriptors(120);
    cr_assert_eq(result.before, 150);
    cr_assert_eq(result.now, 150, "it is never lowered");
    cr_assert_eq(result.error, 0);
}

/* Root may have what it wants, so this is asked as nobody; in a child, which can't come back. */
static bool nobody_is_told(void) {
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 200};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    if (geteuid() == 0 && seteuid(65534) != 0) return false;
    struct limits_descriptors result = limits_raise_descriptors(1000);
    return result.before == 100 && result.now == 200 && result.error == EPERM;
}

Test(limits, says_how_far_it_came_when_more_is_refused) {
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) _exit(nobody_is_told() ? 0 : 1);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(limits, knows_the_longest_backlog) { cr_assert_geq(limits_backlog_max(), 1); }
