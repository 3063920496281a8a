/* SPDX-License-Identifier: BSD-3-Clause */
/* The thing alone: headers, hashes, both makes of the loops, and the estimate. */
#include "families/hyperloglog/hyperloglog.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/random.h"
#include "families/hyperloglog/hyperloglog_dense.h"
#include "families/hyperloglog/hyperloglog_estimate.h"

static struct bytes dense_of(uint8_t *value, const uint8_t *registers) {
    memcpy(value, hyperloglog_empty().data, HYPERLOGLOG_HEADER_BYTES);
    value[4] = HYPERLOGLOG_DENSE;
    hyperloglog_loops_plain()->pack(value + HYPERLOGLOG_HEADER_BYTES, registers);
    return bytes_make(value, HYPERLOGLOG_DENSE_BYTES);
}

Test(hyperloglog, an_empty_one_is_valid_sparse_and_counts_zero) {
    struct bytes empty = hyperloglog_empty();
    int64_t count = -1;
    cr_assert_eq(empty.len, HYPERLOGLOG_EMPTY_BYTES);
    cr_assert(hyperloglog_is_valid(empty));
    cr_assert(!hyperloglog_is_dense(empty));
    cr_assert(hyperloglog_cached(empty, &count));
    cr_assert_eq(count, 0);
    cr_assert(hyperloglog_count(hyperloglog_loops_plain(), empty, &count));
    cr_assert_eq(count, 0);
}

Test(hyperloglog, knows_its_like_by_the_header) {
    static char value[HYPERLOGLOG_DENSE_BYTES + 1];
    struct bytes empty = hyperloglog_empty();
    memcpy(value, empty.data, empty.len);
    cr_assert(hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_HEADER_BYTES)));
    cr_assert(!hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_HEADER_BYTES - 1)));
    cr_assert(!hyperloglog_is_valid(BYTES("")));
    value[4] = 2;
    cr_assert(!hyperloglog_is_valid(bytes_make(value, empty.len)));
    value[4] = HYPERLOGLOG_DENSE;
    cr_assert(hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_DENSE_BYTES)));
    cr_assert(!hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_DENSE_BYTES + 1)));
    cr_assert(!hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_DENSE_BYTES - 1)));
    value[3] = 'l';
    cr_assert(!hyperloglog_is_valid(bytes_make(value, HYPERLOGLOG_DENSE_BYTES)));
}

Test(hyperloglog, keeps_a_count_in_the_header_until_it_is_stale) {
    static uint8_t value[HYPERLOGLOG_EMPTY_BYTES];
    int64_t count = 0;
    memcpy(value, hyperloglog_empty().data, sizeof(value));
    hyperloglog_cache(value, 0x0102030405060708);
    cr_assert_arr_eq(value + 8, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    cr_assert(hyperloglog_cached(bytes_make(value, sizeof(value)), &count));
    cr_assert_eq(count, 0x0102030405060708);
    hyperloglog_make_stale(value);
    cr_assert_arr_eq(value + 8, "\x08\x07\x06\x05\x04\x03\x02\x81", 8);
    cr_assert(!hyperloglog_cached(bytes_make(value, sizeof(value)), &count));
}

/* As live servers place them: PFADD of each alone, and PFDEBUG DECODE. */
Test(hyperloglog, hashes_elements_as_redis_does) {
    static const struct {
        const char *element;
        uint16_t index;
        uint8_t rank;
    } cases[] = {
        {"", 5938, 2},
        {"a", 12711, 2},
        {"ab", 719, 1},
        {"abc", 9474, 1},
        {"1234567", 10327, 3},
        {"12345678", 10579, 3},
        {"123456789", 9293, 2},
        {"a longer element", 1013, 1},
        {"one that is longer than any of the others", 2729, 2},
        {"\xc3\xa9", 13353, 1},
        {"visitor:42", 271, 1},
        {"e7", 8245, 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct hyperloglog_mark mark = hyperloglog_mark(bytes_of(cases[i].element));
        cr_assert_eq(mark.index, cases[i].index, "'%s': %u", cases[i].element, mark.index);
        cr_assert_eq(mark.rank, cases[i].rank, "'%s': %u", cases[i].element, mark.rank);
    }
}

Test(hyperloglog, puts_and_gets_single_registers_without_touching_their_neighbours) {
    static uint8_t packed[HYPERLOGLOG_PACKED_BYTES];
    static uint8_t expected[HYPERLOGLOG_REGISTERS];
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < 100000; i++) {
        uint16_t index = (uint16_t)random_below(&random, HYPERLOGLOG_REGISTERS);
        expected[index] = (uint8_t)random_below(&random, HYPERLOGLOG_RANKS);
        hyperloglog_dense_put(packed, index, expected[index]);
    }
    for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        cr_assert_eq(hyperloglog_dense_get(packed, (uint16_t)i), expected[i]);
}

Test(hyperloglog, packs_the_lowest_bits_first) {
    static uint8_t packed[HYPERLOGLOG_PACKED_BYTES];
    hyperloglog_dense_put(packed, 0, 1);
    hyperloglog_dense_put(packed, 1, 2);
    hyperloglog_dense_put(packed, 2, 3);
    hyperloglog_dense_put(packed, 3, 33);
    hyperloglog_dense_put(packed, HYPERLOGLOG_REGISTERS - 1, 63);
    cr_assert_arr_eq(packed, "\x81\x30\x84\x00", 4);
    cr_assert_eq(packed[HYPERLOGLOG_PACKED_BYTES - 1], 0xfc);
}

static void fill(struct random *random, uint8_t *registers, uint64_t ranks) {
    for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        registers[i] = (uint8_t)random_below(random, ranks);
}

Test(hyperloglog, both_makes_of_the_loops_do_the_same) {
    const struct hyperloglog_loops *makes[] = {hyperloglog_loops_plain(), hyperloglog_loops_best()};
    static uint8_t registers[HYPERLOGLOG_REGISTERS], other[HYPERLOGLOG_REGISTERS];
    static uint8_t packed[HYPERLOGLOG_PACKED_BYTES + 1], results[2][HYPERLOGLOG_REGISTERS];
    struct random random;
    random_init(&random, 2);
    for (uint64_t ranks = 1; ranks <= HYPERLOGLOG_RANKS; ranks++) {
        fill(&random, registers, ranks);
        fill(&random, other, ranks);
        uint32_t expected[HYPERLOGLOG_RANKS] = {0};
        for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++) expected[registers[i]]++;
        for (int make = 0; make < 2; make++) {
            packed[HYPERLOGLOG_PACKED_BYTES] = 0xaa;
            makes[make]->pack(packed, registers);
            cr_assert_eq(packed[HYPERLOGLOG_PACKED_BYTES], 0xaa);
            for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
                cr_assert_eq(hyperloglog_dense_get(packed, (uint16_t)i), registers[i]);
            makes[make]->unpack(results[make], packed);
            cr_assert_arr_eq(results[make], registers, sizeof(registers));
            memcpy(results[make], other, sizeof(other));
            makes[make]->merge(results[make], packed);
            for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
                cr_assert_eq(results[make][i], other[i] > registers[i] ? other[i] : registers[i]);
            uint32_t counts[HYPERLOGLOG_RANKS] = {0};
            makes[make]->tally(registers, counts);
            cr_assert_arr_eq(counts, expected, sizeof(expected));
        }
    }
}

/* Answers of live servers for the sets "1" to "n". */
Test(hyperloglog, estimates_what_redis_estimates) {
    static const struct {
        int elements;
        int64_t count;
    } cases[] = {{1, 1},       {10, 10},     {100, 100},   {500, 503},
                 {1000, 1001}, {1500, 1512}, {2000, 2006}, {5000, 4985}};
    static uint8_t registers[HYPERLOGLOG_REGISTERS], value[HYPERLOGLOG_DENSE_BYTES];
    size_t next = 0;
    for (int i = 1; i <= 5000; i++) {
        char text[16];
        struct hyperloglog_mark mark = hyperloglog_mark(
            bytes_make(text, (size_t)snprintf(text, sizeof(text), "%d", i)));
        if (registers[mark.index] < mark.rank) registers[mark.index] = mark.rank;
        if (i != cases[next].elements) continue;
        int64_t count;
        cr_assert(hyperloglog_count(hyperloglog_loops_best(), dense_of(value, registers), &count));
        cr_assert_eq(count, cases[next].count, "%d: %ld", i, (long)count);
        cr_assert_eq(hyperloglog_count_registers(hyperloglog_loops_plain(), registers), count);
        next++;
    }
    cr_assert_eq(next, COUNT_OF(cases));
}

Test(hyperloglog, says_when_registers_stand_for_no_number) {
    uint32_t counts[HYPERLOGLOG_RANKS] = {[HYPERLOGLOG_RANK_MAX] = HYPERLOGLOG_REGISTERS};
    cr_assert_eq(hyperloglog_estimate(counts), INT64_MIN);
    uint32_t beyond[HYPERLOGLOG_RANKS] = {[63] = HYPERLOGLOG_REGISTERS};
    cr_assert_eq(hyperloglog_estimate(beyond), INT64_MIN);
}

Test(hyperloglog, passes_its_own_test) {
    cr_assert_null(hyperloglog_self_test(hyperloglog_loops_plain()));
    cr_assert_null(hyperloglog_self_test(hyperloglog_loops_best()));
}

static void tally_wrong(const uint8_t *registers, uint32_t counts[HYPERLOGLOG_RANKS]) {
    hyperloglog_loops_plain()->tally(registers, counts);
    counts[1]++;
}

static void merge_wrong(uint8_t *registers, const uint8_t *packed) {
    (void)registers;
    (void)packed;
}

Test(hyperloglog, its_own_test_finds_loops_that_are_wrong) {
    struct hyperloglog_loops wrong = *hyperloglog_loops_plain();
    wrong.tally = tally_wrong;
    cr_assert_str_eq(hyperloglog_self_test(&wrong), "ranks are counted wrong");
    wrong = *hyperloglog_loops_plain();
    wrong.merge = merge_wrong;
    cr_assert_str_eq(hyperloglog_self_test(&wrong), "merging lowers a register");
}
