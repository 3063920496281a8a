/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/reference.h"

#include "commands/registry.h"

#define USAGE_MAX 4096

static void print_usage(FILE *out, const struct command_entry *entry) {
    char usage[USAGE_MAX];
    size_t len = registry_usage(entry, usage, sizeof(usage));
    fprintf(out, "```\n%.*s\n```\n\n", (int)len, usage);
}

static void print_fact(FILE *out, const char *label, const char *text) {
    if (text != NULL) fprintf(out, "- %s: %s\n", label, text);
}

static void print_categories(FILE *out, const struct registry *registry,
                             const struct command_entry *entry) {
    fputs("- ACL:", out);
    for (size_t bit = 0; bit < registry_category_count(registry); bit++)
        if (entry->categories >> bit & 1)
            fprintf(out, " @%s", registry_category_name(registry, bit));
    fputc('\n', out);
}

static void print_heading(FILE *out, const struct command_entry *entry) {
    fputs(entry->parent == NULL ? "### " : "#### ", out);
    for (const char *at = entry->full_name; *at != '\0'; at++)
        fputc(*at == '|' ? ' ' : ascii_upper(*at), out);
    fputs("\n\n", out);
}

static void print_command(FILE *out, const struct registry *registry,
                          const struct command_entry *entry) {
    const struct command *command = entry->command;
    if (command->flags & COMMAND_HIDDEN) return;
    print_heading(out, entry);
    if (command->handler != NULL) print_usage(out, entry);
    if (command->summary != NULL) fprintf(out, "%s\n\n", command->summary);
    if (command->flags & COMMAND_DEPRECATED) {
        fprintf(out, "Deprecated since %s",
                command->deprecated_since != NULL ? command->deprecated_since : command->since);
        if (command->replaced_by != NULL) fprintf(out, ": use %s", command->replaced_by);
        fputs(".\n\n", out);
    }
    if (command->handler != NULL) {
        print_fact(out, "Reply", command->reply);
        print_fact(out, "Errors", command->errors);
        print_fact(out, "Complexity", command->complexity);
        print_categories(out, registry, entry);
        print_fact(out, "Since", command->since);
        if (command->example != NULL) fprintf(out, "- Example: `%s`\n", command->example);
        fputc('\n', out);
    }
    for (size_t i = 0; i < command->subcommand_count; i++)
        print_command(out, registry, &entry->children[i]);
}

void reference_print(const struct registry *registry, FILE *out) {
    const struct family *family = NULL;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct command_entry *entry = registry_at(registry, i);
        if (entry->family != family) {
            family = entry->family;
            fprintf(out, "<!-- family %s -->\n\n## %s\n\n", family->name,
                    family->title != NULL ? family->title : family->name);
        }
        print_command(out, registry, entry);
    }
}
