/* SPDX-License-Identifier: BSD-3-Clause */
/* The words about one key: what it holds, giving back, the penalty box, leases. */
#include <assert.h>

#include "families/ratelimit/ratelimit_words.h"

#define LEASE_TTL_MS 30000

/* --- what it holds --- */

static void reply_limit(struct call *call, const struct ratelimit *ratelimit, uint32_t index,
                        const struct limiter_verdict *verdict) {
    const struct limiter_rule *rule = &ratelimit->limits[index].rule;
    reply_map(call, 6);
    reply_text(call, "limit");
    reply_bulk(call, ratelimit_limit_text(call, rule));
    reply_text(call, "algorithm");
    reply_text(call, limiter_algorithm_name((enum limiter_algorithm)rule->algorithm));
    reply_text(call, "capacity");
    reply_integer(call, (int64_t)rule->capacity);
    reply_text(call, "used");
    reply_integer(call,
                  (int64_t)limiter_used(rule, &ratelimit->limits[index].state, ratelimit->at_ms));
    reply_text(call, "remaining");
    reply_integer(call, (int64_t)verdict->remaining);
    reply_text(call, "reset_at_ms");
    reply_integer(call, ratelimit->at_ms + verdict->reset_after_ms);
}

static void reply_leases(struct call *call, const struct ratelimit *ratelimit) {
    struct reply_later later = reply_later_open(call);
    struct ratelimit_lease lease;
    for (size_t at = 0; ratelimit_lease_next(ratelimit->leases, &at, &lease);) {
        if (lease.until_ms <= ratelimit->at_ms) continue;
        reply_map(call, 3);
        reply_text(call, "holder");
        reply_bulk(call, lease.holder);
        reply_text(call, "slots");
        reply_integer(call, lease.slots);
        reply_text(call, "until_ms");
        reply_integer(call, lease.until_ms);
    }
    reply_later_close(call, later, '*');
}

static void reply_box(struct call *call, const struct ratelimit *ratelimit) {
    bool blocked = ratelimit->blocked_until_ms > ratelimit->at_ms;
    reply_text(call, "blocked_until_ms");
    if (blocked) reply_integer(call, ratelimit->blocked_until_ms);
    else reply_null(call);
    reply_text(call, "block_reason");
    if (blocked && ratelimit->reason.len > 0) reply_bulk(call, ratelimit->reason);
    else reply_null(call);
}

static void reply_status_map(struct call *call, const struct ratelimit *ratelimit) {
    struct ratelimit_answer answer;
    bool any = ratelimit->limit_count > 0;
    if (any) ratelimit_survey(ratelimit, &answer);
    uint32_t deciding = any ? answer.deciding : 0;
    const struct ratelimit_limit *limit = &ratelimit->limits[deciding];
    reply_map(call, 9);
    reply_text(call, "algorithm");
    if (any)
        reply_text(call, limiter_algorithm_name((enum limiter_algorithm)limit->rule.algorithm));
    else reply_null(call);
    reply_text(call, "limits");
    reply_array(call, ratelimit->limit_count);
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        reply_bulk(call, ratelimit_limit_text(call, &ratelimit->limits[i].rule));
    }
    reply_text(call, "used");
    reply_integer(call,
                  any ? (int64_t)limiter_used(&limit->rule, &limit->state, ratelimit->at_ms) : 0);
    reply_text(call, "remaining");
    if (any) reply_integer(call, (int64_t)answer.verdicts[deciding].remaining);
    else reply_null(call);
    reply_text(call, "reset_at_ms");
    if (any) reply_integer(call, ratelimit->at_ms + answer.verdicts[deciding].reset_after_ms);
    else reply_null(call);
    reply_box(call, ratelimit);
    reply_text(call, "leases");
    reply_leases(call, ratelimit);
    reply_text(call, "details");
    reply_array(call, ratelimit->limit_count);
    for (uint32_t i = 0; i < ratelimit->limit_count; i++) {
        reply_limit(call, ratelimit, i, &answer.verdicts[i]);
    }
}

void ratelimit_word_status(struct call *call) {
    struct bytes key = args_key(call);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    struct value value;
    if (!key_read(call, key, &ratelimit_type, &value)) {
        if (!args_failed(call)) reply_null(call);
        return;
    }
    struct ratelimit ratelimit;
    bool good = ratelimit_unpack(&ratelimit, value.inlined);
    assert(good);
    ratelimit_advance(&ratelimit, instant.ms);
    reply_status_map(call, &ratelimit);
}

/* --- giving back --- */

void ratelimit_word_reset(struct call *call) {
    struct bytes key = args_key(call);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    bool had = ratelimit.limit_count > 0;
    ratelimit.limit_count = 0;
    if (!had) {
        edit_cancel(&edit);
    } else {
        if (!ratelimit_keep(&edit, &ratelimit, "rl.reset")) return;
        ratelimit_effect(call, instant);
    }
    reply_boolean(call, had);
}

/* Keeps a key whose counts were corrected by hand, and says how they stand. */
static void correct(struct call *call, struct bytes key, struct ratelimit_instant instant,
                    uint64_t refund, uint64_t overrun) {
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    if (ratelimit.limit_count == 0 || (refund == 0 && overrun == 0)) {
        ratelimit_reply_survey(call, &ratelimit);
        edit_cancel(&edit);
        return;
    }
    ratelimit_refund(&ratelimit, refund);
    ratelimit_overrun(&ratelimit, overrun);
    if (!ratelimit_keep(&edit, &ratelimit, refund > 0 ? "rl.refund" : "rl.overrun")) return;
    ratelimit_effect(call, instant);
    ratelimit_reply_survey(call, &ratelimit);
}

void ratelimit_word_refund(struct call *call) {
    struct bytes key = args_key(call);
    uint64_t amount = (uint64_t)args_integer(call, 0, LIMITER_COUNT_MAX);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    correct(call, key, instant, amount, 0);
}

void ratelimit_word_settle(struct call *call) {
    struct bytes key = args_key(call);
    uint64_t reserved = (uint64_t)args_integer(call, 0, LIMITER_COUNT_MAX);
    uint64_t actual = (uint64_t)args_integer(call, 0, LIMITER_COUNT_MAX);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    correct(call, key, instant, reserved > actual ? reserved - actual : 0,
            actual > reserved ? actual - reserved : 0);
}

/* --- the penalty box --- */

static int64_t end_of(struct ratelimit_instant instant, int64_t duration_ms) {
    int64_t until_ms = instant.ms + duration_ms;
    return until_ms > LIMITER_TIME_MS_MAX ? LIMITER_TIME_MS_MAX : until_ms;
}

/* Options may be said again and again; what is journaled is told in as many words. */
static void bound_words(struct call *call) {
    if (call->argc > RATELIMIT_WORDS_MAX) args_fail(call, "ERR syntax error: too many words");
}

void ratelimit_word_block(struct call *call) {
    bound_words(call);
    struct bytes key = args_key(call);
    int64_t duration_ms = args_duration_ms(call, 1, LIMITER_DURATION_MS_MAX);
    struct ratelimit_instant instant = {.ms = call_now_ms(call)};
    struct bytes reason = BYTES("");
    while (args_left(call) > 0) {
        if (args_word(call, "REASON")) reason = args_bytes(call);
        else if (!ratelimit_words_instant(call, &instant)) args_unknown_word(call);
    }
    if (reason.len > RATELIMIT_REASON_BYTES_MAX) {
        args_fail(call, "ERR a reason has at most %d bytes", RATELIMIT_REASON_BYTES_MAX);
    }
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    ratelimit.blocked_until_ms = end_of(instant, duration_ms);
    ratelimit.reason = reason;
    if (!ratelimit_keep(&edit, &ratelimit, "rl.block")) return;
    ratelimit_effect(call, instant);
    reply_integer(call, ratelimit.blocked_until_ms);
}

void ratelimit_word_unblock(struct call *call) {
    struct bytes key = args_key(call);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    bool blocked = ratelimit.blocked_until_ms > instant.ms;
    ratelimit.blocked_until_ms = 0;
    ratelimit.reason = BYTES("");
    if (!blocked) {
        edit_cancel(&edit);
    } else {
        if (!ratelimit_keep(&edit, &ratelimit, "rl.unblock")) return;
        ratelimit_effect(call, instant);
    }
    reply_boolean(call, blocked);
}

/* --- leases --- */

static struct bytes read_holder(struct call *call) {
    struct bytes holder = args_bytes(call);
    if (args_failed(call)) return holder;
    if (holder.len == 0 || holder.len > RATELIMIT_HOLDER_BYTES_MAX) {
        args_fail(call, "ERR a holder's name has 1 to %d bytes", RATELIMIT_HOLDER_BYTES_MAX);
    }
    return holder;
}

/* NULL: out of memory was replied, the edit is cancelled. */
static uint8_t *lease_room(struct edit *edit, const struct ratelimit *ratelimit,
                           struct bytes holder) {
    size_t most = ratelimit_leases_bytes_max(ratelimit, holder);
    uint8_t *room = arena_try_allocate(call_arena(edit->call), most);
    if (room != NULL) return room;
    reply_error(edit->call, "OOM command not allowed: no memory for the leases");
    edit_cancel(edit);
    return NULL;
}

void ratelimit_word_acquire(struct call *call) {
    bound_words(call);
    struct bytes key = args_key(call);
    uint32_t limit = (uint32_t)args_integer(call, 1, RATELIMIT_LEASES_MAX);
    struct ratelimit_lease lease = {.holder = read_holder(call), .slots = 1};
    struct ratelimit_instant instant = {.ms = call_now_ms(call)};
    int64_t ttl_ms = LEASE_TTL_MS;
    while (args_left(call) > 0) {
        if (args_word(call, "TTL")) ttl_ms = args_duration_ms(call, 1, LIMITER_DURATION_MS_MAX);
        else if (args_word(call, "COUNT"))
            lease.slots = (uint32_t)args_integer(call, 1, RATELIMIT_LEASES_MAX);
        else if (!ratelimit_words_instant(call, &instant)) args_unknown_word(call);
    }
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    lease.until_ms = end_of(instant, ttl_ms);
    uint8_t *room = lease_room(&edit, &ratelimit, lease.holder);
    if (room == NULL) return;
    struct limiter_verdict verdict = ratelimit_acquire(&ratelimit, &lease, limit, room);
    if (!verdict.allowed) {
        edit_cancel(&edit);
    } else {
        if (!ratelimit_keep(&edit, &ratelimit, "rl.acquire")) return;
        ratelimit_effect(call, instant);
    }
    struct limiter_rule rule = {.capacity = limit};
    ratelimit_reply_verdict(call, &rule, &verdict, (struct ratelimit_reply){0});
}

void ratelimit_word_release(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes holder = read_holder(call);
    struct ratelimit_instant instant = ratelimit_words_end(call);
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    if (!ratelimit_open(&edit, &ratelimit, call, key, instant.ms)) return;
    uint8_t *room = lease_room(&edit, &ratelimit, holder);
    if (room == NULL) return;
    uint32_t slots = ratelimit_release(&ratelimit, holder, room);
    if (slots == 0) {
        edit_cancel(&edit);
    } else {
        if (!ratelimit_keep(&edit, &ratelimit, "rl.release")) return;
        ratelimit_effect(call, instant);
    }
    reply_integer(call, slots);
}
