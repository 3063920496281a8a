/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever the commands did, their journal does again; also when memory ran out in the middle. */
#include "string_harness.h"

#include "base/memory.h"

TestSuite(string_replay, .init = string_setup, .fini = string_teardown);

static const char *const lines[] = {
    "SET a 1",
    "SET a 2 NX",
    "SET b xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx EX 100",
    "SET b short KEEPTTL",
    "SET c 1 PX 50",
    "SET d 1 IFNE x GET",
    "SETNX e v",
    "SETEX f 100 v",
    "PSETEX g 40 v",
    "GETSET e w",
    "MSET h 1 i 2 j 3 h 4",
    "MSETNX k 1 l 2",
    "MSETEX 3 m 1 n 2 o 3 EX 50",
    "MSETEX 2 m 5 n 6 KEEPTTL",
    "MSETEX 2 i 5 zz 6 EXAT 1",
    "APPEND p abc",
    "APPEND p def",
    "SETRANGE p 1000 x",
    "SETRANGE p 3 y",
    "APPEND a 9",
    "INCR a",
    "DECRBY a 7",
    "INCRBYFLOAT q 0.1",
    "INCRBYFLOAT q 0.2",
    "INCREX r BYINT 5 UBOUND 12 EX 30 ENX",
    "INCREX r BYINT 9 UBOUND 12 SATURATE",
    "INCREX r BYINT 9 UBOUND 12",
    "GETEX b PERSIST",
    "GETEX f PX 5000",
    "GETEX j EXAT 1",
    "GETDEL k",
    "DELEX l IFEQ 2",
    "DELIFEQ h 4",
    "SET e gone EXAT 1",
};

static void assert_replays(void) {
    struct harness replayed;
    harness_init(&replayed);
    harness_replay(&harness, &replayed);
    cr_assert_str_eq(harness_digest(&replayed), harness_digest(&harness));
    harness_deinit(&replayed);
}

Test(string_replay, gives_the_same_digest_after_every_command) {
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        harness_run(&harness, lines[i]);
        cr_assert_neq(harness.reply[0], '-', "%s gave %s", lines[i], harness.reply);
        assert_replays();
    }
    harness_advance_ms(&harness, 60);
    harness_expire(&harness);
    assert_replays();
}

Test(string_replay, gives_the_same_digest_when_any_allocation_was_refused) {
    size_t refused = 0;
    for (uint64_t nth = 1; nth <= 4; nth++) {
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            memory_fail_try(nth);
            const char *reply = harness_run(&harness, lines[i]);
            if (strncmp(reply, "-OOM", 4) == 0) refused++;
            memory_fail_try(0);
            if (harness.journal.unit_count % 8 == 0) assert_replays();
        }
        assert_replays();
    }
    cr_assert_gt(refused, COUNT_OF(lines) / 2);
}

Test(string_replay, journals_the_part_of_an_MSET_that_memory_allowed) {
    memory_fail_try(3);
    GIVES("MSET a 1 b 2 c 3 d 4", "-OOM command not allowed: no memory for the value\r\n");
    memory_fail_try(0);
    GIVES("MGET a b c d", "*4\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n$-1\r\n");
    cr_assert_str_eq(harness_journal(&harness), "MSET a 1 b 2\n--\n");
}

Test(string_replay, answers_out_of_memory_alone_where_the_old_value_was_to_come_first) {
    GIVES("SET k v", "+OK\r\n");
    forget();
    memory_fail_try(1);
    GIVES("SET k \"a value of another size class\" GET",
          "-OOM command not allowed: no memory for the value\r\n");
    memory_fail_try(1);
    GIVES("GETSET k \"a value of another size class\"",
          "-OOM command not allowed: no memory for the value\r\n");
    memory_fail_try(0);
    GIVES("GET k", "$1\r\nv\r\n");
    cr_assert_str_eq(harness_journal(&harness), "");
}
