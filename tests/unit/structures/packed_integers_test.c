/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of integers against bytes that real servers dumped and against a sorted array. */
#include "structures/packed_integers.h"

#include <criterion/criterion.h>
#include <signal.h>

#include "base/random.h"
#include "unit/structures/packed_bytes.h"

static struct random chance;

static uint8_t *empty_set(void) {
    uint8_t *set = malloc(PACKED_INTEGERS_EMPTY_BYTES);
    cr_assert_not_null(set);
    packed_integers_init_empty(set);
    return set;
}

static uint8_t *carry_out(uint8_t *set, const struct packed_integers_change *change) {
    if (change->bytes_after > change->bytes_before) set = realloc(set, change->bytes_after);
    cr_assert_not_null(set);
    packed_integers_apply(set, change);
    cr_assert_eq(packed_integers_bytes_total(set), change->bytes_after);
    if (change->bytes_after < change->bytes_before) set = realloc(set, change->bytes_after);
    cr_assert_not_null(set);
    return set;
}

static uint8_t *insert(uint8_t *set, int64_t value) {
    uint32_t index;
    if (packed_integers_find(set, value, &index)) return set;
    struct packed_integers_change change = packed_integers_plan_insert(set, index, value);
    return carry_out(set, &change);
}

static struct bytes bytes_of_set(const uint8_t *set) {
    return bytes_make(set, packed_integers_bytes_total(set));
}

Test(packed_integers, is_byte_for_byte_what_redis_and_valkey_dump) {
    uint8_t *set = insert(insert(insert(empty_set(), 5), -300), 70000);
    struct bytes wanted = packed_from_hex("0400000003000000d4feffff0500000070110100");
    cr_assert(bytes_equal(bytes_of_set(set), wanted));
    cr_assert(packed_integers_validate(wanted));
    cr_assert_eq(packed_integers_get(set, 0), -300);
    cr_assert_eq(packed_integers_get(set, 2), 70000);
    packed_discard(wanted);
    free(set);
}

/* --- against a sorted array --- */

enum { MODEL_MAX = 600 };

struct model {
    int64_t values[MODEL_MAX];
    uint32_t count;
};

static uint32_t model_index(const struct model *model, int64_t value) {
    uint32_t index = 0;
    while (index < model->count && model->values[index] < value) index++;
    return index;
}

static int64_t random_value(unsigned bits) {
    int64_t value = (int64_t)(random_next(&chance) >> (64 - bits));
    return random_below(&chance, 2) == 0 ? value : -value - 1;
}

static void check_all(const uint8_t *set, const struct model *model) {
    cr_assert_eq(packed_integers_count(set), model->count);
    cr_assert(packed_integers_validate(bytes_of_set(set)));
    for (uint32_t i = 0; i < model->count; i++)
        cr_assert_eq(packed_integers_get(set, i), model->values[i]);
}

static uint8_t *step(uint8_t *set, struct model *model, int64_t value, uint32_t size) {
    uint32_t index, wanted = model_index(model, value);
    bool is_there = wanted < model->count && model->values[wanted] == value;
    cr_assert_eq(packed_integers_find(set, value, &index), is_there);
    cr_assert_eq(packed_integers_has(set, value), is_there);
    cr_assert_eq(index, wanted);
    size_t behind = (model->count - index) * sizeof(int64_t);
    if (!is_there && model->count < size) {
        struct packed_integers_change change = packed_integers_plan_insert(set, index, value);
        memmove(&model->values[index + 1], &model->values[index], behind);
        model->values[index] = value;
        model->count++;
        return carry_out(set, &change);
    }
    if (model->count == 0) return set;
    if (!is_there) index = (uint32_t)random_below(&chance, model->count);
    struct packed_integers_change change = packed_integers_plan_remove(set, index);
    model->count--;
    memmove(&model->values[index], &model->values[index + 1],
            (model->count - index) * sizeof(int64_t));
    return carry_out(set, &change);
}

Test(packed_integers, holds_what_a_sorted_array_holds) {
    static const unsigned bits[] = {4, 15, 16, 31, 32, 63};
    static struct model model;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_init(&chance, seed);
        model.count = 0;
        uint8_t *set = empty_set();
        uint32_t size = seed % 3 == 0 ? MODEL_MAX - 1 : 12;
        unsigned most = bits[seed % COUNT_OF(bits)];
        for (int i = 0; i < 1500; i++) {
            /* Wider ones come late, so that sets of every size are widened. */
            unsigned some = i < 1000 ? bits[seed / 6 % 6] : most;
            set = step(set, &model, random_value(some < most ? some : most), size);
            if (i % 100 == 0) check_all(set, &model);
        }
        check_all(set, &model);
        free(set);
    }
}

Test(packed_integers, widens_at_either_end) {
    static const int64_t values[] = {INT16_MAX + 1,          INT16_MIN - 1, INT32_MAX + (int64_t)1,
                                     INT32_MIN - (int64_t)1, INT64_MAX,     INT64_MIN};
    static const uint32_t widths[] = {4, 4, 8, 8, 8, 8};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        uint8_t *set = empty_set();
        for (int64_t value = 0; value < 50; value++) set = insert(set, value);
        cr_assert_eq(packed_integers_width(set), 2);
        set = insert(set, values[i]);
        cr_assert_eq(packed_integers_width(set), widths[i]);
        cr_assert_eq(packed_integers_get(set, values[i] < 0 ? 0 : 50), values[i]);
        for (uint32_t at = 0; at < 50; at++)
            cr_assert_eq(packed_integers_get(set, at + (values[i] < 0)), at);
        cr_assert(packed_integers_validate(bytes_of_set(set)));
        free(set);
    }
}

/* --- bytes of strangers --- */

Test(packed_integers, refuses_what_is_not_a_set) {
    static const struct {
        const char *digits;
        bool is_valid;
    } known[] = {
        {"", false},
        {"02000000000000", false},
        {"0200000000000000", true},
        {"0800000000000000", true},
        {"0300000000000000", false}, /* no such width */
        {"0000000000000000", false},
        {"02000000010000000100", true},
        {"020000000100000001", false},     /* cut */
        {"0200000001000000010000", false}, /* more than it says */
        {"020000000200000001000200", true},
        {"020000000200000001000100", false},        /* twice the same */
        {"020000000200000002000100", false},        /* falling */
        {"0200000002000000ffff0100", true},         /* -1, 1 */
        {"04000000020000000100000002000000", true}, /* wider than it needs to be */
        {"02000000ffffffff0100", false},            /* many more than there are */
        {"0800000000000020", false},                /* a product that does not fit 32 bits */
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct bytes input = packed_from_hex(known[i].digits);
        cr_assert_eq(packed_integers_validate(input), known[i].is_valid, "%s", known[i].digits);
        packed_discard(input);
    }
}

Test(packed_integers, stops_an_insertion_out_of_order, .signal = SIGABRT) {
    uint8_t *set = insert(empty_set(), 5);
    struct packed_integers_change change = packed_integers_plan_insert(set, 0, 7);
    set = carry_out(set, &change);
    free(set);
}

Test(packed_integers, stops_a_look_beyond_the_count, .signal = SIGABRT) {
    uint8_t *set = insert(empty_set(), 5);
    cr_assert_eq(packed_integers_get(set, 1), 0);
    free(set);
}
