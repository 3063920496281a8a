/* SPDX-License-Identifier: BSD-3-Clause */
/* Setting parameters, alone or several at once, and telling those who want to know. */
#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "server/options_internal.h"

/* A value that has been put in place, and what it was before. */
struct change {
    int index;
    struct option_value before;
};

/* --- listeners --- */

void options_on_change(struct options *options, const char *name, options_hook *hook,
                       void *context) {
    size_t count = options->listener_count + 1;
    options->listeners = memory_reallocate(options->listeners,
                                           count * sizeof(struct option_listener));
    options->listeners[count - 1] = (struct option_listener){
        name == NULL ? -1 : options_index(options, name), hook, context};
    options->listener_count = count;
}

void options_on_reset(struct options *options, void (*reset)(void *context), void *context) {
    size_t count = options->resetter_count + 1;
    options->resetters = memory_reallocate(options->resetters,
                                           count * sizeof(struct option_resetter));
    options->resetters[count - 1] = (struct option_resetter){reset, context};
    options->resetter_count = count;
}

void options_reset_statistics(struct options *options) {
    for (size_t i = 0; i < options->resetter_count; i++)
        options->resetters[i].reset(options->resetters[i].context);
}

static bool tell(struct options *options, int index, char *reason) {
    reason[0] = '\0';
    for (size_t i = 0; i < options->listener_count; i++) {
        const struct option_listener *listener = &options->listeners[i];
        if (listener->index >= 0 && listener->index != index) continue;
        if (!listener->hook(listener->context, options, index, reason)) return false;
    }
    return true;
}

/* --- changing --- */

/* Puts the value in place. False when it was the same already. Takes value->text. */
static bool put(struct options *options, int index, struct option_value *value,
                struct change *change) {
    if (option_values_equal(value, &options->values[index])) {
        memory_free(value->text);
        return false;
    }
    *change = (struct change){index, options->values[index]};
    options->values[index] = *value;
    return true;
}

/* Brings all old values back, the last first, then tells those who had heard of the new ones. */
static void take_back(struct options *options, struct change *changes, size_t count, size_t told) {
    char ignored[OPTIONS_REASON_MAX];
    for (size_t i = count; i-- > 0;) {
        memory_free(options->values[changes[i].index].text);
        options->values[changes[i].index] = changes[i].before;
    }
    for (size_t i = told; i-- > 0;) (void)tell(options, changes[i].index, ignored);
}

/* Tells of all changes; on a refusal everything is as it was, and *at is who refused. */
static bool apply(struct options *options, struct change *changes, size_t count, size_t *at,
                  char *reason) {
    for (size_t i = 0; i < count; i++) {
        if (tell(options, changes[i].index, reason)) continue;
        take_back(options, changes, count, i + 1);
        *at = i;
        return false;
    }
    for (size_t i = 0; i < count; i++) memory_free(changes[i].before.text);
    return true;
}

bool options_set_words(struct options *options, int index, const struct bytes *words, int count,
                       bool adding, char reason[OPTIONS_REASON_MAX]) {
    struct option_value value;
    struct change change;
    size_t at;
    if (!options_parse(options, index, words, count, adding, &value, reason)) return false;
    if (!put(options, index, &value, &change)) return true;
    return apply(options, &change, 1, &at, reason);
}

bool options_set(struct options *options, const char *name, struct bytes text,
                 char reason[OPTIONS_REASON_MAX]) {
    struct option_value value;
    struct change change;
    size_t at;
    int index = options_index(options, name);
    if (!options_parse(options, index, &text, 1, false, &value, reason)) return false;
    if (!put(options, index, &value, &change)) return true;
    return apply(options, &change, 1, &at, reason);
}

/* --- CONFIG SET --- */

/* Long names come from people who test what happens. */
#define SHOWN_MAX 128

static int shown(struct bytes name) { return (int)(name.len < SHOWN_MAX ? name.len : SHOWN_MAX); }

static bool refuse(struct bytes name, const char *why, char *reason) {
    options_reason(reason, "CONFIG SET failed (possibly related to argument '%.*s') - %.*s",
                   shown(name), name.data, OPTIONS_REASON_MAX - SHOWN_MAX - 80, why);
    return false;
}

/* Whether each name may be set at all: the first that may not be is the error. */
static bool check_names(const struct options *options, const struct bytes *pairs, size_t count,
                        bool protected_allowed, int *indexes, char *reason) {
    uint8_t *seen = memory_allocate_zero(options->count);
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++) {
        struct bytes name = pairs[2 * i];
        const struct option_name *found = options_find_name(options, name);
        if (found == NULL) {
            options_reason(reason, "Unknown option or number of arguments for CONFIG SET - '%.*s'",
                           shown(name), name.data);
            fine = false;
            break;
        }
        uint32_t flags = options->declarations[found->index]->flags;
        uint8_t bit = found->is_alias ? 2 : 1;
        if ((flags & OPTION_IMMUTABLE) != 0)
            fine = refuse(name, "can't set immutable config", reason);
        else if ((flags & OPTION_PROTECTED) != 0 && !protected_allowed)
            fine = refuse(name, "can't set protected config", reason);
        else if ((seen[found->index] & bit) != 0)
            fine = refuse(name, "duplicate parameter", reason);
        seen[found->index] |= bit;
        indexes[i] = found->index;
    }
    memory_free(seen);
    return fine;
}

/* Which pair set the parameter. */
static size_t pair_of(const int *indexes, size_t count, int index) {
    for (size_t i = 0; i < count; i++) {
        if (indexes[i] == index) return i;
    }
    return 0;
}

static bool set_all(struct options *options, const struct bytes *pairs, size_t count,
                    const int *indexes, struct change *changes, char *reason) {
    char why[OPTIONS_REASON_MAX];
    size_t changed = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct option_value value;
        if (!options_parse(options, indexes[i], &pairs[2 * i + 1], 1, false, &value, why)) {
            take_back(options, changes, changed, 0);
            return refuse(pairs[2 * i], why, reason);
        }
        if (put(options, indexes[i], &value, &changes[changed])) changed++;
    }
    if (apply(options, changes, changed, &at, why)) return true;
    return refuse(pairs[2 * pair_of(indexes, count, changes[at].index)], why, reason);
}

bool options_set_pairs(struct options *options, const struct bytes *pairs, size_t count,
                       bool protected_allowed, char reason[OPTIONS_REASON_MAX]) {
    /* More pairs than names: one of them is there twice, or unknown, and found within these. */
    size_t most = options->name_count + 1;
    size_t looked_at = count < most ? count : most;
    int *indexes = memory_allocate_zero(looked_at * sizeof(int) + 1);
    struct change *changes = memory_allocate(looked_at * sizeof(struct change) + 1);
    bool done = check_names(options, pairs, looked_at, protected_allowed, indexes, reason) &&
                set_all(options, pairs, looked_at, indexes, changes, reason);
    assert(!done || looked_at == count);
    memory_free(indexes);
    memory_free(changes);
    return done;
}

/* --- the working directory --- */

static bool move_directory(void *context, struct options *options, int index, char *reason) {
    (void)context;
    char path[4096];
    if (chdir(options_text(options, index)) != 0) {
        options_reason(reason, "%s", strerror(errno));
        return false;
    }
    /* What CONFIG GET answers is where that is, whatever way it was written. */
    if (getcwd(path, sizeof path) == NULL) return true;
    struct option_value *value = &options->values[index];
    size_t size = strlen(path) + 1;
    value->text = memory_reallocate(value->text, size);
    memcpy(value->text, path, size);
    value->text_len = size - 1;
    return true;
}

void options_own_directory(struct options *options) {
    char reason[OPTIONS_REASON_MAX];
    int index = options_index(options, "dir");
    options_on_change(options, "dir", move_directory, NULL);
    if (!move_directory(NULL, options, index, reason)) assert(errno != 0);
}
