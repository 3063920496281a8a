/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <criterion/criterion.h>
#include <string.h>

/* The state 1, 2, 3, 4 and its first numbers, worked out by hand from the definition:
 * rotl(2 * 5, 7) * 9 = 11520; then s1 = 0, so 0; then s1 = 262149, so rotl(1310745, 7) * 9. */
Test(random, follows_the_definition_of_xoshiro256_starstar) {
    struct random random = {{1, 2, 3, 4}};
    cr_assert_eq(random_next(&random), 11520u);
    cr_assert_eq(random_next(&random), 0u);
    cr_assert_eq(random_next(&random), 1509978240u);
    cr_assert_eq(random_next(&random), 1215971899390074240u);
}

Test(random, repeats_itself_for_the_same_seed_and_only_then) {
    struct random a, b, c;
    random_init(&a, 42);
    random_init(&b, 42);
    random_init(&c, 43);
    int same_as_other_seed = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = random_next(&a);
        cr_assert_eq(value, random_next(&b));
        same_as_other_seed += value == random_next(&c);
    }
    cr_assert_eq(same_as_other_seed, 0);
}

Test(random, has_a_state_that_is_not_all_zero_for_seed_zero) {
    struct random random;
    random_init(&random, 0);
    cr_assert_neq(random_next(&random) | random_next(&random), 0u);
}

Test(random, draws_each_number_below_a_bound_equally_often) {
    enum { BOUND = 7, DRAWS = 70000 };
    struct random random;
    random_init(&random, 7);
    int seen[BOUND] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = random_below(&random, BOUND);
        cr_assert_lt(value, (uint64_t)BOUND);
        seen[value]++;
    }
    double chi_square = 0;
    for (int i = 0; i < BOUND; i++) {
        double off = seen[i] - DRAWS / BOUND;
        chi_square += off * off / (DRAWS / BOUND);
    }
    cr_assert_lt(chi_square, 22.5, "chi square %f; 22.5 is exceeded once in a thousand",
                 chi_square);
}

/* With a bound of 3/4 of 2^64 a modulo would give the lower third twice as often as the rest. */
Test(random, has_no_bias_for_large_bounds) {
    struct random random;
    random_init(&random, 9);
    uint64_t bound = UINT64_C(3) << 62;
    int low = 0;
    for (int i = 0; i < 30000; i++) low += random_below(&random, bound) < bound / 3;
    cr_assert_geq(low, 9600);
    cr_assert_leq(low, 10400);
}

Test(random, gives_zero_when_nothing_else_is_below) {
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < 100; i++) cr_assert_eq(random_below(&random, 1), 0u);
}

Test(random, spreads_fractions_over_the_unit_interval) {
    struct random random;
    random_init(&random, 3);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double value = random_fraction(&random);
        cr_assert(value >= 0 && value < 1);
        sum += value;
    }
    cr_assert_float_eq(sum / 100000, 0.5, 0.005);
}

Test(random, fills_secrets_whole_and_never_the_same) {
    uint8_t a[300] = {0}, b[300] = {0};
    random_secret(a, sizeof a - 1);
    random_secret(b, sizeof b - 1);
    cr_assert_neq(memcmp(a, b, 299), 0);
    cr_assert_neq(memcmp(a + 280, (uint8_t[19]){0}, 19), 0, "the last bytes were not filled");
    cr_assert_eq(a[299], 0, "one byte too many was filled");
    random_secret(NULL, 0);
}
