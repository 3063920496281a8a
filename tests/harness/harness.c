/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/harness.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "commands/call.h"
#include "commands/registry.h"
#include "families/families.h"
#include "harness/flatten.h"
#include "keyspace/dataset_digest.h"

#define WORDS_MAX 4096

static bool is_among(struct bytes word, const char *words) {
    for (const char *at = words; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (bytes_equal(word, bytes_make(at, len))) return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

/* What a command publishes stands in its declaration, from which the docs are made. */
static void check_declared(const struct command *command, struct bytes event) {
    if (command == NULL || is_among(event, "new overwritten type_changed keymiss expired evicted"))
        return;
    cr_assert(is_among(event, command->events), "%s sends the event %.*s, undeclared",
              command->name, (int)event.len, event.data);
}

static void note_event(void *context, uint32_t event_class, struct bytes event, struct bytes key,
                       int32_t database) {
    struct harness *harness = context;
    (void)event_class;
    /* Elements whose time has come go before a command sees the value, whatever it is. */
    if (!harness->executor.expiring_members) check_declared(harness->running, event);
    char line[512];
    int len = snprintf(line, sizeof(line), "%.*s %.*s %d\n", (int)event.len, event.data,
                       (int)key.len, key.data, database);
    harness->events = realloc(harness->events, harness->events_len + (size_t)len + 1);
    memcpy(harness->events + harness->events_len, line, (size_t)len + 1);
    harness->events_len += (size_t)len;
}

void harness_init(struct harness *harness) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {7,  31, 97,  12, 255, 3,   88, 200,
                                                      41, 5,  150, 66, 19,  230, 77, 101};
    *harness = (struct harness){.protocol = 2};
    hash_setup(secret);
    clock_init_manual(&harness->clock, HARNESS_START_US);
    size_t count;
    const struct family *const *families = families_all(&count);
    harness->registry = registry_create(families, count);
    executor_init(&harness->executor, harness->registry, &harness->clock, 16, 42);
    memory_journal_init(&harness->journal);
    harness->executor.journal = &harness->journal.journal;
    harness->executor.context = harness;
    harness->executor.hooks.event = note_event;
    harness->executor.event_mask = ~(uint32_t)(EVENT_MISS | EVENT_NEW);
    output_init(&harness->output, 2);
}

void harness_deinit(struct harness *harness) {
    executor_deinit(&harness->executor);
    registry_destroy(&harness->registry);
    memory_journal_deinit(&harness->journal);
    output_deinit(&harness->output);
    free(harness->reply);
    free(harness->events);
}

void harness_protocol(struct harness *harness, uint8_t protocol) { harness->protocol = protocol; }

void harness_advance_ms(struct harness *harness, int64_t ms) {
    clock_advance_us(&harness->clock, ms * 1000);
}

void harness_set_now_ms(struct harness *harness, int64_t now_ms) {
    harness->clock.manual_wall_us = now_ms * 1000;
}

int64_t harness_now_ms(const struct harness *harness) {
    return clock_wall_us(&harness->clock) / 1000;
}

/* Flattens the output into `reply`. */
static void take_reply(struct harness *harness) {
    harness->reply_len = flatten(&harness->output, &harness->reply);
    output_clear(&harness->output, SIZE_MAX);
}

const char *harness_run_argv(struct harness *harness, const struct bytes *argv, int argc) {
    harness->output.protocol = harness->protocol;
    struct command_entry *container = NULL;
    struct command_entry *entry = registry_resolve(harness->registry, argv, argc, &container);
    if (entry == NULL) {
        resp_error(&harness->output, container != NULL ? BYTES("ERR unknown subcommand")
                                                       : BYTES("ERR unknown command"));
    } else if (!registry_arity_fits(entry, argc)) {
        char text[160];
        int len = snprintf(text, sizeof(text), "ERR wrong number of arguments for '%s' command",
                           entry->full_name);
        resp_error(&harness->output, bytes_make(text, (size_t)len));
    } else {
        struct call call;
        call_init(&call, &harness->executor, entry->command,
                  &harness->executor.keyspace.databases[harness->database], argv, argc,
                  &harness->output);
        if (entry->parent != NULL) call.arg_at = 2;
        harness->running = entry->command;
        executor_run(&harness->executor, &call);
        harness->running = NULL;
    }
    take_reply(harness);
    return harness->reply;
}

const char *harness_run(struct harness *harness, const char *line) {
    char *copy = strdup(line);
    struct bytes *words = calloc(WORDS_MAX, sizeof(*words));
    int count = text_split_words(copy, strlen(copy), words, WORDS_MAX);
    cr_assert(count > 0, "not a command line: %s", line);
    const char *reply = harness_run_argv(harness, words, count);
    free(words);
    free(copy);
    return reply;
}

const char *harness_runf(struct harness *harness, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *line = NULL;
    cr_assert(vasprintf(&line, format, list) >= 0);
    va_end(list);
    const char *reply = harness_run(harness, line);
    free(line);
    return reply;
}

int64_t harness_integer(struct harness *harness, const char *line) {
    const char *reply = harness_run(harness, line);
    cr_assert(reply[0] == ':', "%s gave %s", line, reply);
    return strtoll(reply + 1, NULL, 10);
}

const char *harness_text(struct harness *harness, const char *line) {
    harness_run(harness, line);
    char *reply = harness->reply;
    cr_assert(reply[0] == '$' || reply[0] == '+', "%s gave %s", line, reply);
    char *start = reply + 1;
    if (reply[0] == '$') {
        cr_assert(reply[1] != '-', "%s gave null", line);
        start = strstr(reply, "\r\n") + 2;
    }
    harness->reply[harness->reply_len - 2] = '\0';
    return start;
}

void harness_expire(struct harness *harness) {
    while (!executor_expire_due(&harness->executor, 1000)) continue;
}

const char *harness_digest(struct harness *harness) {
    static char hex[41];
    dataset_digest_hex(&harness->executor.keyspace, INT64_MIN, hex);
    return hex;
}

void harness_replay(const struct harness *harness, struct harness *into) {
    for (struct memory_unit *unit = harness->journal.first; unit != NULL; unit = unit->next) {
        bool ok = executor_replay(&into->executor, unit->effects, unit->effect_count, unit->now_ms);
        cr_assert(ok, "a journaled command failed when replayed: %.*s",
                  (int)unit->effects[0].argv[0].len, unit->effects[0].argv[0].data);
    }
}

const char *harness_journal(struct harness *harness) {
    static char *text;
    static size_t size;
    free(text);
    FILE *stream = open_memstream(&text, &size);
    for (struct memory_unit *unit = harness->journal.first; unit != NULL; unit = unit->next) {
        for (size_t i = 0; i < unit->effect_count; i++) {
            for (int j = 0; j < unit->effects[i].argc; j++) {
                struct bytes word = unit->effects[i].argv[j];
                fprintf(stream, "%s%.*s", j > 0 ? " " : "", (int)word.len, word.data);
            }
            fputc('\n', stream);
        }
        fputs("--\n", stream);
    }
    fclose(stream);
    return text;
}

void harness_journal_clear(struct harness *harness) { memory_journal_deinit(&harness->journal); }
