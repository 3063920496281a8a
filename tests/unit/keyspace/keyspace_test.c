/* SPDX-License-Identifier: BSD-3-Clause */
/* The databases against a model, operation by operation, and memory that comes back. */
#include "unit/keyspace/keyspace_fixture.h"

#include "base/blob.h"

enum { KEYS = 600 };

/* What a key must hold. */
struct expected {
    bool there;
    uint8_t kind; /* how `payload` is to be read */
    bool has_deadline;
    int64_t deadline_ms;
    int64_t integer;
    size_t len;
    char bytes[1200];
};
enum { KIND_INTEGER, KIND_TEXT, KIND_OBJECT };

struct model {
    struct keyspace keyspace;
    struct random random;
    struct expected keys[2][KEYS];
    size_t handed_off;
};

static uint64_t below(struct model *model, uint64_t bound) {
    return random_below(&model->random, bound);
}

static void check_key(struct model *model, int db, uint32_t number) {
    const struct expected *expected = &model->keys[db][number];
    struct keyspace_place place = place_of(&model->keyspace.databases[db], number);
    cr_assert_eq(place.entry != NULL, expected->there);
    if (!expected->there) return;
    struct value value;
    keyspace_value(&model->keyspace, place.entry, &value);
    cr_assert_eq(entry_has_deadline(place.entry), expected->has_deadline);
    if (expected->has_deadline) cr_assert_eq(entry_deadline_ms(place.entry), expected->deadline_ms);
    if (expected->kind == KIND_OBJECT) {
        cr_assert_eq(value.type, &object_type);
        cr_assert_eq(((struct object *)value.boxed)->number, expected->integer);
        return;
    }
    char scratch[TEXT_INTEGER_MAX];
    cr_assert_eq(value.type, &string_type);
    struct bytes bytes = string_bytes(&value, scratch);
    cr_assert(bytes_equal(bytes, bytes_make(expected->bytes, expected->len)));
}

static void check_counts(struct model *model) {
    size_t total = 0;
    for (int db = 0; db < 2; db++) {
        size_t count = 0, with_deadline = 0;
        for (uint32_t i = 0; i < KEYS; i++) {
            check_key(model, db, i);
            count += model->keys[db][i].there;
            with_deadline += model->keys[db][i].there && model->keys[db][i].has_deadline;
        }
        cr_assert_eq(model->keyspace.databases[db].table.item_count, count);
        cr_assert_eq(model->keyspace.databases[db].volatile_count, with_deadline);
        cr_assert_eq(model->keyspace.databases[db].index, db);
        total += count;
    }
    cr_assert_eq(keyspace_key_count(&model->keyspace), total);
}

static struct value some_value(struct model *model, struct expected *expected) {
    uint64_t kind = below(model, 10);
    expected->there = true;
    if (kind == 0) {
        expected->kind = KIND_OBJECT;
        expected->integer = (int64_t)below(model, 1000);
        return object_value((uint32_t)expected->integer);
    }
    expected->kind = KIND_TEXT;
    if (kind < 3) {
        expected->len = text_from_integer(expected->bytes, (int64_t)random_next(&model->random));
    } else {
        expected->len = below(model, kind < 8 ? 60 : sizeof(expected->bytes));
        memset(expected->bytes, (int)('a' + below(model, 26)), expected->len);
    }
    return text_value(bytes_make(expected->bytes, expected->len));
}

static void some_deadline(struct model *model, struct expected *expected) {
    expected->has_deadline = below(model, 2) == 0;
    expected->deadline_ms = 0;
    if (!expected->has_deadline) return;
    expected->deadline_ms = START_MS + (int64_t)below(model, 1000000);
    if (below(model, 20) == 0) expected->deadline_ms = INT64_MAX - (int64_t)below(model, 100);
    if (below(model, 20) == 0) expected->deadline_ms = -(int64_t)below(model, 100);
}

static void step_store(struct model *model, int db, uint32_t number) {
    struct key_name name;
    key_named(&name, number);
    struct expected *expected = &model->keys[db][number];
    struct database *database = &model->keyspace.databases[db];
    struct keyspace_place place = keyspace_find(database, name.bytes, name.hash);
    struct value value = some_value(model, expected);
    some_deadline(model, expected);
    cr_assert(keyspace_store(&model->keyspace, database, name.bytes, &place, &value,
                             expected->has_deadline, expected->deadline_ms));
    struct keyspace_place again = keyspace_find(database, name.bytes, name.hash);
    cr_assert_eq(place.entry, again.entry);
    cr_assert(place.slot.bucket == again.slot.bucket && place.slot.index == again.slot.index);
}

static void step_deadline(struct model *model, int db, uint32_t number) {
    struct expected *expected = &model->keys[db][number];
    struct database *database = &model->keyspace.databases[db];
    struct keyspace_place place = place_of(database, number);
    if (place.entry == NULL) return;
    some_deadline(model, expected);
    cr_assert(keyspace_set_deadline(&model->keyspace, database, &place, expected->has_deadline,
                                    expected->deadline_ms));
    cr_assert_eq(place.entry, place_of(database, number).entry);
}

static void step_delete(struct model *model, int db, uint32_t number) {
    struct database *database = &model->keyspace.databases[db];
    struct keyspace_place place = place_of(database, number);
    if (place.entry == NULL) return;
    keyspace_delete(&model->keyspace, database, &place, below(model, 2) == 0);
    cr_assert_null(place.entry);
    model->keys[db][number].there = false;
}

static void step_resize(struct model *model, int db, uint32_t number) {
    struct expected *expected = &model->keys[db][number];
    struct database *database = &model->keyspace.databases[db];
    struct keyspace_place place = place_of(database, number);
    if (place.entry == NULL || entry_storage(place.entry) != VALUE_INLINED) return;
    size_t len = below(model, 700);
    size_t kept = len < expected->len ? len : expected->len;
    uint8_t *bytes = keyspace_resize(&model->keyspace, database, &place, len);
    cr_assert_arr_eq(bytes, expected->bytes, kept);
    memset(bytes + kept, 'z', len - kept);
    memset(expected->bytes + kept, 'z', len - kept);
    expected->len = len;
}

/* As MOVE does: the value itself goes to another database. */
static void step_extract(struct model *model, int db, uint32_t number) {
    struct expected *from = &model->keys[db][number], *to = &model->keys[1 - db][number];
    struct database *database = &model->keyspace.databases[db];
    struct keyspace_place place = place_of(database, number);
    if (place.entry == NULL || to->there || entry_storage(place.entry) != VALUE_BOXED) return;
    struct value value;
    keyspace_value(&model->keyspace, place.entry, &value);
    value.boxed = keyspace_extract(&model->keyspace, database, &place);
    put(&model->keyspace, &model->keyspace.databases[1 - db], number, value,
        from->has_deadline ? from->deadline_ms : 0);
    *to = *from;
    if (to->has_deadline && to->deadline_ms == 0) to->has_deadline = false;
    from->there = false;
}

static void step_rare(struct model *model, int db) {
    static struct expected held[KEYS];
    switch (below(model, 400)) {
    case 0:
        for (uint32_t i = 0; i < KEYS; i++) model->keys[db][i].there = false;
        keyspace_flush(&model->keyspace, &model->keyspace.databases[db], START_MS);
        break;
    case 1:
        memcpy(held, model->keys[0], sizeof(held));
        memcpy(model->keys[0], model->keys[1], sizeof(held));
        memcpy(model->keys[1], held, sizeof(held));
        keyspace_swap(&model->keyspace, 0, 1);
        break;
    case 2: keyspace_free_condemned(&model->keyspace, below(model, 100)); break;
    default: break;
    }
}

static void hand_off(void *context, const struct value_type *type, void *boxed) {
    struct model *model = context;
    cr_assert(type->effort(boxed) > VALUE_EFFORT_ASYNC);
    model->handed_off++;
    type->destroy(boxed);
}

Test(keyspace, holds_what_a_model_holds_and_gives_all_memory_back) {
    struct model *model = memory_allocate_zero(sizeof(*model));
    size_t before = memory_used_bytes();
    fixture_init(&model->keyspace, 2);
    model->keyspace.dispose = hand_off;
    model->keyspace.dispose_context = model;
    random_init(&model->random, 7);
    for (int i = 0; i < 60000; i++) {
        int db = (int)below(model, 2);
        uint32_t number = (uint32_t)below(model, KEYS);
        switch (below(model, 8)) {
        case 0:
        case 1:
        case 2: step_store(model, db, number); break;
        case 3: step_deadline(model, db, number); break;
        case 4: step_delete(model, db, number); break;
        case 5: step_resize(model, db, number); break;
        case 6: step_extract(model, db, number); break;
        default: step_rare(model, db); break;
        }
        check_key(model, db, number);
        if (i % 5000 == 0) check_counts(model);
    }
    check_counts(model);
    cr_assert_gt(model->handed_off, 0);
    for (int db = 0; db < 2; db++)
        keyspace_flush(&model->keyspace, &model->keyspace.databases[db], START_MS);
    while (!keyspace_free_condemned(&model->keyspace, 50)) continue;
    cr_assert_eq(model->keyspace.application_bytes, 0);
    cr_assert_eq(model->keyspace.condemned_count, 0);
    cr_assert_eq(objects_alive, 0);
    keyspace_deinit(&model->keyspace);
    cr_assert_eq(memory_used_bytes(), before);
    memory_free(model);
}

Test(keyspace, changes_nothing_when_memory_is_refused) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    put(&keyspace, database, 1, text_value(BYTES("value")), 0);
    struct keyspace_place place = place_of(database, 1);
    struct value large = {
        .type = &string_type, .storage = VALUE_INLINED, .inlined = {(char[300]){0}, 300}};
    memory_fail_try(1);
    cr_assert_not(keyspace_store(&keyspace, database, BYTES("key:1"), &place, &large, false, 0));
    memory_fail_try(1);
    cr_assert_null(keyspace_resize(&keyspace, database, &place, 300));
    memory_fail_try(1);
    struct keyspace_place other = place_of(database, 2);
    cr_assert_not(keyspace_store(&keyspace, database, BYTES("key:2"), &other, &large, true, 5));
    memory_fail_try(0);
    struct value value;
    keyspace_value(&keyspace, place_of(database, 1).entry, &value);
    cr_assert(bytes_equal(value.inlined, BYTES("value")));
    cr_assert_null(place_of(database, 2).entry);
    cr_assert_eq(database->volatile_count, 0);
    cr_assert_eq(database->deadlines.wheel.item_count, 0);
    keyspace_deinit(&keyspace);
}

Test(keyspace, a_set_over_a_value_of_the_same_class_moves_nothing) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    put(&keyspace, database, 1, text_value(BYTES("one value")), 0);
    struct entry *entry = place_of(database, 1).entry;
    uint64_t shape = database->shape;
    put(&keyspace, database, 1, text_value(BYTES("another")), 0);
    cr_assert_eq(place_of(database, 1).entry, entry);
    cr_assert_eq(database->shape, shape);
    keyspace_deinit(&keyspace);
}

Test(keyspace, a_flush_is_done_at_once_and_freed_in_slices) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    size_t before = memory_used_bytes();
    for (uint32_t i = 0; i < 50000; i++)
        put(&keyspace, database, i, text_value(BYTES("value")), START_MS + i);
    size_t full = memory_used_bytes();
    cr_assert_eq(keyspace_flush(&keyspace, database, START_MS), 50000);
    cr_assert_eq(database->table.item_count, 0);
    cr_assert_eq(database->volatile_count, 0);
    cr_assert_eq(keyspace.condemned_count, 50000);
    put(&keyspace, database, 1, text_value(BYTES("after")), 0);
    size_t last = full;
    int calls = 0;
    for (; !keyspace_free_condemned(&keyspace, 512); calls++) {
        size_t now = memory_used_bytes();
        cr_assert_leq(last - now, 512 * 1024, "one slice freed %zu bytes", last - now);
        last = now;
    }
    cr_assert_gt(calls, 90);
    cr_assert_not_null(place_of(database, 1).entry);
    struct keyspace_place place = place_of(database, 1);
    keyspace_delete(&keyspace, database, &place, false);
    cr_assert_leq(memory_used_bytes(), before + 512, "only the table's first bucket stays");
    keyspace_deinit(&keyspace);
}

Test(keyspace, a_swap_leaves_numbers_and_watchers_where_they_are) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 3);
    put(&keyspace, &keyspace.databases[0], 1, text_value(BYTES("zero")), START_MS + 5);
    keyspace.databases[2].watched = 7;
    keyspace_swap(&keyspace, 0, 2);
    cr_assert_null(place_of(&keyspace.databases[0], 1).entry);
    cr_assert_not_null(place_of(&keyspace.databases[2], 1).entry);
    cr_assert_eq(keyspace.databases[0].index, 0);
    cr_assert_eq(keyspace.databases[2].index, 2);
    cr_assert_eq(keyspace.databases[2].watched, 7);
    cr_assert_eq(keyspace.databases[2].volatile_count, 1);
    cr_assert_eq(keyspace.databases[2].deadlines.wheel.item_count, 1);
    keyspace_deinit(&keyspace);
}

Test(keyspace, reports_the_bytes_of_keys_and_tables_as_they_are_counted) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    size_t before = memory_used_bytes() - keyspace_overhead_bytes(&keyspace);
    char big[5000] = {0};
    size_t said = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        size_t len = i % 700 == 0 ? sizeof(big) : i % 90;
        put(&keyspace, database, i, i % 5 == 0 ? object_value(i) : text_value(bytes_make(big, len)),
            0);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        said += keyspace_key_bytes(&keyspace, place_of(database, i).entry, 0) -
                sizeof(struct hash_bucket) / HASH_TABLE_LOAD_MAX;
    }
    cr_assert_eq(memory_used_bytes() - before, said + keyspace_overhead_bytes(&keyspace));
    cr_assert_gt(keyspace.application_bytes, 0);
    keyspace_deinit(&keyspace);
}

Test(keyspace, finds_types_by_name_whatever_the_case) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    cr_assert_eq(keyspace_type_by_name(&keyspace, BYTES("STRING")), &string_type);
    cr_assert_eq(keyspace_type_by_name(&keyspace, BYTES("object")), &object_type);
    cr_assert_null(keyspace_type_by_name(&keyspace, BYTES("list")));
    keyspace_deinit(&keyspace);
}

Test(keyspace, throws_any_of_its_keys) {
    struct keyspace keyspace;
    fixture_init(&keyspace, 1);
    struct database *database = &keyspace.databases[0];
    cr_assert_null(keyspace_random(&keyspace, database));
    for (uint32_t i = 0; i < 100; i++) put(&keyspace, database, i, string_value_integer(i), 0);
    bool hit[100] = {false};
    for (int i = 0; i < 3000; i++) {
        struct value value;
        keyspace_value(&keyspace, keyspace_random(&keyspace, database), &value);
        hit[value.integer] = true;
    }
    for (int i = 0; i < 100; i++) cr_assert(hit[i]);
    keyspace_deinit(&keyspace);
}
