/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The door of the families: what a family is, and everything it may use. */
#include "base/bytes.h"
#include "base/memory.h"
#include "base/outcome.h"
#include "base/text.h"
#include "commands/args.h"
#include "commands/call.h"
#include "commands/command.h"
#include "commands/edit.h"
#include "commands/invoke.h"
#include "commands/option.h"
#include "commands/reply.h"
#include "keyspace/value.h"

struct family {
    const char *name;  /* the folder's, and the ACL category of application families */
    const char *title; /* of its page: "Rate limits" */
    /* Standard families: the group that COMMAND DOCS names and the ACL category, where they differ
     * from the name ("sorted-set", "sortedset"). NULL: the name. */
    const char *group;
    const char *category;
    const struct command *commands;
    size_t command_count;
    const struct value_type *const *types;
    size_t type_count;
    const struct option *options;
    size_t option_count;
    /* Lists that MODULE LIST names; NULL: none. */
    const char *module_name;
    int module_version;
    /* State that the whole family shares in one executor (statistics, sketches; volatile): made on
     * first use, found again by family_state. */
    void *(*state_create)(void);
    void (*state_destroy)(void *state);
    /* Takes elements that are due out of the value of `key` (which has some), not more than a
     * thousand at a time, and the key when nothing is left: through edits, with events and explicit
     * effects. For types with `next_deadline_ms`. */
    void (*expire_members)(struct call *call, struct bytes key);
    /* Lines for INFO's section named as the family, "name:value\r\n" each. */
    void (*info)(void *state, struct executor *executor, struct output *output);
};

void *family_state(struct call *call, const struct family *family);
void *executor_family_state(struct executor *executor, const struct family *family);
/* Counts the DELs and such that a family does by name. */
