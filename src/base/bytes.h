/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A borrowed run of bytes: where it starts and how long it is. Binary safe, never terminated,
 * owns nothing. The owner of the memory says how long it lives. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const char *data;
    size_t len;
};

#define BYTES(literal) ((struct bytes){"" literal, sizeof(literal) - 1})
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline struct bytes bytes_make(const void *data, size_t len) {
    return (struct bytes){(const char *)data, len};
}

static inline struct bytes bytes_of(const char *text) { return (struct bytes){text, strlen(text)}; }

static inline bool bytes_equal(struct bytes a, struct bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Order of memcmp, shorter first where one is the other's beginning. */
static inline int bytes_compare(struct bytes a, struct bytes b) {
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

static inline char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* Equal but for ASCII case: for words of commands and options, never for keys. */
static inline bool bytes_equal_fold(struct bytes a, struct bytes b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i])) return false;
    }
    return true;
}

static inline bool bytes_is(struct bytes a, const char *word) {
    return bytes_equal_fold(a, bytes_of(word));
}
