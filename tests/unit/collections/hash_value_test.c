/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/hash_value.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "harness/memory_home.h"

#define NAMES 300

static void setup(void) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {2, 7, 1, 8, 2};
    hash_setup(secret);
}

TestSuite(hash_value, .init = setup);

/* A hash that is an array. */
struct field {
    char name[16];
    char text[96];
    int64_t deadline_ms; /* INT64_MAX: none */
};

struct model {
    struct field fields[NAMES];
    size_t count;
};

static struct field *model_find(struct model *model, struct bytes name) {
    for (size_t i = 0; i < model->count; i++)
        if (bytes_equal(bytes_of(model->fields[i].name), name)) return &model->fields[i];
    return NULL;
}

static void model_remove(struct model *model, struct field *field) {
    *field = model->fields[--model->count];
}

static size_t model_alive(const struct model *model, int64_t now_ms) {
    size_t alive = 0;
    for (size_t i = 0; i < model->count; i++) alive += model->fields[i].deadline_ms > now_ms;
    return alive;
}

static int64_t model_next(const struct model *model) {
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < model->count; i++)
        if (model->fields[i].deadline_ms < next_ms) next_ms = model->fields[i].deadline_ms;
    return next_ms;
}

struct checking {
    struct model *model;
    size_t seen;
};

static void check_item(void *context, const struct hash_item *item) {
    struct checking *checking = context;
    const struct field *field = model_find(checking->model, item->field);
    cr_assert_not_null(field);
    cr_assert(bytes_equal(item->value, bytes_of(field->text)));
    cr_assert_eq(item->deadline_ms, field->deadline_ms);
    checking->seen++;
}

static void expect_same(const struct value *value, struct model *model, int64_t now_ms) {
    struct checking checking = {model, 0};
    hash_visit_all(value, now_ms, check_item, &checking);
    cr_assert_eq(checking.seen, model_alive(model, now_ms));
    cr_assert_eq(hash_count(value, now_ms), checking.seen);
    cr_assert_eq(hash_count(value, HASH_ALL), model->count);
    cr_assert_eq(hash_next_deadline_ms(value), model_next(model));
    struct hash_item item;
    for (size_t i = 0; i < model->count; i++) {
        const struct field *field = &model->fields[i];
        bool found = hash_find(value, bytes_of(field->name), now_ms, &item);
        cr_assert_eq(found, field->deadline_ms > now_ms);
        if (found) cr_assert(bytes_equal(item.value, bytes_of(field->text)));
    }
    cr_assert_not(hash_find(value, BYTES("nobody"), HASH_ALL, &item));
}

static struct collection_limits limits_of(uint32_t entries) {
    struct collection_limits limits = COLLECTION_LIMITS_DEFAULT;
    limits.hash_packed_entries = entries;
    return limits;
}

static void any_text(struct random *random, char text[96], bool may_be_long) {
    switch (random_next(random) % 5) {
    case 0: snprintf(text, 96, "%d", (int)random_below(random, 200)); break;
    case 1: snprintf(text, 96, "%ld", (long)random_next(random)); break;
    case 2: text[0] = '\0'; break;
    default: {
        size_t len = random_below(random, may_be_long ? 90 : 60);
        memset(text, (int)('a' + random_below(random, 26)), len);
        text[len] = '\0';
    }
    }
}

struct life {
    struct memory_home home;
    struct model model;
    struct random random;
    struct collection_limits limits;
    bool long_texts;
    int64_t now_ms;
};

static void put(struct life *life, const char *name) {
    char text[96];
    any_text(&life->random, text, life->long_texts);
    struct field *field = model_find(&life->model, bytes_of(name));
    bool keep = random_next(&life->random) % 2;
    cr_assert_eq(hash_put(&life->home.home, &life->limits, bytes_of(name), bytes_of(text), keep),
                 field == NULL ? HASH_ADDED : HASH_UPDATED);
    if (field == NULL) {
        field = &life->model.fields[life->model.count++];
        snprintf(field->name, sizeof(field->name), "%s", name);
        field->deadline_ms = INT64_MAX;
    }
    memcpy(field->text, text, sizeof(text));
    if (!keep) field->deadline_ms = INT64_MAX;
}

static void set_deadline(struct life *life, struct field *field) {
    int64_t deadline_ms = random_next(&life->random) % 4 == 0
                              ? -1
                              : life->now_ms + (int64_t)random_below(&life->random, 500);
    cr_assert(hash_set_deadline(&life->home.home, bytes_of(field->name), deadline_ms));
    field->deadline_ms = deadline_ms < 0 ? INT64_MAX : deadline_ms;
}

/* Takes out what is due, as a family does. */
static void expire(struct life *life) {
    struct hash_item item;
    while (hash_due(&life->home.value, life->now_ms, &item)) {
        struct field *field = model_find(&life->model, item.field);
        cr_assert_leq(field->deadline_ms, life->now_ms);
        cr_assert(hash_remove(&life->home.home, bytes_of(field->name)));
        model_remove(&life->model, field);
    }
    cr_assert_eq(model_alive(&life->model, life->now_ms), life->model.count);
}

static uint8_t live(uint32_t packed_entries, size_t names, bool long_texts, bool deadlines,
                    uint64_t seed) {
    static struct life life;
    life = (struct life){.limits = limits_of(packed_entries), .long_texts = long_texts};
    life.now_ms = 1000;
    random_init(&life.random, seed);
    memory_home_init(&life.home);
    for (int step = 0; step < 4000; step++) {
        char name[16];
        snprintf(name, sizeof(name), random_next(&life.random) % 2 ? "%d" : "field:%d",
                 (int)random_below(&life.random, names));
        struct field *field = model_find(&life.model, bytes_of(name));
        uint64_t deed = random_next(&life.random) % 10;
        if (deed < 6 || life.home.value.type == NULL) {
            put(&life, name);
        } else if (deed < 8) {
            cr_assert_eq(hash_remove(&life.home.home, bytes_of(name)), field != NULL);
            if (field != NULL) model_remove(&life.model, field);
        } else if (deadlines && field != NULL) {
            set_deadline(&life, field);
        }
        if (deadlines) life.now_ms += (int64_t)random_below(&life.random, 3);
        if (step % 40 == 39) expect_same(&life.home.value, &life.model, life.now_ms);
        if (step % 100 == 99) expire(&life);
    }
    expect_same(&life.home.value, &life.model, life.now_ms);
    uint8_t encoding = life.home.value.encoding;
    memory_home_deinit(&life.home);
    return encoding;
}

Test(hash_value, behaves_as_an_array_of_fields_packed_big_and_on_the_way) {
    cr_assert_eq(live(1000, 60, false, false, 1), HASH_PAIRS);
    cr_assert_eq(live(1000, 60, false, true, 2), HASH_TRIPLETS);
    cr_assert_eq(live(40, 60, false, true, 3), HASH_TABLE);
    cr_assert_eq(live(1000, 60, true, true, 4), HASH_TABLE);
    cr_assert_eq(live(0, 140, true, true, 5), HASH_TABLE);
}

Test(hash_value, changes_its_form_at_the_limits) {
    struct memory_home home;
    struct collection_limits limits = limits_of(512);
    char name[80];
    memory_home_init(&home);
    for (int i = 0; i < 512; i++) {
        snprintf(name, sizeof(name), "%064d", i);
        cr_assert_eq(hash_put(&home.home, &limits, bytes_of(name), bytes_of(name), false),
                     HASH_ADDED);
    }
    cr_assert_eq(hash_put(&home.home, &limits, bytes_of(name), BYTES("x"), false), HASH_UPDATED);
    cr_assert_eq(home.value.encoding, HASH_PAIRS);
    cr_assert_eq(hash_put(&home.home, &limits, BYTES("more"), BYTES("x"), false), HASH_ADDED);
    cr_assert_eq(home.value.encoding, HASH_TABLE);
    memory_home_deinit(&home);
    memory_home_init(&home);
    snprintf(name, sizeof(name), "%065d", 1);
    cr_assert_eq(hash_put(&home.home, &limits, BYTES("f"), bytes_of(name), false), HASH_ADDED);
    cr_assert_eq(home.value.encoding, HASH_TABLE);
    memory_home_deinit(&home);
    /* Packed, though longer than what is built on the stack. */
    static char long_text[3000];
    memset(long_text, 'v', sizeof(long_text));
    limits.hash_packed_value = 4000;
    memory_home_init(&home);
    struct bytes text = bytes_make(long_text, sizeof(long_text));
    cr_assert_eq(hash_put(&home.home, &limits, BYTES("f"), text, false), HASH_ADDED);
    cr_assert(hash_set_deadline(&home.home, BYTES("f"), 5000));
    cr_assert_eq(hash_put(&home.home, &limits, BYTES("g"), text, false), HASH_ADDED);
    cr_assert_eq(home.value.encoding, HASH_TRIPLETS);
    cr_assert_eq(hash_count(&home.value, HASH_ALL), 2);
    memory_home_deinit(&home);
}

Test(hash_value, begins_with_many_fields_as_with_one_after_the_other) {
    static char texts[1400][12];
    static struct bytes words[1400];
    struct random random;
    random_init(&random, 9);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        snprintf(texts[i], sizeof(texts[i]), "%s%d", i % 3 ? "w" : "",
                 (int)random_below(&random, 400));
        words[i] = bytes_of(texts[i]);
    }
    for (uint32_t entries = 0; entries < 600; entries += 50) {
        struct collection_limits limits = limits_of(entries);
        for (size_t count = 1; count <= 700; count += 1 + count / 2) {
            struct memory_home at_once, in_turn;
            memory_home_init(&at_once);
            memory_home_init(&in_turn);
            size_t made = hash_put_first(&at_once.home, &limits, words, count);
            for (size_t i = 0; i < count; i++)
                cr_assert_neq(
                    hash_put(&in_turn.home, &limits, words[i * 2], words[i * 2 + 1], false),
                    HASH_REFUSED);
            cr_assert_eq(made, hash_count(&in_turn.value, HASH_ALL));
            cr_assert_eq(at_once.value.encoding, in_turn.value.encoding);
            if (hash_is_packed(&at_once.value))
                cr_assert(bytes_equal(at_once.value.inlined, in_turn.value.inlined));
            memory_home_deinit(&at_once);
            memory_home_deinit(&in_turn);
        }
    }
}

/* --- saving, copying --- */

static void fill(struct memory_home *home, uint32_t packed_entries, int count, int deadlines) {
    struct collection_limits limits = limits_of(packed_entries);
    memory_home_init(home);
    for (int i = 0; i < count; i++) {
        char name[32], text[32];
        snprintf(name, sizeof(name), i % 3 ? "field:%d" : "%d", i);
        snprintf(text, sizeof(text), i % 2 ? "%d" : "text %d", i * 7);
        cr_assert_eq(hash_put(&home->home, &limits, bytes_of(name), bytes_of(text), false),
                     HASH_ADDED);
        if (i < deadlines)
            cr_assert(hash_set_deadline(&home->home, bytes_of(name), 9000 + i * 37 % 11));
    }
}

static void expect_same_digest(const struct value *a, const struct value *b) {
    struct value_digest x = {{0}}, y = {{0}};
    hash_type.digest(a, &x);
    hash_type.digest(b, &y);
    cr_assert_eq(memcmp(&x, &y, sizeof(x)), 0);
}

static void drop(const struct value *value) {
    if (value->storage == VALUE_BOXED) hash_type.destroy(value->boxed);
}

/* Any other bytes: refused, or a hash that can be walked. */
static void load_damaged(struct bytes bytes, uint32_t rdb_type) {
    for (size_t i = 0; i < bytes.len; i++) {
        for (int change = 0; change < 3; change++) {
            char *copy = malloc(bytes.len);
            memcpy(copy, bytes.data, bytes.len);
            size_t len = change == 0 ? i : bytes.len;
            if (change > 0) copy[i] = (char)(copy[i] ^ (change == 1 ? 0xff : 1));
            struct decoder decoder;
            struct value value;
            decoder_init(&decoder, bytes_make(copy, len));
            if (hash_type.load(&decoder, rdb_type, &value) == OUTCOME_OK) {
                struct value_digest digest = {{0}};
                hash_type.digest(&value, &digest);
                drop(&value);
            }
            decoder_deinit(&decoder);
            free(copy);
        }
    }
}

static void save_and_load(const struct value *saved, uint32_t rdb_type) {
    struct encoder encoder;
    struct decoder decoder;
    struct value value;
    encoder_init(&encoder);
    cr_assert_eq(hash_type.rdb_type_of(saved), rdb_type);
    hash_type.save(saved, &encoder);
    decoder_init(&decoder, encoder_bytes(&encoder));
    cr_assert_eq(hash_type.load(&decoder, rdb_type, &value), OUTCOME_OK);
    cr_assert(decoder_at_end(&decoder));
    expect_same_digest(&value, saved);
    drop(&value);
    decoder_deinit(&decoder);
    load_damaged(encoder_bytes(&encoder), rdb_type);
    encoder_deinit(&encoder);
}

Test(hash_value, comes_back_from_what_it_was_saved_as) {
    static const struct {
        uint32_t packed_entries;
        int count, deadlines;
        uint32_t rdb_type;
    } forms[] = {{512, 40, 0, 16}, {512, 40, 13, 25}, {10, 40, 0, 4}, {10, 40, 13, 24}};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct memory_home home;
        fill(&home, forms[i].packed_entries, forms[i].count, forms[i].deadlines);
        save_and_load(&home.value, forms[i].rdb_type);
        memory_home_deinit(&home);
    }
    /* Triplets whose deadlines have all gone are saved as what any Redis reads. */
    struct memory_home home;
    fill(&home, 512, 10, 1);
    cr_assert(hash_set_deadline(&home.home, BYTES("0"), -1));
    cr_assert_eq(home.value.encoding, HASH_TRIPLETS);
    save_and_load(&home.value, 16);
    memory_home_deinit(&home);
}

static enum outcome load_text(const char *data, size_t len, uint32_t rdb_type, struct value *value,
                              struct decoder *decoder) {
    decoder_init(decoder, bytes_make(data, len));
    return hash_type.load(decoder, rdb_type, value);
}
#define LOAD(literal, rdb_type) load_text(literal, sizeof(literal) - 1, rdb_type, &value, &decoder)

/* Payloads of live servers, without version and checksum. */
Test(hash_value, reads_what_other_servers_write) {
    struct decoder decoder;
    struct value value;
    struct hash_item item;
    cr_assert_eq(LOAD("\x11\x11\0\0\0\4\0\x81"
                      "a\2\1\1\x81"
                      "b\2\2\1\xff",
                      16),
                 OUTCOME_OK);
    cr_assert(hash_find(&value, BYTES("b"), HASH_ALL, &item));
    cr_assert(bytes_equal(item.value, BYTES("2")));
    decoder_deinit(&decoder);
    /* Valkey 9: each field with its deadline. */
    cr_assert_eq(
        LOAD("\2\1c\xc0\3\0P\\\x18\xa3\1\0\0\1b\xc0\2\xff\xff\xff\xff\xff\xff\xff\xff", 22),
        OUTCOME_OK);
    cr_assert_eq(value.encoding, HASH_TRIPLETS);
    cr_assert(hash_find(&value, BYTES("c"), HASH_ALL, &item));
    cr_assert_eq(item.deadline_ms, 1800000000000);
    cr_assert(hash_find(&value, BYTES("b"), HASH_ALL, &item));
    cr_assert_eq(item.deadline_ms, INT64_MAX);
    decoder_deinit(&decoder);
    /* Redis 8: the earliest deadline, and triplets; Redis 7.4's candidates: the latter alone. */
#define TRIPLETS                             \
    "\x1d\x1d\0\0\0\6\0\x81"                 \
    "a\2\1\1\xf4\0P\\\x18\xa3\1\0\0\x09\x81" \
    "b\2\2\1\0\1\xff"
    cr_assert_eq(LOAD("\0P\\\x18\xa3\1\0\0" TRIPLETS, 25), OUTCOME_OK);
    cr_assert_eq(hash_next_deadline_ms(&value), 1800000000000);
    decoder_deinit(&decoder);
    cr_assert_eq(LOAD(TRIPLETS, 23), OUTCOME_OK);
    cr_assert_eq(hash_count(&value, HASH_ALL), 2);
    decoder_deinit(&decoder);
    /* A deadline at the beginning of time is one, packed as well. */
    cr_assert_eq(LOAD("\0\0\0\0\0\0\0\0\2\1\1a\1x\5\1b\1y", 24), OUTCOME_OK);
    cr_assert_eq(value.encoding, HASH_TRIPLETS);
    cr_assert_eq(hash_count(&value, 4), 0);
    cr_assert_eq(hash_count(&value, HASH_ALL), 2);
    decoder_deinit(&decoder);
    /* A zipmap of one pair. */
    cr_assert_eq(LOAD("\x0b\1\3foo\3\0bar\xff", 9), OUTCOME_OK);
    cr_assert(hash_find(&value, BYTES("foo"), HASH_ALL, &item));
    cr_assert(bytes_equal(item.value, BYTES("bar")));
    decoder_deinit(&decoder);
}

Test(hash_value, refuses_what_is_empty_double_or_has_no_deadline_where_one_belongs) {
    struct decoder decoder;
    struct value value;
    cr_assert_eq(LOAD("\0", 4), OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
    cr_assert_eq(LOAD("\2\1a\1x\1a\1y", 4), OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
    cr_assert_eq(LOAD("\x11\x11\0\0\0\4\0\x81"
                      "a\2\1\1\x81"
                      "a\2\2\1\xff",
                      16),
                 OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
    cr_assert_eq(LOAD("\7\7\0\0\0\0\0\xff", 16), OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
    cr_assert_eq(LOAD("\x10\x10\0\0\0\3\0\x81"
                      "a\2\1\1\x81"
                      "x\2\xff",
                      23),
                 OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
}

Test(hash_value, has_one_digest_whatever_its_form) {
    struct memory_home packed, big;
    fill(&packed, 128, 50, 7);
    fill(&big, 0, 50, 7);
    cr_assert_neq(packed.value.encoding, big.value.encoding);
    expect_same_digest(&packed.value, &big.value);
    memory_home_deinit(&packed);
    memory_home_deinit(&big);
}

Test(hash_value, copies_and_counts_all_of_its_memory) {
    size_t before = memory_used_bytes();
    struct memory_home home;
    fill(&home, 0, 3000, 100);
    cr_assert_eq(hash_type.bytes(home.value.boxed, 0), memory_used_bytes() - before);
    struct value copy = home.value;
    copy.boxed = hash_type.copy(home.value.boxed);
    expect_same_digest(&copy, &home.value);
    size_t slices = 0, steps;
    do {
        steps = 100;
        slices++;
    } while (!hash_type.demolish(copy.boxed, &steps));
    cr_assert_gt(slices, 20);
    memory_home_deinit(&home);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(hash_value, tells_and_sets_the_deadline_of_any_field) {
    for (uint32_t entries = 0; entries < 600; entries += 512) {
        struct memory_home home;
        int64_t deadline_ms;
        fill(&home, entries, 20, 0);
        cr_assert_not(hash_type.member_deadline_ms(&home.value, BYTES("nobody"), &deadline_ms));
        cr_assert(hash_type.member_deadline_ms(&home.value, BYTES("field:7"), &deadline_ms));
        cr_assert_eq(deadline_ms, INT64_MAX);
        cr_assert(hash_type.set_member_deadline(&home.home, BYTES("field:7"), 5000));
        cr_assert(hash_type.member_deadline_ms(&home.value, BYTES("field:7"), &deadline_ms));
        cr_assert_eq(deadline_ms, 5000);
        cr_assert_eq(hash_type.next_deadline_ms(&home.value), 5000);
        cr_assert(hash_type.set_member_deadline(&home.home, BYTES("field:7"), -1));
        cr_assert_eq(hash_type.next_deadline_ms(&home.value), INT64_MAX);
        memory_home_deinit(&home);
    }
}

/* --- scanning, throwing --- */

/* The number in a field's name, which no zero byte ends. */
static size_t number_of(struct bytes name) {
    size_t number = 0;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] >= '0' && name.data[i] <= '9')
            number = number * 10 + (size_t)(name.data[i] - '0');
    return number;
}

static void note_seen(void *context, const struct hash_item *item) {
    bool *seen = context;
    seen[number_of(item->field)] = true;
}

Test(hash_value, shows_every_field_to_a_scan_that_is_not_due) {
    struct memory_home home;
    fill(&home, 0, 1500, 11);
    bool seen[1500] = {false};
    uint64_t cursor = 0;
    do cursor = hash_scan(&home.value, cursor, 9005, note_seen, seen);
    while (cursor != 0);
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(seen); i++) count += seen[i];
    cr_assert_eq(count, hash_count(&home.value, 9005));
    cr_assert_eq(count, 1494); /* 9000 to 9010 were given, each once */
    memory_home_deinit(&home);
}

Test(hash_value, throws_for_each_field_as_often_and_for_none_that_is_due) {
    struct memory_home home;
    struct random random;
    size_t thrown[40] = {0};
    random_init(&random, 3);
    fill(&home, 0, 40, 11);
    for (int i = 0; i < 34000; i++) {
        const struct member *member = hash_throw(&home.value, 9005, &random);
        cr_assert_gt(member_deadline_ms(member), 9005);
        thrown[number_of(member_name(member))]++;
    }
    for (size_t i = 0; i < 40; i++)
        if (thrown[i] > 0) cr_expect(thrown[i] > 850 && thrown[i] < 1150, "%zu", thrown[i]);
    memory_home_deinit(&home);
}
