/* SPDX-License-Identifier: BSD-3-Clause */
/* When keys end: saying it, asking it, taking it back. */
#include "families/key/key_words.h"

/* --- saying --- */

enum condition {
    CONDITION_NX = 1 << 0,
    CONDITION_XX = 1 << 1,
    CONDITION_GT = 1 << 2,
    CONDITION_LT = 1 << 3,
};

/* What EXPIRE and its kin have apart: the unit of their number, and from when it counts. */
struct form {
    const char *name;
    int64_t unit_ms;
    bool absolute;
};

static unsigned read_condition(struct call *call) {
    unsigned condition = 0;
    while (args_left(call) > 0) {
        struct bytes word = args_peek(call, 0);
        if (args_word(call, "NX")) condition |= CONDITION_NX;
        else if (args_word(call, "XX")) condition |= CONDITION_XX;
        else if (args_word(call, "GT")) condition |= CONDITION_GT;
        else if (args_word(call, "LT")) condition |= CONDITION_LT;
        else args_fail(call, "ERR Unsupported option %.*s", (int)word.len, word.data);
    }
    if ((condition & CONDITION_NX) != 0 && condition != CONDITION_NX)
        args_fail(call, "ERR NX and XX, GT or LT options at the same time are not compatible");
    if ((condition & CONDITION_GT) != 0 && (condition & CONDITION_LT) != 0)
        args_fail(call, "ERR GT and LT options at the same time are not compatible");
    return condition;
}

static int64_t read_deadline(struct call *call, struct bytes text, const struct form *form) {
    int64_t when;
    if (args_failed(call)) return 0;
    if (!text_to_integer(text, &when)) {
        args_fail(call, "ERR value is not an integer or out of range");
        return 0;
    }
    int64_t from_ms = form->absolute ? 0 : call_now_ms(call);
    if (__builtin_mul_overflow(when, form->unit_ms, &when) ||
        __builtin_add_overflow(when, from_ms, &when)) {
        args_fail(call, "ERR invalid expire time in '%s' command", form->name);
        return 0;
    }
    return when;
}

/* A key without a deadline lives for ever: later than any. */
static bool condition_holds(const struct edit *edit, unsigned condition, int64_t deadline_ms) {
    if (condition == 0) return true;
    bool has = edit_has_deadline(edit);
    int64_t before_ms = has ? edit_deadline_ms(edit) : 0;
    if ((condition & CONDITION_NX) != 0 && has) return false;
    if ((condition & CONDITION_XX) != 0 && !has) return false;
    if ((condition & CONDITION_GT) != 0 && (!has || deadline_ms <= before_ms)) return false;
    if ((condition & CONDITION_LT) != 0 && has && deadline_ms >= before_ms) return false;
    return true;
}

/* Replay sets deadlines that have passed since: what became of them is journaled, too. */
static bool is_past(const struct call *call, int64_t deadline_ms) {
    return deadline_ms <= call_now_ms(call) && !call->executor->replaying;
}

static void expire(struct call *call, const struct form *form) {
    struct bytes key = args_key(call);
    struct bytes text = args_bytes(call);
    unsigned condition = args_left(call) > 0 ? read_condition(call) : 0;
    int64_t deadline_ms = read_deadline(call, text, form);
    if (args_failed(call)) return;

    struct edit edit;
    edit_open(&edit, call, key, NULL);
    if (!edit_exists(&edit) || !condition_holds(&edit, condition, deadline_ms)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    if (is_past(call, deadline_ms)) {
        edit_delete(&edit, true);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
        call_effect_of(call, call->executor->lazy_expire ? BYTES("UNLINK") : BYTES("DEL"), key);
    } else {
        if (!edit_set_deadline(&edit, deadline_ms)) return;
        edit_commit_as(&edit, EVENT_GENERIC, "expire");
        if (call_wants_effects(call))
            call_effect_of(call, BYTES("PEXPIREAT"), key, call_integer_text(call, deadline_ms));
    }
    reply_integer(call, 1);
}

void key_word_expire(struct call *call) { expire(call, &(struct form){"expire", 1000, false}); }
void key_word_pexpire(struct call *call) { expire(call, &(struct form){"pexpire", 1, false}); }
void key_word_expireat(struct call *call) { expire(call, &(struct form){"expireat", 1000, true}); }
void key_word_pexpireat(struct call *call) { expire(call, &(struct form){"pexpireat", 1, true}); }

/* --- asking --- */

#define ANSWER_NO_KEY (-2)
#define ANSWER_NO_DEADLINE (-1)

static int64_t to_seconds(int64_t ms) { return ms / 1000 + (ms % 1000 >= 500); }

/* False: the answer is that there is none, and `deadline_ms` is that answer. */
static bool find_deadline(struct call *call, int64_t *deadline_ms) {
    struct value value;
    struct entry *entry;
    *deadline_ms = ANSWER_NO_KEY;
    if (!key_peek(call, call->database, args_key(call), NULL, KEY_READ_NO_TOUCH, &value, &entry))
        return false;
    *deadline_ms = ANSWER_NO_DEADLINE;
    if (!entry_has_deadline(entry)) return false;
    *deadline_ms = entry_deadline_ms(entry);
    return true;
}

/* What is left of it, never negative. */
static int64_t left_ms(const struct call *call, int64_t deadline_ms) {
    return deadline_ms <= call_now_ms(call) ? 0 : deadline_ms - call_now_ms(call);
}

void key_word_ttl(struct call *call) {
    int64_t ms;
    reply_integer(call, find_deadline(call, &ms) ? to_seconds(left_ms(call, ms)) : ms);
}

void key_word_pttl(struct call *call) {
    int64_t ms;
    reply_integer(call, find_deadline(call, &ms) ? left_ms(call, ms) : ms);
}

void key_word_expiretime(struct call *call) {
    int64_t ms;
    reply_integer(call, find_deadline(call, &ms) ? to_seconds(ms) : ms);
}

void key_word_pexpiretime(struct call *call) {
    int64_t ms;
    find_deadline(call, &ms);
    reply_integer(call, ms);
}

/* --- taking back --- */

void key_word_persist(struct call *call) {
    struct edit edit;
    edit_open(&edit, call, args_key(call), NULL);
    bool persists = edit_has_deadline(&edit);
    if (persists) {
        if (!edit_clear_deadline(&edit)) return;
        edit_commit_as(&edit, EVENT_GENERIC, "persist");
    } else {
        edit_cancel(&edit);
    }
    reply_integer(call, persists);
}
