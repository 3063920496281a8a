/* SPDX-License-Identifier: BSD-3-Clause */
/* The wheel against a model that knows each item's deadline: nothing is examined as due too early
 * or left behind by time, whatever the jumps, the budgets and the answers. */
#include "structures/timing_wheel.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

#define START_MS ((int64_t)1700000000000)
#define ITEM_MASK (((uint64_t)1 << 48) - 1)
#define HORIZON_MS ((int64_t)1 << 48)

enum { ITEMS = 5000 };

struct model {
    struct timing_wheel wheel;
    struct random random;
    int64_t now_ms;             /* what advance was told last */
    int64_t due_ms[ITEMS];      /* 0: not in the wheel */
    int64_t examined_ms[ITEMS]; /* tick of the last look at it */
    size_t count;
    size_t examined;
    int64_t last_tick_ms;
};

/* Items are scattered over 48 bits, so that a lost byte would be seen. */
static uint64_t item_of(uint32_t number) { return ((uint64_t)number * 0x9e3779b97f4b) & ITEM_MASK; }

static uint32_t number_of(uint64_t item) {
    for (uint32_t i = 0; i < ITEMS; i++) {
        if (item_of(i) == item) return i;
    }
    cr_assert_fail("an item that was never added");
    return 0;
}

static void model_init(struct model *model, uint64_t seed) {
    *model = (struct model){.now_ms = START_MS, .last_tick_ms = START_MS};
    timing_wheel_init(&model->wheel, START_MS);
    random_init(&model->random, seed);
}

static void add(struct model *model, uint32_t number, int64_t due_ms) {
    cr_assert_eq(model->due_ms[number], 0);
    model->due_ms[number] = due_ms;
    model->count++;
    timing_wheel_add(&model->wheel, item_of(number), due_ms);
}

/* Near ones are more frequent: about as many in each power of two of the distance. */
static int64_t some_distance(struct model *model, int bits_max) {
    uint64_t bits = random_below(&model->random, (uint64_t)bits_max);
    return (int64_t)random_below(&model->random, (uint64_t)2 << bits);
}

static int64_t examine(void *context, uint64_t item) {
    struct model *model = context;
    uint32_t number = number_of(item);
    int64_t tick_ms = model->wheel.now_ms;
    cr_assert_neq(model->due_ms[number], 0, "item %u was taken out before", number);
    cr_assert_geq(tick_ms, model->last_tick_ms, "ticks go back");
    cr_assert_leq(tick_ms, model->now_ms);
    model->last_tick_ms = tick_ms;
    model->examined++;
    if (model->due_ms[number] > tick_ms) return model->due_ms[number];
    model->due_ms[number] = 0;
    model->count--;
    return 0;
}

/* After all work is done nothing that is due may be left. */
static void check_nothing_is_late(const struct model *model) {
    for (uint32_t i = 0; i < ITEMS; i++) {
        cr_assert(model->due_ms[i] == 0 || model->due_ms[i] > model->now_ms,
                  "item %u was due at %lld, it is %lld", i, (long long)model->due_ms[i],
                  (long long)model->now_ms);
    }
    cr_assert_eq(model->wheel.item_count, model->count);
    cr_assert_leq(timing_wheel_next_ms(&model->wheel),
                  model->count == 0 ? INT64_MAX : INT64_MAX - 1);
}

static void advance(struct model *model, int64_t to_ms, size_t budget) {
    model->now_ms = to_ms;
    for (;;) {
        size_t before = model->examined;
        bool done = timing_wheel_advance(&model->wheel, to_ms, budget, examine, model);
        cr_assert_leq(model->examined - before, budget);
        if (done) break;
        cr_assert_eq(model->examined - before, budget, "it stopped early");
    }
    check_nothing_is_late(model);
}

static void run_model(uint64_t seed, int distance_bits, int jump_bits, size_t budget) {
    struct model *model = memory_allocate(sizeof(*model));
    size_t before = memory_used_bytes();
    model_init(model, seed);
    for (int round = 0; round < 300; round++) {
        for (uint64_t i = random_below(&model->random, 100); i > 0; i--) {
            uint32_t number = (uint32_t)random_below(&model->random, ITEMS);
            int64_t away_ms = some_distance(model, distance_bits);
            if (model->due_ms[number] == 0) add(model, number, model->now_ms + away_ms);
            else if (random_below(&model->random, 2) == 0)
                model->due_ms[number] += away_ms; /* later: the wheel is not told */
        }
        advance(model, model->now_ms + 1 + some_distance(model, jump_bits), budget);
    }
    advance(model, model->now_ms + ((int64_t)1 << 45), budget);
    cr_assert_eq(memory_used_bytes() - before, model->wheel.memory_bytes);
    timing_wheel_deinit(&model->wheel);
    cr_assert_eq(memory_used_bytes(), before);
    memory_free(model);
}

Test(timing_wheel, examines_each_item_when_it_is_due_in_small_steps) {
    run_model(1, 16, 5, SIZE_MAX);
}

Test(timing_wheel, examines_each_item_when_it_is_due_over_years_in_jumps) {
    run_model(2, 40, 38, SIZE_MAX);
}

Test(timing_wheel, examines_each_item_when_it_is_due_in_slices_of_one) { run_model(3, 24, 20, 1); }

Test(timing_wheel, examines_each_item_when_it_is_due_in_slices_of_seven) {
    run_model(4, 30, 24, 7);
}

/* --- when exactly --- */

struct single {
    int64_t due_ms;
    int64_t done_ms; /* the tick in which it was found due */
    int looks;
    struct timing_wheel *wheel;
};

static int64_t examine_single(void *context, uint64_t item) {
    struct single *single = context;
    cr_assert_eq(item, 7);
    single->looks++;
    if (single->due_ms > single->wheel->now_ms) return single->due_ms;
    single->done_ms = single->wheel->now_ms;
    return 0;
}

Test(timing_wheel, finds_a_lone_item_due_in_its_very_millisecond) {
    for (int bits = 0; bits < 45; bits++) {
        struct timing_wheel wheel;
        timing_wheel_init(&wheel, START_MS);
        struct single single = {.due_ms = START_MS + ((int64_t)1 << bits) + bits, .wheel = &wheel};
        timing_wheel_add(&wheel, 7, single.due_ms);
        cr_assert(timing_wheel_advance(&wheel, single.due_ms - 1, 100, examine_single, &single));
        cr_assert_eq(single.done_ms, 0);
        int64_t next_ms = timing_wheel_next_ms(&wheel);
        cr_assert(next_ms <= single.due_ms && next_ms >= wheel.now_ms);
        cr_assert(timing_wheel_advance(&wheel, single.due_ms, 100, examine_single, &single));
        cr_assert_eq(single.done_ms, single.due_ms);
        cr_assert_leq(single.looks, TIMING_WHEEL_LEVELS + 1);
        timing_wheel_deinit(&wheel);
    }
}

Test(timing_wheel, takes_deadlines_in_the_past_for_the_next_tick) {
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    struct single single = {.due_ms = -5, .wheel = &wheel};
    timing_wheel_add(&wheel, 7, -5);
    cr_assert_eq(timing_wheel_next_ms(&wheel), START_MS);
    cr_assert(timing_wheel_advance(&wheel, START_MS, 100, examine_single, &single));
    cr_assert_eq(single.done_ms, START_MS);
    timing_wheel_deinit(&wheel);
}

static int64_t examine_again(void *context, uint64_t item) {
    struct single *single = context;
    (void)item;
    single->looks++;
    return single->wheel->now_ms; /* due now, yet not done */
}

Test(timing_wheel, asks_again_in_the_next_tick_when_a_due_item_stays) {
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    struct single single = {.wheel = &wheel};
    timing_wheel_add(&wheel, 7, START_MS);
    cr_assert(timing_wheel_advance(&wheel, START_MS + 9, 100, examine_again, &single));
    cr_assert_eq(single.looks, 10);
    timing_wheel_deinit(&wheel);
}

/* An item that adds others while it is examined, as an expiring key's command may. */
static int64_t examine_adding(void *context, uint64_t item) {
    struct single *single = context;
    single->looks++;
    if (item < 2000) timing_wheel_add(single->wheel, item + 1, single->wheel->now_ms);
    return 0;
}

Test(timing_wheel, lets_items_be_added_to_the_slot_that_is_being_examined) {
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    struct single single = {.wheel = &wheel};
    for (uint64_t i = 0; i < 50; i++) timing_wheel_add(&wheel, 1951 + i, START_MS + 1);
    cr_assert(timing_wheel_advance(&wheel, START_MS + 1, SIZE_MAX, examine_adding, &single));
    cr_assert_eq(single.looks, 50 * 51 / 2);
    cr_assert_eq(wheel.item_count, 0);
    cr_assert_eq(wheel.memory_bytes, 0);
    timing_wheel_deinit(&wheel);
}

Test(timing_wheel, keeps_what_is_due_beyond_its_horizon) {
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    struct single single = {.due_ms = INT64_MAX, .wheel = &wheel};
    timing_wheel_add(&wheel, 7, INT64_MAX);
    cr_assert(
        timing_wheel_advance(&wheel, START_MS + HORIZON_MS / 2, 100, examine_single, &single));
    cr_assert_eq(single.looks, 0);
    /* Where the last slot begins time stands still, rather than spin in it. */
    cr_assert(timing_wheel_advance(&wheel, INT64_MAX, 100, examine_single, &single));
    cr_assert_eq(single.looks, 0);
    cr_assert_eq(wheel.item_count, 1);
    timing_wheel_deinit(&wheel);
    timing_wheel_init(&wheel, INT64_MAX);
    timing_wheel_add(&wheel, 7, INT64_MAX);
    cr_assert(timing_wheel_advance(&wheel, INT64_MAX, 100, examine_single, &single));
    timing_wheel_deinit(&wheel);
}

Test(timing_wheel, does_nothing_when_time_goes_back) {
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    struct single single = {.due_ms = START_MS - 10, .wheel = &wheel};
    timing_wheel_add(&wheel, 7, START_MS - 10);
    cr_assert(timing_wheel_advance(&wheel, START_MS - 1, 100, examine_single, &single));
    cr_assert_eq(single.looks, 0);
    timing_wheel_deinit(&wheel);
}

/* --- walking and sampling --- */

struct order {
    const int64_t *due_ms;
    int64_t slot_earliest_ms, slot_latest_ms, before_latest_ms;
    size_t count, stop_at;
};

static bool see(void *context, uint64_t item) {
    struct order *order = context;
    if (item == TIMING_WHEEL_SLOT_END) {
        cr_assert_gt(order->slot_earliest_ms, order->before_latest_ms, "slots overlap");
        order->before_latest_ms = order->slot_latest_ms;
        order->slot_earliest_ms = INT64_MAX;
        return true;
    }
    int64_t due_ms = order->due_ms[item];
    if (due_ms < order->slot_earliest_ms) order->slot_earliest_ms = due_ms;
    if (due_ms > order->slot_latest_ms) order->slot_latest_ms = due_ms;
    return ++order->count < order->stop_at;
}

Test(timing_wheel, walks_in_the_order_of_its_slots) {
    static int64_t due_ms[3000];
    struct timing_wheel wheel;
    struct random random;
    random_init(&random, 6);
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < 3000; i++) {
        due_ms[i] = START_MS + (int64_t)random_below(&random, (uint64_t)2 << (i % 40));
        timing_wheel_add(&wheel, i, due_ms[i]);
    }
    struct order order = {.due_ms = due_ms, .slot_earliest_ms = INT64_MAX, .stop_at = SIZE_MAX};
    cr_assert(timing_wheel_walk(&wheel, see, &order));
    cr_assert_eq(order.count, 3000);
    order = (struct order){.due_ms = due_ms, .slot_earliest_ms = INT64_MAX, .stop_at = 10};
    cr_assert_not(timing_wheel_walk(&wheel, see, &order));
    cr_assert_eq(order.count, 10);
    timing_wheel_deinit(&wheel);
}

struct sampling {
    int64_t due_ms; /* of all */
    uint8_t seen[4000];
    size_t found;
    size_t looks;
};

static int64_t examine_sampled(void *context, uint64_t item) {
    struct sampling *sampling = context;
    sampling->found += !sampling->seen[item];
    sampling->seen[item] = 1;
    sampling->looks++;
    return sampling->due_ms;
}

Test(timing_wheel, samples_every_item_of_a_full_slot_sooner_or_later) {
    static struct sampling sampling = {.due_ms = START_MS + 100000000};
    struct timing_wheel wheel;
    struct random random;
    random_init(&random, 7);
    timing_wheel_init(&wheel, START_MS);
    timing_wheel_sample(&wheel, false, 1, 16, examine_sampled, &sampling);
    cr_assert_eq(sampling.looks, 0);
    for (uint64_t i = 0; i < 4000; i++) timing_wheel_add(&wheel, i, sampling.due_ms);
    for (int throws = 0; throws < 5000; throws++)
        timing_wheel_sample(&wheel, throws % 2 == 0, random_next(&random), 16, examine_sampled,
                            &sampling);
    cr_assert_eq(sampling.found, 4000);
    cr_assert_eq(wheel.item_count, 4000);
    timing_wheel_deinit(&wheel);
}

Test(timing_wheel, sampling_throws_out_what_is_gone) {
    static struct sampling sampling = {.due_ms = 0};
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < 4000; i++)
        timing_wheel_add(&wheel, i, START_MS + (int64_t)(i % 5) * 100000);
    size_t throws = 0;
    for (; wheel.item_count > 0; throws++)
        timing_wheel_sample(&wheel, true, throws, 16, examine_sampled, &sampling);
    cr_assert_eq(sampling.looks, 4000);
    cr_assert_leq(throws, 4000 / 10);
    cr_assert_eq(wheel.memory_bytes, 0);
    cr_assert_eq(timing_wheel_next_ms(&wheel), INT64_MAX);
    for (int level = 0; level < TIMING_WHEEL_LEVELS; level++)
        cr_assert_eq(wheel.occupied[level], 0);
    timing_wheel_deinit(&wheel);
}

Test(timing_wheel, sampling_puts_what_has_moved_where_it_belongs) {
    static struct sampling sampling = {.due_ms = START_MS + 50000000};
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < 100; i++) timing_wheel_add(&wheel, i, START_MS + 10);
    for (uint64_t i = 0; i < 50; i++)
        timing_wheel_sample(&wheel, true, i, 16, examine_sampled, &sampling);
    cr_assert_eq(wheel.item_count, 100);
    cr_assert_gt(timing_wheel_next_ms(&wheel), START_MS + 1000000);
    timing_wheel_deinit(&wheel);
}

/* Turning the ring leaves blocks behind that are not full: a new one starts small. */
Test(timing_wheel, stays_small_when_adding_and_sampling_take_turns) {
    static struct sampling sampling = {.due_ms = START_MS + 100000000};
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < 100000; i++) {
        timing_wheel_add(&wheel, i % 4000, sampling.due_ms);
        timing_wheel_sample(&wheel, true, i, 8, examine_sampled, &sampling);
    }
    cr_assert_leq(wheel.memory_bytes, 100000 * 17);
    timing_wheel_deinit(&wheel);
    cr_assert_eq(wheel.memory_bytes, 0);
}

/* --- cost --- */

Test(timing_wheel, takes_less_than_seven_bytes_an_item) {
    enum { MANY = 500000 };
    struct timing_wheel wheel;
    struct random random;
    random_init(&random, 8);
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < MANY; i++)
        timing_wheel_add(&wheel, i, START_MS + (int64_t)random_below(&random, 3600 * 1000));
    double share = (double)wheel.memory_bytes / MANY;
    cr_log_info("%.2f bytes an item", share);
    cr_assert_leq(share, 7);
    timing_wheel_deinit(&wheel);
}

Test(timing_wheel, is_taken_down_in_slices) {
    size_t before = memory_used_bytes();
    struct timing_wheel wheel;
    timing_wheel_init(&wheel, START_MS);
    for (uint64_t i = 0; i < 100000; i++) timing_wheel_add(&wheel, i, START_MS + (int64_t)i * 50);
    int calls = 1;
    while (!timing_wheel_demolish(&wheel, 100)) calls++;
    cr_assert_gt(calls, 20);
    cr_assert_eq(wheel.item_count, 0);
    cr_assert_eq(memory_used_bytes(), before);
}
