/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/access.h"

#define SECONDS_MASK 0xffffffu
#define MINUTES_MASK 0xffffu

void access_set_time(struct access_rules *rules, int64_t now_ms) {
    rules->clock_seconds = (uint32_t)(now_ms / 1000) & SECONDS_MASK;
    rules->clock_minutes = (uint32_t)(now_ms / 60000) & MINUTES_MASK;
}

void access_start(const struct access_rules *rules, struct entry *entry) {
    if (rules->lfu) access_set_frequency(rules, entry, ACCESS_LFU_START);
    else access_bits_set(entry, rules->clock_seconds);
}

int64_t access_idle_seconds(const struct access_rules *rules, const struct entry *entry) {
    return (int64_t)((rules->clock_seconds - access_bits(entry)) & SECONDS_MASK);
}

void access_set_idle_seconds(const struct access_rules *rules, struct entry *entry, int64_t idle) {
    access_bits_set(entry, (rules->clock_seconds - (uint32_t)idle) & SECONDS_MASK);
}

uint8_t access_frequency(const struct access_rules *rules, const struct entry *entry) {
    uint32_t bits = access_bits(entry);
    uint32_t counter = bits & 0xff;
    if (rules->lfu_decay_minutes == 0) return (uint8_t)counter;
    uint32_t elapsed = (rules->clock_minutes - (bits >> 8)) & MINUTES_MASK;
    uint32_t periods = elapsed / (uint32_t)rules->lfu_decay_minutes;
    return (uint8_t)(periods > counter ? 0 : counter - periods);
}

void access_set_frequency(const struct access_rules *rules, struct entry *entry,
                          uint8_t frequency) {
    access_bits_set(entry, rules->clock_minutes << 8 | frequency);
}

void access_touch_lfu(struct access_rules *rules, struct entry *entry) {
    uint32_t counter = access_frequency(rules, entry);
    if (counter < 255) {
        double above = counter > ACCESS_LFU_START ? (double)(counter - ACCESS_LFU_START) : 0;
        double chance = 1.0 / (above * (double)rules->lfu_log_factor + 1);
        if (random_fraction(&rules->random) < chance) counter++;
    }
    access_set_frequency(rules, entry, (uint8_t)counter);
}
