/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/list_value.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "harness/memory_home.h"
#include "unit/structures/packed_bytes.h"

/* A list that is an array of texts. */
#define ELEMENTS_MAX 4000
struct model {
    struct bytes elements[ELEMENTS_MAX];
    size_t count;
};

static struct bytes text_of(struct random *random, size_t longest) {
    size_t len = random_below(random, longest) + 1;
    char *text = malloc(len + 24);
    if (random_below(random, 3) == 0) {
        int64_t number = (int64_t)random_below(random, 1000000) - 500000;
        len = (size_t)snprintf(text, 24, "%ld", (long)number);
    } else {
        memset(text, (int)('a' + random_below(random, 3)), len);
    }
    return bytes_make(text, len);
}

static void model_insert(struct model *model, size_t index, struct bytes element) {
    memmove(model->elements + index + 1, model->elements + index,
            (model->count - index) * sizeof(element));
    model->elements[index] = element;
    model->count++;
}

static void model_remove(struct model *model, size_t index) {
    free((char *)(uintptr_t)model->elements[index].data);
    model->count--;
    memmove(model->elements + index, model->elements + index + 1,
            (model->count - index) * sizeof(struct bytes));
}

static bool item_is(const struct packed_item *item, struct bytes text) {
    char scratch[TEXT_INTEGER_MAX];
    return bytes_equal(packed_item_text(item, scratch), text);
}

static void expect_same(const struct value *value, const struct model *model) {
    cr_assert_eq(list_count(value), model->count);
    struct list_walk walk;
    bool on = list_walk_start(&walk, value, 0);
    for (size_t i = 0; i < model->count; i++) {
        cr_assert(on);
        cr_assert(item_is(&walk.item, model->elements[i]), "element %zu of %zu", i, model->count);
        on = list_walk_next(&walk);
    }
    cr_assert_not(on);
    on = list_walk_start(&walk, value, model->count - 1);
    for (size_t i = model->count; i-- > 0;) {
        cr_assert(on);
        cr_assert(item_is(&walk.item, model->elements[i]));
        on = list_walk_previous(&walk);
    }
    cr_assert_not(on);
}

/* What is saved and read again is the same list. */
static void expect_round_trip(const struct value *value, const struct model *model) {
    struct encoder encoder;
    encoder_init(&encoder);
    list_type.save(value, &encoder);
    struct decoder decoder;
    decoder_init(&decoder, encoder_bytes(&encoder));
    struct value loaded;
    cr_assert_eq(list_type.load(&decoder, 18, &loaded), OUTCOME_OK);
    expect_same(&loaded, model);
    if (loaded.storage == VALUE_BOXED) list_destroy(loaded.boxed);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

static void push_some(struct value_home *home, const struct collection_limits *limits,
                      struct model *model, struct random *random, size_t longest) {
    struct bytes elements[3];
    size_t count = random_below(random, 3) + 1;
    bool front = random_below(random, 2) == 0;
    for (size_t i = 0; i < count; i++) elements[i] = text_of(random, longest);
    cr_assert(list_push(home, limits, front, elements, count));
    for (size_t i = 0; i < count; i++) model_insert(model, front ? 0 : model->count, elements[i]);
}

static void drop_some(struct value_home *home, const struct collection_limits *limits,
                      struct model *model, struct random *random) {
    size_t count = random_below(random, model->count < 40 ? model->count : 40);
    bool front = random_below(random, 2) == 0;
    if (count == 0) return;
    list_drop(home, limits, front, count);
    for (size_t i = 0; i < count; i++) model_remove(model, front ? 0 : model->count - 1);
}

static void insert_one(struct value_home *home, const struct collection_limits *limits,
                       struct model *model, struct random *random, size_t longest) {
    struct bytes pivot = model->elements[random_below(random, model->count)];
    struct bytes element = text_of(random, longest);
    bool after = random_below(random, 2) == 0;
    cr_assert_eq(list_insert(home, limits, pivot, after, element), LIST_INSERTED);
    size_t at = 0;
    while (!bytes_equal(model->elements[at], pivot)) at++;
    model_insert(model, at + after, element);
}

static void remove_equal(struct value_home *home, const struct collection_limits *limits,
                         struct model *model, struct random *random) {
    struct bytes chosen = model->elements[random_below(random, model->count)];
    char *copy = malloc(chosen.len + 1);
    struct bytes element = bytes_make(memcpy(copy, chosen.data, chosen.len), chosen.len);
    size_t limit = random_below(random, 3) + 1, removed = 0;
    bool from_back = random_below(random, 2) == 0;
    if (model->count <= limit) {
        free(copy);
        return;
    }
    for (size_t i = 0; i < model->count && removed < limit;) {
        size_t at = from_back ? model->count - 1 - i : i;
        if (!bytes_equal(model->elements[at], element)) {
            i++;
            continue;
        }
        model_remove(model, at);
        removed++;
    }
    cr_assert_eq(list_remove(home, limits, element, limit, from_back), removed);
    free(copy);
}

static void follow_a_model(uint64_t seed, int32_t packed_size, size_t longest) {
    struct model *model = calloc(1, sizeof(*model));
    struct random random;
    random_init(&random, seed);
    struct collection_limits limits = COLLECTION_LIMITS_DEFAULT;
    limits.list_packed_size = packed_size;
    struct memory_home home;
    memory_home_init(&home);
    for (int step = 0; step < 3000; step++) {
        bool full = model->count > ELEMENTS_MAX - 8;
        size_t choice = random_below(&random, 16);
        if (model->count == 0 || (choice < 10 && !full)) {
            push_some(&home.home, &limits, model, &random, longest);
        } else if (choice < 12 || full) {
            drop_some(&home.home, &limits, model, &random);
        } else if (choice == 12) {
            size_t index = random_below(&random, model->count);
            struct bytes element = text_of(&random, longest);
            cr_assert(list_replace(&home.home, &limits, index, element));
            free((char *)(uintptr_t)model->elements[index].data);
            model->elements[index] = element;
        } else if (choice < 15) {
            insert_one(&home.home, &limits, model, &random, longest);
        } else {
            remove_equal(&home.home, &limits, model, &random);
        }
        if (step % 40 == 0) expect_same(&home.value, model);
        if (step % 500 == 0) expect_round_trip(&home.value, model);
    }
    expect_same(&home.value, model);
    expect_round_trip(&home.value, model);
    memory_home_deinit(&home);
    while (model->count > 0) model_remove(model, model->count - 1);
    free(model);
}

Test(list_value, follows_a_model_of_short_elements) { follow_a_model(1, -2, 20); }
Test(list_value, follows_a_model_with_small_blocks) { follow_a_model(2, 5, 30); }
Test(list_value, follows_a_model_of_elements_larger_than_a_block) { follow_a_model(3, -1, 9000); }

Test(list_value, leaves_no_memory_behind) {
    size_t before = memory_used_bytes();
    follow_a_model(4, 3, 200);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(list_value, refuses_payloads_of_nothing_and_cut_ones) {
    static const uint8_t bytes[] = {1, 2, 11, 11, 0, 0, 0, 2, 0, 0x81, 'a', 2, 0xff};
    for (size_t len = 0; len < sizeof(bytes); len++) {
        struct decoder decoder;
        decoder_init(&decoder, bytes_make(bytes, len));
        struct value value;
        cr_assert_neq(list_type.load(&decoder, 18, &value), OUTCOME_OK, "%zu bytes", len);
        decoder_deinit(&decoder);
    }
    struct decoder decoder;
    static const uint8_t nothing[] = {0};
    decoder_init(&decoder, bytes_make(nothing, 1));
    struct value value;
    cr_assert_neq(list_type.load(&decoder, 18, &value), OUTCOME_OK);
    decoder_deinit(&decoder);
}

/* --- what others wrote --- */

/* Loads hexadecimal digits as this RDB type; false when they are refused. */
static bool load_hex(const char *digits, uint32_t rdb_type, struct value *value,
                     struct decoder *decoder, struct bytes *bytes) {
    *bytes = packed_from_hex(digits);
    decoder_init(decoder, *bytes);
    return list_type.load(decoder, rdb_type, value) == OUTCOME_OK;
}

static void expect_elements(const char *digits, uint32_t rdb_type, const char *const *texts,
                            size_t count) {
    struct value value;
    struct decoder decoder;
    struct bytes bytes;
    cr_assert(load_hex(digits, rdb_type, &value, &decoder, &bytes), "%s", digits);
    cr_assert_eq(list_count(&value), count);
    struct list_walk walk;
    bool on = list_walk_start(&walk, &value, 0);
    for (size_t i = 0; i < count; i++, on = list_walk_next(&walk)) {
        cr_assert(on);
        cr_assert(item_is(&walk.item, bytes_of(texts[i])), "%s: element %zu", digits, i);
    }
    cr_assert_not(on);
    if (value.storage == VALUE_BOXED) list_destroy(value.boxed);
    decoder_deinit(&decoder);
    packed_discard(bytes);
}

#define TWO_ENTRIES "11000000 0d000000 0200 00 0161 03 0162 ff" /* a ziplist of "a" and "b" */
#define ONE_NUMBER "0d000000 0a000000 0100 00 f8 ff"            /* of 7 */

Test(list_value, reads_texts_ziplists_and_rows_of_ziplists) {
    static const char *const texts[] = {"a", "b"};
    static const char *const row[] = {"a", "b", "7"};
    static const char *const split[] = {"a", "b", "7"};
    expect_elements("02 0161 0162", 1, texts, 2);
    expect_elements("11" TWO_ENTRIES, 10, texts, 2);
    expect_elements("02 11" TWO_ENTRIES "0d" ONE_NUMBER, 14, row, 3);
    /* a plain element and a packed list */
    expect_elements("02 01 0161 02 0c 0c000000 0200 816202 0701 ff", 18, split, 3);
}

Test(list_value, refuses_other_containers_and_parts_that_are_wrong) {
    static const struct {
        const char *digits;
        uint32_t rdb_type;
    } wrong[] = {
        {"01 03 0161", 18},                                      /* no such container */
        {"01 00 0161", 18},                                      /* nor this */
        {"01 02 07 07000000 0000 ff", 18},                       /* a list of nothing */
        {"02 01 0161", 18},                                      /* the second is missing */
        {"01 02 05 07000000 00", 18},                            /* no packed list */
        {"01 11 11000000 0d000000 0300 00 0161 03 0162 ff", 14}, /* a wrong count */
        {"11 11000000 0d000000 0200 00 0161 04 0162 ff", 10},    /* a wrong length before */
        {"03 0161 0162", 1},                                     /* too few texts */
        {"81ffffffffffffffff 0161", 1},                          /* absurdly many */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct value value;
        struct decoder decoder;
        struct bytes bytes;
        cr_assert_not(load_hex(wrong[i].digits, wrong[i].rdb_type, &value, &decoder, &bytes),
                      "number %zu: %s", i, wrong[i].digits);
        decoder_deinit(&decoder);
        packed_discard(bytes);
    }
}

/* Each byte changed in several ways, and every length cut: refused, or a list that can be used. */
static void load_damaged(struct bytes saved) {
    for (size_t i = 0; i < saved.len; i++) {
        for (unsigned change = 0; change < 4; change++) {
            size_t len = change == 0 ? i : saved.len;
            char *copy = malloc(len + 1);
            memcpy(copy, saved.data, len);
            if (change > 0) copy[i] = (char)(copy[i] ^ (change == 1 ? 0xff : change == 2 ? 1 : 16));
            struct decoder decoder;
            struct value value;
            decoder_init(&decoder, bytes_make(copy, len));
            if (list_type.load(&decoder, 18, &value) == OUTCOME_OK) {
                struct value_digest digest = {{0}};
                list_type.digest(&value, &digest);
                if (value.storage == VALUE_BOXED) list_destroy(value.boxed);
            }
            decoder_deinit(&decoder);
            free(copy);
        }
    }
}

Test(list_value, survives_damaged_payloads) {
    struct random random;
    random_init(&random, 5);
    struct list *list = list_create();
    struct collection_limits limits = COLLECTION_LIMITS_DEFAULT;
    for (int i = 0; i < 150; i++) {
        struct bytes element = text_of(&random, i == 70 ? 9000 : 40);
        cr_assert(list_append(list, &limits, element));
        free((char *)(uintptr_t)element.data);
    }
    struct value value = {
        .type = &list_type, .storage = VALUE_BOXED, .encoding = LIST_BLOCKS, .boxed = list};
    struct encoder encoder;
    encoder_init(&encoder);
    list_type.save(&value, &encoder);
    load_damaged(encoder_bytes(&encoder));
    encoder_deinit(&encoder);
    list_destroy(list);
}
