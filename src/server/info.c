/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/info.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "commands/family.h"
#include "server/server.h"
#include "server/words.h"

#define LINE_BYTES_MAX 5120 /* the path of the configuration file */

void info_line(struct info *info, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *at = output_reserve(info->output, LINE_BYTES_MAX);
    int len = at == NULL ? 0 : vsnprintf(at, LINE_BYTES_MAX - 2, format, list);
    va_end(list);
    if (at == NULL) return;
    if (len > LINE_BYTES_MAX - 3) len = LINE_BYTES_MAX - 3;
    memcpy(at + len, "\r\n", 2);
    info->output->len += (size_t)len + 2;
}

const char *info_human(char out[INFO_HUMAN_BYTES_MAX], uint64_t bytes) {
    static const char units[] = "BKMGTPE";
    double value = (double)bytes;
    int unit = 0;
    while (value >= 1024 && units[unit + 1] != '\0') {
        value /= 1024;
        unit++;
    }
    snprintf(out, INFO_HUMAN_BYTES_MAX, unit == 0 ? "%.0f%c" : "%.2f%c", value, units[unit]);
    return out;
}

void info_memory(struct info *info, const char *name, size_t bytes) {
    char human[INFO_HUMAN_BYTES_MAX];
    info_line(info, "%s:%zu", name, bytes);
    info_line(info, "%s_human:%s", name, info_human(human, bytes));
}

double info_ratio(double a, double b) { return b == 0 ? 0 : a / b; }

/* --- which sections --- */

enum section_group { NOT_DEFAULT, DEFAULT };

static const struct section {
    const char *name;
    const char *title;
    enum section_group group;
    void (*write)(struct info *info);
} sections[] = {
    {"server", "Server", DEFAULT, info_write_server},
    {"clients", "Clients", DEFAULT, info_write_clients},
    {"memory", "Memory", DEFAULT, info_write_memory},
    {"persistence", "Persistence", DEFAULT, info_write_persistence},
    {"threads", "Threads", DEFAULT, info_write_threads},
    {"stats", "Stats", DEFAULT, info_write_stats},
    {"replication", "Replication", DEFAULT, info_write_replication},
    {"cpu", "CPU", DEFAULT, info_write_cpu},
    {"module_list", "Modules", DEFAULT, info_write_modules},
    {"commandstats", "Commandstats", NOT_DEFAULT, info_write_commandstats},
    {"errorstats", "Errorstats", DEFAULT, info_write_errorstats},
    {"latencystats", "Latencystats", NOT_DEFAULT, info_write_latencystats},
    {"cluster", "Cluster", DEFAULT, info_write_cluster},
    {"keyspace", "Keyspace", DEFAULT, info_write_keyspace},
};

/* What the words of the request ask for; bit i is section i. */
struct wanted {
    uint32_t sections;
    bool families;           /* all that have something to tell */
    const struct call *call; /* its words may name single ones */
};

static uint32_t sections_of(enum section_group group) {
    uint32_t bits = 0;
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        if (sections[i].group >= group) bits |= 1u << i;
    }
    return bits;
}

static struct wanted read_words(struct call *call) {
    struct wanted wanted = {.call = call};
    if (args_left(call) == 0) wanted.sections = sections_of(DEFAULT);
    for (int i = args_index(call); i < call->argc; i++) {
        struct bytes word = call->argv[i];
        if (bytes_is(word, "default")) wanted.sections |= sections_of(DEFAULT);
        if (bytes_is(word, "all")) wanted.sections |= sections_of(NOT_DEFAULT);
        if (bytes_is(word, "everything")) {
            wanted.sections |= sections_of(NOT_DEFAULT);
            wanted.families = true;
        }
        if (bytes_is(word, "modules")) {
            wanted.families = true;
            word = BYTES("module_list");
        }
        for (size_t j = 0; j < COUNT_OF(sections); j++) {
            if (bytes_is(word, sections[j].name)) wanted.sections |= 1u << j;
        }
    }
    return wanted;
}

static bool wants_family(const struct wanted *wanted, const struct family *family) {
    if (family->info == NULL) return false;
    if (wanted->families) return true;
    for (int i = 1; i < wanted->call->argc; i++) {
        if (bytes_is(wanted->call->argv[i], family->name)) return true;
    }
    return false;
}

static void write_title(struct info *info, const char *title) {
    if (info->output->len > 0) output_raw(info->output, BYTES("\r\n"));
    info_line(info, "# %s", title);
}

static void write_families(struct info *info, const struct wanted *wanted) {
    struct server *server = info->server;
    for (size_t i = 0; i < registry_family_count(server->registry); i++) {
        const struct family *family = registry_family_at(server->registry, i);
        if (!wants_family(wanted, family)) continue;
        char title[64];
        snprintf(title, sizeof(title), "%s", family->name);
        title[0] = ascii_upper(title[0]);
        write_title(info, title);
        void *state = family->state_create == NULL
                          ? NULL
                          : executor_family_state(&server->executor, family);
        family->info(state, &server->executor, info->output);
    }
}

static void info(struct call *call) {
    struct wanted wanted = read_words(call);
    struct output text;
    output_init(&text, 2);
    struct info info = {server_of(call), &text, memory_used_bytes()};
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        if ((wanted.sections & 1u << i) == 0) continue;
        write_title(&info, sections[i].title);
        sections[i].write(&info);
    }
    write_families(&info, &wanted);
    reply_gathered(call, &text);
    output_deinit(&text);
}

static const struct command commands[] = {
    {
        .name = "INFO",
        .handler = info,
        .summary = "Tells about the server: what it is, holds, does and has done.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .categories = CATEGORY_DANGEROUS,
        ARGS(STRING("section", OPTIONAL_MULTIPLE)),
        .reply = "text: lines of name:value, under a heading for each section",
        .example = "INFO server",
        .tips = "nondeterministic_output request_policy:all_shards response_policy:special",
    },
};

const struct family info_family = {
    .name = "info",
    .title = "Figures of the server",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
