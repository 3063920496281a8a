/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the contracts share. A contract is asked of every command and type of the registry, those of
 * the server too: a new family has nothing to do for it, and what it must keep is written once. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "commands/family.h"
#include "commands/registry.h"
#include "harness/command_generator.h"
#include "harness/keyspace_audit.h"
#include "harness/resp_check.h"
#include "harness/server_harness.h"
#include "keyspace/dataset_digest.h"

struct contract {
    struct server_harness server;
    struct choice choice;
    struct command_generator generator;
    struct generated_command command; /* the last one that was made up */
};

/* Strings as long as a client likes would take all the time there is; these are spliced already. */
#define CONTRACT_STRING_BYTES_MAX 20000

static inline void contract_init(struct contract *contract, uint64_t seed) {
    server_harness_init(&contract->server);
    contract->server.hurries = true;
    contract->server.server.executor.string_bytes_max = CONTRACT_STRING_BYTES_MAX;
    contract->command.argc = 0;
    choice_of_seed(&contract->choice, seed);
    command_generator_init(&contract->generator, contract->server.server.registry,
                           &contract->choice);
}

static inline void contract_deinit(struct contract *contract) {
    command_generator_deinit(&contract->generator);
    server_harness_deinit(&contract->server);
}

#define CONTRACT_EACH(contract, entry)                                                           \
    for (size_t each_id = 0; each_id < registry_entry_count((contract)->server.server.registry); \
         each_id++)                                                                              \
        for (const struct command_entry *entry =                                                 \
                 registry_entry_by_id((contract)->server.server.registry, each_id);              \
             entry != NULL; entry = NULL)                                                        \
            if (contract_can_run(entry))

/* Not a mere container of subcommands, and not what ends the process. */
static inline bool contract_can_run(const struct command_entry *entry) {
    return entry->command->handler != NULL && strcmp(entry->full_name, "shutdown") != 0;
}

static inline bool contract_has_tip(const struct command_entry *entry, const char *tip) {
    return entry->command->tips != NULL && strstr(entry->command->tips, tip) != NULL;
}

/* Makes up a call of the command; it is in contract->command. */
static inline void contract_make(struct contract *contract, const struct command_entry *entry) {
    contract->generator.now_ms = contract->server.server.executor.now_us / 1000;
    command_generate(&contract->generator, entry, &contract->command);
}

/* Runs it; every reply is whole, and commands on data give exactly one. */
static inline const char *contract_run(struct contract *contract) {
    const char *reply = server_harness_run_argv(&contract->server, contract->command.argv,
                                                contract->command.argc);
    size_t count = resp_check(reply, contract->server.reply_len);
    cr_assert_neq(count, RESP_CHECK_MALFORMED, "malformed: %s", reply);
    if (contract->command.entry->command->access != TOUCHES_NO_KEYS)
        cr_assert_eq(count, 1, "%zu replies to %s", count, contract->command.entry->full_name);
    return reply;
}

/* The words of an example, decoded in `line`. */
#define CONTRACT_WORDS_MAX 64
struct contract_example {
    char line[512];
    struct bytes argv[CONTRACT_WORDS_MAX];
    int argc;
};
static inline bool contract_example(const struct command_entry *entry,
                                    struct contract_example *example) {
    if (entry->command->example == NULL) return false;
    size_t len = strlen(entry->command->example);
    cr_assert(len < sizeof(example->line), "%s: a shorter example, please", entry->full_name);
    memcpy(example->line, entry->command->example, len + 1);
    example->argc = text_split_words(example->line, len, example->argv, CONTRACT_WORDS_MAX);
    cr_assert(example->argc > 0, "%s: the example is no command line", entry->full_name);
    return true;
}

/* As a person would write it; for messages. */
static inline const char *contract_text(const struct bytes *argv, int argc) {
    static char text[4096];
    size_t len = 0;
    for (int i = 0; i < argc && sizeof(text) - len > 80; i++) {
        if (i > 0) text[len++] = ' ';
        size_t room = sizeof(text) - len - 2 > 300 ? 300 : sizeof(text) - len - 2;
        len += text_quote(text + len, room, argv[i]);
    }
    text[len] = '\0';
    return text;
}

static inline const char *contract_command_text(const struct contract *contract) {
    return contract_text(contract->command.argv, contract->command.argc);
}

/* A command on data; emptying whole databases is rare, or nothing would ever be there. */
static inline const struct command_entry *contract_choose(struct contract *contract) {
    const struct registry *registry = contract->server.server.registry;
    for (;;) {
        size_t id = choice_below(&contract->choice, registry_entry_count(registry));
        const struct command_entry *entry = registry_entry_by_id(registry, id);
        if (!contract_can_run(entry) || entry->command->access == TOUCHES_NO_KEYS) continue;
        bool sweeping = entry->writes && (entry->flags & COMMAND_MAY_SUSPEND) != 0;
        if (!sweeping || choice_once_in(&contract->choice, 8)) return entry;
    }
}

/* Runs the examples that make something: a value of every type is there then. */
static inline void contract_run_examples(struct contract *contract) {
    CONTRACT_EACH(contract, entry) {
        if (entry->command->access == WRITES && entry->command->example != NULL)
            server_harness_run(&contract->server, entry->command->example);
    }
}

/* So many made-up commands on data, and the examples; forgets what was journaled. */
static inline void contract_populate(struct contract *contract, int count) {
    contract_run_examples(contract);
    for (int i = 0; i < count; i++) {
        contract_make(contract, contract_choose(contract));
        contract_run(contract);
    }
    contract_run_examples(contract);
    server_harness_settle(&contract->server);
    memory_journal_deinit(&contract->server.journal);
}

#define CONTRACT_SAME_DIGEST(contract, before, ...)         \
    do {                                                    \
        char after_[41];                                    \
        server_harness_digest(&(contract)->server, after_); \
        cr_assert_str_eq(after_, before, __VA_ARGS__);      \
    } while (0)
