/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/ratelimit/ratelimit_policies.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

struct ratelimit_policies {
    size_t count;
    size_t capacity;
    struct ratelimit_policy **list; /* sorted by name */
};

struct ratelimit_policies *ratelimit_policies_create(void) {
    return memory_allocate_zero(sizeof(struct ratelimit_policies));
}

void ratelimit_policies_destroy(struct ratelimit_policies **policies) {
    if (*policies == NULL) return;
    for (size_t i = 0; i < (*policies)->count; i++) memory_free((*policies)->list[i]);
    memory_free((*policies)->list);
    memory_free(*policies);
    *policies = NULL;
}

struct ratelimit_policies *ratelimit_policies_copy(const struct ratelimit_policies *policies) {
    struct ratelimit_policies *copy = ratelimit_policies_create();
    for (size_t i = 0; i < policies->count; i++) {
        const struct ratelimit_policy *policy = policies->list[i];
        enum outcome outcome = ratelimit_policies_set(copy, ratelimit_policy_name(policy),
                                                      policy->rules, policy->rule_count);
        assert(outcome == OUTCOME_OK);
    }
    return copy;
}

size_t ratelimit_policies_bytes(const struct ratelimit_policies *policies) {
    size_t bytes = memory_block_bytes(policies);
    if (policies->list != NULL) bytes += memory_block_bytes(policies->list);
    for (size_t i = 0; i < policies->count; i++) bytes += memory_block_bytes(policies->list[i]);
    return bytes;
}

size_t ratelimit_policies_count(const struct ratelimit_policies *policies) {
    return policies->count;
}

struct ratelimit_policy *ratelimit_policies_at(const struct ratelimit_policies *policies,
                                               size_t index) {
    assert(index < policies->count);
    return policies->list[index];
}

/* Where the name is, or would be. */
static size_t search(const struct ratelimit_policies *policies, struct bytes name, bool *found) {
    size_t low = 0, high = policies->count;
    *found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = bytes_compare(ratelimit_policy_name(policies->list[middle]), name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

struct ratelimit_policy *ratelimit_policies_find(const struct ratelimit_policies *policies,
                                                 struct bytes name) {
    bool found;
    size_t at = search(policies, name, &found);
    return found ? policies->list[at] : NULL;
}

static struct ratelimit_policy *policy_create(struct bytes name) {
    struct ratelimit_policy *policy = memory_allocate_zero(sizeof(struct ratelimit_policy) +
                                                           name.len);
    uint16_t mark = digest_crc16(name);
    policy->mark = mark == 0 ? 1 : mark;
    policy->name_len = (uint8_t)name.len;
    memcpy(policy->name, name.data, name.len);
    return policy;
}

enum outcome ratelimit_policies_set(struct ratelimit_policies *policies, struct bytes name,
                                    const struct limiter_rule *rules, uint32_t rule_count) {
    assert(name.len > 0 && name.len <= RATELIMIT_POLICY_NAME_BYTES_MAX);
    assert(rule_count > 0 && rule_count <= RATELIMIT_LIMITS_MAX);
    bool found;
    size_t at = search(policies, name, &found);
    if (!found) {
        if (policies->count == RATELIMIT_POLICIES_MAX) return OUTCOME_FULL;
        if (policies->count == policies->capacity) {
            policies->capacity = policies->capacity == 0 ? 4 : 2 * policies->capacity;
            policies->list = memory_reallocate(policies->list,
                                               policies->capacity * sizeof(policies->list[0]));
        }
        memmove(&policies->list[at + 1], &policies->list[at],
                (policies->count - at) * sizeof(policies->list[0]));
        policies->list[at] = policy_create(name);
        policies->count++;
    }
    memcpy(policies->list[at]->rules, rules, rule_count * sizeof(rules[0]));
    policies->list[at]->rule_count = (uint8_t)rule_count;
    return OUTCOME_OK;
}

bool ratelimit_policies_delete(struct ratelimit_policies *policies, struct bytes name) {
    bool found;
    size_t at = search(policies, name, &found);
    if (!found) return false;
    memory_free(policies->list[at]);
    policies->count--;
    memmove(&policies->list[at], &policies->list[at + 1],
            (policies->count - at) * sizeof(policies->list[0]));
    return true;
}
