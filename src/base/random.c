/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

/* splitmix64 (Steele, Lea and Flood, 2014): spreads a seed over the whole state, which must not
 * be all zero. */
static uint64_t spread(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

void random_init(struct random *random, uint64_t seed) {
    for (int i = 0; i < 4; i++) random->state[i] = spread(&seed);
}

uint64_t random_next(struct random *random) {
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t carried = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= carried;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Multiply and take the high half (Lemire, 2019): the low half tells whether the draw falls into
 * the short last run, which is thrown again. */
uint64_t random_below(struct random *random, uint64_t bound) {
    assert(bound > 0);
    unsigned __int128 product = (unsigned __int128)random_next(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t short_run = (0 - bound) % bound;
        while ((uint64_t)product < short_run) {
            product = (unsigned __int128)random_next(random) * bound;
        }
    }
    return (uint64_t)(product >> 64);
}

double random_fraction(struct random *random) {
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

void random_secret(void *out, size_t len) {
    char *at = out;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) abort(); /* no secrets, no server */
        at += got;
        len -= (size_t)got;
    }
}
