/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/scan_words.h"

#include "base/text.h"
#include "commands/args.h"

/* A cursor is an unsigned number as strtoull reads one: blanks and a sign before it are allowed,
 * '-' counts from the far end, a zero byte ends it. But a plain negative integer is none. So it is
 * in Redis 8; 7.0 takes negative and empty ones, and no blanks. */
static uint64_t take_cursor(struct call *call) {
    struct bytes text = args_bytes(call);
    const char *zero = text.len == 0 ? NULL : memchr(text.data, '\0', text.len);
    if (zero != NULL) text.len = (size_t)(zero - text.data);
    int64_t plain = 0;
    size_t i = 0;
    while (i < text.len && (text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r')))
        i++;
    bool negative = i < text.len && text.data[i] == '-';
    if (i < text.len && (negative || text.data[i] == '+')) i++;
    bool good = i < text.len && (!text_to_integer(text, &plain) || plain >= 0);
    uint64_t cursor = 0;
    for (; good && i < text.len; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        good = digit <= 9 && !__builtin_mul_overflow(cursor, (uint64_t)10, &cursor) &&
               !__builtin_add_overflow(cursor, (uint64_t)digit, &cursor);
    }
    if (!good) args_fail(call, "ERR invalid cursor");
    return negative ? 0 - cursor : cursor;
}

void scan_words_begin(struct call *call, struct scan_words *words) {
    *words = (struct scan_words){.cursor = take_cursor(call), .count = SCAN_COUNT_DEFAULT};
}

bool scan_words_take(struct call *call, struct scan_words *words) {
    if (args_left(call) < 2) return false;
    if (args_word(call, "COUNT")) {
        int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
        if (count < 1) args_syntax_error(call);
        words->count = (size_t)count;
        return true;
    }
    if (!args_word(call, "MATCH")) return false;
    int at = args_index(call);
    words->pattern_at = bytes_equal(args_bytes(call), BYTES("*")) ? 0 : at;
    return true;
}

bool scan_words_match(const struct scan_words *words, const struct call *call, struct bytes name) {
    return words->pattern_at == 0 || text_matches(call->argv[words->pattern_at], name, false);
}
