/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/reference.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "server/options.h"
#include "unit/commands/registry_fixture.h"

static char *print_reference(const struct family *const *families, size_t count) {
    struct registry *registry = registry_create(families, count);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    reference_print(registry, NULL, out);
    fclose(out);
    registry_destroy(&registry);
    return text;
}

Test(reference, writes_a_family_as_markdown_without_what_is_hidden) {
    static const struct family *const families[] = {&fixture_tally};
    char *text = print_reference(families, 1);
    cr_assert_str_eq(text, "<!-- family tally -->\n\n"
                           "# Tallies\n\n"
                           "## TALLY.ADD\n\n"
                           "Summary.\n\n"
                           "```\nTALLY.ADD key amount\n```\n\n"
                           "- Reply: The sum.\n"
                           "- Complexity: O(1)\n"
                           "- ACL categories: `@write` `@fast` `@tally`\n"
                           "- Since: 0.1.0\n"
                           "- Example: `TALLY.ADD t 1`\n\n");
    free(text);
}

Test(reference, puts_subcommands_under_their_container_and_says_what_is_deprecated) {
    static const struct family *const families[] = {&fixture_standard};
    char *text = print_reference(families, 1);
    cr_expect_not_null(strstr(text, "\n## CONFIG\n\nSummary.\n\n### CONFIG RESETSTAT\n\n"));
    cr_expect_not_null(strstr(text, "\nDeprecated since 2.0.0: use `GETRANGE`.\n"));
    cr_expect_not_null(strstr(text, "```\nLMPOP numkeys key [key ...] <LEFT | RIGHT> "
                                    "[COUNT count]\n```\n"));
    free(text);
}

static void nothing(struct call *call) { (void)call; }

static const struct command long_commands[] = {{
    .name = "LONG.ONE",
    .handler = nothing,
    .summary = "Summary.",
    .since = "0.1.0",
    .access = TOUCHES_NO_KEYS,
    ARGS(STRING("a-rather-long-name-of-an-argument", OPTIONAL),
         STRING("another-rather-long-name-of-an-argument", OPTIONAL), STRING("short", OPTIONAL)),
    .errors = "ERR one thing; FULL another",
    .events = "long.one del",
}};
static const struct family long_family = {
    .name = "long", .title = "Long", .commands = long_commands, .command_count = 1};

Test(reference, breaks_long_usage_lines_outside_of_brackets) {
    static const struct family *const families[] = {&long_family};
    char *text = print_reference(families, 1);
    cr_expect_not_null(strstr(text, "```\nLONG.ONE [a-rather-long-name-of-an-argument]\n"
                                    "    [another-rather-long-name-of-an-argument] [short]\n```\n"),
                       "%s", text);
    free(text);
}

Test(reference, lists_errors_one_by_one_and_events) {
    static const struct family *const families[] = {&long_family};
    char *text = print_reference(families, 1);
    cr_expect_not_null(strstr(text, "- Errors:\n  - `ERR` one thing\n  - `FULL` another\n"
                                    "- Events: `long.one`, `del`\n"));
    free(text);
}

Test(reference, writes_parameters_as_tables_those_that_act_apart) {
    struct registry *registry = registry_create(NULL, 0);
    struct options *options = options_create(NULL, 0);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    reference_print(registry, options, out);
    fclose(out);
    char *inert = strstr(text, "<!-- configuration without meaning -->\n\n");
    char *maxmemory = strstr(text, "\n| `maxmemory` | `0` | How much memory may be used;");
    char *words = strstr(text,
                         "noeviction: writes are refused. (volatile-lru \\| volatile-lfu \\|");
    char *cluster = strstr(text, "\n### Cluster\n\n| parameter | default | what it does |\n");
    cr_expect(maxmemory != NULL && words != NULL && maxmemory < inert && words < inert);
    cr_expect(cluster != NULL && cluster > inert);
    free(text);
    options_destroy(&options);
    registry_destroy(&registry);
}
