/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One fingerprint of everything the databases hold: DEBUG DIGEST. Equal content gives equal digests
 * whatever the order of keys, their encoding or the machine. Deadlines count, access times do not.
 * What has ended at `now_ms` is left out: some of it may lie there for a while. O(content). */
#include "keyspace/keyspace.h"

void dataset_digest(const struct keyspace *keyspace, int64_t now_ms, struct value_digest *digest);
/* 40 hexadecimal digits and a zero. */
void dataset_digest_hex(const struct keyspace *keyspace, int64_t now_ms, char hex[41]);
/* Of one key's value alone: DEBUG DIGEST-VALUE. */
void entry_digest(const struct keyspace *keyspace, const struct entry *entry,
                  struct value_digest *digest);
void digest_to_hex(const struct value_digest *digest, char hex[41]);
