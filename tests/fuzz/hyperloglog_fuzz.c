/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a HyperLogLog: counted, merged, changed, made dense. Whatever is found good must
 * hold what an array of registers holds after the same changes; what is not must be refused without
 * a byte read beyond its end or written anywhere.
 *
 * The input: a limit for sparse ones (in units of 16 bytes), a count of marks, so many marks of
 * three bytes (index, rank), and the value. */
#include <assert.h>
#include <stdlib.h>

#include "families/hyperloglog/hyperloglog_dense.h"
#include "families/hyperloglog/hyperloglog_sparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hyperloglog_mark mark_at(const uint8_t *at) {
    return (struct hyperloglog_mark){
        .index = (uint16_t)((at[0] | at[1] << 8) % HYPERLOGLOG_REGISTERS),
        .rank = (uint8_t)(at[2] % HYPERLOGLOG_RANK_MAX + 1),
    };
}

static void check_count(struct bytes value, const uint8_t *registers) {
    int64_t count, plain;
    bool good = hyperloglog_count(hyperloglog_loops_best(), value, &count);
    assert(good && count == hyperloglog_count_registers(hyperloglog_loops_plain(), registers));
    good = hyperloglog_count(hyperloglog_loops_plain(), value, &plain);
    assert(good && plain == count);
}

static void check_registers(struct bytes value, const uint8_t *registers) {
    uint8_t found[HYPERLOGLOG_REGISTERS] = {0};
    assert(hyperloglog_is_valid(value));
    bool good = hyperloglog_merge(hyperloglog_loops_best(), found, value);
    assert(good && memcmp(found, registers, sizeof(found)) == 0);
}

/* Changes a good one: every answer must be that of the array. */
static void change_good(struct hyperloglog_draft *draft, uint8_t *registers, const uint8_t *marks,
                        size_t mark_count) {
    for (size_t i = 0; i < mark_count; i++) {
        struct hyperloglog_mark mark = mark_at(marks + 3 * i);
        enum hyperloglog_change change = hyperloglog_draft_raise(draft, mark);
        bool higher = registers[mark.index] < mark.rank;
        assert(change == (higher ? HYPERLOGLOG_CHANGED : HYPERLOGLOG_SAME));
        if (higher) registers[mark.index] = mark.rank;
    }
    check_registers(hyperloglog_draft_value(draft), registers);
    check_count(hyperloglog_draft_value(draft), registers);
    enum hyperloglog_change change = hyperloglog_draft_make_dense(draft);
    assert(change <= HYPERLOGLOG_CHANGED);
    check_registers(hyperloglog_draft_value(draft), registers);
}

/* A corrupt one stays corrupt, for nothing that is done to it mends it, and never becomes dense. */
static void change_corrupt(struct hyperloglog_draft *draft, const uint8_t *marks,
                           size_t mark_count) {
    for (size_t i = 0; i < mark_count; i++) {
        size_t len = draft->len;
        enum hyperloglog_change change = hyperloglog_draft_raise(draft, mark_at(marks + 3 * i));
        assert(change != HYPERLOGLOG_NO_MEMORY);
        assert(change == HYPERLOGLOG_CHANGED || draft->len == len);
    }
    int64_t count;
    bool good = hyperloglog_count(hyperloglog_loops_best(), hyperloglog_draft_value(draft), &count);
    assert(!good);
    enum hyperloglog_change change = hyperloglog_draft_make_dense(draft);
    assert(change == HYPERLOGLOG_CORRUPT);
}

static void use(struct bytes value, size_t limit, const uint8_t *marks, size_t mark_count) {
    struct arena arena;
    struct hyperloglog_draft draft;
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    int64_t count;
    hyperloglog_cached(value, &count);
    bool good = hyperloglog_merge(hyperloglog_loops_plain(), registers, value);
    bool counted = hyperloglog_count(hyperloglog_loops_best(), value, &count);
    assert(good == counted);
    arena_init(&arena);
    hyperloglog_draft_init(&draft, &arena, value, limit);
    if (good) {
        check_count(value, registers);
        change_good(&draft, registers, marks, mark_count);
    } else {
        change_corrupt(&draft, marks, mark_count);
    }
    arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t mark_count = data[1] % 64;
    if (size - 2 < 3 * mark_count) mark_count = (size - 2) / 3;
    const uint8_t *marks = data + 2;
    size_t used = 2 + 3 * mark_count;
    size_t limit = data[0] == 0xff ? SIZE_MAX / 2 : (size_t)data[0] * 16;
    /* A header is not what is to be found: half of all inputs are given one. */
    bool headed = (data[1] & 64) != 0;
    size_t len = size - used + (headed ? HYPERLOGLOG_HEADER_BYTES : 0);
    bool dense = headed && (data[1] & 128) != 0;
    if (dense) len = HYPERLOGLOG_DENSE_BYTES;
    /* A block of its own, so that a byte read too far is seen. */
    char *block = calloc(1, len + 1);
    assert(block != NULL);
    char *value = block + 1;
    size_t head = headed ? HYPERLOGLOG_HEADER_BYTES : 0;
    if (headed) memcpy(value, hyperloglog_empty().data, HYPERLOGLOG_HEADER_BYTES);
    if (dense) value[4] = HYPERLOGLOG_DENSE;
    size_t body = size - used < len - head ? size - used : len - head;
    if (body > 0) memcpy(value + head, data + used, body);
    struct bytes bytes = bytes_make(value, len);
    if (hyperloglog_is_valid(bytes)) use(bytes, limit, marks, mark_count);
    free(block);
    return 0;
}
