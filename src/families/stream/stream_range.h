/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A range of entries as it is answered, at once or, when it is long, in slices. */
#include "commands/reading.h"
#include "families/stream/stream_words.h"

struct stream_range {
    struct stream_walk walk;
    struct stream_id end; /* the id where it stops, included */
    uint64_t left;        /* entries that may yet be given */
    int key_index; /* in argv: the reply is XREAD's, of this one stream; 0: the entries alone */
    bool back;
    bool on; /* the walk stands on an entry */
    bool begun;
    struct reply_later later;
};

/* Starts at `from`; false when there is nothing to give. `end`, `left`, `back` are set. */
bool stream_range_start(struct stream_range *range, const struct stream *stream,
                        struct stream_id from);
/* Whether an entry is to be given. */
bool stream_range_holds(const struct stream_range *range);
/* All that is left, as an array. */
void stream_range_answer(struct call *call, struct stream_range *range);
/* The last thing that a handler does: answers, in slices when it may be long. */
void stream_range_answer_whole(struct call *call, const struct value *value,
                               struct stream_range *range);
