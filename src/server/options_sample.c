/* SPDX-License-Identifier: BSD-3-Clause */
/* What people read about parameters, made from the declarations: redis.conf.sample
 * (`mainstay-server --print-config`) and the tables of the reference. */
#include <ctype.h>
#include <stdarg.h>

#include "base/arena.h"
#include "base/text.h"
#include "protocol/output.h"
#include "server/options_internal.h"

#define COLUMNS 78

static void say(struct output *output, struct arena *arena, const char *format, ...)
    PRINTF_LIKE(3, 4);
static void say(struct output *output, struct arena *arena, const char *format, ...) {
    va_list list;
    va_start(list, format);
    output_raw(output, arena_format_list(arena, format, list));
    va_end(list);
}

/* Whether people are shown this parameter among those that act, or among the inert. */
static bool is_shown(const struct option *option, bool inert) {
    return (option->flags & OPTION_HIDDEN) == 0 && ((option->flags & OPTION_INERT) != 0) == inert;
}

/* --- facts: what the sentence does not say --- */

struct facts {
    struct arena *arena;
    struct bytes text;
};

static void add_fact(struct facts *facts, const char *format, ...) PRINTF_LIKE(2, 3);
static void add_fact(struct facts *facts, const char *format, ...) {
    va_list list;
    va_start(list, format);
    struct bytes fact = arena_format_list(facts->arena, format, list);
    va_end(list);
    facts->text = arena_format(facts->arena, "%.*s%s%.*s", (int)facts->text.len, facts->text.data,
                               facts->text.len > 0 ? "; " : "", (int)fact.len, fact.data);
}

static void add_words(struct facts *facts, const struct option_word *words) {
    struct bytes text = BYTES("");
    for (const struct option_word *word = words; word->word != NULL; word++)
        text = arena_format(facts->arena, "%.*s%s%s", (int)text.len, text.data,
                            text.len > 0 ? " | " : "", word->word);
    add_fact(facts, "%.*s", (int)text.len, text.data);
}

/* "seconds, 1 to 1000" */
static void add_range(struct facts *facts, const struct option *option) {
    bool bounded = option->min != 0 || option->max != 0;
    bool wide = option->max == INT64_MAX || option->max == INT32_MAX || option->max == UINT32_MAX;
    const char *unit = option->unit != NULL ? option->unit : "";
    const char *comma = option->unit != NULL ? ", " : "";
    if (!bounded || option->kind == OPTION_OCTAL || (wide && option->min <= 1)) {
        if (option->unit != NULL) add_fact(facts, "%s", unit);
    } else if (wide && option->kind == OPTION_MEMORY) {
        char least[32];
        option_memory_text(least, sizeof least, (uint64_t)option->min);
        add_fact(facts, "%s%s%s or more", unit, comma, least);
    } else if (wide) {
        add_fact(facts, "%s%s%lld or more", unit, comma, (long long)option->min);
    } else {
        add_fact(facts, "%s%s%lld to %lld", unit, comma, (long long)option->min,
                 (long long)option->max);
    }
}

static struct bytes facts_of(const struct option *option, struct arena *arena) {
    struct facts facts = {arena, BYTES("")};
    if (option->words != NULL) add_words(&facts, option->words);
    add_range(&facts, option);
    if ((option->flags & OPTION_IMMUTABLE) != 0) add_fact(&facts, "only at start");
    if ((option->flags & OPTION_PROTECTED) != 0)
        add_fact(&facts, "CONFIG SET only if enable-protected-configs allows it");
    if (option->alias != NULL) add_fact(&facts, "also called %s", option->alias);
    return facts.text;
}

/* --- defaults --- */

static struct bytes default_text(const struct option *option, struct arena *arena) {
    struct bytes value = bytes_of(option->fallback);
    char text[32];
    uint64_t bytes;
    if (option->kind == OPTION_MEMORY && text_to_unsigned(value, &bytes))
        value = bytes_make(text, option_memory_text(text, sizeof text, bytes));
    bool blank = memchr(value.data, ' ', value.len) != NULL && !option_takes_words(option);
    const char *quote = value.len == 0 || blank ? "\"" : "";
    return arena_format(arena, "%s%.*s%s", quote, (int)value.len, value.data, quote);
}

static void say_default(struct output *output, struct arena *arena, const struct option *option) {
    struct bytes value = default_text(option, arena);
    struct bytes words[64];
    if (option->line_words == 0 || option->fallback[0] == '\0') {
        say(output, arena, "# %s %.*s\n", option->name, (int)value.len, value.data);
        return;
    }
    int count = options_cut(value, words, COUNT_OF(words));
    for (int i = 0; i + option->line_words <= count; i += option->line_words) {
        const struct bytes *last = &words[i + option->line_words - 1];
        say(output, arena, "# %s %.*s\n", option->name,
            (int)(last->data + last->len - words[i].data), words[i].data);
    }
}

/* --- redis.conf.sample --- */

/* In lines of at most COLUMNS, each behind `margin`. */
static void say_text(struct output *output, struct arena *arena, const char *margin,
                     struct bytes text) {
    size_t width = COLUMNS - strlen(margin);
    while (text.len > 0) {
        size_t len = text.len;
        if (len > width) {
            len = width;
            while (len > 0 && text.data[len] != ' ') len--;
            if (len == 0) len = text.len;
        }
        say(output, arena, "%s%.*s\n", margin, (int)len, text.data);
        if (len < text.len) len++;
        text.data += len;
        text.len -= len;
    }
}

static void say_title(struct output *output, struct arena *arena, const char *title) {
    static const char fence[] = "########################################";
    int len = (int)strlen(title), before = (COLUMNS - 2 - len) / 2;
    char *upper = arena_allocate(arena, (size_t)len + 1);
    for (int i = 0; i <= len; i++) upper[i] = (char)toupper((unsigned char)title[i]);
    say(output, arena, "\n%.*s %s %.*s\n", before, fence, upper, COLUMNS - 2 - len - before, fence);
}

static void say_options(const struct options *options, struct output *output, bool inert) {
    struct arena arena;
    const char *title = NULL;
    arena_init(&arena);
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = options->declarations[i];
        if (!is_shown(option, inert)) continue;
        if (title == NULL || strcmp(title, options->titles[i]) != 0) {
            title = options->titles[i];
            say_title(output, &arena, title);
        }
        say(output, &arena, "\n");
        say_text(output, &arena, "# ", bytes_of(option->help));
        say_text(output, &arena, "#     ", facts_of(option, &arena));
        say_default(output, &arena, option);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

static const char head[] =
    "# Configuration of mainstay-server: every parameter, at its default.\n"
    "#\n"
    "# Take the '#' away from a line to change it. Then:\n"
    "#\n"
    "#   mainstay-server /etc/mainstay/mainstay.conf              starts with this file\n"
    "#   mainstay-server /etc/mainstay/mainstay.conf --port 7000  the command line wins\n"
    "#   redis-cli CONFIG SET maxmemory 2gb                       at run time\n"
    "#   redis-cli CONFIG REWRITE                                 puts it into this file\n"
    "#\n"
    "# A file written for Redis or Valkey loads as it is. An unknown word ends the start\n"
    "# with file, line and the nearest known word. A later line wins over an earlier one.\n"
    "#\n"
    "# Indented below a sentence: the words or the range a parameter takes, its unit,\n"
    "# and \"only at start\" where CONFIG SET does not change it.\n"
    "#\n"
    "# Sizes:  1k 1000 bytes    1kb 1024 bytes    likewise m mb g gb, in any case\n"
    "# Text:   bare, or \"quoted with \\n, \\\" and \\x00\", or 'as it is'\n"
    "#\n"
    "# This file is written by `make docs` from the declarations in the source.\n";

static const char includes[] =
    "\n"
    "# Reads other files at this place; a pattern that matches nothing is no mistake.\n"
    "# include /etc/mainstay/conf.d/*.conf\n"
    "\n"
    "# Gives a command another name, or with \"\" takes it away.\n"
    "#     only in files\n"
    "# rename-command CONFIG \"\"\n";

static const char divider[] =
    "\n\n"
    "##############################################################################\n"
    "#\n"
    "# What follows is known from Redis and Valkey and has no meaning here, or none\n"
    "# yet. It is accepted, kept, and answered by CONFIG GET, so that their files\n"
    "# load. At start the server names those that differ from their default.\n"
    "#\n"
    "##############################################################################\n";

void options_sample(const struct options *options, struct output *output) {
    struct arena arena;
    arena_init(&arena);
    output_raw(output, bytes_of(head));
    say_title(output, &arena, "Other files, other names");
    output_raw(output, bytes_of(includes));
    say_options(options, output, false);
    output_raw(output, bytes_of(divider));
    say_options(options, output, true);
    arena_deinit(&arena);
}

/* --- tables in Markdown --- */

/* The sentence and the facts. */
static struct bytes description(const struct option *option, struct arena *arena) {
    struct bytes facts = facts_of(option, arena);
    if (facts.len == 0) return bytes_of(option->help);
    return arena_format(arena, "%s (%.*s)", option->help, (int)facts.len, facts.data);
}

/* A '|' would end the cell. */
static void say_cell(struct output *output, struct arena *arena, struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '|') output_raw(output, BYTES("\\|"));
        else say(output, arena, "%c", text.data[i]);
    }
}

void options_table(const struct options *options, const char *title, bool inert,
                   struct output *output) {
    struct arena arena;
    bool begun = false;
    arena_init(&arena);
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = options->declarations[i];
        if (!is_shown(option, inert) || strcmp(title, options->titles[i]) != 0) continue;
        if (!begun) say(output, &arena, "| parameter | default | what it does |\n|---|---|---|\n");
        begun = true;
        struct bytes value = default_text(option, &arena);
        say(output, &arena, "| `%s` | `%.*s` | ", option->name, (int)value.len, value.data);
        say_cell(output, &arena, description(option, &arena));
        say(output, &arena, " |\n");
        arena_reset(&arena);
    }
    if (begun) say(output, &arena, "\n");
    arena_deinit(&arena);
}

bool options_title_has(const struct options *options, const char *title, bool inert) {
    for (size_t i = 0; i < options->count; i++)
        if (is_shown(options->declarations[i], inert) && strcmp(title, options->titles[i]) == 0)
            return true;
    return false;
}
