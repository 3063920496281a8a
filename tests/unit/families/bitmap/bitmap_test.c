/* SPDX-License-Identifier: BSD-3-Clause */
/* Single bits, counts and searches against a reference that goes bit by bit. */
#include "families/bitmap/bitmap.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "base/random.h"
#include "families/bitmap/bitmap_count.h"

enum { LEN_MAX = 700 };

static bool bit_of(struct bytes bytes, uint64_t at) {
    return ((unsigned char)bytes.data[at / 8] & (1 << (7 - at % 8))) != 0;
}

static uint64_t naive_count(struct bytes bytes, uint64_t first, uint64_t end) {
    uint64_t count = 0;
    for (; first < end; first++) count += bit_of(bytes, first);
    return count;
}

static uint64_t naive_find(struct bytes bytes, bool bit, uint64_t first, uint64_t end) {
    for (; first < end; first++)
        if (bit_of(bytes, first) == bit) return first;
    return BITMAP_NONE;
}

/* Mostly runs of one byte, so that searches go far: what is found is rare. */
static struct bytes fill(char *data, struct random *random) {
    size_t len = random_below(random, LEN_MAX + 1);
    uint64_t kind = random_below(random, 3);
    memset(data, kind == 0 ? 0 : 0xff, len);
    if (kind == 2) {
        for (size_t i = 0; i < len; i++) data[i] = (char)random_next(random);
    } else if (len > 0) {
        for (uint64_t flips = random_below(random, 3); flips > 0; flips--)
            data[random_below(random, len)] ^= (char)(1 << random_below(random, 8));
    }
    return bytes_make(data, len);
}

Test(bitmap, counts_and_finds_what_a_walk_over_the_bits_does) {
    struct random random;
    random_init(&random, 11);
    char data[LEN_MAX];
    for (int round = 0; round < 4000; round++) {
        struct bytes bytes = fill(data, &random);
        uint64_t bits = (uint64_t)bytes.len * 8;
        uint64_t first = random_below(&random, bits + 1);
        uint64_t end = first + random_below(&random, bits - first + 1);
        if (round % 4 == 0) first = 0;
        if (round % 5 == 0) end = bits;
        cr_assert_eq(bitmap_count_range(bytes, first, end), naive_count(bytes, first, end));
        for (int bit = 0; bit < 2; bit++)
            cr_assert_eq(bitmap_find(bytes, bit, first, end), naive_find(bytes, bit, first, end));
    }
}

Test(bitmap, finds_the_only_bit_of_its_kind_wherever_it_is) {
    char data[80];
    struct bytes bytes = bytes_make(data, sizeof(data));
    for (int bit = 0; bit < 2; bit++) {
        memset(data, bit ? 0 : 0xff, sizeof(data));
        cr_assert_eq(bitmap_find(bytes, bit, 0, sizeof(data) * 8), BITMAP_NONE);
        for (uint64_t at = 0; at < sizeof(data) * 8; at++) {
            bitmap_set(data, at, bit);
            cr_assert_eq(bitmap_find(bytes, bit, 0, sizeof(data) * 8), at);
            cr_assert_eq(bitmap_find(bytes, bit, at, at + 1), at);
            cr_assert_eq(bitmap_find(bytes, bit, 0, at), BITMAP_NONE);
            cr_assert_eq(bitmap_find(bytes, bit, at + 1, sizeof(data) * 8), BITMAP_NONE);
            bitmap_set(data, at, !bit);
        }
    }
}

Test(bitmap, sets_and_gets_bits_from_the_highest_of_the_first_byte_on) {
    char data[2] = {0};
    cr_assert_not(bitmap_set(data, 0, true));
    cr_assert_not(bitmap_set(data, 15, true));
    cr_assert(bitmap_set(data, 0, true));
    cr_assert_arr_eq(data, "\x80\x01", 2);
    cr_assert(bitmap_get(bytes_make(data, 2), 15));
    cr_assert_not(bitmap_get(bytes_make(data, 2), 14));
    cr_assert_not(bitmap_get(bytes_make(data, 2), 16));
    cr_assert_not(bitmap_get(bytes_make(data, 2), UINT64_MAX));
    cr_assert(bitmap_set(data, 15, false));
    cr_assert_arr_eq(data, "\x80\x00", 2);
}

/* An end of the block that sanitizers watch: no way may read beyond the bytes. */
Test(bitmap, counts_alike_in_every_way_that_the_processor_knows) {
    struct random random;
    random_init(&random, 12);
    int known = 0;
    for (int way = 0; way < BITMAP_COUNT_WAYS; way++) {
        if (!bitmap_count_knows((enum bitmap_count_way)way)) continue;
        known++;
        for (size_t len = 0; len < 1300; len++) {
            char *data = memory_allocate(len + 1);
            for (size_t i = 0; i < len; i++)
                data[i] = len % 3 == 0 ? (char)0xff : (char)random_next(&random);
            struct bytes bytes = bytes_make(data + len % 2, len - len % 2);
            cr_assert_eq(bitmap_count_by((enum bitmap_count_way)way, bytes),
                         naive_count(bytes, 0, (uint64_t)bytes.len * 8), "way %d, %zu bytes", way,
                         len);
            memory_free(data);
        }
    }
    cr_assert_geq(known, 1);
}
