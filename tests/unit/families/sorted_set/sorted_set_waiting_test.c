/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients that wait for members. */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/server_harness.h"

static struct server_harness harness;
static struct session *waiter;

static void setup(void) {
    server_harness_init(&harness);
    waiter = server_harness_connect(&harness);
}
static void teardown(void) { server_harness_deinit(&harness); }
TestSuite(sorted_set_waiting, .init = setup, .fini = teardown);

static const char *say(const char *line) {
    return server_harness_send(&harness, waiter, bytes_of(line));
}
#define WAITS(line) cr_assert_str_eq(say(line "\r\n"), "", "%s", line)
#define GIVES(line, expected) \
    cr_assert_str_eq(server_harness_run(&harness, line), expected, "%s", line)
/* What the waiter has got since. */
#define GETS(expected) cr_assert_str_eq(say(""), expected)

Test(sorted_set_waiting, is_served_by_the_first_key_that_gets_a_member) {
    WAITS("BZPOPMIN a b 0");
    GIVES("SET b x", "+OK\r\n");
    GETS("");
    GIVES("DEL b", ":1\r\n");
    GIVES("ZADD b 2 y 1 x", ":2\r\n");
    GETS("*3\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\n1\r\n");
    GIVES("ZRANGE b 0 -1", "*1\r\n$1\r\ny\r\n");
}

Test(sorted_set_waiting, is_served_before_the_next_command_and_leaves_no_empty_set) {
    WAITS("BZMPOP 0 1 k MAX COUNT 10");
    GIVES("ZADD k 1 a 2 b", ":2\r\n");
    GIVES("EXISTS k", ":0\r\n");
    GETS("*2\r\n$1\r\nk\r\n*2\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
}

Test(sorted_set_waiting, waits_on_while_nothing_lies_in_its_range) {
    WAITS("BZPOPRANGE 0 jobs -inf 100 BYSCORE LIMIT 0 1");
    GIVES("ZADD jobs 200 later", ":1\r\n");
    GETS("");
    GIVES("ZADD jobs 50 now 60 soon", ":2\r\n");
    GETS("*2\r\n$3\r\nnow\r\n$2\r\n50\r\n");
    GIVES("ZCARD jobs", ":2\r\n");
}

Test(sorted_set_waiting, is_served_by_a_set_that_was_stored) {
    WAITS("BZPOPMAX d 0");
    server_harness_run(&harness, "ZADD a 1 x 2 y");
    GIVES("ZUNIONSTORE d 1 a", ":2\r\n");
    GETS("*3\r\n$1\r\nd\r\n$1\r\ny\r\n$1\r\n2\r\n");
    WAITS("BZPOPMIN g 0");
    GIVES("GEOADD g 1 2 a", ":1\r\n");
    cr_assert_eq(strncmp(say(""), "*3\r\n$1\r\ng\r\n$1\r\na\r\n", 17), 0);
}

Test(sorted_set_waiting, gets_null_when_its_time_is_over) {
    WAITS("BZPOPMIN k 1");
    server_harness_release(&harness);
    GETS("*-1\r\n");
}
