/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What was slow, by kind of event: "command", "fast-command", "eviction-cycle" ... noted through
 * observe.h when it took latency-monitor-threshold milliseconds or more, read by LATENCY.
 *
 * Of each event the worst of every second is kept, LATENCY_SAMPLES_MAX of them, oldest first. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

#define LATENCY_SAMPLES_MAX 160

struct latency_sample {
    int64_t time_s; /* Unix time */
    int64_t ms;
};

struct latency_event {
    struct latency_event *next;
    const char *name; /* a constant */
    int64_t worst_ms; /* of all times */
    uint32_t first;   /* index of the oldest sample */
    uint32_t count;
    struct latency_sample samples[LATENCY_SAMPLES_MAX]; /* a ring */
};

struct latency;
struct latency_event *latency_first(const struct latency *latency);
struct latency_event *latency_find(const struct latency *latency, struct bytes name);
const struct latency_sample *latency_sample_at(const struct latency_event *event, uint32_t index);
/* Adds whatever the threshold. */
void latency_add(struct latency *latency, const char *name, int64_t time_s, int64_t ms);
/* Forgets one event, or all (NULL); returns how many went. */
size_t latency_reset(struct latency *latency, const struct bytes *name);

struct latency_summary {
    int64_t mean_ms;
    int64_t deviation_ms; /* mean absolute deviation */
    int64_t lowest_ms;
    int64_t highest_ms;
    double period_s; /* between two samples */
};
struct latency_summary latency_summarize(const struct latency_event *event, int64_t now_s);
/* LATENCY GRAPH: a head line, columns of characters, and how long ago each was. */
struct bytes latency_graph(const struct latency_event *event, int64_t now_s, struct arena *arena);
