/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Arguments, read from left to right, typed and bounded. The first mistake is replied to once and
 * latched; every later read gives zero or empty, so a handler reads all it needs and then asks
 * args_failed once.
 *
 *     struct bytes key = args_key(call);
 *     while (args_left(call) > 0) {
 *         if (args_word(call, "EX")) seconds = args_integer(call, 1, INT64_MAX);
 *         else if (args_word(call, "NX")) only_new = true;
 *         else args_syntax_error(call);
 *     }
 *     if (args_failed(call)) return;
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "commands/call.h"

static inline int args_left(const struct call *call) {
    return call->failed ? 0 : call->argc - call->arg_at;
}
static inline bool args_failed(const struct call *call) { return call->failed; }
/* Looks at an argument without taking it: 0 is the next one. Empty when there is none. */
struct bytes args_peek(const struct call *call, int ahead);
/* Index in argv of the next argument. */
static inline int args_index(const struct call *call) { return call->arg_at; }

/* What args_bytes answers when nothing is left, or after a mistake. */
struct bytes args_missing(struct call *call);
static inline struct bytes args_bytes(struct call *call) {
    if (UNLIKELY(call->failed || call->arg_at >= call->argc)) return args_missing(call);
    return call->argv[call->arg_at++];
}
/* The blob that the argument taken last lies in whole, or NULL: it may be kept without a copy. */
static inline struct blob *args_taken_blob(const struct call *call) {
    return call->blobs == NULL ? NULL : call->blobs[call->arg_at - 1];
}
static inline struct bytes args_key(struct call *call) { return args_bytes(call); }
/* Takes the next argument if it is this word, whatever its case. */
bool args_word(struct call *call, const char *word);
/* As Redis's integers; "ERR value is not an integer or out of range" outside [min, max]. */
int64_t args_integer(struct call *call, int64_t min, int64_t max);
/* The same, with the error text to give ("value is out of range, must be positive"). */
int64_t args_integer_or(struct call *call, int64_t min, int64_t max, const char *error);
/* "ERR value is not a valid float" */
double args_double(struct call *call);
double args_double_or(struct call *call, const char *error);
/* Of the application families (conventions): 250ms 30s 5m 2h 7d; at least `min_ms`. */
int64_t args_duration_ms(struct call *call, int64_t min_ms, int64_t max_ms);
void args_rate(struct call *call, int64_t *count, int64_t *duration_ms);
double args_fraction(struct call *call, double min, double max);
uint64_t args_memory_bytes(struct call *call, uint64_t max);

/* Latches an error; the text begins with its code ("ERR ..."). */
void args_fail(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);
/* "ERR syntax error". Takes nothing. */
void args_syntax_error(struct call *call);
/* The application families' form, naming the word: "ERR syntax error near 'word'". */
void args_unknown_word(struct call *call);
/* "ERR wrong number of arguments for 'name' command" */
void args_wrong_number(struct call *call);
/* Fails unless all arguments have been read. */
void args_end(struct call *call);
