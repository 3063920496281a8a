/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong is refused in the known words, and leaves everything as it was. */
#include "contracts/contract.h"

#include <stdio.h>

static struct contract c;
static void setup(void) { contract_init(&c, 2); }
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_refusal, .init = setup, .fini = teardown, .timeout = 300);

#define CALLS_OF_EACH 60

/* --- how many --- */

/* EXEC says in front of it that the transaction is over. */
static void refuses_count(const struct command_entry *entry, const struct bytes *argv, int argc,
                          const char *digest) {
    char expected[160];
    snprintf(expected, sizeof(expected), "wrong number of arguments for '%s' command\r\n",
             entry->full_name);
    const char *reply = server_harness_run_argv(&c.server, argv, argc);
    const char *found = strstr(reply, expected);
    cr_expect(reply[0] == '-' && found != NULL && found[strlen(expected)] == '\0',
              "%s with %d words gave %s", entry->full_name, argc, reply);
    CONTRACT_SAME_DIGEST(&c, digest, "%s", contract_text(argv, argc));
    cr_assert_null(c.server.journal.first);
}

Test(contract_refusal, too_few_and_too_many_arguments) {
    contract_populate(&c, 300);
    char digest[41];
    server_harness_digest(&c.server, digest);
    CONTRACT_EACH(&c, entry) {
        struct bytes argv[CONTRACT_WORDS_MAX];
        int named = 0, least = abs(entry->arity);
        if (entry->parent != NULL) argv[named++] = bytes_of(entry->parent->command->name);
        argv[named++] = bytes_of(entry->command->name);
        for (int i = named; i < CONTRACT_WORDS_MAX; i++) argv[i] = BYTES("1");
        for (int argc = named; argc < least; argc++) refuses_count(entry, argv, argc, digest);
        if (entry->arity > 0) refuses_count(entry, argv, entry->arity + 1, digest);
    }
}

/* --- any error --- */

/* EXEC answers an array, and inside it anything. */
Test(contract_refusal, an_error_changes_nothing) {
    contract_populate(&c, 2000);
    c.generator.wild_once_in = 3;
    size_t refused = 0;
    CONTRACT_EACH(&c, entry) {
        if (entry->command->access == TOUCHES_NO_KEYS) continue;
        for (int i = 0; i < CALLS_OF_EACH; i++) {
            char digest[41];
            server_harness_digest(&c.server, digest);
            contract_make(&c, entry);
            memory_journal_deinit(&c.server.journal);
            if (contract_run(&c)[0] != '-') continue;
            refused++;
            CONTRACT_SAME_DIGEST(&c, digest, "%s gave %s", contract_command_text(&c),
                                 c.server.reply);
            cr_assert_null(c.server.journal.first, "%s gave %s", contract_command_text(&c),
                           c.server.reply);
        }
    }
    cr_assert_gt(refused, 500);
}

/* --- of another type --- */

static struct bytes sample_key(size_t type) {
    static char names[KEYSPACE_TYPES_MAX][32];
    return bytes_make(names[type],
                      (size_t)snprintf(names[type], sizeof(names[0]), "contract:type:%zu", type));
}

static void copy_to_sample(void *context, struct database *database, const struct entry *entry) {
    (void)context;
    if (database->index != 0) return;
    /* Not strndup: it may look for the end of a text behind the key, where nothing is ours. */
    struct bytes in_place = entry_key(entry);
    struct bytes key = bytes_make(malloc(in_place.len + 1), in_place.len);
    memcpy((void *)(uintptr_t)key.data, in_place.data, in_place.len);
    const struct bytes argv[] = {BYTES("COPY"), key,        sample_key(entry->type),
                                 BYTES("DB"),   BYTES("1"), BYTES("REPLACE")};
    server_harness_run_argv(&c.server, argv, 6);
    free((void *)(uintptr_t)key.data);
}

/* A key of every type in database 1, made by examples. */
static void make_samples(void) {
    const struct keyspace *keyspace = &c.server.server.executor.keyspace;
    CONTRACT_EACH(&c, entry) {
        /* Not those that need no memory: they make nothing, and FLUSHALL takes all away again. */
        if (entry->command->access != WRITES || entry->command->example == NULL) continue;
        server_harness_run(&c.server, entry->command->example);
        keyspace_audit_each(&c.server.server.executor.keyspace, copy_to_sample, NULL);
        server_harness_run(&c.server, "FLUSHDB");
    }
    server_harness_run(&c.server, "SELECT 1");
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        const struct bytes argv[] = {BYTES("TYPE"), sample_key(i)};
        const char *reply = server_harness_run_argv(&c.server, argv, 2);
        cr_assert_eq(strncmp(reply + 1, keyspace->types[i]->name, strlen(keyspace->types[i]->name)),
                     0, "no example makes a %s", keyspace->types[i]->name);
    }
}

/* What is overwritten or removed without a look at it, whatever it is. MGET takes what is no
 * string as if nothing were there, as its peers do, and has no word for that in its grammar. */
static bool takes_any_type(const struct command_entry *entry, const struct bytes *argv, int argc) {
    struct key_position keys[GENERATOR_WORDS_MAX];
    int count = registry_keys(entry, argv, argc, keys, GENERATOR_WORDS_MAX);
    for (int i = 0; i < count; i++)
        if ((keys[i].use & (KEY_OVERWRITE | KEY_REMOVE)) == 0)
            return strcmp(entry->full_name, "mget") == 0;
    return true;
}

/* WRONGTYPE, or the words that the command declares instead (LCS, as its peers do). */
static bool refuses_type(const struct command_entry *entry, const char *reply) {
    if (strncmp(reply, "-WRONGTYPE ", 11) == 0) return true;
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)strcspn(reply + 1, "\r"), reply + 1);
    return reply[0] == '-' && entry->command->errors != NULL &&
           strstr(entry->command->errors, text) != NULL;
}

/* Runs the call with all keys of this type. */
static const char *run_on(const struct command_entry *entry, const struct bytes *argv, int argc,
                          size_t type) {
    struct key_position keys[GENERATOR_WORDS_MAX];
    int count = registry_keys(entry, argv, argc, keys, GENERATOR_WORDS_MAX);
    for (int i = 0; i < count; i++) {
        const struct bytes copy[] = {BYTES("COPY"), sample_key(type), argv[keys[i].index],
                                     BYTES("REPLACE")};
        cr_assert_str_eq(server_harness_run_argv(&c.server, copy, 4), ":1\r\n");
    }
    memory_journal_deinit(&c.server.journal);
    char digest[41];
    server_harness_digest(&c.server, digest);
    const char *reply = server_harness_run_argv(&c.server, argv, argc);
    if (reply[0] == '-') {
        CONTRACT_SAME_DIGEST(&c, digest, "%s gave %s", contract_text(argv, argc), reply);
        cr_assert_null(c.server.journal.first, "%s gave %s", contract_text(argv, argc), reply);
    }
    return reply;
}

/* A command that asks for a type works on one type at the most, and tells the others so. */
Test(contract_refusal, the_example_on_keys_of_other_types) {
    make_samples();
    CONTRACT_EACH(&c, entry) {
        struct contract_example example;
        if (entry->family->type_count == 0 || !registry_has_keys(entry)) continue;
        if (!contract_example(entry, &example)) continue;
        if (takes_any_type(entry, example.argv, example.argc)) continue;
        size_t type_count = c.server.server.executor.keyspace.type_count, refused = 0;
        for (size_t type = 0; type < type_count; type++)
            refused += refuses_type(entry, run_on(entry, example.argv, example.argc, type));
        cr_expect_geq(refused, type_count - 1, "%s: refused %zu types of %zu",
                      entry->command->example, refused, type_count);
    }
}

Test(contract_refusal, any_call_on_keys_of_other_types) {
    make_samples();
    CONTRACT_EACH(&c, entry) {
        if (entry->family->type_count == 0 || !registry_has_keys(entry)) continue;
        for (int i = 0; i < CALLS_OF_EACH; i++) {
            contract_make(&c, entry);
            const struct generated_command *call = &c.command;
            if (takes_any_type(entry, call->argv, call->argc)) continue;
            size_t type_count = c.server.server.executor.keyspace.type_count, worked = 0;
            for (size_t type = 0; type < type_count; type++)
                worked += run_on(entry, call->argv, call->argc, type)[0] != '-';
            cr_expect_leq(worked, 1, "%s works on %zu types", contract_command_text(&c), worked);
        }
    }
}
