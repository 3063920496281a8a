/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/latency.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "server/observe.h"

#define RULE "--------------------------------------------------------------------------------\n"

static const char *graph(const struct latency_event *event, int64_t now_s, struct arena *arena) {
    struct bytes text = latency_graph(event, now_s, arena);
    return arena_format(arena, "%.*s", (int)text.len, text.data).data;
}

Test(latency, of_one_second_the_worst_is_kept) {
    struct latency *latency = latency_create();
    latency_add(latency, "command", 100, 5);
    latency_add(latency, "command", 100, 9);
    latency_add(latency, "command", 100, 7);
    latency_add(latency, "command", 101, 2);
    const struct latency_event *event = latency_find(latency, BYTES("command"));
    cr_assert_eq(event->count, 2);
    cr_assert_eq(latency_sample_at(event, 0)->ms, 9);
    cr_assert_eq(latency_sample_at(event, 1)->ms, 2);
    cr_assert_eq(event->worst_ms, 9);
    latency_destroy(&latency);
}

Test(latency, the_oldest_samples_go_and_the_worst_stays) {
    struct latency *latency = latency_create();
    for (int i = 0; i < 500; i++) latency_add(latency, "fork", 1000 + i, 500 - i);
    const struct latency_event *event = latency_find(latency, BYTES("fork"));
    cr_assert_eq(event->count, LATENCY_SAMPLES_MAX);
    cr_assert_eq(latency_sample_at(event, 0)->time_s, 1000 + 500 - LATENCY_SAMPLES_MAX);
    cr_assert_eq(latency_sample_at(event, LATENCY_SAMPLES_MAX - 1)->time_s, 1499);
    cr_assert_eq(event->worst_ms, 500);
    latency_destroy(&latency);
}

Test(latency, events_are_forgotten_one_by_one_or_all) {
    struct latency *latency = latency_create();
    latency_add(latency, "a", 1, 1);
    latency_add(latency, "b", 1, 1);
    latency_add(latency, "c", 1, 1);
    struct bytes name = BYTES("b");
    cr_assert_eq(latency_reset(latency, &name), 1);
    cr_assert_eq(latency_reset(latency, &name), 0);
    cr_assert_not_null(latency_find(latency, BYTES("a")));
    cr_assert_null(latency_find(latency, BYTES("b")));
    cr_assert_eq(latency_reset(latency, NULL), 2);
    cr_assert_null(latency_first(latency));
    latency_destroy(&latency);
}

Test(latency, a_summary_says_how_samples_lie) {
    struct latency *latency = latency_create();
    const int64_t ms[] = {11, 2, 50, 20};
    for (int i = 0; i < 4; i++) latency_add(latency, "command", 100 + i, ms[i]);
    struct latency_summary summary = latency_summarize(latency_find(latency, BYTES("command")),
                                                       115);
    cr_assert_eq(summary.mean_ms, 20);
    cr_assert_eq(summary.deviation_ms, 14);
    cr_assert_eq(summary.lowest_ms, 2);
    cr_assert_eq(summary.highest_ms, 50);
    cr_assert_float_eq(summary.period_s, 3.75, 1e-9);
    latency_destroy(&latency);
}

/* The same samples were given to redis-server 7.0: this is what it drew. */
Test(latency, a_graph_is_drawn_as_peers_draw_it) {
    struct latency *latency = latency_create();
    struct arena arena;
    arena_init(&arena);
    const int64_t ms[] = {11, 2, 50, 20};
    for (int i = 0; i < 4; i++) latency_add(latency, "command", 100 + i, ms[i]);
    cr_assert_str_eq(graph(latency_find(latency, BYTES("command")), 114, &arena),
                     "command - high 50 ms, low 2 ms (all time high 50 ms)\n" RULE
                     "  # \n  | \n  |o\n#_||\n    \n1111\n4321\nssss\n");
    latency_reset(latency, NULL);
    for (int i = 0; i < 6; i++) latency_add(latency, "command", 100 + i, 3 + i);
    cr_assert_str_eq(graph(latency_find(latency, BYTES("command")), 107, &arena),
                     "command - high 8 ms, low 3 ms (all time high 8 ms)\n" RULE
                     "    _#\n   o||\n  o|||\n_#||||\n      \n765432\nssssss\n");
    arena_deinit(&arena);
    latency_destroy(&latency);
}

Test(latency, a_graph_tells_minutes_hours_and_days_and_breaks_its_lines) {
    struct latency *latency = latency_create();
    struct arena arena;
    arena_init(&arena);
    const int64_t ago_s[] = {3 * 86400, 7200, 180, 59};
    for (int i = 0; i < 4; i++) latency_add(latency, "a", 1000000 - ago_s[i], 5);
    cr_assert_str_eq(graph(latency_find(latency, BYTES("a")), 1000000, &arena),
                     "a - high 5 ms, low 5 ms (all time high 5 ms)\n" RULE
                     "    \n    \n    \n____\n    \n3235\ndhm9\n   s\n");
    for (int i = 0; i < LATENCY_SAMPLES_MAX; i++) latency_add(latency, "b", 1000 + i, 5);
    const char *text = graph(latency_find(latency, BYTES("b")), 2000, &arena);
    cr_assert_not_null(strstr(text, "\n\n"), "two bands of eighty samples");
    arena_deinit(&arena);
    latency_destroy(&latency);
}
