/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/waiting.h"

#include <math.h>

#include "base/text.h"
#include "commands/args.h"
#include "commands/reply.h"

void wait_for_keys(struct call *call, const struct wait_request *request) {
    struct executor *executor = call->executor;
    if (executor->hooks.wait != NULL && call->session != NULL && !call->in_transaction &&
        executor->hooks.wait(executor->context, call, request))
        return;
    request->give_up(call);
}

int64_t args_timeout_ms(struct call *call) {
    struct bytes text = args_bytes(call);
    if (args_failed(call)) return 0;
    long double seconds;
    if (!text_to_long_double(text, &seconds) || isnan(seconds)) {
        args_fail(call, "ERR timeout is not a float or out of range");
        return 0;
    }
    if (seconds > (long double)INT64_MAX / 1000) {
        args_fail(call, "ERR timeout is out of range");
        return 0;
    }
    if (seconds < 0) {
        args_fail(call, "ERR timeout is negative");
        return 0;
    }
    int64_t timeout_ms = (int64_t)ceill(seconds * 1000);
    if (timeout_ms > INT64_MAX - call_now_ms(call)) {
        args_fail(call, "ERR timeout is out of range");
        return 0;
    }
    return timeout_ms;
}

void wait_for_arguments(struct call *call, int first, int count, const struct value_type *type,
                        int64_t timeout_ms) {
    wait_for_keys(call, &(struct wait_request){.keys = call->argv + first,
                                               .key_count = (size_t)count,
                                               .timeout_ms = timeout_ms,
                                               .type = type,
                                               .give_up = reply_null_array});
}
