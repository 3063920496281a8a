/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Under what condition a string is set or deleted: NX, XX, IFEQ, IFNE, IFDEQ, IFDNE. */
#include <stdbool.h>

#include "commands/family.h"

enum string_condition_kind {
    STRING_CONDITION_NONE,
    STRING_CONDITION_NX,    /* there is no such key */
    STRING_CONDITION_XX,    /* there is one */
    STRING_CONDITION_IFEQ,  /* its value is this */
    STRING_CONDITION_IFNE,  /* it is not, or there is none */
    STRING_CONDITION_IFDEQ, /* the digest of its value is this */
    STRING_CONDITION_IFDNE,
};

struct string_condition {
    enum string_condition_kind kind;
    struct bytes operand; /* of the IF... kinds */
};

/* Takes the next word, and its operand, if it is a condition. A second condition, other than NX or
 * XX once more, is a syntax error. */
bool string_condition_take(struct call *call, struct string_condition *condition);
/* NX and XX alone. */
bool string_condition_take_existence(struct call *call, struct string_condition *condition);
/* False, with the error replied, when the operand cannot be a digest. */
bool string_condition_check(struct call *call, const struct string_condition *condition);

static inline bool string_condition_compares(const struct string_condition *condition) {
    return condition->kind >= STRING_CONDITION_IFEQ;
}
/* `value` is a string, or NULL where there is no key. */
bool string_condition_holds(const struct string_condition *condition, const struct value *value);
