/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the files of the registry share: names folded into words, and what each part derives. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "commands/registry.h"

#define REGISTRY_CATEGORY_STANDARD 21

/* A name as little-endian words of eight bytes, upper case folded to lower, zeros behind its end:
 * equal words and equal lengths are equal names. */
#define REGISTRY_NAME_WORDS (REGISTRY_NAME_MAX / 8)
struct folded_name {
    uint64_t words[REGISTRY_NAME_WORDS];
    uint32_t len;
};

/* Names of subcommands lie in the same table, told apart by their parent. */
struct registry_slot {
    uint64_t head;   /* first word of the name */
    uint16_t parent; /* 0: none; else the parent's id + 1 */
    uint16_t id;     /* UINT16_MAX: the slot is free */
    uint8_t len;
};

struct registry_names {
    struct registry_slot *slots;
    struct folded_name *folded; /* by id; of length 0: none, or one that is too long for here */
    uint64_t multiplier;
    uint32_t shift; /* 64 - log2 of the number of slots */
    size_t slot_mask;
};

struct registry {
    const struct family *const *families;
    size_t family_count;
    struct command_entry *entries; /* by id: the top-level ones, then children */
    size_t top_count;
    size_t entry_count;
    struct command_entry **listed; /* the top-level ones that clients can call */
    size_t listed_count;
    struct registry_names declared;
    struct registry_names called; /* shares the tables of the above until a name changes */
    bool has_long_names;
    const char *categories[REGISTRY_CATEGORIES_MAX];
    size_t category_count;
    struct arena storage; /* all of the above lies here */
};

/* All of the grammar's consequences: arity, key specifications, their old form, movable_keys. */
void registry_derive_grammar(struct command_entry *entry, struct arena *storage);
/* The words that an argument takes at least; `exact` is cleared when it may take more. */
int registry_arg_words(const struct arg *arg, bool *exact);

/* Makes both tables of names, once all entries are there. */
void registry_build_names(struct registry *registry);

void registry_name_categories(struct registry *registry);
/* group and categories, from the flags, the access and the family. */
void registry_derive_categories(const struct registry *registry, struct command_entry *entry);
