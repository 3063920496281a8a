/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Commands made up from the declared grammar: any command of the registry, with arguments that its
 * ARGS allow and values that are worth trying. A new family needs nothing for it.
 *
 * Keys come from a few names a family, so that commands meet the values of others; keys of commands
 * whose family has no type come from all. Other values come from the examples of the family (what
 * stands there for an argument of that name, such as "100/1m" for a limit), from what was learned
 * (payloads), and from the edges: empty, binary, long, numbers. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "commands/registry.h"
#include "harness/choice.h"

#define GENERATOR_WORDS_MAX 64
#define GENERATOR_LESSONS_MAX 32
#define GENERATOR_KEYS 6 /* of each family */

struct generated_command {
    const struct command_entry *entry;
    struct bytes argv[GENERATOR_WORDS_MAX]; /* valid until the next one */
    int argc;
    bool wild; /* was spoiled: words dropped, added or replaced */
};

struct example_value;

struct command_generator {
    const struct registry *registry;
    struct choice *choice;
    int64_t now_ms;                  /* times are made up around it */
    uint32_t wild_once_in;           /* so often a command is spoiled; 0: never */
    struct arena arena;              /* of the command */
    struct arena storage;            /* of what is known */
    struct example_value **examples; /* by family: lists of what its examples have */
    struct bytes lessons[GENERATOR_LESSONS_MAX];
    size_t lesson_count;
};

/* Borrows both. */
void command_generator_init(struct command_generator *generator, const struct registry *registry,
                            struct choice *choice);
void command_generator_deinit(struct command_generator *generator);
/* A string to use from now on where strings are asked for; copied. */
void command_generator_teach(struct command_generator *generator, struct bytes lesson);
/* A call of this command. */
void command_generate(struct command_generator *generator, const struct command_entry *entry,
                      struct generated_command *out);
/* Name of the i-th key of a family, i < GENERATOR_KEYS. */
struct bytes command_generator_key(struct command_generator *generator, const struct family *family,
                                   size_t i);
