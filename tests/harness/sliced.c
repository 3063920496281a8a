/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness/sliced.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "commands/registry.h"
#include "harness/flatten.h"

static struct sliced *armed;

static struct call *suspend(void *context, struct call *call, call_step *step, void *state,
                            void (*destroy)(void *state)) {
    (void)context;
    struct sliced *sliced = armed;
    sliced->call = *call;
    sliced->step = step;
    sliced->state = state;
    sliced->destroy = destroy;
    /* The words lie elsewhere from now on, as in the server. */
    assert((size_t)call->argc <= sizeof(sliced->argv) / sizeof(sliced->argv[0]));
    for (int i = 0; i < call->argc; i++)
        sliced->argv[i] = bytes_make(
            memcpy(memory_allocate(call->argv[i].len + 1), call->argv[i].data, call->argv[i].len),
            call->argv[i].len);
    sliced->call.argv = sliced->argv;
    output_init(&sliced->output, 2);
    sliced->call.output = &sliced->output;
    call->reply_pending = 0;
    return &sliced->call;
}

void sliced_arm(struct sliced *sliced, struct harness *harness) {
    armed = sliced;
    harness->executor.hooks.suspend = suspend;
}

void sliced_start(struct sliced *sliced, struct harness *harness, struct bytes first,
                  struct bytes second) {
    char *line[2] = {memory_allocate(first.len + 1), memory_allocate(second.len + 1)};
    memcpy(line[0], first.data, first.len);
    memcpy(line[1], second.data, second.len);
    struct bytes argv[2] = {{line[0], first.len}, {line[1], second.len}};
    struct call call;
    struct output output;
    output_init(&output, 2);
    sliced_arm(sliced, harness);
    call_init(&call, &harness->executor, registry_find(harness->registry, first)->command,
              &harness->executor.keyspace.databases[0], argv, 2, &output);
    call.session = (struct session *)(void *)sliced;
    executor_run(&harness->executor, &call);
    assert(sliced->step != NULL);
    assert(output_bytes(&output) == 0);
    output_deinit(&output);
    memory_free(line[0]);
    memory_free(line[1]);
}

bool sliced_step(struct sliced *sliced, struct harness *harness, size_t budget) {
    executor_begin(&harness->executor);
    bool done = sliced->step(&sliced->call, sliced->state, budget);
    executor_end(&harness->executor);
    return done;
}

char *sliced_reply(const struct sliced *sliced) {
    char *flat = NULL;
    flatten(&sliced->output, &flat);
    return flat;
}

void sliced_finish(struct sliced *sliced, bool done) {
    assert(!done || sliced->call.reply_pending == 0);
    (void)done;
    if (sliced->destroy != NULL) sliced->destroy(sliced->state);
    output_deinit(&sliced->output);
    for (int i = 0; i < sliced->call.argc; i++)
        memory_free((void *)(uintptr_t)sliced->argv[i].data);
    sliced->step = NULL;
}
