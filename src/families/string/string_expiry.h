/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The words EX, PX, EXAT, PXAT, KEEPTTL and PERSIST, as SET, GETEX, MSETEX, SETEX and INCREX share
 * them. First the words are taken, so that a syntax error comes before a wrong number; then the
 * number is settled to the instant at which the key ends. */
#include <stdbool.h>
#include <stdint.h>

#include "commands/family.h"

enum string_expiry_kind {
    STRING_EXPIRY_NONE,
    STRING_EXPIRY_EX,
    STRING_EXPIRY_PX,
    STRING_EXPIRY_EXAT,
    STRING_EXPIRY_PXAT,
    STRING_EXPIRY_KEEP,
    STRING_EXPIRY_PERSIST,
};

struct string_expiry {
    enum string_expiry_kind kind;
    struct bytes number;
    int64_t deadline_ms; /* Unix milliseconds, once settled */
};

/* Takes the next word, and its number, if it is one of EX PX EXAT PXAT or `other` (KEEP or
 * PERSIST). A second one of another kind is a syntax error. */
bool string_expiry_take(struct call *call, struct string_expiry *expiry,
                        enum string_expiry_kind other);
/* Works out the deadline. False: "value is not an integer" or "invalid expire time in '...'
 * command" was replied. `command` in lower case. */
bool string_expiry_settle(struct call *call, struct string_expiry *expiry, const char *command);

static inline bool string_expiry_has_deadline(const struct string_expiry *expiry) {
    return expiry->kind >= STRING_EXPIRY_EX && expiry->kind <= STRING_EXPIRY_PXAT;
}
/* The key ends at once. What a journal says is stored as it says. */
static inline bool string_expiry_is_past(const struct call *call,
                                         const struct string_expiry *expiry) {
    return string_expiry_has_deadline(expiry) && expiry->deadline_ms <= call_now_ms(call) &&
           !call->executor->replaying;
}
