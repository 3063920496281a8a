/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the files behind options.h and options_file.h share. */
#include "base/outcome.h"
#include "server/options.h"
#include "server/options_file.h"

/* One of two, by kind: LIST, SPECIAL and TEXT have a text (and SPECIAL may have a number too). */
struct option_value {
    int64_t number;
    char *text; /* owned, a zero byte behind; NULL: kinds that are numbers */
    size_t text_len;
};

struct option_name {
    const char *name;
    int16_t index;
    bool is_alias;
};

struct option_listener {
    int index; /* -1: any */
    options_hook *hook;
    void *context;
};

struct option_resetter {
    void (*reset)(void *context);
    void *context;
};

struct options {
    size_t count;
    const struct option **declarations;
    const char **titles;
    struct option_value *values;
    bool *loaded;              /* a line of the configuration has named it: the next one adds */
    struct option_name *names; /* sorted, case ignored */
    size_t name_count;
    struct option_listener *listeners;
    size_t listener_count;
    struct option_resetter *resetters;
    size_t resetter_count;
    struct options_line **lines[OPTIONS_DIRECTIVE_COUNT];
    size_t line_counts[OPTIONS_DIRECTIVE_COUNT];
    char *file;
    char *edit_text; /* OPTION_TEXT_MAX bytes to make values in */
};

bool option_kind_is_text(enum option_kind kind);
bool option_takes_words(const struct option *option);
const struct option_name *options_find_name(const struct options *options, struct bytes name);

/* Makes a value from words without storing it; `value` is the caller's then (value->text). */
bool options_parse(const struct options *options, int index, const struct bytes *words, int count,
                   bool adding, struct option_value *value, char reason[OPTIONS_REASON_MAX]);
/* Cuts at single blanks, as CONFIG SET does with parameters of several words: "a  b" has an empty
 * word in it. Returns how many there are; at most `max` are written. */
int options_cut(struct bytes text, struct bytes *words, int max);
bool option_values_equal(const struct option_value *a, const struct option_value *b);
struct bytes option_value_print(const struct option *option, const struct option_value *value,
                                struct arena *arena);
/* Bytes with the largest unit that fits exactly: "64mb". Returns the length. */
size_t option_memory_text(char *out, size_t capacity, uint64_t bytes);

void options_reason(char reason[OPTIONS_REASON_MAX], const char *format, ...) PRINTF_LIKE(2, 3);

/* Reads to the end, whatever kind of file it is, OPTIONS_FILE_BYTES_MAX at most. NULL with the
 * reason. Returns owned. */
char *options_read_all(int file, size_t *len, const char **reason);

/* Frees what options_file.c keeps. */
void options_lines_free(struct options *options);
