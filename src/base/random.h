/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Chance, from a seed: xoshiro256** (Blackman and Vigna, 2018). Fast, not for secrets; secrets
 * come from random_secret. */
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* Uniform in [0, bound), bound > 0; without modulo bias. */
uint64_t random_below(struct random *random, uint64_t bound);
/* Uniform in [0, 1). */
double random_fraction(struct random *random);
/* Fills from the system's source; aborts if there is none. */
void random_secret(void *out, size_t len);
