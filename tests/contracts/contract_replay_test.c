/* SPDX-License-Identifier: BSD-3-Clause */
/* The promise of replay: what was journaled does in another engine what was done here, whatever the
 * commands, whenever keys end, inside transactions and outside. */
#include "contracts/contract.h"

#include <stdio.h>

#include "base/memory.h"

static struct contract c;
static struct replica replica;
static bool in_transaction;

static void setup_with(uint64_t seed) {
    in_transaction = false;
    contract_init(&c, seed);
    c.generator.wild_once_in = 20;
    if (seed % 2 == 1) server_harness_run(&c.server, "HELLO 3");
    replica_init(&replica, &c.server);
}
static void teardown(void) {
    replica_deinit(&replica);
    contract_deinit(&c);
}
TestSuite(contract_replay, .timeout = 300);

/* --- a stream of commands --- */

static void move_clock(void) {
    static const int64_t steps_ms[] = {1, 5, 100, 999, 1000, 1001, 5000, 60000, 86400000};
    server_harness_advance_ms(&c.server, steps_ms[choice_below(&c.choice, COUNT_OF(steps_ms))]);
    if (choice_once_in(&c.choice, 2)) server_harness_settle(&c.server);
}

/* Payloads to restore, later and elsewhere. */
static void learn(void) {
    const struct family *family = c.server.families[choice_below(&c.choice, c.server.family_count)];
    if (family->type_count == 0) return;
    size_t number = choice_below(&c.choice, GENERATOR_KEYS);
    const struct bytes argv[] = {BYTES("DUMP"),
                                 command_generator_key(&c.generator, family, number)};
    const char *reply = server_harness_run_argv(&c.server, argv, 2);
    if (reply[0] != '$' || reply[1] == '-') return;
    size_t len = strtoull(reply + 1, NULL, 10);
    command_generator_teach(&c.generator, bytes_make(strstr(reply, "\r\n") + 2, len));
}

static void select_database(void) {
    char digit = (char)('0' + choice_below(&c.choice, 3));
    const struct bytes argv[] = {BYTES("SELECT"), {&digit, 1}};
    server_harness_run_argv(&c.server, argv, 2);
}

/* One step: mostly a command, which may be queued. */
/* Commands of which a made-up call got through, by number; those of transactions are not seen. */
static bool got_through[1024];

static void note_success(void) {
    const char *reply = c.server.reply;
    size_t id = c.command.entry->id;
    cr_assert_lt(id, COUNT_OF(got_through));
    if (reply[0] != '-' && strcmp(reply, "+QUEUED\r\n") != 0) got_through[id] = true;
}

static void step(void) {
    switch (choice_below(&c.choice, 40)) {
    case 0:
    case 1:
    case 2: move_clock(); break;
    case 3: learn(); break;
    case 4: select_database(); break;
    case 5:
        server_harness_run(&c.server, in_transaction ? "EXEC" : "MULTI");
        in_transaction = !in_transaction;
        break;
    case 6: /* what some commands need is made by few others: groups of streams */
        if (!in_transaction && choice_once_in(&c.choice, 8)) contract_run_examples(&c);
        break;
    default:
        contract_make(&c, contract_choose(&c));
        contract_run(&c);
        note_success();
        break;
    }
}

/* --- following it --- */

static const char *unit_text(const struct memory_unit *unit) {
    return contract_text(unit->effects[0].argv, unit->effects[0].argc);
}

/* What was due and not yet taken away here is not taken away there either, until it was journaled:
 * so all that is due goes first. */
static void follow(const char *what) {
    server_harness_settle(&c.server);
    const struct memory_unit *failed = replica_follow(&replica, &c.server);
    cr_assert_null(failed, "after %s the replay of %s failed", what,
                   failed == NULL ? "" : unit_text(failed));
    char here[41], there[41];
    server_harness_digest(&c.server, here);
    replica_digest(&replica, &c.server, there);
    const struct memory_unit *last = c.server.journal.last;
    cr_assert_str_eq(there, here, "after %s; the last unit begins with %s", what,
                     last == NULL ? "nothing" : unit_text(last));
    memory_journal_deinit(&c.server.journal);
}

/* Compared after every command: slow, and tells which it was. */
static void follow_closely(uint64_t seed, int steps) {
    setup_with(seed);
    for (int i = 0; i < steps; i++) {
        step();
        follow(contract_command_text(&c));
    }
    teardown();
}

/* Compared at the end, so that units are replayed into data that they were not made from. */
static void follow_from_afar(uint64_t seed, int steps) {
    setup_with(seed);
    for (int i = 0; i < steps; i++) step();
    follow("all of it");
    teardown();
}

Test(contract_replay, each_command_leads_to_the_same_data) {
    for (uint64_t seed = 1; seed <= 4; seed++) follow_closely(seed, 1500);
}

Test(contract_replay, a_long_stream_leads_to_the_same_data) {
    for (uint64_t seed = 100; seed < 106; seed++) follow_from_afar(seed, 4000);
}

/* Made-up calls are worth something only when they get through. */
Test(contract_replay, streams_contain_every_command_on_data) {
    setup_with(7);
    for (int i = 0; i < 80000; i++) step();
    CONTRACT_EACH(&c, entry) {
        if (entry->command->access == TOUCHES_NO_KEYS) continue;
        cr_expect(got_through[entry->id], "%s never succeeded in %lu calls", entry->full_name,
                  (unsigned long)entry->stats.calls);
    }
    follow("all of it");
    teardown();
}

/* Evictions and refusals for want of memory are journaled as what they did. */
Test(contract_replay, a_server_short_of_memory_leads_to_the_same_data) {
    static const char *const policies[] = {"allkeys-lru", "volatile-ttl", "allkeys-lfu",
                                           "allkeys-random", "noeviction"};
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        setup_with(200 + i);
        for (int j = 0; j < 500; j++) step();
        char line[128];
        snprintf(line, sizeof(line), "CONFIG SET maxmemory-policy %s maxmemory %zu", policies[i],
                 memory_used_bytes() + 10000);
        server_harness_run(&c.server, "DISCARD");
        cr_assert_str_eq(server_harness_run(&c.server, line), "+OK\r\n");
        c.server.server.executor.string_bytes_max = CONTRACT_STRING_BYTES_MAX;
        for (int j = 0; j < 1500; j++) step();
        follow(policies[i]);
        teardown();
    }
}
