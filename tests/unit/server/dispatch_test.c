/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/dispatch.h"

#include "unit/server/server_transcript.h"

TestSuite(dispatch, .init = server_setup, .fini = server_teardown);

#define ABORTED "-EXECABORT Transaction discarded because of: "

Test(dispatch, ends_a_transaction_whose_exec_is_refused) {
    SAYS("EXEC extra", ABORTED "wrong number of arguments for 'exec' command\r\n");
    SAYS("MULTI", "+OK\r\n");
    SAYS("SET k v", "+QUEUED\r\n");
    SAYS("EXEC extra", ABORTED "wrong number of arguments for 'exec' command\r\n");
    SAYS("EXEC", ERROR("EXEC without MULTI"));
    SAYS("EXISTS k", ":0\r\n");
}

Test(dispatch, tells_why_a_subscriber_may_not_exec) {
    SAYS("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    SAYS("EXEC", ABORTED "Can't execute 'exec': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / "
                         "QUIT / RESET are allowed in this context\r\n");
    SAYS("GET k", ERROR("Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT "
                        "/ RESET are allowed in this context"));
}

Test(dispatch, closes_the_connection_of_a_tricked_web_browser) {
    static const char *const lines[] = {"POST /", "Host: example.org", "post", "hOsT:"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        SAYS(lines[i], "");
        cr_assert(h.closed, "%s", lines[i]);
    }
    SAYS("POSTING", ERROR("unknown command 'POSTING', with args beginning with: "));
    struct session *browser = server_harness_connect(&h);
    SENDS(browser, "POST / HTTP/1.1\r\nSET k v\r\n", "");
    SAYS("EXISTS k", ":0\r\n");
}

Test(dispatch, keeps_whoever_monitors_from_the_keyspace) {
    SAYS("MONITOR", "+OK\r\n");
    SAYS("GET k", ERROR("Replica can't interact with the keyspace"));
    SAYS("SET k v", ERROR("Replica can't interact with the keyspace"));
    SAYS("PUBLISH c m", ERROR("Replica can't interact with the keyspace"));
    SAYS("MONITOR", "");
    SAYS("RESET", "+RESET\r\n");
    SAYS("GET k", NULL_BULK);
}
