/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/slices.h"

#define BUDGET 4096

struct call *call_in_slices(struct call *call, call_step *step, void *state,
                            void (*destroy)(void *state)) {
    struct executor *executor = call->executor;
    if (executor->hooks.suspend != NULL && call->session != NULL && !call->in_transaction) {
        struct call *lasting = executor->hooks.suspend(executor->context, call, step, state,
                                                       destroy);
        if (lasting != NULL) return lasting;
    }
    while (!step(call, state, BUDGET)) continue;
    if (destroy != NULL) destroy(state);
    return NULL;
}
