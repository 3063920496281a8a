/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/transaction.h"

#include "unit/server/server_transcript.h"

TestSuite(transaction, .init = server_setup, .fini = server_teardown);

static const char *shown(const char *line) { return server_harness_run(&h, line); }

Test(transaction, watches_no_longer_once_a_watched_key_has_changed) {
    struct session *other = server_harness_connect(&h);
    SENDS(other, "WATCH a b\r\n", "+OK\r\n");
    SAYS("WATCH b c", "+OK\r\n");
    cr_assert_eq(watches_count(h.server.watches), 3);
    SENDS(other, "SET a 1\r\n", "+OK\r\n");
    cr_assert_eq(watches_count(h.server.watches), 2);
    SENDS(other, "SET c 1\r\n", "+OK\r\n");
    cr_assert_eq(watches_count(h.server.watches), 0);
    cr_assert_eq(watches_session_count(h.server.watches), 0);
    SENDS(other, "WATCH z\r\n", "+OK\r\n");
    cr_assert_eq(watches_count(h.server.watches), 0, "a dirty client watches nothing");
    SENDS(other, "MULTI\r\nPING\r\nEXEC\r\n", "+OK\r\n+QUEUED\r\n*-1\r\n");
    SAYS("MULTI", "+OK\r\n");
    SAYS("EXEC", "*-1\r\n");
}

Test(transaction, is_marked_by_each_of_many_keys_and_clients) {
    struct session *clients[20];
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        clients[i] = server_harness_connect(&h);
        SENDS(clients[i], "WATCH same other\r\n", "+OK\r\n");
    }
    SAYS("SET same 1", "+OK\r\n");
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        SENDS(clients[i], "MULTI\r\nEXEC\r\n", "+OK\r\n*-1\r\n");
    cr_assert_eq(watches_count(h.server.watches), 0);
}

Test(transaction, is_marked_when_its_database_is_emptied_or_swapped) {
    struct session *holder = server_harness_connect(&h), *hoper = server_harness_connect(&h);
    SAYS("SET there 1", "+OK\r\n");
    SENDS(holder, "WATCH there also\r\n", "+OK\r\n");
    SENDS(hoper, "WATCH missing\r\n", "+OK\r\n");
    SAYS("FLUSHALL", "+OK\r\n");
    cr_assert_eq(watches_count(h.server.watches), 1);
    SENDS(holder, "MULTI\r\nEXEC\r\n", "+OK\r\n*-1\r\n");
    SENDS(hoper, "MULTI\r\nEXEC\r\n", "+OK\r\n*0\r\n");
}

Test(transaction, is_marked_by_a_watched_key_whose_time_came) {
    SAYS("SET k v PX 10", "+OK\r\n");
    SAYS("SET l v PX 10", "+OK\r\n");
    SAYS("WATCH k l", "+OK\r\n");
    server_harness_advance_ms(&h, 11);
    SAYS("MULTI", "+OK\r\n");
    SAYS("EXEC", "*-1\r\n");
    cr_assert_eq(watches_count(h.server.watches), 0);
}

Test(transaction, is_seen_by_what_it_runs) {
    SAYS("MULTI", "+OK\r\n");
    SAYS("PING", "+QUEUED\r\n");
    SAYS("CLIENT INFO", "+QUEUED\r\n");
    const char *info = shown("EXEC");
    cr_assert_not_null(strstr(info, " flags=x "), "%s", info);
    cr_assert_not_null(strstr(info, " multi=2 "), "%s", info);
    info = shown("CLIENT INFO");
    cr_assert_not_null(strstr(info, " flags=N "), "%s", info);
    cr_assert_not_null(strstr(info, " multi=-1 "), "%s", info);
}
