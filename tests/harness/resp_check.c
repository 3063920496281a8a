/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/resp_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

struct reader {
    const char *data;
    size_t len;
    size_t at;
};

#define DEPTH_MAX 32

static bool read_line(struct reader *reader, struct bytes *line) {
    const char *start = reader->data + reader->at;
    size_t left = reader->len - reader->at;
    const char *end = left == 0 ? NULL : memchr(start, '\r', left);
    if (end == NULL || (size_t)(end - start) + 2 > left || end[1] != '\n') return false;
    *line = bytes_make(start, (size_t)(end - start));
    reader->at += line->len + 2;
    return memchr(line->data, '\n', line->len) == NULL;
}

static bool read_blob(struct reader *reader, int64_t len) {
    if (len == -1) return true;
    if (len < 0 || (uint64_t)len + 2 > reader->len - reader->at) return false;
    const char *end = reader->data + reader->at + len;
    reader->at += (size_t)len + 2;
    return end[0] == '\r' && end[1] == '\n';
}

static bool read_reply(struct reader *reader, int depth);

static bool read_many(struct reader *reader, int64_t count, int depth) {
    for (int64_t i = 0; i < count; i++)
        if (!read_reply(reader, depth + 1)) return false;
    return true;
}

static bool read_reply(struct reader *reader, int depth) {
    struct bytes line;
    int64_t number = 0;
    if (depth > DEPTH_MAX || !read_line(reader, &line) || line.len == 0) return false;
    struct bytes rest = bytes_make(line.data + 1, line.len - 1);
    bool counts = text_to_integer(rest, &number);
    switch (line.data[0]) {
    case '+':
    case ',':
    case '(': return true;
    case '-': return rest.len > 0;
    case ':': return counts;
    case '_': return rest.len == 0;
    case '#': return rest.len == 1 && (rest.data[0] == 't' || rest.data[0] == 'f');
    case '$': return counts && read_blob(reader, number);
    case '=': return counts && number >= 4 && read_blob(reader, number);
    case '*': return counts && number >= -1 && read_many(reader, number, depth);
    case '~':
    case '>': return counts && number >= 0 && read_many(reader, number, depth);
    case '%': return counts && number >= 0 && read_many(reader, number * 2, depth);
    case '|':
        return counts && number >= 0 && read_many(reader, number * 2, depth) &&
               read_reply(reader, depth);
    default: return false;
    }
}

size_t resp_check(const char *data, size_t len) {
    struct reader reader = {data, len, 0};
    size_t count = 0;
    for (; reader.at < len; count++)
        if (!read_reply(&reader, 0)) return RESP_CHECK_MALFORMED;
    return count;
}
