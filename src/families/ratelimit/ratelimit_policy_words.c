/* SPDX-License-Identifier: BSD-3-Clause */
/* The words about all keys: policies and statistics. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "families/ratelimit/ratelimit_words.h"

#define TOP_DEFAULT 10
#define TOP_MAX 1000
#define MINUTE_MS 60000
#define HOUR_MS 3600000

/* --- policies --- */

static struct bytes read_name(struct call *call) {
    struct bytes name = args_bytes(call);
    if (args_failed(call)) return name;
    if (name.len == 0 || name.len > RATELIMIT_POLICY_NAME_BYTES_MAX) {
        args_fail(call, "ERR a policy's name has 1 to %d bytes", RATELIMIT_POLICY_NAME_BYTES_MAX);
    }
    return name;
}

static bool open_policies(struct edit *edit, struct call *call) {
    return edit_open(edit, call, BYTES(RATELIMIT_POLICIES_KEY), &ratelimit_policies_type);
}

void ratelimit_word_policy_set(struct call *call) {
    struct ratelimit_words words;
    ratelimit_words_init(call, &words);
    struct bytes name = read_name(call);
    if (!args_failed(call)) ratelimit_words_read(call, &words, SAID_OF_LIMITS);
    if (args_failed(call)) return;
    struct edit edit;
    if (!open_policies(&edit, call)) return;
    bool is_new = !edit_exists(&edit);
    struct ratelimit_policies *policies = is_new ? ratelimit_policies_create() : edit.value.boxed;
    if (ratelimit_policies_set(policies, name, words.request.rules, words.request.count) !=
        OUTCOME_OK) {
        edit_cancel(&edit);
        reply_error(call, "FULL %d policies are the most", RATELIMIT_POLICIES_MAX);
        return;
    }
    struct value value = {
        .type = &ratelimit_policies_type, .storage = VALUE_BOXED, .boxed = policies};
    if (is_new && !edit_store(&edit, &value)) {
        ratelimit_policies_destroy(&policies);
        return;
    }
    edit_commit(&edit, "rl.policy");
    reply_ok(call);
}

void ratelimit_word_policy_del(struct call *call) {
    struct bytes name = read_name(call);
    args_end(call);
    if (args_failed(call)) return;
    struct edit edit;
    if (!open_policies(&edit, call)) return;
    bool deleted = edit_exists(&edit) && ratelimit_policies_delete(edit.value.boxed, name);
    if (deleted) {
        if (ratelimit_policies_count(edit.value.boxed) == 0) edit_delete(&edit, false);
        edit_commit_as(&edit, EVENT_APPLICATION, "rl.policy");
    } else {
        edit_cancel(&edit);
    }
    reply_boolean(call, deleted);
}

/* NULL: there are none, or an error was replied (args_failed). */
static const struct ratelimit_policies *read_policies(struct call *call) {
    struct value value;
    bool there = key_peek(call, call->database, BYTES(RATELIMIT_POLICIES_KEY),
                          &ratelimit_policies_type, KEY_READ_NO_TOUCH | KEY_READ_NO_STATS, &value,
                          NULL);
    return there ? value.boxed : NULL;
}

static void reply_rule(struct call *call, const struct limiter_rule *rule) {
    bool calendar = rule->window == LIMITER_WINDOW_DAY || rule->window == LIMITER_WINDOW_MONTH;
    reply_map(call, 6);
    reply_text(call, "limit");
    reply_bulk(call, ratelimit_limit_text(call, rule));
    reply_text(call, "algorithm");
    reply_text(call, limiter_algorithm_name((enum limiter_algorithm)rule->algorithm));
    reply_text(call, "burst");
    if (!rule->queued && rule->capacity != rule->count)
        reply_integer(call, (int64_t)rule->capacity);
    else reply_null(call);
    reply_text(call, "queue");
    if (rule->queued) reply_integer(call, (int64_t)rule->capacity - 1);
    else reply_null(call);
    reply_text(call, "firsthit");
    reply_boolean(call, rule->window == LIMITER_WINDOW_FIRST_HIT);
    reply_text(call, "tz_minutes");
    if (calendar) reply_integer(call, rule->tz_minutes);
    else reply_null(call);
}

void ratelimit_word_policy_get(struct call *call) {
    struct bytes name = read_name(call);
    args_end(call);
    if (args_failed(call)) return;
    const struct ratelimit_policies *policies = read_policies(call);
    if (args_failed(call)) return;
    const struct ratelimit_policy *policy = policies == NULL
                                                ? NULL
                                                : ratelimit_policies_find(policies, name);
    if (policy == NULL) {
        reply_null(call);
        return;
    }
    reply_map(call, 3);
    reply_text(call, "name");
    reply_bulk(call, ratelimit_policy_name(policy));
    reply_text(call, "limits");
    reply_array(call, policy->rule_count);
    for (size_t i = 0; i < policy->rule_count; i++) {
        reply_bulk(call, ratelimit_limit_text(call, &policy->rules[i]));
    }
    reply_text(call, "details");
    reply_array(call, policy->rule_count);
    for (size_t i = 0; i < policy->rule_count; i++) reply_rule(call, &policy->rules[i]);
}

void ratelimit_word_policy_list(struct call *call) {
    args_end(call);
    if (args_failed(call)) return;
    const struct ratelimit_policies *policies = read_policies(call);
    if (args_failed(call)) return;
    size_t count = policies == NULL ? 0 : ratelimit_policies_count(policies);
    reply_array(call, count);
    for (size_t i = 0; i < count; i++) {
        reply_bulk(call, ratelimit_policy_name(ratelimit_policies_at(policies, i)));
    }
}

/* --- statistics --- */

void *ratelimit_statistics_create(void) {
    return memory_allocate_zero(sizeof(struct ratelimit_statistics));
}

void ratelimit_statistics_watch(struct ratelimit_statistics *statistics, size_t keys) {
    if (statistics->sketch_capacity > 0) {
        sketch_recent_deinit(&statistics->minute);
        sketch_recent_deinit(&statistics->hour);
    }
    statistics->sketch_capacity = keys;
    if (keys == 0) return;
    sketch_recent_init(&statistics->minute, keys, MINUTE_MS);
    sketch_recent_init(&statistics->hour, keys, HOUR_MS);
}

void ratelimit_statistics_destroy(void *state) {
    ratelimit_statistics_watch(state, 0);
    memory_free(state);
}

struct ratelimit_statistics *ratelimit_statistics_of(struct call *call) {
    return family_state(call, &ratelimit_family);
}

static void count_refusal(struct call *call, struct ratelimit_statistics *statistics,
                          struct bytes key) {
    if (statistics->sketch_capacity == 0) return;
    int64_t now_ms = call_now_ms(call);
    sketch_recent_add(&statistics->minute, key, 1, now_ms);
    sketch_recent_add(&statistics->hour, key, 1, now_ms);
}

void ratelimit_count_plain(struct call *call, struct ratelimit_statistics *statistics,
                           struct bytes key, bool allowed) {
    if (call->executor->replaying) return; /* it was counted where it was decided */
    statistics->checks++;
    statistics->allowed += allowed;
    statistics->refused += !allowed;
    if (!allowed) count_refusal(call, statistics, key);
}

void ratelimit_count_check(struct call *call, const struct ratelimit_words *words, struct bytes key,
                           bool allowed) {
    if (call->executor->replaying) return; /* it was counted where it was decided */
    struct ratelimit_statistics *statistics = ratelimit_statistics_of(call);
    struct ratelimit_policy *policy = words->policy;
    bool shadow = (words->given & SAID_SHADOW) != 0;
    bool passes = allowed || shadow;
    statistics->checks++;
    statistics->allowed += passes;
    statistics->refused += !passes;
    statistics->shadow_refused += !allowed && shadow;
    if (policy != NULL) {
        policy->checks++;
        policy->allowed += passes;
        policy->refused += !passes;
        policy->shadow_refused += !allowed && shadow;
    }
    if (!passes) count_refusal(call, statistics, key);
}

static void reply_counts(struct call *call, uint64_t checks, uint64_t allowed, uint64_t refused,
                         uint64_t shadow_refused) {
    reply_text(call, "checks");
    reply_integer(call, (int64_t)checks);
    reply_text(call, "allowed");
    reply_integer(call, (int64_t)allowed);
    reply_text(call, "refused");
    reply_integer(call, (int64_t)refused);
    reply_text(call, "shadow_refused");
    reply_integer(call, (int64_t)shadow_refused);
    reply_text(call, "refused_ratio");
    reply_double(call, checks == 0 ? 0 : (double)refused / (double)checks);
}

void ratelimit_word_stats(struct call *call) {
    args_end(call);
    if (args_failed(call)) return;
    const struct ratelimit_policies *policies = read_policies(call);
    if (args_failed(call)) return;
    const struct ratelimit_statistics *statistics = ratelimit_statistics_of(call);
    reply_map(call, 6);
    reply_counts(call, statistics->checks, statistics->allowed, statistics->refused,
                 statistics->shadow_refused);
    reply_text(call, "policies");
    size_t count = policies == NULL ? 0 : ratelimit_policies_count(policies);
    reply_map(call, count);
    for (size_t i = 0; i < count; i++) {
        const struct ratelimit_policy *policy = ratelimit_policies_at(policies, i);
        reply_bulk(call, ratelimit_policy_name(policy));
        reply_map(call, 5);
        reply_counts(call, policy->checks, policy->allowed, policy->refused,
                     policy->shadow_refused);
    }
}

void ratelimit_statistics_info(void *state, struct executor *executor, struct output *output) {
    const struct ratelimit_statistics *statistics = state;
    (void)executor;
    char text[256];
    int len = snprintf(
        text, sizeof(text),
        "ratelimit_checks:%" PRIu64 "\r\nratelimit_allowed:%" PRIu64
        "\r\nratelimit_refused:%" PRIu64 "\r\nratelimit_shadow_refused:%" PRIu64 "\r\n",
        statistics->checks, statistics->allowed, statistics->refused, statistics->shadow_refused);
    output_raw(output, bytes_make(text, (size_t)len));
}

/* --- the keys refused most --- */

struct refused_key {
    struct bytes key;
    uint64_t minute;
    uint64_t hour;
};

static int more_refused(const void *a, const void *b) {
    const struct refused_key *left = a, *right = b;
    if (left->minute != right->minute) return left->minute > right->minute ? -1 : 1;
    if (left->hour != right->hour) return left->hour > right->hour ? -1 : 1;
    return bytes_compare(left->key, right->key);
}

/* Whoever was refused in the last minute was so in the last hour: those keys are all there are. */
static size_t gather(struct ratelimit_statistics *statistics, struct refused_key *keys,
                     int64_t now_ms) {
    sketch_recent_advance(&statistics->minute, now_ms);
    sketch_recent_advance(&statistics->hour, now_ms);
    const struct sketch *sketches[] = {statistics->minute.current, statistics->minute.before,
                                       statistics->hour.current, statistics->hour.before};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(sketches); i++) {
        for (size_t j = 0; j < sketch_item_count(sketches[i]); j++) {
            struct bytes key = sketch_item_at(sketches[i], j).key;
            bool seen = false;
            for (size_t k = 0; k < i && !seen; k++) seen = sketch_count(sketches[k], key) > 0;
            if (seen) continue;
            keys[count++] = (struct refused_key){
                key, sketch_recent_count(&statistics->minute, key, now_ms),
                sketch_recent_count(&statistics->hour, key, now_ms)};
        }
    }
    qsort(keys, count, sizeof(keys[0]), more_refused);
    return count;
}

void ratelimit_word_top(struct call *call) {
    size_t wanted = TOP_DEFAULT;
    if (args_word(call, "COUNT")) wanted = (size_t)args_integer(call, 1, TOP_MAX);
    if (args_left(call) > 0) args_unknown_word(call);
    if (args_failed(call)) return;
    struct ratelimit_statistics *statistics = ratelimit_statistics_of(call);
    if (statistics->sketch_capacity == 0) {
        reply_array(call, 0);
        return;
    }
    struct refused_key *keys = arena_allocate(call_arena(call), 4 * statistics->sketch_capacity *
                                                                    sizeof(struct refused_key));
    size_t count = gather(statistics, keys, call_now_ms(call));
    if (count > wanted) count = wanted;
    reply_array(call, count);
    for (size_t i = 0; i < count; i++) {
        reply_array(call, 3);
        reply_bulk(call, keys[i].key);
        reply_integer(call, (int64_t)keys[i].minute);
        reply_integer(call, (int64_t)keys[i].hour);
    }
}
