/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/reading.h"

#include "base/memory.h"
#include "commands/reply.h"

struct reading {
    struct reading *next;
    struct reading *previous;
    struct executor *executor;
    struct call *call; /* the one that lasts; NULL: nothing lasts, all steps run at once */
    call_step *step;
    void *state;
    void (*destroy)(void *state);
    bool running; /* a step is on the stack: nobody finishes it a second time */
    bool done;
    size_t boxed_count;
    const void *boxed[];
};

static bool advance(struct call *call, void *state, size_t budget) {
    struct reading *reading = state;
    if (reading->done) return true;
    reading->running = true;
    reading->done = reading->step(call, reading->state, budget);
    reading->running = false;
    return reading->done;
}

static void end(void *state) {
    struct reading *reading = state;
    if (reading->previous != NULL) reading->previous->next = reading->next;
    else reading->executor->readings = reading->next;
    if (reading->next != NULL) reading->next->previous = reading->previous;
    if (reading->destroy != NULL) reading->destroy(reading->state);
    memory_free(reading);
}

void call_read_in_slices(struct call *call, const struct value *values, size_t value_count,
                         call_step *step, void *state, void (*destroy)(void *state)) {
    struct executor *executor = call->executor;
    struct reading *reading = memory_try_allocate(sizeof(*reading) +
                                                  value_count * sizeof(reading->boxed[0]));
    if (reading == NULL) {
        if (destroy != NULL) destroy(state);
        reply_no_memory(call, "so many values");
        return;
    }
    *reading = (struct reading){.next = executor->readings,
                                .executor = executor,
                                .step = step,
                                .state = state,
                                .destroy = destroy};
    for (size_t i = 0; i < value_count; i++)
        if (values[i].storage == VALUE_BOXED)
            reading->boxed[reading->boxed_count++] = values[i].boxed;
    if (executor->readings != NULL) executor->readings->previous = reading;
    executor->readings = reading;
    struct call *lasting = call_in_slices(call, advance, reading, end);
    if (lasting != NULL) reading->call = lasting;
}

static bool reads(const struct reading *reading, const void *boxed) {
    for (size_t i = 0; i < reading->boxed_count; i++)
        if (reading->boxed[i] == boxed) return true;
    return false;
}

/* The reading stays in the list until the house takes its call up again, and costs a look. */
static void finish(struct reading *reading) {
    if (reading->done || reading->running || reading->call == NULL) return;
    while (!advance(reading->call, reading, SIZE_MAX)) continue;
}

void readings_finish(struct executor *executor, const struct value *value) {
    if (value->storage != VALUE_BOXED) return;
    for (struct reading *reading = executor->readings; reading != NULL; reading = reading->next)
        if (reads(reading, value->boxed)) finish(reading);
}

void readings_finish_all(struct executor *executor) {
    for (struct reading *reading = executor->readings; reading != NULL; reading = reading->next)
        finish(reading);
}
