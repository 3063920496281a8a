/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/value.h"

#include "base/digest.h"

void value_digest_add(struct value_digest *digest, struct bytes bytes) {
    struct digest_sha1 sha1;
    digest_sha1_init(&sha1);
    digest_sha1_add(&sha1, bytes_make(digest->sha1, sizeof(digest->sha1)));
    digest_sha1_add(&sha1, bytes);
    digest_sha1_finish(&sha1, digest->sha1);
}

void value_digest_add_unordered(struct value_digest *digest, struct bytes bytes) {
    struct digest_sha1 sha1;
    uint8_t own[20];
    digest_sha1_init(&sha1);
    digest_sha1_add(&sha1, bytes);
    digest_sha1_finish(&sha1, own);
    for (size_t i = 0; i < sizeof(own); i++) digest->sha1[i] ^= own[i];
}
