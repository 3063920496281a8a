/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/reading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "collections/sorted_set_value.h"
#include "commands/edit.h"
#include "commands/reply.h"
#include "harness/harness.h"
#include "harness/sliced.h"

#define MEMBERS 500

static struct harness h;
static struct sliced client;
static bool state_is_there;

static void destroy_state(void *state) {
    free(state);
    state_is_there = false;
}

/* Replies all names, in order. */
static bool step_names(struct call *call, void *state, size_t budget) {
    struct sorted_set_walk *walk = state;
    for (; budget > 0; budget--) {
        reply_bulk(call, walk->item.name);
        if (!sorted_set_walk_next(walk)) return true;
    }
    return false;
}

static void read_names(struct call *call) {
    struct value value;
    cr_assert(key_read(call, call->argv[1], &sorted_set_type, &value));
    struct sorted_set_walk *walk = malloc(sizeof(*walk));
    cr_assert(sorted_set_walk_start(walk, &value, 0));
    reply_array(call, (int64_t)sorted_set_count(&value));
    state_is_there = true;
    call_read_in_slices(call, &value, 1, step_names, walk, destroy_state);
}

static const struct command names_command = {.name = "names", .access = READS};

/* Runs it over the key, with a client that can be suspended or without. */
static void read_key(struct output *output, bool has_client) {
    static struct bytes argv[2];
    argv[0] = BYTES("NAMES");
    argv[1] = BYTES("z");
    struct call call;
    output_init(output, 2);
    if (has_client) sliced_arm(&client, &h);
    call_init(&call, &h.executor, &names_command, &h.executor.keyspace.databases[0], argv, 2,
              output);
    if (has_client) call.session = (struct session *)(void *)&client;
    executor_begin(&h.executor);
    read_names(&call);
    executor_end(&h.executor);
    h.executor.hooks.suspend = NULL;
}

static void setup(void) {
    harness_init(&h);
    if (keyspace_type_by_name(&h.executor.keyspace, bytes_of(sorted_set_type.name)) == NULL)
        keyspace_add_type(&h.executor.keyspace, &sorted_set_type);
    struct sorted_set *set = sorted_set_create();
    for (int i = 0; i < MEMBERS; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "m%04d", i);
        struct member_parts parts = {.name = bytes_make(name, (size_t)len), .score = i};
        cr_assert(sorted_set_add(set, &parts));
    }
    struct keyspace_place place = keyspace_find(&h.executor.keyspace.databases[0], BYTES("z"),
                                                hash_bytes(BYTES("z")));
    cr_assert(keyspace_store(&h.executor.keyspace, &h.executor.keyspace.databases[0], BYTES("z"),
                             &place,
                             &(struct value){.type = &sorted_set_type,
                                             .storage = VALUE_BOXED,
                                             .encoding = SORTED_SET_TREE,
                                             .boxed = set},
                             false, 0));
}

static void teardown(void) { harness_deinit(&h); }

TestSuite(reading, .init = setup, .fini = teardown);

/* All elements, in order, and no more; the array was opened where the command began. */
static void expect_whole(void) {
    char *reply = sliced_reply(&client);
    const char *at = reply;
    for (int i = 0; i < MEMBERS; i++) {
        char expected[24];
        int len = snprintf(expected, sizeof(expected), "$5\r\nm%04d\r\n", i);
        cr_assert_eq(strncmp(at, expected, (size_t)len), 0, "at %d: %.20s", i, at);
        at += len;
    }
    cr_assert_eq(*at, '\0');
    free(reply);
}

static void start_and_run_some(void) {
    struct output output;
    read_key(&output, true);
    output_deinit(&output);
    cr_assert_not(sliced_step(&client, &h, 10));
    cr_assert_not_null(h.executor.readings);
}

/* After a change of what it reads: no step is left but the one that says so. */
static void expect_finished_by(const char *line) {
    harness_run(&h, line);
    expect_whole();
    cr_assert(sliced_step(&client, &h, 1));
    expect_whole();
    sliced_finish(&client, true);
    cr_assert_null(h.executor.readings);
    cr_assert_not(state_is_there);
}

Test(reading, goes_on_step_by_step_while_others_change_other_keys) {
    start_and_run_some();
    harness_run(&h, "SET other 1");
    harness_run(&h, "DEL other");
    size_t steps = 0;
    while (!sliced_step(&client, &h, 10)) steps++;
    cr_assert_gt(steps, 40);
    expect_whole();
    sliced_finish(&client, true);
    cr_assert_null(h.executor.readings);
}

Test(reading, is_finished_before_its_key_is_deleted) {
    start_and_run_some();
    expect_finished_by("DEL z");
}

Test(reading, is_finished_before_its_key_is_written_over) {
    start_and_run_some();
    expect_finished_by("SET z string");
}

Test(reading, is_finished_before_a_change_that_comes_before_its_first_step) {
    struct output output;
    read_key(&output, true);
    output_deinit(&output);
    expect_finished_by("DEL z");
}

Test(reading, is_finished_before_all_keys_go) {
    start_and_run_some();
    expect_finished_by("FLUSHALL");
}

Test(reading, is_finished_before_its_key_expires) {
    harness_run(&h, "PEXPIRE z 100");
    start_and_run_some();
    harness_advance_ms(&h, 200);
    expect_finished_by("GET z");
}

Test(reading, runs_at_once_where_nobody_can_wait) {
    struct output output;
    read_key(&output, false);
    cr_assert_null(h.executor.readings);
    cr_assert_not(state_is_there);
    cr_assert_eq(output_bytes(&output), strlen("*500\r\n") + MEMBERS * strlen("$5\r\nm0000\r\n"));
    output_deinit(&output);
}

Test(reading, of_a_client_that_leaves_is_forgotten) {
    start_and_run_some();
    sliced_finish(&client, false);
    cr_assert_null(h.executor.readings);
    cr_assert_not(state_is_there);
    cr_assert_eq(harness_integer(&h, "DEL z"), 1);
}
