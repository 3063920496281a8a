/* SPDX-License-Identifier: BSD-3-Clause */
/* INCREX: a counter with bounds and a lifetime, in one step. What Redis 8.8 has for counting
 * requests in a window; whole numbers and floats differ in their arithmetic only. */
#include <math.h>

#include "families/string/string_words.h"

struct increx {
    struct string_expiry expiry;
    struct bytes amount, lower, upper; /* data NULL: not given */
    bool is_float;
    bool saturate;
    bool only_new_deadline; /* ENX */
};

/* What came of it. */
struct counted {
    struct value stored;  /* what the key is to hold then, unless idle */
    struct bytes value;   /* after */
    struct bytes applied; /* the change that was made */
    bool idle;            /* refused, or already at the bound: nothing is to be stored */
};

static void take_amount(struct call *call, struct increx *increx, bool is_float) {
    if (increx->amount.data != NULL && increx->is_float != is_float) args_syntax_error(call);
    increx->is_float = is_float;
    increx->amount = args_bytes(call);
}

static void take_options(struct call *call, struct increx *increx) {
    *increx = (struct increx){0};
    while (args_left(call) > 0) {
        if (string_expiry_take(call, &increx->expiry, STRING_EXPIRY_PERSIST)) continue;
        if (args_word(call, "BYINT")) take_amount(call, increx, false);
        else if (args_word(call, "BYFLOAT")) take_amount(call, increx, true);
        else if (args_word(call, "LBOUND")) increx->lower = args_bytes(call);
        else if (args_word(call, "UBOUND")) increx->upper = args_bytes(call);
        else if (args_word(call, "SATURATE")) increx->saturate = true;
        else if (args_word(call, "ENX")) increx->only_new_deadline = true;
        else args_syntax_error(call);
    }
    if (increx->only_new_deadline && !string_expiry_has_deadline(&increx->expiry))
        args_syntax_error(call);
}

/* Where the number stays as it is there may be nothing left to do. */
static bool is_idle(const struct edit *edit, const struct increx *increx) {
    return edit_exists(edit) && increx->expiry.kind == STRING_EXPIRY_NONE;
}

/* --- whole numbers --- */

static int64_t whole_or(struct call *call, struct bytes text, int64_t otherwise) {
    int64_t number = otherwise;
    if (text.data != NULL && !text_to_integer(text, &number))
        args_fail(call, "ERR value is not an integer or out of range");
    return number;
}

/* Works out the new number. False: answered, and the edit is cancelled. */
static bool count_whole(struct edit *edit, const struct increx *increx, int64_t amount,
                        int64_t lower, int64_t upper, struct counted *counted) {
    struct call *call = edit->call;
    int64_t before;
    if (!string_count_read(edit, &before)) return false;
    int64_t after;
    bool over = __builtin_add_overflow(before, amount, &after);
    bool bounded = amount < 0 ? increx->lower.data != NULL : increx->upper.data != NULL;
    if (over && !bounded && !increx->saturate) {
        edit_cancel(edit);
        reply_error(call, "ERR increment or decrement would overflow");
        return false;
    }
    if (over) after = amount < 0 ? INT64_MIN : INT64_MAX;
    over |= after < lower || after > upper;
    bool refused = over && !increx->saturate;
    if (refused) after = before;
    else if (after < lower) after = lower;
    else if (after > upper) after = upper;
    counted->idle = refused || (after == before && is_idle(edit, increx));
    /* Both ends are 64 bits wide: the change may not be. */
    __int128 change = (__int128)after - before;
    int64_t shown = change > INT64_MAX   ? INT64_MAX
                    : change < INT64_MIN ? INT64_MIN
                                         : (int64_t)change;
    counted->value = call_integer_text(call, after);
    counted->applied = call_integer_text(call, shown);
    counted->stored = string_value_integer(after);
    return true;
}

/* --- floats --- */

static long double float_or(struct call *call, struct bytes text, long double otherwise) {
    long double number = otherwise;
    if (text.data != NULL && !text_to_long_double(text, &number))
        args_fail(call, "ERR value is not a valid float");
    return number;
}

static struct bytes float_text(struct call *call, long double number) {
    char *out = arena_allocate(call_arena(call), TEXT_LONG_DOUBLE_MAX);
    return bytes_make(out, text_from_long_double(out, number));
}

static bool count_float(struct edit *edit, const struct increx *increx, long double amount,
                        long double lower, long double upper, struct counted *counted) {
    struct call *call = edit->call;
    long double before;
    if (!string_float_read(edit, &before)) return false;
    long double after = before + amount;
    bool over = after < lower || after > upper;
    bool refused = over && !increx->saturate;
    if (refused) after = before;
    else if (after < lower) after = lower;
    else if (after > upper) after = upper;
    counted->idle = refused || (after == before && is_idle(edit, increx));
    if (!isfinite(after)) {
        edit_cancel(edit);
        reply_error(call, "ERR increment would produce NaN or Infinity");
        return false;
    }
    counted->value = float_text(call, after);
    counted->applied = float_text(call, after - before);
    return counted->idle || string_float_value(edit, counted->value, &counted->stored);
}

/* --- the command --- */

static bool count(struct edit *edit, struct call *call, struct bytes key,
                  const struct increx *increx, struct counted *counted) {
    if (increx->is_float) {
        long double amount = float_or(call, increx->amount, 1);
        long double lower = float_or(call, increx->lower, -(long double)INFINITY);
        long double upper = float_or(call, increx->upper, (long double)INFINITY);
        if (lower > upper) args_fail(call, "ERR LBOUND is greater than UBOUND");
        return !args_failed(call) && edit_open(edit, call, key, &string_type) &&
               count_float(edit, increx, amount, lower, upper, counted);
    }
    int64_t amount = whole_or(call, increx->amount, 1);
    int64_t lower = whole_or(call, increx->lower, INT64_MIN);
    int64_t upper = whole_or(call, increx->upper, INT64_MAX);
    if (lower > upper) args_fail(call, "ERR LBOUND is greater than UBOUND");
    return !args_failed(call) && edit_open(edit, call, key, &string_type) &&
           count_whole(edit, increx, amount, lower, upper, counted);
}

static bool store(struct edit *edit, const struct value *value, bool has_deadline,
                  int64_t deadline_ms) {
    if (edit_store_until(edit, value, has_deadline, deadline_ms)) return true;
    string_value_drop((struct value *)(uintptr_t)value);
    return false;
}

/* Stores the new number with its lifetime, in one, tells of both, and ends the edit. False: out of
 * memory was replied. */
static bool finish(struct edit *edit, const struct increx *increx, const struct counted *counted) {
    struct call *call = edit->call;
    const struct value *value = &counted->stored;
    bool has_deadline = edit_has_deadline(edit);
    int64_t deadline_ms = has_deadline ? edit_deadline_ms(edit) : 0;
    struct string_expiry expiry = increx->expiry;
    if (increx->only_new_deadline && edit_has_deadline(edit)) expiry.kind = STRING_EXPIRY_KEEP;
    if (string_expiry_is_past(call, &expiry)) {
        if (!store(edit, value, has_deadline, deadline_ms)) return false;
        string_delete(edit, EVENT_EXPIRED, "expired");
        return true;
    }
    const char *event = NULL;
    if (string_expiry_has_deadline(&expiry)) {
        has_deadline = true;
        deadline_ms = expiry.deadline_ms;
        event = "expire";
    } else if (expiry.kind == STRING_EXPIRY_PERSIST && has_deadline) {
        has_deadline = false;
        event = "persist";
    }
    if (!store(edit, value, has_deadline, deadline_ms)) return false;
    edit_commit_as(edit, EVENT_STRING, increx->is_float ? "incrbyfloat" : "incrby");
    if (event != NULL) edit_event(edit, EVENT_GENERIC, event);
    if (expiry.kind == STRING_EXPIRY_NONE) expiry.kind = STRING_EXPIRY_KEEP;
    string_set_effect(call, edit->key, counted->value, &expiry);
    return true;
}

static void reply_number(struct call *call, const struct increx *increx, struct bytes text) {
    int64_t number;
    if (!increx->is_float && text_to_integer(text, &number)) reply_integer(call, number);
    else reply_bulk(call, text);
}

void string_increx(struct call *call) {
    struct bytes key = args_key(call);
    struct increx increx;
    take_options(call, &increx);
    if (args_failed(call) || !string_expiry_settle(call, &increx.expiry, "increx")) return;

    struct edit edit;
    struct counted counted;
    if (!count(&edit, call, key, &increx, &counted)) return;
    if (counted.idle) edit_cancel(&edit);
    else if (!finish(&edit, &increx, &counted)) return;
    reply_array(call, 2);
    reply_number(call, &increx, counted.value);
    reply_number(call, &increx, counted.applied);
}
