/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/reference.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "unit/commands/registry_fixture.h"

static char *print(const struct family *const *families, size_t count) {
    struct registry *registry = registry_create(families, count);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    reference_print(registry, out);
    fclose(out);
    registry_destroy(&registry);
    return text;
}

Test(reference, writes_a_family_as_markdown_without_what_is_hidden) {
    static const struct family *const families[] = {&fixture_tally};
    char *text = print(families, 1);
    cr_assert_str_eq(text, "<!-- family tally -->\n\n"
                           "## Tallies\n\n"
                           "### TALLY.ADD\n\n"
                           "```\nTALLY.ADD key amount\n```\n\n"
                           "Summary.\n\n"
                           "- Reply: The sum.\n"
                           "- Complexity: O(1)\n"
                           "- ACL: @write @fast @tally\n"
                           "- Since: 0.1.0\n"
                           "- Example: `TALLY.ADD t 1`\n\n");
    free(text);
}

Test(reference, puts_subcommands_under_their_container_and_says_what_is_deprecated) {
    static const struct family *const families[] = {&fixture_standard};
    char *text = print(families, 1);
    cr_expect_not_null(strstr(text, "\n### CONFIG\n\nSummary.\n\n#### CONFIG RESETSTAT\n\n"));
    cr_expect_not_null(strstr(text, "\nDeprecated since 2.0.0: use `GETRANGE`.\n"));
    cr_expect_not_null(strstr(text, "```\nLMPOP numkeys key [key ...] <LEFT | RIGHT> "
                                    "[COUNT count]\n```\n"));
    free(text);
}
