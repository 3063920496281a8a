/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/reply.h"

#include <stdarg.h>

#include "base/text.h"

void reply_none(struct call *call) { call->reply_pending = 0; }

void reply_ok(struct call *call) {
    call->reply_pending--;
    output_raw(call->output, BYTES("+OK\r\n"));
}

void reply_status(struct call *call, const char *text) {
    call->reply_pending--;
    resp_status(call->output, bytes_of(text));
}

void reply_error(struct call *call, const char *format, ...) {
    va_list list;
    va_start(list, format);
    struct bytes text = arena_try_format_list(call_arena(call), format, list);
    va_end(list);
    if (text.data == NULL) text = BYTES("OOM command not allowed: no memory for the error");
    call->reply_pending--;
    call->failed = true;
    resp_error(call->output, text);
}

void reply_no_memory(struct call *call, const char *what) {
    reply_error(call, "OOM command not allowed: no memory for %s", what);
}

void reply_gathered(struct call *call, const struct output *text) {
    if (text->refused) reply_no_memory(call, "the reply");
    else reply_verbatim(call, "txt", bytes_make(text->data, text->len));
}

void reply_wrong_type(struct call *call) {
    reply_error(call, "WRONGTYPE Operation against a key holding the wrong kind of value");
}

void reply_text(struct call *call, const char *text) { reply_bulk(call, bytes_of(text)); }

void reply_bulk_integer(struct call *call, int64_t value) {
    char text[TEXT_INTEGER_MAX];
    reply_bulk(call, bytes_make(text, text_from_integer(text, value)));
}

void reply_blob(struct call *call, struct blob *blob) {
    call->reply_pending--;
    resp_bulk_blob(call->output, blob);
}

void reply_null(struct call *call) {
    call->reply_pending--;
    resp_null(call->output);
}

void reply_null_array(struct call *call) {
    call->reply_pending--;
    resp_null_array(call->output);
}

void reply_array(struct call *call, size_t count) {
    call->reply_pending += (int64_t)count - 1;
    resp_array(call->output, count);
}

void reply_map(struct call *call, size_t pairs) {
    call->reply_pending += (int64_t)pairs * 2 - 1;
    resp_map(call->output, pairs);
}

void reply_set(struct call *call, size_t count) {
    call->reply_pending += (int64_t)count - 1;
    resp_set(call->output, count);
}

void reply_push(struct call *call, size_t count) {
    call->reply_pending += (int64_t)count;
    resp_push(call->output, count);
}

void reply_boolean(struct call *call, bool value) {
    call->reply_pending--;
    resp_boolean(call->output, value);
}

void reply_double(struct call *call, double value) {
    call->reply_pending--;
    resp_double(call->output, value);
}

void reply_long_double(struct call *call, long double value) {
    char text[5 * 1024];
    reply_bulk(call, bytes_make(text, text_from_long_double(text, value)));
}

void reply_verbatim(struct call *call, const char format[3], struct bytes text) {
    call->reply_pending--;
    resp_verbatim(call->output, format, text);
}

void reply_big_number(struct call *call, struct bytes digits) {
    call->reply_pending--;
    resp_big_number(call->output, digits);
}

struct reply_later reply_later_open(struct call *call) {
    struct reply_later later = {call->output->len, call->reply_pending};
    call->reply_pending = 0;
    return later;
}

void reply_later_close(struct call *call, struct reply_later later, char kind) {
    size_t count = (size_t)-call->reply_pending;
    char text[32];
    size_t len = resp_header(text, call->output->protocol, kind, kind == '%' ? count / 2 : count);
    output_insert(call->output, later.offset, bytes_make(text, len));
    call->reply_pending = later.pending - 1;
}

struct reply_mark reply_mark(struct call *call) {
    return (struct reply_mark){call->output->len, call->reply_pending};
}

void reply_rewind(struct call *call, struct reply_mark mark) {
    output_truncate(call->output, mark.offset);
    call->reply_pending = mark.pending;
    call->failed = false;
}
