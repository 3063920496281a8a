/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings as numbers: INCR and its kin, INCRBYFLOAT. */
#include <math.h>

#include "families/string/string_words.h"

static const char not_an_integer[] = "ERR value is not an integer or out of range";

bool string_count_read(struct edit *edit, int64_t *number) {
    *number = 0;
    if (!edit_exists(edit)) return true;
    if (LIKELY(edit->value.storage == VALUE_INTEGER)) {
        *number = edit->value.integer;
        return true;
    }
    char scratch[TEXT_INTEGER_MAX];
    if (text_to_integer(string_bytes(&edit->value, scratch), number)) return true;
    edit_cancel(edit);
    reply_error(edit->call, "%s", not_an_integer);
    return false;
}

bool string_count_write(struct edit *edit, int64_t number) {
    struct value value = string_value_integer(number);
    if (UNLIKELY(!edit_exists(edit) || edit->value.storage != VALUE_INTEGER))
        return edit_store(edit, &value);
    edit_rewrite(edit, &value);
    return true;
}

static void add(struct call *call, struct bytes key, int64_t amount) {
    struct edit edit;
    int64_t number;
    if (!edit_open(&edit, call, key, &string_type)) return;
    if (!string_count_read(&edit, &number)) return;
    if (__builtin_add_overflow(number, amount, &number)) {
        edit_cancel(&edit);
        reply_error(call, "ERR increment or decrement would overflow");
        return;
    }
    if (!string_count_write(&edit, number)) return;
    edit_commit_as(&edit, EVENT_STRING, "incrby");
    reply_integer(call, number);
}

void string_incr(struct call *call) { add(call, args_key(call), 1); }

void string_decr(struct call *call) { add(call, args_key(call), -1); }

void string_incrby(struct call *call) {
    struct bytes key = args_key(call);
    int64_t amount = args_integer(call, INT64_MIN, INT64_MAX);
    if (!args_failed(call)) add(call, key, amount);
}

void string_decrby(struct call *call) {
    struct bytes key = args_key(call);
    int64_t amount = args_integer(call, INT64_MIN, INT64_MAX);
    if (amount == INT64_MIN) args_fail(call, "ERR decrement would overflow");
    if (!args_failed(call)) add(call, key, -amount);
}

/* --- INCRBYFLOAT --- */

bool string_float_read(struct edit *edit, long double *number) {
    *number = 0;
    if (!edit_exists(edit)) return true;
    if (edit->value.storage == VALUE_INTEGER) {
        *number = (long double)edit->value.integer;
        return true;
    }
    char scratch[TEXT_INTEGER_MAX];
    if (text_to_long_double(string_bytes(&edit->value, scratch), number)) return true;
    edit_cancel(edit);
    reply_error(edit->call, "ERR value is not a valid float");
    return false;
}

bool string_float_value(struct edit *edit, struct bytes text, struct value *value) {
    if (!string_value_try(text, NULL, value)) {
        reply_error(edit->call, "OOM command not allowed: no memory for the value");
        edit_cancel(edit);
        return false;
    }
    /* As Redis: what this leaves is text, even where it reads as an integer. */
    if (value->storage == VALUE_INTEGER) {
        value->storage = VALUE_INLINED;
        value->inlined = text;
    }
    return true;
}

bool string_float_write(struct edit *edit, struct bytes text) {
    struct value value;
    if (!string_float_value(edit, text, &value)) return false;
    if (edit_store(edit, &value)) return true;
    string_value_drop(&value);
    return false;
}

void string_incrbyfloat(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    long double number;
    long double amount = 0;
    if (!edit_open(&edit, call, key, &string_type)) return;
    if (!string_float_read(&edit, &number)) return;
    if (!text_to_long_double(args_bytes(call), &amount)) {
        edit_cancel(&edit);
        reply_error(call, "ERR value is not a valid float");
        return;
    }
    number += amount;
    if (!isfinite(number)) {
        edit_cancel(&edit);
        reply_error(call, "ERR increment would produce NaN or Infinity");
        return;
    }
    char *out = arena_allocate(call_arena(call), TEXT_LONG_DOUBLE_MAX);
    struct bytes text = bytes_make(out, text_from_long_double(out, number));
    if (!string_float_write(&edit, text)) return;
    edit_commit_as(&edit, EVENT_STRING, "incrbyfloat");
    call_effect_of(call, BYTES("SET"), key, text, BYTES("KEEPTTL"));
    reply_bulk(call, text);
}
