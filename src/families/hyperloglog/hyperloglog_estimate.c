/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/hyperloglog/hyperloglog_estimate.h"

#include <math.h>

/* x + the sum of 2^(k-1) x^(2^k), k from 1: what registers that are still zero contribute. */
static double sigma(double x) {
    if (x == 1) return INFINITY;
    double sum = x, before, factor = 1;
    do {
        x *= x;
        before = sum;
        sum += x * factor;
        factor += factor;
    } while (sum != before);
    return sum;
}

/* (1 - x - the sum of 2^-k (1 - x^(2^-k))^2, k from 1) / 3: those that can rise no further. */
static double tau(double x) {
    if (x == 0 || x == 1) return 0;
    double sum = 1 - x, before, factor = 1;
    do {
        x = sqrt(x);
        before = sum;
        factor *= 0.5;
        sum -= (1 - x) * (1 - x) * factor;
    } while (sum != before);
    return sum / 3;
}

int64_t hyperloglog_estimate(const uint32_t counts[HYPERLOGLOG_RANKS]) {
    const double alpha = 0.721347520444481703680; /* 1 / (2 ln 2) */
    const double registers = HYPERLOGLOG_REGISTERS;
    double highest = counts[HYPERLOGLOG_RANK_MAX];
    double sum = registers * tau((registers - highest) / registers);
    for (int rank = HYPERLOGLOG_RANK_BITS; rank >= 1; rank--) {
        sum += counts[rank];
        sum *= 0.5;
    }
    sum += registers * sigma(counts[0] / registers);
    double estimate = alpha * registers * registers / sum;
    return estimate < 0x1p63 ? (int64_t)llround(estimate) : INT64_MIN;
}
