/* SPDX-License-Identifier: BSD-3-Clause */
/* redis.conf.sample, as --print-config writes it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocol/output.h"
#include "server/options.h"

struct fixture {
    struct options *options;
    char *text;
};

static void setup(struct fixture *fixture) {
    struct output output;
    output_init(&output, 2);
    fixture->options = options_create(NULL, 0);
    options_sample(fixture->options, &output);
    fixture->text = strndup((const char *)output.data, output.len);
    output_deinit(&output);
}

static void teardown(struct fixture *fixture) {
    free(fixture->text);
    options_destroy(&fixture->options);
}

Test(options_sample, comments_every_line_and_keeps_to_its_columns) {
    struct fixture fixture;
    setup(&fixture);
    for (char *line = strtok(fixture.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        cr_expect(line[0] == '#', "not a comment: %s", line);
        cr_expect(strlen(line) <= 86 || strchr(line + 2, ' ') == strrchr(line, ' '), "too long: %s",
                  line);
    }
    teardown(&fixture);
}

/* The lines of a parameter are those of a paragraph that begin as its last one does. */
static int take_paragraph(struct options *options, char *paragraph) {
    char *last = strrchr(paragraph, '\n');
    if (last == NULL || strncmp(last, "\n# ", 3) != 0) return 0;
    size_t len = strcspn(last + 3, " ");
    char *name = strndup(last + 3, len);
    int index = options_find(options, bytes_make(name, len));
    int taken = 0;
    char *rest = NULL;
    for (char *line = strtok_r(paragraph, "\n", &rest); line != NULL && index >= 0;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line + 2, name, len) != 0 || line[2 + len] != ' ') continue;
        struct bytes words[16];
        char reason[OPTIONS_REASON_MAX];
        char *value = line + 3 + len;
        int count = text_split_words(value, strlen(value), words, 16);
        cr_expect(options_set_words(options, index, words, count, taken > 0, reason), "%s: %s",
                  name, reason);
        taken++;
    }
    free(name);
    return taken > 0;
}

Test(options_sample, names_every_parameter_once_at_a_value_that_it_takes_and_that_is_its_default) {
    struct fixture fixture;
    setup(&fixture);
    int found = 0, shown = 0;
    for (char *at = fixture.text; at != NULL;) {
        char *end = strstr(at, "\n\n");
        if (end != NULL) *end = '\0';
        else at[strcspn(at, "\0") - 1] = '\0';
        found += take_paragraph(fixture.options, at);
        at = end != NULL ? end + 2 : NULL;
    }
    for (size_t i = 0; i < options_count(fixture.options); i++) {
        const struct option *option = options_declaration(fixture.options, (int)i);
        shown += (option->flags & OPTION_HIDDEN) == 0;
        cr_expect(options_is_default(fixture.options, (int)i), "%s is not its default",
                  option->name);
    }
    cr_expect_eq(found, shown);
    teardown(&fixture);
}

Test(options_sample, tells_what_acts_before_what_has_no_meaning_here) {
    struct fixture fixture;
    setup(&fixture);
    char *divider = strstr(fixture.text, "\n# What follows is known from Redis and Valkey");
    char *acts = strstr(fixture.text, "\n# maxmemory-samples 5\n");
    char *inert = strstr(fixture.text, "\n# appendonly no\n");
    cr_assert(divider != NULL && acts != NULL && inert != NULL);
    cr_expect(acts < divider && inert > divider);
    cr_expect_not_null(strstr(fixture.text, "\n#     1 to 64\n# maxmemory-samples 5\n"));
    cr_expect_not_null(strstr(fixture.text, "\n#     only at start\n# databases 16\n"));
    cr_expect_not_null(strstr(fixture.text, "\n# client-output-buffer-limit normal 0 0 0\n"
                                            "# client-output-buffer-limit slave "));
    teardown(&fixture);
}
