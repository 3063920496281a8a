/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/choice.h"

void choice_of_seed(struct choice *choice, uint64_t seed) {
    *choice = (struct choice){.bytes = NULL};
    random_init(&choice->random, seed);
}

void choice_of_bytes(struct choice *choice, const uint8_t *bytes, size_t len) {
    static const uint8_t none[1];
    *choice = (struct choice){.bytes = len > 0 ? bytes : none, .len = len};
}

uint64_t choice_below(struct choice *choice, uint64_t bound) {
    if (choice->bytes == NULL) return random_below(&choice->random, bound);
    uint64_t value = 0;
    for (uint64_t left = bound - 1; left > 0; left >>= 8) {
        uint8_t byte = choice->at < choice->len ? choice->bytes[choice->at++] : 0;
        value = value << 8 | byte;
    }
    return value % bound;
}

/* The first of its kind is no: what is rare must be asked for. */
bool choice_once_in(struct choice *choice, uint64_t count) {
    return choice_below(choice, count) == count - 1;
}

bool choice_is_over(const struct choice *choice) {
    return choice->bytes != NULL && choice->at >= choice->len;
}
