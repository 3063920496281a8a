/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/command_generator.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "commands/family.h"

#define WORDS_OF_EXAMPLE_MAX 64
#define REPETITIONS_MAX 3

/* --- what examples teach --- */

/* A word that stood in an example for an argument of this name. */
struct example_value {
    const struct arg *arg;
    struct bytes word;
    struct example_value *next;
};

static bool is_alike(const struct arg *arg, const struct arg *other) {
    return arg->kind == other->kind && strcmp(arg->name, other->name) == 0;
}

/* An example being read along the grammar of its command. */
struct lesson {
    struct command_generator *generator;
    const struct command *command;
    size_t family;
    const struct bytes *words;
    int count;
    int at;
};

static void note_value(struct lesson *lesson, const struct arg *arg) {
    struct command_generator *generator = lesson->generator;
    struct bytes word = lesson->words[lesson->at++];
    struct example_value **list = &generator->examples[lesson->family];
    for (struct example_value *known = *list; known != NULL; known = known->next)
        if (is_alike(known->arg, arg) && bytes_equal(known->word, word)) return;
    struct example_value *value = arena_allocate(&generator->storage, sizeof(*value));
    *value = (struct example_value){arg, word, *list};
    *list = value;
}

static bool take_word(struct lesson *lesson, const char *word) {
    if (lesson->at >= lesson->count || !bytes_is(lesson->words[lesson->at], word)) return false;
    lesson->at++;
    return true;
}

static bool names_token(const struct arg *args, size_t count, struct bytes word) {
    for (size_t i = 0; i < count; i++) {
        if (args[i].token != NULL && bytes_is(word, args[i].token)) return true;
        if (names_token(args[i].args, args[i].arg_count, word)) return true;
    }
    return false;
}

/* The next word is there, and is no token of the command. */
static bool has_value(const struct lesson *lesson) {
    const struct command *command = lesson->command;
    return lesson->at < lesson->count &&
           !names_token(command->args, command->arg_count, lesson->words[lesson->at]);
}

static bool read_arg(struct lesson *lesson, const struct arg *arg);

static bool read_list(struct lesson *lesson, const struct arg *args, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool read = read_arg(lesson, &args[i]);
        while (read && (args[i].flags & ARG_MULTIPLE) != 0 && has_value(lesson))
            read = read_arg(lesson, &args[i]);
    }
    return true;
}

/* Options of an example stand where they may: what does not fit is tried as the next argument. */
static bool read_arg(struct lesson *lesson, const struct arg *arg) {
    if (lesson->at >= lesson->count) return false;
    if (arg->kind == ARG_TOKEN) return take_word(lesson, arg->token);
    if (arg->token != NULL && !take_word(lesson, arg->token)) return false;
    if (lesson->at >= lesson->count) return false;
    if (arg->kind == ARG_BLOCK) return read_list(lesson, arg->args, arg->arg_count);
    if (arg->kind == ARG_ONEOF) {
        /* Alternatives with a token first: the others take anything. */
        for (size_t i = 0; i < arg->arg_count; i++)
            if (arg->args[i].token != NULL && read_arg(lesson, &arg->args[i])) return true;
        for (size_t i = 0; i < arg->arg_count; i++)
            if (arg->args[i].token == NULL && read_arg(lesson, &arg->args[i])) return true;
        return false;
    }
    if (!has_value(lesson)) return false;
    note_value(lesson, arg);
    return true;
}

static void learn_example(struct command_generator *generator, size_t family,
                          const struct command *command, int words_of_name) {
    if (command->example == NULL) return;
    struct bytes line = arena_format(&generator->storage, "%s", command->example);
    struct bytes words[WORDS_OF_EXAMPLE_MAX];
    int count = text_split_words((char *)(uintptr_t)line.data, line.len, words,
                                 WORDS_OF_EXAMPLE_MAX);
    struct lesson lesson = {generator, command, family, words, count, words_of_name};
    read_list(&lesson, command->args, command->arg_count);
}

void command_generator_init(struct command_generator *generator, const struct registry *registry,
                            struct choice *choice) {
    *generator = (struct command_generator){.registry = registry, .choice = choice};
    arena_init(&generator->arena);
    arena_init(&generator->storage);
    size_t count = registry_family_count(registry);
    generator->examples = arena_allocate(&generator->storage, count * sizeof(*generator->examples));
    memset(generator->examples, 0, count * sizeof(*generator->examples));
    for (size_t i = 0; i < count; i++) {
        const struct family *family = registry_family_at(registry, i);
        for (size_t c = 0; c < family->command_count; c++) {
            const struct command *command = &family->commands[c];
            learn_example(generator, i, command, 1);
            for (size_t s = 0; s < command->subcommand_count; s++)
                learn_example(generator, i, &command->subcommands[s], 2);
        }
    }
}

void command_generator_deinit(struct command_generator *generator) {
    for (size_t i = 0; i < generator->lesson_count; i++)
        free((void *)(uintptr_t)generator->lessons[i].data);
    arena_deinit(&generator->arena);
    arena_deinit(&generator->storage);
}

void command_generator_teach(struct command_generator *generator, struct bytes lesson) {
    char *copy = malloc(lesson.len + 1);
    memcpy(copy, lesson.data, lesson.len);
    size_t at = generator->lesson_count;
    if (at == GENERATOR_LESSONS_MAX) {
        at = choice_below(generator->choice, GENERATOR_LESSONS_MAX);
        free((void *)(uintptr_t)generator->lessons[at].data);
    } else {
        generator->lesson_count++;
    }
    generator->lessons[at] = bytes_make(copy, lesson.len);
}

/* --- values --- */

struct making {
    struct command_generator *generator;
    struct choice *choice;
    struct generated_command *out;
    size_t family;        /* number of the command's */
    uint64_t option_odds; /* one option in so many is taken; 0: none */
};

static void put(struct making *making, struct bytes word) {
    if (making->out->argc < GENERATOR_WORDS_MAX) making->out->argv[making->out->argc++] = word;
}

static struct bytes integer_text(struct making *making, int64_t value) {
    return arena_format(&making->generator->arena, "%" PRId64, value);
}

struct bytes command_generator_key(struct command_generator *generator, const struct family *family,
                                   size_t i) {
    return arena_format(&generator->arena, "%s:%zu", family->name, i);
}

static size_t family_index(const struct command_generator *generator, const struct family *family) {
    size_t i = 0;
    while (registry_family_at(generator->registry, i) != family) i++;
    return i;
}

static struct bytes make_integer(struct making *making) {
    static const int64_t edges[] = {
        0,     1,     -1,        2,         5,          10,        16,        60,
        100,   127,   128,       255,       256,        1000,      1024,      4096,
        65535, 65536, INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN, INT64_MAX - 1,
        -2,    -100,  1 << 20,   999999999, 86400000,   1 << 29,   536870911, 4294967295,
    };
    struct choice *choice = making->choice;
    switch (choice_below(choice, 8)) {
    case 0:
    case 1:
    case 2: return integer_text(making, (int64_t)choice_below(choice, 12));
    case 3: return integer_text(making, (int64_t)choice_below(choice, 256) - 64);
    case 4: return integer_text(making, (int64_t)choice_below(choice, 65536));
    default: return integer_text(making, edges[choice_below(choice, COUNT_OF(edges))]);
    }
}

static struct bytes make_double(struct making *making) {
    static const char *const edges[] = {"0",    "1",   "-1",     "0.5",  "1e3", "-2.25", "3.14",
                                        "1e17", "inf", "-inf",   "1e-5", "nan", "10.50", "5e300",
                                        "0x10", "-0",  "1e4932", "100",  "2",   "12.75"};
    return bytes_of(edges[choice_below(making->choice, COUNT_OF(edges))]);
}

static struct bytes make_pattern(struct making *making) {
    static const char *const patterns[] = {"*",   "*:0",   "s*",       "?*",  "[a-m]*",  "", "k\\*",
                                           "*:*", "[^s]*", "r*:[1-3]", "**a", "string:1"};
    return bytes_of(patterns[choice_below(making->choice, COUNT_OF(patterns))]);
}

static struct bytes make_time(struct making *making, const struct arg *arg) {
    static const int64_t offsets_ms[] = {1000,    -1000, 1,        0,      60000,
                                         3600000, 100,   86400000, -60000, 20};
    struct choice *choice = making->choice;
    if (choice_once_in(choice, 8)) return make_integer(making);
    int64_t when_ms = making->generator->now_ms +
                      offsets_ms[choice_below(choice, COUNT_OF(offsets_ms))];
    return integer_text(making, strstr(arg->name, "milli") != NULL ? when_ms : when_ms / 1000);
}

/* One of "fixed|sliding-log|token-bucket". */
static struct bytes one_of_display(struct making *making, const char *display) {
    size_t count = 1;
    for (const char *at = display; *at != '\0'; at++) count += *at == '|';
    for (size_t skip = choice_below(making->choice, count); skip > 0; skip--)
        display = strchr(display, '|') + 1;
    return bytes_make(display, strcspn(display, "|"));
}

static struct bytes repeated(struct making *making, size_t len) {
    char *text = arena_allocate(&making->generator->arena, len);
    for (size_t i = 0; i < len; i++) text[i] = (char)('a' + i % 23);
    return bytes_make(text, len);
}

static struct bytes make_edge_string(struct making *making) {
    static const struct {
        const char *text;
        size_t len;
    } edges[] = {
        {"", 0},
        {"a", 1},
        {"hello", 5},
        {"\0\xff\x80\r\n", 5},
        {"-7", 2},
        {"42", 2},
        {"12345678", 8},
        {"1.5", 3},
        {" 1", 2},
        {"01", 2},
        {"nan", 3},
        {"u8", 2},
        {"i64", 3},
        {"#1", 2},
        {"5/1s", 4},
        {"10m", 3},
        {"0", 1},
        {"1", 1},
        {"holder", 6},
        {"string", 6},
        {"9223372036854775807", 19},
    };
    static const size_t lens[] = {30, 63, 64, 100, 253, 254, 300, 500, 513, 1024, 4000, 17000};
    struct choice *choice = making->choice;
    if (choice_once_in(choice, 4))
        return repeated(making, lens[choice_below(choice, COUNT_OF(lens))]);
    size_t i = choice_below(choice, COUNT_OF(edges));
    return bytes_make(edges[i].text, edges[i].len);
}

static bool fits(const struct example_value *value, const struct arg *arg, bool any_string) {
    return any_string ? value->arg->kind == ARG_STRING : is_alike(value->arg, arg);
}

/* What examples of the family have for an argument of this name, or for any string; false: nothing
 * at all. */
static bool of_example(struct making *making, const struct arg *arg, bool any_string,
                       struct bytes *word) {
    size_t count = 0;
    const struct example_value *first = making->generator->examples[making->family];
    for (const struct example_value *value = first; value != NULL; value = value->next)
        count += fits(value, arg, any_string);
    if (count == 0) return false;
    size_t skip = choice_below(making->choice, count);
    for (const struct example_value *value = first;; value = value->next) {
        if (!fits(value, arg, any_string) || skip-- > 0) continue;
        *word = value->word;
        return true;
    }
}

/* Keys of the family, and now and then of another, so that types clash; or
 * keys that the examples work on, where what some commands need has been made. */
static struct bytes make_key(struct making *making, const struct arg *arg) {
    const struct registry *registry = making->generator->registry;
    const struct family *family = registry_family_at(registry, making->family);
    struct choice *choice = making->choice;
    if (choice_once_in(choice, 40)) return BYTES("");
    struct bytes word;
    if (choice_once_in(choice, 6) && of_example(making, arg, false, &word)) return word;
    bool own = family->type_count > 0 && !choice_once_in(choice, 8);
    while (!own) {
        size_t number = choice_below(choice, registry_family_count(registry));
        /* The first with a type behind it, in a circle. */
        for (size_t i = 0; i < registry_family_count(registry) && !own; i++) {
            family = registry_family_at(registry, (number + i) % registry_family_count(registry));
            own = family->type_count > 0;
        }
    }
    return command_generator_key(making->generator, family, choice_below(choice, GENERATOR_KEYS));
}

static struct bytes make_string(struct making *making, const struct arg *arg) {
    struct command_generator *generator = making->generator;
    struct choice *choice = making->choice;
    if (arg->display != NULL && strchr(arg->display, '|') != NULL && !choice_once_in(choice, 8))
        return one_of_display(making, arg->display);
    bool payload = strstr(arg->name, "serialized") != NULL && !choice_once_in(choice, 8);
    if (generator->lesson_count > 0 && (payload || choice_once_in(choice, 30)))
        return generator->lessons[choice_below(choice, generator->lesson_count)];
    struct bytes word;
    if (!choice_once_in(choice, 6) && of_example(making, arg, false, &word)) return word;
    if (!choice_once_in(choice, 3) && of_example(making, arg, true, &word)) return word;
    return choice_once_in(choice, 4) ? make_integer(making) : make_edge_string(making);
}

/* --- the grammar --- */

static void make_arg(struct making *making, const struct arg *arg);
static void make_args(struct making *making, const struct arg *args, size_t count);

static void make_value(struct making *making, const struct arg *arg) {
    if (arg->key_use != 0 && arg->kind != ARG_PATTERN) {
        put(making, make_key(making, arg));
        return;
    }
    struct bytes known;
    bool number = arg->kind == ARG_INTEGER || arg->kind == ARG_DOUBLE;
    if (number && choice_once_in(making->choice, 4) && of_example(making, arg, false, &known)) {
        put(making, known);
        return;
    }
    switch (arg->kind) {
    case ARG_KEY: put(making, make_key(making, arg)); break;
    case ARG_INTEGER: put(making, make_integer(making)); break;
    case ARG_DOUBLE: put(making, make_double(making)); break;
    case ARG_PATTERN: put(making, make_pattern(making)); break;
    case ARG_UNIX_TIME: put(making, make_time(making, arg)); break;
    case ARG_TOKEN: put(making, bytes_of(arg->token)); break;
    case ARG_STRING: put(making, make_string(making, arg)); break;
    case ARG_ONEOF:
        make_arg(making, &arg->args[choice_below(making->choice, arg->arg_count)]);
        break;
    case ARG_BLOCK: make_args(making, arg->args, arg->arg_count); break;
    }
}

static void put_token(struct making *making, const struct arg *arg) {
    if (arg->token != NULL && arg->kind != ARG_TOKEN) put(making, bytes_of(arg->token));
}

static void make_repeated(struct making *making, const struct arg *arg, size_t count) {
    put_token(making, arg);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (arg->flags & ARG_MULTIPLE_TOKEN) != 0) put_token(making, arg);
        make_value(making, arg);
    }
}

static size_t repetitions(struct making *making, const struct arg *arg) {
    return (arg->flags & ARG_MULTIPLE) != 0 ? 1 + choice_below(making->choice, REPETITIONS_MAX) : 1;
}

static void make_arg(struct making *making, const struct arg *arg) {
    bool taken = (arg->flags & ARG_OPTIONAL) == 0 ||
                 (making->option_odds > 0 && choice_once_in(making->choice, making->option_odds));
    if (!taken) return;
    make_repeated(making, arg, repetitions(making, arg));
}

static bool counts_next(const struct arg *args, size_t count, size_t i) {
    return i + 1 < count && args[i].kind == ARG_INTEGER &&
           (args[i + 1].flags & ARG_MULTIPLE) != 0 &&
           ((args[i].flags & ARG_KEY_COUNT) != 0 || strcmp(args[i].name, "numkeys") == 0 ||
            strcmp(args[i].name, "numfields") == 0);
}

static void make_args(struct making *making, const struct arg *args, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!counts_next(args, count, i)) {
            make_arg(making, &args[i]);
            continue;
        }
        size_t keys = repetitions(making, &args[i + 1]);
        put_token(making, &args[i]);
        put(making, integer_text(making, (int64_t)keys));
        make_repeated(making, &args[++i], keys);
    }
}

/* What people and attackers get wrong. The name stays, so that it is still this command. */
static void spoil(struct making *making, int first) {
    struct generated_command *out = making->out;
    struct choice *choice = making->choice;
    out->wild = true;
    int args = out->argc - first;
    int at = args > 0 ? first + (int)choice_below(choice, (uint64_t)args) : 0;
    switch (choice_below(choice, 4)) {
    case 0:
        if (args > 0) out->argc--;
        break;
    case 1: put(making, make_edge_string(making)); break;
    case 2:
        if (args > 0) out->argv[at] = make_edge_string(making);
        break;
    default:
        if (args > 0) put(making, out->argv[at]);
        break;
    }
}

void command_generate(struct command_generator *generator, const struct command_entry *entry,
                      struct generated_command *out) {
    arena_reset(&generator->arena);
    out->entry = entry;
    out->argc = 0;
    out->wild = false;
    static const uint64_t odds[] = {0, 6, 3, 2};
    struct making making = {generator, generator->choice, out,
                            family_index(generator, entry->family),
                            odds[choice_below(generator->choice, COUNT_OF(odds))]};
    if (entry->parent != NULL) put(&making, bytes_of(entry->parent->command->name));
    put(&making, bytes_of(entry->command->name));
    make_args(&making, entry->command->args, entry->command->arg_count);
    if (generator->wild_once_in > 0 && choice_once_in(generator->choice, generator->wild_once_in))
        spoil(&making, entry->parent != NULL ? 2 : 1);
}
