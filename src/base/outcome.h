/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* General results of doing something to the world. A family's own outcomes are its own enum. */

enum outcome {
    OUTCOME_OK = 0,
    OUTCOME_NOT_FOUND,
    OUTCOME_WRONG_TYPE,
    OUTCOME_OUT_OF_RANGE,
    OUTCOME_MALFORMED,
    OUTCOME_FULL,
    OUTCOME_IO_FAILED,
    OUTCOME_CORRUPT,
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
