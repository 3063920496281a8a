/* SPDX-License-Identifier: BSD-3-Clause */
/* redis-cell's documented examples, exactly. */
#include "engines/gcra.h"

#include <criterion/criterion.h>

#define NOW_NS 1700000000000000000LL
#define SECOND_NS 1000000000LL

struct key {
    bool there;
    int64_t tat_ns;
};

static struct gcra_verdict throttle(struct key *key, struct gcra_rate rate, int64_t quantity,
                                    int64_t now_ns) {
    struct gcra_verdict verdict;
    if (key->there && key->tat_ns <= now_ns) key->there = false; /* as its deadline does */
    cr_assert(gcra_take(&rate, key->there, key->tat_ns, quantity, now_ns, &verdict));
    if (verdict.store) {
        key->there = verdict.reset_ns > 0;
        key->tat_ns = verdict.tat_ns;
    }
    return verdict;
}

Test(gcra, a_fresh_key_answers_as_documented) {
    struct key key = {0};
    struct gcra_verdict verdict = throttle(&key, (struct gcra_rate){15, 30, 60}, 1, NOW_NS);
    cr_assert(!verdict.limited);
    cr_assert_eq(verdict.limit, 16);
    cr_assert_eq(verdict.remaining, 15);
    cr_assert_eq(gcra_seconds(verdict.retry_ns), -1);
    cr_assert_eq(gcra_seconds(verdict.reset_ns), 2);
}

Test(gcra, a_limit_of_one_refuses_at_once) {
    struct key key = {0};
    struct gcra_rate rate = {0, 1, 2};
    struct gcra_verdict verdict = throttle(&key, rate, 1, NOW_NS);
    cr_assert(!verdict.limited && verdict.limit == 1 && verdict.remaining == 0);
    cr_assert(gcra_seconds(verdict.retry_ns) == -1 && gcra_seconds(verdict.reset_ns) == 2);
    verdict = throttle(&key, rate, 1, NOW_NS);
    cr_assert(verdict.limited && verdict.limit == 1 && verdict.remaining == 0);
    cr_assert(gcra_seconds(verdict.retry_ns) == 2 && gcra_seconds(verdict.reset_ns) == 2);
}

Test(gcra, the_long_example_agrees_line_by_line) {
    static const struct {
        int64_t at_ms, quantity, remaining, reset_ms, retry_ms;
        bool limited;
    } lines[] = {
        {0, 6, 5, 0, -1, true},         {0, 1, 4, 1000, -1, false},
        {0, 1, 3, 2000, -1, false},     {0, 1, 2, 3000, -1, false},
        {0, 1, 1, 4000, -1, false},     {0, 1, 0, 5000, -1, false},
        {0, 1, 0, 5000, 1000, true},    {3000, 1, 2, 3000, -1, false},
        {3100, 1, 1, 3900, -1, false},  {4000, 1, 1, 4000, -1, false},
        {8000, 1, 4, 1000, -1, false},  {9500, 1, 4, 1000, -1, false},
        {9500, 0, 4, 1000, -1, false},  {9500, 2, 2, 3000, -1, false},
        {9500, 5, 2, 3000, 3000, true},
    };
    struct key key = {0};
    struct gcra_rate rate = {4, 1, 1};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        int64_t now_ns = NOW_NS + lines[i].at_ms * 1000000;
        struct gcra_verdict verdict = throttle(&key, rate, lines[i].quantity, now_ns);
        cr_assert_eq(verdict.limit, 5);
        cr_assert_eq(verdict.limited, lines[i].limited, "line %zu", i);
        cr_assert_eq(verdict.remaining, lines[i].remaining, "line %zu", i);
        cr_assert_eq(verdict.reset_ns, lines[i].reset_ms * 1000000, "line %zu", i);
        int64_t retry_ns = lines[i].retry_ms < 0 ? -1 : lines[i].retry_ms * 1000000;
        cr_assert_eq(verdict.retry_ns, retry_ns, "line %zu", i);
    }
}

Test(gcra, a_negative_quantity_gives_back_and_never_beyond_full) {
    struct key key = {0};
    struct gcra_rate rate = {4, 1, 1};
    throttle(&key, rate, 3, NOW_NS);
    cr_assert_eq(throttle(&key, rate, -1, NOW_NS).remaining, 3);
    struct gcra_verdict verdict = throttle(&key, rate, -100, NOW_NS);
    cr_assert_eq(verdict.remaining, 5);
    cr_assert_eq(verdict.reset_ns, 0);
    cr_assert(!key.there);
}

Test(gcra, a_peek_stores_nothing) {
    struct gcra_verdict verdict;
    struct gcra_rate rate = {4, 1, 1};
    cr_assert(gcra_take(&rate, false, 0, 0, NOW_NS, &verdict));
    cr_assert(!verdict.store);
    cr_assert_eq(verdict.remaining, 5);
}

Test(gcra, seconds_are_truncated_plus_one_for_whole_milliseconds) {
    cr_assert_eq(gcra_seconds(2 * SECOND_NS), 2);
    cr_assert_eq(gcra_seconds(2 * SECOND_NS + 999999), 2);
    cr_assert_eq(gcra_seconds(2 * SECOND_NS + 1000000), 3);
    cr_assert_eq(gcra_seconds(0), 0);
    cr_assert_eq(gcra_seconds(-1), -1);
}

Test(gcra, what_64_bits_cannot_hold_is_refused) {
    struct gcra_verdict verdict;
    static const struct gcra_rate rates[] = {
        {INT64_MAX, 1, 1}, {0, 1, INT64_MAX}, {INT64_MAX / 2, 1, 60}, {0, INT64_MAX, 1}};
    for (size_t i = 0; i < 4; i++) {
        cr_assert(!gcra_take(&rates[i], false, 0, 1, NOW_NS, &verdict), "%zu", i);
    }
    struct gcra_rate rate = {4, 1, 1};
    cr_assert(!gcra_take(&rate, false, 0, INT64_MAX, NOW_NS, &verdict));
    cr_assert(!gcra_take(&rate, false, 0, INT64_MIN, NOW_NS, &verdict));
}
