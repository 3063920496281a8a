/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "engines/limiter_calendar.h"
#include "engines/limiter_internal.h"

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* The number of the window, counted from the epoch, in which an instant lies. Not of windows that
 * begin at the first hit. */
static int64_t window_of(const struct limiter_rule *rule, int64_t at_ms) {
    if (LIKELY(rule->window == LIMITER_WINDOW_ALIGNED)) {
        return (int64_t)((uint64_t)at_ms / rule->duration_ms);
    }
    return rule->window == LIMITER_WINDOW_DAY ? calendar_day_of(at_ms, rule->tz_minutes)
                                              : calendar_month_of(at_ms, rule->tz_minutes);
}

static int64_t start_of(const struct limiter_rule *rule, int64_t window) {
    if (LIKELY(rule->window == LIMITER_WINDOW_ALIGNED)) return window * (int64_t)rule->duration_ms;
    return rule->window == LIMITER_WINDOW_DAY ? calendar_day_start(window, rule->tz_minutes)
                                              : calendar_month_start(window, rule->tz_minutes);
}

/* The instant at which the n-th window to come begins (n ≥ 1). */
static int64_t window_start(const struct limiter_rule *rule, const struct limiter_state *state,
                            uint64_t n) {
    if (LIKELY(n == 1)) return state->window_end_ms;
    limiter_parts later = (limiter_parts)(n - 1) * rule->duration_ms;
    if (later > (limiter_parts)LIMITER_TIME_MS_MAX) return LIMITER_TIME_MS_MAX;
    if (rule->window != LIMITER_WINDOW_MONTH) return state->window_end_ms + (int64_t)later;
    return start_of(rule, window_of(rule, state->window_end_ms) + (int64_t)(n - 1));
}

/* What is booked in the n-th window to come (n ≥ 1). */
static uint64_t booked_in(const struct limiter_rule *rule, const struct limiter_state *state,
                          uint64_t n) {
    limiter_parts sooner = (limiter_parts)rule->count * (n - 1);
    return sooner >= state->ahead ? 0 : smaller(rule->count, state->ahead - (uint64_t)sooner);
}

static void roll(const struct limiter_rule *rule, struct limiter_state *state, uint64_t windows) {
    if (windows == 0) return;
    bool sliding = rule->algorithm == LIMITER_SLIDING_COUNTER;
    if (LIKELY(state->ahead == 0)) {
        if (sliding) state->before = windows == 1 ? state->used : 0;
        state->used = 0;
        return;
    }
    if (sliding) {
        state->before = windows == 1 ? state->used : booked_in(rule, state, windows - 1);
    }
    state->used = booked_in(rule, state, windows);
    limiter_parts passed = (limiter_parts)rule->count * windows;
    state->ahead = passed >= state->ahead ? 0 : state->ahead - (uint64_t)passed;
}

static void advance_first_hit(const struct limiter_rule *rule, struct limiter_state *state,
                              int64_t passed_ms) {
    if (state->used == 0 && state->ahead == 0) return;
    uint64_t since = state->before + (uint64_t)passed_ms;
    uint64_t windows = since < rule->duration_ms ? 0 : since / rule->duration_ms;
    roll(rule, state, windows);
    /* Nothing counted, so no window has begun. */
    bool unused = state->used == 0 && state->ahead == 0;
    state->before = unused ? 0 : since - windows * rule->duration_ms;
}

/* Where the current window ends, for a state that is as of now. */
static void find_end(const struct limiter_rule *rule, struct limiter_state *state, int64_t now_ms,
                     int64_t window) {
    if (rule->window == LIMITER_WINDOW_FIRST_HIT) {
        state->window_end_ms = now_ms - (int64_t)state->before + (int64_t)rule->duration_ms;
    } else {
        state->window_end_ms = start_of(rule, window + 1);
    }
}

void limiter_windows_advance(const struct limiter_rule *rule, struct limiter_state *state,
                             int64_t from_ms, int64_t to_ms) {
    if (rule->window == LIMITER_WINDOW_FIRST_HIT) {
        if (to_ms > from_ms) advance_first_hit(rule, state, to_ms - from_ms);
        find_end(rule, state, to_ms, 0);
        return;
    }
    int64_t window = window_of(rule, to_ms);
    find_end(rule, state, to_ms, window);
    if (to_ms <= from_ms) return;
    if (LIKELY(rule->window == LIMITER_WINDOW_ALIGNED)) {
        /* Nearly always the same window as before: no division more. */
        if (state->window_end_ms - (int64_t)rule->duration_ms <= from_ms) return;
    }
    roll(rule, state, (uint64_t)(window - window_of(rule, from_ms)));
}

/* Milliseconds of the current window that are still to come: 1 … duration. */
static uint64_t left_of(const struct limiter_state *state, int64_t now_ms) {
    return (uint64_t)(state->window_end_ms - now_ms);
}

/* used + before × left / duration, in parts: duration parts are one. */
static limiter_parts weighed(const struct limiter_rule *rule, const struct limiter_state *state,
                             int64_t now_ms) {
    return (limiter_parts)state->used * rule->duration_ms +
           (limiter_parts)state->before * left_of(state, now_ms);
}

bool limiter_windows_fit(const struct limiter_rule *rule, const struct limiter_state *state,
                         uint64_t cost, int64_t now_ms) {
    if (rule->algorithm == LIMITER_FIXED) return limiter_add(state->used, cost) <= rule->count;
    limiter_parts limit = (limiter_parts)rule->count * rule->duration_ms;
    return weighed(rule, state, now_ms) + (limiter_parts)cost * rule->duration_ms <= limit;
}

/* How far into a window `room` is free beside a previous window that held `before`;
 * duration_ms when only its end will do. */
static uint64_t free_after(const struct limiter_rule *rule, uint64_t before, uint64_t room) {
    if (before <= room) return 0;
    return rule->duration_ms - (uint64_t)((limiter_parts)room * rule->duration_ms / before);
}

/* The first window to come with room for cost. Those booked full are skipped at once. */
static uint64_t window_with_room(const struct limiter_rule *rule, const struct limiter_state *state,
                                 uint64_t cost) {
    uint64_t full = state->ahead / rule->count;
    uint64_t rest = state->ahead % rule->count;
    return full + (rest + cost <= rule->count ? 1 : 2);
}

static int64_t sliding_wait(const struct limiter_rule *rule, const struct limiter_state *state,
                            uint64_t cost, int64_t now_ms, bool book) {
    uint64_t duration = rule->duration_ms;
    uint64_t passed = duration - left_of(state, now_ms);
    if (limiter_add(state->used, cost) <= rule->count) {
        uint64_t free = free_after(rule, state->before, rule->count - state->used - cost);
        /* A booking that fits into this window is counted in it, so the next can't refuse it. */
        if (free < duration || book) return (int64_t)(free - passed);
    }
    for (uint64_t n = window_with_room(rule, state, cost);; n++) {
        uint64_t before = n == 1 ? state->used : booked_in(rule, state, n - 1);
        /* More may be let through before the booked time comes: reckon with the most. */
        if (book && before < rule->count) before = rule->count;
        uint64_t booked = booked_in(rule, state, n);
        uint64_t free = free_after(rule, before, rule->count - booked - cost);
        if (free < duration || (book && before == rule->count)) {
            return window_start(rule, state, n) + (int64_t)free - now_ms;
        }
    }
}

int64_t limiter_windows_wait(const struct limiter_rule *rule, const struct limiter_state *state,
                             uint64_t cost, int64_t now_ms, bool book) {
    assert(cost <= rule->count);
    if (rule->algorithm == LIMITER_SLIDING_COUNTER) {
        return sliding_wait(rule, state, cost, now_ms, book);
    }
    return window_start(rule, state, window_with_room(rule, state, cost)) - now_ms;
}

void limiter_windows_charge(const struct limiter_rule *rule, struct limiter_state *state,
                            uint64_t cost, bool booked) {
    if (!booked || limiter_add(state->used, cost) <= rule->count) {
        state->used = limiter_add(state->used, cost);
        return;
    }
    uint64_t before_it = (window_with_room(rule, state, cost) - 1) * rule->count;
    /* What the last booked window could not hold of this one stays free: they are whole. */
    if (state->ahead < before_it) state->ahead = before_it;
    state->ahead = limiter_add(state->ahead, cost);
}

uint64_t limiter_windows_refund(const struct limiter_rule *rule, struct limiter_state *state,
                                uint64_t amount) {
    uint64_t left = amount;
    uint64_t *places[] = {&state->ahead, &state->used, &state->before};
    size_t count = rule->algorithm == LIMITER_SLIDING_COUNTER ? 3 : 2;
    for (size_t i = 0; i < count; i++) {
        uint64_t back = smaller(left, *places[i]);
        *places[i] -= back;
        left -= back;
    }
    return amount - left;
}

uint64_t limiter_windows_used(const struct limiter_rule *rule, const struct limiter_state *state,
                              int64_t now_ms) {
    if (rule->algorithm == LIMITER_FIXED) return limiter_add(state->used, state->ahead);
    limiter_parts parts = weighed(rule, state, now_ms) + rule->duration_ms - 1;
    limiter_parts used = LIKELY(parts >> 64 == 0) ? (uint64_t)parts / rule->duration_ms
                                                  : parts / rule->duration_ms;
    uint64_t capped = used > LIMITER_USED_MAX ? LIMITER_USED_MAX : (uint64_t)used;
    return limiter_add(capped, state->ahead);
}

int64_t limiter_windows_idle(const struct limiter_rule *rule, const struct limiter_state *state,
                             int64_t now_ms) {
    /* The last window with something in it, counted from this one. */
    uint64_t last = 0;
    if (UNLIKELY(state->ahead > 0)) last = (state->ahead + rule->count - 1) / rule->count;
    if (rule->algorithm == LIMITER_SLIDING_COUNTER) {
        if (last > 0 || state->used > 0) return window_start(rule, state, last + 2);
        return state->before > 0 ? window_start(rule, state, 1) : now_ms;
    }
    if (last == 0 && state->used == 0) return now_ms;
    return window_start(rule, state, last + 1);
}
