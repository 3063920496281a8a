/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Answering, in the client's protocol. Every call gives exactly one whole reply: the elements that
 * an aggregate announces are counted down, and executor_run asserts that none is owed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/outcome.h"
#include "commands/call.h"
#include "keyspace/value.h"

/* Nothing now: the reply was pushed, comes later, or is not wanted. For the server's own words. */
void reply_none(struct call *call);
void reply_ok(struct call *call);
void reply_status(struct call *call, const char *text);
/* Text with its code and without '-': "WRONGTYPE Operation against ...". Sets call->failed. Where
 * there is no memory for the text, as it may have a client's words in it, that is the error. */
void reply_error(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);
void reply_wrong_type(struct call *call);
static inline void reply_integer(struct call *call, int64_t value) {
    call->reply_pending--;
    resp_integer(call->output, value);
}
static inline void reply_bulk(struct call *call, struct bytes bytes) {
    call->reply_pending--;
    resp_bulk(call->output, bytes);
}
void reply_text(struct call *call, const char *text); /* a bulk */
void reply_bulk_integer(struct call *call, int64_t value);
void reply_blob(struct call *call, struct blob *blob);
void reply_null(struct call *call);
void reply_null_array(struct call *call);
void reply_array(struct call *call, size_t count);
void reply_map(struct call *call, size_t pairs);
void reply_set(struct call *call, size_t count);
void reply_push(struct call *call, size_t count); /* out of band: not counted as the reply */
void reply_boolean(struct call *call, bool value);
void reply_double(struct call *call, double value);
void reply_long_double(struct call *call, long double value); /* a bulk in both protocols */
void reply_verbatim(struct call *call, const char format[3], struct bytes text);
void reply_big_number(struct call *call, struct bytes digits);
/* A text that was gathered, verbatim; or that there was no memory for it. */
void reply_gathered(struct call *call, const struct output *text);
/* The error for want of memory: "OOM command not allowed: no memory for ..." */
void reply_no_memory(struct call *call, const char *what);

/* Aggregates whose count is known only at the end. */
struct reply_later {
    size_t offset;
    int64_t pending;
};
struct reply_later reply_later_open(struct call *call);
/* kind: '*' array, '%' map, '~' set. The count is that of the elements given since. */
void reply_later_close(struct call *call, struct reply_later later, char kind);

/* Takes back everything that was replied since the call began, so that another can be given. */
struct reply_mark {
    size_t offset;
    int64_t pending;
};
struct reply_mark reply_mark(struct call *call);
void reply_rewind(struct call *call, struct reply_mark mark);
