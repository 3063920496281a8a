/* SPDX-License-Identifier: BSD-3-Clause */
#include "structures/ordered_tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

struct item {
    uint64_t key;
    uint32_t name;
};

static uint64_t item_key(const void *item) { return ((const struct item *)item)->key; }

static int item_compare(const void *a, const void *b) {
    uint32_t x = ((const struct item *)a)->name, y = ((const struct item *)b)->name;
    return x < y ? -1 : x > y;
}

static const struct ordered_rules rules = {item_key, item_compare};

static int item_order(const void *a, const void *b) {
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return item_compare(x, y);
}

/* The same items in a sorted array. */
struct model {
    struct item **items;
    size_t count;
};

static struct item *item_make(uint64_t key, uint32_t name) {
    struct item *item = memory_allocate(sizeof(*item));
    *item = (struct item){key, name};
    return item;
}

static size_t model_place(const struct model *model, const struct item *item) {
    size_t low = 0, high = model->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (item_order(&model->items[middle], &item) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void model_insert(struct model *model, size_t at, struct item *item) {
    model->items = memory_reallocate(model->items, (model->count + 1) * sizeof(*model->items));
    memmove(model->items + at + 1, model->items + at, (model->count - at) * sizeof(struct item *));
    model->items[at] = item;
    model->count++;
}

static void model_remove(struct model *model, size_t at, size_t count) {
    for (size_t i = 0; i < count; i++) memory_free(model->items[at + i]);
    memmove(model->items + at, model->items + at + count,
            (model->count - at - count) * sizeof(struct item *));
    model->count -= count;
}

static void model_deinit(struct model *model) {
    for (size_t i = 0; i < model->count; i++) memory_free(model->items[i]);
    memory_free(model->items);
}

/* Walks both ways and asks for ranks and places. */
static void expect_same(const struct ordered_tree *tree, const struct model *model) {
    struct ordered_cursor cursor;
    cr_assert(ordered_tree_is_sound(tree));
    cr_assert_eq(tree->item_count, model->count);
    size_t at = 0;
    for (void *item = ordered_tree_at(tree, 0, &cursor); item != NULL;
         item = ordered_cursor_next(&cursor))
        cr_assert_eq(item, model->items[at++]);
    cr_assert_eq(at, model->count);
    if (model->count == 0) return;
    for (void *item = ordered_tree_at(tree, at - 1, &cursor); item != NULL;
         item = ordered_cursor_previous(&cursor))
        cr_assert_eq(item, model->items[--at]);
    cr_assert_eq(at, 0);
    for (size_t rank = 0; rank < model->count; rank += 1 + model->count / 97) {
        cr_assert_eq(ordered_tree_at(tree, rank, &cursor), model->items[rank]);
        cr_assert_eq(ordered_tree_rank(tree, model->items[rank]), rank);
    }
}

enum shape { SPREAD, FEW_KEYS, ONE_KEY, RISING, FALLING, OUTLIERS, SHAPES };

static uint64_t next_key(enum shape shape, struct random *random, size_t step) {
    uint64_t any = random_next(random);
    switch (shape) {
    case SPREAD: return ordered_key_of_double((double)(int64_t)any / 1e9);
    case FEW_KEYS: return ordered_key_of_double((double)(any % 7) - 3);
    case ONE_KEY: return 0;
    case RISING: return ordered_key_of_double((double)step);
    case FALLING: return ordered_key_of_double(-(double)step);
    default: return any % 3 == 0 ? any : ordered_key_of_double((double)(any % 1000));
    }
}

static void grow_and_shrink(enum shape shape, uint64_t seed, size_t steps, size_t most) {
    struct random random;
    random_init(&random, seed);
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    struct model model = {0};
    bool growing = true;
    for (size_t step = 0; step < steps; step++) {
        if (model.count >= most) growing = false;
        if (model.count == 0) growing = true;
        uint64_t dice = random_next(&random);
        if (growing ? dice % 4 != 0 : dice % 4 == 0 || model.count == 0) {
            struct item *item = item_make(next_key(shape, &random, step), (uint32_t)step);
            size_t at = model_place(&model, item);
            cr_assert_eq(ordered_tree_insert(&tree, item), at);
            model_insert(&model, at, item);
        } else if (model.count > 0) {
            size_t at = (size_t)(dice >> 8) % model.count;
            ordered_tree_remove(&tree, model.items[at]);
            model_remove(&model, at, 1);
        }
        if (step % 511 == 0) expect_same(&tree, &model);
    }
    expect_same(&tree, &model);
    ordered_tree_deinit(&tree);
    model_deinit(&model);
}

Test(ordered_tree, keeps_the_order_of_a_sorted_array_through_growth_and_shrinking) {
    for (int shape = 0; shape < SHAPES; shape++)
        grow_and_shrink((enum shape)shape, 11 + (uint64_t)shape, 12000, 4000);
}

Test(ordered_tree, is_gone_when_its_last_item_goes) {
    size_t before = memory_used_bytes();
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    static struct item items[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        items[i] = (struct item){i % 50, i};
        ordered_tree_insert(&tree, &items[i]);
    }
    cr_assert_gt(tree.node_bytes, 5000 * 8);
    for (uint32_t i = 0; i < 5000; i++) {
        ordered_tree_remove(&tree, &items[(i * 7919) % 5000]);
        if (i % 100 == 0) cr_assert(ordered_tree_is_sound(&tree));
    }
    cr_assert_null(tree.root);
    cr_assert_eq(tree.node_bytes, 0);
    cr_assert_eq(memory_used_bytes(), before);
}

static int behind_name(const void *context, const void *item) {
    uint32_t name = *(const uint32_t *)context;
    return name < ((const struct item *)item)->name ? -1 : name > ((const struct item *)item)->name;
}

Test(ordered_tree, finds_the_place_in_front_of_and_behind_all_items_of_a_key) {
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    static struct item items[3000];
    for (uint32_t i = 0; i < 3000; i++) {
        items[i] = (struct item){(i % 30) * 10, i};
        ordered_tree_insert(&tree, &items[i]);
    }
    struct ordered_cursor cursor;
    for (uint64_t key = 0; key < 310; key++) {
        size_t below = key == 0 ? 0 : (size_t)((key + 9) / 10) * 100;
        if (below > 3000) below = 3000;
        size_t upto = key % 10 == 0 && key < 300 ? below + 100 : below;
        struct ordered_probe front = {.key = key, .bias = -1}, behind = {.key = key, .bias = 1};
        cr_assert_eq(ordered_tree_seek(&tree, &front, &cursor), below);
        const struct item *found = ordered_cursor_item(&cursor);
        cr_assert(below == 3000 ? found == NULL : found->key >= key);
        cr_assert_eq(ordered_tree_seek(&tree, &behind, NULL), upto);
    }
    uint32_t name = 1501;
    struct ordered_probe exact = {
        .key = (1501 % 30) * 10, .compare = behind_name, .context = &name};
    ordered_tree_seek(&tree, &exact, &cursor);
    cr_assert_eq(ordered_cursor_item(&cursor), &items[1501]);
    ordered_tree_deinit(&tree);
}

/* Keys at one end of their range lie far from those at the other. */
Test(ordered_tree, tells_the_ends_of_the_keys_apart) {
    static const uint64_t keys[] = {3, UINT64_MAX - 3};
    for (size_t i = 0; i < 2; i++) {
        struct ordered_tree tree;
        ordered_tree_init(&tree, &rules);
        struct item item = {keys[i], 1};
        ordered_tree_insert(&tree, &item);
        struct ordered_probe low = {.key = 0, .bias = -1}, high = {.key = UINT64_MAX, .bias = 1};
        cr_expect_eq(ordered_tree_seek(&tree, &low, NULL), 0);
        cr_expect_eq(ordered_tree_seek(&tree, &high, NULL), 1);
        ordered_tree_deinit(&tree);
    }
}

Test(ordered_tree, seeks_by_comparison_alone_when_keys_are_ignored) {
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    static struct item items[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        items[i] = (struct item){42, i * 2};
        ordered_tree_insert(&tree, &items[i]);
    }
    for (uint32_t name = 0; name < 2001; name++) {
        struct ordered_probe probe = {.compare = behind_name, .context = &name, .any_key = true};
        cr_assert_eq(ordered_tree_seek(&tree, &probe, NULL), (name + 1) / 2);
    }
    ordered_tree_deinit(&tree);
}

static void count_visit(void *context, void *item) {
    (void)item;
    ++*(size_t *)context;
}

Test(ordered_tree, removes_runs_of_items) {
    struct random random;
    random_init(&random, 5);
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    struct model model = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        struct item *item = item_make(random_next(&random) % 500, i);
        ordered_tree_insert(&tree, item);
        model_insert(&model, model_place(&model, item), item);
    }
    while (model.count > 0) {
        size_t at = (size_t)(random_next(&random) % model.count);
        size_t wanted = 1 + (size_t)(random_next(&random) % 100);
        struct ordered_cursor cursor;
        ordered_tree_at(&tree, at, &cursor);
        size_t visited = 0;
        size_t gone = ordered_tree_remove_run(&tree, &cursor, wanted, count_visit, &visited);
        cr_assert(gone >= 1 && gone <= wanted && visited == gone);
        model_remove(&model, at, gone);
        expect_same(&tree, &model);
    }
    ordered_tree_deinit(&tree);
    model_deinit(&model);
}

Test(ordered_tree, follows_items_that_move_in_memory) {
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    static struct item old[500], moved[500];
    for (uint32_t i = 0; i < 500; i++) {
        old[i] = (struct item){i / 3, i};
        ordered_tree_insert(&tree, &old[i]);
    }
    for (uint32_t i = 0; i < 500; i++) {
        moved[i] = old[i];
        ordered_tree_replace(&tree, &old[i], &moved[i]);
        memset(&old[i], 0xee, sizeof(old[i]));
    }
    cr_assert(ordered_tree_is_sound(&tree));
    struct ordered_cursor cursor;
    for (size_t i = 0; i < 500; i++) cr_assert_eq(ordered_tree_at(&tree, i, &cursor), &moved[i]);
    ordered_tree_deinit(&tree);
}

Test(ordered_tree, comes_down_leaf_by_leaf) {
    struct ordered_tree tree;
    ordered_tree_init(&tree, &rules);
    static struct item items[10000];
    for (uint32_t i = 0; i < 10000; i++) {
        items[i] = (struct item){i, i};
        ordered_tree_insert(&tree, &items[i]);
    }
    size_t visited = 0, slices = 1;
    while (ordered_tree_demolish(&tree, count_visit, &visited)) {
        slices++;
        cr_assert_leq(visited, slices * ORDERED_LEAF_SLOTS);
    }
    cr_assert_eq(visited, 10000);
    cr_assert_eq(tree.node_bytes, 0);
    cr_assert(ordered_tree_is_sound(&tree));
}

Test(ordered_tree, takes_at_most_ten_bytes_an_item_in_any_order) {
    enum { COUNT = 100000 };
    static struct item items[COUNT];
    for (int shape = 0; shape < 3; shape++) {
        struct random random;
        random_init(&random, 3);
        struct ordered_tree tree;
        ordered_tree_init(&tree, &rules);
        for (uint32_t i = 0; i < COUNT; i++) {
            uint64_t key = shape == 0 ? i : shape == 1 ? COUNT - i : random_next(&random);
            items[i] = (struct item){key, i};
            ordered_tree_insert(&tree, &items[i]);
        }
        cr_expect_lt((double)tree.node_bytes / COUNT, 10, "shape %d: %.2f bytes", shape,
                     (double)tree.node_bytes / COUNT);
        ordered_tree_deinit(&tree);
    }
}

Test(ordered_tree, orders_doubles_by_their_keys) {
    const double rising[] = {-1.0 / 0.0, -1e308, -2, -1,    -1e-308,  0,
                             1e-308,     1,      2,  1e308, 1.0 / 0.0};
    for (size_t i = 1; i < sizeof(rising) / sizeof(rising[0]); i++)
        cr_assert_lt(ordered_key_of_double(rising[i - 1]), ordered_key_of_double(rising[i]));
    cr_assert_eq(ordered_key_of_double(-0.0), ordered_key_of_double(0.0));
}
