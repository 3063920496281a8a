/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever the commands did, their journal does again; and reading changes nothing. */
#include "bitmap_fixture.h"

#include "base/random.h"

TestSuite(bitmap_replay, .init = setup, .fini = teardown);

static const char *const operations[] = {"AND",  "OR",    "XOR",   "NOT",
                                         "DIFF", "DIFF1", "ANDOR", "ONE"};
static const char *const overflows[] = {"WRAP", "SAT", "FAIL"};

static uint64_t below(struct random *random, uint64_t bound) { return random_below(random, bound); }

/* Offsets that are mostly small and sometimes reach into a boxed string. */
static uint64_t any_offset(struct random *random) {
    return below(random, below(random, 10) == 0 ? 9000 : 100);
}

static void run_any(struct random *random) {
    unsigned a = (unsigned)below(random, 5), b = (unsigned)below(random, 5);
    unsigned c = (unsigned)below(random, 5), bit = (unsigned)below(random, 2);
    unsigned at = (unsigned)any_offset(random), bits = 1 + (unsigned)below(random, 63);
    switch (below(random, 9)) {
    case 0:
    case 1: harness_runf(&h, "SETBIT k%u %u %u", a, at, bit); break;
    case 2:
    case 3:
        harness_runf(&h, "BITFIELD k%u OVERFLOW %s SET %c%u %u %d GET u8 0 INCRBY %c%u #%u %d", a,
                     overflows[below(random, 3)], "iu"[bit], bits, at,
                     (int)below(random, 1000) - 500, "ui"[bit], bits, (unsigned)below(random, 9),
                     (int)below(random, 1000) - 500);
        break;
    case 4: harness_runf(&h, "BITOP %s k%u k%u k%u", operations[below(random, 8)], a, b, c); break;
    case 5: harness_runf(&h, "BITOP NOT k%u k%u", a, b); break;
    case 6: harness_runf(&h, "SET k%u %u PX %u", a, at, 1 + (unsigned)below(random, 60)); break;
    case 7: harness_runf(&h, "BITCOUNT k%u %u %u BIT", a, at, at + bits); break;
    default: harness_advance_ms(&h, (int64_t)below(random, 4)); break;
    }
}

Test(bitmap_replay, gives_the_same_digest_after_any_commands) {
    struct random random;
    random_init(&random, 41);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 50; i++) run_any(&random);
        check_replay();
    }
}

Test(bitmap_replay, gives_the_same_digest_when_any_allocation_was_refused) {
    struct random random;
    random_init(&random, 42);
    size_t refused = 0;
    for (int i = 0; i < 2000; i++) {
        memory_fail_try(1 + (uint64_t)i % 2);
        run_any(&random);
        refused += strncmp(h.reply, "-OOM", 4) == 0;
        memory_fail_try(0);
        if (i % 100 == 0) check_replay();
    }
    check_replay();
    cr_assert_gt(refused, 100);
}

Test(bitmap_replay, is_bound_by_no_limit_that_came_later) {
    GIVES("SETBIT k 9000 1", ":0\r\n");
    GIVES("BITFIELD k SET u8 9100 7", "*1\r\n:0\r\n");
    struct harness other;
    harness_init(&other);
    other.executor.string_bytes_max = 100;
    harness_replay(&h, &other);
    cr_assert_eq(harness_integer(&other, "STRLEN k"), 1139);
    harness_deinit(&other);
}
