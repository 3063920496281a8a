/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* All families and all that is derived from their declarations: the table of commands by name,
 * arity, flags, key positions, ACL categories. Built once at start; then only statistics change. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "commands/command.h"
#include "commands/family.h"

#define REGISTRY_NAME_MAX 32 /* bytes of one word: of a command or of a subcommand */
#define REGISTRY_CATEGORIES_MAX 63

/* Where keys stand: COMMAND INFO's key specifications. */
enum key_begin { KEY_BEGIN_INDEX, KEY_BEGIN_KEYWORD, KEY_BEGIN_UNKNOWN };
enum key_find { KEY_FIND_RANGE, KEY_FIND_COUNT, KEY_FIND_UNKNOWN };
struct key_spec {
    const struct arg *arg; /* the argument that it was derived from */
    uint16_t use;          /* enum key_use */
    enum key_begin begin;
    enum key_find find;
    int begin_at; /* index, or where the search for the keyword starts (negative: from the end) */
    const char *keyword;
    int last; /* RANGE: relative to the first; -1 the last argument, -2 the one before */
    int step;
    int limit; /* RANGE to the end: 2 when keys are the first half of what follows; 0: all of it */
    int count_at; /* COUNT: relative to the beginning: where the number is */
    int first_at; /*        and the first key */
};

struct command_stats {
    uint64_t calls;
    uint64_t ticks; /* of whatever the server measures in */
    uint64_t rejected;
    uint64_t failed;
    uint64_t *histogram; /* of durations (server/histogram.h); NULL until used */
};

struct command_entry {
    const struct command *command;
    const struct family *family;
    struct command_entry *parent;   /* of subcommands */
    struct command_entry *children; /* subcommand_count of them, contiguous */
    const char *full_name;          /* "set", "config|get": what statistics and errors say */
    struct bytes called; /* what a client sends for it; "" when rename-command took it away */
    const char *group;   /* as COMMAND DOCS names it */
    uint64_t categories; /* bits of registry_category_name */
    int16_t arity;
    int16_t key_first, key_last, key_step; /* the old form: 0 0 0 without keys */
    uint32_t flags;                        /* enum command_flags, completed */
    uint16_t id;
    uint8_t key_spec_count;
    bool movable_keys;
    bool writes;
    bool reads;
    bool denies_oom;
    struct key_spec *key_specs;
    struct command_stats stats;
};

struct registry;
struct registry *registry_create(const struct family *const *families, size_t family_count);
void registry_destroy(struct registry **registry);

/* By the name that clients call it by, whatever its case; subcommands are not resolved. NULL:
 * unknown. One probe as a rule, no allocation, never reads beyond the name. */
struct command_entry *registry_find(const struct registry *registry, struct bytes name);
/* The entry that runs for this request: the subcommand's where the command has some. NULL with
 * *container set (or NULL) when the subcommand or the command is unknown. */
struct command_entry *registry_resolve(const struct registry *registry, const struct bytes *argv,
                                       int argc, struct command_entry **container);
/* "config|get" */
struct command_entry *registry_find_full(const struct registry *registry, struct bytes name);
/* The same by the names that were declared, whatever clients call them by: for what is kept on
 * disk or sent to others, for a command inside another, for rules about commands. */
struct command_entry *registry_resolve_declared(const struct registry *registry,
                                                const struct bytes *argv, int argc);
struct command_entry *registry_find_declared(const struct registry *registry, struct bytes name);

/* rename-command: from now on clients call the command `name` by another one, of any bytes and any
 * length, or, when that is empty, not at all; its subcommands go with it. Before the first request
 * and before anybody walks the commands. O(all names). */
enum registry_renamed { REGISTRY_RENAMED, REGISTRY_NO_SUCH_NAME, REGISTRY_NAME_TAKEN };
enum registry_renamed registry_rename(struct registry *registry, struct bytes name,
                                      struct bytes other) MUST_CHECK;

size_t registry_count(const struct registry *registry); /* top-level ones that can be called */
struct command_entry *registry_at(const struct registry *registry, size_t index);
/* Total of entries, subcommands included: ids are below it. */
size_t registry_entry_count(const struct registry *registry);
struct command_entry *registry_entry_by_id(const struct registry *registry, size_t id);
static inline bool registry_arity_fits(const struct command_entry *entry, int argc) {
    return entry->arity >= 0 ? argc == entry->arity : argc >= -entry->arity;
}

size_t registry_family_count(const struct registry *registry);
const struct family *registry_family_at(const struct registry *registry, size_t index);

size_t registry_category_count(const struct registry *registry);
const char *registry_category_name(const struct registry *registry, size_t bit);
int registry_category_bit(const struct registry *registry, struct bytes name); /* -1: unknown */

/* Positions of the keys of a request, and how each is used. Returns how many there are (at most
 * max are written), -1 when the arguments do not fit the command or memory was refused. */
struct key_position {
    int index;
    uint16_t use;
};
int registry_keys(const struct command_entry *entry, const struct bytes *argv, int argc,
                  struct key_position *positions, int max);
/* False for commands that never have keys; sharded channels do not count. */
bool registry_has_keys(const struct command_entry *entry);
/* Number of the specification that tells where this argument's keys are; -1: none. */
int registry_key_spec_of(const struct command_entry *entry, const struct arg *arg);
/* "SET key value [NX | XX] ...": the usage line, in `out`; returns its length. */
size_t registry_usage(const struct command_entry *entry, char *out, size_t capacity);
