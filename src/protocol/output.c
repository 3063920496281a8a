/* SPDX-License-Identifier: BSD-3-Clause */
#include "protocol/output.h"

#include <assert.h>
#include <sys/uio.h>

#include "base/memory.h"
#include "base/text.h"

void output_init(struct output *output, uint8_t protocol) {
    *output = (struct output){.protocol = protocol};
}

static void drop_splices(struct output *output, size_t from) {
    for (size_t i = from; i < output->splice_count; i++) {
        output->splice_bytes -= output->splices[i].blob->len;
        blob_unref(output->splices[i].blob);
    }
    if (from < output->splice_count) output->splice_count = from;
}

void output_deinit(struct output *output) {
    drop_splices(output, 0);
    memory_free(output->splices);
    memory_free(output->data);
    output_init(output, output->protocol);
}

void output_clear(struct output *output, size_t keep) {
    drop_splices(output, 0);
    output->len = 0;
    output->refused = false;
    if (output->capacity > keep) {
        memory_free(output->data);
        output->data = NULL;
        output->capacity = 0;
    }
    if (output->splice_capacity > 64) {
        memory_free(output->splices);
        output->splices = NULL;
        output->splice_capacity = 0;
    }
}

size_t output_memory_bytes(const struct output *output) {
    size_t bytes = output->splice_bytes;
    if (output->data != NULL) bytes += memory_block_bytes(output->data);
    if (output->splices != NULL) bytes += memory_block_bytes(output->splices);
    return bytes;
}

bool output_grow(struct output *output, size_t size) {
    size_t needed = output->len + size; /* of bytes that lie in memory: it cannot wrap */
    size_t capacity = output->capacity < 512 ? 512 : output->capacity * 2;
    while (capacity < needed) capacity *= 2;
    bool sure = capacity <= OUTPUT_SURE_BYTES;
    char *data = sure ? memory_reallocate(output->data, capacity)
                      : memory_try_reallocate(output->data, capacity);
    if (UNLIKELY(data == NULL)) {
        output->refused = true;
        return false;
    }
    output->data = data;
    output->capacity = capacity;
    return true;
}

void output_raw(struct output *output, struct bytes bytes) {
    char *at = bytes.len == 0 ? NULL : output_reserve(output, bytes.len);
    if (at == NULL) return;
    memcpy(at, bytes.data, bytes.len);
    output->len += bytes.len;
}

#define SPLICES_SURE 64

static bool more_splices(struct output *output) {
    size_t capacity = output->splice_capacity == 0 ? 4 : output->splice_capacity * 2;
    size_t size = capacity * sizeof(output->splices[0]);
    bool sure = capacity <= SPLICES_SURE;
    struct output_splice *splices = sure ? memory_reallocate(output->splices, size)
                                         : memory_try_reallocate(output->splices, size);
    if (splices == NULL) return false;
    output->splices = splices;
    output->splice_capacity = capacity;
    return true;
}

/* Takes the reference. */
static void splice_add(struct output *output, size_t offset, struct blob *blob) {
    if (output->splice_count == output->splice_capacity && !more_splices(output)) {
        output->refused = true;
        blob_unref(blob);
        return;
    }
    output->splices[output->splice_count++] = (struct output_splice){offset, blob};
    output->splice_bytes += blob->len;
}

void output_splice_take(struct output *output, struct blob *blob) {
    splice_add(output, output->len, blob);
}

void output_move(struct output *output, struct output *from) {
    size_t base = output->len;
    output->refused |= from->refused;
    output_raw(output, bytes_make(from->data, from->len));
    for (size_t i = 0; i < from->splice_count; i++) {
        if (output->refused) blob_unref(from->splices[i].blob);
        else splice_add(output, base + from->splices[i].offset, from->splices[i].blob);
    }
    from->splice_count = 0;
    from->splice_bytes = 0;
    from->len = 0;
    from->refused = false;
}

size_t output_discard(struct output *output, size_t sent) {
    size_t at = 0, over = 0;
    for (;;) {
        bool last = over == output->splice_count;
        size_t piece = (last ? output->len : output->splices[over].offset) - at;
        size_t taken = sent < piece ? sent : piece;
        at += taken;
        sent -= taken;
        if (last || taken < piece || sent < output->splices[over].blob->len) break;
        sent -= output->splices[over].blob->len;
        output->splice_bytes -= output->splices[over].blob->len;
        blob_unref(output->splices[over++].blob);
    }
    if (at > 0) memmove(output->data, output->data + at, output->len - at);
    output->len -= at;
    output->splice_count -= over;
    for (size_t i = 0; i < output->splice_count; i++) {
        output->splices[i] = output->splices[i + over];
        output->splices[i].offset -= at;
    }
    return sent;
}

void output_truncate(struct output *output, size_t len) {
    assert(len <= output->len);
    size_t keep = output->splice_count;
    while (keep > 0 && output->splices[keep - 1].offset > len) keep--;
    drop_splices(output, keep);
    output->len = len;
    output->refused = false;
}

void output_insert(struct output *output, size_t offset, struct bytes bytes) {
    assert(offset <= output->len);
    if (output_reserve(output, bytes.len) == NULL) return;
    memmove(output->data + offset + bytes.len, output->data + offset, output->len - offset);
    memcpy(output->data + offset, bytes.data, bytes.len);
    output->len += bytes.len;
    for (size_t i = output->splice_count; i > 0 && output->splices[i - 1].offset > offset; i--)
        output->splices[i - 1].offset += bytes.len;
}

int output_vector(const struct output *output, size_t skip, struct iovec *vector, int max) {
    int count = 0;
    size_t at = 0;
    for (size_t i = 0; i <= output->splice_count && count < max; i++) {
        bool last = i == output->splice_count;
        size_t until = last ? output->len : output->splices[i].offset;
        size_t piece = until - at;
        if (skip < piece) {
            vector[count].iov_base = output->data + at + skip;
            vector[count++].iov_len = piece - skip;
            skip = 0;
        } else {
            skip -= piece;
        }
        at = until;
        if (last || count == max) break;
        struct blob *blob = output->splices[i].blob;
        if (skip < blob->len) {
            vector[count].iov_base = blob->data + skip;
            vector[count++].iov_len = blob->len - skip;
            skip = 0;
        } else {
            skip -= blob->len;
        }
    }
    return count;
}

/* --- RESP --- */

static char *put_crlf(char *at) {
    at[0] = '\r';
    at[1] = '\n';
    return at + 2;
}

static size_t put_number(char *at, char kind, int64_t value) {
    at[0] = kind;
    size_t len;
    if (value >= 0 && value < 10) {
        at[1] = (char)('0' + value);
        len = 1;
    } else if (value >= 10 && value < 100) {
        at[1] = (char)('0' + value / 10);
        at[2] = (char)('0' + value % 10);
        len = 2;
    } else {
        len = text_from_integer(at + 1, value);
    }
    put_crlf(at + 1 + len);
    return len + 3;
}

static void header(struct output *output, char kind, int64_t value) {
    char *at = output_reserve(output, 32);
    if (LIKELY(at != NULL)) output->len += put_number(at, kind, value);
}

void resp_status(struct output *output, struct bytes text) {
    char *at = output_reserve(output, text.len + 3);
    if (at == NULL) return;
    at[0] = '+';
    memcpy(at + 1, text.data, text.len);
    put_crlf(at + 1 + text.len);
    output->len += text.len + 3;
}

void resp_error(struct output *output, struct bytes text) {
    while (text.len > 0 && (text.data[text.len - 1] == '\r' || text.data[text.len - 1] == '\n'))
        text.len--;
    char *at = output_reserve(output, text.len + 3);
    if (at == NULL) return;
    at[0] = '-';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        at[1 + i] = c == '\r' || c == '\n' ? ' ' : c;
    }
    put_crlf(at + 1 + text.len);
    output->len += text.len + 3;
}

void resp_integer(struct output *output, int64_t value) { header(output, ':', value); }

void resp_bulk(struct output *output, struct bytes bytes) {
    char *start = output_reserve(output, bytes.len + 32);
    if (UNLIKELY(start == NULL)) return;
    char *at = start + put_number(start, '$', (int64_t)bytes.len);
    if (bytes.len > 0) memcpy(at, bytes.data, bytes.len);
    at = put_crlf(at + bytes.len);
    output->len += (size_t)(at - start);
}

void resp_bulk_blob(struct output *output, struct blob *blob) {
    if (blob->len < OUTPUT_SPLICE_MIN) {
        resp_bulk(output, blob_bytes(blob));
        return;
    }
    header(output, '$', (int64_t)blob->len);
    splice_add(output, output->len, blob_ref(blob));
    output_raw(output, BYTES("\r\n"));
}

void resp_null(struct output *output) {
    output_raw(output, output->protocol == 3 ? BYTES("_\r\n") : BYTES("$-1\r\n"));
}

void resp_null_array(struct output *output) {
    output_raw(output, output->protocol == 3 ? BYTES("_\r\n") : BYTES("*-1\r\n"));
}

size_t resp_header(char out[32], uint8_t protocol, char kind, size_t count) {
    if (protocol != 3) {
        if (kind == '%') count *= 2;
        kind = '*';
    }
    return put_number(out, kind, (int64_t)count);
}

static void aggregate(struct output *output, char kind, size_t count) {
    char *at = output_reserve(output, 32);
    if (LIKELY(at != NULL)) output->len += resp_header(at, output->protocol, kind, count);
}

void resp_array(struct output *output, size_t count) { header(output, '*', (int64_t)count); }

void resp_map(struct output *output, size_t pairs) { aggregate(output, '%', pairs); }

void resp_set(struct output *output, size_t count) { aggregate(output, '~', count); }

void resp_push(struct output *output, size_t count) { aggregate(output, '>', count); }

void resp_attribute(struct output *output, size_t pairs) {
    assert(output->protocol == 3);
    header(output, '|', (int64_t)pairs);
}

void resp_boolean(struct output *output, bool value) {
    if (output->protocol == 3) output_raw(output, value ? BYTES("#t\r\n") : BYTES("#f\r\n"));
    else resp_integer(output, value);
}

void resp_double(struct output *output, double value) {
    char text[TEXT_DOUBLE_MAX];
    struct bytes bytes = {text, text_from_double(text, value)};
    if (output->protocol == 3) {
        char *at = output_reserve(output, bytes.len + 3);
        if (at == NULL) return;
        at[0] = ',';
        memcpy(at + 1, bytes.data, bytes.len);
        put_crlf(at + 1 + bytes.len);
        output->len += bytes.len + 3;
    } else {
        resp_bulk(output, bytes);
    }
}

void resp_big_number(struct output *output, struct bytes digits) {
    if (output->protocol != 3) {
        resp_bulk(output, digits);
        return;
    }
    output_raw(output, BYTES("("));
    output_raw(output, digits);
    output_raw(output, BYTES("\r\n"));
}

void resp_verbatim(struct output *output, const char format[3], struct bytes text) {
    if (output->protocol != 3) {
        resp_bulk(output, text);
        return;
    }
    header(output, '=', (int64_t)text.len + 4);
    output_raw(output, bytes_make(format, 3));
    output_raw(output, BYTES(":"));
    output_raw(output, text);
    output_raw(output, BYTES("\r\n"));
}
