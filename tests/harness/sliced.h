/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A client whose command goes on in slices (commands/slices.h), as the server suspends it; the test
 * says when a step runs. One at a time; `sliced_start` takes the executor's hook `suspend`. */
#include "commands/slices.h"
#include "harness/harness.h"

struct sliced {
    struct call call; /* first: what the hook gives out is this */
    call_step *step;  /* NULL: nothing is suspended */
    void *state;
    void (*destroy)(void *state);
    struct bytes argv[4];
    struct output output;
};

/* Starts a command of two words that suspends itself; asserts that it did. */
void sliced_start(struct sliced *sliced, struct harness *harness, struct bytes first,
                  struct bytes second);
/* The same from inside a handler's place: arms the hook for a call that the test makes. */
void sliced_arm(struct sliced *sliced, struct harness *harness);
/* One step; true when it was the last. */
bool sliced_step(struct sliced *sliced, struct harness *harness, size_t budget);
/* Its reply so far, flat, with a zero behind; the caller frees it (free). */
char *sliced_reply(const struct sliced *sliced);
/* The command has ended (`done`: a whole reply was given) or its client has gone. */
void sliced_finish(struct sliced *sliced, bool done);
