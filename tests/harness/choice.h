/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Where the free decisions of a test come from: a seed, which gives the same test again, or the
 * bytes of a fuzzer, which learns what they lead to. When the bytes are used up every decision is
 * the first of its kind. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

struct choice {
    const uint8_t *bytes; /* NULL: from the seed */
    size_t len;
    size_t at;
    struct random random;
};

void choice_of_seed(struct choice *choice, uint64_t seed);
void choice_of_bytes(struct choice *choice, const uint8_t *bytes, size_t len); /* borrows */
/* In [0, bound), bound > 0. Takes as many bytes as the bound needs. */
uint64_t choice_below(struct choice *choice, uint64_t bound);
/* True once in `count` times. */
bool choice_once_in(struct choice *choice, uint64_t count);
/* No bytes are left; never for a seed. */
bool choice_is_over(const struct choice *choice);
