/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/latency.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/observe.h"
#include "server/server.h"

#define GRAPH_COLUMNS 80
#define GRAPH_ROWS 4
#define GRAPH_LABEL_BYTES_MAX 24

struct latency {
    struct latency_event *first;
};

struct latency *latency_create(void) {
    return memory_allocate_zero(sizeof(struct latency));
}

void latency_destroy(struct latency **latency) {
    if (*latency != NULL) latency_reset(*latency, NULL);
    memory_free(*latency);
    *latency = NULL;
}

struct latency_event *latency_first(const struct latency *latency) {
    return latency->first;
}

struct latency_event *latency_find(const struct latency *latency, struct bytes name) {
    struct latency_event *event = latency->first;
    while (event != NULL && !bytes_equal(bytes_of(event->name), name)) event = event->next;
    return event;
}

const struct latency_sample *latency_sample_at(const struct latency_event *event, uint32_t index) {
    return &event->samples[(event->first + index) % LATENCY_SAMPLES_MAX];
}

size_t latency_reset(struct latency *latency, const struct bytes *name) {
    size_t gone = 0;
    struct latency_event **at = &latency->first;
    while (*at != NULL) {
        struct latency_event *event = *at;
        if (name != NULL && !bytes_equal(bytes_of(event->name), *name)) {
            at = &event->next;
            continue;
        }
        *at = event->next;
        memory_free(event);
        gone++;
    }
    return gone;
}

void latency_add(struct latency *latency, const char *name, int64_t time_s, int64_t ms) {
    struct latency_event *event = latency_find(latency, bytes_of(name));
    if (event == NULL) {
        event = memory_allocate_zero(sizeof(*event));
        event->name = name;
        event->next = latency->first;
        latency->first = event;
    }
    if (ms > event->worst_ms) event->worst_ms = ms;
    if (event->count > 0) {
        uint32_t newest = (event->first + event->count - 1) % LATENCY_SAMPLES_MAX;
        if (event->samples[newest].time_s == time_s) {
            if (ms > event->samples[newest].ms) event->samples[newest].ms = ms;
            return;
        }
    }
    if (event->count == LATENCY_SAMPLES_MAX) {
        event->first = (event->first + 1) % LATENCY_SAMPLES_MAX;
        event->count--;
    }
    uint32_t end = (event->first + event->count) % LATENCY_SAMPLES_MAX;
    event->samples[end] = (struct latency_sample){time_s, ms};
    event->count++;
}

void latency_note(struct server *server, const char *event, int64_t duration_us) {
    int64_t threshold_ms = server->settings.latency_threshold_ms;
    if (threshold_ms <= 0 || duration_us / 1000 < threshold_ms) return;
    latency_add(server->latency, event, server->executor.now_us / 1000000, duration_us / 1000);
}

/* --- telling --- */

struct latency_summary latency_summarize(const struct latency_event *event, int64_t now_s) {
    struct latency_summary summary = {0};
    if (event->count == 0) return summary;
    summary.lowest_ms = summary.highest_ms = latency_sample_at(event, 0)->ms;
    int64_t sum = 0;
    for (uint32_t i = 0; i < event->count; i++) {
        int64_t ms = latency_sample_at(event, i)->ms;
        if (ms < summary.lowest_ms) summary.lowest_ms = ms;
        if (ms > summary.highest_ms) summary.highest_ms = ms;
        sum += ms;
    }
    summary.mean_ms = sum / event->count;
    int64_t distances = 0;
    for (uint32_t i = 0; i < event->count; i++) {
        int64_t distance = latency_sample_at(event, i)->ms - summary.mean_ms;
        distances += distance < 0 ? -distance : distance;
    }
    summary.deviation_ms = distances / event->count;
    int64_t span_s = now_s - latency_sample_at(event, 0)->time_s;
    summary.period_s = (double)(span_s < 1 ? 1 : span_s) / event->count;
    return summary;
}

static size_t ago_text(char out[GRAPH_LABEL_BYTES_MAX], int64_t seconds) {
    static const struct {
        int64_t seconds;
        char letter;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
    if (seconds < 0) seconds = 0;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (seconds < units[i].seconds) continue;
        return (size_t)snprintf(out, GRAPH_LABEL_BYTES_MAX, "%" PRId64 "%c",
                                seconds / units[i].seconds, units[i].letter);
    }
    return (size_t)snprintf(out, GRAPH_LABEL_BYTES_MAX, "%" PRId64 "s", seconds);
}

/* How high a sample stands: 0 to 3 × GRAPH_ROWS - 1. */
static int height_of(int64_t ms, const struct latency_summary *summary) {
    int64_t range = summary->highest_ms - summary->lowest_ms;
    if (range == 0) return 0;
    int64_t height = (ms - summary->lowest_ms) * 3 * GRAPH_ROWS / range;
    return height >= 3 * GRAPH_ROWS ? 3 * GRAPH_ROWS - 1 : (int)height;
}

/* One band of at most GRAPH_COLUMNS samples; returns where it ends. */
static char *draw_band(char *at, const struct latency_event *event,
                       const struct latency_summary *summary, uint32_t from, uint32_t to,
                       int64_t now_s) {
    char labels[GRAPH_COLUMNS][GRAPH_LABEL_BYTES_MAX];
    size_t lengths[GRAPH_COLUMNS];
    size_t longest = 0;
    for (uint32_t i = from; i < to; i++) {
        size_t len = ago_text(labels[i - from], now_s - latency_sample_at(event, i)->time_s);
        lengths[i - from] = len;
        if (len > longest) longest = len;
    }
    for (int row = GRAPH_ROWS - 1; row >= 0; row--) {
        for (uint32_t i = from; i < to; i++) {
            int above = height_of(latency_sample_at(event, i)->ms, summary) - row * 3;
            *at++ = above < 0 ? ' ' : above > 2 ? '|' : "_o#"[above];
        }
        *at++ = '\n';
    }
    /* An empty line, then the labels from top to bottom. */
    for (uint32_t i = from; i < to; i++) *at++ = ' ';
    *at++ = '\n';
    for (size_t row = 0; row < longest; row++) {
        for (uint32_t i = from; i < to; i++)
            *at++ = row < lengths[i - from] ? labels[i - from][row] : ' ';
        *at++ = '\n';
    }
    return at;
}

struct bytes latency_graph(const struct latency_event *event, int64_t now_s, struct arena *arena) {
    struct latency_summary summary = latency_summarize(event, now_s);
    size_t bands = (event->count + GRAPH_COLUMNS - 1) / GRAPH_COLUMNS;
    size_t band_bytes = (GRAPH_COLUMNS + 1) * (GRAPH_ROWS + 1 + GRAPH_LABEL_BYTES_MAX) + 1;
    char *start = arena_allocate(arena, 512 + bands * band_bytes);
    char *at = start;
    at += snprintf(at, 512,
                   "%s - high %" PRId64 " ms, low %" PRId64 " ms (all time high %" PRId64 " ms)\n",
                   event->name, summary.highest_ms, summary.lowest_ms, event->worst_ms);
    memset(at, '-', GRAPH_COLUMNS);
    at += GRAPH_COLUMNS;
    *at++ = '\n';
    for (uint32_t from = 0; from < event->count; from += GRAPH_COLUMNS) {
        uint32_t to = from + GRAPH_COLUMNS < event->count ? from + GRAPH_COLUMNS : event->count;
        if (from > 0) *at++ = '\n';
        at = draw_band(at, event, &summary, from, to, now_s);
    }
    return bytes_make(start, (size_t)(at - start));
}
