/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/rates.h"

#include "base/memory.h"
#include "network/loop.h"
#include "server/observe.h"
#include "server/server.h"

#define SAMPLES 16
#define INTERVAL_US 100000 /* hz may be high: a sample is worth more when it spans some time */

struct rates {
    int64_t last_us; /* monotonic; 0: no sample yet */
    uint64_t last_totals[RATE_COUNT];
    uint64_t last_busy_us;
    uint64_t per_second[RATE_COUNT][SAMPLES];
    uint64_t turn_us[SAMPLES];
    uint32_t next;
};

struct rates *rates_create(void) {
    return memory_allocate_zero(sizeof(struct rates));
}

void rates_destroy(struct rates **rates) {
    memory_free(*rates);
    *rates = NULL;
}

void rates_sample(struct server *server) {
    struct rates *rates = server->rates;
    int64_t now_us = clock_monotonic_us(&server->clock);
    int64_t passed_us = now_us - rates->last_us;
    if (rates->last_us != 0 && passed_us < INTERVAL_US * 9 / 10) return;
    struct loop_stats loop = loop_stats(server->loop);
    const uint64_t totals[RATE_COUNT] = {
        [RATE_COMMANDS] = server->counters.commands_processed,
        [RATE_INPUT_BYTES] = server->counters.net_input_bytes,
        [RATE_OUTPUT_BYTES] = server->counters.net_output_bytes,
        [RATE_TURNS] = loop.turn_count,
    };
    if (rates->last_us != 0 && passed_us > 0) {
        uint64_t turns = totals[RATE_TURNS] - rates->last_totals[RATE_TURNS];
        for (int i = 0; i < RATE_COUNT; i++) {
            uint64_t grown = totals[i] - rates->last_totals[i];
            if (totals[i] < rates->last_totals[i]) grown = 0; /* CONFIG RESETSTAT */
            rates->per_second[i][rates->next] = grown * 1000000 / (uint64_t)passed_us;
        }
        rates->turn_us[rates->next] = turns == 0 ? 0 : (loop.busy_us - rates->last_busy_us) / turns;
        rates->next = (rates->next + 1) % SAMPLES;
    }
    rates->last_us = now_us;
    rates->last_busy_us = loop.busy_us;
    for (int i = 0; i < RATE_COUNT; i++) rates->last_totals[i] = totals[i];
}

static uint64_t mean(const uint64_t samples[SAMPLES]) {
    uint64_t sum = 0;
    for (int i = 0; i < SAMPLES; i++) sum += samples[i];
    return sum / SAMPLES;
}

uint64_t rates_per_second(const struct rates *rates, enum rate rate) {
    return mean(rates->per_second[rate]);
}

uint64_t rates_turn_us(const struct rates *rates) { return mean(rates->turn_us); }

void rates_reset(struct rates *rates) { *rates = (struct rates){0}; }
