/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/string/string_lcs.h"

#include <assert.h>

#include "base/memory.h"

#define WORD_BITS ((size_t)64)

/* One bit for each of the 64 bytes at `at` that is `byte`. */
static uint64_t equal_bits(const char *at, char byte) {
    uint64_t bits = 0;
#if defined(__SSE2__)
    typedef char vector16 __attribute__((vector_size(16), aligned(1)));
    for (size_t i = 0; i < 4; i++) {
        vector16 some = *(const vector16 *)(const void *)(at + i * 16);
        vector16 same = (vector16)(some == ((vector16){0} + byte));
        bits |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb128(same) << (i * 16);
    }
#else
    for (size_t i = 0; i < WORD_BITS; i++) bits |= (uint64_t)(at[i] == byte) << i;
#endif
    return bits;
}

/* The row of the next byte of `a`, from the row above it. */
static void next_row(uint64_t *row, const uint64_t *above, struct bytes b, const char *tail,
                     char byte) {
    size_t whole = b.len / WORD_BITS;
    uint64_t carry = 0;
    for (size_t i = 0; i <= whole; i++) {
        uint64_t equal;
        if (LIKELY(i < whole)) {
            equal = equal_bits(b.data + i * WORD_BITS, byte);
        } else {
            size_t left = b.len % WORD_BITS;
            if (left == 0) break;
            equal = equal_bits(tail, byte) & (((uint64_t)1 << left) - 1);
        }
        uint64_t from = above[i];
        uint64_t met = from & equal;
        uint64_t sum;
        bool over = __builtin_add_overflow(from, met, &sum);
        over |= __builtin_add_overflow(sum, carry, &sum);
        carry = over;
        row[i] = sum | (from & ~met);
    }
}

static size_t clear_bits(const uint64_t *row, size_t words) {
    size_t count = 0;
    for (size_t i = 0; i < words; i++) count += (size_t)__builtin_popcountll(~row[i]);
    return count;
}

bool string_lcs_try_init(struct string_lcs *lcs, struct bytes a, struct bytes b, bool way_back) {
    *lcs = (struct string_lcs){.a = a, .b = b, .has_way_back = way_back};
    if (a.len == 0 || b.len == 0) return true;
    size_t words = (b.len + WORD_BITS - 1) / WORD_BITS;
    /* Above the first row there is one of nothing. */
    size_t row_count = way_back ? a.len + 1 : 1;
    size_t size;
    if (__builtin_mul_overflow(row_count, words * sizeof(uint64_t), &size)) return false;
    uint64_t *rows = memory_try_allocate(size);
    if (rows == NULL) return false;
    memset(rows, 0xff, words * sizeof(uint64_t));
    char tail[WORD_BITS] = {0};
    size_t left = b.len % WORD_BITS;
    if (left > 0) memcpy(tail, b.data + b.len - left, left);
    uint64_t *row = rows;
    for (size_t i = 0; i < a.len; i++) {
        uint64_t *below = way_back ? row + words : row;
        next_row(below, row, b, tail, a.data[i]);
        row = below;
    }
    lcs->rows = rows;
    lcs->row_words = words;
    lcs->length = clear_bits(row, words);
    return true;
}

void string_lcs_deinit(struct string_lcs *lcs) {
    memory_free(lcs->rows);
    lcs->rows = NULL;
}

/* Whether the length grows in this column of this row, both counted from one. */
static bool grows(const struct string_lcs *lcs, size_t row, size_t column) {
    uint64_t word = lcs->rows[row * lcs->row_words + (column - 1) / WORD_BITS];
    return (word >> ((column - 1) % WORD_BITS) & 1) == 0;
}

bool string_lcs_back(const struct string_lcs *lcs, struct string_lcs_run *run) {
    assert(lcs->has_way_back);
    size_t a = run->a, b = run->b;
    while (a > 0 && b > 0 && lcs->a.data[a - 1] != lcs->b.data[b - 1]) {
        if (grows(lcs, a, b)) a--;
        else b--;
    }
    size_t end = a;
    while (a > 0 && b > 0 && lcs->a.data[a - 1] == lcs->b.data[b - 1]) {
        a--;
        b--;
    }
    *run = (struct string_lcs_run){a, b, end - a};
    return run->len > 0;
}
