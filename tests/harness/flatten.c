/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/flatten.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"

size_t flatten(const struct output *output, char **text) {
    char *out = *text = realloc(*text, output_bytes(output) + 1);
    size_t at = 0, done = 0;
    for (size_t i = 0; i <= output->splice_count; i++) {
        bool last = i == output->splice_count;
        size_t until = last ? output->len : output->splices[i].offset;
        if (until > done) memcpy(out + at, output->data + done, until - done);
        at += until - done;
        done = until;
        if (last) break;
        memcpy(out + at, output->splices[i].blob->data, output->splices[i].blob->len);
        at += output->splices[i].blob->len;
    }
    out[at] = '\0';
    return at;
}
