/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/stream/stream_trim_options.h"

/* Without LIMIT, ~ removes at most so many blocks' worth of entries. */
#define LIMIT_BLOCKS 100
#define LIMIT_UNBOUNDED 10000
#define LIMIT_MAX 1000000

static void take_threshold(struct call *call, struct stream_trim_options *options) {
    struct stream_trim *trim = &options->trim;
    if (options->wanted) {
        args_fail(call, "ERR syntax error, MAXLEN and MINID options at the same time are not "
                        "compatible");
        return;
    }
    options->wanted = true;
    if (args_left(call) >= 2) {
        if (args_word(call, "~")) trim->whole_blocks = true;
        else args_word(call, "=");
    }
    if (trim->by_id) {
        trim->min_id = stream_take_id(call);
        return;
    }
    int64_t length = args_integer(call, INT64_MIN, INT64_MAX);
    if (length < 0) args_fail(call, "ERR The MAXLEN argument must be >= 0.");
    trim->max_length = (uint64_t)length;
}

bool stream_trim_options_take(struct call *call, struct stream_trim_options *options) {
    if (args_left(call) < 2) return false;
    bool by_length = args_word(call, "MAXLEN");
    if (by_length || args_word(call, "MINID")) {
        if (!options->wanted) options->trim.by_id = !by_length;
        take_threshold(call, options);
        return !args_failed(call);
    }
    if (!args_word(call, "LIMIT")) return false;
    int64_t limit = args_integer(call, INT64_MIN, INT64_MAX);
    if (limit < 0) args_fail(call, "ERR The LIMIT argument must be >= 0.");
    options->trim.limit = (uint64_t)limit;
    options->limit_given = true;
    return !args_failed(call);
}

void stream_trim_options_settle(struct call *call, struct stream_trim_options *options) {
    if (args_failed(call)) return;
    struct stream_trim *trim = &options->trim;
    if (options->limit_given) {
        if (!options->wanted)
            args_fail(call, "ERR syntax error, LIMIT cannot be used without specifying a trimming "
                            "strategy");
        else if (!trim->whole_blocks)
            args_fail(call, "ERR syntax error, LIMIT cannot be used without the special ~ option");
        return;
    }
    if (!trim->whole_blocks) return;
    uint64_t entries = call->executor->keyspace.limits.stream_block_entries;
    uint64_t limit = LIMIT_BLOCKS * entries;
    if (limit == 0) limit = LIMIT_UNBOUNDED;
    trim->limit = limit < LIMIT_MAX ? limit : LIMIT_MAX;
}
