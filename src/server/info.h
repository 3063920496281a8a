/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* INFO: sections of "name:value" lines, with the names that Redis, and where it has more Valkey,
 * gives them, since programs look for them. What cannot be here (forks, replicas) is 0. */
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "protocol/output.h"

struct server;

struct info {
    struct server *server;
    struct output *output;
    size_t used_bytes; /* of memory, before the text was begun: it is not what is asked for */
};

/* "name:value\r\n" */
void info_line(struct info *info, const char *format, ...) PRINTF_LIKE(2, 3);
/* Two lines: "name:1048576" and "name_human:1.00M". */
void info_memory(struct info *info, const char *name, size_t bytes);
/* "1.00M"; returns `out`. */
#define INFO_HUMAN_BYTES_MAX 32
const char *info_human(char out[INFO_HUMAN_BYTES_MAX], uint64_t bytes);

/* Figures that MEMORY STATS and DOCTOR give too. */
struct info_memory_figures {
    size_t used;
    size_t peak;
    size_t startup;
    size_t overhead; /* everything that is no data: startup, clients, tables */
    size_t dataset;
    size_t clients;
    size_t resident;
    double peak_percentage;
    double dataset_percentage;
};
void info_memory_measure(struct server *server, size_t used_bytes,
                         struct info_memory_figures *figures);
/* a / b, 0 when b is. */
double info_ratio(double a, double b);

void info_write_server(struct info *info);
void info_write_clients(struct info *info);
void info_write_memory(struct info *info);
void info_write_persistence(struct info *info);
void info_write_threads(struct info *info);
void info_write_stats(struct info *info);
void info_write_replication(struct info *info);
void info_write_cpu(struct info *info);
void info_write_modules(struct info *info);
void info_write_commandstats(struct info *info);
void info_write_errorstats(struct info *info);
void info_write_latencystats(struct info *info);
void info_write_cluster(struct info *info);
void info_write_keyspace(struct info *info);
