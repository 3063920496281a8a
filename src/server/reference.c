/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/reference.h"

#include "commands/registry.h"
#include "protocol/output.h"
#include "server/options.h"

#define USAGE_MAX 8192
#define COLUMNS 84

/* --- the usage line --- */

/* Where a line of at most `width` ends: at a blank outside of brackets, else before a '|', else at
 * any blank. */
static size_t line_end(const char *text, size_t len, size_t width, int *depth) {
    size_t outside = 0, anywhere = 0;
    int at_anywhere = *depth, at = *depth;
    bool before_bar = false;
    if (len <= width) return len;
    for (size_t i = 0; i < width; i++) {
        if (text[i] == '[' || text[i] == '<') at++;
        if (text[i] == ']' || text[i] == '>') at--;
        if (text[i] != ' ') continue;
        if (text[i + 1] == '|' || !before_bar) {
            anywhere = i;
            at_anywhere = at;
            before_bar = text[i + 1] == '|';
        }
        if (at == 0) outside = i;
    }
    *depth = outside > 0 ? 0 : at_anywhere;
    return outside > 0 ? outside : anywhere > 0 ? anywhere : len;
}

static void print_usage(FILE *out, const struct command_entry *entry) {
    char usage[USAGE_MAX];
    size_t len = registry_usage(entry, usage, sizeof(usage));
    int depth = 0;
    fputs("```\n", out);
    for (size_t at = 0; at < len;) {
        size_t end = line_end(usage + at, len - at, at == 0 ? COLUMNS : COLUMNS - 4, &depth);
        fprintf(out, "%s%.*s\n", at == 0 ? "" : "    ", (int)end, usage + at);
        at += end + 1;
    }
    fputs("```\n\n", out);
}

/* --- facts --- */

static void print_fact(FILE *out, const char *label, const char *text) {
    if (text != NULL) fprintf(out, "- %s: %s\n", label, text);
}

/* "CODE which; CODE which": a line for each, its code set apart. */
static void print_errors(FILE *out, const char *errors) {
    if (errors == NULL) return;
    fputs("- Errors:\n", out);
    while (*errors != '\0') {
        const char *end = strstr(errors, "; ");
        size_t len = end != NULL ? (size_t)(end - errors) : strlen(errors);
        size_t code = strcspn(errors, " ");
        if (code > len) code = len;
        fprintf(out, "  - `%.*s`%.*s\n", (int)code, errors, (int)(len - code), errors + code);
        errors += len;
        if (end != NULL) errors += 2;
    }
}

static void print_words(FILE *out, const char *label, const char *words) {
    if (words == NULL) return;
    fprintf(out, "- %s:", label);
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        fprintf(out, " `%.*s`", (int)len, words);
        words += len + (words[len] == ' ');
        if (*words != '\0') fputc(',', out);
    }
    fputc('\n', out);
}

static void print_categories(FILE *out, const struct registry *registry,
                             const struct command_entry *entry) {
    fputs("- ACL categories:", out);
    for (size_t bit = 0; bit < registry_category_count(registry); bit++)
        if (entry->categories >> bit & 1)
            fprintf(out, " `@%s`", registry_category_name(registry, bit));
    fputc('\n', out);
}

/* --- one command --- */

static void print_heading(FILE *out, const struct command_entry *entry) {
    fputs(entry->parent == NULL ? "## " : "### ", out);
    for (const char *at = entry->full_name; *at != '\0'; at++)
        fputc(*at == '|' ? ' ' : ascii_upper(*at), out);
    fputs("\n\n", out);
}

static void print_command(FILE *out, const struct registry *registry,
                          const struct command_entry *entry) {
    const struct command *command = entry->command;
    if (command->flags & COMMAND_HIDDEN) return;
    print_heading(out, entry);
    if (command->summary != NULL) fprintf(out, "%s\n\n", command->summary);
    if (command->handler != NULL) print_usage(out, entry);
    if (command->flags & COMMAND_DEPRECATED) {
        fprintf(out, "Deprecated since %s",
                command->deprecated_since != NULL ? command->deprecated_since : command->since);
        if (command->replaced_by != NULL) fprintf(out, ": use %s", command->replaced_by);
        fputs(".\n\n", out);
    }
    if (command->handler != NULL) {
        print_fact(out, "Reply", command->reply);
        print_errors(out, command->errors);
        print_words(out, "Events", command->events);
        print_fact(out, "Complexity", command->complexity);
        print_categories(out, registry, entry);
        print_fact(out, "Since", command->since);
        if (command->example != NULL) fprintf(out, "- Example: `%s`\n", command->example);
        fputc('\n', out);
    }
    for (size_t i = 0; i < command->subcommand_count; i++)
        print_command(out, registry, &entry->children[i]);
}

/* --- families --- */

static void print_table(FILE *out, const struct options *options, const char *title, bool inert) {
    struct output table;
    output_init(&table, 2);
    options_table(options, title, inert, &table);
    fwrite(table.data, 1, table.len, out);
    output_deinit(&table);
}

static void print_family(FILE *out, const struct options *options, const struct family *family) {
    fprintf(out, "<!-- family %s -->\n\n# %s\n\n", family->name,
            family->title != NULL ? family->title : family->name);
    for (size_t i = 0; i < family->type_count; i++)
        fprintf(out, "%s`%s`%s", i == 0 ? "Such a key answers `TYPE` with " : " or ",
                family->types[i]->name, i + 1 == family->type_count ? ".\n\n" : "");
    if (options == NULL || family->option_count == 0) return;
    fputs("## Parameters\n\n", out);
    print_table(out, options, family->title, false);
}

static void print_configuration(FILE *out, const struct options *options, bool inert) {
    for (size_t i = 0; i < options_count(options); i++) {
        const char *title = options_title(options, (int)i);
        if (i > 0 && strcmp(title, options_title(options, (int)i - 1)) == 0) continue;
        if (!options_title_has(options, title, inert)) continue;
        fprintf(out, "### %s\n\n", title);
        print_table(out, options, title, inert);
    }
}

void reference_print(const struct registry *registry, const struct options *options, FILE *out) {
    const struct family *family = NULL;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct command_entry *entry = registry_at(registry, i);
        if (entry->family != family) {
            family = entry->family;
            print_family(out, options, family);
        }
        print_command(out, registry, entry);
    }
    if (options == NULL) return;
    fputs("<!-- configuration -->\n\n", out);
    print_configuration(out, options, false);
    fputs("<!-- configuration without meaning -->\n\n", out);
    print_configuration(out, options, true);
}
