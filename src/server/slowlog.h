/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The slowest requests of late: noted through observe.h, read by SLOWLOG.
 *
 * An entry keeps at most SLOWLOG_ARGS_MAX arguments of at most SLOWLOG_ARG_BYTES_MAX bytes; what
 * was cut is counted in its place. One block an entry, freed when newer ones push it out. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SLOWLOG_ARGS_MAX 32
#define SLOWLOG_ARG_BYTES_MAX 128

struct slowlog_entry {
    struct slowlog_entry *older;
    struct slowlog_entry *newer;
    int64_t id;
    int64_t time_s; /* Unix time */
    int64_t duration_us;
    struct bytes peer;
    struct bytes name; /* of the client */
    int argc;
    struct bytes argv[]; /* all bytes lie behind */
};

struct slowlog;
const struct slowlog_entry *slowlog_newest(const struct slowlog *slowlog);
size_t slowlog_length(const struct slowlog *slowlog);
void slowlog_reset(struct slowlog *slowlog);
/* Adds an entry and drops what exceeds `length_max`. */
void slowlog_add(struct slowlog *slowlog, const struct bytes *argv, int argc, struct bytes peer,
                 struct bytes name, int64_t time_s, int64_t duration_us, size_t length_max);
