/* SPDX-License-Identifier: BSD-3-Clause */
/* Packed lists against bytes that real servers dumped, against an array of texts under random
 * changes, and what a search must not be misled by. */
#include "structures/packed_list.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

#include "base/random.h"
#include "unit/structures/packed_bytes.h"

static struct random chance;

static uint32_t below(uint32_t bound) { return (uint32_t)random_below(&chance, bound); }

/* --- the same bytes as others write --- */

static void check_against(const char *digits, const char *const *texts, size_t count) {
    uint8_t *list = packed_new();
    for (size_t i = 0; i < count; i++) list = packed_push(list, bytes_of(texts[i]));
    struct bytes wanted = packed_from_hex(digits);
    cr_assert(bytes_equal(packed_bytes(list), wanted));
    struct packed_check check = packed_list_validate(wanted);
    cr_assert(check.is_valid && check.is_canonical);
    cr_assert_eq(check.count, count);
    cr_assert_eq(packed_list_count(list), count);
    packed_discard(wanted);
    free(list);
}

Test(packed_list, is_byte_for_byte_what_redis_7_and_8_and_valkey_9_dump_for_a_list) {
    const char *texts[] = {"0",
                           "127",
                           "128",
                           "-1",
                           "4095",
                           "-4096",
                           "4096",
                           "-4097",
                           "32767",
                           "32768",
                           "-8388608",
                           "8388608",
                           "-2147483648",
                           "2147483648",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-0",
                           "007",
                           "",
                           "a"};
    check_against("70000000140000017f01c08002dfff02cfff02d00002f1001003f1ffef03f1ff7f03f20080000"
                  "4f200008004f30000800005f30000008005f4000000800000000009f4ffffffffffffff7f0993"
                  "3932323333373230333638353437373538303814822d300383303037048001816102ff",
                  texts, COUNT_OF(texts));
}

Test(packed_list, is_byte_for_byte_what_they_dump_for_a_hash_a_sorted_set_and_a_set) {
    const char x64[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    const char *hash[] = {"name", "Ada", "born", "1815", "bio", x64};
    check_against("630000000600846e616d6505834164610484626f726e05c717028362696f04e0407878787878"
                  "7878787878787878787878787878787878787878787878787878787878787878787878787878"
                  "78787878787878787878787878787878787878787842ff",
                  hash, COUNT_OF(hash));
    const char *sorted_set[] = {"c", "-inf", "a", "1", "b", "2.5", "d", "1e+20"};
    check_against("270000000800816302842d696e6605816102010181620283322e35048164028531652b323006ff",
                  sorted_set, COUNT_OF(sorted_set));
    const char *set[] = {"b", "2", "-300"};
    check_against("0f00000003008162020201ded402ff", set, COUNT_OF(set));
}

static uint8_t *list_of_length(size_t len) {
    char *text = malloc(len + 1);
    cr_assert_not_null(text);
    memset(text, 'x', len);
    uint8_t *list = packed_push(packed_new(), bytes_make(text, len));
    list = packed_push(list, BYTES("behind"));
    free(text);
    return list;
}

Test(packed_list, spends_the_bytes_on_lengths_that_redis_spends) {
    /* Length of the text; of the entry beyond the text. 16383 and 2097151 bytes before the length
     * from behind take a byte more than they need, as in every version of Redis. */
    static const size_t known[][2] = {
        {0, 2},    {1, 2},     {63, 2},    {64, 3},    {125, 3},     {126, 4},     {4095, 4},
        {4096, 7}, {16377, 7}, {16378, 8}, {16379, 8}, {2097145, 8}, {2097146, 9}, {2097147, 9},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        uint8_t *list = list_of_length(known[i][0]);
        uint32_t second = packed_list_next(list, PACKED_LIST_FIRST);
        cr_assert_eq(second - PACKED_LIST_FIRST, known[i][0] + known[i][1], "%zu", known[i][0]);
        struct packed_item item = packed_list_get(list, PACKED_LIST_FIRST);
        cr_assert(!item.is_integer && item.text.len == known[i][0]);
        cr_assert_eq(packed_item_bytes(&item), known[i][0] + known[i][1]);
        cr_assert_eq(packed_list_previous(list, second), PACKED_LIST_FIRST);
        cr_assert_eq(packed_list_seek(list, -1), second);
        cr_assert(packed_list_validate(packed_bytes(list)).is_canonical);
        free(list);
    }
}

Test(packed_list, holds_integers_of_every_width_at_their_limits) {
    static const struct {
        int64_t value;
        size_t bytes;
    } known[] = {
        {0, 2},
        {127, 2},
        {128, 3},
        {-1, 3},
        {4095, 3},
        {-4096, 3},
        {4096, 4},
        {-4097, 4},
        {INT16_MAX, 4},
        {INT16_MIN, 4},
        {INT16_MAX + 1, 5},
        {INT16_MIN - 1, 5},
        {8388607, 5},
        {-8388608, 5},
        {8388608, 6},
        {-8388609, 6},
        {INT32_MAX, 6},
        {INT32_MIN, 6},
        {INT32_MAX + (int64_t)1, 10},
        {INT32_MIN - (int64_t)1, 10},
        {INT64_MAX, 10},
        {INT64_MIN, 10},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char text[TEXT_INTEGER_MAX];
        size_t len = text_from_integer(text, known[i].value);
        uint8_t *list = packed_push(packed_new(), bytes_make(text, len));
        cr_assert_eq(packed_list_bytes_total(list), PACKED_LIST_EMPTY_BYTES + known[i].bytes);
        struct packed_item item = packed_list_get(list, PACKED_LIST_FIRST);
        cr_assert(item.is_integer);
        cr_assert_eq(item.integer, known[i].value);
        char scratch[TEXT_INTEGER_MAX];
        cr_assert(bytes_equal(packed_item_text(&item, scratch), bytes_make(text, len)));
        free(list);
    }
}

/* --- against an array --- */

enum { MODEL_MAX = 700, MODEL_TEXT_MAX = 300 };

struct model {
    struct bytes texts[MODEL_MAX];
    uint32_t count;
};

static struct bytes random_text(void) {
    static const int64_t limits[] = {127, 4095, -4097, 32767, -32769, 8388607, -1, INT64_MIN};
    char text[MODEL_TEXT_MAX];
    size_t len;
    switch (below(8)) {
    case 0: len = text_from_integer(text, limits[below(COUNT_OF(limits))] + below(2)); break;
    case 1: len = text_from_integer(text, (int64_t)(random_next(&chance) >> below(64))); break;
    case 2: len = text_from_integer(text, below(200)); break;
    case 3: len = below(MODEL_TEXT_MAX); break;
    default: len = below(12); break;
    }
    /* Few letters, among them tags and lengths, so that bytes look like what they are not. */
    static const char letters[] = {'a', '1', '-', (char)0x81, (char)0x82, 2, 3, 'b'};
    if (below(8) >= 3)
        for (size_t i = 0; i < len; i++) text[i] = letters[below(sizeof(letters))];
    char *copy = malloc(len + 1);
    cr_assert_not_null(copy);
    memcpy(copy, text, len);
    return bytes_make(copy, len);
}

static void model_splice(struct model *model, uint32_t index, uint32_t removed,
                         const struct bytes *texts, uint32_t count) {
    for (uint32_t i = 0; i < removed; i++) packed_discard(model->texts[index + i]);
    memmove(model->texts + index + count, model->texts + index + removed,
            (model->count - index - removed) * sizeof(struct bytes));
    if (count > 0) memcpy(model->texts + index, texts, count * sizeof(struct bytes));
    model->count = model->count - removed + count;
}

static uint32_t place_of(const uint8_t *list, const struct model *model, uint32_t index) {
    if (index == model->count) return packed_list_end(list);
    return packed_list_seek(list, below(2) == 0 ? (int64_t)index : (int64_t)index - model->count);
}

static bool holds(const uint8_t *list, uint32_t at, struct bytes text) {
    char scratch[TEXT_INTEGER_MAX];
    struct packed_item item = packed_list_get(list, at), wanted = packed_item_of(text);
    return bytes_equal(packed_item_text(&item, scratch), text) && packed_list_is(list, at, &wanted);
}

static void check_all(const uint8_t *list, const struct model *model) {
    uint32_t at = PACKED_LIST_FIRST, before = PACKED_LIST_NONE;
    for (uint32_t i = 0; i < model->count; i++) {
        cr_assert(holds(list, at, model->texts[i]), "element %u", i);
        cr_assert_eq(packed_list_previous(list, at), before);
        cr_assert_eq(packed_list_seek(list, i), at);
        cr_assert_eq(packed_list_seek(list, (int64_t)i - model->count), at);
        before = at;
        at = packed_list_next(list, at);
    }
    cr_assert(packed_list_is_end(list, at));
    cr_assert_eq(at, packed_list_end(list));
    cr_assert_eq(packed_list_previous(list, at), before);
    cr_assert_eq(packed_list_count(list), model->count);
    cr_assert_eq(packed_list_seek(list, model->count), PACKED_LIST_NONE);
    cr_assert_eq(packed_list_seek(list, -1 - (int64_t)model->count), PACKED_LIST_NONE);
    struct packed_check check = packed_list_validate(packed_bytes(list));
    cr_assert(check.is_valid && check.is_canonical);
    cr_assert_eq(check.bytes_needed, packed_list_bytes_total(list));
    cr_assert_eq(check.count, model->count);
}

static void check_find(const uint8_t *list, const struct model *model, struct bytes text,
                       uint32_t from, uint32_t stride) {
    uint32_t index = from;
    while (index < model->count && !bytes_equal(model->texts[index], text)) index += stride;
    struct packed_item needle = packed_item_of(text);
    uint32_t found = packed_list_find(list, place_of(list, model, from), &needle, stride);
    uint32_t wanted = index < model->count ? packed_list_seek(list, index) : PACKED_LIST_NONE;
    cr_assert_eq(found, wanted, "element %u from %u by %u of %u", index, from, stride,
                 model->count);
}

static void check_finds(const uint8_t *list, const struct model *model) {
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t from = i < 4 ? 0 : below(model->count + 1), stride = 1 + below(3);
        if (model->count > 0)
            check_find(list, model, model->texts[below(model->count)], from, stride);
        struct bytes other = random_text();
        check_find(list, model, other, from, stride);
        packed_discard(other);
    }
}

static uint8_t *model_step(uint8_t *list, struct model *model, uint32_t size) {
    uint32_t index = below(model->count + 1);
    if (below(4) == 0) index = below(2) == 0 ? 0 : model->count;
    uint32_t removed = below(3) == 0 ? below(model->count - index + 1) : below(3);
    if (removed > model->count - index) removed = model->count - index;
    if (model->count < size && below(3) > 0) removed = 0;
    uint32_t added = model->count > size ? 0 : below(5);
    struct bytes texts[5];
    struct packed_item items[5];
    for (uint32_t i = 0; i < added; i++) {
        texts[i] = random_text();
        items[i] = packed_item_of(texts[i]);
    }
    uint32_t at = place_of(list, model, index);
    /* More than there are is all there are. */
    uint32_t asked = index + removed == model->count ? removed + below(2) * 9 : removed;
    list = packed_splice(list, at, asked, items, added);
    model_splice(model, index, removed, texts, added);
    return list;
}

static void model_run(uint64_t seed, uint32_t size, uint32_t steps) {
    random_init(&chance, seed);
    struct model model = {.count = 0};
    uint8_t *list = packed_new();
    for (uint32_t i = 0; i < steps; i++) {
        list = model_step(list, &model, size);
        if (i % 8 == 0) check_all(list, &model);
        check_finds(list, &model);
    }
    model_splice(&model, 0, model.count, NULL, 0);
    list = packed_splice(list, PACKED_LIST_FIRST, UINT32_MAX, NULL, 0);
    cr_assert(bytes_equal(packed_bytes(list), bytes_make(packed_list_empty, 7)));
    free(list);
}

Test(packed_list, holds_what_an_array_holds_when_short) {
    for (uint64_t seed = 1; seed <= 20; seed++) model_run(seed, 6, 400);
}

Test(packed_list, holds_what_an_array_holds_when_long) {
    for (uint64_t seed = 1; seed <= 4; seed++) model_run(seed, 600, 600);
}

/* --- runs: merging and splitting --- */

Test(packed_list, moves_runs_from_one_list_to_another) {
    random_init(&chance, 7);
    for (int round = 0; round < 300; round++) {
        uint8_t *whole = packed_new(), *parts[2] = {packed_new(), packed_new()};
        uint32_t count = below(40);
        for (uint32_t i = 0; i < count; i++) {
            struct bytes text = random_text();
            whole = packed_push(whole, text);
            packed_discard(text);
        }
        uint32_t split = below(count + 1);
        uint32_t at = split == count ? packed_list_end(whole) : packed_list_seek(whole, split);
        struct packed_run runs[2] = {packed_list_run(whole, PACKED_LIST_FIRST, split),
                                     packed_list_run(whole, at, UINT32_MAX)};
        cr_assert_eq(runs[0].count, split);
        cr_assert_eq(runs[1].count, count - split);
        for (int i = 0; i < 2; i++) {
            struct packed_change change = packed_list_plan_run(parts[i], PACKED_LIST_FIRST, 0,
                                                               runs[i]);
            parts[i] = packed_carry_out(parts[i], &change);
            cr_assert(packed_list_validate(packed_bytes(parts[i])).is_canonical);
            cr_assert_eq(packed_list_count(parts[i]), runs[i].count);
        }
        struct packed_run rest = packed_list_run(parts[1], PACKED_LIST_FIRST, UINT32_MAX);
        struct packed_change change = packed_list_plan_run(parts[0], packed_list_end(parts[0]), 0,
                                                           rest);
        parts[0] = packed_carry_out(parts[0], &change);
        cr_assert(bytes_equal(packed_bytes(parts[0]), packed_bytes(whole)));
        free(whole);
        free(parts[0]);
        free(parts[1]);
    }
}

/* --- searches --- */

Test(packed_list, finds_every_field_of_a_large_hash_and_no_value) {
    uint8_t *list = packed_new();
    char text[32];
    for (int i = 0; i < 2000; i++) {
        list = packed_push(list, bytes_make(text, (size_t)snprintf(text, 32, "field:%d", i)));
        list = packed_push(list, bytes_make(text, (size_t)snprintf(text, 32, "field:%d", i ^ 1)));
    }
    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t)snprintf(text, 32, "field:%d", i);
        struct packed_item needle = packed_item_of(bytes_make(text, len));
        cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 2),
                     packed_list_seek(list, i * 2));
        cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 1),
                     packed_list_seek(list, i % 2 == 0 ? i * 2 : i * 2 - 1));
        needle = packed_item_of(bytes_make(text, len - 1));
        cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 2) == PACKED_LIST_NONE,
                     i < 10);
    }
    cr_assert(packed_list_is_distinct(list, 2));
    cr_assert_not(packed_list_is_distinct(list, 1));
    free(list);
}

Test(packed_list, is_not_misled_by_texts_that_hold_whole_entries) {
    /* Each value holds the entry of the field looked for, at a different place. */
    uint8_t *needle_list = packed_push(packed_new(), BYTES("wanted:1"));
    struct bytes entry = bytes_make(needle_list + PACKED_LIST_FIRST,
                                    packed_list_bytes_total(needle_list) - PACKED_LIST_EMPTY_BYTES);
    uint8_t *list = packed_new();
    char text[200];
    for (size_t i = 0; i < 100; i++) {
        memset(text, 'x', sizeof(text));
        for (size_t at = i; at + entry.len < sizeof(text); at += 37)
            memcpy(text + at, entry.data, entry.len);
        char field[16];
        list = packed_push(list, bytes_make(field, (size_t)snprintf(field, 16, "other:%zu", i)));
        list = packed_push(list, bytes_make(text, sizeof(text)));
    }
    struct packed_item needle = packed_item_of(BYTES("wanted:1"));
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 2), PACKED_LIST_NONE);
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 1), PACKED_LIST_NONE);
    uint32_t end = packed_list_end(list);
    list = packed_push(list, BYTES("wanted:1"));
    list = packed_push(list, BYTES("wanted:1"));
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 2), end);
    cr_assert_not(packed_list_is_distinct(list, 1));
    free(list);
    free(needle_list);
}

Test(packed_list, finds_long_texts_that_differ_at_one_end_only) {
    static const size_t lens[] = {7, 8, 9, 62, 63, 64, 127, 4095, 4096, 20000};
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        char *text = malloc(lens[i]);
        cr_assert_not_null(text);
        uint8_t *list = packed_new();
        for (int which = 0; which < 3; which++) {
            memset(text, 'x', lens[i]);
            if (which == 0) text[0] = 'y';
            if (which == 1) text[lens[i] - 1] = 'y';
            list = packed_push(list, bytes_make(text, lens[i]));
        }
        struct packed_item needle = packed_item_of(bytes_make(text, lens[i]));
        cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 1),
                     packed_list_seek(list, 2));
        text[lens[i] / 2] = 'z';
        cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 1), PACKED_LIST_NONE);
        free(text);
        free(list);
    }
}

/* --- more elements than the header counts --- */

Test(packed_list, counts_by_walking_once_there_are_65535_and_knows_again_when_it_got_short) {
    uint8_t *list = packed_new();
    struct packed_item items[1000];
    for (size_t i = 0; i < COUNT_OF(items); i++) items[i] = packed_item_of_integer((int64_t)i);
    for (int i = 0; i < 66; i++)
        list = packed_splice(list, packed_list_end(list), 0, items, COUNT_OF(items));
    cr_assert_eq(packed_list_count(list), 66000);
    cr_assert_eq(list[4] | list[5] << 8, 65535);
    cr_assert(packed_list_validate(packed_bytes(list)).is_canonical);
    struct packed_item needle = packed_item_of_integer(999);
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &needle, 1),
                 packed_list_seek(list, 999));
    uint32_t last = packed_list_seek(list, 65999);
    cr_assert_eq(packed_list_find(list, packed_list_seek(list, 65000), &needle, 1), last);
    cr_assert_eq(packed_list_seek(list, -1), last);
    cr_assert_eq(packed_list_seek(list, 66000), PACKED_LIST_NONE);
    cr_assert_eq(packed_list_seek(list, -66001), PACKED_LIST_NONE);

    /* Searches from the nearer end must not believe the header. */
    struct packed_item pair[2] = {packed_item_of(BYTES("name")), packed_item_of(BYTES("value"))};
    uint32_t at = packed_list_end(list);
    list = packed_splice(list, at, 0, pair, 2);
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &pair[0], 2), at);
    cr_assert_eq(packed_list_find(list, PACKED_LIST_FIRST, &pair[1], 2), PACKED_LIST_NONE);
    list = packed_splice(list, at, 2, NULL, 0);

    list = packed_splice(list, packed_list_seek(list, 10), 500, NULL, 0);
    cr_assert_eq(packed_list_count(list), 65500);
    cr_assert(packed_list_validate(packed_bytes(list)).is_valid);
    list = packed_splice(list, PACKED_LIST_FIRST, 30000, NULL, 0);
    cr_assert_eq(packed_list_count(list), 35500);
    cr_assert_eq(list[4] | list[5] << 8, 35500);
    free(list);
}

/* --- mistakes of ours --- */

Test(packed_list, stops_a_step_beyond_the_end, .signal = SIGABRT) {
    uint32_t at = packed_list_next(packed_list_empty, PACKED_LIST_FIRST);
    cr_assert_fail("a place %u", at);
}

Test(packed_list, stops_a_change_of_another_list_than_planned, .signal = SIGABRT) {
    uint8_t *list = packed_new();
    struct packed_item item = packed_item_of_integer(1);
    struct packed_change change = packed_list_plan(list, PACKED_LIST_FIRST, 0, &item, 1);
    list = packed_carry_out(list, &change);
    list = packed_carry_out(list, &change);
    free(list);
}

Test(packed_list, stops_items_that_lie_in_the_list_itself, .signal = SIGABRT) {
    uint8_t *list = packed_push(packed_new(), BYTES("text"));
    struct packed_item item = packed_list_get(list, PACKED_LIST_FIRST);
    list = packed_splice(list, PACKED_LIST_FIRST, 0, &item, 1);
    free(list);
}
