/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/string/string_expiry.h"

static const struct {
    const char *word;
    enum string_expiry_kind kind;
} words[] = {
    {"EX", STRING_EXPIRY_EX},        {"PX", STRING_EXPIRY_PX},
    {"EXAT", STRING_EXPIRY_EXAT},    {"PXAT", STRING_EXPIRY_PXAT},
    {"KEEPTTL", STRING_EXPIRY_KEEP}, {"PERSIST", STRING_EXPIRY_PERSIST},
};

bool string_expiry_take(struct call *call, struct string_expiry *expiry,
                        enum string_expiry_kind other) {
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        enum string_expiry_kind kind = words[i].kind;
        if (kind > STRING_EXPIRY_PXAT && kind != other) continue;
        if (!args_word(call, words[i].word)) continue;
        if (expiry->kind != STRING_EXPIRY_NONE && expiry->kind != kind) args_syntax_error(call);
        expiry->kind = kind;
        if (kind <= STRING_EXPIRY_PXAT) expiry->number = args_bytes(call);
        return true;
    }
    return false;
}

bool string_expiry_settle(struct call *call, struct string_expiry *expiry, const char *command) {
    if (!string_expiry_has_deadline(expiry)) return true;
    int64_t number;
    if (!text_to_integer(expiry->number, &number)) {
        reply_error(call, "ERR value is not an integer or out of range");
        return false;
    }
    bool in_seconds = expiry->kind == STRING_EXPIRY_EX || expiry->kind == STRING_EXPIRY_EXAT;
    bool relative = expiry->kind == STRING_EXPIRY_EX || expiry->kind == STRING_EXPIRY_PX;
    bool wrong = number <= 0;
    if (in_seconds) wrong |= __builtin_mul_overflow(number, (int64_t)1000, &number);
    if (relative) wrong |= __builtin_add_overflow(number, call_now_ms(call), &number);
    if (wrong) {
        reply_error(call, "ERR invalid expire time in '%s' command", command);
        return false;
    }
    expiry->deadline_ms = number;
    return true;
}
