/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of memory is what was taken, to the byte. */
#include "contracts/contract.h"

#include <stdio.h>

#include "base/memory.h"

static struct contract c;
static size_t bare_overhead; /* of tables and timers before anything was stored */

static struct keyspace *keyspace_of(void) { return &c.server.server.executor.keyspace; }
static size_t overhead(void) { return keyspace_overhead_bytes(keyspace_of()); }

static void setup(void) {
    contract_init(&c, 6);
    bare_overhead = overhead();
}
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_memory, .init = setup, .fini = teardown, .timeout = 300);

Test(contract_memory, counters_equal_the_sum_over_all_keys) {
    for (int i = 0; i < 4000; i++) {
        contract_make(&c, contract_choose(&c));
        contract_run(&c);
        if (i % 7 == 0) server_harness_advance_ms(&c.server, 50);
        server_harness_settle(&c.server);
        const char *wrong = keyspace_audit_counters(keyspace_of());
        cr_assert_null(wrong, "%s after %s", wrong, contract_command_text(&c));
        cr_assert_eq(keyspace_of()->condemned_count, 0);
    }
}

Test(contract_memory, a_key_takes_the_bytes_that_it_says) {
    size_t count = 0;
    for (int round = 0; round < 20; round++) {
        contract_populate(&c, 150);
        count += keyspace_key_count(keyspace_of());
        const char *wrong = keyspace_audit_bytes(keyspace_of());
        cr_assert_null(wrong, "%s", wrong);
        cr_assert_eq(keyspace_key_count(keyspace_of()), 0);
    }
    cr_assert_gt(count, 100);
}

/* --- back to where it was --- */

static void delete_all(void) {
    for (int i = 0; i < keyspace_of()->database_count; i++) {
        char line[32];
        snprintf(line, sizeof(line), "SELECT %d", i);
        server_harness_run(&c.server, line);
        while (strcmp(server_harness_run(&c.server, "RANDOMKEY"), "$-1\r\n") != 0) {
            const char *start = strstr(c.server.reply, "\r\n") + 2;
            struct bytes key = {start, strtoull(c.server.reply + 1, NULL, 10)};
            char *copy = malloc(key.len + 1);
            memcpy(copy, key.data, key.len);
            const struct bytes del[] = {BYTES("DEL"), {copy, key.len}};
            cr_assert_str_eq(server_harness_run_argv(&c.server, del, 2), ":1\r\n");
            free(copy);
        }
    }
    cr_assert_eq(keyspace_key_count(keyspace_of()), 0);
    server_harness_run(&c.server, "SELECT 0");
}

#define EMPTY_DATABASE_BYTES_MAX 1024

/* One life of a server, the same for the same seed; what is kept warm is warm after the first. */
static size_t live(uint64_t seed, void (*end)(void)) {
    choice_of_seed(&c.choice, seed);
    for (int i = 0; i < 1500; i++) {
        contract_make(&c, contract_choose(&c));
        contract_run(&c);
        if (i % 10 == 0) server_harness_advance_ms(&c.server, 100);
    }
    end();
    server_harness_settle(&c.server);
    /* Whatever was due is over, and timers of keys that are gone are forgotten. */
    server_harness_advance_ms(&c.server, (int64_t)40 * 365 * 86400 * 1000);
    server_harness_settle(&c.server);
    memory_journal_deinit(&c.server.journal);
    server_harness_renew(&c.server);
    server_harness_run(&c.server, "PING");
    /* Empty tables keep a bucket, and timers beyond all horizons a block or two. */
    cr_assert_leq(overhead(), bare_overhead + EMPTY_DATABASE_BYTES_MAX * 16);
    return memory_used_bytes() - overhead();
}

static void flush_all(void) { server_harness_run(&c.server, "FLUSHALL ASYNC"); }

Test(contract_memory, deleting_all_keys_gives_all_of_it_back) {
    live(1, delete_all);
    size_t before = live(1, delete_all);
    for (int round = 0; round < 4; round++) {
        size_t after = live(1, delete_all);
        cr_expect_eq(after, before, "%zu bytes, and %zu in round %d", before, after, round);
    }
}

Test(contract_memory, flushing_gives_all_of_it_back) {
    live(2, flush_all);
    size_t before = live(2, flush_all);
    for (int round = 0; round < 4; round++) {
        size_t after = live(2, flush_all);
        cr_expect_eq(after, before, "%zu bytes, and %zu in round %d", before, after, round);
    }
}
