/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The tables of parameters that are known whatever the families declare, and the words to write
 * them in. Names, defaults and bounds are those that redis-server 7.0 and 8.0 and valkey-server 9
 * show (CONFIG GET, and the errors of CONFIG SET); where they differ, Redis 8's. Each macro takes
 * further fields behind its own: OPT_BOOL("a", 0, "no", "Help.", .alias = "b"). */
#include <limits.h>
#include <stdint.h>

#include "server/options.h"

enum {
    FIXED = OPTION_IMMUTABLE,
    INERT = OPTION_INERT,
    HIDDEN = OPTION_HIDDEN,
    SECRET = OPTION_SECRET,
};

#define OPT(kind_, name_, flags_, fallback_, help_, ...)                              \
    {                                                                                 \
        .name = (name_), .kind = (kind_), .flags = (flags_), .fallback = (fallback_), \
        .help = (help_), ##__VA_ARGS__                                                \
    }
#define OPT_BOOL(...) OPT(OPTION_BOOL, __VA_ARGS__)
#define OPT_NUMBER(name_, flags_, fallback_, min_, max_, help_, ...)                   \
    OPT(OPTION_INTEGER, name_, flags_, fallback_, help_, .min = (min_), .max = (max_), \
        ##__VA_ARGS__)
#define OPT_SECONDS(...) OPT_NUMBER(__VA_ARGS__, .unit = "seconds")
#define OPT_MS(...) OPT_NUMBER(__VA_ARGS__, .unit = "milliseconds")
#define OPT_US(...) OPT_NUMBER(__VA_ARGS__, .unit = "microseconds")
#define OPT_MEMORY(name_, flags_, fallback_, min_, max_, help_, ...)                  \
    OPT(OPTION_MEMORY, name_, flags_, fallback_, help_, .min = (min_), .max = (max_), \
        .unit = "bytes", ##__VA_ARGS__)
#define OPT_ENUM(name_, flags_, fallback_, words_, help_, ...) \
    OPT(OPTION_ENUM, name_, flags_, fallback_, help_, .words = (words_), ##__VA_ARGS__)
#define OPT_TEXT(...) OPT(OPTION_TEXT, __VA_ARGS__)
#define OPT_LIST(...) OPT(OPTION_LIST, __VA_ARGS__)
#define OPT_SPECIAL(...) OPT(OPTION_SPECIAL, __VA_ARGS__)

extern const struct option_table options_known_server[];
extern const size_t options_known_server_count;
extern const struct option_table options_known_data[];
extern const size_t options_known_data_count;
extern const struct option_table options_known_apart[];
extern const size_t options_known_apart_count;
extern const struct option_table options_known_modules[];
extern const size_t options_known_modules_count;

/* server/options_settle.c: what single parameters demand of their values. */
const char *settle_active_defragmentation(struct option_edit *edit);
const char *settle_append_directory(struct option_edit *edit);
const char *settle_append_file(struct option_edit *edit);
const char *settle_backlog(struct option_edit *edit);
const char *settle_bind(struct option_edit *edit);
const char *settle_client_ipv4(struct option_edit *edit);
const char *settle_client_ipv6(struct option_edit *edit);
const char *settle_events(struct option_edit *edit);
const char *settle_file_name(struct option_edit *edit);
const char *settle_host_name(struct option_edit *edit);
const char *settle_hz(struct option_edit *edit);
const char *settle_node_name(struct option_edit *edit);
const char *settle_oom_values(struct option_edit *edit);
const char *settle_output_limits(struct option_edit *edit);
const char *settle_percentiles(struct option_edit *edit);
const char *settle_process_title(struct option_edit *edit);
const char *settle_replica_of(struct option_edit *edit);
const char *settle_save(struct option_edit *edit);
const char *settle_shutdown(struct option_edit *edit);
const char *settle_users_file(struct option_edit *edit);
const char *settle_version(struct option_edit *edit);
