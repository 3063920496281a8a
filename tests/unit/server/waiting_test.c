/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/waiting.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "commands/edit.h"
#include "commands/reply.h"
#include "harness/server_harness.h"
#include "keyspace/string_value.h"
#include "server/blocking.h"
#include "server/dispatch.h"
#include "server/session.h"
#include "server/transaction.h"

#define CLIENTS 8

/* TAKE key...: takes the first string that there is, or waits for one. */
static void nothing_came(struct call *call) { reply_null(call); }

static void take(struct call *call) {
    const struct bytes *keys = call->argv + 1;
    size_t count = (size_t)call->argc - 1;
    for (size_t i = 0; i < count; i++) {
        struct value value;
        if (!key_peek(call, call->database, keys[i], NULL, 0, &value, NULL)) continue;
        if (value.type != &string_type) {
            reply_wrong_type(call);
            return;
        }
        char scratch[TEXT_INTEGER_MAX];
        reply_bulk(call, string_bytes(&value, scratch));
        struct edit edit;
        cr_assert(edit_open(&edit, call, keys[i], &string_type));
        edit_delete(&edit, false);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
        return;
    }
    wait_for_keys(
        call, &(struct wait_request){
                  .keys = keys, .key_count = count, .type = &string_type, .give_up = nothing_came});
}

/* GONE key: waits until the key is not there. */
static void gone(struct call *call) {
    struct bytes key = call->argv[1];
    if (!key_exists(call, key)) {
        reply_status(call, "GONE");
        return;
    }
    wait_for_keys(call, &(struct wait_request){.keys = &key,
                                               .key_count = 1,
                                               .type = &string_type,
                                               .wake_when_gone = true,
                                               .give_up = nothing_came});
}

static const struct command take_command = {
    .name = "TAKE", .handler = take, .access = WRITES, .flags = COMMAND_BLOCKING};
static const struct command gone_command = {
    .name = "GONE", .handler = gone, .access = READS, .flags = COMMAND_BLOCKING};

struct fixture {
    struct server_harness harness;
    struct session *clients[CLIENTS];
    struct command_entry take;
    struct command_entry gone;
};

static void fixture_init(struct fixture *fixture) {
    server_harness_init(&fixture->harness);
    for (size_t i = 0; i < CLIENTS; i++)
        fixture->clients[i] = server_harness_connect(&fixture->harness);
    fixture->take = *server_harness_entry(&fixture->harness, "getdel");
    fixture->take.stats.histogram = NULL;
    fixture->take.command = &take_command;
    fixture->gone = *server_harness_entry(&fixture->harness, "get");
    fixture->gone.stats.histogram = NULL;
    fixture->gone.command = &gone_command;
}

static void fixture_deinit(struct fixture *fixture) {
    cr_assert_eq(waiting_key_count(&fixture->harness.server), 0);
    cr_assert_eq(waiting_gone_key_count(&fixture->harness.server), 0);
    server_harness_deinit(&fixture->harness);
    memory_free(fixture->take.stats.histogram);
    memory_free(fixture->gone.stats.histogram);
}

/* What was replied at once, with a zero behind it. */
static char reply[256];

static const char *ask(struct fixture *fixture, struct command_entry *entry, size_t client,
                       const char *line) {
    char copy[256];
    struct bytes words[16];
    snprintf(copy, sizeof(copy), "%s", line);
    int count = text_split_words(copy, strlen(copy), words, 16);
    struct output output;
    output_init(&output, 2);
    dispatch_run(fixture->clients[client], entry, words, count, NULL, &output, false, NULL);
    snprintf(reply, sizeof(reply), "%.*s", (int)output.len, output.data == NULL ? "" : output.data);
    output_deinit(&output);
    return reply;
}

/* What has been sent since. */
static const char *heard(struct fixture *fixture, size_t client) {
    return server_harness_send(&fixture->harness, fixture->clients[client], BYTES(""));
}

static void run(struct fixture *fixture, const char *line) {
    server_harness_run(&fixture->harness, line);
}

Test(waiting, serves_those_who_wait_in_the_order_in_which_they_came) {
    struct fixture fixture;
    fixture_init(&fixture);
    for (size_t i = 0; i < 3; i++) cr_assert_str_eq(ask(&fixture, &fixture.take, i, "TAKE k"), "");
    run(&fixture, "SET k one");
    cr_assert_str_eq(heard(&fixture, 0), "$3\r\none\r\n");
    cr_assert_str_eq(heard(&fixture, 1), "");
    run(&fixture, "SET k two");
    run(&fixture, "SET k three");
    cr_assert_str_eq(heard(&fixture, 1), "$3\r\ntwo\r\n");
    cr_assert_str_eq(heard(&fixture, 2), "$5\r\nthree\r\n");
    run(&fixture, "SET k four");
    cr_assert_str_eq(server_harness_run(&fixture.harness, "GET k"), "$4\r\nfour\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, replies_at_once_when_there_is_something) {
    struct fixture fixture;
    fixture_init(&fixture);
    run(&fixture, "SET b x");
    cr_assert_str_eq(ask(&fixture, &fixture.take, 0, "TAKE a b"), "$1\r\nx\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, wakes_after_a_transaction_and_not_inside_it) {
    struct fixture fixture;
    fixture_init(&fixture);
    ask(&fixture, &fixture.take, 0, "TAKE b a");
    ask(&fixture, &fixture.take, 1, "TAKE a");
    run(&fixture, "MULTI");
    run(&fixture, "SET a 1");
    run(&fixture, "DEL a");
    run(&fixture, "SET a 2");
    run(&fixture, "SET b 3");
    cr_assert_str_eq(server_harness_run(&fixture.harness, "EXEC"),
                     "*4\r\n+OK\r\n:1\r\n+OK\r\n+OK\r\n");
    /* The key that changed first is served first, and whoever is woken looks at its own first. */
    cr_assert_str_eq(heard(&fixture, 0), "$1\r\n3\r\n");
    cr_assert_str_eq(heard(&fixture, 1), "$1\r\n2\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, sleeps_on_when_the_key_holds_another_type) {
    struct fixture fixture;
    fixture_init(&fixture);
    ask(&fixture, &fixture.take, 0, "TAKE k");
    run(&fixture, "RL.CHECK k 5/1m");
    cr_assert_str_eq(heard(&fixture, 0), "");
    run(&fixture, "SET k x");
    cr_assert_str_eq(heard(&fixture, 0), "$1\r\nx\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, can_wait_for_a_key_to_go) {
    struct fixture fixture;
    fixture_init(&fixture);
    run(&fixture, "SET k x PX 100");
    ask(&fixture, &fixture.gone, 0, "GONE k");
    run(&fixture, "APPEND k y");
    cr_assert_str_eq(heard(&fixture, 0), "");
    cr_assert_eq(waiting_gone_key_count(&fixture.harness.server), 1);
    server_harness_advance_ms(&fixture.harness, 101);
    server_harness_settle(&fixture.harness);
    cr_assert_str_eq(heard(&fixture, 0), "+GONE\r\n");
    run(&fixture, "SET k x");
    ask(&fixture, &fixture.gone, 0, "GONE k");
    run(&fixture, "FLUSHALL");
    cr_assert_str_eq(heard(&fixture, 0), "+GONE\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, hears_of_keys_that_come_with_a_swapped_database) {
    struct fixture fixture;
    fixture_init(&fixture);
    run(&fixture, "SELECT 1");
    run(&fixture, "SET k x");
    ask(&fixture, &fixture.take, 0, "TAKE k");
    cr_assert_str_eq(heard(&fixture, 0), "");
    run(&fixture, "SWAPDB 0 1");
    cr_assert_str_eq(heard(&fixture, 0), "$1\r\nx\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, forgets_those_who_go_and_those_who_are_unblocked) {
    struct fixture fixture;
    fixture_init(&fixture);
    for (size_t i = 0; i < 4; i++) ask(&fixture, &fixture.take, i, "TAKE a b a");
    session_close(fixture.clients[0]);
    cr_assert(blocking_unblock(fixture.clients[1], false));
    cr_assert(blocking_unblock(fixture.clients[2], true));
    run(&fixture, "SET b x");
    cr_assert_str_eq(heard(&fixture, 1), "$-1\r\n");
    cr_assert_str_eq(heard(&fixture, 2), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    cr_assert_str_eq(heard(&fixture, 3), "$1\r\nx\r\n");
    fixture_deinit(&fixture);
}

Test(waiting, gives_up_at_once_in_a_transaction) {
    struct fixture fixture;
    fixture_init(&fixture);
    struct output output;
    output_init(&output, 2);
    const struct bytes words[] = {BYTES("TAKE"), BYTES("k")};
    dispatch_run(fixture.clients[0], &fixture.take, words, 2, NULL, &output, true, NULL);
    cr_assert_eq(output.len, 5);
    cr_assert_eq(memcmp(output.data, "$-1\r\n", 5), 0);
    output_deinit(&output);
    fixture_deinit(&fixture);
}

Test(waiting, journals_what_a_woken_call_did_as_a_unit_of_its_own) {
    struct fixture fixture;
    fixture_init(&fixture);
    ask(&fixture, &fixture.take, 0, "TAKE k");
    run(&fixture, "SET k x");
    const struct memory_unit *set = fixture.harness.journal.first;
    cr_assert_not_null(set);
    cr_assert_not_null(set->next);
    cr_assert(bytes_is(set->effects[0].argv[0], "SET"));
    cr_assert(bytes_is(set->next->effects[0].argv[0], "TAKE"));
    heard(&fixture, 0);
    fixture_deinit(&fixture);
}
