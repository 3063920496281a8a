/* SPDX-License-Identifier: BSD-3-Clause */
/* redis.conf.sample, made from the declarations: `mainstay-server --print-config`. Every line that
 * is not prose is a parameter at its default, commented out. */
#include <stdarg.h>

#include "base/arena.h"
#include "base/text.h"
#include "protocol/output.h"
#include "server/options_internal.h"

static void say(struct output *output, struct arena *arena, const char *format, ...)
    PRINTF_LIKE(3, 4);
static void say(struct output *output, struct arena *arena, const char *format, ...) {
    va_list list;
    va_start(list, format);
    output_raw(output, arena_format_list(arena, format, list));
    va_end(list);
}

/* One sentence, in lines of at most 78 columns behind "# ". */
static void say_help(struct output *output, struct arena *arena, struct bytes text) {
    while (text.len > 0) {
        size_t len = text.len;
        if (len > 76) {
            len = 76;
            while (len > 0 && text.data[len] != ' ') len--;
            if (len == 0) len = text.len;
        }
        say(output, arena, "# %.*s\n", (int)len, text.data);
        if (len < text.len) len++;
        text.data += len;
        text.len -= len;
    }
}

static struct bytes words_text(const struct option *option, struct arena *arena) {
    struct bytes text = BYTES("");
    for (const struct option_word *word = option->words; word->word != NULL; word++)
        text = arena_format(arena, "%.*s%s%s", (int)text.len, text.data, text.len > 0 ? ", " : "",
                            word->word);
    return text;
}

/* What the sentence does not say: words, bounds, unit, when it may be set, other names. */
static struct bytes facts(const struct option *option, struct arena *arena) {
    struct bytes text = bytes_of(option->help);
    bool bounded = option->min != 0 || option->max != 0;
    bool wide = option->max == INT64_MAX || option->max == INT32_MAX || option->max == UINT32_MAX;
    if (option->words != NULL) {
        struct bytes words = words_text(option, arena);
        text = arena_format(arena, "%.*s One of: %.*s.", (int)text.len, text.data, (int)words.len,
                            words.data);
    }
    if (option->unit != NULL)
        text = arena_format(arena, "%.*s In %s.", (int)text.len, text.data, option->unit);
    if (bounded && !wide && option->kind != OPTION_OCTAL)
        text = arena_format(arena, "%.*s From %lld to %lld.", (int)text.len, text.data,
                            (long long)option->min, (long long)option->max);
    if ((option->flags & OPTION_IMMUTABLE) != 0)
        text = arena_format(arena, "%.*s Only at start.", (int)text.len, text.data);
    if ((option->flags & OPTION_PROTECTED) != 0)
        text = arena_format(arena, "%.*s Protected.", (int)text.len, text.data);
    if (option->alias != NULL)
        text = arena_format(arena, "%.*s Also %s.", (int)text.len, text.data, option->alias);
    if ((option->flags & OPTION_INERT) != 0)
        text = arena_format(arena, "%.*s (Accepted; means nothing here yet.)", (int)text.len,
                            text.data);
    return text;
}

static void say_default(struct output *output, struct arena *arena, const struct option *option) {
    struct bytes value = bytes_of(option->fallback);
    char text[32];
    uint64_t bytes;
    if (option->kind == OPTION_MEMORY && text_to_unsigned(value, &bytes))
        value = bytes_make(text, option_memory_text(text, sizeof text, bytes));
    bool blank = memchr(value.data, ' ', value.len) != NULL && !option_takes_words(option);
    const char *quote = value.len == 0 || blank ? "\"" : "";
    if (option->line_words == 0 || value.len == 0) {
        say(output, arena, "# %s %s%.*s%s\n", option->name, quote, (int)value.len, value.data,
            quote);
        return;
    }
    struct bytes words[64];
    int count = options_cut(value, words, COUNT_OF(words));
    for (int i = 0; i + option->line_words <= count; i += option->line_words) {
        const struct bytes *last = &words[i + option->line_words - 1];
        say(output, arena, "# %s %.*s\n", option->name,
            (int)(last->data + last->len - words[i].data), words[i].data);
    }
}

void options_sample(const struct options *options, struct output *output) {
    struct arena arena;
    const char *title = NULL;
    arena_init(&arena);
    say(output, &arena,
        "# A configuration for mainstay-server, with every parameter at its default.\n"
        "#\n"
        "#   mainstay-server /path/to/this/file --name value ...\n"
        "#\n"
        "# A file written for Redis or Valkey loads as it is. Sizes: 1k is 1000 bytes, 1kb\n"
        "# 1024, likewise m mb g gb. A later line wins. Written by `make docs`.\n"
        "\n"
        "# include /path/to/another/*.conf\n"
        "# rename-command CONFIG \"\"\n");
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = options->declarations[i];
        if ((option->flags & OPTION_HIDDEN) != 0) continue;
        if (title == NULL || strcmp(title, options->titles[i]) != 0) {
            title = options->titles[i];
            say(output, &arena, "\n\n################ %s ################\n", title);
        }
        say(output, &arena, "\n");
        say_help(output, &arena, facts(option, &arena));
        say_default(output, &arena, option);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}
