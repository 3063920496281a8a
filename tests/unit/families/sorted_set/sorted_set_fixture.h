/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the tests of the family share: a server, and short ways to say what a command gives. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "harness/harness.h"

static struct harness harness;

static inline void sorted_set_setup(void) { harness_init(&harness); }
static inline void sorted_set_teardown(void) { harness_deinit(&harness); }

#define GIVES(line, expected) cr_assert_str_eq(harness_run(&harness, line), expected, "%s", line)
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define SYNTAX_ERROR "-ERR syntax error\r\n"
#define NOT_AN_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NOT_A_FLOAT "-ERR value is not a valid float\r\n"
#define BAD_SCORES "-ERR min or max is not a float\r\n"
#define BAD_NAMES "-ERR min or max not valid string range item\r\n"

/* The elements of a flat reply of bulks, with blanks between; "-" for null. */
static inline const char *flat(const char *line) {
    static char text[65536];
    size_t len = 0;
    const char *at = harness_run(&harness, line);
    cr_assert_neq(at[0], '-', "%s gave %s", line, at);
    for (; *at != '\0';) {
        char kind = *at;
        long count = strtol(at + 1, NULL, 10);
        at = strstr(at, "\r\n") + 2;
        if (kind != '$') continue;
        if (len > 0) text[len++] = ' ';
        if (count < 0) {
            text[len++] = '-';
            continue;
        }
        memcpy(text + len, at, (size_t)count);
        len += (size_t)count;
        at += count + 2;
    }
    text[len] = '\0';
    return text;
}
#define HOLDS(line, expected) cr_assert_str_eq(flat(line), expected, "%s", line)

/* Runs a line and compares events ("class name key" each, see harness.h) and the journal. */
static inline void leaves(const char *line, const char *events, const char *effects) {
    harness.events_len = 0;
    if (harness.events != NULL) harness.events[0] = '\0';
    harness_journal_clear(&harness);
    harness_run(&harness, line);
    cr_assert_str_eq(harness.events == NULL ? "" : harness.events, events, "%s: events\n%s", line,
                     harness.events);
    cr_assert_str_eq(harness_journal(&harness), effects, "%s: effects are\n%s", line,
                     harness_journal(&harness));
}
