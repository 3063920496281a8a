/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A server in the test's own process: no sockets, no sleeping, time moves when the test moves it.
 *
 *     struct harness harness;
 *     harness_init(&harness);
 *     cr_assert_str_eq(harness_run(&harness, "SET k v"), "+OK\r\n");
 *     harness_advance_ms(&harness, 1000);
 *     harness_deinit(&harness);
 *
 * Replies are RESP as it would go over the wire, with a final zero; valid until the next run. */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "commands/executor.h"
#include "commands/journal.h"
#include "protocol/output.h"

#define HARNESS_START_US ((int64_t)1700000000000000) /* 2023-11-14 22:13:20 UTC */

struct registry;
struct harness {
    struct clock clock;
    struct registry *registry;
    struct executor executor;
    struct memory_journal journal;
    struct output output;
    char *reply; /* the last one, NUL behind it */
    size_t reply_len;
    int32_t database; /* the selected one */
    char *events;     /* "class event key\n" of each keyspace event since the last clear */
    size_t events_len;
    const struct command *running; /* whose events must be declared; NULL: none runs */
    uint8_t protocol;
};

void harness_init(struct harness *harness);
void harness_deinit(struct harness *harness);
/* RESP version of the replies: 2 (the default) or 3. */
void harness_protocol(struct harness *harness, uint8_t protocol);
void harness_advance_ms(struct harness *harness, int64_t ms);
void harness_set_now_ms(struct harness *harness, int64_t now_ms);
int64_t harness_now_ms(const struct harness *harness);

/* Words as a shell line: blanks separate, "..." and '...' quote as in redis-cli. */
const char *harness_run(struct harness *harness, const char *line);
const char *harness_runf(struct harness *harness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *harness_run_argv(struct harness *harness, const struct bytes *argv, int argc);
/* The last reply read as an integer, or as the text of a bulk or status; asserts its kind. */
int64_t harness_integer(struct harness *harness, const char *line);
const char *harness_text(struct harness *harness, const char *line);

/* Lets due keys expire, as the server's timer does. */
void harness_expire(struct harness *harness);
/* SHA-1 over all that lies in the databases, ended or not, as hex: equal content, equal digest. */
const char *harness_digest(struct harness *harness);
/* Replays everything journaled so far into `into`, at the instants of the units. */
void harness_replay(const struct harness *harness, struct harness *into);
/* The journal as text: one command a line, units separated by "--\n". Valid until the next call. */
const char *harness_journal(struct harness *harness);
void harness_journal_clear(struct harness *harness);
