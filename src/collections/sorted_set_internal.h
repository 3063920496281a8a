/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Scores as elements of packed lists: for sorted_set_value.c and sorted_set_encoding.c. */
#include <stdbool.h>

#include "base/text.h"
#include "structures/packed_list.h"

/* A whole score is an integer, another its shortest digits, written to `text`. */
struct packed_item sorted_set_packed_score(double score, char text[TEXT_DOUBLE_MAX]);
/* False: it is none, or NaN. */
bool sorted_set_read_score(const struct packed_item *item, double *score);
