/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* From registers to a number: the improved raw estimator of O. Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" (2017, arXiv:1702.01284), algorithm 6. It is right for any
 * size, needs no tables of corrections, and Redis uses it: the same sums in the same order give the
 * same answer to the last digit. */
#include <stdint.h>

#include "families/hyperloglog/hyperloglog.h"

/* `counts[r]`: registers of rank r. INT64_MIN when there is no such number. */
int64_t hyperloglog_estimate(const uint32_t counts[HYPERLOGLOG_RANKS]);
