/* SPDX-License-Identifier: BSD-3-Clause */
/* What the server says of the machine, on machines made of files. */
#include "server/machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    char root[64];
    char said[4096];
};

static void hear(void *context, const char *sentence) {
    struct fixture *fixture = context;
    size_t len = strlen(fixture->said);
    snprintf(fixture->said + len, sizeof(fixture->said) - len, "%s\n", sentence);
}

static void put(struct fixture *fixture, const char *path, const char *text) {
    char command[512];
    snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s%s')\" && printf '%s\\n' >'%s%s'",
             fixture->root, path, text, fixture->root, path);
    cr_assert_eq(system(command), 0);
}

/* A machine about which there is nothing to say. */
static void setup(struct fixture *fixture) {
    *fixture = (struct fixture){.root = "/tmp/machine-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(fixture->root));
    put(fixture, "/proc/sys/net/core/somaxconn", "4096");
    put(fixture, "/proc/sys/vm/overcommit_memory", "0");
    put(fixture, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
    put(fixture, "/proc/meminfo", "MemTotal:        1048576 kB");
    put(fixture, "/sys/fs/cgroup/memory.max", "max");
}

static const char *look(struct fixture *fixture, uint64_t maxmemory) {
    fixture->said[0] = '\0';
    machine_look(fixture->root, &(struct machine_wants){maxmemory, 511}, hear, fixture);
    return fixture->said;
}

static void teardown(struct fixture *fixture) {
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->root);
    cr_assert_eq(system(command), 0);
}

Test(machine, says_nothing_of_a_usual_one) {
    struct fixture fixture;
    setup(&fixture);
    cr_expect_str_eq(look(&fixture, 0), "");
    cr_expect_str_eq(look(&fixture, 512 << 20), "");
    teardown(&fixture);
}

Test(machine, says_nothing_where_it_cannot_look) {
    struct fixture fixture = {.root = "/nonexistent"};
    cr_expect_str_eq(look(&fixture, 1), "");
}

Test(machine, names_what_is_unusual_and_what_helps) {
    struct fixture fixture;
    setup(&fixture);
    put(&fixture, "/proc/sys/net/core/somaxconn", "128");
    cr_expect_str_eq(look(&fixture, 0),
                     "The kernel holds at most 128 new connections, and tcp-backlog asks for 511. "
                     "To have them: sysctl -w net.core.somaxconn=511\n");
    put(&fixture, "/proc/sys/net/core/somaxconn", "511");
    put(&fixture, "/proc/sys/vm/overcommit_memory", "2");
    cr_expect_not_null(strstr(look(&fixture, 0), "sysctl -w vm.overcommit_memory=0\n"));
    put(&fixture, "/proc/sys/vm/overcommit_memory", "1");
    cr_expect_str_eq(look(&fixture, 0), "");
    put(&fixture, "/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
    cr_expect_not_null(strstr(look(&fixture, 0), "echo madvise > /sys/kernel/mm/"));
    teardown(&fixture);
}

Test(machine, compares_maxmemory_with_what_there_is) {
    struct fixture fixture;
    setup(&fixture);
    cr_expect_not_null(strstr(look(&fixture, 2ULL << 30),
                              "maxmemory is 2147483648 bytes, and this machine has 1073741824: "));
    put(&fixture, "/sys/fs/cgroup/memory.max", "536870912");
    cr_expect_not_null(strstr(look(&fixture, 600 << 20), "this container may use 536870912: "));
    cr_expect_not_null(strstr(look(&fixture, 0), "maxmemory is not set, and this container may "));
    cr_expect_str_eq(look(&fixture, 400 << 20), "");
    put(&fixture, "/sys/fs/cgroup/memory.max", "1099511627776"); /* more than the machine has */
    cr_expect_str_eq(look(&fixture, 0), "");
    teardown(&fixture);
}
