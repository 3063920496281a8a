/* SPDX-License-Identifier: BSD-3-Clause */
#include "engines/gcra.h"

#include <assert.h>

#define SECOND_NS 1000000000LL
#define MILLISECOND_NS 1000000LL

int64_t gcra_seconds(int64_t ns) {
    if (ns < 0) return -1;
    return ns / SECOND_NS + (ns % SECOND_NS / MILLISECOND_NS > 0);
}

bool gcra_take(const struct gcra_rate *rate, bool has_tat, int64_t tat_ns, int64_t quantity,
               int64_t now_ns, struct gcra_verdict *verdict) {
    assert(rate->max_burst >= 0 && rate->count > 0 && rate->period_s > 0);
    int64_t period_ns, tolerance_ns, increment_ns, new_ns, full_ns, limit;
    if (__builtin_mul_overflow(rate->period_s, SECOND_NS, &period_ns)) return false;
    int64_t cell_ns = period_ns / rate->count;
    if (cell_ns == 0) return false;
    if (__builtin_add_overflow(rate->max_burst, 1, &limit)) return false;
    if (__builtin_mul_overflow(cell_ns, limit, &tolerance_ns)) return false;
    if (__builtin_mul_overflow(cell_ns, quantity, &increment_ns)) return false;
    int64_t tat = has_tat ? tat_ns : now_ns;
    int64_t base_ns = tat > now_ns ? tat : now_ns;
    if (__builtin_add_overflow(base_ns, increment_ns, &new_ns)) return false;
    if (new_ns < now_ns) new_ns = now_ns;
    if (__builtin_sub_overflow(new_ns, tolerance_ns, &full_ns)) return false;

    *verdict = (struct gcra_verdict){.limit = limit, .retry_ns = -1, .tat_ns = new_ns};
    verdict->limited = now_ns < full_ns;
    if (verdict->limited) {
        if (increment_ns <= tolerance_ns) verdict->retry_ns = full_ns - now_ns;
        verdict->tat_ns = tat;
    }
    verdict->store = !verdict->limited && quantity != 0;
    int64_t left_ns = verdict->tat_ns - now_ns;
    verdict->reset_ns = left_ns;
    int64_t free_ns = tolerance_ns - left_ns;
    verdict->remaining = free_ns > -cell_ns ? free_ns / cell_ns : 0;
    return true;
}
