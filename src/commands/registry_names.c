/* SPDX-License-Identifier: BSD-3-Clause */
/* From names to entries: as they were declared, and as clients call them. The two tables are one
 * until rename-command parts them. */
#include <assert.h>

#include "base/memory.h"
#include "commands/registry_internal.h"

/* --- folding --- */

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

/* --- finding --- */

static inline size_t place(const struct registry_names *names, uint64_t mixed) {
    return (size_t)((mixed * names->multiplier) >> names->shift);
}

static inline uint64_t mix_parent(uint64_t head, uint32_t parent) {
    return head ^ parent * 0x9e3779b97f4a7c15u;
}

static inline uint64_t mix_word(uint64_t mixed, uint64_t word) {
    return (mixed << 29 | mixed >> 35) ^ word * 0xd6e8feb86659fd93u;
}

/* Only rename-command gives names that are too long for the table; few, if any. */
static struct command_entry *find_long(const struct registry *registry, struct bytes name) {
    for (size_t i = 0; i < registry->listed_count; i++) {
        struct command_entry *entry = registry->listed[i];
        if (bytes_equal_fold(entry->called, name)) return entry;
    }
    return NULL;
}

static struct command_entry *find(const struct registry *registry,
                                  const struct registry_names *names, struct bytes name,
                                  uint32_t parent) {
    if (UNLIKELY(name.len - 1 >= REGISTRY_NAME_MAX)) {
        bool may_be = name.len > 0 && parent == 0 && names == &registry->called &&
                      registry->has_long_names;
        return may_be ? find_long(registry, name) : NULL;
    }
    uint64_t words[REGISTRY_NAME_WORDS];
    words[0] = fold(load_partly(name.data, name.len < 8 ? name.len : 8));
    uint64_t mixed = mix_parent(words[0], parent);
    size_t count = 1;
    for (size_t at = 8; at < name.len; at += 8) {
        size_t left = name.len - at;
        words[count] = fold(load_partly(name.data + at, left < 8 ? left : 8));
        mixed = mix_word(mixed, words[count++]);
    }
    for (size_t at = place(names, mixed);; at = (at + 1) & names->slot_mask) {
        const struct registry_slot *slot = &names->slots[at];
        if (slot->id == UINT16_MAX) return NULL;
        if (slot->head != words[0] || slot->len != name.len || slot->parent != parent) continue;
        size_t same = 1;
        while (same < count && names->folded[slot->id].words[same] == words[same]) same++;
        if (same == count) return &registry->entries[slot->id];
    }
}

static struct command_entry *resolve(const struct registry *registry,
                                     const struct registry_names *names, const struct bytes *argv,
                                     int argc, struct command_entry **container) {
    if (container != NULL) *container = NULL;
    struct command_entry *entry = find(registry, names, argv[0], 0);
    if (entry == NULL || LIKELY(entry->children == NULL) || argc < 2) return entry;
    struct command_entry *child = find(registry, names, argv[1], entry->id + 1u);
    if (child == NULL && container != NULL) *container = entry;
    return child;
}

static struct command_entry *find_full(const struct registry *registry,
                                       const struct registry_names *names, struct bytes name) {
    struct command_entry *whole = find(registry, names, name, 0);
    const char *bar = name.len == 0 ? NULL : memchr(name.data, '|', name.len);
    if (whole != NULL || bar == NULL) return whole;
    size_t len = (size_t)(bar - name.data);
    struct command_entry *parent = find(registry, names, bytes_make(name.data, len), 0);
    if (parent == NULL) return NULL;
    return find(registry, names, bytes_make(bar + 1, name.len - len - 1), parent->id + 1u);
}

struct command_entry *registry_find(const struct registry *registry, struct bytes name) {
    return find(registry, &registry->called, name, 0);
}

struct command_entry *registry_resolve(const struct registry *registry, const struct bytes *argv,
                                       int argc, struct command_entry **container) {
    return resolve(registry, &registry->called, argv, argc, container);
}

struct command_entry *registry_find_full(const struct registry *registry, struct bytes name) {
    return find_full(registry, &registry->called, name);
}

struct command_entry *registry_resolve_declared(const struct registry *registry,
                                                const struct bytes *argv, int argc) {
    return resolve(registry, &registry->declared, argv, argc, NULL);
}

struct command_entry *registry_find_declared(const struct registry *registry, struct bytes name) {
    return find_full(registry, &registry->declared, name);
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
static size_t fill_slots(const struct registry *registry, struct registry_names *names) {
    size_t steps = 0;
    for (size_t i = 0; i <= names->slot_mask; i++) names->slots[i].id = UINT16_MAX;
    for (size_t id = 0; id < registry->entry_count; id++) {
        const struct folded_name *name = &names->folded[id];
        if (name->len == 0) continue;
        uint32_t parent = parent_key(&registry->entries[id]);
        size_t at = place(names, mix_name(name, parent));
        for (; names->slots[at].id != UINT16_MAX; at = (at + 1) & names->slot_mask) steps++;
        names->slots[at] = (struct registry_slot){.head = name->words[0],
                                                  .parent = (uint16_t)parent,
                                                  .id = (uint16_t)id,
                                                  .len = (uint8_t)name->len};
    }
    return steps;
}

/* Names change at start if ever: a few multipliers are tried and the one under which they collide
 * least is kept, so that nearly every look-up ends at its first slot. */
static void fit_slots(const struct registry *registry, struct registry_names *names) {
    uint64_t best = 0, candidate = 0x9e3779b97f4a7c15u;
    size_t best_steps = SIZE_MAX;
    for (int i = 0; i < 64 && best_steps > 0; i++) {
        names->multiplier = candidate | 1;
        size_t steps = fill_slots(registry, names);
        if (steps < best_steps) best = names->multiplier, best_steps = steps;
        candidate = candidate * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du;
    }
    names->multiplier = best;
    fill_slots(registry, names);
}

static void allocate_names(struct registry *registry, struct registry_names *names) {
    size_t bits = 4;
    while ((size_t)1 << bits < 4 * registry->entry_count) bits++;
    names->slot_mask = ((size_t)1 << bits) - 1;
    names->shift = (uint32_t)(64 - bits);
    names->slots = arena_allocate(&registry->storage,
                                  (names->slot_mask + 1) * sizeof(*names->slots));
    names->folded = arena_allocate(&registry->storage,
                                   (registry->entry_count + 1) * sizeof(*names->folded));
}

void registry_build_names(struct registry *registry) {
    struct registry_names *names = &registry->declared;
    allocate_names(registry, names);
    for (size_t id = 0; id < registry->entry_count; id++) {
        struct bytes name = bytes_of(registry->entries[id].command->name);
        assert(name.len > 0 && name.len <= REGISTRY_NAME_MAX);
        fold_name(name, &names->folded[id]);
    }
    fit_slots(registry, names);
    registry->called = *names;
    /* A name that is declared twice would hide one of the two. */
    for (size_t i = 0; i < registry->entry_count; i++)
        assert(registry_find_full(registry, bytes_of(registry->entries[i].full_name)) ==
               &registry->entries[i]);
}

/* --- renaming --- */

static void unlist(struct registry *registry, const struct command_entry *entry) {
    size_t at = 0;
    while (registry->listed[at] != entry) at++;
    registry->listed_count--;
    memmove(&registry->listed[at], &registry->listed[at + 1],
            (registry->listed_count - at) * sizeof(*registry->listed));
}

enum registry_renamed registry_rename(struct registry *registry, struct bytes name,
                                      struct bytes other) {
    struct registry_names *called = &registry->called;
    struct command_entry *entry = find(registry, called, name, 0);
    if (entry == NULL) return REGISTRY_NO_SUCH_NAME;
    struct command_entry *taken = find(registry, called, other, 0);
    if (taken != NULL && taken != entry) return REGISTRY_NAME_TAKEN;
    if (called->folded == registry->declared.folded) {
        allocate_names(registry, called);
        memcpy(called->folded, registry->declared.folded,
               registry->entry_count * sizeof(*called->folded));
    }
    struct folded_name *folded = &called->folded[entry->id];
    *folded = (struct folded_name){0};
    if (other.len > REGISTRY_NAME_MAX) registry->has_long_names = true;
    else if (other.len > 0) fold_name(other, folded);
    entry->called = arena_copy(&registry->storage, other);
    if (other.len == 0) unlist(registry, entry);
    fit_slots(registry, called);
    return REGISTRY_RENAMED;
}
