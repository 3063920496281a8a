/* SPDX-License-Identifier: BSD-3-Clause */
/* LATENCY: slow events, and how long commands take. */
#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "server/histogram.h"
#include "server/latency.h"
#include "server/server.h"
#include "server/words.h"

static int64_t now_s(const struct call *call) { return call_now_us(call) / 1000000; }

static void latency_latest(struct call *call) {
    const struct latency *latency = server_of(call)->latency;
    struct reply_later later = reply_later_open(call);
    for (const struct latency_event *event = latency_first(latency); event != NULL;
         event = event->next) {
        const struct latency_sample *newest = latency_sample_at(event, event->count - 1);
        reply_array(call, 4);
        reply_text(call, event->name);
        reply_integer(call, newest->time_s);
        reply_integer(call, newest->ms);
        reply_integer(call, event->worst_ms);
    }
    reply_later_close(call, later, '*');
}

static void latency_history(struct call *call) {
    const struct latency_event *event = latency_find(server_of(call)->latency, args_bytes(call));
    uint32_t count = event == NULL ? 0 : event->count;
    reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct latency_sample *sample = latency_sample_at(event, i);
        reply_array(call, 2);
        reply_integer(call, sample->time_s);
        reply_integer(call, sample->ms);
    }
}

static void latency_draw(struct call *call) {
    struct bytes name = args_bytes(call);
    const struct latency_event *event = latency_find(server_of(call)->latency, name);
    if (event == NULL)
        reply_error(call, "ERR No samples available for event '%.*s'",
                    (int)(name.len < 128 ? name.len : 128), name.data);
    else reply_verbatim(call, "txt", latency_graph(event, now_s(call), call_arena(call)));
}

static void latency_forget(struct call *call) {
    struct latency *latency = server_of(call)->latency;
    size_t gone = args_left(call) == 0 ? latency_reset(latency, NULL) : 0;
    while (args_left(call) > 0) {
        struct bytes name = args_bytes(call);
        gone += latency_reset(latency, &name);
    }
    reply_integer(call, (int64_t)gone);
}

/* --- DOCTOR --- */

/* What may help, by the names of events. */
static const struct {
    const char *event; /* as it begins */
    const char *advice;
} remedies[] = {
    {"command", "Look at SLOWLOG GET for the requests that take long, and ask for less at a time."},
    {"fast-command",
     "Commands that take no time were held up: look for other programs on this machine, for "
     "swapping, and for huge pages (/sys/kernel/mm/transparent_hugepage/enabled)."},
    {"eviction",
     "Memory is at its limit: raise maxmemory, or let keys expire before they must be evicted."},
    {"expire", "Many keys end at the same moment: spread their times to live."},
};

static struct bytes describe(struct call *call, const struct latency_event *event, int number) {
    struct latency_summary summary = latency_summarize(event, now_s(call));
    return arena_format(call_arena(call),
                        "%d. %s: %u latency spikes (average %lldms, mean deviation %lldms, period "
                        "%.2f sec). Worst all time event %lldms.\n",
                        number, event->name, event->count, (long long)summary.mean_ms,
                        (long long)summary.deviation_ms, summary.period_s,
                        (long long)event->worst_ms);
}

static void latency_doctor(struct call *call) {
    const struct server *server = server_of(call);
    const struct latency_event *first = latency_first(server->latency);
    if (server->settings.latency_threshold_ms == 0 && first == NULL) {
        reply_verbatim(call, "txt",
                       BYTES("Latency is not watched: latency-monitor-threshold is 0. \"CONFIG SET "
                             "latency-monitor-threshold <milliseconds>\" makes the server remember "
                             "what takes longer.\n"));
        return;
    }
    if (first == NULL) {
        reply_verbatim(call, "txt",
                       BYTES("Nothing took longer than latency-monitor-threshold since the server "
                             "started, or since LATENCY RESET.\n"));
        return;
    }
    struct output text;
    output_init(&text, 2);
    output_raw(&text, BYTES("Latency spikes were seen.\n\n"));
    int number = 1;
    for (const struct latency_event *event = first; event != NULL; event = event->next)
        output_raw(&text, describe(call, event, number++));
    output_raw(&text, BYTES("\nWhat may help:\n\n"));
    for (size_t i = 0; i < COUNT_OF(remedies); i++) {
        bool seen = false;
        for (const struct latency_event *event = first; event != NULL; event = event->next)
            seen = seen || strncmp(event->name, remedies[i].event, strlen(remedies[i].event)) == 0;
        if (!seen) continue;
        output_raw(&text, BYTES("- "));
        output_raw(&text, bytes_of(remedies[i].advice));
        output_raw(&text, BYTES("\n"));
    }
    if (server->settings.slowlog_slower_than_us < 0 ||
        server->settings.slowlog_slower_than_us > server->settings.latency_threshold_ms * 1000)
        output_raw(&text, arena_format(call_arena(call),
                                       "- SLOWLOG sees less than LATENCY does: \"CONFIG SET "
                                       "slowlog-log-slower-than %lld\" makes it see as much.\n",
                                       (long long)server->settings.latency_threshold_ms * 1000));
    reply_gathered(call, &text);
    output_deinit(&text);
}

/* --- HISTOGRAM --- */

/* Peers name a power of two of nanoseconds by the end of the first of its 128 steps. */
static int64_t shown_us(int power) {
    return (((int64_t)1 << power) + ((int64_t)1 << (power - 7)) - 1) / 1000;
}

/* Counts of what took at most 1, 2, 4 ... microseconds (of 1024 ns), where the count grows. */
static void reply_histogram(struct call *call, const struct command_entry *entry) {
    const uint64_t *counts = entry->stats.histogram;
    uint64_t total = histogram_total(counts);
    reply_text(call, entry->full_name);
    reply_map(call, 2);
    reply_text(call, "calls");
    reply_integer(call, (int64_t)total);
    reply_text(call, "histogram_usec");
    struct reply_later later = reply_later_open(call);
    uint64_t before = 0;
    for (int power = 10; before < total; power++) {
        uint64_t below = histogram_below_power(counts, power);
        if (below > before) {
            reply_integer(call, shown_us(power));
            reply_integer(call, (int64_t)below);
        }
        before = below;
    }
    reply_later_close(call, later, '%');
}

static void reply_if_called(struct call *call, const struct command_entry *entry) {
    if (entry->stats.histogram != NULL && histogram_total(entry->stats.histogram) > 0)
        reply_histogram(call, entry);
}

static void latency_histogram(struct call *call) {
    const struct registry *registry = server_of(call)->registry;
    struct reply_later later = reply_later_open(call);
    if (args_left(call) == 0) {
        for (size_t i = 0; i < registry_entry_count(registry); i++)
            reply_if_called(call, registry_entry_by_id(registry, i));
    }
    while (args_left(call) > 0) {
        const struct command_entry *entry = registry_find_full(registry, args_bytes(call));
        if (entry == NULL) continue;
        reply_if_called(call, entry);
        for (uint8_t i = 0; entry->parent == NULL && i < entry->command->subcommand_count; i++)
            reply_if_called(call, &entry->children[i]);
    }
    reply_later_close(call, later, '%');
}

static void latency_help(struct call *call) {
    static const char *const lines[] = {
        "DOCTOR",
        "    A report for people on what was slow, and what may help.",
        "GRAPH <event>",
        "    Draws the samples of an event.",
        "HISTORY <event>",
        "    The samples of an event: time and milliseconds.",
        "LATEST",
        "    The latest sample of each event, and its worst.",
        "RESET [<event> ...]",
        "    Forgets these events, or all.",
        "HISTOGRAM [COMMAND ...]",
        "    How many calls of these commands, or of all, took at most 1, 2, 4 ... microseconds.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

#define OPERATORS                                                                \
    .access = TOUCHES_NO_KEYS,                                                   \
    .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE, \
    .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"

static const struct command subcommands[] = {
    {
        .name = "DOCTOR",
        .handler = latency_doctor,
        .summary = "Tells in words what was slow, and what may help.",
        .complexity = "O(1)",
        .since = "2.8.13",
        OPERATORS,
        .reply = "text",
        .example = "LATENCY DOCTOR",
    },
    {
        .name = "GRAPH",
        .handler = latency_draw,
        .summary = "Draws the samples of an event.",
        .complexity = "O(1)",
        .since = "2.8.13",
        OPERATORS,
        ARGS(STRING("event")),
        .reply = "lines of text",
        .errors = "ERR No samples available for event, with its name",
    },
    {
        .name = "HELP",
        .handler = latency_help,
        .summary = "Lists the subcommands of LATENCY.",
        .complexity = "O(1)",
        .since = "2.8.13",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "LATENCY HELP",
    },
    {
        .name = "HISTOGRAM",
        .handler = latency_histogram,
        .summary = "Tells how long commands took, as counts by powers of two.",
        .complexity = "O(N) for N commands asked for",
        .since = "7.0.0",
        OPERATORS,
        ARGS(STRING("command", OPTIONAL_MULTIPLE)),
        .reply = "a map from names to maps: calls, histogram_usec",
        .example = "LATENCY HISTOGRAM get",
    },
    {
        .name = "HISTORY",
        .handler = latency_history,
        .summary = "Lists the samples of an event.",
        .complexity = "O(1)",
        .since = "2.8.13",
        OPERATORS,
        ARGS(STRING("event")),
        .reply = "an array of [Unix time in seconds, milliseconds]",
        .example = "LATENCY HISTORY command",
    },
    {
        .name = "LATEST",
        .handler = latency_latest,
        .summary = "Tells the latest sample of each event.",
        .complexity = "O(1)",
        .since = "2.8.13",
        OPERATORS,
        .reply = "an array of [event, Unix time in seconds, milliseconds, the worst ever]",
        .example = "LATENCY LATEST",
    },
    {
        .name = "RESET",
        .handler = latency_forget,
        .summary = "Forgets samples.",
        .complexity = "O(1)",
        .since = "2.8.13",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE,
        ARGS(STRING("event", OPTIONAL_MULTIPLE)),
        .reply = "how many events were forgotten",
        .example = "LATENCY RESET",
        .tips = "request_policy:all_nodes response_policy:agg_sum",
    },
};

static const struct command commands[] = {
    {
        .name = "LATENCY",
        .summary = "Tells what was slow and how long commands take.",
        .complexity = "Depends on subcommand.",
        .since = "2.8.13",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(subcommands),
    },
};

const struct family latency_family = {
    .name = "latency",
    .title = "Latency",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
