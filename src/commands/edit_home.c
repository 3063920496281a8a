/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/edit_home.h"

static struct edit *edit_of(struct value_home *home) { return ((struct edit_home *)home)->edit; }

static uint8_t *resize(struct value_home *home, size_t len) {
    return edit_resize(edit_of(home), len);
}

static bool store(struct value_home *home, const struct value *value) {
    return edit_store(edit_of(home), value);
}

struct value_home *edit_home_init(struct edit_home *home, struct edit *edit) {
    *home = (struct edit_home){.home = {.value = &edit->value, .resize = resize, .store = store},
                               .edit = edit};
    if (!edit_exists(edit)) edit->value = (struct value){.type = NULL};
    return &home->home;
}
