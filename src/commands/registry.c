/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/registry.h"

#include <assert.h>

#include "base/memory.h"
#include "commands/registry_internal.h"

/* --- names --- */

/* A to Z to lower case in all eight bytes at once; other bytes, those above 127 too, stay. */
static inline uint64_t fold(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    uint64_t low = word & ~high;
    uint64_t from_a = low + (0x80 - 'A') * ones;  /* top bit: >= 'A' */
    uint64_t above_z = low + (0x7f - 'Z') * ones; /* top bit: > 'Z' */
    uint64_t upper = (from_a ^ above_z) & ~word & high;
    return word | upper >> 2;
}

static inline uint64_t load_8(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* The `len` (1 to 8) bytes at `at`, zeros above, without reading a byte beyond. */
static inline uint64_t load_partly(const char *at, size_t len) {
    if (len == 8) return load_8(at);
    if (len >= 4) {
        uint32_t low, high;
        memcpy(&low, at, 4);
        memcpy(&high, at + len - 4, 4);
        return low | (uint64_t)high << (8 * (len - 4));
    }
    uint64_t word = (uint8_t)at[0];
    if (len > 1) word |= (uint64_t)(uint8_t)at[1] << 8;
    if (len > 2) word |= (uint64_t)(uint8_t)at[2] << 16;
    return word;
}

static void fold_name(struct bytes name, struct folded_name *folded) {
    *folded = (struct folded_name){.len = (uint32_t)name.len};
    for (size_t at = 0; at < name.len; at += 8) {
        size_t left = name.len - at;
        folded->words[at / 8] = fold(load_partly(name.data + at, left < 8 ? left : 8));
    }
}

static inline size_t place(const struct registry *registry, uint64_t mixed) {
    return (size_t)((mixed * registry->multiplier) >> registry->shift);
}

static inline uint64_t mix_parent(uint64_t head, uint32_t parent) {
    return head ^ parent * 0x9e3779b97f4a7c15u;
}

static inline uint64_t mix_word(uint64_t mixed, uint64_t word) {
    return (mixed << 29 | mixed >> 35) ^ word * 0xd6e8feb86659fd93u;
}

static struct command_entry *find(const struct registry *registry, struct bytes name,
                                  uint32_t parent) {
    if (name.len - 1 >= REGISTRY_NAME_MAX) return NULL;
    uint64_t words[REGISTRY_NAME_WORDS];
    words[0] = fold(load_partly(name.data, name.len < 8 ? name.len : 8));
    uint64_t mixed = mix_parent(words[0], parent);
    size_t count = 1;
    for (size_t at = 8; at < name.len; at += 8) {
        size_t left = name.len - at;
        words[count] = fold(load_partly(name.data + at, left < 8 ? left : 8));
        mixed = mix_word(mixed, words[count++]);
    }
    for (size_t at = place(registry, mixed);; at = (at + 1) & registry->slot_mask) {
        const struct registry_slot *slot = &registry->slots[at];
        if (slot->id == UINT16_MAX) return NULL;
        if (slot->head != words[0] || slot->len != name.len || slot->parent != parent) continue;
        size_t same = 1;
        while (same < count && registry->names[slot->id].words[same] == words[same]) same++;
        if (same == count) return &registry->entries[slot->id];
    }
}

struct command_entry *registry_find(const struct registry *registry, struct bytes name) {
    return find(registry, name, 0);
}

struct command_entry *registry_resolve(const struct registry *registry, const struct bytes *argv,
                                       int argc, struct command_entry **container) {
    if (container != NULL) *container = NULL;
    struct command_entry *entry = find(registry, argv[0], 0);
    if (entry == NULL || LIKELY(entry->children == NULL) || argc < 2) return entry;
    struct command_entry *child = find(registry, argv[1], entry->id + 1u);
    if (child == NULL && container != NULL) *container = entry;
    return child;
}

struct command_entry *registry_find_full(const struct registry *registry, struct bytes name) {
    const char *bar = name.len == 0 ? NULL : memchr(name.data, '|', name.len);
    if (bar == NULL) return find(registry, name, 0);
    size_t len = (size_t)(bar - name.data);
    struct command_entry *parent = find(registry, bytes_make(name.data, len), 0);
    if (parent == NULL) return NULL;
    return find(registry, bytes_make(bar + 1, name.len - len - 1), parent->id + 1u);
}

/* --- the table --- */

static uint64_t mix_name(const struct folded_name *name, uint32_t parent) {
    uint64_t mixed = mix_parent(name->words[0], parent);
    for (size_t i = 1; i * 8 < name->len; i++) mixed = mix_word(mixed, name->words[i]);
    return mixed;
}

static uint32_t parent_key(const struct command_entry *entry) {
    return entry->parent == NULL ? 0 : entry->parent->id + 1u;
}

/* Fills the table under the present multiplier; returns how many steps all names together are
 * away from where they would be alone. */
static size_t fill_slots(struct registry *registry) {
    size_t steps = 0;
    for (size_t i = 0; i <= registry->slot_mask; i++) registry->slots[i].id = UINT16_MAX;
    for (size_t id = 0; id < registry->entry_count; id++) {
        const struct folded_name *name = &registry->names[id];
        uint32_t parent = parent_key(&registry->entries[id]);
        size_t at = place(registry, mix_name(name, parent));
        for (; registry->slots[at].id != UINT16_MAX; at = (at + 1) & registry->slot_mask) steps++;
        registry->slots[at] = (struct registry_slot){.head = name->words[0],
                                                     .parent = (uint16_t)parent,
                                                     .id = (uint16_t)id,
                                                     .len = (uint8_t)name->len};
    }
    return steps;
}

/* Names never change: a few multipliers are tried and the one under which they collide least is
 * kept, so that nearly every look-up ends at its first slot. */
static void build_slots(struct registry *registry) {
    size_t bits = 4;
    while ((size_t)1 << bits < 4 * registry->entry_count) bits++;
    registry->slot_mask = ((size_t)1 << bits) - 1;
    registry->shift = (uint32_t)(64 - bits);
    registry->slots = arena_allocate(&registry->storage,
                                     (registry->slot_mask + 1) * sizeof(*registry->slots));
    uint64_t best = 0, candidate = 0x9e3779b97f4a7c15u;
    size_t best_steps = SIZE_MAX;
    for (int i = 0; i < 64 && best_steps > 0; i++) {
        registry->multiplier = candidate | 1;
        size_t steps = fill_slots(registry);
        if (steps < best_steps) best = registry->multiplier, best_steps = steps;
        candidate = candidate * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du;
    }
    registry->multiplier = best;
    fill_slots(registry);
}

/* --- building --- */

static void add_entry(struct registry *registry, size_t id, const struct command *command,
                      const struct family *family, struct command_entry *parent) {
    struct command_entry *entry = &registry->entries[id];
    *entry = (struct command_entry){
        .command = command, .family = family, .parent = parent, .id = (uint16_t)id};
    struct bytes name = bytes_of(command->name);
    assert(name.len > 0 && name.len <= REGISTRY_NAME_MAX);
    fold_name(name, &registry->names[id]);

    struct bytes full = parent == NULL ? arena_format(&registry->storage, "%s", command->name)
                                       : arena_format(&registry->storage, "%s|%s",
                                                      parent->full_name, command->name);
    char *letters = (char *)full.data; /* just made here */
    for (size_t i = 0; i < full.len; i++) letters[i] = ascii_lower(letters[i]);
    entry->full_name = full.data;

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
    registry->names = arena_allocate(&registry->storage, count * sizeof(*registry->names));
    registry_name_categories(registry);

    size_t id = 0, child_id = registry->top_count;
    for (size_t f = 0; f < family_count; f++) {
        for (size_t c = 0; c < families[f]->command_count; c++, id++) {
            const struct command *command = &families[f]->commands[c];
            add_entry(registry, id, command, families[f], NULL);
            if (command->subcommand_count == 0) continue;
            registry->entries[id].children = &registry->entries[child_id];
            for (size_t s = 0; s < command->subcommand_count; s++)
                add_entry(registry, child_id++, &command->subcommands[s], families[f],
                          &registry->entries[id]);
        }
    }
    build_slots(registry);
    /* A name that is declared twice would hide one of the two. */
    for (size_t i = 0; i < registry->entry_count; i++)
        assert(registry_find_full(registry, bytes_of(registry->entries[i].full_name)) ==
               &registry->entries[i]);
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

size_t registry_count(const struct registry *registry) { return registry->top_count; }

struct command_entry *registry_at(const struct registry *registry, size_t index) {
    assert(index < registry->top_count);
    return &registry->entries[index];
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
