/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/error_stats.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/observe.h"
#include "server/server.h"

static struct server *make_server(void) {
    struct server *server = memory_allocate_zero(sizeof(*server));
    server->error_stats = error_stats_create();
    return server;
}

static void free_server(struct server *server) {
    error_stats_destroy(&server->error_stats);
    memory_free(server);
}

Test(error_stats, codes_are_counted_and_sorted) {
    struct server *server = make_server();
    error_stats_note(server, BYTES("WRONGTYPE Operation against"));
    error_stats_note(server, BYTES("ERR syntax error"));
    error_stats_note(server, BYTES("ERR other"));
    error_stats_note(server, BYTES("NOAUTH Authentication required."));
    cr_assert_eq(error_stats_count(server->error_stats), 3);
    const char *names[] = {"ERR", "NOAUTH", "WRONGTYPE"};
    const uint64_t counts[] = {2, 1, 1};
    for (size_t i = 0; i < 3; i++) {
        uint64_t count;
        struct bytes name = error_stats_at(server->error_stats, i, &count);
        cr_assert(bytes_equal(name, bytes_of(names[i])));
        cr_assert_eq(count, counts[i]);
    }
    error_stats_reset(server->error_stats);
    cr_assert_eq(error_stats_count(server->error_stats), 0);
    free_server(server);
}

Test(error_stats, a_text_without_a_code_counts_as_err) {
    struct server *server = make_server();
    error_stats_note(server, BYTES("oneword"));
    error_stats_note(server, BYTES(""));
    error_stats_note(server, BYTES(" blank first"));
    uint64_t count;
    cr_assert(bytes_equal(error_stats_at(server->error_stats, 0, &count), BYTES("ERR")));
    cr_assert_eq(count, 3);
    free_server(server);
}

Test(error_stats, strangers_cannot_make_codes_without_end) {
    struct server *server = make_server();
    for (int i = 0; i < 1000; i++) {
        char text[200];
        int len = snprintf(text, sizeof(text), "CODE%d%0150d text", i, 0);
        error_stats_note(server, bytes_make(text, (size_t)len));
    }
    cr_assert_leq(error_stats_count(server->error_stats), 128);
    uint64_t count;
    cr_assert_leq(error_stats_at(server->error_stats, 0, &count).len, ERROR_CODE_BYTES_MAX);
    free_server(server);
}
