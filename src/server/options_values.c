/* SPDX-License-Identifier: BSD-3-Clause */
/* From words to values and back, by kind. The errors are Redis's. */
#include <assert.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "server/options_internal.h"

bool option_kind_is_text(enum option_kind kind) {
    return kind == OPTION_LIST || kind == OPTION_SPECIAL || kind == OPTION_TEXT;
}

bool option_takes_words(const struct option *option) {
    return option->kind == OPTION_LIST || option->kind == OPTION_FLAGS ||
           (option->flags & OPTION_WORDS) != 0;
}

int options_cut(struct bytes text, struct bytes *words, int max) {
    int count = 0;
    if (text.len == 0) return 0;
    for (size_t at = 0; at <= text.len;) {
        const char *blank = memchr(text.data + at, ' ', text.len - at);
        size_t end = blank == NULL ? text.len : (size_t)(blank - text.data);
        if (count < max) words[count] = bytes_make(text.data + at, end - at);
        count++;
        at = end + 1;
    }
    return count;
}

/* --- parsing --- */

static bool fail(char *reason, const char *why) {
    options_reason(reason, "%s", why);
    return false;
}

static bool parse_bool(struct option_edit *edit, char *reason) {
    bool yes = bytes_is(edit->words[0], "yes");
    if (!yes && !bytes_is(edit->words[0], "no"))
        return fail(reason, "argument must be 'yes' or 'no'");
    edit->number = yes;
    return true;
}

static bool check_bounds(const struct option *option, int64_t number, char *reason) {
    if (option->min == 0 && option->max == 0) return true;
    if (number >= option->min && number <= option->max) return true;
    const char *format = option->kind == OPTION_OCTAL
                             ? "argument must be between %llo and %llo inclusive"
                             : "argument must be between %lld and %lld inclusive";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(reason, OPTIONS_REASON_MAX, format, (long long)option->min, (long long)option->max);
#pragma GCC diagnostic pop
    return false;
}

static bool parse_integer(const struct option *option, struct option_edit *edit, char *reason) {
    if (!text_to_integer(edit->words[0], &edit->number))
        return fail(reason, "argument couldn't be parsed into an integer");
    return check_bounds(option, edit->number, reason);
}

static bool parse_unsigned(struct option_edit *edit, char *reason) {
    uint64_t number;
    if (!text_to_unsigned(edit->words[0], &number))
        return fail(reason, "argument couldn't be parsed into an integer");
    edit->number = (int64_t)number;
    return true;
}

static bool parse_octal(const struct option *option, struct option_edit *edit, char *reason) {
    struct bytes word = edit->words[0];
    size_t at = word.len > 0 && (word.data[0] == '-' || word.data[0] == '+');
    bool negative = at == 1 && word.data[0] == '-';
    int64_t number = 0;
    if (at == word.len) return fail(reason, "argument couldn't be parsed as an octal number");
    for (; at < word.len; at++) {
        if (word.data[at] < '0' || word.data[at] > '7' || number > INT64_MAX / 8 - 1)
            return fail(reason, "argument couldn't be parsed as an octal number");
        number = number * 8 + (word.data[at] - '0');
    }
    edit->number = negative ? -number : number;
    return check_bounds(option, edit->number, reason);
}

static bool parse_memory(const struct option *option, struct option_edit *edit, char *reason) {
    struct bytes word = edit->words[0];
    uint64_t bytes = 0;
    if (option->min < 0 && word.len > 0 && word.data[0] == '-') {
        if (!text_to_integer(word, &edit->number))
            return fail(reason, "argument must be a memory value");
        return check_bounds(option, edit->number, reason);
    }
    /* Nothing at all is nothing: Redis takes an empty text for 0. */
    if (word.len > 0 && !text_to_memory_bytes(word, &bytes))
        return fail(reason, "argument must be a memory value");
    edit->number = (int64_t)bytes;
    if (option->max != 0 && bytes > INT64_MAX) edit->number = INT64_MIN; /* out of any bounds */
    return check_bounds(option, edit->number, reason);
}

static bool parse_share(const struct option *option, struct option_edit *edit, char *reason) {
    struct bytes word = edit->words[0];
    uint64_t number = 0;
    const char *why = "argument must be a memory or percent value";
    if (word.len > 0 && word.data[word.len - 1] == '%') {
        struct bytes digits = {word.data, word.len - 1};
        if (!text_to_unsigned(digits, &number)) return fail(reason, why);
        if (number > 100) return fail(reason, "percentage argument must be less or equal to 100");
        edit->number = -(int64_t)number;
        return true;
    }
    if (word.len > 0 && !text_to_memory_bytes(word, &number)) return fail(reason, why);
    if (number > INT64_MAX) return check_bounds(option, -1, reason);
    edit->number = (int64_t)number;
    return true;
}

static bool refuse_word(const struct option *option, char *reason) {
    size_t len = (size_t)snprintf(reason, OPTIONS_REASON_MAX,
                                  "argument(s) must be one of the following: ");
    const char *between = "";
    for (const struct option_word *word = option->words; word->word != NULL; word++) {
        if (len >= OPTIONS_REASON_MAX) continue;
        int more = snprintf(reason + len, OPTIONS_REASON_MAX - len, "%s%s", between, word->word);
        len += (size_t)more;
        between = ", ";
    }
    return false;
}

/* The word, among both kinds; NULL when it is none. */
static const struct option_word *find_word(const struct option *option, struct bytes text) {
    const struct option_word *lists[] = {option->words, option->quiet_words};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (const struct option_word *word = lists[i]; word != NULL && word->word != NULL;
             word++) {
            if (bytes_is(text, word->word)) return word;
        }
    }
    return NULL;
}

static bool parse_words(const struct option *option, struct option_edit *edit, char *reason) {
    edit->number = 0;
    if (edit->word_count == 0) return refuse_word(option, reason);
    for (int i = 0; i < edit->word_count; i++) {
        const struct option_word *word = find_word(option, edit->words[i]);
        if (word == NULL) return refuse_word(option, reason);
        edit->number |= word->value;
    }
    return true;
}

/* One word, or several joined by blanks. Passwords may be any bytes; a path or a name ends at a
 * zero byte for everybody else. */
static bool parse_text(const struct option *option, struct option_edit *edit, char *reason) {
    edit->len = 0;
    for (int i = 0; i < edit->word_count; i++) {
        struct bytes word = edit->words[i];
        if (edit->capacity - edit->len < word.len + 2) return fail(reason, "argument is too long");
        if ((option->flags & OPTION_SECRET) == 0 && memchr(word.data, '\0', word.len) != NULL)
            return fail(reason, "argument must not contain a zero byte");
        if (i > 0) edit->text[edit->len++] = ' ';
        memcpy(edit->text + edit->len, word.data, word.len);
        edit->len += word.len;
    }
    return true;
}

static bool parse_kind(const struct option *option, struct option_edit *edit, char *reason) {
    switch (option->kind) {
    case OPTION_BOOL: return parse_bool(edit, reason);
    case OPTION_INTEGER: return parse_integer(option, edit, reason);
    case OPTION_UNSIGNED: return parse_unsigned(edit, reason);
    case OPTION_MEMORY: return parse_memory(option, edit, reason);
    case OPTION_PERCENT_OR_MEMORY: return parse_share(option, edit, reason);
    case OPTION_ENUM:
    case OPTION_FLAGS: return parse_words(option, edit, reason);
    case OPTION_OCTAL: return parse_octal(option, edit, reason);
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_SPECIAL: return parse_text(option, edit, reason);
    }
    return false;
}

static bool parse(const struct option *option, struct option_edit *edit, struct option_value *value,
                  char *reason) {
    if (!parse_kind(option, edit, reason)) return false;
    const char *why = option->settle == NULL ? NULL : option->settle(edit);
    if (why != NULL) return fail(reason, why);
    value->number = edit->number;
    if (!option_kind_is_text(option->kind)) return true;
    assert(edit->len < edit->capacity);
    value->text = memory_try_allocate(edit->len + 1);
    if (value->text == NULL) return fail(reason, "out of memory");
    memcpy(value->text, edit->text, edit->len);
    value->text[edit->len] = '\0';
    value->text_len = edit->len;
    return true;
}

bool options_parse(const struct options *options, int index, const struct bytes *words, int count,
                   bool adding, struct option_value *value, char reason[OPTIONS_REASON_MAX]) {
    const struct option *option = options_declaration(options, index);
    const struct option_value *before = &options->values[index];
    struct option_edit edit = {
        .words = count == 0 ? NULL : words,
        .word_count = count,
        .before = before->text == NULL ? BYTES("") : bytes_make(before->text, before->text_len),
        .adding = adding,
        .text = options->edit_text,
        .capacity = OPTION_TEXT_MAX,
    };
    struct bytes *cut = NULL;
    *value = (struct option_value){.text = NULL};
    if (count == 1 && option_takes_words(option)) {
        /* One text may hold all the words: CONFIG SET's always does. */
        edit.word_count = options_cut(words[0], NULL, 0);
        cut = memory_try_allocate((size_t)edit.word_count * sizeof(struct bytes) + 1);
        if (cut == NULL) return fail(reason, "out of memory");
        options_cut(words[0], cut, edit.word_count);
        edit.words = cut;
    } else if (count != 1 && !option_takes_words(option)) {
        return fail(reason, "wrong number of arguments");
    }
    bool parsed = parse(option, &edit, value, reason);
    memory_free(cut);
    return parsed;
}

bool option_values_equal(const struct option_value *a, const struct option_value *b) {
    if (a->text == NULL || b->text == NULL) return a->text == b->text && a->number == b->number;
    return bytes_equal(bytes_make(a->text, a->text_len), bytes_make(b->text, b->text_len));
}

/* --- printing --- */

static struct bytes print_words(const struct option *option, int64_t number, struct arena *arena) {
    const struct option_word *lists[] = {option->words, option->quiet_words};
    struct bytes text = BYTES("");
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (const struct option_word *word = lists[i]; word != NULL && word->word != NULL;
             word++) {
            if (word->value == number) return bytes_of(word->word);
            if (word->value == 0 || (number & word->value) != word->value) continue;
            text = arena_format(arena, "%.*s%s%s", (int)text.len, text.data,
                                text.len > 0 ? " " : "", word->word);
        }
    }
    return text;
}

struct bytes option_value_print(const struct option *option, const struct option_value *value,
                                struct arena *arena) {
    int64_t number = value->number;
    switch (option->kind) {
    case OPTION_BOOL: return number != 0 ? BYTES("yes") : BYTES("no");
    case OPTION_INTEGER: return arena_format(arena, "%lld", (long long)number);
    case OPTION_MEMORY:
        if (option->min < 0) return arena_format(arena, "%lld", (long long)number);
        /* fall through */
    case OPTION_UNSIGNED: return arena_format(arena, "%llu", (unsigned long long)number);
    case OPTION_PERCENT_OR_MEMORY:
        if (number < 0) return arena_format(arena, "%lld%%", (long long)-number);
        return arena_format(arena, "%lld", (long long)number);
    case OPTION_ENUM:
    case OPTION_FLAGS: return print_words(option, number, arena);
    case OPTION_OCTAL: return arena_format(arena, "%llo", (unsigned long long)number);
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_SPECIAL: break;
    }
    return bytes_make(value->text, value->text_len);
}

size_t option_memory_text(char *out, size_t capacity, uint64_t bytes) {
    static const struct {
        const char *unit;
        uint64_t bytes;
    } units[] = {{"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"", 1}};
    size_t i = 0;
    while (bytes == 0 ? i < 3 : bytes % units[i].bytes != 0) i++;
    int len = snprintf(out, capacity, "%llu%s", (unsigned long long)(bytes / units[i].bytes),
                       units[i].unit);
    return (size_t)len;
}
