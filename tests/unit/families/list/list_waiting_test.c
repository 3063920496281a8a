/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients that wait for elements. */
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
TestSuite(list_waiting, .init = setup, .fini = teardown);

static const char *say(const char *line) {
    return server_harness_send(&harness, waiter, bytes_of(line));
}
#define WAITS(line) cr_assert_str_eq(say(line "\r\n"), "", "%s", line)
#define GIVES(line, expected) \
    cr_assert_str_eq(server_harness_run(&harness, line), expected, "%s", line)
/* What the waiter has got since. */
#define GETS(expected) cr_assert_str_eq(say(""), expected)

Test(list_waiting, is_served_by_the_first_key_that_gets_an_element) {
    WAITS("BLPOP a b 0");
    GIVES("SET b x", "+OK\r\n");
    GETS("");
    GIVES("DEL b", ":1\r\n");
    GIVES("RPUSH b x y", ":2\r\n");
    GETS("*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
    GIVES("LRANGE b 0 -1", "*1\r\n$1\r\ny\r\n");
}

Test(list_waiting, passes_elements_on_along_a_chain) {
    WAITS("BLMOVE a b LEFT RIGHT 0");
    struct session *second = server_harness_connect(&harness);
    cr_assert_str_eq(server_harness_send(&harness, second, BYTES("BRPOP b 0\r\n")), "");
    GIVES("LPUSH a x", ":1\r\n");
    GETS("$1\r\nx\r\n");
    cr_assert_str_eq(server_harness_send(&harness, second, BYTES("")),
                     "*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
    GIVES("EXISTS a b", ":0\r\n");
}

Test(list_waiting, serves_who_came_first_first) {
    WAITS("BLPOP l 0");
    struct session *second = server_harness_connect(&harness);
    cr_assert_str_eq(server_harness_send(&harness, second, BYTES("BLPOP l 0\r\n")), "");
    GIVES("RPUSH l 1", ":1\r\n");
    GETS("*2\r\n$1\r\nl\r\n$1\r\n1\r\n");
    cr_assert_str_eq(server_harness_send(&harness, second, BYTES("")), "");
    GIVES("RPUSH l 2", ":1\r\n");
    cr_assert_str_eq(server_harness_send(&harness, second, BYTES("")),
                     "*2\r\n$1\r\nl\r\n$1\r\n2\r\n");
}

Test(list_waiting, wakes_after_a_transaction_and_sees_all_of_it) {
    WAITS("BLPOP l 0");
    GIVES("MULTI", "+OK\r\n");
    GIVES("RPUSH l 1", "+QUEUED\r\n");
    GIVES("DEL l", "+QUEUED\r\n");
    GIVES("EXEC", "*2\r\n:1\r\n:1\r\n");
    GETS("");
    GIVES("RPUSH l 2", ":1\r\n");
    GETS("*2\r\n$1\r\nl\r\n$1\r\n2\r\n");
}

Test(list_waiting, gets_null_when_its_time_is_over) {
    WAITS("BLPOP l 0.5");
    server_harness_release(&harness);
    GETS("*-1\r\n");
    GIVES("RPUSH l 1", ":1\r\n");
    GETS("");
}
