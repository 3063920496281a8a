/* SPDX-License-Identifier: BSD-3-Clause */
/* Patterns and texts of strangers: the quick matcher against a slow one that tries everything.
 * The input is a byte of choices, a pattern, a zero byte and a text. */
#include <assert.h>
#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A class is read by the matcher itself, one text of a single byte at a time: what is proved here
 * is how elements and stars play together, and that nothing is read beyond the ends. */
static size_t element_length(struct bytes pattern) {
    if (pattern.data[0] == '\\') return pattern.len > 1 ? 2 : 1;
    if (pattern.data[0] != '[') return 1;
    size_t at = 1 + (pattern.len > 1 && pattern.data[1] == '^');
    while (at < pattern.len && pattern.data[at] != ']') {
        size_t left = pattern.len - at;
        if (pattern.data[at] == '\\' && left >= 2) {
            at += 2;
        } else if (left >= 3 && pattern.data[at + 1] == '-') {
            at += 3;
        } else {
            at++;
        }
    }
    return at < pattern.len ? at + 1 : at;
}

/* reached[i]: the pattern read so far can end before byte i of the text. */
static bool slow_matches(struct bytes pattern, struct bytes text, bool fold) {
    if (text.len == 0) return pattern.len == 0 || (pattern.len == 1 && pattern.data[0] == '*');
    bool *reached = calloc(text.len + 1, sizeof *reached);
    assert(reached != NULL);
    reached[0] = true;
    while (pattern.len > 0) {
        if (pattern.data[0] == '*') {
            for (size_t i = 0; i < text.len; i++) reached[i + 1] |= reached[i];
            pattern = (struct bytes){pattern.data + 1, pattern.len - 1};
            continue;
        }
        size_t len = element_length(pattern);
        struct bytes element = {pattern.data, len};
        for (size_t i = text.len; i > 0; i--) {
            struct bytes one = {text.data + i - 1, 1};
            reached[i] = reached[i - 1] && text_matches(element, one, fold);
        }
        reached[0] = false;
        pattern = (struct bytes){pattern.data + len, pattern.len - len};
    }
    bool matches = reached[text.len];
    free(reached);
    return matches;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    const uint8_t *zero = memchr(data + 1, 0, size - 1);
    if (zero == NULL) return 0;
    bool fold = data[0] & 1;
    size_t pattern_len = (size_t)(zero - data) - 1;
    size_t text_len = size - pattern_len - 2;
    /* Blocks of their own, so that a byte read too far is seen. */
    char *pattern = malloc(pattern_len + 1);
    char *text = malloc(text_len + 1);
    assert(pattern != NULL && text != NULL);
    struct bytes a = bytes_make(pattern + 1, pattern_len);
    struct bytes b = bytes_make(text + 1, text_len);
    memcpy(pattern + 1, data + 1, pattern_len);
    memcpy(text + 1, zero + 1, text_len);
    bool matches = text_matches(a, b, fold);
    assert(matches == slow_matches(a, b, fold));
    if (text_pattern_is_plain(a)) {
        assert(matches == (fold ? bytes_equal_fold(a, b) : bytes_equal(a, b)));
    }
    free(pattern);
    free(text);
    return 0;
}
