/* SPDX-License-Identifier: BSD-3-Clause */
/* ACL categories and COMMAND DOCS groups: the standard ones in the order in which peers list them,
 * then one of each application family's own. */
#include <assert.h>

#include "commands/registry_internal.h"

enum category {
    AT_KEYSPACE,
    AT_READ,
    AT_WRITE,
    AT_SET,
    AT_SORTED_SET,
    AT_LIST,
    AT_HASH,
    AT_STRING,
    AT_BITMAP,
    AT_HYPERLOGLOG,
    AT_GEO,
    AT_STREAM,
    AT_PUBSUB,
    AT_ADMIN,
    AT_FAST,
    AT_SLOW,
    AT_BLOCKING,
    AT_DANGEROUS,
    AT_CONNECTION,
    AT_TRANSACTION,
    AT_SCRIPTING,
};
static_assert(AT_SCRIPTING + 1 == REGISTRY_CATEGORY_STANDARD, "one name for each");

static const char *const standard_names[REGISTRY_CATEGORY_STANDARD] = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting",
};

#define BIT(at) ((uint64_t)1 << (at))

/* Groups whose category has another name, or none. */
static const struct {
    const char *group;
    uint64_t categories;
} groups[] = {
    {"generic", BIT(AT_KEYSPACE)},
    {"sorted-set", BIT(AT_SORTED_SET)},
    {"transactions", BIT(AT_TRANSACTION)},
    {"pubsub", 0}, /* by its flag, so that PUBSUB HELP is not in it */
    {"server", 0},
    {"cluster", 0},
    {"sentinel", 0},
    {"module", 0},
};

/* What a bit of enum command_category stands for, lowest bit first. */
static const enum category declared[] = {
    AT_DANGEROUS,   AT_ADMIN, AT_KEYSPACE,   AT_CONNECTION, AT_TRANSACTION, AT_SCRIPTING, AT_PUBSUB,
    AT_BLOCKING,    AT_SET,   AT_SORTED_SET, AT_LIST,       AT_HASH,        AT_STRING,    AT_BITMAP,
    AT_HYPERLOGLOG, AT_GEO,   AT_STREAM,     AT_READ,       AT_WRITE,
};
static_assert(CATEGORY_NOT_OF_GROUP == 1 << COUNT_OF(declared), "one meaning for each bit");

size_t registry_category_count(const struct registry *registry) { return registry->category_count; }

const char *registry_category_name(const struct registry *registry, size_t bit) {
    assert(bit < registry->category_count);
    return registry->categories[bit];
}

int registry_category_bit(const struct registry *registry, struct bytes name) {
    for (size_t i = 0; i < registry->category_count; i++)
        if (bytes_is(name, registry->categories[i])) return (int)i;
    return -1;
}

static const char *family_group(const struct family *family) {
    return family->group != NULL ? family->group : family->name;
}

/* True with the categories of a group that is known, by its name or as a category. */
static bool standard_group(const char *group, uint64_t *categories) {
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (strcmp(groups[i].group, group) != 0) continue;
        *categories = groups[i].categories;
        return true;
    }
    for (size_t i = 0; i < REGISTRY_CATEGORY_STANDARD; i++) {
        if (strcmp(standard_names[i], group) != 0) continue;
        *categories = BIT(i);
        return true;
    }
    return false;
}

void registry_name_categories(struct registry *registry) {
    for (size_t i = 0; i < REGISTRY_CATEGORY_STANDARD; i++)
        registry->categories[i] = standard_names[i];
    registry->category_count = REGISTRY_CATEGORY_STANDARD;
    for (size_t i = 0; i < registry->family_count; i++) {
        const struct family *family = registry->families[i];
        const char *own = family->category != NULL ? family->category : family_group(family);
        uint64_t known;
        if (standard_group(own, &known) || registry_category_bit(registry, bytes_of(own)) >= 0)
            continue;
        assert(registry->category_count < REGISTRY_CATEGORIES_MAX);
        registry->categories[registry->category_count++] = own;
    }
}

/* The group that the command itself names, or the container that it belongs to; NULL: none. */
static const char *named_group(const struct command_entry *entry) {
    if (entry->command->group != NULL || entry->parent == NULL) return entry->command->group;
    return entry->parent->command->group;
}

static uint64_t of_group(const struct registry *registry, const struct command_entry *entry) {
    const char *own = named_group(entry);
    if (own == NULL) own = entry->family->category;
    if (own == NULL) own = family_group(entry->family);
    uint64_t categories;
    if (standard_group(own, &categories)) return categories;
    int bit = registry_category_bit(registry, bytes_of(own));
    return bit < 0 ? 0 : BIT(bit);
}

void registry_derive_categories(const struct registry *registry, struct command_entry *entry) {
    const struct command *command = entry->command;
    bool just_container = command->subcommand_count > 0 && command->handler == NULL;
    entry->group = named_group(entry);
    if (entry->group == NULL) entry->group = family_group(entry->family);

    uint64_t categories = command->speed == FAST ? BIT(AT_FAST) : BIT(AT_SLOW);
    if (!just_container && (command->categories & CATEGORY_NOT_OF_GROUP) == 0)
        categories |= of_group(registry, entry);
    if (entry->writes) categories |= BIT(AT_WRITE);
    /* EVAL_RO and its kin are not said to read: whoever may read may not run scripts. */
    if (entry->reads && (categories & BIT(AT_SCRIPTING)) == 0) categories |= BIT(AT_READ);
    if (command->flags & COMMAND_ADMIN) categories |= BIT(AT_ADMIN) | BIT(AT_DANGEROUS);
    if (command->flags & COMMAND_PUBSUB) categories |= BIT(AT_PUBSUB);
    if (command->flags & COMMAND_BLOCKING) categories |= BIT(AT_BLOCKING);
    for (size_t i = 0; i < COUNT_OF(declared); i++)
        if (command->categories & 1u << i) categories |= BIT(declared[i]);
    entry->categories = categories;
}
