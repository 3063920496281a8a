/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/args.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/text.h"
#include "commands/registry.h"
#include "commands/reply.h"

struct bytes args_peek(const struct call *call, int ahead) {
    int at = call->arg_at + ahead;
    return at < call->argc ? call->argv[at] : BYTES("");
}

struct bytes args_missing(struct call *call) {
    if (!call->failed) args_syntax_error(call);
    return BYTES("");
}

bool args_word(struct call *call, const char *word) {
    if (call->failed || call->arg_at >= call->argc) return false;
    if (!bytes_is(call->argv[call->arg_at], word)) return false;
    call->arg_at++;
    return true;
}

int64_t args_integer_or(struct call *call, int64_t min, int64_t max, const char *error) {
    struct bytes text = args_bytes(call);
    int64_t value = 0;
    if (call->failed) return min > 0 ? min : 0;
    if (text_to_integer(text, &value) && value >= min && value <= max) return value;
    args_fail(call, "ERR %s", error);
    return min > 0 ? min : 0;
}

int64_t args_integer(struct call *call, int64_t min, int64_t max) {
    return args_integer_or(call, min, max, "value is not an integer or out of range");
}

double args_double_or(struct call *call, const char *error) {
    struct bytes text = args_bytes(call);
    double value = 0;
    if (call->failed) return 0;
    if (text_to_double(text, &value)) return value;
    args_fail(call, "ERR %s", error);
    return 0;
}

double args_double(struct call *call) { return args_double_or(call, "value is not a valid float"); }

/* Words of outsiders in errors are quoted and cut. */
struct quoted {
    char text[96];
};

static struct quoted quote(struct bytes bytes) {
    struct quoted quoted;
    size_t len = text_quote(quoted.text, sizeof(quoted.text) - 1, bytes);
    quoted.text[len] = '\0';
    return quoted;
}

int64_t args_duration_ms(struct call *call, int64_t min_ms, int64_t max_ms) {
    struct bytes text = args_bytes(call);
    int64_t value = 0;
    if (call->failed) return min_ms;
    if (text_to_duration_ms(text, &value) && value >= min_ms && value <= max_ms) return value;
    args_fail(call,
              "ERR syntax %s is not a duration from %" PRId64 " to %" PRId64
              " ms (250ms, 30s, 5m, 2h, 7d)",
              quote(text).text, min_ms, max_ms);
    return min_ms;
}

void args_rate(struct call *call, int64_t *count, int64_t *duration_ms) {
    struct bytes text = args_bytes(call);
    *count = 1;
    *duration_ms = 1;
    if (call->failed || text_to_rate(text, count, duration_ms)) return;
    args_fail(call, "ERR syntax %s is not a rate such as 100/1m", quote(text).text);
}

double args_fraction(struct call *call, double min, double max) {
    struct bytes text = args_bytes(call);
    double value = 0;
    if (call->failed) return min;
    if (text_to_fraction(text, &value) && value >= min && value <= max) return value;
    args_fail(call, "ERR syntax %s is not a fraction from %g to %g (0.2 or 20%%)", quote(text).text,
              min, max);
    return min;
}

uint64_t args_memory_bytes(struct call *call, uint64_t max) {
    struct bytes text = args_bytes(call);
    uint64_t value = 0;
    if (call->failed) return 0;
    if (text_to_memory_bytes(text, &value) && value <= max) return value;
    args_fail(call, "ERR syntax %s is not a size such as 64kb", quote(text).text);
    return 0;
}

void args_fail(struct call *call, const char *format, ...) {
    if (call->failed) return;
    va_list list;
    va_start(list, format);
    struct bytes text = arena_try_format_list(call_arena(call), format, list);
    va_end(list);
    if (text.data == NULL) reply_no_memory(call, "the error");
    else reply_error(call, "%.*s", (int)text.len, text.data);
}

void args_syntax_error(struct call *call) { args_fail(call, "ERR syntax error"); }

void args_unknown_word(struct call *call) {
    args_fail(call, "ERR syntax error near %s", quote(args_peek(call, 0)).text);
}

void args_wrong_number(struct call *call) {
    const struct command_entry *entry = call->entry;
    if (entry == NULL)
        entry = registry_resolve_declared(call->executor->registry, call->argv, call->argc);
    args_fail(call, "ERR wrong number of arguments for '%s' command",
              entry != NULL ? entry->full_name : call->command->name);
}

void args_end(struct call *call) {
    if (args_left(call) > 0) args_syntax_error(call);
}
