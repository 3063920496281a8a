/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A sorted set in the making, member by member, for commands that store one or answer with one. Its
 * names are copied where they are not sure to stay. Lies in the call's arena. */
#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "commands/call.h"

struct sorted_set_pair {
    struct bytes name;
    double score;
};

struct sorted_set_build {
    struct call *call;
    struct sorted_set_pair *pairs; /* names differ */
    size_t count;
    size_t capacity;
    size_t name_max; /* length of the longest */
    bool failed;     /* memory was refused */
    bool disordered; /* pairs did not come in order */
};

/* `expected`: how many there will be at most. */
void sorted_set_build_init(struct sorted_set_build *build, struct call *call, size_t expected);
/* The name must not be there; it is copied. */
void sorted_set_build_add(struct sorted_set_build *build, struct bytes name, double score);
/* Puts the pairs in order. O(n log n); O(n) when they came so. */
void sorted_set_build_sort(struct sorted_set_build *build);
/* Ends the command: stores the set at `key` in place of whatever is there, or deletes the key when
 * the set is empty; replies with the count, sends the event. */
void sorted_set_build_store(struct sorted_set_build *build, struct bytes key, const char *event);
