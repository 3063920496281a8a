/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers with units: sizes, durations, rates, shares. */
#include <math.h>

#include "base/text.h"

struct unit {
    const char *name;
    uint64_t factor;
};

/* The digits at the start of the text, of which there must be one; leading zeros are fine. */
static bool take_count(struct bytes *text, uint64_t *count) {
    uint64_t sum = 0;
    size_t len = 0;
    for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++) {
        uint64_t digit = (uint64_t)(text->data[len] - '0');
        if (__builtin_mul_overflow(sum, (uint64_t)10, &sum)) return false;
        if (__builtin_add_overflow(sum, digit, &sum)) return false;
    }
    text->data += len;
    text->len -= len;
    *count = sum;
    return len > 0;
}

/* The factor of a unit, 0 when there is no such unit. */
static uint64_t find_unit(struct bytes name, const struct unit *units, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes_is(name, units[i].name)) return units[i].factor;
    }
    return 0;
}

bool text_to_memory_bytes(struct bytes text, uint64_t *value) {
    static const struct unit units[] = {
        {"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1 << 10},
        {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30},
    };
    uint64_t count;
    if (!take_count(&text, &count)) return false;
    uint64_t factor = find_unit(text, units, COUNT_OF(units));
    return factor != 0 && !__builtin_mul_overflow(count, factor, value);
}

static uint64_t duration_unit_ms(struct bytes name) {
    static const struct unit units[] = {
        {"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    return find_unit(name, units, COUNT_OF(units));
}

bool text_to_duration_ms(struct bytes text, int64_t *value) {
    uint64_t count;
    uint64_t product;
    if (!take_count(&text, &count)) return false;
    uint64_t factor = duration_unit_ms(text);
    if (factor == 0 || __builtin_mul_overflow(count, factor, &product)) return false;
    if (product > INT64_MAX) return false;
    *value = (int64_t)product;
    return true;
}

bool text_to_rate(struct bytes text, int64_t *count, int64_t *duration_ms) {
    uint64_t amount;
    int64_t duration;
    if (!take_count(&text, &amount) || amount > INT64_MAX) return false;
    if (text.len < 2 || text.data[0] != '/') return false;
    struct bytes rest = {text.data + 1, text.len - 1};
    if (!text_to_duration_ms(rest, &duration)) {
        uint64_t one = duration_unit_ms(rest);
        if (one == 0) return false;
        duration = (int64_t)one;
    }
    if (duration == 0) return false;
    *count = (int64_t)amount;
    *duration_ms = duration;
    return true;
}

bool text_to_fraction(struct bytes text, double *value) {
    double number;
    bool percent = text.len > 0 && text.data[text.len - 1] == '%';
    text.len -= percent;
    if (!text_to_double(text, &number) || !isfinite(number)) return false;
    *value = percent ? number / 100 : number;
    return true;
}
