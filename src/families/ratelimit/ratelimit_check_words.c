/* SPDX-License-Identifier: BSD-3-Clause */
/* The words that charge: RL.CHECK, RL.MCHECK, RL.RESERVE. */
#include <assert.h>

#include "families/ratelimit/ratelimit_words.h"

#define SAID_BY_CHECK                                                                  \
    (SAID_OF_LIMITS | SAID_COST | SAID_PEEK | SAID_SHADOW | SAID_WITHALL | SAID_BOOK | \
     SAID_POLICY | SAID_AT)

static struct ratelimit_instant instant_of(const struct ratelimit_words *words) {
    return (struct ratelimit_instant){words->request.now_ms, (words->given & SAID_AT) != 0};
}

static struct ratelimit_reply form_of(const struct ratelimit_words *words) {
    struct ratelimit_reply form = {.shadow = (words->given & SAID_SHADOW) != 0};
    form.waits = form.shadow || (words->given & SAID_BOOK) != 0;
    for (uint32_t i = 0; i < words->request.count; i++)
        form.waits |= words->request.rules[i].queued;
    return form;
}

static void reply_answer(struct call *call, const struct ratelimit_words *words,
                         const struct ratelimit_answer *answer) {
    struct ratelimit_reply form = form_of(words);
    const struct limiter_rule *rules = words->request.rules;
    if (words->given & SAID_WITHALL) {
        reply_array(call, words->request.count);
        for (uint32_t i = 0; i < words->request.count; i++) {
            ratelimit_reply_verdict(call, &rules[i], &answer->verdicts[i], form);
        }
        return;
    }
    struct limiter_verdict verdict = answer->verdicts[answer->deciding];
    if (answer->allowed) verdict.wait_ms = answer->wait_ms;
    ratelimit_reply_verdict(call, &rules[answer->deciding], &verdict, form);
}

static void reply_full(struct call *call) {
    reply_error(call, "FULL %d limits are the most for one key", RATELIMIT_LIMITS_MAX);
}

/* When a key is idle just charged: of one limit and nothing else its reset. */
static int64_t idle_after(const struct ratelimit *ratelimit,
                          const struct ratelimit_answer *answer) {
    bool alone = ratelimit->limit_count == 1 && ratelimit->leases.len == 0;
    if (!alone) return ratelimit_idle_at_ms(ratelimit);
    return ratelimit->at_ms + answer->verdicts[0].reset_after_ms;
}

/* False: more limits than fit. */
static bool check(struct ratelimit *ratelimit, const struct ratelimit_request *request, bool charge,
                  struct ratelimit_answer *answer) {
    if (LIKELY(ratelimit_check_alone(ratelimit, request, charge, answer))) return true;
    ratelimit_advance(ratelimit, request->now_ms);
    if (!ratelimit_prepare(ratelimit, request, answer)) return false;
    ratelimit_judge(ratelimit, request, answer);
    if (answer->allowed && charge) ratelimit_charge(ratelimit, request, answer);
    ratelimit_measure(ratelimit, request, answer);
    return true;
}

/* False: it is not the usual check after all, nothing was done. */
static bool check_usual(struct call *call, struct ratelimit_statistics *statistics,
                        const struct ratelimit_usual *usual) {
    struct edit edit;
    struct ratelimit_usual_answer answer;
    struct bytes key = call->argv[1];
    if (!edit_open_stale(&edit, call, key, &ratelimit_type)) return true;
    struct bytes packed = edit_exists(&edit) && !edit.stale ? edit.value.inlined : BYTES("");
    if (UNLIKELY(!ratelimit_usual_check(usual, packed, call_now_ms(call), &answer))) {
        edit_cancel(&edit);
        return false;
    }
    ratelimit_count_plain(call, statistics, key, answer.verdict.allowed);
    if (LIKELY(answer.verdict.allowed)) {
        int64_t idle_ms = call_now_ms(call) + answer.verdict.reset_after_ms;
        if (!ratelimit_keep_packed(&edit, bytes_make(answer.packed, answer.len), idle_ms,
                                   "rl.check"))
            return true;
        ratelimit_effect(call, (struct ratelimit_instant){call_now_ms(call), false});
    } else {
        edit_cancel(&edit);
    }
    call->reply_pending--;
    char *room = output_reserve(call->output, RATELIMIT_USUAL_REPLY_BYTES);
    if (LIKELY(room != NULL))
        call->output->len += ratelimit_usual_reply(usual, &answer.verdict, room);
    return true;
}

/* Remembers what the words of a check meant, when nothing in them is of this instant only. */
static void learn(struct call *call, struct ratelimit_statistics *statistics,
                  const struct ratelimit_words *words) {
    if (words->request.count != 1 || words->policy != NULL) return;
    if ((words->given & ~(uint32_t)(SAID_ALGO | SAID_BURST | SAID_COST | SAID_FIRSTHIT)) != 0)
        return;
    ratelimit_usual_keep(&statistics->usuals, call->argv + 2, call->argc - 2,
                         &words->request.rules[0], words->request.cost);
}

static void read_check(struct call *call, struct ratelimit_words *words,
                       struct ratelimit_statistics *statistics,
                       const struct ratelimit_usual *usual) {
    ratelimit_words_init(call, words);
    if (LIKELY(usual != NULL)) {
        words->request.count = 1;
        words->request.rules[0] = usual->rule;
        words->request.policies[0] = 0;
        words->request.cost = usual->cost;
        return;
    }
    ratelimit_words_read(call, words, SAID_BY_CHECK);
    if (!args_failed(call)) learn(call, statistics, words);
}

void ratelimit_word_check(struct call *call) {
    struct ratelimit_statistics *statistics = ratelimit_statistics_of(call);
    struct bytes key = args_key(call);
    const struct ratelimit_usual *usual = ratelimit_usual_find(
        &statistics->usuals, call->argv + args_index(call), args_left(call));
    if (LIKELY(usual != NULL && usual->is_direct) && check_usual(call, statistics, usual)) return;

    struct ratelimit_words words;
    read_check(call, &words, statistics, usual);
    if (args_failed(call)) return;
    struct edit edit;
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    bool charge = (words.given & SAID_PEEK) == 0 && words.request.cost > 0;
    if (!ratelimit_open_still(&edit, &ratelimit, call, key)) return;
    if (!check(&ratelimit, &words.request, charge, &answer)) {
        edit_cancel(&edit);
        reply_full(call);
        return;
    }
    if (charge) ratelimit_count_check(call, &words, key, answer.allowed);
    if (!charge || !answer.allowed) {
        edit_cancel(&edit); /* nothing changed: no event, no journal */
    } else {
        int64_t idle_ms = idle_after(&ratelimit, &answer);
        if (!ratelimit_keep_until(&edit, &ratelimit, idle_ms, "rl.check")) return;
        ratelimit_effect(call, instant_of(&words));
    }
    reply_answer(call, &words, &answer);
}

/* --- several keys as one --- */

struct checked {
    struct edit edit;
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    struct entry *made; /* what it is to be */
};

struct batch {
    struct call *call;
    struct ratelimit_words words;
    const struct bytes *keys; /* in argv */
    size_t count;
    size_t open_count; /* the first so many are open */
    int options_at;    /* in argv: where limits and options begin */
    struct checked *checked;
};

static void read_batch(struct batch *batch) {
    struct call *call = batch->call;
    batch->count = (size_t)args_integer(call, 1, RATELIMIT_BATCH_MAX);
    if (!args_failed(call) && (size_t)args_left(call) < batch->count) args_syntax_error(call);
    if (args_failed(call)) return;
    batch->keys = &call->argv[args_index(call)];
    for (size_t i = 0; i < batch->count; i++) {
        args_key(call);
        for (size_t j = 0; j < i; j++) {
            if (!bytes_equal(batch->keys[i], batch->keys[j])) continue;
            args_fail(call, "ERR syntax error: the same key twice");
        }
    }
    batch->options_at = args_index(call);
    ratelimit_words_init(call, &batch->words);
    ratelimit_words_read(call, &batch->words, SAID_BY_CHECK & ~(uint32_t)SAID_WITHALL);
}

static void cancel_batch(struct batch *batch) {
    for (size_t i = 0; i < batch->open_count; i++) {
        if (batch->checked[i].edit.open) edit_cancel(&batch->checked[i].edit);
    }
}

/* Opens and judges all; true when all allow. False with args_failed: an error was replied. */
static bool judge_batch(struct batch *batch) {
    const struct ratelimit_request *request = &batch->words.request;
    bool allowed = true;
    for (size_t i = 0; i < batch->count; i++) {
        struct checked *checked = &batch->checked[i];
        if (!ratelimit_open(&checked->edit, &checked->ratelimit, batch->call, batch->keys[i],
                            request->now_ms)) {
            return false;
        }
        batch->open_count++;
        if (!ratelimit_prepare(&checked->ratelimit, request, &checked->answer)) {
            reply_full(batch->call);
            return false;
        }
        ratelimit_judge(&checked->ratelimit, request, &checked->answer);
        allowed &= checked->answer.allowed;
    }
    return allowed;
}

/* One RL.CHECK for each key. */
static void batch_effect(struct batch *batch, struct bytes key) {
    struct call *call = batch->call;
    if (!call_wants_effects(call)) return;
    int options = call->argc - batch->options_at;
    struct bytes *argv = arena_allocate(call_arena(call), ((size_t)options + 4) * sizeof(*argv));
    int argc = 0;
    argv[argc++] = BYTES("RL.CHECK");
    argv[argc++] = key;
    for (int i = 0; i < options; i++) argv[argc++] = call->argv[batch->options_at + i];
    if ((batch->words.given & SAID_AT) == 0) {
        argv[argc++] = BYTES("AT");
        argv[argc++] = call_integer_text(call, batch->words.request.now_ms);
    }
    call_effect_lasting(call, argv, argc);
}

/* All of them, or none where there is no memory for all. */
static bool keep_batch(struct batch *batch) {
    size_t made = 0;
    while (made < batch->count &&
           ratelimit_make(&batch->checked[made].edit, &batch->checked[made].ratelimit,
                          &batch->checked[made].made))
        made++;
    if (made < batch->count) {
        for (size_t i = 0; i < made; i++) {
            struct checked *checked = &batch->checked[i];
            if (checked->made != NULL) edit_unmake(&checked->edit, checked->made);
        }
        return false;
    }
    for (size_t i = 0; i < batch->count; i++) {
        ratelimit_put(&batch->checked[i].edit, batch->checked[i].made, "rl.check");
        batch_effect(batch, batch->keys[i]);
    }
    return true;
}

static void reply_batch(struct batch *batch, bool allowed) {
    struct call *call = batch->call;
    struct ratelimit_reply form = form_of(&batch->words);
    size_t refused = 0;
    for (size_t i = 0; i < batch->count; i++) refused += !batch->checked[i].answer.allowed;
    reply_array(call, 2 + batch->count);
    reply_integer(call, allowed || form.shadow);
    reply_array(call, refused);
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->checked[i].answer.allowed) reply_bulk(call, batch->keys[i]);
    }
    for (size_t i = 0; i < batch->count; i++) {
        const struct ratelimit_answer *answer = &batch->checked[i].answer;
        struct limiter_verdict verdict = answer->verdicts[answer->deciding];
        if (answer->allowed) verdict.wait_ms = answer->wait_ms;
        ratelimit_reply_verdict(call, &batch->words.request.rules[answer->deciding], &verdict,
                                form);
    }
}

void ratelimit_word_mcheck(struct call *call) {
    struct batch batch = {.call = call};
    read_batch(&batch);
    if (args_failed(call)) return;
    const struct ratelimit_request *request = &batch.words.request;
    batch.checked = arena_try_allocate(call_arena(call), batch.count * sizeof(struct checked));
    if (batch.checked == NULL) {
        reply_error(call, "OOM command not allowed: no memory for so many keys");
        return;
    }
    bool allowed = judge_batch(&batch);
    if (args_failed(call)) {
        cancel_batch(&batch);
        return;
    }
    bool peek = (batch.words.given & SAID_PEEK) != 0 || request->cost == 0;
    for (size_t i = 0; i < batch.count; i++) {
        struct checked *checked = &batch.checked[i];
        if (allowed && !peek) ratelimit_charge(&checked->ratelimit, request, &checked->answer);
        ratelimit_measure(&checked->ratelimit, request, &checked->answer);
        if (!peek)
            ratelimit_count_check(call, &batch.words, batch.keys[i], checked->answer.allowed);
    }
    if (allowed && !peek && !keep_batch(&batch)) {
        cancel_batch(&batch);
        return;
    }
    if (!allowed || peek) cancel_batch(&batch);
    reply_batch(&batch, allowed);
}

/* --- blocks to be spent elsewhere --- */

/* What the limit has left, at most `wanted`. */
static uint64_t grant_of(const struct ratelimit *ratelimit, struct ratelimit_request *request,
                         struct ratelimit_answer *answer, uint64_t wanted) {
    request->cost = 0;
    ratelimit_judge(ratelimit, request, answer);
    ratelimit_measure(ratelimit, request, answer);
    uint64_t left = answer->verdicts[0].remaining;
    return left < wanted ? left : wanted;
}

static void reply_grant(struct call *call, const struct ratelimit_words *words,
                        const struct limiter_verdict *verdict, uint64_t granted) {
    int64_t valid_ms = granted > 0 ? verdict->reset_after_ms : 0;
    if ((words->given & SAID_TTL) != 0 && words->ttl_ms < valid_ms) valid_ms = words->ttl_ms;
    reply_array(call, 6);
    reply_integer(call, (int64_t)granted);
    reply_integer(call, (int64_t)words->request.rules[0].capacity);
    reply_integer(call, (int64_t)verdict->remaining);
    reply_integer(call, verdict->retry_after_ms);
    reply_integer(call, verdict->reset_after_ms);
    reply_integer(call, valid_ms);
}

static uint64_t read_reservation(struct call *call, struct ratelimit_words *words) {
    if (!args_failed(call)) ratelimit_words_read_limit(call, words);
    uint64_t wanted = (uint64_t)args_integer(call, 1, LIMITER_COUNT_MAX);
    if (args_failed(call)) return 0;
    ratelimit_words_read(call, words, (SAID_OF_LIMITS ^ SAID_QUEUE) | SAID_TTL | SAID_AT);
    if (!args_failed(call) && words->request.count != 1) {
        args_fail(call, "ERR syntax error: one limit is reserved from at a time");
    }
    return wanted;
}

void ratelimit_word_reserve(struct call *call) {
    struct ratelimit_words words;
    ratelimit_words_init(call, &words);
    struct bytes key = args_key(call);
    uint64_t wanted = read_reservation(call, &words);
    if (args_failed(call)) return;

    struct edit edit;
    struct ratelimit ratelimit;
    struct ratelimit_answer answer;
    struct ratelimit_request *request = &words.request;
    if (!ratelimit_open(&edit, &ratelimit, call, key, request->now_ms)) return;
    if (!ratelimit_prepare(&ratelimit, request, &answer)) {
        edit_cancel(&edit);
        reply_full(call);
        return;
    }
    uint64_t granted = grant_of(&ratelimit, request, &answer, wanted);
    request->cost = granted > 0 ? granted : 1; /* of one: when will there be some? */
    ratelimit_judge(&ratelimit, request, &answer);
    assert(answer.allowed == (granted > 0));
    if (granted > 0) ratelimit_charge(&ratelimit, request, &answer);
    ratelimit_measure(&ratelimit, request, &answer);
    ratelimit_count_check(call, &words, key, granted > 0);
    if (granted == 0) {
        edit_cancel(&edit);
    } else {
        if (!ratelimit_keep(&edit, &ratelimit, "rl.reserve")) return;
        ratelimit_effect(call, instant_of(&words));
    }
    reply_grant(call, &words, &answer.verdicts[0], granted);
}
