/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers and lines as strangers write them: what is taken for a number is what the C library
 * takes for one, prints and reads back the same; a line's words lie within it. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare_double(struct bytes text, const char *terminated) {
    char *end;
    errno = 0;
    double expected = strtod(terminated, &end);
    bool expected_taken = text.len > 0 && end == terminated + text.len && !isnan(expected) &&
                          !isspace((unsigned char)text.data[0]) &&
                          !(errno == ERANGE && (isinf(expected) || expected == 0));
    double value = 0;
    assert(text_to_double(text, &value) == expected_taken);
    if (!expected_taken) return;
    assert(memcmp(&value, &expected, sizeof value) == 0);
    char out[TEXT_DOUBLE_MAX];
    double back;
    assert(text_to_double(bytes_make(out, text_from_double(out, value)), &back));
    assert(memcmp(&value, &back, sizeof value) == 0);
}

static void compare_long_double(struct bytes text, const char *terminated) {
    static char out[TEXT_LONG_DOUBLE_MAX];
    char *end;
    errno = 0;
    long double expected = strtold(terminated, &end);
    bool expected_taken = text.len > 0 && end == terminated + text.len && !isnan(expected) &&
                          text.len < TEXT_LONG_DOUBLE_MAX &&
                          !isspace((unsigned char)text.data[0]) &&
                          !(errno == ERANGE && (isinf(expected) || expected == 0));
    long double value = 0;
    assert(text_to_long_double(text, &value) == expected_taken);
    if (!expected_taken) return;
    assert(value == expected);
    assert(text_from_long_double(out, value) > 0);
}

static void compare_integer(struct bytes text) {
    char out[TEXT_INTEGER_MAX];
    int64_t value;
    if (!text_to_integer(text, &value)) return;
    assert(bytes_equal(bytes_make(out, text_from_integer(out, value)), text));
}

static void read_units(struct bytes text) {
    uint64_t size;
    int64_t count;
    int64_t ms;
    double fraction;
    if (text_to_rate(text, &count, &ms)) assert(count >= 0 && ms > 0);
    if (text_to_duration_ms(text, &ms)) assert(ms >= 0);
    if (text_to_fraction(text, &fraction)) assert(isfinite(fraction));
    (void)!text_to_memory_bytes(text, &size);
}

static void split(char *line, size_t len) {
    struct bytes words[16];
    char shown[80];
    int count = text_split_words(line, len, words, 16);
    assert(count >= -2 && count <= 16);
    const char *last = line;
    for (int i = 0; i < count; i++) {
        assert(words[i].data >= last && words[i].data + words[i].len <= line + len);
        last = words[i].data + words[i].len;
        assert(text_quote(shown, sizeof shown, words[i]) <= sizeof shown);
        assert(text_distance(words[0], words[i], 4) <= 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *exact = malloc(size + 1);
    char *terminated = malloc(size + 1);
    assert(exact != NULL && terminated != NULL);
    /* The text ends where its block does: a byte read too far is seen. */
    memcpy(exact + 1, data, size);
    memcpy(terminated, data, size);
    terminated[size] = '\0';
    struct bytes text = bytes_make(exact + 1, size);
    compare_double(text, terminated);
    compare_long_double(text, terminated);
    compare_integer(text);
    read_units(text);
    split(exact + 1, size);
    free(exact);
    free(terminated);
    return 0;
}
