/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole streams of commands into a server in this process, every word that it has.
 *
 * The first byte chooses how the rest is read: as decisions of the generator, which makes up
 * commands along their grammar, moves the clock, opens transactions and has a second client; or as
 * the wire, in pieces. Whatever came, every reply is whole, errors and reads have changed nothing,
 * the journal replayed elsewhere gives the same data, and memory is counted to the byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "commands/call.h"
#include "harness/command_generator.h"
#include "harness/keyspace_audit.h"
#include "harness/resp_check.h"
#include "harness/server_harness.h"
#include "server/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 400
#define STRING_BYTES_MAX 40000

/* Strings of 512 MB would take all the time there is. Any CONFIG SET sets the limit anew. */
static void limit_strings(struct server_harness *harness) {
    harness->server.executor.string_bytes_max = STRING_BYTES_MAX;
}

/* state: one server for many inputs; each begins with nothing in it */
static struct {
    bool ready;
    struct server_harness harness;
    struct choice choice;
    struct command_generator generator;
    struct generated_command command;
    uint64_t other; /* id of the second client; 0: none */
    bool watched;   /* after each command, see what it changed */
} fuzz;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    const struct generated_command *command = &fuzz.command;
    for (int i = 0; i < command->argc; i++)
        fprintf(stderr, "  %.*s\n", (int)command->argv[i].len, command->argv[i].data);
    abort();
}

static void start(void) {
    server_harness_init(&fuzz.harness);
    command_generator_init(&fuzz.generator, fuzz.harness.server.registry, &fuzz.choice);
    fuzz.generator.wild_once_in = 12;
    fuzz.ready = true;
}

static void stop(void) {
    command_generator_deinit(&fuzz.generator);
    server_harness_deinit(&fuzz.harness);
    fuzz.ready = false;
}

/* --- made-up commands --- */

static bool is_left_out(const struct command_entry *entry) {
    return entry->command->handler == NULL || strcmp(entry->full_name, "shutdown") == 0;
}

static const struct command_entry *choose_entry(void) {
    const struct registry *registry = fuzz.harness.server.registry;
    /* Words on data more often than those of the server. */
    bool data = !choice_once_in(&fuzz.choice, 6);
    size_t count = registry_entry_count(registry);
    size_t id = choice_below(&fuzz.choice, count);
    for (size_t i = 0; i < count; i++, id = (id + 1) % count) {
        const struct command_entry *entry = registry_entry_by_id(registry, id);
        bool on_data = entry->command->access != TOUCHES_NO_KEYS;
        if (on_data == data && !is_left_out(entry)) return entry;
    }
    fail("there are no commands");
}

static struct session *second_client(void) {
    struct session *client = session_by_id(&fuzz.harness.server, fuzz.other);
    if (client == NULL) client = server_harness_connect(&fuzz.harness);
    fuzz.other = client->id;
    return client;
}

static void run(struct session *client, const struct bytes *argv, int argc) {
    struct output request;
    output_init(&request, 2);
    resp_array(&request, (size_t)argc);
    for (int i = 0; i < argc; i++) resp_bulk(&request, argv[i]);
    server_harness_send(&fuzz.harness, client, bytes_make(request.data, request.len));
    output_deinit(&request);
    if (resp_check(fuzz.harness.reply, fuzz.harness.reply_len) == RESP_CHECK_MALFORMED)
        fail("a reply is malformed");
    server_harness_release(&fuzz.harness);
    limit_strings(&fuzz.harness);
}

/* EXEC answers with what its commands answered, and a stopped EXEC may have let keys expire. */
static bool may_change_data(const struct command_entry *entry) {
    if (fuzz.harness.reply[0] == '-') return strcmp(entry->full_name, "exec") == 0;
    return !entry->reads && entry->command->access != TOUCHES_NO_KEYS;
}

static void run_command(struct session *client) {
    char before[41], after[41];
    fuzz.generator.now_ms = fuzz.harness.server.executor.now_us / 1000;
    command_generate(&fuzz.generator, choose_entry(), &fuzz.command);
    const struct command_entry *entry = fuzz.command.entry;
    bool watched = fuzz.watched && strcmp(entry->full_name, "exec") != 0;
    if (watched) {
        server_harness_settle(&fuzz.harness);
        server_harness_digest(&fuzz.harness, before);
    }
    run(client, fuzz.command.argv, fuzz.command.argc);
    if (!watched || may_change_data(entry)) return;
    server_harness_digest(&fuzz.harness, after);
    if (strcmp(before, after) != 0) fail("an error or a read has changed data");
}

static void run_words(const char *line) {
    fuzz.command.argc = 0;
    server_harness_run(&fuzz.harness, line);
}

static void learn(void) {
    const struct family *family =
        fuzz.harness.families[choice_below(&fuzz.choice, fuzz.harness.family_count)];
    const struct bytes argv[] = {
        BYTES("DUMP"),
        command_generator_key(&fuzz.generator, family, choice_below(&fuzz.choice, GENERATOR_KEYS))};
    run(fuzz.harness.client, argv, 2);
    const char *reply = fuzz.harness.reply;
    if (reply[0] != '$' || reply[1] == '-') return;
    command_generator_teach(&fuzz.generator,
                            bytes_make(strstr(reply, "\r\n") + 2, strtoull(reply + 1, NULL, 10)));
}

static void step(void) {
    static const int64_t steps_ms[] = {1, 100, 1000, 60000, 86400000, 999, 5, 3600000};
    static const char *const transactions[] = {"MULTI", "EXEC", "EXEC", "DISCARD"};
    switch (choice_below(&fuzz.choice, 24)) {
    case 16:
    case 17:
        server_harness_advance_ms(&fuzz.harness,
                                  steps_ms[choice_below(&fuzz.choice, COUNT_OF(steps_ms))]);
        break;
    case 18: server_harness_settle(&fuzz.harness); break;
    case 19: run_words(transactions[choice_below(&fuzz.choice, COUNT_OF(transactions))]); break;
    case 20: learn(); break;
    case 21: run_words(choice_once_in(&fuzz.choice, 2) ? "SELECT 1" : "SELECT 0"); break;
    case 22:
    case 23: run_command(second_client()); break;
    default: run_command(fuzz.harness.client); break;
    }
}

static void play_decisions(const uint8_t *data, size_t size) {
    choice_of_bytes(&fuzz.choice, data, size);
    for (int i = 0; i < STEPS_MAX && !choice_is_over(&fuzz.choice); i++) step();
}

/* --- the wire --- */

static void play_wire(const uint8_t *data, size_t size) {
    fuzz.command.argc = 0;
    while (size > 0) {
        size_t piece = 1 + (size_t)data[0] * 3;
        if (piece > size) piece = size;
        server_harness_send(&fuzz.harness, fuzz.harness.client, bytes_make(data, piece));
        if (resp_check(fuzz.harness.reply, fuzz.harness.reply_len) == RESP_CHECK_MALFORMED)
            fail("a reply is malformed");
        server_harness_release(&fuzz.harness);
        limit_strings(&fuzz.harness);
        data += piece;
        size -= piece;
    }
}

/* --- afterwards --- */

static void check_replay(void) {
    char here[41], there[41];
    struct replica replica;
    server_harness_settle(&fuzz.harness);
    replica_init(&replica, &fuzz.harness);
    const struct memory_unit *failed = replica_follow(&replica, &fuzz.harness);
    if (failed != NULL) {
        const struct effect *effect = failed->effects;
        for (int i = 0; i < effect->argc; i++)
            fprintf(stderr, "%.*s ", (int)effect->argv[i].len, effect->argv[i].data);
        fail("could not be replayed");
    }
    server_harness_digest(&fuzz.harness, here);
    replica_digest(&replica, there);
    if (strcmp(here, there) != 0) fail("the journal leads to other data");
    replica_deinit(&replica);
}

static void check_memory(void) {
    struct keyspace *keyspace = &fuzz.harness.server.executor.keyspace;
    const char *wrong = keyspace_audit_counters(keyspace);
    if (wrong == NULL) wrong = keyspace_audit_bytes(keyspace);
    if (wrong != NULL) fail(wrong);
    if (keyspace_key_count(keyspace) != 0) fail("keys are left");
}

/* What an input may have set for good: then the next begins with a server of its own. */
static bool is_changed_for_good(void) {
    static const char *const words[] = {"config|set", "config|rewrite", "config|resetstat"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const struct command_entry *entry = server_harness_entry(&fuzz.harness, words[i]);
        if (entry->stats.calls > entry->stats.failed) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    if (!fuzz.ready) start();
    uint8_t mode = data[0];
    fuzz.watched = (mode & 4) != 0;
    limit_strings(&fuzz.harness);
    if ((mode & 2) != 0) run_words("HELLO 3");
    if ((mode & 1) == 0) play_decisions(data + 1, size - 1);
    else play_wire(data + 1, size - 1);
    /* Tables keep pointers in six bytes, which a leak checker cannot follow: nobody stays. */
    struct session *other = session_by_id(&fuzz.harness.server, fuzz.other);
    if (other != NULL) session_close(other);
    server_harness_renew(&fuzz.harness);
    check_replay();
    check_memory();
    server_harness_clear(&fuzz.harness);
    if (is_changed_for_good()) stop();
    return 0;
}
