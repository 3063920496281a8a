/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/registry.h"

#include <assert.h>

#include "base/memory.h"
#include "commands/registry_internal.h"

/* --- building --- */

static void add_entry(struct registry *registry, size_t id, const struct command *command,
                      const struct family *family, struct command_entry *parent) {
    struct command_entry *entry = &registry->entries[id];
    *entry = (struct command_entry){
        .command = command, .family = family, .parent = parent, .id = (uint16_t)id};
    struct bytes full = parent == NULL ? arena_format(&registry->storage, "%s", command->name)
                                       : arena_format(&registry->storage, "%s|%s",
                                                      parent->full_name, command->name);
    char *letters = (char *)full.data; /* just made here */
    for (size_t i = 0; i < full.len; i++) letters[i] = ascii_lower(letters[i]);
    entry->full_name = full.data;
    entry->called = full;

    entry->writes = command->access == WRITES || command->access == WRITES_FREELY;
    entry->reads = command->access == READS;
    entry->denies_oom = command->access == WRITES || (command->flags & COMMAND_DENYOOM) != 0;
    entry->flags = command->flags;
    if (entry->denies_oom) entry->flags |= COMMAND_DENYOOM;
    registry_derive_grammar(entry, &registry->storage);
    if (entry->movable_keys) entry->flags |= COMMAND_MOVABLE_KEYS;
    registry_derive_categories(registry, entry);
}

static void count_entries(struct registry *registry) {
    for (size_t f = 0; f < registry->family_count; f++) {
        const struct family *family = registry->families[f];
        registry->top_count += family->command_count;
        registry->entry_count += family->command_count;
        for (size_t c = 0; c < family->command_count; c++)
            registry->entry_count += family->commands[c].subcommand_count;
    }
    assert(registry->entry_count < UINT16_MAX - 1);
}

struct registry *registry_create(const struct family *const *families, size_t family_count) {
    struct registry *registry = memory_allocate_zero(sizeof(*registry));
    registry->families = families;
    registry->family_count = family_count;
    arena_init(&registry->storage);
    count_entries(registry);
    size_t count = registry->entry_count == 0 ? 1 : registry->entry_count;
    registry->entries = arena_allocate(&registry->storage, count * sizeof(*registry->entries));
    registry->listed = arena_allocate(&registry->storage, count * sizeof(*registry->listed));
    registry_name_categories(registry);

    size_t id = 0, child_id = registry->top_count;
    for (size_t f = 0; f < family_count; f++) {
        for (size_t c = 0; c < families[f]->command_count; c++, id++) {
            const struct command *command = &families[f]->commands[c];
            add_entry(registry, id, command, families[f], NULL);
            registry->listed[registry->listed_count++] = &registry->entries[id];
            if (command->subcommand_count == 0) continue;
            registry->entries[id].children = &registry->entries[child_id];
            for (size_t s = 0; s < command->subcommand_count; s++)
                add_entry(registry, child_id++, &command->subcommands[s], families[f],
                          &registry->entries[id]);
        }
    }
    registry_build_names(registry);
    return registry;
}

void registry_destroy(struct registry **registry) {
    if (*registry == NULL) return;
    for (size_t i = 0; i < (*registry)->entry_count; i++)
        memory_free((*registry)->entries[i].stats.histogram);
    arena_deinit(&(*registry)->storage);
    memory_free(*registry);
    *registry = NULL;
}

/* --- walking --- */

size_t registry_count(const struct registry *registry) { return registry->listed_count; }

struct command_entry *registry_at(const struct registry *registry, size_t index) {
    assert(index < registry->listed_count);
    return registry->listed[index];
}

size_t registry_entry_count(const struct registry *registry) { return registry->entry_count; }

struct command_entry *registry_entry_by_id(const struct registry *registry, size_t id) {
    assert(id < registry->entry_count);
    return &registry->entries[id];
}

size_t registry_family_count(const struct registry *registry) { return registry->family_count; }

const struct family *registry_family_at(const struct registry *registry, size_t index) {
    assert(index < registry->family_count);
    return registry->families[index];
}
