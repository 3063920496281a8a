/* SPDX-License-Identifier: BSD-3-Clause */
/* HRANDFIELD: one field by a fair throw, so many different ones, or so many throws. */
#include "commands/reading.h"
#include "families/hash/hash_words.h"

/* Up to a third of the fields are thrown for, more are picked in one walk over all. */
#define THROW_SHARE 3
#define TABLE_SHARE 2 /* places a member in the table of those that were thrown */

struct draw {
    struct call *call;
    struct value value;
    int64_t now_ms;
    bool with_values;
    bool announced; /* all of the reply is given through the call that lasts */
    size_t wanted;  /* elements still to be given */
    size_t alive;   /* fields still to be met on a walk */
    struct hash_walk walk;
};

static void give(const struct draw *draw, struct bytes field, struct bytes value) {
    struct call *call = draw->call;
    if (draw->with_values && call->output->protocol > 2) reply_array(call, 2);
    reply_bulk(call, field);
    if (draw->with_values) reply_bulk(call, value);
}

static void give_member(const struct draw *draw, const struct member *member) {
    give(draw, member_name(member), member_value(member));
}

/* Once, before the first of what is wanted. */
static void announce(struct draw *draw) {
    if (draw->announced) return;
    bool pairs = draw->with_values && draw->call->output->protocol == 2;
    reply_array(draw->call, pairs ? draw->wanted * 2 : draw->wanted);
    draw->announced = true;
}

/* Where the fields of a packed hash lie that are not due; owned by the caller.
 * NULL: no memory. */
static uint32_t *places_of(const struct draw *draw) {
    const uint8_t *list = hash_list(&draw->value);
    uint32_t stride = hash_stride(&draw->value);
    size_t due = hash_count(&draw->value, HASH_ALL) - draw->alive;
    uint32_t *places = memory_try_allocate(draw->alive * sizeof(*places));
    if (places == NULL) return NULL;
    uint32_t at = packed_list_seek(list, (int64_t)(due * stride)); /* those that are lie in front */
    for (size_t i = 0; i < draw->alive; i++) {
        places[i] = at;
        for (uint32_t j = 0; j < stride; j++) at = packed_list_next(list, at);
    }
    return places;
}

static void give_place(const struct draw *draw, uint32_t at) {
    struct hash_item item;
    hash_item_at(&draw->value, at, &item);
    give(draw, item.field, item.value);
}

/* --- throws --- */

static bool step_throws(struct call *call, void *state, size_t budget) {
    struct draw *draw = state;
    struct random *random = call_random(call);
    draw->call = call;
    announce(draw);
    for (; budget > 0 && draw->wanted > 0; budget--, draw->wanted--)
        give_member(draw, hash_throw(&draw->value, draw->now_ms, random));
    return draw->wanted == 0;
}

/* `work`: how many fields it looks at. */
static void run(struct draw *draw, call_step *step, size_t work) {
    if (work <= READING_AT_ONCE) {
        bool done = step(draw->call, draw, SIZE_MAX);
        (void)done;
        return;
    }
    struct draw *lasting = memory_allocate(sizeof(*lasting));
    *lasting = *draw;
    call_read_in_slices(draw->call, &lasting->value, 1, step, lasting, memory_free);
}

/* A packed hash may move between two steps: its throws are over a copy of it. */
struct packed_draw {
    struct draw draw;
    uint32_t *places; /* of the fields */
    uint8_t list[];
};

static void packed_draw_destroy(void *state) {
    memory_free(((struct packed_draw *)state)->places);
    memory_free(state);
}

static bool step_packed_throws(struct call *call, void *state, size_t budget) {
    struct packed_draw *packed = state;
    struct draw *draw = &packed->draw;
    draw->call = call;
    announce(draw);
    for (; budget > 0 && draw->wanted > 0; budget--, draw->wanted--)
        give_place(draw, packed->places[random_below(call_random(call), draw->alive)]);
    return draw->wanted == 0;
}

static void throw_packed(struct draw *draw) {
    struct bytes list = draw->value.inlined;
    struct packed_draw *packed = memory_try_allocate(sizeof(*packed) + list.len);
    uint32_t *places = packed == NULL ? NULL : places_of(draw);
    if (places == NULL) {
        memory_free(packed);
        reply_no_memory(draw->call, "the reply");
        return;
    }
    memcpy(packed->list, list.data, list.len);
    packed->places = places;
    packed->draw = *draw;
    packed->draw.value.inlined.data = (const char *)packed->list;
    if (draw->wanted > READING_AT_ONCE) {
        call_in_slices(draw->call, step_packed_throws, packed, packed_draw_destroy);
        return;
    }
    bool done = step_packed_throws(draw->call, packed, SIZE_MAX);
    (void)done;
    packed_draw_destroy(packed);
}

/* --- different fields --- */

/* Each field that is met is taken with the chance that makes every choice as likely as any other
 * (selection sampling: Fan, Muller and Rezucha, 1962). */
static bool takes(struct draw *draw) {
    bool taken = random_below(call_random(draw->call), draw->alive--) < draw->wanted;
    draw->wanted -= taken;
    return taken;
}

static void pick(void *context, const struct hash_item *item) {
    struct draw *draw = context;
    if (draw->wanted > 0 && takes(draw)) give(draw, item->field, item->value);
}

static bool step_pick(struct call *call, void *state, size_t budget) {
    struct draw *draw = state;
    draw->call = call;
    announce(draw);
    hash_walk_on(&draw->walk, &draw->value, draw->now_ms, budget, pick, draw);
    return draw->walk.done;
}

/* Puts a member into a table of what was thrown before; false: it is there. */
static bool note(const struct member **table, size_t mask, const struct member *member) {
    size_t at = (size_t)((uintptr_t)member * 0x9e3779b97f4a7c15u >> 20) & mask;
    for (; table[at] != NULL; at = (at + 1) & mask)
        if (table[at] == member) return false;
    table[at] = member;
    return true;
}

/* Throws again whenever a field comes a second time. False: no memory for the table. */
static bool throw_different(struct draw *draw) {
    size_t places = 16;
    while (places < draw->wanted * TABLE_SHARE) places *= 2;
    const struct member **table = arena_try_allocate(call_arena(draw->call),
                                                     places * sizeof(*table));
    if (table == NULL) return false;
    memset(table, 0, places * sizeof(*table));
    announce(draw);
    while (draw->wanted > 0) {
        const struct member *member = hash_throw(&draw->value, draw->now_ms,
                                                 call_random(draw->call));
        if (!note(table, places - 1, member)) continue;
        give_member(draw, member);
        draw->wanted--;
    }
    return true;
}

static void draw_different(struct draw *draw) {
    if (draw->wanted > draw->alive) draw->wanted = draw->alive;
    if (!hash_is_packed(&draw->value) && draw->wanted <= READING_AT_ONCE &&
        draw->wanted <= draw->alive / THROW_SHARE && throw_different(draw))
        return;
    if (hash_is_packed(&draw->value)) {
        bool done = step_pick(draw->call, draw, SIZE_MAX);
        (void)done;
    } else {
        run(draw, step_pick, draw->alive);
    }
}

static void draw_throws(struct draw *draw) {
    if (hash_is_packed(&draw->value)) throw_packed(draw);
    else run(draw, step_throws, draw->wanted);
}

/* --- the word --- */

static void reply_one(struct call *call, struct bytes key) {
    struct draw draw = {.call = call, .now_ms = call_members_now_ms(call)};
    bool there = key_read(call, key, &hash_type, &draw.value);
    if (args_failed(call)) return;
    draw.alive = there ? hash_count(&draw.value, draw.now_ms) : 0;
    if (draw.alive == 0) {
        reply_null(call);
    } else if (hash_is_packed(&draw.value)) {
        const uint8_t *list = hash_list(&draw.value);
        size_t due = hash_count(&draw.value, HASH_ALL) - draw.alive;
        size_t at = due + random_below(call_random(call), draw.alive);
        give_place(&draw, packed_list_seek(list, (int64_t)(at * hash_stride(&draw.value))));
    } else {
        give_member(&draw, hash_throw(&draw.value, draw.now_ms, call_random(call)));
    }
}

static bool take_words(struct call *call, struct draw *draw, int64_t *count) {
    *count = args_integer(call, INT64_MIN, INT64_MAX);
    if (*count == INT64_MIN)
        args_fail(call, "ERR value is out of range, value must between -9223372036854775807 and "
                        "9223372036854775807");
    if (args_failed(call)) return false;
    if (args_left(call) > 0) {
        if (args_word(call, "WITHVALUES") && args_left(call) == 0) draw->with_values = true;
        else args_syntax_error(call);
    }
    if (draw->with_values && (*count < -INT64_MAX / 2 || *count > INT64_MAX / 2))
        args_fail(call, "ERR value is out of range");
    return !args_failed(call);
}

void hash_hrandfield(struct call *call) {
    struct bytes key = args_key(call);
    if (args_left(call) == 0) {
        reply_one(call, key);
        return;
    }
    struct draw draw = {.call = call, .now_ms = call_members_now_ms(call)};
    int64_t count;
    if (!take_words(call, &draw, &count)) return;
    bool there = key_read(call, key, &hash_type, &draw.value);
    if (args_failed(call)) return;
    draw.alive = there ? hash_count(&draw.value, draw.now_ms) : 0;
    draw.wanted = (size_t)(count < 0 ? -count : count);
    if (draw.alive == 0 || count == 0) reply_array(call, 0);
    else if (count < 0) draw_throws(&draw);
    else draw_different(&draw);
}
