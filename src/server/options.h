/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The values of all configuration parameters, by number; one object for a server, no global.
 *
 * Made from tables of declarations: the known ones (everything Redis and Valkey have, and ours)
 * and those of the families. Setting goes one way for file, command line and CONFIG SET: parse by
 * kind, let the declaration's `settle` have its say, store, tell who registered; whoever refuses
 * puts the old value back. A value is 16 bytes; finding a name is a binary search, done once. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "commands/option.h"

struct arena;
struct family;

#define OPTIONS_REASON_MAX 1024

struct option_table {
    const char *title; /* of the section in redis.conf.sample */
    const struct option *options;
    size_t count;
};

struct options;
/* The known tables and those of the families. A family's declaration takes the place of an inert
 * one of the same name; any other name that is declared twice is a mistake of ours (asserted). */
struct options *options_create(const struct family *const *families, size_t family_count);
void options_destroy(struct options **options);

/* Places: from 0 below options_count. -1: no such parameter. Any case, alias or name. */
size_t options_count(const struct options *options);
int options_find(const struct options *options, struct bytes name);
int options_index(const struct options *options, const char *name); /* must exist */
const struct option *options_declaration(const struct options *options, int index);
const char *options_title(const struct options *options, int index);

bool options_bool(const struct options *options, int index);
int64_t options_integer(const struct options *options, int index); /* enums, flags, numbers */
uint64_t options_unsigned(const struct options *options, int index);
/* Of LIST, SPECIAL and TEXT, ended by a zero byte. Valid until the next set of this parameter. */
const char *options_text(const struct options *options, int index);
/* The same with its length: secrets may have zero bytes inside. */
struct bytes options_text_bytes(const struct options *options, int index);
/* As CONFIG GET answers it, all kinds. In the arena, or as options_text. */
struct bytes options_print(const struct options *options, int index, struct arena *arena);
bool options_is_default(const struct options *options, int index);
/* The word of an ENUM. */
const char *options_word(const struct options *options, int index);

/* PERCENT_OR_MEMORY resolved: bytes, where N% is of `whole`. */
uint64_t options_share(const struct options *options, int index, uint64_t whole);
struct option_output_limit {
    uint64_t hard_bytes;
    uint64_t soft_bytes;
    int64_t soft_seconds;
};
/* client-output-buffer-limit: of normal clients, replicas, subscribers. */
void options_output_limits(const struct options *options, struct option_output_limit limits[3]);
struct option_save_point {
    int64_t seconds;
    int64_t changes;
};
/* How many there are; at most `max` are written. */
size_t options_save_points(const struct options *options, struct option_save_point *points,
                           size_t max);
size_t options_percentiles(const struct options *options, double *percentiles, size_t max);

/* --- setting --- */

/* Sets from words, as a line of a file has them behind the name. False with the reason. */
bool options_set_words(struct options *options, int index, const struct bytes *words, int count,
                       bool adding, char reason[OPTIONS_REASON_MAX]);
/* The same from one text, whatever the flags: for the owner, and for tests. */
bool options_set(struct options *options, const char *name, struct bytes value,
                 char reason[OPTIONS_REASON_MAX]);
/* CONFIG SET: name, value, name, value ...; all or nothing. `count` is that of the pairs. The
 * reason is the whole text of the error, without its code. */
bool options_set_pairs(struct options *options, const struct bytes *pairs, size_t count,
                       bool protected_allowed, char reason[OPTIONS_REASON_MAX]);

/* Called after a value has changed, inside the set. False refuses: the text in `reason` (bounded
 * by OPTIONS_REASON_MAX) goes to whoever asked, the old values come back, and those who had
 * already heard are called again. May set other parameters. */
typedef bool options_hook(void *context, struct options *options, int index, char *reason);
/* `name` NULL: any parameter, called once for each that changed. */
void options_on_change(struct options *options, const char *name, options_hook *hook,
                       void *context);
/* CONFIG RESETSTAT. */
void options_on_reset(struct options *options, void (*reset)(void *context), void *context);
void options_reset_statistics(struct options *options);

/* Lets `dir` move the process's working directory, and makes its value where that is now: the
 * first thing a server does, before it loads a file. Without it `dir` is a mere text. */
void options_own_directory(struct options *options);

/* Whether this argument of CONFIG SET is the value of a secret: "(redacted)" in logs. */
bool options_argument_is_secret(const struct options *options, const struct bytes *argv, int argc,
                                int index);

/* Names of inert parameters that were given another value than their default, blank-separated;
 * what a start-up line may warn of. In the arena. */
struct bytes options_inert_in_use(const struct options *options, struct arena *arena);
/* The known name nearest to a word that is none, NULL when none is near. */
const char *options_nearest(const struct options *options, struct bytes word);

/* Writes redis.conf.sample: every parameter that is not hidden, commented, at its default; first
 * those that act, then the inert ones. */
struct output;
void options_sample(const struct options *options, struct output *output);
/* A section's parameters, those that act or the inert ones, as a table in Markdown; nothing when it
 * has none of the kind. */
void options_table(const struct options *options, const char *title, bool inert,
                   struct output *output);
bool options_title_has(const struct options *options, const char *title, bool inert);
