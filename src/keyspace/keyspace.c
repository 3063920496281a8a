/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/keyspace.h"

#include <assert.h>

#include "base/blob.h"
#include "base/memory.h"

#define WHEEL_ITEM_MASK (((uint64_t)1 << 48) - 1)

struct condemned {
    struct hash_table table;
    struct deadlines deadlines;
    struct timing_wheel *member_wheel;
    struct condemned *next;
};

struct condemned_value {
    const struct value_type *type;
    void *boxed;
    struct condemned_value *next;
};

static void database_init(struct database *database, int32_t index, int64_t now_ms) {
    *database = (struct database){.index = index};
    hash_table_init(&database->table, entry_key_of);
    deadlines_init(&database->deadlines, now_ms);
}

void keyspace_init(struct keyspace *keyspace, int32_t database_count, int64_t now_ms,
                   uint64_t seed) {
    assert(database_count > 0 && database_count <= KEYSPACE_DATABASES_MAX);
    *keyspace = (struct keyspace){.database_count = database_count,
                                  .limits = COLLECTION_LIMITS_DEFAULT};
    keyspace->databases = memory_allocate((size_t)database_count * sizeof(keyspace->databases[0]));
    for (int32_t i = 0; i < database_count; i++) database_init(&keyspace->databases[i], i, now_ms);
    random_init(&keyspace->random, seed);
    keyspace->access.lfu_log_factor = 10;
    keyspace->access.lfu_decay_minutes = 1;
    random_init(&keyspace->access.random, seed + 1);
    access_set_time(&keyspace->access, now_ms);
}

void keyspace_deinit(struct keyspace *keyspace) {
    for (int32_t i = 0; i < keyspace->database_count; i++)
        keyspace_flush(keyspace, &keyspace->databases[i], 0);
    while (!keyspace_free_condemned(keyspace, SIZE_MAX)) continue;
    memory_free(keyspace->databases);
    keyspace->databases = NULL;
}

void keyspace_add_type(struct keyspace *keyspace, const struct value_type *type) {
    assert(keyspace->type_count < KEYSPACE_TYPES_MAX);
    keyspace->types[keyspace->type_count++] = type;
}

const struct value_type *keyspace_type_by_name(const struct keyspace *keyspace, struct bytes name) {
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        if (bytes_equal_fold(bytes_of(keyspace->types[i]->name), name)) return keyspace->types[i];
    }
    return NULL;
}

static uint8_t type_index(const struct keyspace *keyspace, const struct value_type *type) {
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        if (keyspace->types[i] == type) return i;
    }
    assert(!"a value of a type that was never added");
    return 0;
}

struct keyspace_place keyspace_find(struct database *database, struct bytes key, uint64_t hash) {
    struct keyspace_place place = {.hash = hash};
    place.entry = hash_table_find(&database->table, hash, key, &place.slot);
    return place;
}

void keyspace_value(const struct keyspace *keyspace, const struct entry *entry,
                    struct value *value) {
    value->type = keyspace->types[entry->type];
    entry_value(entry, value);
}

/* --- disposing of values --- */

static void dispose_boxed(struct keyspace *keyspace, const struct value_type *type, void *boxed,
                          bool anywhere) {
    bool big = anywhere && type->effort != NULL && type->effort(boxed) > VALUE_EFFORT_ASYNC;
    if (big && type->demolish != NULL) {
        struct condemned_value *condemned = memory_allocate(sizeof(*condemned));
        *condemned = (struct condemned_value){type, boxed, keyspace->condemned_values};
        keyspace->condemned_values = condemned;
        keyspace->condemned_count++;
    } else if (big && keyspace->dispose != NULL && type->destroy_anywhere) {
        keyspace->dispose(keyspace->dispose_context, type, boxed);
    } else {
        type->destroy(boxed);
    }
}

static void dispose_value(struct keyspace *keyspace, const struct entry *entry, bool anywhere) {
    if (entry_storage(entry) != VALUE_BOXED) return;
    struct value value;
    keyspace_value(keyspace, entry, &value);
    dispose_boxed(keyspace, value.type, value.boxed, anywhere);
}

static size_t application_share(const struct keyspace *keyspace, const struct entry *entry) {
    return keyspace->types[entry->type]->is_application ? memory_small_class(entry_size(entry)) : 0;
}

/* --- storing --- */

/* True when the new value fits where the old one lies: same parts, same class of size. */
static bool store_in_place(struct database *database, struct keyspace_place *place, uint8_t type,
                           const struct value *value, bool has_deadline, int64_t deadline_ms) {
    struct entry *entry = place->entry;
    if (entry_deadline_flags(has_deadline, deadline_ms) !=
        (entry->flags & (ENTRY_HAS_DEADLINE | ENTRY_DEADLINE_WIDE)))
        return false;
    uint8_t *at = (uint8_t *)entry + (entry_value_start(entry) - (const uint8_t *)entry);
    size_t before = (size_t)(at - (uint8_t *)entry);
    size_t prefix = 0;
    size_t value_size = 8;
    if (value->storage == VALUE_INLINED) {
        prefix = length_size(value->inlined.len);
        value_size = prefix + value->inlined.len;
    }
    if (memory_small_class(before + value_size) != memory_small_class(entry_size(entry)))
        return false;
    if (has_deadline) {
        if (deadline_ms < entry_deadline_ms(entry))
            deadlines_add(&database->deadlines, place->hash, deadline_ms);
        memcpy(entry->rest, &deadline_ms, entry_deadline_size(entry->flags));
    }
    entry->type = type;
    entry->flags = (uint8_t)((entry->flags & (ENTRY_HAS_DEADLINE | ENTRY_DEADLINE_WIDE)) |
                             value->storage | value->encoding << ENTRY_ENCODING_SHIFT);
    if (value->storage == VALUE_INLINED) {
        length_write(at, value->inlined.len);
        if (value->inlined.len > 0) memmove(at + prefix, value->inlined.data, value->inlined.len);
    } else {
        memcpy(at, &value->integer, 8);
    }
    return true;
}

static void count_deadline(struct database *database, bool had, bool has) {
    database->volatile_count += (size_t)has;
    database->volatile_count -= (size_t)had;
}

struct entry *keyspace_make(const struct keyspace *keyspace, struct bytes key,
                            const struct value *value, bool has_deadline, int64_t deadline_ms) {
    return entry_try_create(key, type_index(keyspace, value->type), value, has_deadline,
                            deadline_ms);
}

void keyspace_unmake(struct keyspace *keyspace, struct entry *entry) {
    dispose_value(keyspace, entry, true);
    entry_free(entry);
}

static void note_members(struct keyspace *keyspace, struct database *database, uint64_t hash,
                         const struct entry *entry) {
    const struct value_type *type = keyspace->types[entry->type];
    if (LIKELY(type->next_deadline_ms == NULL)) return;
    struct value value;
    keyspace_value(keyspace, entry, &value);
    keyspace_note_member_deadline(database, hash, type->next_deadline_ms(&value));
}

static inline void put(struct keyspace *keyspace, struct database *database,
                       struct keyspace_place *place, struct entry *entry, int64_t linger_ms) {
    struct entry *old = place->entry;
    access_start(&keyspace->access, entry);
    keyspace->application_bytes += application_share(keyspace, entry);
    bool has = entry_has_deadline(entry);
    bool had = old != NULL && entry_has_deadline(old);
    if (has && (!had || entry_deadline_ms(entry) < entry_deadline_ms(old)))
        deadlines_add(&database->deadlines, place->hash, entry_deadline_ms(entry) + linger_ms);
    note_members(keyspace, database, place->hash, entry);
    if (old == NULL) {
        place->slot = hash_table_insert(&database->table, place->hash, entry);
    } else {
        keyspace->application_bytes -= application_share(keyspace, old);
        dispose_value(keyspace, old, true);
        if (keyspace->access.lfu) memcpy(entry->access, old->access, sizeof(entry->access));
        hash_table_set(place->slot, entry);
        entry_free(old);
    }
    count_deadline(database, had, has);
    database->shape++;
    place->entry = entry;
}

void keyspace_put(struct keyspace *keyspace, struct database *database,
                  struct keyspace_place *place, struct entry *entry) {
    put(keyspace, database, place, entry, 0);
}

/* False: it does not fit where the old one is. */
static bool try_in_place(struct keyspace *keyspace, struct database *database,
                         struct keyspace_place *place, const struct value *value, bool has_deadline,
                         int64_t deadline_ms) {
    struct entry *entry = place->entry;
    struct value before;
    keyspace_value(keyspace, entry, &before);
    size_t share = application_share(keyspace, entry);
    if (!store_in_place(database, place, type_index(keyspace, value->type), value, has_deadline,
                        deadline_ms))
        return false;
    if (before.storage == VALUE_BOXED) dispose_boxed(keyspace, before.type, before.boxed, true);
    access_touch(&keyspace->access, entry);
    keyspace->application_bytes += application_share(keyspace, entry) - share;
    note_members(keyspace, database, place->hash, entry);
    return true;
}

static inline bool store(struct keyspace *keyspace, struct database *database, struct bytes key,
                         struct keyspace_place *place, const struct value *value, bool has_deadline,
                         int64_t deadline_ms, int64_t linger_ms) {
    if (place->entry != NULL &&
        try_in_place(keyspace, database, place, value, has_deadline, deadline_ms))
        return true;
    struct entry *entry = keyspace_make(keyspace, key, value, has_deadline, deadline_ms);
    if (entry == NULL) return false;
    put(keyspace, database, place, entry, linger_ms);
    return true;
}

bool keyspace_store(struct keyspace *keyspace, struct database *database, struct bytes key,
                    struct keyspace_place *place, const struct value *value, bool has_deadline,
                    int64_t deadline_ms) {
    return store(keyspace, database, key, place, value, has_deadline, deadline_ms, 0);
}

bool keyspace_store_lingering(struct keyspace *keyspace, struct database *database,
                              struct bytes key, struct keyspace_place *place,
                              const struct value *value, int64_t deadline_ms, int64_t linger_ms) {
    return store(keyspace, database, key, place, value, true, deadline_ms, linger_ms);
}

void keyspace_rewrite(struct keyspace_place *place, const struct value *value) {
    struct entry *entry = place->entry;
    assert(value->storage != VALUE_INLINED && entry_storage(entry) != VALUE_INLINED);
    uint8_t *at = (uint8_t *)entry + (entry_value_start(entry) - (const uint8_t *)entry);
    entry->flags = (uint8_t)((entry->flags & (ENTRY_HAS_DEADLINE | ENTRY_DEADLINE_WIDE)) |
                             value->storage | value->encoding << ENTRY_ENCODING_SHIFT);
    memcpy(at, &value->integer, 8);
}

/* An entry's block became another size. */
static void count_application(struct keyspace *keyspace, const struct entry *entry, size_t old_size,
                              size_t new_size) {
    if (LIKELY(!keyspace->types[entry->type]->is_application)) return;
    keyspace->application_bytes += memory_small_class(new_size) - memory_small_class(old_size);
}

uint8_t *keyspace_resize(struct keyspace *keyspace, struct database *database,
                         struct keyspace_place *place, size_t len) {
    struct entry *entry = place->entry;
    assert(entry_storage(entry) == VALUE_INLINED);
    size_t before = (size_t)(entry_value_start(entry) - (const uint8_t *)entry);
    size_t old_len;
    size_t old_length_size = length_read((uint8_t *)entry + before, &old_len);
    size_t new_length_size = length_size(len);
    size_t old_size = before + old_length_size + old_len;
    size_t new_size = before + new_length_size + len;
    size_t kept = old_len < len ? old_len : len;
    if (memory_small_class(old_size) != memory_small_class(new_size)) {
        /* Less is never refused: whoever shrinks a value has changed it already. */
        struct entry *moved = new_size < old_size ? memory_small_allocate(new_size)
                                                  : memory_small_try_allocate(new_size);
        if (moved == NULL) return NULL;
        memcpy(moved, entry, before);
        memcpy((uint8_t *)moved + before + new_length_size,
               (uint8_t *)entry + before + old_length_size, kept);
        count_application(keyspace, entry, old_size, new_size);
        memory_small_free(entry, old_size);
        hash_table_set(place->slot, moved);
        place->entry = entry = moved;
        database->shape++;
    } else if (old_length_size != new_length_size) {
        memmove((uint8_t *)entry + before + new_length_size,
                (uint8_t *)entry + before + old_length_size, kept);
    }
    length_write((uint8_t *)entry + before, len);
    return (uint8_t *)entry + before + new_length_size;
}

bool keyspace_set_deadline(struct keyspace *keyspace, struct database *database,
                           struct keyspace_place *place, bool has_deadline, int64_t deadline_ms) {
    struct entry *entry = place->entry;
    bool had = entry_has_deadline(entry);
    if (!had && !has_deadline) return true;
    bool sooner = has_deadline && (!had || deadline_ms < entry_deadline_ms(entry));
    uint8_t flags = entry_deadline_flags(has_deadline, deadline_ms);
    if (keyspace_deadline_in_place(place, has_deadline, deadline_ms)) {
        if (sooner) deadlines_add(&database->deadlines, place->hash, deadline_ms);
        memcpy(entry->rest, &deadline_ms, entry_deadline_size(flags));
        return true;
    }
    size_t old_size = entry_size(entry);
    size_t old_deadline = entry_deadline_size(entry->flags);
    size_t new_deadline = entry_deadline_size(flags);
    size_t new_size = old_size - old_deadline + new_deadline;
    size_t head = sizeof(struct entry);
    struct entry *moved = memory_small_try_allocate(new_size);
    if (moved == NULL) return false;
    if (sooner) deadlines_add(&database->deadlines, place->hash, deadline_ms);
    memcpy(moved, entry, head);
    memcpy(moved->rest, &deadline_ms, new_deadline);
    memcpy(moved->rest + new_deadline, entry->rest + old_deadline, old_size - head - old_deadline);
    moved->flags = (uint8_t)((entry->flags & ~(ENTRY_HAS_DEADLINE | ENTRY_DEADLINE_WIDE)) | flags);
    count_application(keyspace, entry, old_size, new_size);
    memory_small_free(entry, old_size);
    hash_table_set(place->slot, moved);
    place->entry = moved;
    count_deadline(database, had, has_deadline);
    database->shape++;
    return true;
}

/* --- removing --- */

static void unlink_entry(struct keyspace *keyspace, struct database *database,
                         struct keyspace_place *place) {
    keyspace->application_bytes -= application_share(keyspace, place->entry);
    count_deadline(database, entry_has_deadline(place->entry), false);
    hash_table_remove(&database->table, place->slot);
    database->shape++;
}

void keyspace_delete(struct keyspace *keyspace, struct database *database,
                     struct keyspace_place *place, bool anywhere) {
    unlink_entry(keyspace, database, place);
    dispose_value(keyspace, place->entry, anywhere);
    entry_free(place->entry);
    place->entry = NULL;
}

struct entry *keyspace_take_out(struct keyspace *keyspace, struct database *database,
                                struct keyspace_place *place) {
    struct entry *entry = place->entry;
    unlink_entry(keyspace, database, place);
    dispose_value(keyspace, entry, true);
    place->entry = NULL;
    return entry;
}

void *keyspace_extract(struct keyspace *keyspace, struct database *database,
                       struct keyspace_place *place) {
    assert(entry_storage(place->entry) == VALUE_BOXED);
    struct value value;
    keyspace_value(keyspace, place->entry, &value);
    unlink_entry(keyspace, database, place);
    entry_free(place->entry);
    place->entry = NULL;
    return value.boxed;
}

size_t keyspace_flush(struct keyspace *keyspace, struct database *database, int64_t now_ms) {
    size_t count = database->table.item_count;
    if (database->table.bucket_count > 0 || deadlines_memory_bytes(&database->deadlines) > 0 ||
        database->member_wheel != NULL) {
        struct condemned *condemned = memory_allocate(sizeof(*condemned));
        *condemned = (struct condemned){.table = database->table,
                                        .deadlines = database->deadlines,
                                        .member_wheel = database->member_wheel,
                                        .next = keyspace->condemned};
        database->member_wheel = NULL;
        keyspace->condemned = condemned;
        keyspace->condemned_count += count;
        hash_table_init(&database->table, entry_key_of);
        deadlines_init(&database->deadlines, now_ms);
    }
    database->volatile_count = 0;
    database->shape++;
    return count;
}

static void free_visit(void *context, void *item) {
    struct keyspace *keyspace = context;
    struct entry *entry = item;
    keyspace->application_bytes -= application_share(keyspace, entry);
    dispose_value(keyspace, entry, true);
    entry_free(entry);
    keyspace->condemned_count--;
}

static bool free_values(struct keyspace *keyspace, size_t *steps) {
    while (keyspace->condemned_values != NULL) {
        struct condemned_value *condemned = keyspace->condemned_values;
        if (*steps == 0 || !condemned->type->demolish(condemned->boxed, steps)) return false;
        keyspace->condemned_values = condemned->next;
        keyspace->condemned_count--;
        memory_free(condemned);
    }
    return true;
}

bool keyspace_free_condemned(struct keyspace *keyspace, size_t steps) {
    if (!free_values(keyspace, &steps)) return false;
    while (keyspace->condemned != NULL) {
        struct condemned *condemned = keyspace->condemned;
        for (bool more = condemned->table.bucket_count > 0; more;) {
            if (steps < HASH_TABLE_LOAD_MAX) return false;
            steps -= HASH_TABLE_LOAD_MAX;
            more = hash_table_demolish(&condemned->table, free_visit, keyspace);
        }
        if (!free_values(keyspace, &steps)) return false;
        if (!deadlines_demolish(&condemned->deadlines, steps)) return false;
        if (condemned->member_wheel != NULL) {
            if (!timing_wheel_demolish(condemned->member_wheel, steps)) return false;
            memory_free(condemned->member_wheel);
        }
        keyspace->condemned = condemned->next;
        memory_free(condemned);
    }
    return true;
}

/* --- elements that end --- */

void keyspace_note_member_deadline(struct database *database, uint64_t hash, int64_t deadline_ms) {
    if (deadline_ms == INT64_MAX) return;
    if (database->member_wheel == NULL) {
        database->member_wheel = memory_allocate(sizeof(*database->member_wheel));
        timing_wheel_init(database->member_wheel, database->deadlines.wheel.now_ms);
    }
    timing_wheel_add(database->member_wheel, hash & WHEEL_ITEM_MASK, deadline_ms);
}

struct member_examination {
    struct keyspace *keyspace;
    struct database *database;
    uint64_t item;
    int64_t next_ms;     /* the earliest of all entries that the item may stand for */
    struct entry *entry; /* whose it is */
};

static void examine_entry(void *context, void *item) {
    struct member_examination *examination = context;
    const struct entry *entry = item;
    const struct value_type *type = examination->keyspace->types[entry->type];
    if (type->next_deadline_ms == NULL) return;
    if ((hash_bytes(entry_key(entry)) & WHEEL_ITEM_MASK) != examination->item) return;
    struct value value;
    keyspace_value(examination->keyspace, entry, &value);
    int64_t next_ms = type->next_deadline_ms(&value);
    if (next_ms >= examination->next_ms) return;
    examination->next_ms = next_ms;
    examination->entry = item;
}

struct member_expiry {
    struct member_examination examination;
    int64_t now_ms;
    keyspace_expire_members *expire;
    void *context;
};

static int64_t examine_members(void *context, uint64_t item) {
    struct member_expiry *expiry = context;
    struct member_examination *examination = &expiry->examination;
    examination->item = item;
    for (bool again = false;; again = true) {
        examination->next_ms = INT64_MAX;
        hash_table_visit_like(&examination->database->table, item, examine_entry, examination);
        if (examination->next_ms > expiry->now_ms || again) break;
        expiry->expire(expiry->context, examination->database, examination->entry);
    }
    return examination->next_ms == INT64_MAX ? 0 : examination->next_ms;
}

bool keyspace_advance_members(struct keyspace *keyspace, struct database *database, int64_t now_ms,
                              size_t budget, keyspace_expire_members *expire, void *context) {
    if (database->member_wheel == NULL || database->member_wheel->item_count == 0) return true;
    struct member_expiry expiry = {.examination = {.keyspace = keyspace, .database = database},
                                   .now_ms = now_ms,
                                   .expire = expire,
                                   .context = context};
    return timing_wheel_advance(database->member_wheel, now_ms, budget, examine_members, &expiry);
}

void keyspace_swap(struct keyspace *keyspace, int32_t a, int32_t b) {
    struct database *first = &keyspace->databases[a];
    struct database *second = &keyspace->databases[b];
    struct database held = *first;
    *first = *second;
    *second = held;
    /* What stays with the number: the number itself and who watches it. */
    uint32_t watched = first->watched;
    first->watched = second->watched;
    second->watched = watched;
    first->index = a;
    second->index = b;
    first->shape++;
    second->shape++;
}

static uint64_t next_random(void *context) { return random_next(context); }

struct entry *keyspace_random(struct keyspace *keyspace, struct database *database) {
    return hash_table_random(&database->table, next_random, &keyspace->random);
}

/* --- counting --- */

size_t keyspace_key_count(const struct keyspace *keyspace) {
    size_t count = 0;
    for (int32_t i = 0; i < keyspace->database_count; i++)
        count += keyspace->databases[i].table.item_count;
    return count;
}

size_t keyspace_overhead_bytes(const struct keyspace *keyspace) {
    size_t bytes = memory_block_bytes(keyspace->databases);
    for (int32_t i = 0; i < keyspace->database_count; i++) {
        const struct database *database = &keyspace->databases[i];
        bytes += hash_table_memory_bytes(&database->table);
        bytes += deadlines_memory_bytes(&database->deadlines);
        if (database->member_wheel != NULL)
            bytes += memory_block_bytes(database->member_wheel) +
                     database->member_wheel->memory_bytes;
    }
    return bytes;
}

size_t keyspace_key_bytes(const struct keyspace *keyspace, const struct entry *entry,
                          size_t samples) {
    struct value value;
    keyspace_value(keyspace, entry, &value);
    size_t bytes = memory_small_class(entry_size(entry));
    if (value.storage == VALUE_BOXED) bytes += value.type->bytes(value.boxed, samples);
    return bytes + sizeof(struct hash_bucket) / HASH_TABLE_LOAD_MAX;
}
