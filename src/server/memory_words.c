/* SPDX-License-Identifier: BSD-3-Clause */
/* MEMORY: what is used, by what, and whether that is as it should be. */
#include <stdio.h>

#include "base/memory.h"
#include "commands/family.h"
#include "commands/help.h"
#include "server/info.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

/* Exact, unless SAMPLES asks for an estimate from so many elements. */
static void memory_usage(struct call *call) {
    struct bytes key = args_key(call);
    int64_t samples = 0;
    while (args_left(call) > 0) {
        if (args_left(call) < 2 || !args_word(call, "SAMPLES")) {
            args_syntax_error(call);
            return;
        }
        samples = args_integer(call, INT64_MIN, INT64_MAX);
        if (!args_failed(call) && samples < 0) args_syntax_error(call);
    }
    if (args_failed(call)) return;
    struct value value;
    struct entry *entry;
    uint32_t flags = KEY_READ_NO_TOUCH | KEY_READ_NO_STATS;
    /* Asked for first, since a look at a key that is not there is an event. */
    if (!key_exists(call, key) ||
        !key_peek(call, call->database, key, NULL, flags, &value, &entry)) {
        reply_null(call);
        return;
    }
    reply_integer(call,
                  (int64_t)keyspace_key_bytes(&call->executor->keyspace, entry, (size_t)samples));
}

static void pair_bytes(struct call *call, const char *name, double bytes) {
    reply_text(call, name);
    reply_integer(call, (int64_t)bytes);
}

static void pair_ratio(struct call *call, const char *name, double ratio) {
    reply_text(call, name);
    reply_double(call, (double)(float)ratio);
}

static void reply_databases(struct call *call) {
    const struct keyspace *keyspace = &call->executor->keyspace;
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        const struct database *database = &keyspace->databases[i];
        if (database->table.item_count == 0) continue;
        char name[32];
        snprintf(name, sizeof(name), "db.%d", database->index);
        reply_text(call, name);
        reply_map(call, 2);
        pair_bytes(call, "overhead.hashtable.main",
                   (double)hash_table_memory_bytes(&database->table));
        pair_bytes(call, "overhead.hashtable.expires",
                   (double)deadlines_memory_bytes(&database->deadlines));
    }
}

static void memory_stats(struct call *call) {
    struct server *server = server_of(call);
    struct info_memory_figures figures;
    info_memory_measure(server, memory_used_bytes(), &figures);
    struct memory_report report = memory_report();
    size_t keys = keyspace_key_count(&call->executor->keyspace);
    double used = (double)figures.used;
    double resident = (double)figures.resident;
    struct reply_later later = reply_later_open(call);
    pair_bytes(call, "peak.allocated", (double)figures.peak);
    pair_bytes(call, "total.allocated", used);
    pair_bytes(call, "startup.allocated", (double)figures.startup);
    pair_bytes(call, "replication.backlog", 0);
    pair_bytes(call, "replica.fullsync.buffer", 0);
    pair_bytes(call, "clients.slaves", 0);
    pair_bytes(call, "clients.normal", (double)figures.clients);
    pair_bytes(call, "cluster.links", 0);
    pair_bytes(call, "aof.buffer", 0);
    pair_bytes(call, "lua.caches", 0);
    pair_bytes(call, "functions.caches", 0);
    pair_bytes(call, "script.VMs", 0);
    reply_databases(call);
    pair_bytes(call, "overhead.db.hashtable.lut",
               (double)keyspace_overhead_bytes(&call->executor->keyspace));
    pair_bytes(call, "overhead.db.hashtable.rehashing", 0);
    pair_bytes(call, "overhead.total", (double)figures.overhead);
    pair_bytes(call, "db.dict.rehashing.count", 0);
    pair_bytes(call, "keys.count", (double)keys);
    pair_bytes(call, "keys.bytes-per-key",
               figures.used > figures.startup
                   ? info_ratio(used - (double)figures.startup, (double)keys)
                   : 0);
    pair_bytes(call, "dataset.bytes", (double)figures.dataset);
    pair_ratio(call, "dataset.percentage", figures.dataset_percentage);
    pair_ratio(call, "peak.percentage", figures.peak_percentage);
    pair_bytes(call, "allocator.allocated", (double)report.allocated);
    pair_bytes(call, "allocator.active", (double)report.active);
    pair_bytes(call, "allocator.resident", (double)report.resident);
    pair_bytes(call, "allocator.muzzy", (double)report.muzzy);
    pair_ratio(call, "allocator-fragmentation.ratio",
               info_ratio((double)report.active, (double)report.allocated));
    pair_bytes(call, "allocator-fragmentation.bytes",
               (double)report.active - (double)report.allocated);
    pair_ratio(call, "allocator-rss.ratio",
               info_ratio((double)report.resident, (double)report.active));
    pair_bytes(call, "allocator-rss.bytes", (double)report.resident - (double)report.active);
    pair_ratio(call, "rss-overhead.ratio", info_ratio(resident, (double)report.resident));
    pair_bytes(call, "rss-overhead.bytes", resident - (double)report.resident);
    pair_ratio(call, "fragmentation", info_ratio(resident, used));
    pair_bytes(call, "fragmentation.bytes", resident - used);
    reply_later_close(call, later, '%');
}

/* --- DOCTOR --- */

#define LITTLE_BYTES ((size_t)5 << 20)

struct finding {
    bool is_so;
    const char *text;
};

static void memory_doctor(struct call *call) {
    struct server *server = server_of(call);
    struct info_memory_figures figures;
    info_memory_measure(server, memory_used_bytes(), &figures);
    struct memory_report report = memory_report();
    double used = (double)figures.used;
    size_t idle = report.slab_free + report.slab_empty;
    size_t limit = server->settings.maxmemory;
    size_t client_count = server->sessions.count > 0 ? server->sessions.count : 1;
    const struct finding findings[] = {
        {(double)figures.peak > used * 1.5,
         "Peak: more than half as much again was used once. What was freed since may still be held "
         "by the process; MEMORY PURGE gives it back to the system.\n"},
        {(double)figures.resident > used * 1.4 && (double)figures.resident - used > 10e6,
         "Resident: the process holds far more memory than it uses. MEMORY PURGE may help; else it "
         "is fragmentation, which a restart ends.\n"},
        {(double)idle > used * 0.25 && idle > 10000000,
         "Slabs: much of what was set aside for small values is empty since keys were deleted. New "
         "keys of like sizes will fill it.\n"},
        {limit > 0 && figures.used > limit - limit / 10,
         "Limit: less than a tenth of maxmemory is left; keys will be evicted, or writes "
         "refused.\n"},
        {figures.clients / client_count > 200000,
         "Clients: they take more than 200 KB each. CLIENT LIST shows whose replies pile up "
         "(omem) or whose requests are big (qbuf); maxmemory-clients sets a limit.\n"},
    };
    if (figures.used < LITTLE_BYTES) {
        reply_verbatim(call, "txt",
                       BYTES("So little memory is used (less than 5 MB) that nothing can be said "
                             "about it.\n"));
        return;
    }
    struct output text;
    output_init(&text, 2);
    for (size_t i = 0; i < COUNT_OF(findings); i++) {
        if (!findings[i].is_so) continue;
        output_raw(&text, BYTES(" * "));
        output_raw(&text, bytes_of(findings[i].text));
    }
    if (text.len == 0) output_raw(&text, BYTES("Nothing unusual about memory was found.\n"));
    reply_gathered(call, &text);
    output_deinit(&text);
}

static void memory_give_back(struct call *call) {
    memory_purge();
    reply_ok(call);
}

static void memory_malloc_stats(struct call *call) {
    struct memory_report report = memory_report();
    reply_verbatim(
        call, "txt",
        arena_format(call_arena(call),
                     "allocator: %s\nused: %zu\nslabs, free slots: %zu\nslabs, empty: %zu\n"
                     "allocated: %zu\nactive: %zu\nresident: %zu\nretained: %zu\nmuzzy: %zu\n",
                     memory_allocator_name(), report.used, report.slab_free, report.slab_empty,
                     report.allocated, report.active, report.resident, report.retained,
                     report.muzzy));
}

static void memory_help(struct call *call) {
    static const char *const lines[] = {
        "DOCTOR",
        "    A report for people on what is unusual about memory.",
        "MALLOC-STATS",
        "    The allocator's own figures.",
        "PURGE",
        "    Gives memory that is not used back to the system.",
        "STATS",
        "    What is used, by what.",
        "USAGE <key> [SAMPLES <count>]",
        "    The bytes that a key and its value take. Of values with many elements",
        "    <count> are looked at (default: 0, all of them).",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

static const struct command subcommands[] = {
    {
        .name = "DOCTOR",
        .handler = memory_doctor,
        .summary = "Tells in words what is unusual about memory.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .reply = "text",
        .example = "MEMORY DOCTOR",
        .tips = "nondeterministic_output request_policy:all_shards response_policy:special",
    },
    {
        .name = "HELP",
        .handler = memory_help,
        .summary = "Lists the subcommands of MEMORY.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "MEMORY HELP",
    },
    {
        .name = "MALLOC-STATS",
        .handler = memory_malloc_stats,
        .summary = "Shows the allocator's own figures.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .reply = "text",
        .example = "MEMORY MALLOC-STATS",
        .tips = "nondeterministic_output request_policy:all_shards response_policy:special",
    },
    {
        .name = "PURGE",
        .handler = memory_give_back,
        .summary = "Gives unused memory back to the system.",
        .complexity = "O(N) for N pages given back",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .reply = "OK",
        .example = "MEMORY PURGE",
        .tips = "request_policy:all_shards response_policy:all_succeeded",
    },
    {
        .name = "STATS",
        .handler = memory_stats,
        .summary = "Tells what memory is used for.",
        .complexity = "O(1)",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        .reply = "a map from names to bytes and ratios",
        .example = "MEMORY STATS",
        .tips = "nondeterministic_output request_policy:all_shards response_policy:special",
    },
    {
        .name = "USAGE",
        .handler = memory_usage,
        .summary = "Tells how many bytes a key and its value take.",
        .complexity = "O(N) for N elements that are looked at",
        .since = "4.0.0",
        .access = READS,
        ARGS(KEY("key", .key_use = KEY_READ), INTEGER("count", .token = "SAMPLES", OPTIONAL)),
        .reply = "the bytes; null when the key does not exist",
        .example = "MEMORY USAGE some-key",
    },
};

static const struct command commands[] = {
    {
        .name = "MEMORY",
        .summary = "Tells what memory is used for.",
        .complexity = "Depends on subcommand.",
        .since = "4.0.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(subcommands),
    },
};

const struct family memory_family = {
    .name = "memory",
    .title = "Memory",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
