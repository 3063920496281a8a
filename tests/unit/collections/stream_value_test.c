/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of streams, compared with a plain array through random histories. */
#include "collections/stream_value.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "collections/stream_group.h"

#define MODEL_MAX 4000

struct model {
    struct stream_id ids[MODEL_MAX];
    uint32_t marks[MODEL_MAX]; /* what the entry says */
    size_t count;
};

static void model_remove(struct model *model, size_t at, size_t count) {
    size_t behind = model->count - at - count;
    memmove(model->ids + at, model->ids + at + count, behind * sizeof(model->ids[0]));
    memmove(model->marks + at, model->marks + at + count, behind * sizeof(model->marks[0]));
    model->count -= count;
}

static const struct collection_limits limits = {.stream_block_bytes = 600,
                                                .stream_block_entries = 9};

/* One to three fields; every fourth entry has others than most. */
static bool append(struct stream *stream, struct stream_id id, uint32_t mark) {
    char number[16], text[200];
    int digits = snprintf(number, sizeof(number), "%u", mark);
    memset(text, 'x', sizeof(text));
    struct bytes pairs[] = {mark % 4 == 0 ? BYTES("other") : BYTES("mark"),
                            bytes_make(number, (size_t)digits),
                            BYTES("text"),
                            bytes_make(text, mark % 200),
                            BYTES(""),
                            BYTES("7")};
    return stream_append(stream, &limits, id, pairs, mark % 5 == 0 ? 3 : mark % 5 == 1 ? 2 : 1);
}

static uint32_t mark_of(const struct stream_entry *entry) {
    struct stream_entry copy = *entry;
    int64_t mark = -1;
    bool read = text_to_integer(stream_entry_pair(&copy).value, &mark);
    cr_assert(read);
    return (uint32_t)mark;
}

static void check(const struct stream *stream, const struct model *model) {
    struct stream_walk walk;
    cr_assert_eq(stream->length, model->count);
    bool on = stream_walk_from(&walk, stream, STREAM_ID_MIN);
    for (size_t i = 0; i < model->count; i++, on = stream_walk_next(&walk)) {
        cr_assert(on);
        cr_assert(stream_id_equal(walk.entry.id, model->ids[i]));
        cr_assert_eq(mark_of(&walk.entry), model->marks[i]);
    }
    cr_assert_not(on);
    on = stream_walk_back_from(&walk, stream, STREAM_ID_MAX);
    for (size_t i = model->count; i-- > 0; on = stream_walk_previous(&walk)) {
        cr_assert(on);
        cr_assert(stream_id_equal(walk.entry.id, model->ids[i]));
        cr_assert_eq(mark_of(&walk.entry), model->marks[i]);
    }
    cr_assert_not(on);
}

static void check_seek(const struct stream *stream, const struct model *model,
                       struct stream_id id) {
    struct stream_walk walk;
    size_t at = 0;
    while (at < model->count && stream_id_compare(model->ids[at], id) < 0) at++;
    bool on = stream_walk_from(&walk, stream, id);
    cr_assert_eq(on, at < model->count);
    if (on) cr_assert(stream_id_equal(walk.entry.id, model->ids[at]));
    bool there = at < model->count && stream_id_equal(model->ids[at], id);
    cr_assert_eq(stream_has(stream, id), there);
    size_t until = at + there;
    on = stream_walk_back_from(&walk, stream, id);
    cr_assert_eq(on, until > 0);
    if (on) cr_assert(stream_id_equal(walk.entry.id, model->ids[until - 1]));
}

static struct stream_id any_id(struct random *random, const struct model *model) {
    if (model->count == 0 || random_below(random, 4) == 0)
        return (struct stream_id){random_below(random, 5000), random_below(random, 3)};
    return model->ids[random_below(random, model->count)];
}

static void trim(struct stream *stream, struct model *model, struct random *random) {
    struct stream_trim how = {.by_id = random_below(random, 2) == 0};
    size_t goes = 0;
    if (how.by_id) {
        how.min_id = any_id(random, model);
        while (goes < model->count && stream_id_compare(model->ids[goes], how.min_id) < 0) goes++;
    } else {
        how.max_length = random_below(random, model->count + 10);
        goes = model->count > how.max_length ? model->count - how.max_length : 0;
    }
    how.whole_blocks = random_below(random, 2) == 0;
    uint64_t went = stream_trim(stream, &how);
    if (how.whole_blocks) {
        cr_assert_leq(went, goes);
        cr_assert_lt(goes - went, limits.stream_block_entries + 1);
    } else {
        cr_assert_eq(went, goes);
    }
    model_remove(model, 0, (size_t)went);
}

static void step(struct stream *stream, struct model *model, struct random *random) {
    uint64_t dice = random_below(random, 100);
    struct stream_id id = stream->last_id;
    if (dice < 70 && model->count < MODEL_MAX) {
        if (random_below(random, 2) == 0) id.seq += 1 + random_below(random, 3);
        else
            id = (struct stream_id){id.ms + 1 + random_below(random, 300),
                                    random_below(random, 2) * random_below(random, 500)};
        uint32_t mark = (uint32_t)random_below(random, 100000);
        cr_assert(append(stream, id, mark));
        model->ids[model->count] = id;
        model->marks[model->count++] = mark;
    } else if (dice < 98) {
        id = any_id(random, model);
        size_t at = 0;
        while (at < model->count && !stream_id_equal(model->ids[at], id)) at++;
        cr_assert_eq(stream_delete(stream, id), at < model->count);
        if (at < model->count) model_remove(model, at, 1);
    } else {
        trim(stream, model, random);
    }
    check_seek(stream, model, any_id(random, model));
}

/* What was saved reads back as the same, and so does a copy. */
static void check_kept(struct stream *stream, const struct model *model) {
    struct value value = stream_value(stream), loaded;
    struct encoder encoder;
    struct decoder decoder;
    encoder_init(&encoder);
    stream_type.save(&value, &encoder);
    decoder_init(&decoder, encoder_bytes(&encoder));
    cr_assert_eq(stream_type.load(&decoder, stream_type.rdb_type, &loaded), OUTCOME_OK);
    cr_assert(decoder_at_end(&decoder));
    check(stream_of(&loaded), model);
    struct stream *copy = stream_type.copy(stream);
    check(copy, model);
    struct value copied = stream_value(copy);
    struct value_digest digests[3] = {{{0}}};
    stream_type.digest(&value, &digests[0]);
    stream_type.digest(&loaded, &digests[1]);
    stream_type.digest(&copied, &digests[2]);
    cr_assert_arr_eq(digests[1].sha1, digests[0].sha1, sizeof(digests[0].sha1));
    cr_assert_arr_eq(digests[2].sha1, digests[0].sha1, sizeof(digests[0].sha1));
    stream_destroy(copy);
    stream_destroy(loaded.boxed);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

Test(stream_value, is_an_array_of_entries_through_any_history) {
    for (uint64_t seed = 1; seed <= 6; seed++) {
        size_t before = memory_used_bytes();
        struct random random;
        random_init(&random, seed);
        struct model *model = memory_allocate_zero(sizeof(*model));
        struct stream *stream = stream_create();
        for (int i = 0; i < 5000; i++) {
            step(stream, model, &random);
            if (i % 250 == 0) check(stream, model);
            if (i % 1000 == 999) check_kept(stream, model);
        }
        stream_destroy(stream);
        memory_free(model);
        cr_assert_eq(memory_used_bytes(), before);
    }
}

Test(stream_value, takes_at_most_fifteen_bytes_an_entry_of_one_short_field) {
    static const struct collection_limits usual = COLLECTION_LIMITS_DEFAULT;
    struct stream *stream = stream_create();
    const struct bytes pair[] = {BYTES("field"), BYTES("value:7")};
    for (uint64_t i = 1; i <= 100000; i++)
        cr_assert(
            stream_append(stream, &usual, (struct stream_id){1700000000000 + i / 3, i}, pair, 1));
    cr_assert_lt(stream_type.bytes(stream, 0), 1500000);
    stream_destroy(stream);
}

Test(stream_value, frees_groups_and_blocks_in_slices) {
    size_t before = memory_used_bytes();
    struct stream *stream = stream_create();
    struct stream_group *group = stream_group_try_add(stream, BYTES("g"), STREAM_ID_MIN, 0);
    struct stream_consumer *consumer = stream_consumer_try_add(group, BYTES("c"), 0);
    for (uint64_t i = 1; i <= 5000; i++) {
        cr_assert(append(stream, (struct stream_id){i, 0}, (uint32_t)i));
        stream_pending_add(group, consumer, (struct stream_id){i, 0}, 0, 1);
    }
    size_t slices = 1, steps = 100;
    for (; !stream_type.demolish(stream, &steps); slices++) steps = 100;
    cr_assert_gt(slices, 50);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(stream_value, counts_the_nodes_that_a_radix_tree_would_have) {
    static const struct collection_limits one = {.stream_block_entries = 1};
    const struct bytes pair[] = {BYTES("f"), BYTES("v")};
    struct stream *stream = stream_create();
    cr_expect_eq(stream_radix_nodes(stream), 1);
    static const struct {
        struct stream_id id;
        size_t nodes;
    } steps[] = {{{1, 0}, 2}, {{1, 1}, 4}, {{1, 2}, 5}, {{2, 0}, 9}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        cr_assert(stream_append(stream, &one, steps[i].id, pair, 1));
        cr_expect_eq(stream_radix_nodes(stream), steps[i].nodes, "%zu", stream_radix_nodes(stream));
    }
    stream_destroy(stream);
}
