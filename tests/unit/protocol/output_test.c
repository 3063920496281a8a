/* SPDX-License-Identifier: BSD-3-Clause */
#include "protocol/output.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* What is still to be sent behind the first `skip` bytes, as one text of the test's own. */
static size_t flatten(const struct output *output, size_t skip, char *out) {
    struct iovec parts[16];
    int count = output_vector(output, skip, parts, 16);
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        memcpy(out + len, parts[i].iov_base, parts[i].iov_len);
        len += parts[i].iov_len;
    }
    return len;
}

static void fill(struct output *output) {
    output_init(output, 2);
    for (int i = 0; i < 3; i++) {
        struct blob *blob = blob_create(OUTPUT_SPLICE_MIN);
        memset(blob->data, 'a' + i, OUTPUT_SPLICE_MIN);
        blob->len = OUTPUT_SPLICE_MIN;
        resp_integer(output, i);
        resp_bulk_blob(output, blob);
        blob_unref(blob);
    }
    resp_status(output, BYTES("end"));
}

Test(output, discarding_what_was_sent_leaves_the_rest_as_it_was) {
    struct output whole;
    fill(&whole);
    size_t total = output_bytes(&whole);
    char *before = malloc(total), *after = malloc(total);
    cr_assert_eq(flatten(&whole, 0, before), total);
    for (size_t sent = 0; sent <= total; sent += sent % 97 == 0 ? 1 : 13) {
        struct output output;
        fill(&output);
        size_t skip = output_discard(&output, sent);
        cr_assert_leq(skip, sent);
        cr_assert_eq(output_bytes(&output) - skip, total - sent, "%zu were sent", sent);
        cr_assert_eq(flatten(&output, skip, after), total - sent);
        cr_assert_eq(memcmp(after, before + sent, total - sent), 0, "%zu were sent", sent);
        output_deinit(&output);
    }
    free(before);
    free(after);
    output_deinit(&whole);
}

Test(output, discarding_gives_blobs_back) {
    struct output output;
    output_init(&output, 2);
    struct blob *blob = blob_create(OUTPUT_SPLICE_MIN);
    memset(blob->data, 'x', OUTPUT_SPLICE_MIN);
    blob->len = OUTPUT_SPLICE_MIN;
    resp_bulk_blob(&output, blob);
    cr_assert_eq(blob->refs, 2);
    size_t total = output_bytes(&output);
    cr_assert_eq(output_discard(&output, total - 3), OUTPUT_SPLICE_MIN - 1);
    cr_assert_eq(blob->refs, 2);
    cr_assert_eq(output_discard(&output, OUTPUT_SPLICE_MIN), 0);
    cr_assert_eq(blob->refs, 1);
    cr_assert_eq(output_bytes(&output), 2);
    blob_unref(blob);
    output_deinit(&output);
}

Test(output, an_error_is_one_line_without_line_ends_behind_it) {
    struct output output;
    output_init(&output, 2);
    resp_error(&output, BYTES("ERR a\r\nb\r\n\n"));
    cr_assert_eq(output.len, strlen("-ERR a  b\r\n"));
    cr_assert_eq(memcmp(output.data, "-ERR a  b\r\n", output.len), 0);
    output_deinit(&output);
}
