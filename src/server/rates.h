/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* How much happens a second, as a mean of the last sixteen samples: INFO's instantaneous_*. */
#include <stdint.h>

enum rate {
    RATE_COMMANDS,
    RATE_INPUT_BYTES,
    RATE_OUTPUT_BYTES,
    RATE_TURNS,
    RATE_COUNT,
};

struct rates;
uint64_t rates_per_second(const struct rates *rates, enum rate rate);
/* Mean duration of a turn of the loop, over the same samples. */
uint64_t rates_turn_us(const struct rates *rates);
void rates_reset(struct rates *rates);
