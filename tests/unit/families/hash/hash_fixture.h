/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the tests of this family share: one server, and short words to ask it. */
#include <criterion/criterion.h>

#include "base/memory.h"
#include "commands/family.h"
#include "harness/harness.h"

static struct harness h;

#define GIVES(line, expected) \
    cr_assert_str_eq(harness_run(&h, line), expected, "%s gave %s", line, h.reply)
#define EVENTS(text) cr_assert_str_eq(h.events == NULL ? "" : h.events, text)
#define JOURNAL(text) cr_assert_str_eq(harness_journal(&h), text)

/* Events and journal begin anew. */
static inline void forget(void) {
    h.events_len = 0;
    if (h.events != NULL) h.events[0] = '\0';
    harness_journal_clear(&h);
}

/* A second server that is fed the journal holds the same. */
static inline void check_replay(void) {
    struct harness other;
    harness_init(&other);
    harness_replay(&h, &other);
    char digest[41];
    memcpy(digest, harness_digest(&h), sizeof(digest));
    cr_assert_str_eq(harness_digest(&other), digest);
    harness_deinit(&other);
}
