/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/hyperloglog/hyperloglog_sparse.h"

#include <string.h>

#include "families/hyperloglog/hyperloglog_dense.h"

#define ZERO_MAX 64 /* registers of a ZERO */
#define VAL_MAX 4
#define VAL_RANK_MAX 32
#define GROWTH_MAX 3 /* bytes more when one run becomes three */
#define ROOM_BYTES 1024
#define JOINED_AT_ONCE 5 /* runs looked at after a change */

/* --- reading --- */

bool hyperloglog_sparse_merge(uint8_t registers[HYPERLOGLOG_REGISTERS], struct bytes runs) {
    const uint8_t *at = (const uint8_t *)runs.data, *end = at + runs.len;
    size_t index = 0;
    struct hyperloglog_run run;
    for (; at < end; at += run.bytes, index += run.registers) {
        if (!hyperloglog_run_read(at, end, &run)) return false;
        if (run.registers > HYPERLOGLOG_REGISTERS - index) return false;
        for (size_t i = 0; run.rank > 0 && i < run.registers; i++)
            if (registers[index + i] < run.rank) registers[index + i] = run.rank;
    }
    return index == HYPERLOGLOG_REGISTERS;
}

bool hyperloglog_sparse_tally(struct bytes runs, uint32_t counts[HYPERLOGLOG_RANKS]) {
    const uint8_t *at = (const uint8_t *)runs.data, *end = at + runs.len;
    size_t index = 0;
    struct hyperloglog_run run;
    for (; at < end; at += run.bytes, index += run.registers) {
        if (!hyperloglog_run_read(at, end, &run)) return false;
        if (run.registers > HYPERLOGLOG_REGISTERS - index) return false;
        counts[run.rank] += run.registers;
    }
    return index == HYPERLOGLOG_REGISTERS;
}

/* --- a draft --- */

void hyperloglog_draft_init(struct hyperloglog_draft *draft, struct arena *arena,
                            struct bytes value, size_t sparse_bytes_max) {
    *draft = (struct hyperloglog_draft){
        .arena = arena,
        .bytes = (uint8_t *)(uintptr_t)value.data,
        .len = value.len,
        .sparse_bytes_max = sparse_bytes_max,
        .resume_at = HYPERLOGLOG_HEADER_BYTES,
    };
}

/* Room for `more` bytes, in a copy of the draft's own. */
static bool make_room(struct hyperloglog_draft *draft, size_t more) {
    if (draft->capacity >= draft->len + more) return true;
    size_t capacity = draft->len + ROOM_BYTES;
    uint8_t *bytes = arena_try_allocate(draft->arena, capacity);
    if (bytes == NULL) return false;
    memcpy(bytes, draft->bytes, draft->len);
    draft->bytes = bytes;
    draft->capacity = capacity;
    return true;
}

bool hyperloglog_draft_own(struct hyperloglog_draft *draft) { return make_room(draft, 0); }

enum hyperloglog_change hyperloglog_draft_make_dense(struct hyperloglog_draft *draft) {
    if (hyperloglog_is_dense(hyperloglog_draft_value(draft))) return HYPERLOGLOG_SAME;
    uint8_t *dense = arena_try_allocate(draft->arena, HYPERLOGLOG_DENSE_BYTES);
    if (dense == NULL) return HYPERLOGLOG_NO_MEMORY;
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    if (!hyperloglog_sparse_merge(registers, hyperloglog_body(hyperloglog_draft_value(draft))))
        return HYPERLOGLOG_CORRUPT;
    memcpy(dense, draft->bytes, HYPERLOGLOG_HEADER_BYTES);
    dense[4] = HYPERLOGLOG_DENSE;
    hyperloglog_loops_best()->pack(dense + HYPERLOGLOG_HEADER_BYTES, registers);
    draft->bytes = dense;
    draft->len = HYPERLOGLOG_DENSE_BYTES;
    draft->capacity = HYPERLOGLOG_DENSE_BYTES;
    return HYPERLOGLOG_CHANGED;
}

/* --- raising a register --- */

/* The run that a register lies in. */
struct found {
    struct hyperloglog_run run;
    size_t at;      /* of the run, in the draft's bytes */
    uint32_t first; /* its first register */
    size_t before;  /* where the run before it begins; the first run: where it begins itself */
};

/* False: there is no such run. */
static bool find(struct hyperloglog_draft *draft, uint32_t index, struct found *found) {
    const uint8_t *start = draft->bytes, *end = start + draft->len;
    if (index <= draft->last_index) {
        draft->resume_at = HYPERLOGLOG_HEADER_BYTES;
        draft->resume_first = 0;
    }
    draft->last_index = index;
    const uint8_t *at = start + draft->resume_at;
    const uint8_t *before[2] = {at, at}; /* one before, two before */
    uint32_t first = draft->resume_first, first_before[2] = {first, first};
    struct hyperloglog_run run;
    while (at < end && hyperloglog_run_read(at, end, &run)) {
        if (index - first < run.registers) {
            draft->resume_at = (size_t)(before[1] - start);
            draft->resume_first = first_before[1];
            *found = (struct found){run, (size_t)(at - start), first, (size_t)(before[0] - start)};
            return true;
        }
        before[1] = before[0];
        first_before[1] = first_before[0];
        before[0] = at;
        first_before[0] = first;
        at += run.bytes;
        first += run.registers;
    }
    return false;
}

static size_t put_zeros(uint8_t *at, uint32_t registers) {
    if (registers <= ZERO_MAX) {
        at[0] = (uint8_t)(registers - 1);
        return 1;
    }
    at[0] = (uint8_t)(0x40 | (registers - 1) >> 8);
    at[1] = (uint8_t)(registers - 1);
    return 2;
}

static size_t put_ranks(uint8_t *at, uint8_t rank, uint32_t registers) {
    at[0] = (uint8_t)(0x80 | (rank - 1u) << 2 | (registers - 1));
    return 1;
}

static size_t put_run(uint8_t *at, uint8_t rank, uint32_t registers) {
    if (registers == 0) return 0;
    return rank == 0 ? put_zeros(at, registers) : put_ranks(at, rank, registers);
}

/* What the run becomes when one register of it has another rank. At most five bytes. */
static size_t split(uint8_t *out, const struct found *found, struct hyperloglog_mark mark) {
    const struct hyperloglog_run *run = &found->run;
    uint32_t left = mark.index - found->first;
    size_t len = put_run(out, run->rank, left);
    len += put_ranks(out + len, mark.rank, 1);
    return len + put_run(out + len, run->rank, run->registers - left - 1);
}

/* Neighbours of one rank become one run, where it is not too long for one: looked for in a few runs
 * from `at` on, each joining counted. */
static void join_neighbours(struct hyperloglog_draft *draft, size_t at) {
    struct hyperloglog_run run, next;
    for (int i = 0; i < JOINED_AT_ONCE && at < draft->len; i++) {
        const uint8_t *end = draft->bytes + draft->len;
        if (!hyperloglog_run_read(draft->bytes + at, end, &run)) return;
        if (run.rank > 0 && at + 1 < draft->len &&
            hyperloglog_run_read(draft->bytes + at + 1, end, &next) && next.rank == run.rank &&
            run.registers + next.registers <= VAL_MAX) {
            put_ranks(draft->bytes + at, run.rank, run.registers + next.registers);
            memmove(draft->bytes + at + 1, draft->bytes + at + 2, draft->len - at - 2);
            draft->len--;
        } else {
            at += run.bytes;
        }
    }
}

static enum hyperloglog_change raise_dense(struct hyperloglog_draft *draft,
                                           struct hyperloglog_mark mark) {
    const uint8_t *packed = draft->bytes + HYPERLOGLOG_HEADER_BYTES;
    if (hyperloglog_dense_get(packed, mark.index) >= mark.rank) return HYPERLOGLOG_SAME;
    if (!make_room(draft, 0)) return HYPERLOGLOG_NO_MEMORY;
    hyperloglog_dense_put(draft->bytes + HYPERLOGLOG_HEADER_BYTES, mark.index, mark.rank);
    return HYPERLOGLOG_CHANGED;
}

static enum hyperloglog_change promote(struct hyperloglog_draft *draft,
                                       struct hyperloglog_mark mark) {
    enum hyperloglog_change change = hyperloglog_draft_make_dense(draft);
    return change == HYPERLOGLOG_CHANGED ? raise_dense(draft, mark) : change;
}

enum hyperloglog_change hyperloglog_draft_raise(struct hyperloglog_draft *draft,
                                                struct hyperloglog_mark mark) {
    if (hyperloglog_is_dense(hyperloglog_draft_value(draft))) return raise_dense(draft, mark);
    if (mark.rank > VAL_RANK_MAX) return promote(draft, mark);
    struct found found;
    if (!find(draft, mark.index, &found)) return HYPERLOGLOG_CORRUPT;
    if (found.run.rank >= mark.rank) return HYPERLOGLOG_SAME;
    uint8_t runs[5];
    size_t new_bytes = split(runs, &found, mark);
    size_t old_bytes = found.run.bytes;
    if (new_bytes > old_bytes && draft->len + new_bytes - old_bytes > draft->sparse_bytes_max)
        return promote(draft, mark);
    if (!make_room(draft, GROWTH_MAX)) return HYPERLOGLOG_NO_MEMORY;
    uint8_t *at = draft->bytes + found.at;
    memmove(at + new_bytes, at + old_bytes, draft->len - found.at - old_bytes);
    memcpy(at, runs, new_bytes);
    draft->len = draft->len - old_bytes + new_bytes;
    join_neighbours(draft, found.before);
    return HYPERLOGLOG_CHANGED;
}
