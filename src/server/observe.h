/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Those who look on: SLOWLOG, LATENCY, MONITOR, error statistics, rates. Called by the dispatcher
 * after a command ran; each costs one test when nobody looks. Arguments that a command declares
 * ARG_SECRET are shown as "(redacted)". */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "commands/registry.h"

struct server;
struct session;

/* --- MONITOR --- */
struct monitors;
struct monitors *monitors_create(void);
void monitors_destroy(struct monitors **monitors);
bool monitors_any(const struct monitors *monitors);
void monitors_add(struct server *server, struct session *session);
void monitors_remove(struct server *server, struct session *session);
/* When the command has run. `session` NULL: shown as "lua" or internal. */
void monitors_feed(struct server *server, const struct session *session, int32_t database,
                   const struct command_entry *entry, const struct bytes *argv, int argc);

/* --- SLOWLOG --- */
struct slowlog;
struct slowlog *slowlog_create(void);
void slowlog_destroy(struct slowlog **slowlog);
void slowlog_note(struct server *server, const struct session *session,
                  const struct command_entry *entry, const struct bytes *argv, int argc,
                  int64_t duration_us);

/* --- LATENCY: events over latency-monitor-threshold --- */
struct latency;
struct latency *latency_create(void);
void latency_destroy(struct latency **latency);
void latency_note(struct server *server, const char *event, int64_t duration_us);

/* --- errors by code, for INFO errorstats --- */
struct error_stats;
struct error_stats *error_stats_create(void);
void error_stats_destroy(struct error_stats **stats);
/* `text` is the error as sent, without '-'; its first word is the code. */
void error_stats_note(struct server *server, struct bytes text);

/* --- rates: operations and bytes a second, sampled by the cron every 100 ms --- */
struct rates;
struct rates *rates_create(void);
void rates_destroy(struct rates **rates);
void rates_sample(struct server *server);

/* Of a command's declaration: does this argument hold a secret? `index` in argv. */
bool argument_is_secret(const struct command_entry *entry, const struct bytes *argv, int argc,
                        int index);
/* Adds a duration to the command's histogram (LATENCY HISTOGRAM). */
void command_histogram_note(struct command_stats *stats, uint64_t duration_ns);
