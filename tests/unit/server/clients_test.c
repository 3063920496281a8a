/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is sent away by `timeout`, with a clock that the test moves. */
#include "server/clients.h"

#include <criterion/criterion.h>

#include "harness/server_harness.h"
#include "server/session.h"

static struct server_harness h;
static void setup(void) { server_harness_init(&h); }
static void teardown(void) { server_harness_deinit(&h); }
TestSuite(clients, .init = setup, .fini = teardown);

static struct session *client_that_said(const char *request) {
    struct session *client = server_harness_connect(&h);
    server_harness_send(&h, client, bytes_of(request));
    cr_assert(!h.closed, "%s", request);
    return client;
}

static bool stays_after(struct session *client, int64_t ms) {
    server_harness_advance_ms(&h, ms);
    executor_refresh_now(&h.server.executor);
    clients_tend(&h.server);
    return session_is_alive(client);
}

static void set_timeout(const char *line) {
    cr_assert_str_eq(server_harness_run(&h, line), "+OK\r\n");
}

Test(clients, an_idle_client_goes_when_its_time_is_over_and_not_before) {
    set_timeout("CONFIG SET timeout 10");
    struct session *client = client_that_said("PING\r\n");
    cr_assert(stays_after(client, 10000));
    cr_assert(!stays_after(client, 1));
}

Test(clients, whoever_says_something_may_stay) {
    set_timeout("CONFIG SET timeout 10");
    struct session *client = client_that_said("PING\r\n");
    for (int i = 0; i < 5; i++) {
        cr_assert(stays_after(client, 9000));
        server_harness_send(&h, client, BYTES("PING\r\n"));
    }
}

Test(clients, without_a_timeout_nobody_goes) {
    struct session *client = client_that_said("PING\r\n");
    cr_assert(stays_after(client, (int64_t)365 * 86400 * 1000));
}

Test(clients, those_who_wait_listen_or_look_on_may_be_silent) {
    static const char *const requests[] = {"SUBSCRIBE a\r\n", "PSUBSCRIBE a*\r\n", "MONITOR\r\n",
                                           "WAIT 1 0\r\n", "SSUBSCRIBE a\r\n"};
    set_timeout("CONFIG SET timeout 10");
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct session *client = client_that_said(requests[i]);
        cr_assert(stays_after(client, 1000000), "%s", requests[i]);
    }
}
