/* SPDX-License-Identifier: BSD-3-Clause */
/* Configurations of strangers: no text may do more than be refused with a report of bounded
 * length, and what was taken prints as something that is taken again and prints the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "server/options.h"
#include "server/options_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Files of the machine are no input: such lines are left out. */
static bool may_include(const uint8_t *data, size_t size) {
    for (size_t i = 0; i + 7 <= size; i++) {
        if (strncasecmp((const char *)data + i, "include", 7) == 0) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct options_error error;
    char reason[OPTIONS_REASON_MAX];
    struct arena arena;
    if (may_include(data, size)) return 0;
    struct options *options = options_create(NULL, 0);
    arena_init(&arena);
    if (!options_load_text(options, bytes_make(data, size), "input", &error))
        assert(memchr(error.text, '\0', sizeof error.text) != NULL && error.text[0] != '\0');
    for (size_t i = 0; i < options_count(options); i++) {
        if (options_is_default(options, (int)i)) continue;
        const char *name = options_declaration(options, (int)i)->name;
        struct bytes shown = arena_copy(&arena, options_print(options, (int)i, &arena));
        bool taken = options_set(options, name, shown, reason);
        assert(taken);
        assert(bytes_equal(shown, options_print(options, (int)i, &arena)));
    }
    arena_deinit(&arena);
    options_destroy(&options);
    return 0;
}
