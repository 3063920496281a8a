/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/options.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/family.h"
#include "server/options_internal.h"
#include "server/options_known.h"

void options_reason(char reason[OPTIONS_REASON_MAX], const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(reason, OPTIONS_REASON_MAX, format, list);
    va_end(list);
}

/* --- names --- */

static int compare_names(const void *a, const void *b) {
    const struct option_name *left = a;
    const struct option_name *right = b;
    return strcasecmp(left->name, right->name);
}

/* As strcasecmp for a name that is not ended by a zero byte. */
static int compare_word(struct bytes word, const char *name) {
    int order = strncasecmp(word.data, name, word.len);
    if (order != 0) return order;
    return name[word.len] == '\0' ? 0 : -1;
}

const struct option_name *options_find_name(const struct options *options, struct bytes name) {
    size_t low = 0;
    size_t high = options->name_count;
    if (name.len == 0 || memchr(name.data, '\0', name.len) != NULL) return NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_word(name, options->names[middle].name);
        if (order == 0) return &options->names[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}

size_t options_count(const struct options *options) { return options->count; }

int options_find(const struct options *options, struct bytes name) {
    const struct option_name *found = options_find_name(options, name);
    return found == NULL ? -1 : found->index;
}

int options_index(const struct options *options, const char *name) {
    int index = options_find(options, bytes_of(name));
    assert(index >= 0);
    return index;
}

const struct option *options_declaration(const struct options *options, int index) {
    assert(index >= 0 && (size_t)index < options->count);
    return options->declarations[index];
}

const char *options_title(const struct options *options, int index) {
    assert(index >= 0 && (size_t)index < options->count);
    return options->titles[index];
}

const char *options_nearest(const struct options *options, struct bytes word) {
    static const char *const directives[] = {"include", "rename-command", "user"};
    size_t cap = word.len / 3 + 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < options->name_count + COUNT_OF(directives); i++) {
        const char *name = i < options->name_count ? options->names[i].name
                                                   : directives[i - options->name_count];
        size_t distance = text_distance(word, bytes_of(name), cap);
        if (distance < cap) {
            cap = distance;
            nearest = name;
        }
    }
    return nearest;
}

/* --- making --- */

/* Five hundred names are compared with each other: most differ in their first letter. */
static bool same_name(const char *a, const char *b) { return a[0] == b[0] && strcmp(a, b) == 0; }

/* Of two declarations of a name one is inert, and gives way to the other. */
static void add_declaration(struct options *options, const char *title,
                            const struct option *option) {
    size_t at = 0;
    while (at < options->count && !same_name(options->declarations[at]->name, option->name)) at++;
    if (at < options->count) {
        bool was_inert = (options->declarations[at]->flags & OPTION_INERT) != 0;
        bool is_inert = (option->flags & OPTION_INERT) != 0;
        assert(was_inert != is_inert);
        if (is_inert) return;
    } else {
        options->count++;
    }
    options->declarations[at] = option;
    options->titles[at] = title;
}

static void add_tables(struct options *options, const struct option_table *tables, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++)
            add_declaration(options, tables[i].title, &tables[i].options[j]);
    }
}

static size_t total(const struct option_table *tables, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += tables[i].count;
    return sum;
}

static void add_name(struct options *options, const char *name, size_t index, bool is_alias) {
    options->names[options->name_count++] = (struct option_name){
        .name = name, .index = (int16_t)index, .is_alias = is_alias};
}

static void build_names(struct options *options) {
    options->names = memory_allocate(2 * options->count * sizeof(struct option_name));
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = options->declarations[i];
        add_name(options, option->name, i, false);
        if (option->alias != NULL) add_name(options, option->alias, i, true);
    }
    qsort(options->names, options->name_count, sizeof(struct option_name), compare_names);
    for (size_t i = 1; i < options->name_count; i++)
        assert(strcasecmp(options->names[i - 1].name, options->names[i].name) != 0);
}

/* The default, as parsed. */
static void parse_default(const struct options *options, int index, struct option_value *value) {
    char reason[OPTIONS_REASON_MAX];
    struct bytes text = bytes_of(options->declarations[index]->fallback);
    bool parsed = options_parse(options, index, &text, 1, false, value, reason);
    assert(parsed);
}

struct options *options_create(const struct family *const *families, size_t family_count) {
    struct options *options = memory_allocate_zero(sizeof *options);
    size_t most = total(options_known_server, options_known_server_count) +
                  total(options_known_data, options_known_data_count) +
                  total(options_known_apart, options_known_apart_count) +
                  total(options_known_modules, options_known_modules_count);
    for (size_t i = 0; i < family_count; i++) most += families[i]->option_count;
    assert(most <= INT16_MAX);
    options->declarations = memory_allocate(most * sizeof(struct option *));
    options->titles = memory_allocate(most * sizeof(char *));
    add_tables(options, options_known_server, options_known_server_count);
    add_tables(options, options_known_data, options_known_data_count);
    for (size_t i = 0; i < family_count; i++) {
        const struct family *family = families[i];
        add_tables(options,
                   &(struct option_table){family->title, family->options, family->option_count}, 1);
    }
    add_tables(options, options_known_apart, options_known_apart_count);
    add_tables(options, options_known_modules, options_known_modules_count);
    build_names(options);
    options->edit_text = memory_allocate(OPTION_TEXT_MAX);
    options->values = memory_allocate_zero(options->count * sizeof(struct option_value));
    options->loaded = memory_allocate_zero(options->count * sizeof(bool));
    for (size_t i = 0; i < options->count; i++) parse_default(options, (int)i, &options->values[i]);
    return options;
}

void options_destroy(struct options **options) {
    struct options *gone = *options;
    if (gone == NULL) return;
    for (size_t i = 0; i < gone->count; i++) memory_free(gone->values[i].text);
    options_lines_free(gone);
    memory_free(gone->declarations);
    memory_free(gone->titles);
    memory_free(gone->values);
    memory_free(gone->loaded);
    memory_free(gone->names);
    memory_free(gone->listeners);
    memory_free(gone->resetters);
    memory_free(gone->file);
    memory_free(gone->edit_text);
    memory_free(gone);
    *options = NULL;
}

/* --- reading --- */

static const struct option_value *value_at(const struct options *options, int index) {
    assert(index >= 0 && (size_t)index < options->count);
    return &options->values[index];
}

bool options_bool(const struct options *options, int index) {
    return value_at(options, index)->number != 0;
}

int64_t options_integer(const struct options *options, int index) {
    return value_at(options, index)->number;
}

uint64_t options_unsigned(const struct options *options, int index) {
    return (uint64_t)value_at(options, index)->number;
}

const char *options_text(const struct options *options, int index) {
    const char *text = value_at(options, index)->text;
    assert(text != NULL);
    return text;
}

struct bytes options_text_bytes(const struct options *options, int index) {
    const char *text = options_text(options, index);
    return bytes_make(text, value_at(options, index)->text_len);
}

struct bytes options_print(const struct options *options, int index, struct arena *arena) {
    return option_value_print(options_declaration(options, index), value_at(options, index), arena);
}

const char *options_word(const struct options *options, int index) {
    const struct option *option = options_declaration(options, index);
    assert(option->kind == OPTION_ENUM);
    int64_t number = value_at(options, index)->number;
    const struct option_word *lists[] = {option->words, option->quiet_words};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (const struct option_word *word = lists[i]; word != NULL && word->word != NULL;
             word++) {
            if (word->value == number) return word->word;
        }
    }
    return "";
}

bool options_is_default(const struct options *options, int index) {
    struct option_value value;
    parse_default(options, index, &value);
    bool same = option_values_equal(&value, value_at(options, index));
    memory_free(value.text);
    return same;
}

uint64_t options_share(const struct options *options, int index, uint64_t whole) {
    int64_t value = options_integer(options, index);
    if (value >= 0) return (uint64_t)value;
    return (uint64_t)((unsigned __int128)whole * (uint64_t)-value / 100);
}

struct bytes options_inert_in_use(const struct options *options, struct arena *arena) {
    struct bytes text = BYTES("");
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = options->declarations[i];
        if ((option->flags & OPTION_INERT) == 0 || options_is_default(options, (int)i)) continue;
        text = arena_format(arena, "%.*s%s%s", (int)text.len, text.data, text.len > 0 ? " " : "",
                            option->name);
    }
    return text;
}

bool options_argument_is_secret(const struct options *options, const struct bytes *argv, int argc,
                                int index) {
    if (argc < 4 || index < 3 || index % 2 == 0 || !bytes_is(argv[1], "SET")) return false;
    int place = options_find(options, argv[index - 1]);
    return place >= 0 && (options->declarations[place]->flags & OPTION_SECRET) != 0;
}
