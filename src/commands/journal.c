/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/journal.h"

#include "base/memory.h"

/* A unit, its effects, their argument vectors and all bytes lie in one block. */
static void memory_append(struct journal *base, const struct effect *first, size_t count,
                          int64_t now_ms) {
    struct memory_journal *journal = (struct memory_journal *)base;
    size_t size = sizeof(struct memory_unit) + count * sizeof(struct effect);
    for (const struct effect *effect = first; effect != NULL; effect = effect->next) {
        size += (size_t)effect->argc * sizeof(struct bytes);
        for (int i = 0; i < effect->argc; i++) size += effect->argv[i].len;
    }
    struct memory_unit *unit = memory_allocate(size);
    struct effect *effects = (struct effect *)(unit + 1);
    *unit = (struct memory_unit){.now_ms = now_ms, .effect_count = count, .effects = effects};
    char *at = (char *)(effects + count);
    size_t number = 0;
    for (const struct effect *effect = first; effect != NULL; effect = effect->next) {
        struct bytes *argv = (struct bytes *)(void *)at;
        at += (size_t)effect->argc * sizeof(struct bytes);
        effects[number++] = (struct effect){effect->database, effect->argc, argv, NULL};
    }
    number = 0;
    for (const struct effect *effect = first; effect != NULL; effect = effect->next, number++) {
        struct bytes *argv = (struct bytes *)(uintptr_t)effects[number].argv;
        for (int i = 0; i < effect->argc; i++) {
            if (effect->argv[i].len > 0) memcpy(at, effect->argv[i].data, effect->argv[i].len);
            argv[i] = bytes_make(at, effect->argv[i].len);
            at += effect->argv[i].len;
        }
    }
    if (journal->last == NULL) journal->first = unit;
    else journal->last->next = unit;
    journal->last = unit;
    journal->unit_count++;
}

void memory_journal_init(struct memory_journal *journal) {
    *journal = (struct memory_journal){.journal = {.append = memory_append}};
}

void memory_journal_deinit(struct memory_journal *journal) {
    while (journal->first != NULL) {
        struct memory_unit *unit = journal->first;
        journal->first = unit->next;
        memory_free(unit);
    }
    memory_journal_init(journal);
}
