/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/string/string_lcs.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "base/random.h"

enum { SIDE = 300 };

/* The textbook's table of numbers, walked back as Redis walks it. */
static uint32_t table[SIDE + 1][SIDE + 1];

static void fill_table(struct bytes a, struct bytes b) {
    for (size_t i = 1; i <= a.len; i++) {
        for (size_t j = 1; j <= b.len; j++) {
            uint32_t up = table[i - 1][j], left = table[i][j - 1];
            if (a.data[i - 1] == b.data[j - 1]) table[i][j] = table[i - 1][j - 1] + 1;
            else table[i][j] = up > left ? up : left;
        }
    }
}

static void assert_same_way_back(const struct string_lcs *lcs) {
    size_t i = lcs->a.len, j = lcs->b.len;
    struct string_lcs_run run = {.a = i, .b = j};
    size_t left = 0;
    while (i > 0 && j > 0) {
        if (lcs->a.data[i - 1] != lcs->b.data[j - 1]) {
            if (table[i - 1][j] > table[i][j - 1]) i--;
            else j--;
            continue;
        }
        i--;
        j--;
        if (left == 0) {
            cr_assert(string_lcs_back(lcs, &run));
            left = run.len;
        }
        left--;
        cr_assert_eq(run.a + left, i);
        cr_assert_eq(run.b + left, j);
    }
    cr_assert_eq(left, 0);
    cr_assert_not(string_lcs_back(lcs, &run));
}

static struct bytes fill(char *out, struct random *random, size_t len, uint64_t letters) {
    for (size_t i = 0; i < len; i++) out[i] = (char)('a' + random_below(random, letters));
    return bytes_make(out, len);
}

Test(string_lcs, takes_the_way_of_the_table_of_numbers) {
    struct random random;
    random_init(&random, 7);
    for (int round = 0; round < 600; round++) {
        char a_data[SIDE], b_data[SIDE];
        uint64_t letters = 1 + random_below(&random, 6);
        struct bytes a = fill(a_data, &random, random_below(&random, SIDE), letters);
        struct bytes b = fill(b_data, &random, random_below(&random, SIDE), letters);
        fill_table(a, b);
        struct string_lcs lcs;
        cr_assert(string_lcs_try_init(&lcs, a, b, true));
        cr_assert_eq(lcs.length, table[a.len][b.len]);
        assert_same_way_back(&lcs);
        string_lcs_deinit(&lcs);
        cr_assert(string_lcs_try_init(&lcs, a, b, false));
        cr_assert_eq(lcs.length, table[a.len][b.len]);
        string_lcs_deinit(&lcs);
    }
}

Test(string_lcs, is_right_at_the_edges_of_words) {
    char same[200];
    memset(same, 'x', sizeof(same));
    for (size_t len = 0; len <= sizeof(same); len++) {
        struct string_lcs lcs;
        struct string_lcs_run run = {.a = sizeof(same), .b = len};
        cr_assert(
            string_lcs_try_init(&lcs, bytes_make(same, sizeof(same)), bytes_make(same, len), true));
        cr_assert_eq(lcs.length, len);
        cr_assert_eq(string_lcs_back(&lcs, &run), len > 0);
        cr_assert_eq(run.len, len);
        string_lcs_deinit(&lcs);
    }
}

Test(string_lcs, says_when_there_is_no_memory) {
    struct string_lcs lcs;
    memory_fail_try(1);
    cr_assert_not(string_lcs_try_init(&lcs, BYTES("abc"), BYTES("abc"), true));
    memory_fail_try(0);
}
