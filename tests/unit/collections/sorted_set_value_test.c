/* SPDX-License-Identifier: BSD-3-Clause */
#include "collections/sorted_set_value.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "harness/memory_home.h"

#define NAMES 400

static void setup(void) {
    static const uint8_t secret[HASH_SECRET_BYTES] = {3, 1, 4, 1, 5};
    hash_setup(secret);
}

TestSuite(sorted_set_value, .init = setup);

/* A sorted set that is an array. */
struct pair {
    char name[16];
    double score;
};

struct model {
    struct pair pairs[NAMES];
    size_t count;
};

static int pair_compare(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return strcmp(x->name, y->name);
}

static size_t model_find(const struct model *model, const char *name) {
    size_t i = 0;
    while (i < model->count && strcmp(model->pairs[i].name, name) != 0) i++;
    return i;
}

static void model_put(struct model *model, const char *name, double score) {
    size_t i = model_find(model, name);
    if (i == model->count) snprintf(model->pairs[model->count++].name, 16, "%s", name);
    model->pairs[i].score = score;
    qsort(model->pairs, model->count, sizeof(struct pair), pair_compare);
}

static void model_remove(struct model *model, size_t at, size_t count) {
    memmove(model->pairs + at, model->pairs + at + count,
            (model->count - at - count) * sizeof(struct pair));
    model->count -= count;
}

static void expect_item(const struct sorted_set_walk *walk, const struct pair *pair) {
    cr_assert(bytes_equal(walk->item.name, bytes_of(pair->name)));
    cr_assert_eq(walk->item.score, pair->score);
}

static void expect_same(const struct value *value, const struct model *model) {
    struct sorted_set_walk walk;
    cr_assert_eq(sorted_set_count(value), model->count);
    size_t at = 0;
    bool on = sorted_set_walk_start(&walk, value, 0);
    for (; on; on = sorted_set_walk_next(&walk)) expect_item(&walk, &model->pairs[at++]);
    cr_assert_eq(at, model->count);
    on = at > 0 && sorted_set_walk_start(&walk, value, at - 1);
    for (; on; on = sorted_set_walk_previous(&walk)) expect_item(&walk, &model->pairs[--at]);
    cr_assert_eq(at, 0);
    for (size_t i = 0; i < model->count; i++) {
        double score;
        size_t rank;
        struct bytes name = bytes_of(model->pairs[i].name);
        cr_assert(sorted_set_rank(value, name, &score, &rank));
        cr_assert_eq(rank, i);
        cr_assert_eq(score, model->pairs[i].score);
        size_t below = 0, upto = 0;
        while (below < model->count && model->pairs[below].score < score) below++;
        for (upto = below; upto < model->count && model->pairs[upto].score <= score;) upto++;
        cr_assert_eq(sorted_set_seek_score(value, score, false), below);
        cr_assert_eq(sorted_set_seek_score(value, score, true), upto);
    }
    cr_assert_not(sorted_set_find(value, BYTES("nobody"), NULL));
}

static double any_score(struct random *random) {
    switch (random_next(random) % 5) {
    case 0: return (double)(random_next(random) % 10);
    case 1: return (double)(random_next(random) % 1000) / 8;
    case 2: return random_next(random) % 2 ? INFINITY : -INFINITY;
    case 3: return (double)(int64_t)random_next(random);
    default: return -(double)(random_next(random) % 100000);
    }
}

static const struct collection_limits *limits_of(uint32_t entries) {
    static struct collection_limits limits;
    limits = COLLECTION_LIMITS_DEFAULT;
    limits.sorted_set_packed_entries = entries;
    return &limits;
}

static void live(uint32_t packed_entries, size_t names, uint64_t seed) {
    struct random random;
    random_init(&random, seed);
    struct memory_home home;
    memory_home_init(&home);
    struct model model = {.count = 0};
    const struct collection_limits *limits = limits_of(packed_entries);
    for (int step = 0; step < 3000; step++) {
        char name[16];
        snprintf(name, sizeof(name), random_next(&random) % 2 ? "%d" : "m%d",
                 (int)(random_next(&random) % names));
        size_t known = model_find(&model, name);
        if (random_next(&random) % 4 != 0) {
            double score = any_score(&random);
            enum sorted_set_outcome wanted = known == model.count ? SORTED_SET_ADDED
                                             : model.pairs[known].score == score
                                                 ? SORTED_SET_SAME
                                                 : SORTED_SET_UPDATED;
            cr_assert_eq(sorted_set_put(&home.home, limits, bytes_of(name), score), wanted);
            model_put(&model, name, score);
        } else if (home.value.type != NULL) {
            bool there = known < model.count;
            cr_assert_eq(sorted_set_remove(&home.home, bytes_of(name)), there);
            if (there) model_remove(&model, known, 1);
        }
        if (step % 500 == 499 && model.count > 10) {
            sorted_set_remove_ranks(&home.home, 3, 5, NULL, NULL);
            model_remove(&model, 3, 5);
        }
        if (step % 50 == 49) expect_same(&home.value, &model);
    }
    cr_assert_eq(home.value.encoding,
                 packed_entries >= 2 * names ? SORTED_SET_PACKED : SORTED_SET_TREE);
    expect_same(&home.value, &model);
    memory_home_deinit(&home);
}

Test(sorted_set_value, behaves_as_a_sorted_array_packed_big_and_on_the_way) {
    live(1000, 60, 1);
    live(20, 60, 2);
    live(0, 150, 3);
}

Test(sorted_set_value, changes_its_form_at_the_limits) {
    struct memory_home home;
    memory_home_init(&home);
    char name[80];
    for (int i = 0; i < 128; i++) {
        snprintf(name, sizeof(name), "%064d", i);
        cr_assert_eq(sorted_set_put(&home.home, limits_of(128), bytes_of(name), i),
                     SORTED_SET_ADDED);
    }
    cr_assert_eq(home.value.encoding, SORTED_SET_PACKED);
    cr_assert_eq(sorted_set_put(&home.home, limits_of(128), bytes_of(name), 5), SORTED_SET_UPDATED);
    cr_assert_eq(home.value.encoding, SORTED_SET_PACKED);
    cr_assert_eq(sorted_set_put(&home.home, limits_of(128), BYTES("more"), 5), SORTED_SET_ADDED);
    cr_assert_eq(home.value.encoding, SORTED_SET_TREE);
    memory_home_deinit(&home);
    memory_home_init(&home);
    snprintf(name, sizeof(name), "%065d", 1);
    cr_assert_eq(sorted_set_put(&home.home, limits_of(128), bytes_of(name), 5), SORTED_SET_ADDED);
    cr_assert_eq(home.value.encoding, SORTED_SET_TREE);
    memory_home_deinit(&home);
}

static void fill(struct memory_home *home, uint32_t packed_entries, int count) {
    memory_home_init(home);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), i % 3 ? "member:%d" : "%d", i);
        cr_assert_eq(sorted_set_put(&home->home, limits_of(packed_entries), bytes_of(name),
                                    i % 2 ? i : i / 4.0),
                     SORTED_SET_ADDED);
    }
}

static void digest_of(const struct value *value, struct value_digest *digest) {
    *digest = (struct value_digest){{0}};
    value->type->digest(value, digest);
}

static void expect_same_digest(const struct value *a, const struct value *b) {
    struct value_digest x, y;
    digest_of(a, &x);
    digest_of(b, &y);
    cr_assert_eq(memcmp(&x, &y, sizeof(x)), 0);
}

static enum outcome load_from(struct bytes bytes, uint32_t rdb_type, struct decoder *decoder,
                              struct value *value) {
    decoder_init(decoder, bytes);
    enum outcome outcome = sorted_set_type.load(decoder, rdb_type, value);
    return outcome;
}

static void save_and_load(struct memory_home *home) {
    struct encoder encoder;
    encoder_init(&encoder);
    uint32_t rdb_type = sorted_set_type.rdb_type_of(&home->value);
    if (rdb_type == VALUE_RDB_MODULE) rdb_type = VALUE_RDB_AS_MODULE | 1;
    sorted_set_type.save(&home->value, &encoder);
    struct decoder decoder;
    struct value value;
    cr_assert_eq(load_from(encoder_bytes(&encoder), rdb_type, &decoder, &value), OUTCOME_OK);
    cr_assert(decoder_at_end(&decoder));
    cr_assert_eq(value.encoding, home->value.encoding);
    expect_same_digest(&value, &home->value);
    if (value.storage == VALUE_BOXED) sorted_set_type.destroy(value.boxed);
    decoder_deinit(&decoder);
    /* Whatever is missing or other: refused, or a set that can be walked. */
    for (size_t i = 0; i < encoder.len; i++) {
        for (int change = 0; change < 3; change++) {
            char *copy = malloc(encoder.len);
            memcpy(copy, encoder.data, encoder.len);
            size_t len = change == 0 ? i : encoder.len;
            if (change > 0) copy[i] = (char)(copy[i] ^ (change == 1 ? 0xff : 1));
            if (load_from(bytes_make(copy, len), rdb_type, &decoder, &value) == OUTCOME_OK) {
                struct value_digest digest;
                digest_of(&value, &digest);
                if (value.storage == VALUE_BOXED) sorted_set_type.destroy(value.boxed);
            }
            decoder_deinit(&decoder);
            free(copy);
        }
    }
    encoder_deinit(&encoder);
}

Test(sorted_set_value, comes_back_from_what_it_was_saved_as) {
    struct memory_home home;
    fill(&home, 128, 50);
    save_and_load(&home);
    memory_home_deinit(&home);
    fill(&home, 10, 70);
    save_and_load(&home);
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("member:7"), 5000));
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("0"), 70000));
    save_and_load(&home);
    memory_home_deinit(&home);
}

Test(sorted_set_value, has_one_digest_whatever_its_form) {
    struct memory_home packed, big;
    fill(&packed, 128, 50);
    fill(&big, 0, 50);
    cr_assert_neq(packed.value.encoding, big.value.encoding);
    expect_same_digest(&packed.value, &big.value);
    memory_home_deinit(&packed);
    memory_home_deinit(&big);
}

Test(sorted_set_value, copies_and_counts_all_of_its_memory) {
    size_t before = memory_used_bytes();
    struct memory_home home;
    fill(&home, 0, 3000);
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("member:7"), 5000));
    cr_assert_eq(sorted_set_type.bytes(home.value.boxed, 0), memory_used_bytes() - before);
    struct value copy = home.value;
    copy.boxed = sorted_set_type.copy(home.value.boxed);
    expect_same_digest(&copy, &home.value);
    size_t slices = 0, steps;
    do {
        steps = 100;
        slices++;
    } while (!sorted_set_type.demolish(copy.boxed, &steps));
    cr_assert_gt(slices, 20);
    memory_home_deinit(&home);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(sorted_set_value, knows_which_member_ends_first) {
    struct memory_home home;
    fill(&home, 128, 20);
    struct bytes name;
    cr_assert_eq(sorted_set_type.next_deadline_ms(&home.value), INT64_MAX);
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("member:7"), 5000));
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("member:8"), 4000));
    cr_assert_eq(sorted_set_type.next_deadline_ms(&home.value), 4000);
    cr_assert_not(sorted_set_due(&home.value, 3999, &name));
    cr_assert(sorted_set_due(&home.value, 4000, &name));
    cr_assert(bytes_equal(name, BYTES("member:8")));
    /* Another score keeps the deadline; so does a score of another width. */
    cr_assert_eq(sorted_set_put(&home.home, limits_of(128), BYTES("member:8"), 0.125),
                 SORTED_SET_UPDATED);
    cr_assert_eq(sorted_set_type.next_deadline_ms(&home.value), 4000);
    cr_assert(sorted_set_remove(&home.home, BYTES("member:8")));
    cr_assert_eq(sorted_set_type.next_deadline_ms(&home.value), 5000);
    cr_assert(sorted_set_set_deadline(&home.home, BYTES("member:7"), -1));
    cr_assert_eq(sorted_set_type.next_deadline_ms(&home.value), INT64_MAX);
    memory_home_deinit(&home);
}

Test(sorted_set_value, seeks_by_name_where_scores_are_equal) {
    for (uint32_t packed = 0; packed < 200; packed += 150) {
        struct memory_home home;
        memory_home_init(&home);
        for (int i = 0; i < 100; i++) {
            char name[16];
            snprintf(name, sizeof(name), "n%03d", i * 2);
            cr_assert_eq(sorted_set_put(&home.home, limits_of(packed), bytes_of(name), 0),
                         SORTED_SET_ADDED);
        }
        for (size_t i = 0; i < 200; i++) {
            char name[16];
            snprintf(name, sizeof(name), "n%03zu", i);
            cr_assert_eq(sorted_set_seek_name(&home.value, bytes_of(name), false), (i + 1) / 2);
            cr_assert_eq(sorted_set_seek_name(&home.value, bytes_of(name), true), i / 2 + 1);
        }
        memory_home_deinit(&home);
    }
}

static void count_visit(void *context, const struct sorted_set_item *item) {
    (void)item;
    ++*(size_t *)context;
}

Test(sorted_set_value, shows_every_member_to_a_scan) {
    for (uint32_t packed = 0; packed < 2000; packed += 1999) {
        struct memory_home home;
        fill(&home, packed, 1500);
        size_t seen = 0;
        uint64_t cursor = 0;
        do cursor = sorted_set_scan(&home.value, cursor, count_visit, &seen);
        while (cursor != 0);
        cr_assert_eq(seen, 1500);
        memory_home_deinit(&home);
    }
}

Test(sorted_set_value, takes_less_than_forty_eight_bytes_a_member) {
    size_t before = memory_used_bytes();
    struct sorted_set *set = sorted_set_create();
    enum { COUNT = 200000 };
    struct random random;
    random_init(&random, 4);
    for (int i = 0; i < COUNT; i++) {
        char name[32];
        snprintf(name, sizeof(name), "member:%09d", i);
        struct member_parts parts = {.name = bytes_of(name),
                                     .score = (double)(random_next(&random) % 1000000000)};
        cr_assert(sorted_set_add(set, &parts));
    }
    double each = (double)(memory_used_bytes() - before) / COUNT;
    cr_assert_lt(each, 48, "%.2f bytes", each);
    sorted_set_destroy(set);
}
