/* SPDX-License-Identifier: BSD-3-Clause */
/* Combinations of bitmaps against a reference that goes bit by bit. */
#include "families/bitmap/bitmap_combine.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "base/random.h"

enum { SOURCES_MAX = 6, LEN_MAX = 20000 };

static bool naive_bit(enum bitmap_operation operation, const bool *bits, size_t count) {
    size_t set = 0;
    for (size_t i = 0; i < count; i++) set += bits[i];
    size_t others = set - bits[0];
    switch (operation) {
    case BITMAP_AND: return set == count;
    case BITMAP_OR: return set > 0;
    case BITMAP_XOR: return set % 2 == 1;
    case BITMAP_NOT: return !bits[0];
    case BITMAP_DIFF: return bits[0] && others == 0;
    case BITMAP_DIFF1: return !bits[0] && others > 0;
    case BITMAP_ANDOR: return bits[0] && others > 0;
    default: return set == 1;
    }
}

static bool bit_of(struct bytes bytes, size_t at) {
    return at / 8 < bytes.len && ((unsigned char)bytes.data[at / 8] >> (7 - at % 8) & 1);
}

static void check(enum bitmap_operation operation, const struct bytes *sources, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        if (sources[i].len > len) len = sources[i].len;
    char *out = memory_allocate(len + 1);
    memset(out, 0x5a, len + 1);
    bitmap_combine(operation, sources, count, out, len);
    cr_assert_eq(out[len], 0x5a, "a byte was written behind the end");
    for (size_t at = 0; at < len * 8; at++) {
        bool bits[SOURCES_MAX] = {false};
        for (size_t i = 0; i < count; i++) bits[i] = bit_of(sources[i], at);
        cr_assert_eq(bit_of(bytes_make(out, len), at), naive_bit(operation, bits, count),
                     "operation %d, %zu sources, bit %zu of %zu bytes", operation, count, at, len);
    }
    char *plain = memory_allocate(len + 1);
    bitmap_combine_plain(operation, sources, count, plain, len);
    cr_assert(bytes_equal(bytes_make(plain, len), bytes_make(out, len)));
    memory_free(plain);
    memory_free(out);
}

static size_t least_sources(enum bitmap_operation operation) {
    return operation == BITMAP_DIFF || operation == BITMAP_DIFF1 || operation == BITMAP_ANDOR ? 2
                                                                                              : 1;
}

static void check_random(enum bitmap_operation operation, struct random *random, size_t len_max) {
    struct bytes sources[SOURCES_MAX];
    size_t least = least_sources(operation);
    size_t count = operation == BITMAP_NOT ? 1
                                           : least + random_below(random, SOURCES_MAX - least + 1);
    for (size_t i = 0; i < count; i++) {
        size_t len = random_below(random, len_max + 1);
        char *data = memory_allocate(len + 1);
        for (size_t j = 0; j < len; j++) data[j] = (char)random_next(random);
        sources[i] = bytes_make(data, len);
    }
    check(operation, sources, count);
    for (size_t i = 0; i < count; i++) memory_free((void *)(uintptr_t)sources[i].data);
}

Test(bitmap_combine, does_what_a_walk_over_the_bits_does) {
    struct random random;
    random_init(&random, 21);
    for (int operation = 0; operation < BITMAP_OPERATION_COUNT; operation++) {
        for (int round = 0; round < 150; round++)
            check_random((enum bitmap_operation)operation, &random, 200);
    }
}

Test(bitmap_combine, goes_on_across_its_pieces) {
    struct random random;
    random_init(&random, 22);
    for (int operation = 0; operation < BITMAP_OPERATION_COUNT; operation++) {
        for (int round = 0; round < 4; round++)
            check_random((enum bitmap_operation)operation, &random, LEN_MAX);
    }
}

Test(bitmap_combine, takes_the_same_bitmap_more_than_once) {
    struct bytes twice[] = {BYTES("\x0f\xf0"), BYTES("\x0f\xf0")};
    char out[2];
    bitmap_combine(BITMAP_XOR, twice, 2, out, 2);
    cr_assert_arr_eq(out, "\0\0", 2);
    bitmap_combine(BITMAP_ONE, twice, 2, out, 2);
    cr_assert_arr_eq(out, "\0\0", 2);
    bitmap_combine(BITMAP_ANDOR, twice, 2, out, 2);
    cr_assert_arr_eq(out, "\x0f\xf0", 2);
}
