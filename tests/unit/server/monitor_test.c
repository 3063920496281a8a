/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/observe.h"

#include "unit/server/server_transcript.h"

TestSuite(monitor, .init = server_setup, .fini = server_teardown);

Test(monitor, shows_an_exec_that_is_refused) {
    struct session *watcher = server_harness_connect(&h);
    SENDS(watcher, "MONITOR\r\n", "+OK\r\n");
    server_harness_run(&h, "MULTI");
    server_harness_run(&h, "EXEC now");
    const char *heard = server_harness_send(&h, watcher, BYTES(""));
    cr_assert_not_null(strstr(heard, "] \"MULTI\"\r\n"), "%s", heard);
    cr_assert_not_null(strstr(heard, "] \"EXEC\" \"now\"\r\n"), "%s", heard);
}

Test(monitor, shows_the_database_in_which_a_command_ended) {
    struct session *watcher = server_harness_connect(&h);
    SENDS(watcher, "MONITOR\r\n", "+OK\r\n");
    server_harness_run(&h, "SELECT 3");
    server_harness_run(&h, "RESET");
    const char *heard = server_harness_send(&h, watcher, BYTES(""));
    cr_assert_not_null(strstr(heard, " [3 "), "%s", heard);
    cr_assert_not_null(strstr(heard, "] \"SELECT\" \"3\"\r\n"), "%s", heard);
    cr_assert_not_null(strstr(heard, " [0 "), "%s", heard);
}
