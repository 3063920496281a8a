/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/sorted_set/sorted_set_range.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "collections/sorted_set_value.h"

static size_t skip_digits(struct bytes text, size_t at) {
    while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9') at++;
    return at;
}

/* A decimal that text_to_double refuses is out of its range: too great when its first digit stands
 * far in front of the point, else too near zero. */
static bool read_extreme(struct bytes text, double *score) {
    size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
    bool negative = at == 1 && text.data[0] == '-';
    size_t whole = skip_digits(text, at), end = whole;
    if (end < text.len && text.data[end] == '.') end = skip_digits(text, end + 1);
    if (end - at == 0 || (end - at == 1 && text.data[at] == '.')) return false;
    bool small = false;
    int64_t point = (int64_t)(whole - at);
    if (end < text.len) {
        if (ascii_lower(text.data[end]) != 'e') return false;
        size_t exponent = end + 1;
        if (exponent < text.len && (text.data[exponent] == '-' || text.data[exponent] == '+'))
            exponent++;
        if (exponent == text.len || skip_digits(text, exponent) != text.len) return false;
        small = text.data[end + 1] == '-';
    }
    *score = small || point == 0 ? 0 : INFINITY;
    if (negative) *score = -*score;
    return true;
}

static bool is_hexadecimal(struct bytes text) {
    for (size_t i = 0; i < text.len; i++)
        if (ascii_lower(text.data[i]) == 'x') return true;
    return false;
}

bool sorted_set_bound_score(struct bytes text, struct sorted_set_bound *bound) {
    /* Redis reads it as a text that a zero byte ends. */
    const char *zero = text.len == 0 ? NULL : memchr(text.data, '\0', text.len);
    if (zero != NULL) text.len = (size_t)(zero - text.data);
    *bound = (struct sorted_set_bound){.open = text.len > 0 && text.data[0] == '('};
    if (bound->open) text = bytes_make(text.data + 1, text.len - 1);
    if (text.len == 0) return true;
    if (is_hexadecimal(text)) return false;
    return text_to_double(text, &bound->score) || read_extreme(text, &bound->score);
}

bool sorted_set_bound_name(struct bytes text, struct sorted_set_bound *bound) {
    *bound = (struct sorted_set_bound){0};
    if (text.len == 0) return false;
    bool alone = text.len == 1 || text.data[1] == '\0';
    switch (text.data[0]) {
    case '-': bound->side = -1; return alone;
    case '+': bound->side = 1; return alone;
    case '(': bound->open = true; break;
    case '[': break;
    default: return false;
    }
    bound->name = bytes_make(text.data + 1, text.len - 1);
    return true;
}

static struct sorted_set_window between(size_t first, size_t end) {
    return (struct sorted_set_window){first, end > first ? end - first : 0};
}

static struct sorted_set_window window_of_ranks(const struct sorted_set_range *range,
                                                int64_t total) {
    int64_t start = range->start < 0 ? range->start + total : range->start;
    int64_t stop = range->stop < 0 ? range->stop + total : range->stop;
    if (start < 0) start = 0;
    if (stop >= total) stop = total - 1;
    if (start > stop) return (struct sorted_set_window){0};
    if (range->reverse) return between((size_t)(total - 1 - stop), (size_t)(total - start));
    return between((size_t)start, (size_t)stop + 1);
}

static struct sorted_set_window window_of_scores(const struct sorted_set_range *range,
                                                 const struct value *value) {
    size_t first = sorted_set_seek_score(value, range->min.score, range->min.open);
    return between(first, sorted_set_seek_score(value, range->max.score, !range->max.open));
}

static size_t place_of_name(const struct sorted_set_bound *bound, const struct value *value,
                            bool behind) {
    if (bound->side != 0) return bound->side < 0 ? 0 : sorted_set_count(value);
    return sorted_set_seek_name(value, bound->name, behind);
}

static struct sorted_set_window limited(const struct sorted_set_range *range,
                                        struct sorted_set_window window) {
    if (range->offset < 0 || (uint64_t)range->offset >= window.count)
        return (struct sorted_set_window){0};
    size_t offset = (size_t)range->offset;
    size_t count = window.count - offset;
    if (range->limit >= 0 && (uint64_t)range->limit < count) count = (size_t)range->limit;
    if (range->reverse) window.first += window.count - offset - count;
    else window.first += offset;
    window.count = count;
    return window;
}

struct sorted_set_window sorted_set_range_window(const struct sorted_set_range *range,
                                                 const struct value *value) {
    switch (range->by) {
    case SORTED_SET_BY_SCORE: return limited(range, window_of_scores(range, value));
    case SORTED_SET_BY_NAME: {
        size_t first = place_of_name(&range->min, value, range->min.open);
        return limited(range, between(first, place_of_name(&range->max, value, !range->max.open)));
    }
    default: return window_of_ranks(range, (int64_t)sorted_set_count(value));
    }
}
