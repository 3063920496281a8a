/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The 24 bits that say when, or how often, an entry was used.
 *
 * LRU: seconds modulo 2^24 (194 days). LFU: the minute of the last decay (16 bits) and a counter
 * (8 bits) that grows with probability 1 / (counter above LFU_START × log_factor + 1) and falls by
 * one every decay_minutes: Morris's approximate counting (1978). Which of the two is a matter of
 * maxmemory-policy; a change of policy reinterprets what is there, as Redis does. */
#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "keyspace/entry.h"

#define ACCESS_LFU_START 5

struct access_rules {
    bool lfu;
    bool held; /* uses leave no trace: CLIENT NO-TOUCH */
    int32_t lfu_log_factor;
    int32_t lfu_decay_minutes;
    uint32_t clock_seconds; /* moved by whoever owns the time */
    uint32_t clock_minutes;
    struct random random;
};

void access_set_time(struct access_rules *rules, int64_t now_ms);
/* A new entry. */
void access_start(const struct access_rules *rules, struct entry *entry);
void access_touch_lfu(struct access_rules *rules, struct entry *entry);
static inline uint32_t access_bits(const struct entry *entry) {
    return (uint32_t)entry->access[0] | (uint32_t)entry->access[1] << 8 |
           (uint32_t)entry->access[2] << 16;
}
static inline void access_bits_set(struct entry *entry, uint32_t bits) {
    entry->access[0] = (uint8_t)bits;
    entry->access[1] = (uint8_t)(bits >> 8);
    entry->access[2] = (uint8_t)(bits >> 16);
}
/* The entry was used. Writes only when something changes, so hot reads dirty no line. */
static inline void access_touch(struct access_rules *rules, struct entry *entry) {
    if (__builtin_expect(rules->held, 0)) return;
    if (rules->lfu) access_touch_lfu(rules, entry);
    else if (access_bits(entry) != rules->clock_seconds)
        access_bits_set(entry, rules->clock_seconds);
}
/* Seconds since the last use (LRU), and back. */
int64_t access_idle_seconds(const struct access_rules *rules, const struct entry *entry);
void access_set_idle_seconds(const struct access_rules *rules, struct entry *entry, int64_t idle);
/* The counter after decay (LFU), and back. */
uint8_t access_frequency(const struct access_rules *rules, const struct entry *entry);
void access_set_frequency(const struct access_rules *rules, struct entry *entry, uint8_t frequency);
