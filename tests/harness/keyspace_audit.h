/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Whether a keyspace's books are right: counters against the sum over all keys, bytes said against
 * bytes freed. Answers are NULL, or a sentence about what is wrong, valid until the next call. */
#include "keyspace/keyspace.h"

typedef void keyspace_audit_visit(void *context, struct database *database,
                                  const struct entry *entry);
/* All keys of all databases. The visitor may change keys, but of the database it is in only the one
 * that it is shown. */
void keyspace_audit_each(struct keyspace *keyspace, keyspace_audit_visit *visit, void *context);

/* application_bytes, volatile_count, condemned_count and the number of keys. */
const char *keyspace_audit_counters(struct keyspace *keyspace);
/* Takes every key out by the keyspace's own hand; each must free the bytes that it says it has. */
const char *keyspace_audit_bytes(struct keyspace *keyspace);
