/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients see of lists: replies as Redis 7 and 8 give them, and what replicas are told. */
#include <criterion/criterion.h>

#include "harness/harness.h"

static struct harness h;
static void setup(void) { harness_init(&h); }
static void teardown(void) { harness_deinit(&h); }
TestSuite(list_behaviour, .init = setup, .fini = teardown);

#define GIVES(line, expected) cr_assert_str_eq(harness_run(&h, line), expected, "%s", line)

Test(list_behaviour, pushes_and_pops_at_both_ends) {
    GIVES("RPUSH l b c", ":2\r\n");
    GIVES("LPUSH l a z", ":4\r\n");
    GIVES("LRANGE l 0 -1", "*4\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    GIVES("LPOP l", "$1\r\nz\r\n");
    GIVES("RPOP l 2", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
    GIVES("LPOP l 0", "*0\r\n");
    GIVES("LPOP l 9", "*1\r\n$1\r\na\r\n");
    GIVES("EXISTS l", ":0\r\n");
    GIVES("LPOP l", "$-1\r\n");
    GIVES("LPOP l 1", "*-1\r\n");
    GIVES("LPUSHX l a", ":0\r\n");
    GIVES("EXISTS l", ":0\r\n");
}

Test(list_behaviour, reaches_into_the_middle) {
    GIVES("RPUSH l a b c d", ":4\r\n");
    GIVES("LINDEX l -1", "$1\r\nd\r\n");
    GIVES("LINDEX l 4", "$-1\r\n");
    GIVES("LSET l 1 B", "+OK\r\n");
    GIVES("LSET l 4 x", "-ERR index out of range\r\n");
    GIVES("LSET nothing 0 x", "-ERR no such key\r\n");
    GIVES("LINSERT l AFTER B x", ":5\r\n");
    GIVES("LINSERT l BEFORE nobody x", ":-1\r\n");
    GIVES("LINSERT l MIDDLE B x", "-ERR syntax error\r\n");
    GIVES("LREM l -1 x", ":1\r\n");
    GIVES("LTRIM l 1 2", "+OK\r\n");
    GIVES("LRANGE l 0 -1", "*2\r\n$1\r\nB\r\n$1\r\nc\r\n");
    GIVES("LTRIM l 5 9", "+OK\r\n");
    GIVES("EXISTS l", ":0\r\n");
}

Test(list_behaviour, finds_elements_by_rank_count_and_length) {
    GIVES("RPUSH l a b c 1 2 3 c c", ":8\r\n");
    GIVES("LPOS l c", ":2\r\n");
    GIVES("LPOS l c RANK -1", ":7\r\n");
    GIVES("LPOS l c COUNT 0 RANK 2", "*2\r\n:6\r\n:7\r\n");
    GIVES("LPOS l c MAXLEN 2", "$-1\r\n");
    GIVES("LPOS l c RANK 0",
          "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
          "use negative to start from the end of the list\r\n");
}

Test(list_behaviour, moves_between_lists_and_round_in_one) {
    GIVES("RPUSH from a b c", ":3\r\n");
    GIVES("LMOVE from to LEFT RIGHT", "$1\r\na\r\n");
    GIVES("RPOPLPUSH from from", "$1\r\nc\r\n");
    GIVES("LRANGE from 0 -1", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
    GIVES("LMOVEM from to LEFT RIGHT COUNT 5", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
    GIVES("EXISTS from", ":0\r\n");
    GIVES("LRANGE to 0 -1", "*3\r\n$1\r\na\r\n$1\r\nc\r\n$1\r\nb\r\n");
    GIVES("SET from string", "+OK\r\n");
    GIVES("LMOVE to from LEFT LEFT",
          "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    GIVES("LLEN to", ":3\r\n");
    GIVES("LMPOP 2 none to RIGHT COUNT 2", "*2\r\n$2\r\nto\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
}

Test(list_behaviour, is_packed_while_it_is_small) {
    GIVES("RPUSH l a", ":1\r\n");
    GIVES("OBJECT ENCODING l", "$8\r\nlistpack\r\n");
    for (int i = 0; i < 3000; i++) harness_runf(&h, "RPUSH l element:%d", i);
    GIVES("OBJECT ENCODING l", "$9\r\nquicklist\r\n");
    GIVES("LINDEX l 2000", "$12\r\nelement:1999\r\n");
    GIVES("LTRIM l 0 3", "+OK\r\n");
    GIVES("OBJECT ENCODING l", "$8\r\nlistpack\r\n");
}

Test(list_behaviour, tells_a_replica_what_a_waiting_word_did) {
    GIVES("RPUSH l a b c", ":3\r\n");
    harness_journal_clear(&h);
    GIVES("BLPOP l 0", "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
    GIVES("BLMOVE l m RIGHT LEFT 0", "$1\r\nc\r\n");
    cr_assert_str_eq(harness_journal(&h), "LPOP l\n--\nLMOVE l m RIGHT LEFT\n--\n");
}
