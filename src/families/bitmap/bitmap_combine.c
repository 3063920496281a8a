/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/bitmap/bitmap_combine.h"

#include <assert.h>
#include <stdint.h>

#define PIECE_BYTES ((size_t)8 * 1024)

/* As many words as fill a cache line; the compiler makes what vectors it has of them. */
typedef uint64_t line __attribute__((vector_size(64), aligned(1), may_alias));

/* `into` becomes expression(a, b), where a is what it was and b is `from`. */
#define KERNEL(name, expression)                                                   \
    static void name(char *restrict into, const char *restrict from, size_t len) { \
        size_t at = 0;                                                             \
        for (; len - at >= sizeof(line); at += sizeof(line)) {                     \
            line a = *(const line *)(const void *)(into + at);                     \
            line b = *(const line *)(const void *)(from + at);                     \
            *(line *)(void *)(into + at) = (expression);                           \
        }                                                                          \
        for (; at < len; at++) {                                                   \
            unsigned a = (unsigned char)into[at], b = (unsigned char)from[at];     \
            into[at] = (char)(unsigned char)(expression);                          \
        }                                                                          \
    }

KERNEL(and_into, a &b)
KERNEL(or_into, a | b)
KERNEL(xor_into, a ^ b)
KERNEL(and_not_into, a & ~b)
KERNEL(not_and_into, ~a &b)

static void invert(char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) bytes[i] = (char)~bytes[i];
}

/* A piece of the result, or of one source: what the source has of it, from its beginning on. */
struct piece {
    const struct bytes *sources;
    size_t count;
    size_t at;
    size_t len;
};

static struct bytes part_of(const struct piece *piece, size_t source) {
    struct bytes bytes = piece->sources[source];
    if (bytes.len <= piece->at) return BYTES("");
    size_t len = bytes.len - piece->at;
    return bytes_make(bytes.data + piece->at, len < piece->len ? len : piece->len);
}

/* The source's part with zeros behind it. */
static void copy_part(const struct piece *piece, size_t source, char *out) {
    struct bytes part = part_of(piece, source);
    memcpy(out, part.data, part.len);
    memset(out + part.len, 0, piece->len - part.len);
}

static void combine_and(const struct piece *piece, char *out) {
    copy_part(piece, 0, out);
    for (size_t i = 1; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        and_into(out, part.data, part.len);
        memset(out + part.len, 0, piece->len - part.len);
    }
}

/* Any of the sources from `first` on. */
static void combine_or(const struct piece *piece, size_t first, char *out) {
    copy_part(piece, first, out);
    for (size_t i = first + 1; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        or_into(out, part.data, part.len);
    }
}

static void combine_xor(const struct piece *piece, char *out) {
    copy_part(piece, 0, out);
    for (size_t i = 1; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        xor_into(out, part.data, part.len);
    }
}

static void combine_one(const struct piece *piece, char *out) {
    char seen[PIECE_BYTES], twice[PIECE_BYTES], again[PIECE_BYTES];
    copy_part(piece, 0, seen);
    memset(twice, 0, piece->len);
    for (size_t i = 1; i < piece->count; i++) {
        struct bytes part = part_of(piece, i);
        memcpy(again, seen, part.len);
        and_into(again, part.data, part.len);
        or_into(twice, again, part.len);
        or_into(seen, part.data, part.len);
    }
    memcpy(out, seen, piece->len);
    and_not_into(out, twice, piece->len);
}

/* The three that weigh the first source against any of the others. */
static void combine_first(enum bitmap_operation operation, const struct piece *piece, char *out) {
    char first[PIECE_BYTES];
    copy_part(piece, 0, first);
    combine_or(piece, 1, out);
    if (operation == BITMAP_DIFF) not_and_into(out, first, piece->len);
    else if (operation == BITMAP_DIFF1) and_not_into(out, first, piece->len);
    else and_into(out, first, piece->len);
}

static void combine_piece(enum bitmap_operation operation, const struct piece *piece, char *out) {
    switch (operation) {
    case BITMAP_AND: combine_and(piece, out); break;
    case BITMAP_OR: combine_or(piece, 0, out); break;
    case BITMAP_XOR: combine_xor(piece, out); break;
    case BITMAP_NOT:
        copy_part(piece, 0, out);
        invert(out, piece->len);
        break;
    case BITMAP_ONE: combine_one(piece, out); break;
    default: combine_first(operation, piece, out); break;
    }
}

void bitmap_combine(enum bitmap_operation operation, const struct bytes *sources, size_t count,
                    char *out, size_t len) {
    assert(count > 0 && operation < BITMAP_OPERATION_COUNT);
    assert(operation != BITMAP_NOT || count == 1);
    assert((operation != BITMAP_DIFF && operation != BITMAP_DIFF1 && operation != BITMAP_ANDOR) ||
           count > 1);
    struct piece piece = {.sources = sources, .count = count};
    for (; piece.at < len; piece.at += piece.len) {
        piece.len = len - piece.at < PIECE_BYTES ? len - piece.at : PIECE_BYTES;
        combine_piece(operation, &piece, out + piece.at);
    }
}
