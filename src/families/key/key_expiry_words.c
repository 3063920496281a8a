/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "families/key/key_words.h"

/* --- EXPIRE and its kin --- */

struct expiry_rule {
    bool if_none, if_some, if_later, if_sooner; /* NX XX GT LT */
};

static struct expiry_rule read_rule(struct call *call) {
    struct expiry_rule rule = {0};
    while (args_left(call) > 0) {
        if (args_word(call, "NX")) rule.if_none = true;
        else if (args_word(call, "XX")) rule.if_some = true;
        else if (args_word(call, "GT")) rule.if_later = true;
        else if (args_word(call, "LT")) rule.if_sooner = true;
        else
            args_fail(call, "ERR Unsupported option %.*s", (int)args_peek(call, 0).len,
                      args_peek(call, 0).data);
    }
    if (rule.if_none && (rule.if_some || rule.if_later || rule.if_sooner))
        args_fail(call, "ERR NX and XX, GT or LT options at the same time are not compatible");
    if (rule.if_later && rule.if_sooner)
        args_fail(call, "ERR GT and LT options at the same time are not compatible");
    return rule;
}

/* A key without a deadline lives for ever: later than any. */
static bool rule_allows(const struct expiry_rule *rule, const struct edit *edit,
                        int64_t deadline_ms) {
    bool has = edit_has_deadline(edit);
    if (rule->if_none && has) return false;
    if (rule->if_some && !has) return false;
    if (rule->if_later && (!has || deadline_ms <= edit_deadline_ms(edit))) return false;
    return !(rule->if_sooner && has && deadline_ms >= edit_deadline_ms(edit));
}

static void expire_with(struct call *call, int64_t unit_ms, bool relative, const char *name) {
    struct bytes key = args_key(call);
    int64_t amount = args_integer(call, INT64_MIN, INT64_MAX);
    struct expiry_rule rule = read_rule(call);
    int64_t deadline_ms = 0;
    if (!args_failed(call) &&
        (__builtin_mul_overflow(amount, unit_ms, &deadline_ms) ||
         (relative && __builtin_add_overflow(deadline_ms, call_now_ms(call), &deadline_ms))))
        args_fail(call, "ERR invalid expire time in '%s' command", name);
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (!edit_exists(&edit) || !rule_allows(&rule, &edit, deadline_ms)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    if (deadline_ms <= call_now_ms(call) && !call->executor->replaying) {
        edit_delete(&edit, call->executor->lazy_expire);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
        call_effect_of(call, call->executor->lazy_expire ? BYTES("UNLINK") : BYTES("DEL"), key);
    } else {
        edit_set_deadline(&edit, deadline_ms);
        edit_commit_as(&edit, EVENT_GENERIC, "expire");
        call_effect_of(call, BYTES("PEXPIREAT"), key, call_integer_text(call, deadline_ms));
    }
    reply_integer(call, 1);
}

void key_expire(struct call *call) { expire_with(call, 1000, true, "expire"); }
void key_pexpire(struct call *call) { expire_with(call, 1, true, "pexpire"); }
void key_expireat(struct call *call) { expire_with(call, 1000, false, "expireat"); }
void key_pexpireat(struct call *call) { expire_with(call, 1, false, "pexpireat"); }

void key_persist(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, NULL)) return;
    if (!edit_exists(&edit) || !edit_has_deadline(&edit)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    edit_clear_deadline(&edit);
    edit_commit_as(&edit, EVENT_GENERIC, "persist");
    reply_integer(call, 1);
}

/* --- TTL and its kin --- */

/* -2: no such key, -1: it has no deadline. */
static void tell_deadline(struct call *call, int64_t unit_ms, bool relative) {
    struct bytes key = args_key(call);
    struct value value;
    struct entry *entry;
    key_peek(call, call->database, key, NULL, KEY_READ_NO_TOUCH, &value, &entry);
    if (entry == NULL || !entry_has_deadline(entry)) {
        reply_integer(call, entry == NULL ? -2 : -1);
        return;
    }
    int64_t ms = entry_deadline_ms(entry);
    if (relative) {
        ms -= call_now_ms(call);
        if (ms < 0) ms = 0;
    }
    /* Remaining seconds are rounded, instants are cut. */
    if (unit_ms > 1) ms = relative ? (ms + 500) / 1000 : ms / 1000;
    reply_integer(call, ms);
}

void key_ttl(struct call *call) { tell_deadline(call, 1000, true); }
void key_pttl(struct call *call) { tell_deadline(call, 1, true); }
void key_expiretime(struct call *call) { tell_deadline(call, 1000, false); }
void key_pexpiretime(struct call *call) { tell_deadline(call, 1, false); }
