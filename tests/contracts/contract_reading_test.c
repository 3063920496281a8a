/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that read change nothing, and nothing of them is journaled. */
#include "contracts/contract.h"

static struct contract c;
static void setup(void) { contract_init(&c, 4); }
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_reading, .init = setup, .fini = teardown, .timeout = 300);

#define CALLS_OF_EACH 100

static void check(const struct command_entry *entry, const char *digest, uint64_t changes) {
    contract_make(&c, entry);
    contract_run(&c);
    CONTRACT_SAME_DIGEST(&c, digest, "%s", contract_command_text(&c));
    cr_assert_null(c.server.journal.first, "%s", contract_command_text(&c));
    cr_assert_eq(c.server.server.executor.keyspace.counters.changes, changes, "%s",
                 contract_command_text(&c));
}

/* Deadlines do not pass while time stands still, so what is read is what was there. Reads that may
 * keep what they worked out (PFCOUNT) are edits, and the contract of replay is theirs. */
Test(contract_reading, reading_changes_no_data) {
    contract_populate(&c, 3000);
    char digest[41];
    server_harness_digest(&c.server, digest);
    uint64_t changes = c.server.server.executor.keyspace.counters.changes;
    cr_assert_gt(keyspace_key_count(&c.server.server.executor.keyspace), 5);
    c.generator.wild_once_in = 5;
    CONTRACT_EACH(&c, entry) {
        if (!entry->reads || command_may_edit(entry->command)) continue;
        for (int i = 0; i < CALLS_OF_EACH; i++) check(entry, digest, changes);
    }
}

/* Nor do the words of the server and of connections, but for those that execute others' commands.
 * A session is made anew for each: they may subscribe, close or hide behind a password. */
Test(contract_reading, words_without_keys_change_no_data) {
    contract_populate(&c, 1000);
    char digest[41];
    server_harness_digest(&c.server, digest);
    uint64_t changes = c.server.server.executor.keyspace.counters.changes;
    c.generator.wild_once_in = 5;
    CONTRACT_EACH(&c, entry) {
        if (entry->command->access != TOUCHES_NO_KEYS) continue;
        bool sets = strcmp(entry->full_name, "config|set") == 0;
        for (int i = 0; i < 10 && !sets; i++) {
            check(entry, digest, changes);
            server_harness_renew(&c.server);
        }
    }
}
