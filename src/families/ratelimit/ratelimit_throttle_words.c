/* SPDX-License-Identifier: BSD-3-Clause */
/* CL.THROTTLE, redis-cell's command: the state is a plain string with GCRA's time in nanoseconds,
 * so TYPE, GET, DEL and TTL of such a key are what users of redis-cell know. */
#include "commands/string_edit.h"
#include "engines/gcra.h"
#include "families/ratelimit/ratelimit_words.h"

#define MILLISECOND_NS 1000000LL

static void cell_error(struct call *call, const char *what, struct bytes word) {
    char quoted[64];
    size_t len = word.len < sizeof(quoted) ? word.len : sizeof(quoted);
    memcpy(quoted, word.data, len);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)quoted[i] < ' ') quoted[i] = '?'; /* an error is one line */
    }
    args_fail(call, "Cell error: Store error: %s%.*s", what, (int)len, quoted);
}

static int64_t read_number(struct call *call) {
    struct bytes text = args_bytes(call);
    int64_t value = 0;
    struct bytes digits = text;
    /* As Rust reads one: a plus sign and leading zeros are fine. */
    bool negative = digits.len > 1 && digits.data[0] == '-';
    if (digits.len > 1 && (digits.data[0] == '+' || negative)) {
        digits.data++;
        digits.len--;
    }
    bool good = digits.len > 0;
    for (size_t i = 0; i < digits.len && good; i++) {
        int digit = digits.data[i] - '0';
        good = digit >= 0 && digit <= 9 && !__builtin_mul_overflow(value, (int64_t)10, &value) &&
               !__builtin_sub_overflow(value, (int64_t)digit, &value);
    }
    if (good && !negative) good = !__builtin_sub_overflow((int64_t)0, value, &value);
    if (!good) cell_error(call, "Couldn't parse as integer: ", text);
    return good ? value : 0;
}

static int64_t read_rate(struct call *call, struct gcra_rate *rate) {
    rate->max_burst = read_number(call);
    rate->count = read_number(call);
    rate->period_s = read_number(call);
    int64_t quantity = args_left(call) > 0 ? read_number(call) : 1;
    if (args_failed(call)) return 0;
    if (rate->count < 1 || rate->period_s < 1) {
        cell_error(call, "Zero rates are not supported", BYTES(""));
    } else if (rate->max_burst < 0) {
        cell_error(call, "max_burst must not be negative", BYTES(""));
    }
    return quantity;
}

/* The time that the string holds; false when an error was replied. */
static bool read_tat(struct call *call, const struct edit *edit, int64_t *tat_ns) {
    if (!edit_exists(edit) || edit->stale) return true;
    char scratch[TEXT_INTEGER_MAX];
    struct bytes text = string_bytes(&edit->value, scratch);
    if (text_to_integer(text, tat_ns)) return true;
    cell_error(call, "Couldn't parse as integer: ", text);
    return false;
}

/* True when the edit was ended. What is journaled is the string as it is now. */
static bool keep(struct call *call, struct edit *edit, const struct gcra_verdict *verdict,
                 int64_t now_ns) {
    struct bytes key = edit->key;
    if (verdict->reset_ns == 0) { /* as never used */
        if (!edit_exists(edit) || edit->stale) {
            edit_cancel(edit);
            return true;
        }
        edit_delete(edit, false);
        edit_commit_as(edit, EVENT_GENERIC, "del");
        call_effect_of(call, BYTES("DEL"), key);
        return true;
    }
    int64_t until_ms = (now_ns + verdict->reset_ns + MILLISECOND_NS - 1) / MILLISECOND_NS;
    struct value value = string_value_integer(verdict->tat_ns);
    bool stored = edit_exists(edit)
                      ? edit_replace_until(edit, &value, until_ms)
                      : edit_store_lingering(edit, &value, until_ms, RATELIMIT_LINGER_MS);
    if (!stored) return false;
    edit_commit(edit, "set");
    if (call_wants_effects(call)) {
        call_effect_of(call, BYTES("SET"), key, call_integer_text(call, verdict->tat_ns),
                       BYTES("PXAT"), call_integer_text(call, until_ms));
    }
    return true;
}

void ratelimit_word_throttle(struct call *call) {
    if (call->argc != 5 && call->argc != 6) {
        cell_error(call,
                   "Usage: cl.throttle <key> <max_burst> <count per period> <period> "
                   "[<quantity>]",
                   BYTES(""));
        return;
    }
    struct bytes key = args_key(call);
    struct gcra_rate rate;
    int64_t quantity = read_rate(call, &rate);
    if (args_failed(call)) return;
    struct edit edit;
    if (!edit_open_stale(&edit, call, key, &string_type)) return;
    int64_t tat_ns = 0, now_ns = call_now_us(call) * 1000;
    struct gcra_verdict verdict;
    if (!read_tat(call, &edit, &tat_ns)) {
        edit_cancel(&edit);
        return;
    }
    bool used = edit_exists(&edit) && !edit.stale;
    if (!gcra_take(&rate, used, tat_ns, quantity, now_ns, &verdict)) {
        edit_cancel(&edit);
        cell_error(call, "The rate is out of range", BYTES(""));
        return;
    }
    if (!verdict.store) edit_cancel(&edit);
    else if (!keep(call, &edit, &verdict, now_ns)) return;
    reply_array(call, 5);
    reply_integer(call, verdict.limited);
    reply_integer(call, verdict.limit);
    reply_integer(call, verdict.remaining);
    reply_integer(call, gcra_seconds(verdict.retry_ns));
    reply_integer(call, gcra_seconds(verdict.reset_ns));
}
