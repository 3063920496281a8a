/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How often each code of error was replied: read by INFO errorstats; noted through observe.h. */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define ERROR_CODE_BYTES_MAX 48 /* longer ones are cut */

struct error_stats;
/* In the order of their names. The name is valid until the next note. */
size_t error_stats_count(const struct error_stats *stats);
struct bytes error_stats_at(const struct error_stats *stats, size_t index, uint64_t *count);
void error_stats_reset(struct error_stats *stats);
