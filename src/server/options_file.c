/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/options_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "server/options_internal.h"

/* One run through the configuration's sources. */
struct loader {
    struct options *options;
    struct options_error *error;
    struct bytes *words; /* OPTIONS_FILE_WORDS_MAX */
    char *scratch;       /* the line whose words these are; grows */
    size_t scratch_size;
    int depth;
    int includes;
};

struct place {
    const char *source;
    int number;
    struct bytes line;
};

/* --- errors --- */

#define LINE_SHOWN_MAX 400

static void report(struct options_error *error, const char *format, ...) PRINTF_LIKE(2, 3);
static void report(struct options_error *error, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(error->text, sizeof error->text, format, list);
    va_end(list);
}

/* The line as it stands, but for bytes that a terminal might obey. */
static void show_line(char *out, size_t capacity, struct bytes line) {
    size_t len = line.len < LINE_SHOWN_MAX ? line.len : LINE_SHOWN_MAX;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line.data[i];
        out[i] = c < ' ' || c == 127 ? '?' : line.data[i];
    }
    snprintf(out + len, capacity - len, "%s", len < line.len ? "..." : "");
}

static bool refuse(struct options_error *error, const struct place *place, const char *reason,
                   const char *nearest) {
    char line[LINE_SHOWN_MAX + 8];
    char hint[160] = "";
    show_line(line, sizeof line, place->line);
    if (nearest != NULL) snprintf(hint, sizeof hint, "Did you mean '%s'?\n", nearest);
    report(error,
           "\n*** FATAL CONFIG FILE ERROR (Mainstay) ***\n"
           "Reading the configuration file, at line %d of %.300s\n"
           ">>> '%s'\n%s\n%s",
           place->number, place->source, line, reason, hint);
    return false;
}

void options_line_error(const struct options_line *line, const char *reason,
                        struct options_error *error) {
    struct place place = {line->source, line->number, bytes_of(line->text)};
    refuse(error, &place, reason, NULL);
}

/* --- lines that wait for their owner --- */

/* The line, its words and all their bytes in one block. */
static struct options_line *line_create(const struct place *place, const struct bytes *words,
                                        int count) {
    size_t sources = strlen(place->source) + 1;
    size_t size = sizeof(struct options_line) + (size_t)count * sizeof(struct bytes) + sources +
                  place->line.len + 1;
    for (int i = 0; i < count; i++) size += words[i].len;
    struct options_line *line = memory_allocate(size);
    struct bytes *kept = (struct bytes *)(line + 1);
    char *at = (char *)(kept + count);
    *line = (struct options_line){.number = place->number, .word_count = count, .words = kept};
    for (int i = 0; i < count; i++) {
        memcpy(at, words[i].data, words[i].len);
        kept[i] = bytes_make(at, words[i].len);
        at += words[i].len;
    }
    line->source = memcpy(at, place->source, sources);
    at += sources;
    memcpy(at, place->line.data, place->line.len);
    at[place->line.len] = '\0';
    line->text = at;
    return line;
}

static void keep_line(struct options *options, enum options_directive directive,
                      const struct place *place, const struct bytes *words, int count) {
    size_t *lines = &options->line_counts[directive];
    /* Powers of two: the array is full when the count is one. */
    if ((*lines & (*lines - 1)) == 0) {
        size_t capacity = *lines == 0 ? 1 : 2 * *lines;
        options->lines[directive] = memory_reallocate(options->lines[directive],
                                                      capacity * sizeof(struct options_line *));
    }
    options->lines[directive][(*lines)++] = line_create(place, words, count);
}

void options_lines_free(struct options *options) {
    for (size_t i = 0; i < OPTIONS_DIRECTIVE_COUNT; i++) {
        for (size_t j = 0; j < options->line_counts[i]; j++) memory_free(options->lines[i][j]);
        memory_free(options->lines[i]);
    }
}

size_t options_line_count(const struct options *options, enum options_directive directive) {
    return options->line_counts[directive];
}

const struct options_line *options_line_at(const struct options *options,
                                           enum options_directive directive, size_t index) {
    assert(index < options->line_counts[directive]);
    return options->lines[directive][index];
}

/* --- one line --- */

static bool load_path(struct loader *loader, const char *path);

static bool include(struct loader *loader, const struct place *place, struct bytes word) {
    char path[4096];
    glob_t found;
    bool loaded = true;
    if (word.len >= sizeof path) return refuse(loader->error, place, "path is too long", NULL);
    if (loader->depth >= OPTIONS_FILE_DEPTH_MAX || ++loader->includes > OPTIONS_FILE_INCLUDES_MAX)
        return refuse(loader->error, place, "include files are nested too deeply", NULL);
    memcpy(path, word.data, word.len);
    path[word.len] = '\0';
    if (strpbrk(path, "*?[") == NULL) return load_path(loader, path);
    /* A pattern that nothing matches is fine: an empty folder of additions. */
    if (glob(path, 0, NULL, &found) != 0) return true;
    for (size_t i = 0; i < found.gl_pathc && loaded; i++) {
        if (i > 0 && ++loader->includes > OPTIONS_FILE_INCLUDES_MAX)
            loaded = refuse(loader->error, place, "too many include files", NULL);
        else loaded = load_path(loader, found.gl_pathv[i]);
    }
    globfree(&found);
    return loaded;
}

/* Words of the past, which take one argument and do nothing. */
static bool is_bygone(struct bytes name) {
    static const char *const names[] = {"list-max-ziplist-entries", "list-max-ziplist-value",
                                        "lua-replicate-commands"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (bytes_is(name, names[i])) return true;
    }
    return false;
}

static bool keep_user(struct loader *loader, const struct place *place, const struct bytes *words,
                      int count) {
    struct options *options = loader->options;
    char reason[OPTIONS_REASON_MAX];
    for (size_t i = 0; i < options_line_count(options, OPTIONS_USER); i++) {
        if (!bytes_equal(options_line_at(options, OPTIONS_USER, i)->words[0], words[0])) continue;
        options_reason(reason,
                       "Error in user declaration '%.*s': Duplicate user found. A user can only"
                       " be defined once in config files",
                       (int)(words[0].len < 128 ? words[0].len : 128), words[0].data);
        return refuse(loader->error, place, reason, NULL);
    }
    keep_line(options, OPTIONS_USER, place, words, count);
    return true;
}

static bool set_parameter(struct loader *loader, const struct place *place, int index,
                          const struct bytes *words, int count) {
    struct options *options = loader->options;
    char reason[OPTIONS_REASON_MAX];
    bool adding = options->loaded[index];
    options->loaded[index] = true;
    if (options_set_words(options, index, words, count, adding, reason)) return true;
    return refuse(loader->error, place, reason, NULL);
}

static bool obey(struct loader *loader, const struct place *place, const struct bytes *words,
                 int count) {
    struct bytes name = words[0];
    int index = options_find(loader->options, name);
    int arguments = count - 1;
    if (index >= 0) return set_parameter(loader, place, index, words + 1, arguments);
    if (bytes_is(name, "include") && arguments == 1) return include(loader, place, words[1]);
    if (is_bygone(name) && arguments == 1) return true;
    if (bytes_is(name, "user") && arguments >= 1)
        return keep_user(loader, place, words + 1, arguments);
    if (bytes_is(name, "rename-command") && arguments == 2) {
        keep_line(loader->options, OPTIONS_RENAME_COMMAND, place, words + 1, arguments);
        return true;
    }
    if (bytes_is(name, "loadmodule") && arguments >= 1)
        return refuse(loader->error, place,
                      "Modules cannot be loaded: what Mainstay offers is built in. Remove this"
                      " line.",
                      NULL);
    if (bytes_is(name, "sentinel"))
        return refuse(loader->error, place, "sentinel directive while not in sentinel mode", NULL);
    /* A directive with too few or too many words is no slip of its name. */
    const char *nearest = options_nearest(loader->options, name);
    if (nearest != NULL && bytes_is(name, nearest)) nearest = NULL;
    return refuse(loader->error, place, "Bad directive or wrong number of arguments", nearest);
}

static bool is_trimmed(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool load_line(struct loader *loader, struct place *place) {
    struct bytes line = place->line;
    while (line.len > 0 && is_trimmed(line.data[0])) line.data++, line.len--;
    while (line.len > 0 && is_trimmed(line.data[line.len - 1])) line.len--;
    place->line = line;
    if (line.len == 0 || line.data[0] == '#' || line.data[0] == '\0') return true;
    if (line.len > loader->scratch_size) {
        loader->scratch_size = 2 * line.len;
        loader->scratch = memory_reallocate(loader->scratch, loader->scratch_size);
    }
    memcpy(loader->scratch, line.data, line.len);
    int count = text_split_words(loader->scratch, line.len, loader->words, OPTIONS_FILE_WORDS_MAX);
    if (count == -1)
        return refuse(loader->error, place, "Unbalanced quotes in configuration line", NULL);
    if (count < 0) return refuse(loader->error, place, "Too many words in a line", NULL);
    return count == 0 || obey(loader, place, loader->words, count);
}

/* --- whole sources --- */

static bool load_text(struct loader *loader, struct bytes text, const char *source) {
    int number = 0;
    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        struct place place = {source, ++number, {text.data, len}};
        if (!load_line(loader, &place)) return false;
        size_t step = end == NULL ? len : len + 1;
        text.data += step;
        text.len -= step;
    }
    return true;
}

char *options_read_all(int file, size_t *len, const char **reason) {
    size_t capacity = 16 * 1024;
    char *text = memory_allocate(capacity);
    *len = 0;
    for (;;) {
        if (*len == capacity) {
            capacity *= 2;
            text = memory_reallocate(text, capacity);
        }
        ssize_t got = read(file, text + *len, capacity - *len);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) return text;
        if (got > 0) *len += (size_t)got;
        if (got > 0 && *len <= OPTIONS_FILE_BYTES_MAX) continue;
        *reason = got < 0 ? strerror(errno) : "File too large";
        memory_free(text);
        return NULL;
    }
}

static bool load_descriptor(struct loader *loader, int file, const char *source) {
    size_t len;
    const char *reason;
    char *text = options_read_all(file, &len, &reason);
    if (text == NULL) {
        report(loader->error, "Fatal error, can't read config file '%.1000s': %s\n", source,
               reason);
        return false;
    }
    loader->depth++;
    bool loaded = load_text(loader, bytes_make(text, len), source);
    loader->depth--;
    memory_free(text);
    return loaded;
}

static bool load_path(struct loader *loader, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        report(loader->error, "Fatal error, can't open config file '%.1000s': %s\n", path,
               strerror(errno));
        return false;
    }
    /* An include overwrites the words and the scratch of the line that asked for it, which is
     * done with by then; the path and the source's name are not in them. */
    bool loaded = load_descriptor(loader, file, path);
    close(file);
    return loaded;
}

static void loader_init(struct loader *loader, struct options *options,
                        struct options_error *error) {
    *loader = (struct loader){.options = options, .error = error};
    loader->words = memory_allocate(OPTIONS_FILE_WORDS_MAX * sizeof(struct bytes));
}

static void loader_deinit(struct loader *loader) {
    memory_free(loader->words);
    memory_free(loader->scratch);
}

bool options_load_file(struct options *options, const char *path, struct options_error *error) {
    struct loader loader;
    loader_init(&loader, options, error);
    bool loaded = load_path(&loader, path);
    loader_deinit(&loader);
    return loaded;
}

bool options_load_text(struct options *options, struct bytes text, const char *source,
                       struct options_error *error) {
    struct loader loader;
    loader_init(&loader, options, error);
    bool loaded = load_text(&loader, text, source);
    loader_deinit(&loader);
    return loaded;
}

/* --- the command line --- */

/* A text that grows. */
struct lines {
    char *data;
    size_t len;
    size_t capacity;
};

static char *lines_room(struct lines *lines, size_t size) {
    if (lines->capacity - lines->len < size) {
        lines->capacity = 2 * (lines->len + size);
        lines->data = memory_reallocate(lines->data, lines->capacity);
    }
    return lines->data + lines->len;
}

static void lines_add(struct lines *lines, struct bytes text) {
    if (text.len == 0) return;
    memcpy(lines_room(lines, text.len), text.data, text.len);
    lines->len += text.len;
}

static void lines_add_quoted(struct lines *lines, const char *text) {
    struct bytes bytes = bytes_of(text);
    lines_add(lines, BYTES(" "));
    /* Two quotes that a shell has left over mean an empty value: --save '""'. */
    if (strcmp(text, "\"\"") == 0 || strcmp(text, "''") == 0) bytes.len = 0;
    char *room = lines_room(lines, 4 * bytes.len + 2);
    lines->len += text_quote(room, 4 * bytes.len + 2, bytes);
}

/* Makes lines of a file of the arguments. "--name" begins a line and other words are quoted behind
 * it; directly behind a name that came alone, even a word that begins with "--" is its value, but
 * for --save, which alone means none. */
static void make_lines(struct lines *lines, int argc, char *const *argv) {
    bool name_alone = false;
    bool save_alone = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        bool is_name = word[0] == '-' && word[1] == '-';
        if (is_name && !(name_alone && !save_alone)) {
            if (save_alone) lines_add(lines, BYTES(" \"\""));
            if (i > 0) lines_add(lines, BYTES("\n"));
            lines_add(lines, bytes_of(word + 2));
            name_alone = strchr(word, ' ') == NULL && word[2] != '\0';
            save_alone = strcasecmp(word, "--save") == 0;
        } else {
            lines_add_quoted(lines, word);
            name_alone = save_alone = false;
        }
    }
    if (save_alone) lines_add(lines, BYTES(" \"\""));
}

static bool load_words(struct loader *loader, int argc, char *const *argv) {
    struct lines lines = {0};
    make_lines(&lines, argc, argv);
    bool loaded = load_text(loader, bytes_make(lines.data, lines.len), "the command line");
    memory_free(lines.data);
    return loaded;
}

/* Absolute, so that it holds when `dir` moves the working directory. Returns owned. */
static char *absolute_path(const char *path) {
    char folder[4096] = "";
    if (path[0] != '/' && getcwd(folder, sizeof folder) == NULL) folder[0] = '\0';
    size_t size = strlen(folder) + 1 + strlen(path) + 1;
    char *text = memory_allocate(size);
    snprintf(text, size, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", path);
    return text;
}

/* Whoever wrote "port 7000" hears what it was taken for. */
static void explain_first_argument(struct options_error *error) {
    size_t len = strlen(error->text);
    snprintf(error->text + len, sizeof error->text - len,
             "The first argument is a configuration file, unless it begins with '--': see "
             "--help.\n");
}

bool options_load_arguments(struct options *options, int argc, char *const *argv,
                            struct options_error *error) {
    struct loader loader;
    bool loaded = true;
    bool from_input = false;
    int first = 1;
    loader_init(&loader, options, error);
    if (first < argc && argv[first][0] != '-') {
        memory_free(options->file);
        options->file = absolute_path(argv[first++]);
    } else if (first < argc && strcmp(argv[first], "-") == 0) {
        from_input = true;
        first++;
    }
    if (first < argc && strcmp(argv[argc - 1], "-") == 0) {
        from_input = true;
        argc--;
    }
    if (options->file != NULL) loaded = load_path(&loader, options->file);
    if (!loaded && access(options->file, R_OK) != 0) explain_first_argument(error);
    if (loaded && from_input) loaded = load_descriptor(&loader, STDIN_FILENO, "standard input");
    if (loaded && first < argc) loaded = load_words(&loader, argc - first, argv + first);
    loader_deinit(&loader);
    return loaded;
}

const char *options_file_path(const struct options *options) {
    return options->file == NULL ? "" : options->file;
}
