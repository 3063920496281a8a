/* SPDX-License-Identifier: BSD-3-Clause */
#include "string_harness.h"

TestSuite(string_get, .init = string_setup, .fini = string_teardown);

Test(string_get, answers_null_for_no_key_and_WRONGTYPE_for_another) {
    hold_other("o");
    GIVES("GET none", NULL_REPLY);
    GIVES("GET o", WRONG_TYPE);
    GIVES("STRLEN none", ":0\r\n");
    GIVES("STRLEN o", WRONG_TYPE);
    GIVES("GETDEL none", NULL_REPLY);
    GIVES("GETDEL o", WRONG_TYPE);
    GIVES("EXISTS o", ":1\r\n");
}

Test(string_get, counts_hits_and_misses) {
    struct keyspace_counters *counters = &harness.executor.keyspace.counters;
    harness_run(&harness, "SET k v");
    harness_run(&harness, "GET k");
    harness_run(&harness, "GET none");
    harness_run(&harness, "MGET k none");
    harness_run(&harness, "GETEX k EX 10");
    harness_run(&harness, "SET k v GET");
    cr_assert_eq(counters->hits, 4);
    cr_assert_eq(counters->misses, 2);
}

Test(string_get, reads_an_integer_as_its_text) {
    GIVES("SET k -9223372036854775808", "+OK\r\n");
    GIVES("GET k", "$20\r\n-9223372036854775808\r\n");
    GIVES("STRLEN k", ":20\r\n");
    GIVES("SET k 007", "+OK\r\n");
    GIVES("GET k", "$3\r\n007\r\n");
}

Test(string_get, deletes_what_it_reads_with_GETDEL) {
    GIVES("SET k v", "+OK\r\n");
    GIVES("GETDEL k", "$1\r\nv\r\n");
    GIVES("EXISTS k", ":0\r\n");
}

Test(string_get, moves_the_end_of_the_key_with_GETEX) {
    GIVES("SET k v", "+OK\r\n");
    GIVES("GETEX k", "$1\r\nv\r\n");
    GIVES("PTTL k", ":-1\r\n");
    GIVES("GETEX k EX 10", "$1\r\nv\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("GETEX k PX 20", "$1\r\nv\r\n");
    GIVES("PTTL k", ":20\r\n");
    GIVES("GETEX k EXAT 1700000001", "$1\r\nv\r\n");
    GIVES("PTTL k", ":1000\r\n");
    GIVES("GETEX k PXAT 1700000000002", "$1\r\nv\r\n");
    GIVES("PTTL k", ":2\r\n");
    GIVES("GETEX k PERSIST", "$1\r\nv\r\n");
    GIVES("PTTL k", ":-1\r\n");
    GIVES("GETEX k EXAT 1", "$1\r\nv\r\n");
    GIVES("GETEX k", NULL_REPLY);
}

Test(string_get, judges_the_syntax_of_GETEX_then_the_key_then_the_time) {
    hold_other("o");
    GIVES("SET k v", "+OK\r\n");
    GIVES("GETEX none FOO", SYNTAX_ERROR);
    GIVES("GETEX k KEEPTTL", SYNTAX_ERROR);
    GIVES("GETEX k EX", SYNTAX_ERROR);
    GIVES("GETEX k EX 10 PERSIST", SYNTAX_ERROR);
    GIVES("GETEX none EX 0", NULL_REPLY);
    GIVES("GETEX o EX a", WRONG_TYPE);
    GIVES("GETEX k EX a", NOT_AN_INTEGER);
    GIVES("GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n");
    GIVES("PTTL k", ":-1\r\n");
}

Test(string_get, digests_the_text_however_it_lies) {
    GIVES("DIGEST none", NULL_REPLY);
    GIVES("SET k \"Hello world\"", "+OK\r\n");
    GIVES("DIGEST k", "$16\r\nb6acb9d84a38ff74\r\n");
    GIVES("SET n 12", "+OK\r\n");
    GIVES("APPEND m 1", ":1\r\n");
    GIVES("APPEND m 2", ":2\r\n");
    char digest[64];
    snprintf(digest, sizeof(digest), "%s", harness_run(&harness, "DIGEST n"));
    GIVES("DIGEST m", digest);
    hold_other("o");
    GIVES("DIGEST o", WRONG_TYPE);
}

Test(string_get, deletes_under_a_condition_with_DELEX) {
    GIVES("DELEX none", ":0\r\n");
    GIVES("DELEX none IFNE a", ":0\r\n");
    GIVES("SET k v", "+OK\r\n");
    GIVES("DELEX k IFEQ w", ":0\r\n");
    GIVES("DELEX k IFNE v", ":0\r\n");
    GIVES("DELEX k ifne w", ":1\r\n");
    GIVES("SET k \"Hello world\"", "+OK\r\n");
    GIVES("DELEX k IFDNE b6acb9d84a38ff74", ":0\r\n");
    GIVES("DELEX k IFDEQ b6acb9d84a38ff74", ":1\r\n");
    hold_other("o");
    GIVES("DELEX o IFEQ v", "-ERR Key should be of string type if conditions are specified\r\n");
    GIVES("DELEX o", ":1\r\n");
}

Test(string_get, refuses_conditions_that_DELEX_does_not_know) {
    GIVES("SET k v", "+OK\r\n");
    GIVES("DELEX k NX a", "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE\r\n");
    GIVES("DELEX k FOO a", "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE\r\n");
    GIVES("DELEX k IFEQ", "-ERR wrong number of arguments for 'delex' command\r\n");
    GIVES("DELEX k IFEQ v x", "-ERR wrong number of arguments for 'delex' command\r\n");
    GIVES("DELEX k IFDEQ v", "-ERR must be exactly 16 hexadecimal characters\r\n");
    GIVES("EXISTS k", ":1\r\n");
}

Test(string_get, deletes_what_equals_with_DELIFEQ) {
    GIVES("DELIFEQ none v", ":0\r\n");
    GIVES("SET k 10", "+OK\r\n");
    GIVES("DELIFEQ k 010", ":0\r\n");
    GIVES("DELIFEQ k 10", ":1\r\n");
    hold_other("o");
    GIVES("DELIFEQ o v", WRONG_TYPE);
}

Test(string_get, tells_what_happened_and_journals_what_was_decided) {
    leaves("SET k v", "set k", "SET k v\n--\n");
    leaves("GETEX k", "", "");
    leaves("GETEX k PERSIST", "", "");
    leaves("GETEX k EX 10", "expire k", "PEXPIREAT k 1700000010000\n--\n");
    leaves("GETEX k PERSIST", "persist k", "PERSIST k\n--\n");
    leaves("GETEX k EXAT 1", "del k", "DEL k\n--\n");
    harness_run(&harness, "SET k v");
    leaves("GETDEL k", "del k", "DEL k\n--\n");
    leaves("GETDEL k", "", "");
    harness_run(&harness, "SET k v");
    leaves("DELIFEQ k w", "", "");
    leaves("DELIFEQ k v", "del k", "DEL k\n--\n");
    harness.executor.lazy_user_del = true;
    harness_run(&harness, "SET k v");
    leaves("DELEX k", "del k", "UNLINK k\n--\n");
}

/* --- many keys --- */

Test(string_get, reads_many_keys_and_says_null_for_what_is_no_string) {
    hold_other("o");
    GIVES("MSET a 1 b two", "+OK\r\n");
    GIVES("MGET a o none b a", "*5\r\n$1\r\n1\r\n$-1\r\n$-1\r\n$3\r\ntwo\r\n$1\r\n1\r\n");
    harness_protocol(&harness, 3);
    GIVES("MGET none", "*1\r\n_\r\n");
}
