/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of one request, found by the specifications that were derived from the grammar. */
#include <assert.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/registry_internal.h"

struct finder {
    const struct command_entry *entry;
    const struct bytes *argv;
    int argc;
    struct key_position *positions;
    int max;
    int count;
};

static void found(struct finder *finder, int index, uint16_t use) {
    uint16_t (*use_in)(const struct bytes *, int, int) = finder->entry->command->key_use_in;
    if (use_in != NULL) {
        uint16_t told = use_in(finder->argv, finder->argc, index);
        if (told != 0) use = told;
    }
    if (finder->count < finder->max)
        finder->positions[finder->count] = (struct key_position){.index = index, .use = use};
    finder->count++;
}

/* The place behind the keyword; 0: it is not there. A keyword as last argument has none. */
static int behind_keyword(const struct finder *finder, const struct key_spec *spec) {
    struct bytes keyword = bytes_of(spec->keyword);
    if (spec->begin_at >= 0) {
        for (int i = spec->begin_at; i < finder->argc - 1; i++)
            if (bytes_equal_fold(finder->argv[i], keyword)) return i + 1;
    } else {
        for (int i = finder->argc + spec->begin_at; i > 0; i--)
            if (bytes_equal_fold(finder->argv[i], keyword)) return i + 1;
    }
    return 0;
}

/* False when the request does not fit. */
static bool find_range(struct finder *finder, const struct key_spec *spec, int first) {
    int last;
    if (spec->last >= 0) last = first + spec->last;
    else if (spec->limit == 0) last = finder->argc + spec->last;
    else last = first + (finder->argc - first) / spec->limit + spec->last;
    /* An optional key that was left out is no mistake. */
    if (first >= finder->argc) return true;
    if (last >= finder->argc) return false;
    for (int i = first; i <= last; i += spec->step) found(finder, i, spec->use);
    return true;
}

static bool find_counted(struct finder *finder, const struct key_spec *spec, int first) {
    int64_t count;
    int at = first + spec->count_at;
    if (at >= finder->argc || !text_to_integer(finder->argv[at], &count)) return false;
    if (count < 0 || count > finder->argc) return false;
    first += spec->first_at;
    if (count > 0 && first + (count - 1) * spec->step >= finder->argc) return false;
    for (int i = 0; i < count; i++) found(finder, first + i * spec->step, spec->use);
    return true;
}

static bool find_by_spec(struct finder *finder, const struct key_spec *spec) {
    if (spec->begin == KEY_BEGIN_UNKNOWN || (spec->use & KEY_NOT_A_KEY) != 0) return true;
    int first = spec->begin_at;
    if (spec->begin == KEY_BEGIN_KEYWORD) {
        first = behind_keyword(finder, spec);
        if (first == 0) return true;
    }
    if (spec->find == KEY_FIND_COUNT) return find_counted(finder, spec, first);
    return find_range(finder, spec, first);
}

/* How a key is used that the command's own function found: as the fixed place that it stands on,
 * else in any of the ways of those that move. */
static uint16_t use_at(const struct command_entry *entry, int index) {
    uint16_t use = 0;
    for (size_t i = 0; i < entry->key_spec_count; i++) {
        const struct key_spec *spec = &entry->key_specs[i];
        bool fixed = spec->begin == KEY_BEGIN_INDEX && spec->find == KEY_FIND_RANGE;
        if (!fixed) use |= spec->use;
        else if (index >= spec->begin_at &&
                 (spec->last < 0 || index <= spec->begin_at + spec->last))
            return spec->use;
    }
    return use;
}

static int find_by_function(struct finder *finder) {
    enum { AT_ONCE = 64 };
    int some[AT_ONCE];
    const struct command *command = finder->entry->command;
    int *indexes = some;
    if (finder->max > AT_ONCE) indexes = memory_try_allocate((size_t)finder->max * sizeof(int));
    if (indexes == NULL) return -1;
    int room = finder->max > AT_ONCE ? finder->max : AT_ONCE;
    int count = command->keys(finder->argv, finder->argc, indexes, room);
    for (int i = 0; i < count && i < room; i++)
        found(finder, indexes[i], use_at(finder->entry, indexes[i]));
    if (indexes != some) memory_free(indexes);
    return count;
}

int registry_keys(const struct command_entry *entry, const struct bytes *argv, int argc,
                  struct key_position *positions, int max) {
    struct finder finder = {entry, argv, argc, positions, max, 0};
    if (entry->command->keys != NULL) return find_by_function(&finder);
    for (size_t i = 0; i < entry->key_spec_count; i++)
        if (!find_by_spec(&finder, &entry->key_specs[i])) return -1;
    return finder.count;
}

bool registry_has_keys(const struct command_entry *entry) {
    for (size_t i = 0; i < entry->key_spec_count; i++)
        if ((entry->key_specs[i].use & KEY_NOT_A_KEY) == 0) return true;
    return false;
}

int registry_key_spec_of(const struct command_entry *entry, const struct arg *arg) {
    uint16_t use = (uint16_t)(arg->key_use & ~KEY_UNPLACED);
    for (size_t i = 0; i < entry->key_spec_count; i++) {
        const struct key_spec *spec = &entry->key_specs[i];
        int joined = spec->begin == KEY_BEGIN_INDEX && spec->last > 0 ? spec->last : 0;
        for (int at = 0; at <= joined; at++)
            if (spec->arg + at == arg) return (int)i;
    }
    for (size_t i = 0; i < entry->key_spec_count; i++)
        if (arg->key_use != 0 && entry->key_specs[i].begin == KEY_BEGIN_UNKNOWN &&
            entry->key_specs[i].use == use)
            return (int)i;
    return -1;
}
