/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Names of the entries of a stream: a time in milliseconds and a number within it, in order. */
#include <stdbool.h>
#include <stdint.h>

struct stream_id {
    uint64_t ms;
    uint64_t seq;
};

#define STREAM_ID_MIN ((struct stream_id){0, 0})
#define STREAM_ID_MAX ((struct stream_id){UINT64_MAX, UINT64_MAX})

static inline bool stream_id_equal(struct stream_id a, struct stream_id b) {
    return a.ms == b.ms && a.seq == b.seq;
}

/* Below 0, 0, above 0. */
static inline int stream_id_compare(struct stream_id a, struct stream_id b) {
    if (a.ms != b.ms) return a.ms < b.ms ? -1 : 1;
    return a.seq < b.seq ? -1 : a.seq > b.seq;
}

static inline bool stream_id_is_zero(struct stream_id id) { return id.ms == 0 && id.seq == 0; }

/* The neighbours; false: there is none, and `id` stays. */
static inline bool stream_id_next(struct stream_id *id) {
    if (id->seq != UINT64_MAX) id->seq++;
    else if (id->ms != UINT64_MAX) *id = (struct stream_id){id->ms + 1, 0};
    else return false;
    return true;
}

static inline bool stream_id_previous(struct stream_id *id) {
    if (id->seq != 0) id->seq--;
    else if (id->ms != 0) *id = (struct stream_id){id->ms - 1, UINT64_MAX};
    else return false;
    return true;
}
