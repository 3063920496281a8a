/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A sorted set in the making, member by member, for commands that store one or answer with one. It
 * lies in an arena; sixteen bytes and a copy of the name a member. */
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "keyspace/collection_limits.h"
#include "keyspace/value.h"

struct sorted_set_pair {
    struct bytes name;
    double score; /* no NaN */
};

struct sorted_set_build {
    struct arena *arena;
    struct sorted_set_pair *pairs;
    size_t count;
    size_t capacity;
    size_t name_max; /* length of the longest */
    bool failed;     /* memory was refused: nothing is added any more */
    bool disordered; /* pairs did not come in order, or have changed since */
};

/* `capacity`: how many there will be at most. Borrows the arena. */
void sorted_set_build_init(struct sorted_set_build *build, struct arena *arena, size_t capacity);
/* The name must not be there; it is copied. */
void sorted_set_build_add(struct sorted_set_build *build, struct bytes name, double score);
/* Puts the pairs in order. O(n log n); O(1) when they came so. */
void sorted_set_build_sort(struct sorted_set_build *build);
/* Makes a value of it, which has at least one member: BOXED and owned by the caller, or INLINED
 * bytes in the arena. False: memory was refused. */
bool sorted_set_build_finish(struct sorted_set_build *build, const struct collection_limits *limits,
                             struct value *value) MUST_CHECK;
