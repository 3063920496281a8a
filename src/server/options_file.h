/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Where configuration comes from: a file, what it includes, standard input, the command line; and
 * where CONFIG REWRITE puts it back.
 *
 * A line is a name and words, quoted as text_split_words has it; '#' starts a comment only at the
 * start of a line. Later lines win, but for `save` and the like, which add up. The form of the
 * file is the one redis.conf documents. Sizes are bounded: OPTIONS_FILE_* below. */
#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "server/options.h"

#define OPTIONS_FILE_BYTES_MAX (16 * 1024 * 1024)
#define OPTIONS_FILE_DEPTH_MAX 16      /* includes within includes */
#define OPTIONS_FILE_INCLUDES_MAX 1000 /* in all */
#define OPTIONS_FILE_WORDS_MAX 4096    /* in a line */

/* A whole report for people, with line ends, ready for standard error. The exit code is 1. */
struct options_error {
    char text[2048];
};

/* Lines that are no parameters and wait for their owner, in order of appearance. */
enum options_directive {
    OPTIONS_USER,           /* user name rule ... */
    OPTIONS_RENAME_COMMAND, /* rename-command name other */
    OPTIONS_DIRECTIVE_COUNT
};
struct options_line {
    const char *text;          /* as it stood */
    const char *source;        /* a path, "standard input", "the command line" */
    int number;                /* of the line */
    int word_count;            /* behind the directive's name */
    const struct bytes *words; /* live as long as the options */
};
size_t options_line_count(const struct options *options, enum options_directive directive);
const struct options_line *options_line_at(const struct options *options,
                                           enum options_directive directive, size_t index);
/* The report that an owner gives when such a line cannot be: same form as all others. */
void options_line_error(const struct options_line *line, const char *reason,
                        struct options_error *error);

/* Everything that argv says behind the program's name: a path first or none, --name value ...,
 * and - for standard input as the first or the last word. File, then standard input, then the
 * command line, each over what was before. False: exit with 1 after showing the error. */
bool options_load_arguments(struct options *options, int argc, char *const *argv,
                            struct options_error *error);
bool options_load_file(struct options *options, const char *path, struct options_error *error);
/* `source` names the text in errors. */
bool options_load_text(struct options *options, struct bytes text, const char *source,
                       struct options_error *error);

/* The file that was loaded by options_load_arguments, absolute; "" for none. */
const char *options_file_path(const struct options *options);

/* CONFIG REWRITE: the file's own lines in their order, with what changed changed, and behind a
 * marker what was not in it. The new file replaces the old in one step. False with the error's
 * text, without its code. */
bool options_rewrite(struct options *options, char reason[OPTIONS_REASON_MAX]);
