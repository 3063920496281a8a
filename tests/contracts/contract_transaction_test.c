/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside MULTI and EXEC a command answers and does what it does outside. */
#include "contracts/contract.h"

#include <stdio.h>

/* Two servers that have seen the same. The second gets each call inside a transaction. */
static struct contract outside, inside;
static void setup(void) {
    contract_init(&outside, 3);
    contract_init(&inside, 3);
}
static void teardown(void) {
    contract_deinit(&inside);
    contract_deinit(&outside);
}
TestSuite(contract_transaction, .init = setup, .fini = teardown, .timeout = 300);

#define CALLS_OF_EACH 20

/* Those that a transaction is made of, and what a connection may only do outside of one. */
static bool is_told_apart(const struct command_entry *entry) {
    static const char *const names[] = {"multi", "exec",  "discard", "watch", "unwatch",
                                        "quit",  "reset", "monitor", "hello", "auth"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(entry->full_name, names[i]) == 0) return true;
    return (entry->flags & COMMAND_PUBSUB) != 0;
}

/* What depends on the session, on the process or on the machine differs between two servers. */
static bool varies(const struct command_entry *entry) {
    return contract_has_tip(entry, "nondeterministic_output") ||
           entry->command->access == TOUCHES_NO_KEYS;
}

/* These two have two words for nothing, in Redis too: one when their time is over, the other where
 * nobody can wait. */
static bool both_are_nothing(const struct command_entry *entry, const char *alone,
                             const char *reply) {
    bool moves = strcmp(entry->full_name, "blmove") == 0 ||
                 strcmp(entry->full_name, "brpoplpush") == 0;
    return moves && strcmp(alone, "*-1\r\n") == 0 && strcmp(reply, "*1\r\n$-1\r\n") == 0;
}

static void run_both(const struct command_entry *entry, const struct bytes *argv, int argc) {
    const char *text = contract_text(argv, argc);
    server_harness_run_argv(&outside.server, argv, argc);
    const char *alone = outside.server.reply;
    cr_assert_str_eq(server_harness_run(&inside.server, "MULTI"), "+OK\r\n");
    const char *queued = server_harness_run_argv(&inside.server, argv, argc);
    if ((entry->flags & COMMAND_NO_MULTI) != 0 || strcmp(queued, "+QUEUED\r\n") != 0) {
        /* Refused before it could be queued: then it is refused outside, too. */
        cr_expect_eq(queued[0], '-', "%s", text);
        bool told = (entry->flags & COMMAND_NO_MULTI) != 0 || strcmp(queued, alone) == 0;
        cr_expect(told, "%s was answered %s, and %s when queued", text, alone, queued);
        const char *reply = server_harness_run(&inside.server, "EXEC");
        cr_expect(strncmp(reply, "-EXECABORT ", 11) == 0, "%s: %s", text, reply);
        return;
    }
    const char *reply = server_harness_run(&inside.server, "EXEC");
    cr_expect(strncmp(reply, "*1\r\n", 4) == 0, "%s gave %s", text, reply);
    if (varies(entry)) return;
    bool same = outside.server.reply_len + 4 == inside.server.reply_len &&
                memcmp(reply + 4, alone, outside.server.reply_len) == 0;
    cr_expect(same || both_are_nothing(entry, alone, reply), "%s gave %s outside and inside %s",
              text, alone, reply);
}

static void expect_same_data(const char *what) {
    char first[41], second[41];
    server_harness_digest(&outside.server, first);
    server_harness_digest(&inside.server, second);
    cr_assert_str_eq(second, first, "%s", what);
}

/* CONFIG SET and the like may change how both servers behave from then on. */
static bool is_settable(const struct command_entry *entry) {
    return (entry->flags & COMMAND_ADMIN) == 0;
}

Test(contract_transaction, examples_give_the_same) {
    CONTRACT_EACH(&outside, entry) {
        struct contract_example example;
        if (is_told_apart(entry) || !is_settable(entry)) continue;
        if (!contract_example(entry, &example)) continue;
        run_both(entry, example.argv, example.argc);
        expect_same_data(entry->command->example);
    }
}

Test(contract_transaction, made_up_calls_give_the_same) {
    outside.generator.wild_once_in = 6;
    CONTRACT_EACH(&outside, entry) {
        if (is_told_apart(entry) || entry->command->access == TOUCHES_NO_KEYS) continue;
        for (int i = 0; i < CALLS_OF_EACH; i++) {
            contract_make(&outside, entry);
            run_both(entry, outside.command.argv, outside.command.argc);
        }
        expect_same_data(entry->full_name);
    }
}

/* All of one transaction is one unit, and the unit does in a replica what the commands did here. */
Test(contract_transaction, a_transaction_is_journaled_as_one_unit) {
    struct contract *c = &outside;
    contract_populate(c, 0);
    for (int round = 0; round < 100; round++) {
        server_harness_run(&c->server, "MULTI");
        for (int i = 0; i < 5; i++) {
            contract_make(c, contract_choose(c));
            if ((c->command.entry->flags & COMMAND_NO_MULTI) == 0) contract_run(c);
        }
        memory_journal_deinit(&c->server.journal);
        server_harness_run(&c->server, "EXEC");
        cr_assert_leq(c->server.journal.unit_count, 1);
    }
}
