/* SPDX-License-Identifier: BSD-3-Clause */
/* Sparse registers: against an array of registers, against the bytes that Redis makes, and against
 * bytes that nobody should have made. */
#include "families/hyperloglog/hyperloglog_sparse.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/random.h"
#include "families/hyperloglog/hyperloglog_dense.h"

#define LIMIT 3000
#define HEADER "HYLL\1\0\0\0\0\0\0\0\0\0\0\0"

static struct arena arena;
static struct hyperloglog_draft draft;

static void setup(void) {
    arena_init(&arena);
    hyperloglog_draft_init(&draft, &arena, hyperloglog_empty(), LIMIT);
}
static void teardown(void) { arena_deinit(&arena); }
TestSuite(hyperloglog_sparse, .init = setup, .fini = teardown);

static enum hyperloglog_change raise_to(uint16_t index, uint8_t rank) {
    return hyperloglog_draft_raise(&draft, (struct hyperloglog_mark){index, rank});
}

static void begin(struct bytes value, size_t limit) {
    hyperloglog_draft_init(&draft, &arena, value, limit);
}

#define BODY_IS(literal)                                                                           \
    do {                                                                                           \
        struct bytes body_ = hyperloglog_body(hyperloglog_draft_value(&draft));                    \
        cr_assert(bytes_equal(body_, BYTES(literal)), "%zu bytes: %02x %02x %02x %02x", body_.len, \
                  (uint8_t)body_.data[0], body_.len > 1 ? (uint8_t)body_.data[1] : 0,              \
                  body_.len > 2 ? (uint8_t)body_.data[2] : 0,                                      \
                  body_.len > 3 ? (uint8_t)body_.data[3] : 0);                                     \
    } while (0)

Test(hyperloglog_sparse, splits_a_run_of_zeros) {
    cr_assert_eq(raise_to(100, 3), HYPERLOGLOG_CHANGED);
    BODY_IS("\x40\x63\x88\x7f\x9a");
    cr_assert_eq(raise_to(100, 3), HYPERLOGLOG_SAME);
    cr_assert_eq(raise_to(100, 2), HYPERLOGLOG_SAME);
    cr_assert_eq(raise_to(100, 32), HYPERLOGLOG_CHANGED);
    BODY_IS("\x40\x63\xfc\x7f\x9a");
    cr_assert_eq(raise_to(0, 1), HYPERLOGLOG_CHANGED);
    BODY_IS("\x80\x40\x62\xfc\x7f\x9a");
    cr_assert_eq(raise_to(16383, 1), HYPERLOGLOG_CHANGED);
    BODY_IS("\x80\x40\x62\xfc\x7f\x99\x80");
    cr_assert_eq(raise_to(64, 1), HYPERLOGLOG_CHANGED);
    BODY_IS("\x80\x3e\x80\x22\xfc\x7f\x99\x80");
}

Test(hyperloglog_sparse, joins_neighbours_of_one_rank_up_to_four) {
    for (uint16_t i = 10; i < 15; i++) cr_assert_eq(raise_to(i, 2), HYPERLOGLOG_CHANGED);
    BODY_IS("\x09\x87\x84\x7f\xf0");
    cr_assert_eq(raise_to(12, 5), HYPERLOGLOG_CHANGED);
    BODY_IS("\x09\x85\x90\x85\x7f\xf0");
    cr_assert_eq(raise_to(13, 5), HYPERLOGLOG_CHANGED);
    BODY_IS("\x09\x85\x91\x84\x7f\xf0");
    cr_assert_eq(raise_to(16383, 1), HYPERLOGLOG_CHANGED);
    cr_assert_eq(raise_to(16382, 1), HYPERLOGLOG_CHANGED);
    BODY_IS("\x09\x85\x91\x84\x7f\xee\x81");
}

Test(hyperloglog_sparse, becomes_dense_for_a_rank_that_has_no_run) {
    cr_assert_eq(raise_to(5, 7), HYPERLOGLOG_CHANGED);
    cr_assert_eq(raise_to(6, 33), HYPERLOGLOG_CHANGED);
    struct bytes value = hyperloglog_draft_value(&draft);
    cr_assert(hyperloglog_is_valid(value));
    cr_assert(hyperloglog_is_dense(value));
    const uint8_t *packed = (const uint8_t *)hyperloglog_body(value).data;
    for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        cr_assert_eq(hyperloglog_dense_get(packed, (uint16_t)i), i == 5 ? 7 : i == 6 ? 33 : 0);
    cr_assert_eq(raise_to(6, 33), HYPERLOGLOG_SAME);
    cr_assert_eq(raise_to(6, 34), HYPERLOGLOG_CHANGED);
}

Test(hyperloglog_sparse, becomes_dense_when_it_would_grow_beyond_the_limit) {
    begin(hyperloglog_empty(), 21);
    cr_assert_eq(raise_to(100, 3), HYPERLOGLOG_CHANGED);
    cr_assert_eq(draft.len, 21);
    cr_assert_eq(raise_to(100, 4), HYPERLOGLOG_CHANGED);
    cr_assert_eq(draft.len, 21, "what does not grow may stay");
    cr_assert_eq(raise_to(200, 4), HYPERLOGLOG_CHANGED);
    cr_assert_eq(draft.len, HYPERLOGLOG_DENSE_BYTES);
    begin(hyperloglog_empty(), 20);
    cr_assert_eq(raise_to(100, 3), HYPERLOGLOG_CHANGED);
    cr_assert_eq(draft.len, HYPERLOGLOG_DENSE_BYTES);
}

Test(hyperloglog_sparse, leaves_the_value_alone_until_a_register_rises) {
    struct bytes empty = hyperloglog_empty();
    cr_assert_eq(draft.bytes, (const uint8_t *)empty.data);
    cr_assert_eq(raise_to(1, 1), HYPERLOGLOG_CHANGED);
    cr_assert_neq(draft.bytes, (const uint8_t *)empty.data);
    cr_assert_eq(empty.data[16], 0x7f);
}

/* Random registers, most of them near to others, so that runs split and join in all ways. */
static struct hyperloglog_mark any_mark(struct random *random) {
    uint64_t near = random_below(random, 4) == 0 ? HYPERLOGLOG_REGISTERS : 300;
    return (struct hyperloglog_mark){(uint16_t)random_below(random, near),
                                     (uint8_t)(1 + random_below(random, 3))};
}

static void assert_registers(const uint8_t *expected) {
    static uint8_t registers[HYPERLOGLOG_REGISTERS];
    memset(registers, 0, sizeof(registers));
    struct bytes value = hyperloglog_draft_value(&draft);
    cr_assert(hyperloglog_is_valid(value));
    cr_assert(hyperloglog_merge(hyperloglog_loops_plain(), registers, value));
    cr_assert_arr_eq(registers, expected, sizeof(registers));
}

Test(hyperloglog_sparse, holds_what_an_array_of_registers_would) {
    static uint8_t expected[HYPERLOGLOG_REGISTERS];
    struct random random;
    random_init(&random, 3);
    for (int round = 0; round < 40; round++) {
        memset(expected, 0, sizeof(expected));
        begin(hyperloglog_empty(), round % 2 == 0 ? LIMIT : 200 + (size_t)round * 10);
        for (int i = 0; i < 1500; i++) {
            struct hyperloglog_mark mark = any_mark(&random);
            enum hyperloglog_change change = hyperloglog_draft_raise(&draft, mark);
            bool higher = expected[mark.index] < mark.rank;
            cr_assert_eq(change, higher ? HYPERLOGLOG_CHANGED : HYPERLOGLOG_SAME);
            if (higher) expected[mark.index] = mark.rank;
            if (i % 100 == 0) assert_registers(expected);
        }
        assert_registers(expected);
        uint32_t counts[HYPERLOGLOG_RANKS] = {0}, tallied[HYPERLOGLOG_RANKS] = {0};
        struct bytes value = hyperloglog_draft_value(&draft);
        hyperloglog_loops_plain()->tally(expected, counts);
        if (!hyperloglog_is_dense(value)) {
            cr_assert(hyperloglog_sparse_tally(hyperloglog_body(value), tallied));
            cr_assert_arr_eq(tallied, counts, sizeof(counts));
        }
        arena_reset(&arena);
    }
}

/* What a search that starts at the beginning finds, one that goes on from the last finds too. */
Test(hyperloglog_sparse, goes_on_from_the_last_register_where_indexes_ascend) {
    static uint8_t registers[HYPERLOGLOG_REGISTERS];
    struct random random;
    random_init(&random, 4);
    for (int round = 0; round < 100; round++) {
        begin(hyperloglog_empty(), SIZE_MAX / 2);
        memset(registers, 0, sizeof(registers));
        for (int i = 0; i < 600; i++) {
            struct hyperloglog_mark mark = any_mark(&random);
            if (i % 2 == 0)
                cr_assert_leq(hyperloglog_draft_raise(&draft, mark), HYPERLOGLOG_CHANGED);
            if (registers[mark.index] < mark.rank) registers[mark.index] = mark.rank;
        }
        struct bytes start = arena_copy(&arena, hyperloglog_draft_value(&draft));
        struct hyperloglog_draft fresh;
        begin(start, SIZE_MAX / 2);
        struct bytes value = start;
        for (uint32_t i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
            if (registers[i] == 0) continue;
            struct hyperloglog_mark mark = {(uint16_t)i, registers[i]};
            hyperloglog_draft_init(&fresh, &arena, value, SIZE_MAX / 2);
            cr_assert_eq(hyperloglog_draft_raise(&fresh, mark),
                         hyperloglog_draft_raise(&draft, mark));
            value = hyperloglog_draft_value(&fresh);
            cr_assert(bytes_equal(value, hyperloglog_draft_value(&draft)), "register %u", i);
        }
        assert_registers(registers);
        arena_reset(&arena);
    }
}

/* Of a live server: "1" to "n" added one by one, the count asked for after each of these. */
Test(hyperloglog_sparse, has_the_bytes_that_redis_has) {
    static const struct {
        int elements;
        int64_t count;
        size_t len;
        const char *sha1;
    } cases[] = {
        {1, 1, 21, "0ce323f0470dbecc22322e7d92e4a5e9ca9d2430"},
        {10, 10, 47, "d039add9075096cf8894fc3fcfaafe59a02bf724"},
        {100, 100, 287, "2a5cbdc975b2c69b8b75cf4c65cc52f5f65d8beb"},
        {500, 503, 1061, "2a9d61e084be74b7fa38d91b53e180367043b07f"},
        {1000, 1001, 1922, "38d718271970bdc52ab494e39e581d108d2f3cae"},
        {1500, 1512, 2766, "1ec1a9df30cb9fc30146308611772238dc52a9be"},
        {2000, 2006, 12304, "2edfad815d91957d8229e994f191217f696dff2b"},
        {5000, 4985, 12304, "ab981a9ca691fef0de089e024b11c5ffa4d51986"},
    };
    size_t next = 0;
    for (int i = 1; i <= 5000; i++) {
        char text[16];
        int len = snprintf(text, sizeof(text), "%d", i);
        struct hyperloglog_mark mark = hyperloglog_mark(bytes_make(text, (size_t)len));
        cr_assert_leq(hyperloglog_draft_raise(&draft, mark), HYPERLOGLOG_CHANGED);
        if (i != cases[next].elements) continue;
        hyperloglog_cache(draft.bytes, cases[next].count);
        cr_assert_eq(draft.len, cases[next].len);
        struct digest_sha1 sha1;
        uint8_t digest[20];
        char hex[41];
        digest_sha1_init(&sha1);
        digest_sha1_add(&sha1, hyperloglog_draft_value(&draft));
        digest_sha1_finish(&sha1, digest);
        for (int j = 0; j < 20; j++) snprintf(hex + 2 * j, 3, "%02x", digest[j]);
        cr_assert_str_eq(hex, cases[next].sha1, "%d elements", i);
        next++;
    }
    cr_assert_eq(next, COUNT_OF(cases));
}

/* --- bytes that nobody should have made --- */

Test(hyperloglog_sparse, refuses_runs_that_are_too_few_too_many_or_cut_off) {
    static const struct {
        struct bytes runs;
        bool good;
    } cases[] = {
        {BYTES("\x7f\xff"), true},
        {BYTES(""), false},
        {BYTES("\x7f\xfe"), false},
        {BYTES("\x7f\xfe\x80"), true},
        {BYTES("\x7f\xff\x80"), false},
        {BYTES("\x7f\xff\x00"), false},
        {BYTES("\x7f\xff\x7f\xff"), false},
        {BYTES("\x7f\xff\x40"), false},
        {BYTES("\x7f"), false},
        {BYTES("\x83\x7f\xfb"), true},
        {BYTES("\x7f\xfb\xff"), true},
        {BYTES("\x7f\xfc\xff"), false},
    };
    static uint8_t registers[HYPERLOGLOG_REGISTERS];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t counts[HYPERLOGLOG_RANKS] = {0};
        cr_assert_eq(hyperloglog_sparse_merge(registers, cases[i].runs), cases[i].good, "%zu", i);
        cr_assert_eq(hyperloglog_sparse_tally(cases[i].runs, counts), cases[i].good, "%zu", i);
    }
}

Test(hyperloglog_sparse, raises_no_register_that_no_run_holds) {
    struct bytes cut = BYTES(HEADER "\x41\x00\x80");
    begin(cut, LIMIT);
    cr_assert_eq(raise_to(258, 1), HYPERLOGLOG_CORRUPT);
    cr_assert_eq(draft.bytes, (const uint8_t *)cut.data);
    cr_assert_eq(raise_to(257, 2), HYPERLOGLOG_CHANGED);
    begin(cut, LIMIT);
    cr_assert_eq(raise_to(0, 33), HYPERLOGLOG_CORRUPT, "it cannot become dense");
    cr_assert_eq(hyperloglog_draft_make_dense(&draft), HYPERLOGLOG_CORRUPT);
    begin(BYTES(HEADER), LIMIT);
    cr_assert_eq(raise_to(0, 1), HYPERLOGLOG_CORRUPT);
    begin(BYTES(HEADER "\x7f"), LIMIT);
    cr_assert_eq(raise_to(0, 1), HYPERLOGLOG_CORRUPT);
}

Test(hyperloglog_sparse, says_so_when_there_is_no_memory) {
    static char big[HYPERLOGLOG_HEADER_BYTES + 70000];
    memcpy(big, HEADER, HYPERLOGLOG_HEADER_BYTES);
    memset(big + HYPERLOGLOG_HEADER_BYTES, 0, sizeof(big) - HYPERLOGLOG_HEADER_BYTES);
    begin(bytes_make(big, sizeof(big)), SIZE_MAX / 2);
    memory_fail_try(1);
    cr_assert_eq(raise_to(0, 1), HYPERLOGLOG_NO_MEMORY);
    memory_fail_try(0);
    cr_assert_eq(draft.bytes, (uint8_t *)big);
    cr_assert_eq(raise_to(0, 1), HYPERLOGLOG_CHANGED);
}
