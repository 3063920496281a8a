/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Numbers and words as clients write them. No locale, no allocation. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"

#define TEXT_INTEGER_MAX 24             /* bytes enough for any int64 or uint64 */
#define TEXT_DOUBLE_MAX 360             /* bytes enough for any double in any of the forms below */
#define TEXT_LONG_DOUBLE_MAX (5 * 1024) /* for any long double with all its digits */

/* The canonical decimal form of an int64 and nothing else: no sign but '-', no leading zeros, no
 * blanks, no "-0". This is what Redis takes for an integer and stores as one. */
bool text_to_integer(struct bytes text, int64_t *value) MUST_CHECK;
bool text_to_unsigned(struct bytes text, uint64_t *value) MUST_CHECK;

/* A double as Redis reads one in ZADD and the like: strtod's grammar over the whole text, inf and
 * infinity allowed, hexadecimal allowed (Valkey 9 refuses it), NaN refused, blanks refused, empty
 * refused, overflow refused, and what is too near zero to be anything else too. Any length; a long
 * double (INCRBYFLOAT, HINCRBYFLOAT) has less than 5120 bytes. O(len). */
bool text_to_double(struct bytes text, double *value) MUST_CHECK;
bool text_to_long_double(struct bytes text, long double *value) MUST_CHECK;

/* Each writes into `out` without a final zero and returns the length. */
size_t text_from_integer(char out[TEXT_INTEGER_MAX], int64_t value);
size_t text_from_unsigned(char out[TEXT_INTEGER_MAX], uint64_t value);
/* The shortest digits that read back as the same double, laid out as Redis 7.2 to 8 and Valkey do
 * in replies: "3", "3.1", "1e+21", "1e-7", "inf", "-inf", "nan", "-0" (Redis 7.0 prints with
 * "%.17g": 3.1000000000000001). Whole numbers up to 2^62 are printed in full. */
size_t text_from_double(char out[TEXT_DOUBLE_MAX], double value);
/* 17 digits after the point at most, trailing zeros cut, never an exponent, zero never negative:
 * INCRBYFLOAT's form. */
size_t text_from_long_double(char out[TEXT_LONG_DOUBLE_MAX], long double value);

/* Sizes as configuration writes them: 100, 1k (1000), 1kb (1024), 5mb, 1g, 1gb, 12b; any case. A
 * unit without a number, which Redis takes for 0, and overflow, which it lets wrap, are refused. */
bool text_to_memory_bytes(struct bytes text, uint64_t *value) MUST_CHECK;
/* Durations of the application families: 250, 250ms, 30s, 5m, 2h, 7d → milliseconds; any case. */
bool text_to_duration_ms(struct bytes text, int64_t *value) MUST_CHECK;
/* Rates: count/duration, duration without a number counting as one unit: 100/1m, 5/s, 1000/d. A
 * duration of 0 is refused. */
bool text_to_rate(struct bytes text, int64_t *count, int64_t *duration_ms) MUST_CHECK;
/* 0.2 or 20% → 0.2; any finite number, the bounds are the caller's. */
bool text_to_fraction(struct bytes text, double *value) MUST_CHECK;

/* Glob patterns as in KEYS: * ? [abc] [^a] [a-z] and backslash. Bounded: patterns of many stars
 * cost O(pattern × text) and never more. `fold` ignores ASCII case. An empty text is matched by ""
 * and "*" but not by "**", as KEYS and SCAN have it; for PSUBSCRIBE not even "*" matches it. */
bool text_matches(struct bytes pattern, struct bytes text, bool fold);
/* True when the pattern has no special character, so that it equals just itself. */
bool text_pattern_is_plain(struct bytes pattern);

/* Edit distance for "did you mean", capped at `cap`: letters put in, left out, replaced, or two
 * neighbours swapped; ASCII case ignored. O(a × b); words of more than 64 bytes are `cap` apart. */
size_t text_distance(struct bytes a, struct bytes b, size_t cap);

/* A copy that can be printed: quoted and escaped as redis-cli and the server's logs do
 * ("a\x00b\n"). Returns the length written, at most capacity; cuts between two characters when it
 * does not fit, and the closing quote is always there. */
size_t text_quote(char *out, size_t capacity, struct bytes text);

/* Splits a line into words as the inline protocol and configuration files do: blanks separate,
 * "..." with escapes \n \r \t \b \a \xHH \" \\, '...' with \' only. Words are decoded in place
 * (the line is overwritten). Returns the count, or -1 for unbalanced quotes or a quote not
 * followed by a blank, or -2 when there are more than `max`. A zero byte ends the line. */
int text_split_words(char *line, size_t len, struct bytes *words, int max);
