/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/string/string_condition.h"

#include "base/hash.h"
#include "commands/string_edit.h"

static const struct {
    const char *word;
    enum string_condition_kind kind;
} words[] = {
    {"NX", STRING_CONDITION_NX},       {"XX", STRING_CONDITION_XX},
    {"IFEQ", STRING_CONDITION_IFEQ},   {"IFNE", STRING_CONDITION_IFNE},
    {"IFDEQ", STRING_CONDITION_IFDEQ}, {"IFDNE", STRING_CONDITION_IFDNE},
};

static bool take_among(struct call *call, struct string_condition *condition, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!args_word(call, words[i].word)) continue;
        enum string_condition_kind kind = words[i].kind;
        bool again = condition->kind == kind && kind < STRING_CONDITION_IFEQ;
        if (condition->kind != STRING_CONDITION_NONE && !again) args_syntax_error(call);
        condition->kind = kind;
        if (kind >= STRING_CONDITION_IFEQ) condition->operand = args_bytes(call);
        return true;
    }
    return false;
}

bool string_condition_take(struct call *call, struct string_condition *condition) {
    return take_among(call, condition, COUNT_OF(words));
}

bool string_condition_take_existence(struct call *call, struct string_condition *condition) {
    return take_among(call, condition, 2);
}

bool string_condition_check(struct call *call, const struct string_condition *condition) {
    if (condition->kind < STRING_CONDITION_IFDEQ) return true;
    if (condition->operand.len == HASH_DIGEST64_HEX) return true;
    reply_error(call, "ERR must be exactly %d hexadecimal characters", HASH_DIGEST64_HEX);
    return false;
}

static bool digest_is(const struct value *value, struct bytes hex) {
    char scratch[TEXT_INTEGER_MAX];
    char digest[HASH_DIGEST64_HEX];
    hash_digest64(string_bytes(value, scratch), digest);
    return bytes_equal_fold(bytes_make(digest, sizeof(digest)), hex);
}

static bool text_is(const struct value *value, struct bytes text) {
    char scratch[TEXT_INTEGER_MAX];
    return bytes_equal(string_bytes(value, scratch), text);
}

bool string_condition_holds(const struct string_condition *condition, const struct value *value) {
    switch (condition->kind) {
    case STRING_CONDITION_NX: return value == NULL;
    case STRING_CONDITION_XX: return value != NULL;
    case STRING_CONDITION_IFEQ: return value != NULL && text_is(value, condition->operand);
    case STRING_CONDITION_IFNE: return value == NULL || !text_is(value, condition->operand);
    case STRING_CONDITION_IFDEQ: return value != NULL && digest_is(value, condition->operand);
    case STRING_CONDITION_IFDNE: return value == NULL || !digest_is(value, condition->operand);
    default: return true;
    }
}
