/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the tests of the words share: one server, and short words to ask it. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "commands/family.h"
#include "harness/harness.h"

static struct harness h;

static inline void setup(void) { harness_init(&h); }
static inline void teardown(void) { harness_deinit(&h); }

#define GIVES(line, expected) \
    cr_assert_str_eq(harness_run(&h, line), expected, "%s gave %s", line, h.reply)
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define SYNTAX_ERROR "-ERR syntax error\r\n"
#define NOT_AN_INTEGER "-ERR value is not an integer or out of range\r\n"
#define BAD_OFFSET "-ERR bit offset is not an integer or out of range\r\n"
#define BAD_BIT "-ERR bit is not an integer or out of range\r\n"

/* A key named "other" that holds no string. */
static inline void hold_other(void) { harness_run(&h, "RL.CHECK other 10/1m"); }

static inline void forget(void) {
    h.events_len = 0;
    if (h.events != NULL) h.events[0] = '\0';
    harness_journal_clear(&h);
}

/* Runs a line and compares the events ("event key database\n" each) and the journal. */
static inline void leaves(const char *line, const char *events, const char *effects) {
    forget();
    harness_run(&h, line);
    const char *seen = h.events == NULL ? "" : h.events;
    cr_assert_str_eq(seen, events, "%s: the events are\n%s", line, seen);
    cr_assert_str_eq(harness_journal(&h), effects, "%s: the effects are\n%s", line,
                     harness_journal(&h));
}

/* A second server that is fed the journal holds the same. */
static inline void check_replay(void) {
    struct harness other;
    harness_init(&other);
    harness_replay(&h, &other);
    char digest[41];
    snprintf(digest, sizeof(digest), "%s", harness_digest(&h));
    cr_assert_str_eq(harness_digest(&other), digest);
    harness_deinit(&other);
}
