/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/slowlog.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/observe.h"

#define ARGS_MAX 64

static void add(struct slowlog *slowlog, const struct bytes *argv, int argc) {
    slowlog_add(slowlog, argv, argc, BYTES("1.2.3.4:5"), BYTES("me"), 100, 7, 3);
}

Test(slowlog, an_entry_keeps_what_was_said_of_it) {
    struct slowlog *slowlog = slowlog_create();
    const struct bytes argv[] = {BYTES("SET"), BYTES("a"), BYTES("")};
    add(slowlog, argv, 3);
    const struct slowlog_entry *entry = slowlog_newest(slowlog);
    cr_assert_eq(entry->id, 0);
    cr_assert_eq(entry->time_s, 100);
    cr_assert_eq(entry->duration_us, 7);
    cr_assert_eq(entry->argc, 3);
    for (int i = 0; i < 3; i++) cr_assert(bytes_equal(entry->argv[i], argv[i]));
    cr_assert(bytes_equal(entry->peer, BYTES("1.2.3.4:5")));
    cr_assert(bytes_equal(entry->name, BYTES("me")));
    slowlog_destroy(&slowlog);
}

Test(slowlog, the_latest_are_kept_and_ids_go_on) {
    struct slowlog *slowlog = slowlog_create();
    const struct bytes argv[] = {BYTES("PING")};
    for (int i = 0; i < 10; i++) add(slowlog, argv, 1);
    cr_assert_eq(slowlog_length(slowlog), 3);
    cr_assert_eq(slowlog_newest(slowlog)->id, 9);
    cr_assert_eq(slowlog_newest(slowlog)->older->older->id, 7);
    cr_assert_null(slowlog_newest(slowlog)->older->older->older);
    slowlog_reset(slowlog);
    cr_assert_eq(slowlog_length(slowlog), 0);
    cr_assert_null(slowlog_newest(slowlog));
    add(slowlog, argv, 1);
    cr_assert_eq(slowlog_newest(slowlog)->id, 10);
    slowlog_destroy(&slowlog);
}

Test(slowlog, a_length_of_none_keeps_none_and_no_memory) {
    size_t before = memory_used_bytes();
    struct slowlog *slowlog = slowlog_create();
    const struct bytes argv[] = {BYTES("PING")};
    slowlog_add(slowlog, argv, 1, BYTES(""), BYTES(""), 1, 1, 0);
    cr_assert_eq(slowlog_length(slowlog), 0);
    slowlog_destroy(&slowlog);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(slowlog, long_arguments_are_cut_and_say_by_how_much) {
    struct slowlog *slowlog = slowlog_create();
    char text[200];
    memset(text, 'x', sizeof(text));
    const struct bytes argv[] = {bytes_make(text, 128), bytes_make(text, 129),
                                 bytes_make(text, 200)};
    add(slowlog, argv, 3);
    const struct slowlog_entry *entry = slowlog_newest(slowlog);
    cr_assert_eq(entry->argv[0].len, 128);
    cr_assert_eq(entry->argv[1].len, 128 + strlen("... (1 more bytes)"));
    cr_assert_arr_eq(entry->argv[1].data + 128, "... (1 more bytes)", 18);
    cr_assert_arr_eq(entry->argv[2].data + 128, "... (72 more bytes)", 19);
    slowlog_destroy(&slowlog);
}

Test(slowlog, the_last_of_too_many_arguments_says_how_many_more_there_are) {
    struct slowlog *slowlog = slowlog_create();
    struct bytes argv[ARGS_MAX];
    for (int i = 0; i < ARGS_MAX; i++) argv[i] = BYTES("a");
    add(slowlog, argv, SLOWLOG_ARGS_MAX);
    cr_assert_eq(slowlog_newest(slowlog)->argc, SLOWLOG_ARGS_MAX);
    cr_assert(bytes_equal(slowlog_newest(slowlog)->argv[31], BYTES("a")));
    add(slowlog, argv, SLOWLOG_ARGS_MAX + 1);
    cr_assert_eq(slowlog_newest(slowlog)->argc, SLOWLOG_ARGS_MAX);
    cr_assert(bytes_equal(slowlog_newest(slowlog)->argv[31], BYTES("... (2 more arguments)")));
    add(slowlog, argv, ARGS_MAX);
    cr_assert(bytes_equal(slowlog_newest(slowlog)->argv[31], BYTES("... (33 more arguments)")));
    slowlog_destroy(&slowlog);
}
