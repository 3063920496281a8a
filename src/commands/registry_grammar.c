/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from the grammar of a command: how many words it takes and where its keys stand.
 *
 * The grammar is walked from left to right. While all that came before has a fixed length, a
 * place is a number; behind something optional it can only be found by a keyword. What follows a
 * repeated key says where the repetition ends, counted from the last argument. */
#include <assert.h>

#include "base/memory.h"
#include "commands/registry_internal.h"

#define SPECS_MAX 16

struct place {
    int min;    /* words before this one, at least */
    bool exact; /* and at most */
};

/* The BLOCK or ONEOF around an argument. */
struct around {
    const char *keyword; /* its token; NULL: none */
    int keyword_at;      /* place of the token, at least */
    int step;            /* words of one repetition of a repeated BLOCK; 0: it is not repeated */
};

struct walk {
    const struct command *command;
    struct key_spec specs[SPECS_MAX];
    size_t count;
};

#define TAIL_UNKNOWN (-1)

/* --- words --- */

static bool is_key(const struct arg *arg) { return arg->kind == ARG_KEY || arg->key_use != 0; }

static bool has_token(const struct arg *arg) {
    return arg->token != NULL && arg->kind != ARG_TOKEN;
}

static int list_words(const struct arg *args, size_t count, bool *exact) {
    int words = 0;
    for (size_t i = 0; i < count; i++) words += registry_arg_words(&args[i], exact);
    return words;
}

/* Words of one repetition, without the token before it. */
static int body_words(const struct arg *arg, bool *exact) {
    if (arg->kind == ARG_BLOCK) return list_words(arg->args, arg->arg_count, exact);
    if (arg->kind != ARG_ONEOF) return 1;
    int least = INT32_MAX;
    for (size_t i = 0; i < arg->arg_count; i++) {
        int words = registry_arg_words(&arg->args[i], exact);
        if (i > 0 && words != least) *exact = false;
        if (words < least) least = words;
    }
    return least;
}

int registry_arg_words(const struct arg *arg, bool *exact) {
    int words = body_words(arg, exact) + (has_token(arg) ? 1 : 0);
    if (arg->flags & (ARG_OPTIONAL | ARG_MULTIPLE)) *exact = false;
    return arg->flags & ARG_OPTIONAL ? 0 : words;
}

static void derive_arity(struct command_entry *entry) {
    const struct command *command = entry->command;
    bool exact = true;
    int words = list_words(command->args, command->arg_count, &exact);
    words += entry->parent == NULL ? 1 : 2;
    if (command->subcommand_count > 0) {
        exact = false;
        words = command->handler == NULL ? 2 : 1;
    }
    entry->arity = (int16_t)(command->arity != 0 ? command->arity : exact ? words : -words);
}

/* --- keys --- */

static uint16_t use_of(const struct command *command, const struct arg *arg) {
    const uint16_t told = KEY_READ | KEY_WRITE | KEY_OVERWRITE | KEY_REMOVE | KEY_NOT_A_KEY;
    uint16_t use = (uint16_t)(arg->key_use & ~KEY_UNPLACED);
    if (use & told) return use;
    switch (command->access) {
    case READS: return use | KEY_READ | KEY_ACCESSES;
    case WRITES:
    case WRITES_FREELY: return use | KEY_WRITE | KEY_UPDATES;
    default: return use | KEY_WRITE | KEY_ACCESSES | KEY_UPDATES;
    }
}

static bool is_fixed_range(const struct key_spec *spec) {
    return spec->begin == KEY_BEGIN_INDEX && spec->find == KEY_FIND_RANGE && spec->last >= 0 &&
           spec->step == 1;
}

/* Neighbours that are used alike are one run (LCS). */
static bool joins_last(const struct walk *walk, const struct key_spec *spec) {
    if (walk->count == 0) return false;
    const struct key_spec *last = &walk->specs[walk->count - 1];
    int width = last->last + 1;
    return is_fixed_range(last) && is_fixed_range(spec) && last->use == spec->use &&
           spec->begin_at == last->begin_at + width && spec->arg == last->arg + width;
}

static void add_spec(struct walk *walk, struct key_spec spec) {
    spec.use = use_of(walk->command, spec.arg);
    if (spec.begin == KEY_BEGIN_UNKNOWN || spec.find == KEY_FIND_UNKNOWN) {
        spec.begin = KEY_BEGIN_UNKNOWN;
        spec.find = KEY_FIND_UNKNOWN;
        /* Places that nobody knows are told once for each way of use. */
        for (size_t i = 0; i < walk->count; i++)
            if (walk->specs[i].begin == KEY_BEGIN_UNKNOWN && walk->specs[i].use == spec.use) return;
    }
    if (joins_last(walk, &spec)) {
        walk->specs[walk->count - 1].last++;
        return;
    }
    assert(walk->count < SPECS_MAX);
    walk->specs[walk->count++] = spec;
}

/* Where the search for an argument begins: a number, a keyword, or nobody knows. */
static struct key_spec begin_of(const struct arg *arg, struct place place,
                                const struct around *around, bool first_in_around) {
    struct key_spec spec = {.arg = arg, .step = 1};
    if (arg->key_use & KEY_UNPLACED) {
        spec.begin = KEY_BEGIN_UNKNOWN;
    } else if (has_token(arg)) {
        spec.begin = KEY_BEGIN_KEYWORD;
        spec.keyword = arg->token;
        spec.begin_at = place.min;
    } else if (place.exact) {
        spec.begin = KEY_BEGIN_INDEX;
        spec.begin_at = place.min;
    } else if (around->keyword != NULL && first_in_around) {
        spec.begin = KEY_BEGIN_KEYWORD;
        spec.keyword = around->keyword;
        spec.begin_at = around->keyword_at;
    } else {
        spec.begin = KEY_BEGIN_UNKNOWN;
    }
    return spec;
}

/* A key, or a run of them that ends where what follows begins. `peers` are the repeated arguments
 * right behind it that share what is left in equal parts (XREAD: keys, then as many ids). */
static void add_key(struct walk *walk, const struct arg *arg, struct place place,
                    const struct around *around, bool first, int tail, int peers) {
    struct key_spec spec = begin_of(arg, place, around, first);
    spec.find = KEY_FIND_RANGE;
    if (around->step > 0) {
        spec.step = around->step;
        if (tail == TAIL_UNKNOWN) spec.find = KEY_FIND_UNKNOWN;
        else spec.last = -1 - tail;
    } else if (arg->flags & ARG_MULTIPLE) {
        if (arg->flags & ARG_MULTIPLE_TOKEN) {
            spec.find = KEY_FIND_UNKNOWN;
        } else if (peers > 0) {
            spec.last = -1;
            spec.limit = 1 + peers;
        } else if (tail == TAIL_UNKNOWN) {
            spec.find = KEY_FIND_UNKNOWN;
        } else {
            spec.last = -1 - tail;
            /* The last word of its kind, should an option before it have it as its value. */
            if (has_token(arg) && tail == 0 && !place.exact) spec.begin_at = -2;
        }
    }
    add_spec(walk, spec);
}

static bool is_repeated_key(const struct arg *arg) {
    if ((arg->flags & ARG_MULTIPLE) == 0 || has_token(arg)) return false;
    if (is_key(arg)) return true;
    if (arg->kind != ARG_BLOCK) return false;
    for (size_t i = 0; i < arg->arg_count; i++)
        if (is_key(&arg->args[i])) return true;
    return false;
}

/* The number of keys, and the keys right behind it. */
static bool is_counted(const struct arg *args, size_t count, size_t i) {
    if (i + 1 >= count || args[i].kind != ARG_INTEGER || !is_repeated_key(&args[i + 1]))
        return false;
    return (args[i].flags & ARG_KEY_COUNT) != 0 || strcmp(args[i].name, "numkeys") == 0;
}

static void add_counted(struct walk *walk, const struct arg *number, struct place place,
                        const struct around *around, bool first) {
    const struct arg *keys = &number[1];
    struct key_spec spec = begin_of(number, place, around, first);
    spec.arg = keys;
    spec.find = KEY_FIND_COUNT;
    spec.first_at = 1;
    if (keys->kind == ARG_BLOCK) {
        bool exact = true;
        spec.step = body_words(keys, &exact);
        size_t at = 0;
        while (!is_key(&keys->args[at])) at++;
        spec.first_at += (int)at;
        spec.arg = &keys->args[at];
    }
    add_spec(walk, spec);
}

static int repeated_behind(const struct arg *args, size_t count, size_t i, int tail) {
    int peers = 0;
    for (size_t at = i + 1; at < count; at++, peers++)
        if ((args[at].flags & ARG_MULTIPLE) == 0 || has_token(&args[at])) return 0;
    return tail == 0 ? peers : 0;
}

static void walk_list(struct walk *walk, const struct arg *args, size_t count, struct place place,
                      const struct around *around, int tail);

/* Into a BLOCK or ONEOF that stands at `place`. */
static void walk_inside(struct walk *walk, const struct arg *arg, struct place place, int tail) {
    bool fixed = true;
    int step = body_words(arg, &fixed);
    bool repeated = (arg->flags & ARG_MULTIPLE) != 0;
    struct around around = {.keyword = has_token(arg) ? arg->token : NULL,
                            .keyword_at = place.min,
                            .step = repeated && fixed ? step : 0};
    if (has_token(arg)) {
        place.min++;
        /* An optional token may be missing, but then so is the key: it stands here or nowhere. */
    }
    if (repeated && (!fixed || (arg->flags & ARG_MULTIPLE_TOKEN) != 0)) tail = TAIL_UNKNOWN;
    if (arg->kind == ARG_BLOCK) {
        walk_list(walk, arg->args, arg->arg_count, place, &around, tail);
        return;
    }
    for (size_t i = 0; i < arg->arg_count; i++)
        walk_list(walk, &arg->args[i], 1, place, &around, tail);
}

static void walk_list(struct walk *walk, const struct arg *args, size_t count, struct place place,
                      const struct around *around, int tail) {
    for (size_t i = 0; i < count; i++) {
        const struct arg *arg = &args[i];
        bool exact = tail != TAIL_UNKNOWN;
        int behind = tail;
        /* Within a repeated block what follows is the next repetition. */
        if (around->step == 0) {
            behind = list_words(args + i + 1, count - i - 1, &exact) + (exact ? tail : 0);
            if (!exact) behind = TAIL_UNKNOWN;
        }
        bool counted = is_counted(args, count, i);
        if (counted) add_counted(walk, arg, place, around, i == 0);
        else if (is_key(arg))
            add_key(walk, arg, place, around, i == 0, behind,
                    repeated_behind(args, count, i, tail));
        else if (arg->arg_count > 0) walk_inside(walk, arg, place, behind);
        place.min += registry_arg_words(arg, &place.exact);
        if (counted) place.min += registry_arg_words(&args[++i], &place.exact);
    }
}

/* --- the old form: one run of places --- */

static int last_of(const struct key_spec *spec) {
    return spec->last >= 0 ? spec->begin_at + spec->last : spec->last;
}

/* The first fixed run and those that join on to it; what does not fit makes keys movable. */
static void derive_run(struct command_entry *entry) {
    for (size_t i = 0; i < entry->key_spec_count; i++) {
        const struct key_spec *spec = &entry->key_specs[i];
        if (spec->begin != KEY_BEGIN_INDEX || spec->find != KEY_FIND_RANGE) {
            entry->movable_keys = true;
        } else if (entry->key_first == 0) {
            entry->key_first = (int16_t)spec->begin_at;
            entry->key_last = (int16_t)last_of(spec);
            entry->key_step = (int16_t)spec->step;
        } else if (entry->key_last + 1 == spec->begin_at && entry->key_step == spec->step) {
            entry->key_last = (int16_t)last_of(spec);
        } else {
            entry->movable_keys = true;
        }
    }
}

void registry_derive_grammar(struct command_entry *entry, struct arena *storage) {
    const struct command *command = entry->command;
    derive_arity(entry);
    struct walk walk = {.command = command};
    const struct around nothing = {0};
    struct place start = {.min = entry->parent == NULL ? 1 : 2, .exact = true};
    walk_list(&walk, command->args, command->arg_count, start, &nothing, 0);
    if (command->keys != NULL && walk.count == 0) {
        static const struct arg somewhere = {.key_use = KEY_INCOMPLETE};
        add_spec(&walk, (struct key_spec){.arg = &somewhere, .begin = KEY_BEGIN_UNKNOWN});
    }
    entry->key_spec_count = (uint8_t)walk.count;
    if (walk.count > 0) {
        size_t size = walk.count * sizeof(*walk.specs);
        entry->key_specs = arena_allocate(storage, size);
        memcpy(entry->key_specs, walk.specs, size);
    }
    entry->movable_keys = command->keys != NULL || (command->flags & COMMAND_MOVABLE_KEYS) != 0;
    derive_run(entry);
}
