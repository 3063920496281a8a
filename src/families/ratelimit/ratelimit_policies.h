/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Named sets of limits: the configuration of a database, kept as one value under one key, so that
 * it is saved, journaled, dumped and digested as all values are.
 *
 * Sorted by name; looking one up is O(log policies). The counts of checks are volatile: they are
 * neither saved nor part of the digest, and whoever reads a policy may raise them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "families/ratelimit/ratelimit.h"

#define RATELIMIT_POLICIES_MAX 1024
#define RATELIMIT_POLICY_NAME_BYTES_MAX 128

struct ratelimit_policy {
    uint64_t checks, allowed, refused; /* volatile */
    uint64_t shadow_refused;           /* volatile */
    struct limiter_rule rules[RATELIMIT_LIMITS_MAX];
    uint8_t rule_count;
    uint16_t mark; /* what keys remember of it; never 0 */
    uint8_t name_len;
    char name[];
};

struct ratelimit_policies;
struct ratelimit_policies *ratelimit_policies_create(void); /* returns owned */
struct ratelimit_policies *ratelimit_policies_copy(const struct ratelimit_policies *policies);
void ratelimit_policies_destroy(struct ratelimit_policies **policies);
size_t ratelimit_policies_bytes(const struct ratelimit_policies *policies);

size_t ratelimit_policies_count(const struct ratelimit_policies *policies);
struct ratelimit_policy *ratelimit_policies_at(const struct ratelimit_policies *policies,
                                               size_t index);
/* NULL: there is none. Valid until it is set or deleted. */
struct ratelimit_policy *ratelimit_policies_find(const struct ratelimit_policies *policies,
                                                 struct bytes name);
/* Makes or changes one; its counts of checks stay. FULL beyond RATELIMIT_POLICIES_MAX. */
enum outcome ratelimit_policies_set(struct ratelimit_policies *policies, struct bytes name,
                                    const struct limiter_rule *rules,
                                    uint32_t rule_count) MUST_CHECK;
bool ratelimit_policies_delete(struct ratelimit_policies *policies, struct bytes name);

static inline struct bytes ratelimit_policy_name(const struct ratelimit_policy *policy) {
    return bytes_make(policy->name, policy->name_len);
}
