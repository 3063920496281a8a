/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Lines for operators: to a file or standard output and to syslog, in three layouts.
 *
 * `legacy` is Redis's "pid:role day month year time.ms level-mark message"; `logfmt` and `json`
 * are one record a line, with the fields of Valkey 9 (pid, role, timestamp, level, message).
 * Timestamps: legacy, iso8601 or milliseconds. Messages are sentences without a final newline, cut
 * at LOG_MESSAGE_BYTES_MAX. Control characters and bytes that are not UTF-8 are escaped, so that a
 * stranger's name for a key can neither forge a line nor talk to a terminal: \n, \r, \t, else
 * \x1b (legacy), \u001b (logfmt, json); logfmt and json escape quotes and backslashes too.
 *
 * A log is one object handed to those who speak, from any thread; a line is one write. A file
 * that was renamed or removed is noticed before the next line and opened anew. */
#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

#define LOG_MESSAGE_BYTES_MAX 4096

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_VERBOSE,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTHING
};
enum log_layout { LOG_LAYOUT_LEGACY, LOG_LAYOUT_LOGFMT, LOG_LAYOUT_JSON };
enum log_timestamp { LOG_TIMESTAMP_LEGACY, LOG_TIMESTAMP_ISO8601, LOG_TIMESTAMP_MILLISECONDS };

struct clock;
struct log;
struct log *log_create(void); /* to standard output, level notice, layout legacy */
void log_destroy(struct log **log);
/* Path "" is standard output. IO_FAILED leaves the log where it was, and errno says why. */
enum outcome log_open_file(struct log *log, const char *path) MUST_CHECK;
/* Opens the same path again (after a rotation). */
enum outcome log_reopen(struct log *log) MUST_CHECK;
void log_set_level(struct log *log, enum log_level level);
void log_set_layout(struct log *log, enum log_layout layout);
void log_set_timestamp(struct log *log, enum log_timestamp timestamp);
/* As in Redis: M primary, S replica, C child, X sentinel. */
void log_set_role(struct log *log, char role);
/* Borrowed for as long as the log lives; NULL: the system's. */
void log_set_clock(struct log *log, const struct clock *clock);
/* ident NULL: off. facility is LOG_USER or LOG_LOCAL0 to 7 of syslog.h. The system's log is one
 * for the whole process: the last call holds for all. */
void log_set_syslog(struct log *log, const char *ident, int facility);
void log_write(struct log *log, enum log_level level, const char *format, ...) PRINTF_LIKE(3, 4);
bool log_wants(const struct log *log, enum log_level level);
