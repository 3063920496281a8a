/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers within a bitmap against a reference that goes bit by bit. */
#include "families/bitmap/bitmap_field.h"

#include <criterion/criterion.h>

#include "base/random.h"

enum { LEN = 24 };

static int64_t naive_read(struct bytes bytes, const struct bitmap_field *field) {
    uint64_t number = 0;
    bool first = false;
    for (unsigned i = 0; i < field->bits; i++) {
        uint64_t at = field->offset + i;
        bool bit = at / 8 < bytes.len && ((unsigned char)bytes.data[at / 8] >> (7 - at % 8) & 1);
        if (i == 0) first = bit;
        number = number << 1 | bit;
    }
    if (field->is_signed && first)
        for (unsigned i = field->bits; i < 64; i++) number |= (uint64_t)1 << i;
    return (int64_t)number;
}

static void naive_write(char *data, const struct bitmap_field *field, int64_t number) {
    for (unsigned i = 0; i < field->bits; i++) {
        uint64_t at = field->offset + field->bits - 1 - i;
        unsigned char mask = (unsigned char)(1 << (7 - at % 8));
        if ((uint64_t)number >> i & 1) data[at / 8] = (char)(data[at / 8] | mask);
        else data[at / 8] = (char)(data[at / 8] & ~mask);
    }
}

static struct bitmap_field any_field(struct random *random, uint64_t offset_max) {
    struct bitmap_field field = {.is_signed = random_below(random, 2) == 1};
    field.bits = (uint8_t)(1 + random_below(random, field.is_signed ? 64 : 63));
    field.offset = random_below(random, offset_max);
    return field;
}

Test(bitmap_field, reads_and_writes_what_a_walk_over_the_bits_does) {
    struct random random;
    random_init(&random, 31);
    for (int round = 0; round < 20000; round++) {
        char data[LEN], expected[LEN];
        for (size_t i = 0; i < LEN; i++) data[i] = (char)random_next(&random);
        struct bytes bytes = bytes_make(data, random_below(&random, LEN + 1));
        struct bitmap_field field = any_field(&random, LEN * 8 + 10);
        cr_assert_eq(bitmap_field_read(bytes, &field), naive_read(bytes, &field));
        if (bitmap_field_end(&field) > LEN) continue;
        int64_t number = (int64_t)random_next(&random);
        memcpy(expected, data, LEN);
        naive_write(expected, &field, number);
        bitmap_field_write(data, &field, number);
        cr_assert_arr_eq(data, expected, LEN, "%u bits at %u", field.bits, (unsigned)field.offset);
    }
}

Test(bitmap_field, knows_where_a_field_ends) {
    struct bitmap_field field = {.offset = 0, .bits = 8};
    cr_assert_eq(bitmap_field_end(&field), 1);
    field.bits = 9;
    cr_assert_eq(bitmap_field_end(&field), 2);
    field = (struct bitmap_field){.offset = 7, .bits = 1};
    cr_assert_eq(bitmap_field_end(&field), 1);
    field = (struct bitmap_field){.offset = 7, .bits = 64};
    cr_assert_eq(bitmap_field_end(&field), 9);
}

Test(bitmap_field, reads_the_types_that_redis_knows_and_no_others) {
    struct bitmap_field field;
    cr_assert(bitmap_field_parse(BYTES("u1"), &field) && field.bits == 1 && !field.is_signed);
    cr_assert(bitmap_field_parse(BYTES("u63"), &field) && field.bits == 63);
    cr_assert(bitmap_field_parse(BYTES("i64"), &field) && field.bits == 64 && field.is_signed);
    const char *others[] = {"",
                            "u",
                            "i",
                            "8",
                            "u0",
                            "i0",
                            "u64",
                            "i65",
                            "u08",
                            "u-1",
                            "U8",
                            "I8",
                            "u8x",
                            "i 8",
                            "x8",
                            "u+8",
                            "i9223372036854775808"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        cr_assert_not(bitmap_field_parse(bytes_of(others[i]), &field), "%s", others[i]);
}

/* The bounds of small fields by trial: wrapping counts round and round. */
Test(bitmap_field, brings_numbers_into_bounds_by_each_policy) {
    for (unsigned bits = 1; bits <= 5; bits++) {
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            struct bitmap_field field = {.bits = (uint8_t)bits, .is_signed = is_signed};
            int64_t size = 1 << bits, min = is_signed ? -size / 2 : 0, max = min + size - 1;
            for (int64_t number = -100; number <= 100; number++) {
                int64_t fitting, wrapped = number;
                while (wrapped < min) wrapped += size;
                while (wrapped > max) wrapped -= size;
                cr_assert(bitmap_field_fit(&field, BITMAP_WRAP, number, &fitting));
                cr_assert_eq(fitting, wrapped);
                cr_assert(bitmap_field_fit(&field, BITMAP_SATURATE, number, &fitting));
                cr_assert_eq(fitting, number < min ? min : number > max ? max : number);
                bool fits = number >= min && number <= max;
                cr_assert_eq(bitmap_field_fit(&field, BITMAP_REFUSE, number, &fitting), fits);
                if (fits) cr_assert_eq(fitting, number);
            }
        }
    }
}

Test(bitmap_field, holds_the_bounds_of_the_widest_fields) {
    struct bitmap_field wide = {.bits = 64, .is_signed = true};
    struct bitmap_field natural = {.bits = 63};
    int64_t fitting;
    bitmap_wide beyond = (bitmap_wide)INT64_MAX + 1;
    cr_assert(bitmap_field_fit(&wide, BITMAP_WRAP, beyond, &fitting));
    cr_assert_eq(fitting, INT64_MIN);
    cr_assert(bitmap_field_fit(&wide, BITMAP_SATURATE, beyond, &fitting));
    cr_assert_eq(fitting, INT64_MAX);
    cr_assert(bitmap_field_fit(&wide, BITMAP_SATURATE, (bitmap_wide)INT64_MIN - 1, &fitting));
    cr_assert_eq(fitting, INT64_MIN);
    cr_assert_not(bitmap_field_fit(&wide, BITMAP_REFUSE, beyond, &fitting));
    cr_assert(bitmap_field_fit(&natural, BITMAP_WRAP, beyond, &fitting));
    cr_assert_eq(fitting, 0);
    cr_assert(bitmap_field_fit(&natural, BITMAP_SATURATE, -1, &fitting));
    cr_assert_eq(fitting, 0);
}
