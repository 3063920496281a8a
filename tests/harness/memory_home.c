/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/memory_home.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct memory_home *home) {
    if (home->value.type != NULL && home->value.storage == VALUE_BOXED)
        home->value.type->destroy(home->value.boxed);
    free(home->block);
    home->block = NULL;
}

static void move(struct memory_home *home, const void *bytes, size_t kept, size_t len) {
    uint8_t *block = malloc(len > 0 ? len : 1);
    if (kept > 0) memcpy(block, bytes, kept);
    free(home->block);
    home->block = block;
    home->value.inlined = bytes_make(block, len);
}

static uint8_t *resize(struct value_home *value_home, size_t len) {
    struct memory_home *home = (struct memory_home *)value_home;
    struct bytes old = home->value.inlined;
    move(home, old.data, old.len < len ? old.len : len, len);
    return home->block;
}

static bool store(struct value_home *value_home, const struct value *value) {
    struct memory_home *home = (struct memory_home *)value_home;
    drop(home);
    home->value = *value;
    if (value->storage == VALUE_INLINED)
        move(home, value->inlined.data, value->inlined.len, value->inlined.len);
    return true;
}

void memory_home_init(struct memory_home *home) {
    *home = (struct memory_home){.home = {.resize = resize, .store = store}};
    home->home.value = &home->value;
}

void memory_home_deinit(struct memory_home *home) {
    drop(home);
    home->value = (struct value){.type = NULL};
}
