/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that claim to be a packed list. What is accepted is brought to canonical form, read in
 * every way there is, and then changed at random, as the rest of the input says, next to a plain
 * array of texts that must stay the same. The first two bytes say how long the list is. */
#include <assert.h>
#include <stdlib.h>

#include "structures/packed_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MODEL_MAX = 256, STEPS_MAX = 24, ITEMS_MAX = 3 };

struct model {
    struct bytes texts[MODEL_MAX];
    uint32_t count;
};

static struct bytes copy_of(struct bytes bytes) {
    char *copy = malloc(bytes.len + 1);
    assert(copy != NULL);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    return bytes_make(copy, bytes.len);
}

static void discard(struct bytes bytes) { free((void *)(uintptr_t)bytes.data); }

/* Reads all, forth and back, by index and by search; fills the model when the list is short. */
static void read_all(const uint8_t *list, struct model *model) {
    uint32_t count = packed_list_count(list), index = 0, before = PACKED_LIST_NONE;
    model->count = 0;
    uint32_t at = PACKED_LIST_FIRST;
    for (; !packed_list_is_end(list, at); at = packed_list_next(list, at), index++) {
        struct packed_item item = packed_list_get(list, at);
        char scratch[TEXT_INTEGER_MAX];
        struct bytes text = packed_item_text(&item, scratch);
        struct packed_item again = packed_item_of(text);
        assert(packed_item_equal(&item, &again) && packed_list_is(list, at, &again));
        assert(packed_list_previous(list, at) == before);
        if (index < MODEL_MAX && count <= MODEL_MAX) model->texts[model->count++] = copy_of(text);
        before = at;
        if (index % 16 != 0) continue;
        assert(packed_list_seek(list, index) == at);
        assert(packed_list_seek(list, (int64_t)index - count) == at);
        assert(packed_list_find(list, at, &item, 1 + index % 3) == at);
        uint32_t first = packed_list_find(list, PACKED_LIST_FIRST, &item, 1);
        assert(first != PACKED_LIST_NONE && first <= at && packed_list_is(list, first, &item));
    }
    assert(index == count && at == packed_list_end(list));
    assert(packed_list_previous(list, at) == before);
    if (count <= MODEL_MAX) {
        (void)packed_list_is_distinct(list, 1);
        (void)packed_list_is_distinct(list, 2);
    }
}

static void forget(struct model *model) {
    for (uint32_t i = 0; i < model->count; i++) discard(model->texts[i]);
    model->count = 0;
}

static void compare(const uint8_t *list, const struct model *model) {
    struct packed_check check = packed_list_validate(
        bytes_make(list, packed_list_bytes_total(list)));
    assert(check.is_valid && check.is_canonical && check.count == model->count);
    assert(packed_list_count(list) == model->count);
    uint32_t at = PACKED_LIST_FIRST;
    for (uint32_t i = 0; i < model->count; i++, at = packed_list_next(list, at)) {
        struct packed_item wanted = packed_item_of(model->texts[i]);
        assert(packed_list_is(list, at, &wanted));
    }
    assert(packed_list_is_end(list, at));
}

static void find(const uint8_t *list, const struct model *model, struct bytes text,
                 uint32_t stride) {
    uint32_t index = 0;
    while (index < model->count && !bytes_equal(model->texts[index], text)) index += stride;
    uint32_t wanted = index < model->count ? packed_list_seek(list, index)
                                           : (uint32_t)PACKED_LIST_NONE;
    struct packed_item needle = packed_item_of(text);
    assert(packed_list_find(list, PACKED_LIST_FIRST, &needle, stride) == wanted);
}

/* What the rest of the input says, byte by byte; zeros when it is over. */
struct script {
    const uint8_t *at;
    size_t left;
};

static uint8_t byte_of(struct script *script) {
    if (script->left == 0) return 0;
    script->left--;
    return *script->at++;
}

static struct bytes text_of(struct script *script, const struct model *model) {
    uint8_t kind = byte_of(script);
    if (kind < 64 && model->count > 0) return copy_of(model->texts[kind % model->count]);
    if (kind < 96) {
        char text[TEXT_INTEGER_MAX];
        uint64_t value = 0;
        for (int i = 0; i < 1 + kind % 8; i++) value = value << 8 | byte_of(script);
        return copy_of(bytes_make(text, text_from_integer(text, (int64_t)value)));
    }
    size_t len = kind % 80;
    if (len > script->left) len = script->left;
    struct bytes text = copy_of(bytes_make(script->at, len));
    script->at += len;
    script->left -= len;
    return text;
}

static uint8_t *step(uint8_t *list, struct model *model, struct script *script) {
    uint32_t index = byte_of(script) % (model->count + 1);
    uint32_t removed = byte_of(script) % 8;
    if (removed > model->count - index) removed = model->count - index;
    uint32_t added = byte_of(script) % (ITEMS_MAX + 1);
    if (model->count - removed + added > MODEL_MAX) added = 0;
    struct packed_item items[ITEMS_MAX];
    struct bytes texts[ITEMS_MAX];
    for (uint32_t i = 0; i < added; i++) {
        texts[i] = text_of(script, model);
        items[i] = packed_item_of(texts[i]);
        find(list, model, texts[i], 1 + i);
    }
    uint32_t at = index == model->count ? packed_list_end(list)
                                        : packed_list_seek(list, (int64_t)index);
    struct packed_change change = packed_list_plan(list, at, removed, items, added);
    if (change.bytes_after > change.bytes_before) list = realloc(list, change.bytes_after);
    packed_list_apply(list, &change);
    if (change.bytes_after < change.bytes_before) list = realloc(list, change.bytes_after);
    assert(list != NULL);

    for (uint32_t i = 0; i < removed; i++) discard(model->texts[index + i]);
    memmove(model->texts + index + added, model->texts + index + removed,
            (model->count - index - removed) * sizeof(struct bytes));
    for (uint32_t i = 0; i < added; i++) model->texts[index + i] = texts[i];
    model->count = model->count - removed + added;
    compare(list, model);
    return list;
}

/* Copies a part into a list of its own, and back to the end. */
static uint8_t *duplicate_run(uint8_t *list, const struct model *model) {
    if (model->count < 2) return list;
    struct packed_run run = packed_list_run(list, packed_list_seek(list, 1), model->count / 2);
    assert(run.count == model->count / 2);
    struct packed_change change = packed_list_plan_run(packed_list_empty, PACKED_LIST_FIRST, 0,
                                                       run);
    uint8_t *part = malloc(change.bytes_after);
    assert(part != NULL);
    packed_list_init_empty(part);
    packed_list_apply(part, &change);
    assert(packed_list_validate(bytes_make(part, change.bytes_after)).is_canonical);
    run = packed_list_run(part, PACKED_LIST_FIRST, UINT32_MAX);
    change = packed_list_plan_run(list, packed_list_end(list), 0, run);
    list = realloc(list, change.bytes_after);
    assert(list != NULL);
    packed_list_apply(list, &change);
    assert(packed_list_count(list) == model->count + run.count);
    free(part);
    return list;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t len = (size_t)data[0] | (size_t)data[1] << 8;
    data += 2;
    size -= 2;
    if (len > size) len = size;
    struct bytes input = copy_of(bytes_make(data, len));
    /* Exactly its size. */
    input.data = realloc((void *)(uintptr_t)input.data, len + (len == 0));
    struct packed_check check = packed_list_validate(input);
    if (check.is_valid) {
        static struct model model; /* state: large; emptied after each input */
        uint8_t *list = malloc(check.bytes_needed);
        assert(list != NULL);
        packed_list_rewrite(input, list);
        struct bytes rewritten = bytes_make(list, check.bytes_needed);
        struct packed_check again = packed_list_validate(rewritten);
        assert(again.is_canonical && again.count == check.count);
        if (check.is_canonical) {
            /* Only the count may have been unknown. */
            assert(input.len == rewritten.len);
            assert(memcmp(input.data + PACKED_LIST_FIRST, list + PACKED_LIST_FIRST,
                          input.len - PACKED_LIST_FIRST) == 0);
        }
        read_all(list, &model);
        if (check.count <= MODEL_MAX) {
            struct script script = {data + len, size - len};
            for (int i = 0; i < STEPS_MAX && script.left > 0; i++)
                list = step(list, &model, &script);
            list = duplicate_run(list, &model);
        }
        forget(&model);
        free(list);
    }
    discard(input);
    return 0;
}
