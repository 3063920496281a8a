/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/executor.h"

#include <assert.h>

#include "base/memory.h"
#include "commands/call.h"
#include "commands/reading.h"
#include "commands/registry.h"

uint32_t event_class_of_letter(char letter) {
    static const char letters[] = "KEg$lshzxetmdnaoc";
    const char *at = letter == '\0' ? NULL : strchr(letters, letter);
    return at == NULL ? 0 : (uint32_t)1 << (at - letters);
}

void executor_init(struct executor *executor, struct registry *registry, const struct clock *clock,
                   int32_t database_count, uint64_t seed) {
    *executor = (struct executor){.registry = registry, .clock = clock};
    executor->string_bytes_max = EXECUTOR_STRING_BYTES_MAX;
    executor->sparse_bytes_max = EXECUTOR_SPARSE_BYTES_MAX;
    executor->now_us = clock_wall_us(clock);
    keyspace_init(&executor->keyspace, database_count, executor->now_us / 1000, seed);
    arena_init(&executor->arena);
    size_t family_count = registry_family_count(registry);
    executor->family_states = memory_allocate_zero((family_count + 1) * sizeof(void *));
    for (size_t i = 0; i < family_count; i++) {
        const struct family *family = registry_family_at(registry, i);
        for (size_t j = 0; j < family->type_count; j++) {
            executor->member_expirers[executor->keyspace.type_count] = family->expire_members;
            keyspace_add_type(&executor->keyspace, family->types[j]);
        }
    }
}

struct executor_later {
    struct executor_later *next;
    void (*release)(void *what);
    void *what;
};

void executor_deinit(struct executor *executor) {
    size_t family_count = registry_family_count(executor->registry);
    for (size_t i = 0; i < family_count; i++) {
        if (executor->family_states[i] != NULL)
            registry_family_at(executor->registry, i)->state_destroy(executor->family_states[i]);
    }
    memory_free(executor->family_states);
    keyspace_deinit(&executor->keyspace);
    arena_deinit(&executor->arena);
}

void *executor_family_state(struct executor *executor, const struct family *family) {
    if (LIKELY(executor->state_family == family)) return executor->state;
    size_t i = 0;
    while (registry_family_at(executor->registry, i) != family) i++;
    if (executor->family_states[i] == NULL) executor->family_states[i] = family->state_create();
    executor->state_family = family;
    return executor->state = executor->family_states[i];
}

void *family_state(struct call *call, const struct family *family) {
    return executor_family_state(call->executor, family);
}

/* --- time and units --- */

void executor_refresh_now(struct executor *executor) {
    int64_t wall_us = clock_wall_us(executor->clock);
    if (LIKELY(wall_us >= executor->now_us && executor->held_wall_us == 0)) {
        executor->now_us = wall_us;
        return;
    }
    int64_t monotonic_us = clock_monotonic_us(executor->clock);
    if (executor->held_wall_us == 0) {
        executor->held_wall_us = executor->now_us;
        executor->held_monotonic_us = monotonic_us;
    }
    int64_t now_us = executor->held_wall_us + (monotonic_us - executor->held_monotonic_us);
    if (wall_us >= now_us) {
        executor->held_wall_us = 0;
        now_us = wall_us;
    }
    if (now_us > executor->now_us) executor->now_us = now_us;
}

void executor_begin(struct executor *executor) {
    if (executor->depth++ == 0 && !executor->now_held) executor_refresh_now(executor);
}

static void flush_effects(struct executor *executor) {
    struct effect *first = executor->effect_first;
    size_t count = executor->effect_count;
    executor->effect_first = NULL;
    executor->effect_last = NULL;
    executor->effect_count = 0;
    if (count > 0 && executor->journal != NULL)
        executor->journal->append(executor->journal, first, count, executor->now_us / 1000);
}

void executor_end(struct executor *executor) {
    assert(executor->depth > 0);
    if (--executor->depth > 0) return;
    if (UNLIKELY(executor->effect_count > 0)) flush_effects(executor);
    while (UNLIKELY(executor->later != NULL)) {
        struct executor_later *later = executor->later;
        executor->later = later->next;
        later->release(later->what);
    }
    arena_reset(&executor->arena);
    if (UNLIKELY(executor->wake_wanted)) {
        executor->wake_wanted = false;
        executor->hooks.wake(executor->context);
    }
}

void executor_finally(struct executor *executor, void (*release)(void *what), void *what) {
    assert(executor->depth > 0);
    struct executor_later *later = arena_allocate(&executor->arena, sizeof(*later));
    *later = (struct executor_later){executor->later, release, what};
    executor->later = later;
}

void executor_effect_lasting(struct executor *executor, int32_t database, const struct bytes *argv,
                             int argc) {
    if (executor->journal == NULL) return;
    struct effect *effect = arena_allocate(&executor->arena, sizeof(*effect));
    *effect = (struct effect){database, argc, argv, NULL};
    if (executor->effect_last == NULL) executor->effect_first = effect;
    else executor->effect_last->next = effect;
    executor->effect_last = effect;
    executor->effect_count++;
}

void executor_effect(struct executor *executor, int32_t database, const struct bytes *argv,
                     int argc) {
    if (executor->journal == NULL) return;
    struct bytes *copy = arena_allocate(&executor->arena, (size_t)argc * sizeof(*copy));
    for (int i = 0; i < argc; i++) copy[i] = arena_copy(&executor->arena, argv[i]);
    executor_effect_lasting(executor, database, copy, argc);
}

/* --- running --- */

/* What was done is done; only the reply that tells of it could not be held. */
static __attribute__((noinline, cold)) void answer_refusal(struct call *call, size_t start) {
    output_truncate(call->output, start);
    resp_error(call->output, BYTES("OOM command not allowed: no memory for the reply"));
    call->failed = true;
}

void executor_run(struct executor *executor, struct call *call) {
    executor_begin(executor);
    size_t open_before = call->open_edits;
    size_t start = call->output->len;
    int32_t database = call->database->index;
    call->command->handler(call);
    assert(call->open_edits == open_before);
    assert(call->reply_pending == 0);
    assert(!call->changed || command_may_edit(call->command));
    if (UNLIKELY(call->output->refused)) answer_refusal(call, start);
    if (call->changed && !call->effects_given) {
        if (call->argv_passes) executor_effect(executor, database, call->argv, call->argc);
        else executor_effect_lasting(executor, database, call->argv, call->argc);
    }
    executor_end(executor);
}

bool executor_replay(struct executor *executor, const struct effect *effects, size_t count,
                     int64_t now_ms) {
    struct output output;
    output_init(&output, 3);
    bool ok = true;
    bool held = executor->now_held;
    bool replaying = executor->replaying;
    executor->now_held = true;
    executor->replaying = true;
    executor->now_us = now_ms * 1000;
    executor_begin(executor);
    for (const struct effect *effect = effects; count > 0; count--, effect++) {
        struct command_entry *entry = registry_resolve_declared(executor->registry, effect->argv,
                                                                effect->argc);
        if (entry == NULL || effect->database >= executor->keyspace.database_count) {
            ok = false;
            continue;
        }
        struct call call;
        call_init(&call, executor, entry->command, &executor->keyspace.databases[effect->database],
                  effect->argv, effect->argc, &output);
        call.entry = entry;
        if (entry->parent != NULL) call.arg_at = 2;
        executor_run(executor, &call);
        ok = ok && !call.failed;
        output_clear(&output, SIZE_MAX);
    }
    executor_end(executor);
    executor->now_held = held;
    executor->replaying = replaying;
    output_deinit(&output);
    return ok;
}

/* --- events, removals --- */

void executor_event(struct executor *executor, uint32_t event_class, const char *event,
                    struct bytes key, int32_t database) {
    if (LIKELY((executor->event_mask & event_class) == 0) || executor->hooks.event == NULL) return;
    executor->hooks.event(executor->context, event_class, bytes_of(event), key, database);
}

void executor_changed(struct executor *executor, struct database *database, struct bytes key) {
    executor->keyspace.counters.changes++;
    if (UNLIKELY(database->watched > 0) && executor->hooks.changed != NULL)
        executor->hooks.changed(executor->context, database, key);
}

static void free_entry(void *entry) { entry_free(entry); }

static void count_removal(struct executor *executor, struct database *database, struct bytes key,
                          bool expired) {
    if (expired) executor->keyspace.counters.expired++;
    else executor->keyspace.counters.evicted++;
    executor_event(executor, expired ? EVENT_EXPIRED : EVENT_EVICTED,
                   expired ? "expired" : "evicted", key, database->index);
    executor_changed(executor, database, key);
}

/* DEL or UNLINK; the key outlives the unit. */
static void journal_removal(struct executor *executor, struct database *database, struct bytes key,
                            bool expired) {
    if (executor->journal == NULL) return;
    bool lazy = expired ? executor->lazy_expire : executor->lazy_server_del;
    struct bytes *argv = arena_allocate(&executor->arena, 2 * sizeof(*argv));
    argv[0] = lazy ? BYTES("UNLINK") : BYTES("DEL");
    argv[1] = key;
    executor_effect_lasting(executor, database->index, argv, 2);
}

void executor_remove(struct executor *executor, struct database *database,
                     struct keyspace_place *place, enum executor_removal why) {
    executor_begin(executor);
    struct bytes key = entry_key(place->entry);
    bool expired = why == REMOVAL_EXPIRED;
    if (UNLIKELY(executor->readings != NULL)) {
        struct value value;
        keyspace_value(&executor->keyspace, place->entry, &value);
        readings_finish(executor, &value);
    }
    executor_finally(executor, free_entry, keyspace_take_out(&executor->keyspace, database, place));
    journal_removal(executor, database, key, expired);
    count_removal(executor, database, key, expired);
    executor_end(executor);
}

void executor_expired_in_place(struct call *call, struct database *database, struct bytes key) {
    struct executor *executor = call->executor;
    if (call->argv_passes && executor->journal != NULL) key = arena_copy(&executor->arena, key);
    journal_removal(executor, database, key, true);
    count_removal(executor, database, key, true);
}

struct expiry {
    struct executor *executor;
    struct database *database;
};

static void expire_entry(void *context, struct entry *entry) {
    struct expiry *expiry = context;
    struct bytes key = entry_key(entry);
    struct keyspace_place place = keyspace_find(expiry->database, key, hash_bytes(key));
    executor_remove(expiry->executor, expiry->database, &place, REMOVAL_EXPIRED);
}

static const struct command expire_command = {.name = "expire", .access = WRITES_FREELY};

void executor_expire_members(struct executor *executor, struct database *database, struct bytes key,
                             const struct value_type *type) {
    size_t number = 0;
    while (executor->keyspace.types[number] != type) number++;
    struct call call;
    struct output nothing;
    output_init(&nothing, 2);
    call_init(&call, executor, &expire_command, database, NULL, 0, &nothing);
    executor->expiring_members = true;
    executor->member_expirers[number](&call, key);
    executor->expiring_members = false;
    assert(call.open_edits == 0);
    output_deinit(&nothing);
}

static void expire_members(void *context, struct database *database, struct entry *entry) {
    struct executor *executor = context;
    executor_expire_members(executor, database, arena_copy(&executor->arena, entry_key(entry)),
                            keyspace_entry_type(&executor->keyspace, entry));
}

bool executor_expire_due(struct executor *executor, size_t budget) {
    if (executor->replaying || executor->expiry_paused) return true;
    bool done = true;
    executor_begin(executor);
    for (int32_t i = 0; i < executor->keyspace.database_count; i++) {
        struct database *database = &executor->keyspace.databases[i];
        struct expiry expiry = {executor, database};
        if (database->deadlines.wheel.item_count > 0 &&
            !deadlines_advance(&database->deadlines, &database->table, executor->now_us / 1000,
                               budget, expire_entry, &expiry))
            done = false;
        if (!keyspace_advance_members(&executor->keyspace, database, executor->now_us / 1000,
                                      budget, expire_members, executor))
            done = false;
    }
    executor_end(executor);
    return done;
}
