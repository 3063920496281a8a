/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields as numbers: HINCRBY, HINCRBYFLOAT. A field keeps its deadline. */
#include <math.h>

#include "families/hash/hash_words.h"

/* Ends the edit with an error. */
static void fail(struct hash_edit *change, const char *error) {
    hash_cancel(change);
    reply_error(change->edit.call, "%s", error);
}

/* Stores what a counter has become and ends the edit. False: refused, and all is said. */
static bool put(struct hash_edit *change, struct bytes field, struct bytes text,
                const char *event) {
    if (hash_store(change, field, text, true) == HASH_REFUSED) {
        hash_refused(change, false);
        return false;
    }
    hash_commit(change, event);
    return true;
}

void hash_hincrby(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes field = args_bytes(call);
    int64_t amount = args_integer(call, INT64_MIN, INT64_MAX);
    struct hash_edit change;
    struct hash_item item;
    int64_t number = 0;
    if (args_failed(call) || !hash_open(&change, call, key)) return;
    if (hash_meet(&change, field, &item) && !text_to_integer(item.value, &number)) {
        fail(&change, "ERR hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(number, amount, &number)) {
        fail(&change, "ERR increment or decrement would overflow");
        return;
    }
    char text[TEXT_INTEGER_MAX];
    if (put(&change, field, bytes_make(text, text_from_integer(text, number)), "hincrby"))
        reply_integer(call, number);
}

static long double take_amount(struct call *call) {
    long double amount = 0;
    if (!text_to_long_double(args_bytes(call), &amount))
        args_fail(call, "ERR value is not a valid float");
    else if (!isfinite(amount)) args_fail(call, "ERR value is NaN or Infinity");
    return amount;
}

void hash_hincrbyfloat(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes field = args_bytes(call);
    long double amount = take_amount(call);
    long double number = 0;
    struct hash_edit change;
    struct hash_item item;
    if (args_failed(call) || !hash_open(&change, call, key)) return;
    bool found = hash_meet(&change, field, &item);
    if (found && !text_to_long_double(item.value, &number)) {
        fail(&change, "ERR hash value is not a float");
        return;
    }
    number += amount;
    if (!isfinite(number)) {
        fail(&change, "ERR increment would produce NaN or Infinity");
        return;
    }
    bool timed = found && item.deadline_ms != INT64_MAX;
    char *out = arena_allocate(call_arena(call), TEXT_LONG_DOUBLE_MAX);
    struct bytes text = bytes_make(out, text_from_long_double(out, number));
    if (!put(&change, field, text, "hincrbyfloat")) return;
    if (timed)
        call_effect_of(call, BYTES("HSETEX"), key, BYTES("KEEPTTL"), BYTES("FIELDS"), BYTES("1"),
                       field, text);
    else call_effect_of(call, BYTES("HSET"), key, field, text);
    reply_bulk(call, text);
}
