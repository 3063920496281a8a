/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/ratelimit/ratelimit_words.h"

#include <assert.h>
#include <inttypes.h>

/* --- reading --- */

void ratelimit_words_init(struct call *call, struct ratelimit_words *words) {
    words->request.now_ms = call_now_ms(call);
    words->request.cost = 1;
    words->request.book_ms = 0;
    words->request.count = 0;
    words->given = 0;
    words->algorithm = -1;
    words->burst = 0;
    words->queue = 0;
    words->tz_minutes = 0;
    words->ttl_ms = 0;
    words->policy = NULL;
}

static bool looks_like_limit(struct bytes text) {
    if (text.len < 3 || text.data[0] < '0' || text.data[0] > '9') return false;
    return memchr(text.data, '/', text.len) != NULL;
}

/* "1000/day": windows of the calendar. */
static bool read_calendar(struct bytes text, int64_t *count, enum limiter_window *window) {
    static const struct {
        struct bytes suffix;
        enum limiter_window window;
    } units[] = {{BYTES("/day"), LIMITER_WINDOW_DAY}, {BYTES("/month"), LIMITER_WINDOW_MONTH}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct bytes suffix = units[i].suffix;
        if (text.len <= suffix.len) continue;
        struct bytes end = {text.data + text.len - suffix.len, suffix.len};
        struct bytes digits = {text.data, text.len - suffix.len};
        if (!bytes_equal_fold(end, suffix) || !text_to_integer(digits, count)) continue;
        *window = units[i].window;
        return true;
    }
    return false;
}

/* "100/1m", "5/s" and their like in one pass: what text_to_rate reads too, in a fifth of the time
 * for every check. False: it is something else, or wrong. */
static bool read_usual(struct bytes text, int64_t *count, int64_t *duration_ms) {
    const char *at = text.data, *end = text.data + text.len;
    if (text.len < 3 || text.len > 15) return false;
    int64_t numbers[2] = {0, 0};
    for (; at < end && *at >= '0' && *at <= '9'; at++) numbers[0] = numbers[0] * 10 + (*at - '0');
    if (at == end || *at++ != '/') return false;
    const char *digits = at;
    for (; at < end && *at >= '0' && *at <= '9'; at++) numbers[1] = numbers[1] * 10 + (*at - '0');
    if (at + 1 != end) return false;
    if (at == digits) numbers[1] = 1;
    switch (*at) {
    case 's': numbers[1] *= 1000; break;
    case 'm': numbers[1] *= 60000; break;
    case 'h': numbers[1] *= 3600000; break;
    case 'd': numbers[1] *= 86400000; break;
    default: return false;
    }
    *count = numbers[0];
    *duration_ms = numbers[1];
    return true;
}

static bool read_limit(struct bytes text, int64_t *count, int64_t *duration_ms,
                       enum limiter_window *window) {
    *window = LIMITER_WINDOW_ALIGNED;
    if (LIKELY(read_usual(text, count, duration_ms))) return true;
    if (text_to_rate(text, count, duration_ms)) return true;
    if (!read_calendar(text, count, window)) return false;
    *duration_ms = *window == LIMITER_WINDOW_DAY ? LIMITER_DAY_MS : LIMITER_MONTH_MS;
    return true;
}

void ratelimit_words_read_limit(struct call *call, struct ratelimit_words *words) {
    struct ratelimit_request *request = &words->request;
    int64_t count = 0, duration_ms = 0;
    enum limiter_window window;
    if (!read_limit(args_peek(call, 0), &count, &duration_ms, &window)) {
        args_unknown_word(call);
        return;
    }
    if (count < 1 || count > LIMITER_COUNT_MAX || duration_ms < 1 ||
        duration_ms > LIMITER_DURATION_MS_MAX) {
        args_fail(call, "ERR limit is out of range: 1 to %lld in 1 to %lld ms", LIMITER_COUNT_MAX,
                  LIMITER_DURATION_MS_MAX);
        return;
    }
    if (request->count == RATELIMIT_LIMITS_MAX) {
        args_fail(call, "FULL %d limits are the most for one key", RATELIMIT_LIMITS_MAX);
        return;
    }
    request->rules[request->count] = (struct limiter_rule){
        .count = (uint64_t)count, .duration_ms = (uint64_t)duration_ms, .window = (uint8_t)window};
    request->policies[request->count++] = 0;
    args_bytes(call);
}

/* "+02:00", "-0530", "+2", "Z" */
static int read_tz(struct call *call) {
    struct bytes text = args_peek(call, 0);
    if (args_left(call) == 0) args_syntax_error(call);
    if (bytes_is(text, "Z") || bytes_is(text, "UTC")) {
        args_bytes(call);
        return 0;
    }
    int digits[4] = {0};
    size_t count = 0;
    bool good = text.len >= 2 && (text.data[0] == '+' || text.data[0] == '-');
    for (size_t i = 1; i < text.len && good; i++) {
        if (text.data[i] == ':' && (i == 2 || i == 3) && i + 3 == text.len) continue;
        good = text.data[i] >= '0' && text.data[i] <= '9' && count < 4;
        if (good) digits[count++] = text.data[i] - '0';
    }
    int hours = count % 2 ? digits[0] : digits[0] * 10 + digits[1];
    int minutes = count < 3    ? 0
                  : count == 3 ? digits[1] * 10 + digits[2]
                               : digits[2] * 10 + digits[3];
    if (!good || count == 0 || minutes > 59 || hours * 60 + minutes > 24 * 60) {
        args_unknown_word(call);
        return 0;
    }
    args_bytes(call);
    return (text.data[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

static void read_policy(struct call *call, struct ratelimit_words *words) {
    struct bytes name = args_bytes(call);
    struct value value;
    if (args_failed(call)) return;
    bool there = key_peek(call, call->database, BYTES(RATELIMIT_POLICIES_KEY),
                          &ratelimit_policies_type, KEY_READ_NO_TOUCH | KEY_READ_NO_STATS, &value,
                          NULL);
    if (args_failed(call)) return;
    struct ratelimit_policy *policy = there ? ratelimit_policies_find(value.boxed, name) : NULL;
    if (policy == NULL) {
        char quoted[64];
        size_t len = text_quote(quoted, sizeof(quoted), name);
        args_fail(call, "NOSUCH policy %.*s", (int)len, quoted);
        return;
    }
    words->policy = policy;
}

static int read_algorithm(struct call *call) {
    int algorithm = limiter_algorithm_of(args_peek(call, 0));
    if (algorithm < 0 && args_left(call) > 0) args_unknown_word(call);
    args_bytes(call);
    return algorithm;
}

static int64_t read_at(struct call *call) { return args_integer(call, 0, LIMITER_TIME_MS_MAX); }

static const struct {
    struct bytes word;
    enum ratelimit_option option;
} option_words[] = {
    {{"COST", 4}, SAID_COST},       {{"ALGO", 4}, SAID_ALGO},
    {{"BURST", 5}, SAID_BURST},     {{"POLICY", 6}, SAID_POLICY},
    {{"AT", 2}, SAID_AT},           {{"PEEK", 4}, SAID_PEEK},
    {{"SHADOW", 6}, SAID_SHADOW},   {{"FIRSTHIT", 8}, SAID_FIRSTHIT},
    {{"WITHALL", 7}, SAID_WITHALL}, {{"BOOK", 4}, SAID_BOOK},
    {{"QUEUE", 5}, SAID_QUEUE},     {{"TZ", 2}, SAID_TZ},
    {{"TTL", 3}, SAID_TTL},
};

/* The option at hand, 0 when it is none that is allowed or it was given before. */
static uint32_t find_option(struct bytes word, const struct ratelimit_words *words,
                            uint32_t options) {
    for (size_t i = 0; i < COUNT_OF(option_words); i++) {
        if (!bytes_equal_fold(word, option_words[i].word)) continue;
        return option_words[i].option & options & ~words->given;
    }
    return 0;
}

static void read_option(struct call *call, struct ratelimit_words *words, uint32_t options) {
    uint32_t option = find_option(args_peek(call, 0), words, options);
    if (option == 0) {
        args_unknown_word(call);
        return;
    }
    args_bytes(call);
    words->given |= option;
    switch ((enum ratelimit_option)option) {
    case SAID_ALGO: words->algorithm = read_algorithm(call); break;
    case SAID_COST: words->request.cost = (uint64_t)args_integer(call, 0, LIMITER_COUNT_MAX); break;
    case SAID_BURST: words->burst = (uint64_t)args_integer(call, 1, LIMITER_COUNT_MAX); break;
    case SAID_QUEUE: words->queue = (uint64_t)args_integer(call, 0, LIMITER_COUNT_MAX - 1); break;
    case SAID_TZ: words->tz_minutes = read_tz(call); break;
    case SAID_BOOK:
        words->request.book_ms = args_duration_ms(call, 1, LIMITER_DURATION_MS_MAX);
        break;
    case SAID_POLICY: read_policy(call, words); break;
    case SAID_AT: words->request.now_ms = read_at(call); break;
    case SAID_TTL: words->ttl_ms = args_duration_ms(call, 1, LIMITER_DURATION_MS_MAX); break;
    case SAID_PEEK:
    case SAID_SHADOW:
    case SAID_WITHALL:
    case SAID_FIRSTHIT: break;
    }
}

/* What the options mean for one limit. NULL, or what is wrong. */
static const char *finish_rule(struct limiter_rule *rule, const struct ratelimit_words *words) {
    bool calendar = rule->window != LIMITER_WINDOW_ALIGNED;
    bool first_hit = (words->given & SAID_FIRSTHIT) != 0;
    enum limiter_algorithm algorithm = words->algorithm >= 0
                                           ? (enum limiter_algorithm)words->algorithm
                                           : (calendar || first_hit ? LIMITER_FIXED
                                                                    : LIMITER_SLIDING_COUNTER);
    rule->algorithm = (uint8_t)algorithm;
    rule->capacity = rule->count;
    if (calendar && algorithm != LIMITER_FIXED) return "a calendar window needs ALGO fixed";
    if (first_hit) {
        if (algorithm != LIMITER_FIXED) return "FIRSTHIT needs ALGO fixed";
        if (calendar) return "FIRSTHIT and a calendar window exclude each other";
        rule->window = LIMITER_WINDOW_FIRST_HIT;
    }
    if (words->given & SAID_BURST) {
        bool bucket = algorithm == LIMITER_TOKEN_BUCKET || algorithm == LIMITER_LEAKY_BUCKET;
        if (!bucket) return "BURST needs ALGO token-bucket or leaky-bucket";
        rule->capacity = words->burst;
    }
    if (words->given & SAID_QUEUE) {
        if (algorithm != LIMITER_LEAKY_BUCKET) return "QUEUE needs ALGO leaky-bucket";
        if (words->given & SAID_BURST) return "QUEUE and BURST exclude each other";
        if (words->given & SAID_BOOK) return "QUEUE and BOOK exclude each other";
        rule->queued = true;
        rule->capacity = words->queue + 1;
    }
    if (calendar) rule->tz_minutes = (int16_t)words->tz_minutes;
    else if (words->given & SAID_TZ) return "TZ needs calendar windows (1000/day)";
    return NULL;
}

static void add_policy(struct call *call, struct ratelimit_words *words) {
    struct ratelimit_request *request = &words->request;
    const struct ratelimit_policy *policy = words->policy;
    if (request->count + policy->rule_count > RATELIMIT_LIMITS_MAX) {
        args_fail(call, "FULL %d limits are the most for one key", RATELIMIT_LIMITS_MAX);
        return;
    }
    for (size_t i = 0; i < policy->rule_count; i++) {
        request->rules[request->count] = policy->rules[i];
        request->policies[request->count++] = policy->mark;
    }
}

void ratelimit_words_read(struct call *call, struct ratelimit_words *words, uint32_t options) {
    while (args_left(call) > 0) {
        if (looks_like_limit(args_peek(call, 0))) ratelimit_words_read_limit(call, words);
        else read_option(call, words, options);
    }
    for (uint32_t i = 0; i < words->request.count && !args_failed(call); i++) {
        const char *wrong = finish_rule(&words->request.rules[i], words);
        if (wrong != NULL) args_fail(call, "ERR syntax error: %s", wrong);
    }
    if (args_failed(call)) return;
    if (words->request.count == 0 && (words->given & SAID_OF_LIMITS)) {
        args_fail(call, "ERR syntax error: a policy brings its own algorithm");
        return;
    }
    if (words->policy != NULL) add_policy(call, words);
    if (!args_failed(call) && words->request.count == 0) {
        args_fail(call, "ERR syntax error: a limit such as 100/1m is missing");
    }
}

bool ratelimit_words_instant(struct call *call, struct ratelimit_instant *instant) {
    if (instant->said || !args_word(call, "AT")) return false;
    instant->ms = read_at(call);
    instant->said = true;
    return true;
}

struct ratelimit_instant ratelimit_words_end(struct call *call) {
    struct ratelimit_instant instant = {.ms = call_now_ms(call)};
    ratelimit_words_instant(call, &instant);
    if (args_left(call) > 0) args_unknown_word(call);
    return instant;
}

/* --- keeping --- */

bool ratelimit_open(struct edit *edit, struct ratelimit *ratelimit, struct call *call,
                    struct bytes key, int64_t now_ms) {
    if (!ratelimit_open_still(edit, ratelimit, call, key)) return false;
    ratelimit_advance(ratelimit, now_ms);
    return true;
}

bool ratelimit_open_still(struct edit *edit, struct ratelimit *ratelimit, struct call *call,
                          struct bytes key) {
    if (!edit_open_stale(edit, call, key, &ratelimit_type)) return false;
    if (edit_exists(edit) && !edit->stale) {
        bool good = ratelimit_unpack(ratelimit, edit->value.inlined);
        assert(good); /* load lets nothing else in */
    } else {
        ratelimit_init(ratelimit);
    }
    return true;
}

/* Over bytes of the same length, which stay where they are. */
static inline void overwrite(struct edit *edit, struct bytes packed) {
    memcpy((char *)(uintptr_t)edit->value.inlined.data, packed.data, packed.len);
}

static bool store(struct edit *edit, struct bytes packed, int64_t idle_ms) {
    if (!edit_deadline_in_place(edit, idle_ms)) {
        struct value value = {.type = &ratelimit_type, .storage = VALUE_INLINED, .inlined = packed};
        return edit_store_lingering(edit, &value, idle_ms, RATELIMIT_LINGER_MS);
    }
    if (UNLIKELY(edit->value.inlined.len != packed.len) && edit_resize(edit, packed.len) == NULL)
        return false;
    overwrite(edit, packed);
    return edit_deadline_ms(edit) == idle_ms || edit_set_deadline(edit, idle_ms);
}

bool ratelimit_keep_packed(struct edit *edit, struct bytes packed, int64_t idle_ms,
                           const char *event) {
    if (!store(edit, packed, idle_ms)) return false;
    edit_commit_as(edit, EVENT_APPLICATION, event);
    return true;
}

bool ratelimit_keep(struct edit *edit, const struct ratelimit *ratelimit, const char *event) {
    return ratelimit_keep_until(edit, ratelimit, ratelimit_idle_at_ms(ratelimit), event);
}

/* Packs into `small` or the arena. False: out of memory was replied, the edit is cancelled. */
static bool pack(struct edit *edit, const struct ratelimit *ratelimit,
                 uint8_t small[RATELIMIT_PACKED_BYTES_SMALL], struct bytes *packed) {
    uint8_t *room = small;
    size_t most = ratelimit_packed_bytes_max(ratelimit);
    if (UNLIKELY(most > RATELIMIT_PACKED_BYTES_SMALL)) {
        room = arena_try_allocate(call_arena(edit->call), most);
        if (room == NULL) {
            reply_error(edit->call, "OOM command not allowed: no memory for the value");
            edit_cancel(edit);
            return false;
        }
    }
    *packed = bytes_make(room, ratelimit_pack(ratelimit, room));
    return true;
}

static void remove_idle(struct edit *edit, const char *event) {
    if (edit_exists(edit)) edit_delete(edit, false);
    edit_commit_as(edit, EVENT_APPLICATION, event);
}

bool ratelimit_keep_until(struct edit *edit, const struct ratelimit *ratelimit, int64_t idle_ms,
                          const char *event) {
    if (idle_ms <= ratelimit->at_ms) {
        remove_idle(edit, event);
        return true;
    }
    uint8_t small[RATELIMIT_PACKED_BYTES_SMALL];
    struct bytes packed;
    if (!pack(edit, ratelimit, small, &packed)) return false;
    return ratelimit_keep_packed(edit, packed, idle_ms, event);
}

bool ratelimit_make(struct edit *edit, const struct ratelimit *ratelimit, struct entry **made) {
    uint8_t small[RATELIMIT_PACKED_BYTES_SMALL];
    struct value value = {.type = &ratelimit_type, .storage = VALUE_INLINED};
    int64_t idle_ms = ratelimit_idle_at_ms(ratelimit);
    *made = NULL;
    if (idle_ms <= ratelimit->at_ms) return true;
    if (!pack(edit, ratelimit, small, &value.inlined)) return false;
    *made = edit_make(edit, &value, true, idle_ms);
    return *made != NULL;
}

void ratelimit_put(struct edit *edit, struct entry *made, const char *event) {
    if (made == NULL) {
        remove_idle(edit, event);
        return;
    }
    edit_put(edit, made);
    edit_commit_as(edit, EVENT_APPLICATION, event);
}

void ratelimit_effect(struct call *call, struct ratelimit_instant instant) {
    if (!call_wants_effects(call) || instant.said) return; /* verbatim will do */
    struct bytes *argv = arena_allocate(call_arena(call), ((size_t)call->argc + 2) * sizeof(*argv));
    memcpy(argv, call->argv, (size_t)call->argc * sizeof(*argv));
    argv[call->argc] = BYTES("AT");
    argv[call->argc + 1] = call_integer_text(call, instant.ms);
    call_effect_lasting(call, argv, call->argc + 2);
}

/* --- replying --- */

/* Integers of one array, written at once: the reply of every check. */
static void reply_integers(struct call *call, const int64_t *integers, size_t count) {
    char text[6 * (TEXT_INTEGER_MAX + 3)];
    size_t len = 0;
    assert(count <= 6);
    reply_array(call, count);
    for (size_t i = 0; i < count; i++) {
        text[len++] = ':';
        if (integers[i] >= 0 && integers[i] <= 9) text[len++] = (char)('0' + integers[i]);
        else len += text_from_integer(text + len, integers[i]);
        text[len++] = '\r';
        text[len++] = '\n';
    }
    output_raw(call->output, bytes_make(text, len));
    call->reply_pending -= (int64_t)count;
}

void ratelimit_reply_verdict(struct call *call, const struct limiter_rule *rule,
                             const struct limiter_verdict *verdict, struct ratelimit_reply form) {
    bool let_through = verdict->allowed || form.shadow;
    const int64_t integers[] = {
        let_through,
        (int64_t)rule->capacity,
        (int64_t)verdict->remaining,
        let_through ? -1 : verdict->retry_after_ms,
        verdict->reset_after_ms,
        verdict->allowed ? verdict->wait_ms : verdict->retry_after_ms,
    };
    reply_integers(call, integers, form.waits ? 6 : 5);
}

void ratelimit_reply_survey(struct call *call, const struct ratelimit *ratelimit) {
    if (ratelimit->limit_count == 0) {
        reply_null(call);
        return;
    }
    struct ratelimit_answer answer;
    ratelimit_survey(ratelimit, &answer);
    ratelimit_reply_verdict(call, &ratelimit->limits[answer.deciding].rule,
                            &answer.verdicts[answer.deciding], (struct ratelimit_reply){0});
}

struct bytes ratelimit_limit_text(struct call *call, const struct limiter_rule *rule) {
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
    struct arena *arena = call_arena(call);
    if (rule->window == LIMITER_WINDOW_DAY)
        return arena_format(arena, "%" PRIu64 "/day", rule->count);
    if (rule->window == LIMITER_WINDOW_MONTH) {
        return arena_format(arena, "%" PRIu64 "/month", rule->count);
    }
    size_t unit = 0;
    while (rule->duration_ms % units[unit].ms != 0) unit++;
    return arena_format(arena, "%" PRIu64 "/%" PRIu64 "%s", rule->count,
                        rule->duration_ms / units[unit].ms, units[unit].name);
}
