/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/bitmap/bitmap_combine.h"

#include <assert.h>
#include <stdint.h>

#define PIECE_BYTES ((size_t)8 * 1024)

/* --- two runs of bytes made into one; `out` may be one of the two --- */

typedef void kernel(char *out, const char *left, const char *right, size_t len);

struct kernels {
    kernel *and, * or, *xor, *and_not, *invert; /* invert looks at the left alone */
};

typedef uint64_t narrow_lane __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t wide_lane __attribute__((vector_size(32), aligned(1), may_alias));

#define KERNEL(name, target, lane, expression)                                            \
    target static void name(char *out, const char *left, const char *right, size_t len) { \
        size_t at = 0;                                                                    \
        for (; len - at >= sizeof(lane); at += sizeof(lane)) {                            \
            lane a = *(const lane *)(const void *)(left + at);                            \
            lane b = *(const lane *)(const void *)(right + at);                           \
            (void)b;                                                                      \
            *(lane *)(void *)(out + at) = (expression);                                   \
        }                                                                                 \
        for (; at < len; at++) {                                                          \
            unsigned a = (unsigned char)left[at], b = (unsigned char)right[at];           \
            (void)b;                                                                      \
            out[at] = (char)(unsigned char)(expression);                                  \
        }                                                                                 \
    }
#define KERNELS(way, target, lane)              \
    KERNEL(and_##way, target, lane, a &b)       \
    KERNEL(or_##way, target, lane, a | b)       \
    KERNEL(xor_##way, target, lane, a ^ b)      \
    KERNEL(and_not_##way, target, lane, a & ~b) \
    KERNEL(invert_##way, target, lane, ~a)      \
    static const struct kernels way = {and_##way, or_##way, xor_##way, and_not_##way, invert_##way};

KERNELS(plain, , narrow_lane)
#if defined(__x86_64__)
KERNELS(avx2, __attribute__((target("avx2"))), wide_lane)

static const struct kernels *best_kernels(void) {
    return __builtin_cpu_supports("avx2") ? &avx2 : &plain;
}
#else
static const struct kernels *best_kernels(void) { return &plain; }
#endif

/* --- one piece of the result --- */

struct piece {
    const struct kernels *kernels;
    const struct bytes *sources;
    size_t count;
    size_t at;
    size_t len;
};

/* What a source has of the piece, from its beginning on. */
static struct bytes part_of(const struct piece *piece, size_t source) {
    struct bytes bytes = piece->sources[source];
    if (bytes.len <= piece->at) return BYTES("");
    size_t len = bytes.len - piece->at;
    return bytes_make(bytes.data + piece->at, len < piece->len ? len : piece->len);
}

static void clear_from(const struct piece *piece, char *out, size_t from) {
    memset(out + from, 0, piece->len - from);
}

static void copy_part(const struct piece *piece, size_t source, char *out) {
    struct bytes part = part_of(piece, source);
    memcpy(out, part.data, part.len);
    clear_from(piece, out, part.len);
}

/* `out` becomes out AND part. */
static void and_part(const struct piece *piece, char *out, struct bytes part) {
    piece->kernels->and (out, out, part.data, part.len);
    clear_from(piece, out, part.len);
}

/* The sources from `first` on, by a kernel that zeros change nothing for; the first two at once. */
static void gather(const struct piece *piece, size_t first, kernel *join, char *out) {
    struct bytes left = part_of(piece, first), right = BYTES("");
    if (first + 1 < piece->count) right = part_of(piece, first + 1);
    struct bytes longer = left.len > right.len ? left : right;
    size_t both = left.len + right.len - longer.len;
    join(out, left.data, right.data, both);
    memcpy(out + both, longer.data + both, longer.len - both);
    clear_from(piece, out, longer.len);
    for (size_t i = first + 2; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        join(out, out, part.data, part.len);
    }
}

static void combine_and(const struct piece *piece, char *out) {
    struct bytes left = part_of(piece, 0);
    struct bytes right = piece->count > 1 ? part_of(piece, 1) : left;
    size_t both = left.len < right.len ? left.len : right.len;
    piece->kernels->and (out, left.data, right.data, both);
    clear_from(piece, out, both);
    for (size_t i = 2; i < piece->count; i++) and_part(piece, out, part_of(piece, i));
}

static void combine_one(const struct piece *piece, char *out) {
    char twice[PIECE_BYTES], again[PIECE_BYTES];
    copy_part(piece, 0, out); /* the bits seen so far */
    memset(twice, 0, piece->len);
    for (size_t i = 1; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        piece->kernels->and (again, out, part.data, part.len);
        piece->kernels->or (twice, twice, again, part.len);
        piece->kernels->or (out, out, part.data, part.len);
    }
    piece->kernels->and_not(out, out, twice, piece->len);
}

/* The three that weigh the first source against any of the others. */
static void combine_first(enum bitmap_operation operation, const struct piece *piece, char *out) {
    struct bytes first = part_of(piece, 0);
    gather(piece, 1, piece->kernels->or, out);
    if (operation == BITMAP_DIFF1) {
        piece->kernels->and_not(out, out, first.data, first.len);
    } else if (operation == BITMAP_DIFF) {
        piece->kernels->and_not(out, first.data, out, first.len);
        clear_from(piece, out, first.len);
    } else {
        and_part(piece, out, first);
    }
}

static void combine_piece(enum bitmap_operation operation, const struct piece *piece, char *out) {
    const char *first = part_of(piece, 0).data;
    switch (operation) {
    case BITMAP_AND: combine_and(piece, out); break;
    case BITMAP_OR: gather(piece, 0, piece->kernels->or, out); break;
    case BITMAP_XOR: gather(piece, 0, piece->kernels->xor, out); break;
    case BITMAP_NOT: piece->kernels->invert(out, first, first, piece->len); break;
    case BITMAP_ONE: combine_one(piece, out); break;
    default: combine_first(operation, piece, out); break;
    }
}

static void combine(const struct kernels *kernels, enum bitmap_operation operation,
                    const struct bytes *sources, size_t count, char *out, size_t len) {
    assert(count > 0 && operation < BITMAP_OPERATION_COUNT);
    assert(operation != BITMAP_NOT || (count == 1 && sources[0].len == len));
    assert((operation != BITMAP_DIFF && operation != BITMAP_DIFF1 && operation != BITMAP_ANDOR) ||
           count > 1);
    struct piece piece = {.kernels = kernels, .sources = sources, .count = count};
    for (; piece.at < len; piece.at += piece.len) {
        piece.len = len - piece.at < PIECE_BYTES ? len - piece.at : PIECE_BYTES;
        combine_piece(operation, &piece, out + piece.at);
    }
}

void bitmap_combine(enum bitmap_operation operation, const struct bytes *sources, size_t count,
                    char *out, size_t len) {
    combine(best_kernels(), operation, sources, count, out, len);
}

void bitmap_combine_plain(enum bitmap_operation operation, const struct bytes *sources,
                          size_t count, char *out, size_t len) {
    combine(&plain, operation, sources, count, out, len);
}
