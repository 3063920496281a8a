/* SPDX-License-Identifier: BSD-3-Clause */
/* The door that strangers use: requests cut in any way say the same as in one piece. The first
 * bytes of the input choose the limits and the seed of the cuts; the rest is the wire. */
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "unit/protocol/request_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t random_piece(void *state) {
    struct random *random = state;
    size_t most = random_below(random, 4) == 0 ? 70000 : 40;
    return (size_t)random_below(random, most) + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    struct random random;
    random_init(&random, (uint64_t)data[0] << 8 | data[1]);
    struct player whole = {
        .limits = {.argument_bytes_max = data[2] & 2 ? 100000 : 512u << 20,
                   .stranger = data[2] & 1},
    };
    struct player cut = whole;
    cut.piece = random_piece;
    cut.state = &random;
    cut.into_blobs = data[2] & 4;
    struct bytes wire = bytes_make(data + 3, size - 3);
    /* Long bulks are rare in what a fuzzer writes: this bit puts one in front. */
    static char big[40000];
    char *joined = NULL;
    if (data[2] & 8) {
        int len = snprintf(big, sizeof(big), "*2\r\n$3\r\nSET\r\n$%d\r\n", 39000);
        memset(big + len, 'x', 39000);
        joined = malloc((size_t)len + 39000 + wire.len);
        assert(joined != NULL);
        memcpy(joined, big, (size_t)len + 39000);
        memcpy(joined + len + 39000, wire.data, wire.len);
        wire = bytes_make(joined, (size_t)len + 39000 + wire.len);
    }
    struct transcript expected = player_play(&whole, wire, NULL);
    struct transcript got = player_play(&cut, wire, NULL);
    if (!bytes_equal(bytes_make(expected.text, expected.len), bytes_make(got.text, got.len))) {
        fprintf(stderr, "whole:\n%s\ncut:\n%s\n", expected.text, got.text);
        abort();
    }
    free(expected.text);
    free(got.text);
    free(joined);
    return 0;
}
