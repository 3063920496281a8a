/* SPDX-License-Identifier: BSD-3-Clause */
#include "string_harness.h"

#include "base/memory.h"

TestSuite(string_set, .init = string_setup, .fini = string_teardown);

#define BAD_EXPIRE "-ERR invalid expire time in 'set' command\r\n"

Test(string_set, keeps_what_it_is_given_whatever_the_bytes) {
    GIVES("SET k v", "+OK\r\n");
    GIVES("GET k", "$1\r\nv\r\n");
    GIVES("SET k \"\\x00\\r\\n\\xff\"", "+OK\r\n");
    cr_assert_arr_eq(harness_run(&harness, "GET k"), "$4\r\n\0\r\n\xff\r\n", 10);
    GIVES("SET \"\" \"\"", "+OK\r\n");
    GIVES("GET \"\"", "$0\r\n\r\n");
}

Test(string_set, takes_the_place_of_another_type) {
    hold_other("k");
    GIVES("SET k v", "+OK\r\n");
    GIVES("GET k", "$1\r\nv\r\n");
}

Test(string_set, wants_a_key_and_a_value) {
    GIVES("SET", "-ERR wrong number of arguments for 'set' command\r\n");
    GIVES("SET k", "-ERR wrong number of arguments for 'set' command\r\n");
}

Test(string_set, sets_only_what_is_not_there_with_NX) {
    GIVES("SET k v NX", "+OK\r\n");
    GIVES("SET k w nx", NULL_REPLY);
    GIVES("GET k", "$1\r\nv\r\n");
}

Test(string_set, sets_only_what_is_there_with_XX) {
    GIVES("SET k v XX", NULL_REPLY);
    GIVES("EXISTS k", ":0\r\n");
    GIVES("SET k v", "+OK\r\n");
    GIVES("SET k w XX", "+OK\r\n");
    GIVES("GET k", "$1\r\nw\r\n");
}

Test(string_set, answers_with_the_old_value_with_GET) {
    GIVES("SET k v GET", NULL_REPLY);
    GIVES("SET k w GET", "$1\r\nv\r\n");
    GIVES("SET k x NX GET", "$1\r\nw\r\n");
    GIVES("GET k", "$1\r\nw\r\n");
    GIVES("SET none x XX GET", NULL_REPLY);
    GIVES("EXISTS none", ":0\r\n");
}

Test(string_set, refuses_to_GET_another_type_and_changes_nothing) {
    hold_other("o");
    GIVES("SET o v GET", WRONG_TYPE);
    GIVES("SET o v NX GET", WRONG_TYPE);
    GIVES("SET o v NX", NULL_REPLY);
    GIVES("TYPE o", "+other\r\n");
    GIVES("SET o v EX 0 GET", BAD_EXPIRE);
}

Test(string_set, ends_the_key_after_seconds_or_milliseconds) {
    GIVES("SET k v EX 10", "+OK\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("SET k v PX 1500", "+OK\r\n");
    GIVES("PTTL k", ":1500\r\n");
    harness_advance_ms(&harness, 1499);
    GIVES("GET k", "$1\r\nv\r\n");
    harness_advance_ms(&harness, 1);
    GIVES("GET k", NULL_REPLY);
}

Test(string_set, ends_the_key_at_an_instant) {
    GIVES("SET k v EXAT 1700000010", "+OK\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("SET k v PXAT 1700000000250", "+OK\r\n");
    GIVES("PTTL k", ":250\r\n");
    GIVES("SET k v PXAT 9223372036854775807", "+OK\r\n");
    GIVES("PEXPIRETIME k", ":9223372036854775807\r\n");
}

Test(string_set, forgets_the_end_unless_KEEPTTL_keeps_it) {
    GIVES("SET k v EX 10", "+OK\r\n");
    GIVES("SET k w KEEPTTL", "+OK\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("SET k 12345678901234567890123456789012345678901234567890 KEEPTTL", "+OK\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("SET k x", "+OK\r\n");
    GIVES("PTTL k", ":-1\r\n");
}

Test(string_set, stores_a_key_whose_end_has_passed_and_nobody_sees_it) {
    GIVES("SET k v", "+OK\r\n");
    GIVES("SET k w EXAT 1 GET", "$1\r\nv\r\n");
    GIVES("EXISTS k", ":0\r\n");
    GIVES("SET k v PXAT 1700000000000", "+OK\r\n");
    GIVES("EXISTS k", ":0\r\n");
}

Test(string_set, refuses_times_that_are_none) {
    GIVES("SET k v EX a", NOT_AN_INTEGER);
    GIVES("SET k v EX 0", BAD_EXPIRE);
    GIVES("SET k v PX -1", BAD_EXPIRE);
    GIVES("SET k v EXAT -1", BAD_EXPIRE);
    GIVES("SET k v PXAT 0", BAD_EXPIRE);
    GIVES("SET k v EX 9223372036854775", BAD_EXPIRE);
    GIVES("SET k v EXAT 9223372036854776", BAD_EXPIRE);
    GIVES("SET k v PX 9223372036854775807", BAD_EXPIRE);
    GIVES("EXISTS k", ":0\r\n");
}

Test(string_set, sees_a_syntax_error_before_a_wrong_number) {
    GIVES("SET k v FOO", SYNTAX_ERROR);
    GIVES("SET k v EX", SYNTAX_ERROR);
    GIVES("SET k v EX a FOO", SYNTAX_ERROR);
    GIVES("SET k v EX a NX XX", SYNTAX_ERROR);
    GIVES("SET k v EX 10 PX 10", SYNTAX_ERROR);
    GIVES("SET k v EX 10 KEEPTTL", SYNTAX_ERROR);
    GIVES("SET k v PERSIST", SYNTAX_ERROR);
    GIVES("SET k v IFEQ", SYNTAX_ERROR);
    GIVES("SET k v NX IFEQ a", SYNTAX_ERROR);
    GIVES("SET k v IFEQ a IFEQ b", SYNTAX_ERROR);
}

Test(string_set, takes_the_last_of_words_that_are_said_twice) {
    GIVES("SET k v NX NX EX 10 EX 20", "+OK\r\n");
    GIVES("PTTL k", ":20000\r\n");
}

Test(string_set, compares_with_IFEQ_and_IFNE) {
    GIVES("SET k new IFEQ old", NULL_REPLY);
    GIVES("EXISTS k", ":0\r\n");
    GIVES("SET k 10 IFNE old", "+OK\r\n");
    GIVES("SET k 11 IFNE 10", NULL_REPLY);
    GIVES("SET k 11 IFEQ 010", NULL_REPLY);
    GIVES("SET k 11 IFEQ 10", "+OK\r\n");
    GIVES("SET k 12 IFEQ 10 GET", "$2\r\n11\r\n");
    GIVES("SET k 12 IFEQ 11 GET", "$2\r\n11\r\n");
    GIVES("GET k", "$2\r\n12\r\n");
    GIVES("SET none 12 IFEQ 11 GET", NULL_REPLY);
}

Test(string_set, compares_digests_with_IFDEQ_and_IFDNE) {
    GIVES("SET k \"Hello world\"", "+OK\r\n");
    GIVES("SET k a IFDNE b6acb9d84a38ff74", NULL_REPLY);
    GIVES("SET k a IFDEQ b6acb9d84a38ff75", NULL_REPLY);
    GIVES("SET k a IFDEQ B6ACB9D84A38FF74", "+OK\r\n");
    GIVES("SET k b IFDNE b6acb9d84a38ff74", "+OK\r\n");
    GIVES("SET none b IFDNE b6acb9d84a38ff74", "+OK\r\n");
    GIVES("SET none2 b IFDEQ b6acb9d84a38ff74", NULL_REPLY);
    GIVES("SET k c IFDEQ abc", "-ERR must be exactly 16 hexadecimal characters\r\n");
}

Test(string_set, compares_strings_alone) {
    hold_other("o");
    GIVES("SET o v IFEQ a", WRONG_TYPE);
    GIVES("SET o v IFNE a GET", WRONG_TYPE);
    GIVES("SET o v IFEQ a EX 0", BAD_EXPIRE);
}

Test(string_set, has_older_forms) {
    GIVES("SETNX k v", ":1\r\n");
    GIVES("SETNX k w", ":0\r\n");
    GIVES("SETEX k 10 v", "+OK\r\n");
    GIVES("PTTL k", ":10000\r\n");
    GIVES("PSETEX k 10 v", "+OK\r\n");
    GIVES("PTTL k", ":10\r\n");
    GIVES("GETSET k w", "$1\r\nv\r\n");
    GIVES("PTTL k", ":-1\r\n");
    GIVES("GETSET none w", NULL_REPLY);
    GIVES("SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n");
    GIVES("SETEX k a v", NOT_AN_INTEGER);
    GIVES("PSETEX k -1 v", "-ERR invalid expire time in 'psetex' command\r\n");
    hold_other("o");
    GIVES("GETSET o v", WRONG_TYPE);
    GIVES("SETNX o v", ":0\r\n");
}

Test(string_set, tells_what_happened_and_journals_what_was_decided) {
    leaves("SET k v", "set k", "SET k v\n--\n");
    leaves("SET k v NX", "", "");
    leaves("SET k v XX GET", "set k", "SET k v\n--\n");
    leaves("SET k v EX 10", "set k,expire k", "SET k v PXAT 1700000010000\n--\n");
    leaves("SET k v KEEPTTL", "set k", "SET k v KEEPTTL\n--\n");
    leaves("SETEX k 1 v", "set k,expire k", "SET k v PXAT 1700000001000\n--\n");
    leaves("PSETEX k 1 v", "set k,expire k", "SET k v PXAT 1700000000001\n--\n");
    leaves("SET k v EXAT 1", "set k,expire k", "SET k v PXAT 1000\n--\n");
    leaves("EXISTS k", "expired k", "DEL k\n--\n");
    leaves("SETNX k v", "set k", "SETNX k v\n--\n");
    leaves("SETNX k v", "", "");
    leaves("GETSET k w", "set k", "GETSET k w\n--\n");
    leaves("SET k x IFEQ w", "set k", "SET k x\n--\n");
    leaves("SET k x EX 0", "", "");
}

Test(string_set, says_null_in_the_words_of_the_protocol) {
    harness_protocol(&harness, 3);
    GIVES("SET k v XX", "_\r\n");
    GIVES("SET k v GET", "_\r\n");
    GIVES("GET none", "_\r\n");
    GIVES("SET k v", "+OK\r\n");
}

Test(string_set, is_one_change_and_none_when_it_was_refused) {
    uint64_t before = harness.executor.keyspace.counters.changes;
    GIVES("SET k v", "+OK\r\n");
    GIVES("SET k v NX", NULL_REPLY);
    cr_assert_eq(harness.executor.keyspace.counters.changes, before + 1);
}

/* How many allocations that may be refused a line makes; those of entries and values are such. */
static uint64_t tries(const char *line) {
    memory_fail_try(0);
    harness_run(&harness, line);
    return memory_fail_try(0);
}

Test(string_set, asks_for_memory_once_for_a_new_key_and_never_for_the_same_size) {
    cr_assert_eq(tries("SET key:1 some-value-of-32-bytes-or-there"), 1);
    cr_assert_eq(tries("SET key:1 other-value-of-32-bytes-or-the"), 0);
    cr_assert_eq(tries("GET key:1"), 0);
    cr_assert_eq(tries("INCR n"), 1);
    cr_assert_eq(tries("INCR n"), 0);
    cr_assert_eq(tries("SET n 5"), 0);
    cr_assert_eq(tries("MSET a 1 b 2"), 2);
    cr_assert_eq(tries("MSET a 3 b 4"), 0);
    cr_assert_eq(tries("SETEX a 10 4"), 1);
    cr_assert_eq(tries("SETEX a 10 5"), 0);
}

/* Runs a command whose last argument lies whole in a blob. */
static void run_with_blob(struct bytes *argv, int argc, struct blob *blob) {
    struct blob *blobs[8] = {NULL};
    blobs[argc - 1] = blob;
    struct command_entry *entry = registry_resolve(harness.registry, argv, argc, NULL);
    struct call call;
    call_init(&call, &harness.executor, entry->command, &harness.executor.keyspace.databases[0],
              argv, argc, &harness.output);
    call.blobs = blobs;
    executor_run(&harness.executor, &call);
}

Test(string_set, keeps_a_big_argument_and_answers_with_it_without_copying) {
    enum { SIZE = 100000 };
    struct blob *blob = blob_create(SIZE);
    memset(blob->data, 'x', SIZE);
    blob->len = SIZE;
    struct bytes set[] = {BYTES("SET"), BYTES("big"), blob_bytes(blob)};
    run_with_blob(set, 3, blob);
    cr_assert_eq(blob->refs, 2);
    output_clear(&harness.output, SIZE_MAX);

    struct bytes get[] = {BYTES("GET"), BYTES("big")};
    run_with_blob(get, 2, NULL);
    cr_assert_eq(harness.output.splice_count, 1);
    cr_assert_eq(harness.output.splices[0].blob, blob);
    output_clear(&harness.output, SIZE_MAX);

    GIVES("APPEND big y", ":100001\r\n");
    cr_assert_eq(blob->refs, 1, "what is shared is copied before it is changed");
    cr_assert_eq(blob->len, SIZE);
    blob_unref(blob);
}
