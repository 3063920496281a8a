/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ways through a request. The quick one runs along the buffer and writes the vector where it
 * will stay. Where it stops, either the buffer ended (then most often nothing is remembered and
 * the request is read again from its start, which is cheap because it is small), or the request
 * is an error, or it is one worth a state. The patient way goes on from such a state, one argument
 * at a time, with offsets instead of pointers, as the buffer may move between two looks. */
#include "protocol/request.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define REQUEST_CHUNK_CELLS 4096 /* 64 KiB: a turn of fifty clients with pipelines of 16 */
#define CHUNKS_KEPT 16
#define QUICK_DIGITS_MAX 9
#define CRLF 0x0a0d         /* as two bytes of a little-endian word */
#define BULK_BYTES_MIN 6    /* "$0\r\n\r\n" */
#define REREAD_COUNT_MAX 16 /* arguments that are cheaper read twice than remembered */
#define REREAD_LINE_MAX 256 /* the same for the bytes of a line */
#define BLOB_START_BYTES (64 * 1024)

/* --- the state of a partial request --------------------------------------------------------- */

struct span {
    size_t at; /* from the first byte of the request */
    size_t len;
    struct blob *blob;
};

struct request_partial {
    size_t scanned;     /* bytes of the request in the buffer that need no second look */
    size_t searched;    /* bytes behind `scanned` where no end of line is */
    size_t taken;       /* bytes that went into blobs */
    int64_t count;      /* announced; 0: an inline line */
    size_t done;        /* spans filled */
    size_t capacity;    /* of spans */
    struct span *spans; /* owned */
    struct blob *blob;  /* owned; the argument `done` is being read into it; NULL: it is not */
    size_t blob_len;    /* how long it will be */
    bool has_blobs;     /* some span has one */
    bool refused;       /* memory for the blob was */
};

void request_partial_destroy(struct request_partial **partial) {
    struct request_partial *gone = *partial;
    if (gone == NULL) return;
    for (size_t i = 0; gone->has_blobs && i < gone->done; i++) {
        if (gone->spans[i].blob != NULL) blob_unref(gone->spans[i].blob);
    }
    if (gone->blob != NULL) blob_unref(gone->blob);
    memory_free(gone->spans);
    memory_free(gone);
    *partial = NULL;
}

size_t request_partial_bytes(const struct request_partial *partial) {
    if (partial == NULL) return 0;
    size_t sum = memory_block_bytes(partial);
    if (partial->spans != NULL) sum += memory_block_bytes(partial->spans);
    if (partial->blob != NULL) sum += blob_memory_bytes(partial->blob);
    for (size_t i = 0; partial->has_blobs && i < partial->done; i++) {
        if (partial->spans[i].blob != NULL) sum += blob_memory_bytes(partial->spans[i].blob);
    }
    return sum;
}

static struct request_partial *create_partial(int64_t count) {
    struct request_partial *partial = memory_allocate_zero(sizeof(*partial));
    partial->count = count;
    return partial;
}

static bool add_span(struct request_partial *partial, struct span span) {
    if (partial->done == partial->capacity) {
        size_t capacity = partial->capacity < 32 ? 32 : partial->capacity * 2;
        if (capacity > (uint64_t)partial->count) capacity = (size_t)partial->count;
        struct span *moved = memory_try_reallocate(partial->spans, capacity * sizeof(*moved));
        if (moved == NULL) return false;
        partial->spans = moved;
        partial->capacity = capacity;
    }
    partial->spans[partial->done++] = span;
    partial->has_blobs |= span.blob != NULL;
    return true;
}

void request_release(struct request *request) {
    if (LIKELY(request->blobs == NULL)) return;
    for (int i = 0; i < request->argc; i++) {
        if (request->blobs[i] != NULL) blob_unref(request->blobs[i]);
    }
    request->blobs = NULL;
}

/* --- big arguments -------------------------------------------------------------------------- */

/* Doubling, so that a blob is never more than twice what has come; at the end exact. */
static bool grow_blob(struct request_partial *partial, size_t more) {
    struct blob *blob = partial->blob;
    size_t needed = blob->len + more;
    if (needed <= blob->capacity) return true;
    size_t capacity = needed > SIZE_MAX / 2 ? partial->blob_len : needed * 2;
    if (capacity > partial->blob_len) capacity = partial->blob_len;
    blob = blob_try_resize(blob, capacity);
    if (blob == NULL) return false;
    partial->blob = blob;
    return true;
}

char *request_blob_room(struct request_partial *partial, size_t *room) {
    *room = 0;
    if (partial == NULL || partial->blob == NULL) return NULL;
    if (partial->blob->len == partial->blob_len) return NULL;
    if (!grow_blob(partial, 1)) {
        partial->refused = true;
        return NULL;
    }
    *room = partial->blob->capacity - partial->blob->len;
    return partial->blob->data + partial->blob->len;
}

bool request_blob_ends(const struct request_partial *partial) {
    return partial->blob->capacity >= partial->blob_len;
}

void request_blob_filled(struct request_partial *partial, size_t len) {
    assert(partial->blob != NULL && len <= partial->blob->capacity - partial->blob->len);
    partial->blob->len += len;
    partial->taken += len;
}

static bool open_blob(struct request_partial *partial, size_t len) {
    size_t capacity = len < BLOB_START_BYTES ? len : BLOB_START_BYTES;
    partial->blob = blob_try_create(capacity);
    partial->blob_len = len;
    return partial->blob != NULL;
}

/* Moves what the buffer has of the open blob into it and closes the gap. */
static bool feed_blob(struct request_reader *reader) {
    struct request_partial *partial = reader->partial;
    size_t start = reader->at + partial->scanned;
    size_t len = partial->blob_len - partial->blob->len;
    if (len > reader->len - start) len = reader->len - start;
    if (len == 0) return true;
    if (!grow_blob(partial, len)) return false;
    char *from = reader->data + start;
    memcpy(partial->blob->data + partial->blob->len, from, len);
    request_blob_filled(partial, len);
    reader->len -= len;
    memmove(from, from + len, reader->len - start);
    return true;
}

/* --- errors --------------------------------------------------------------------------------- */

static const char *const fault_texts[] = {
    [REQUEST_FAULT_NONE] = "",
    [REQUEST_FAULT_COUNT] = "invalid multibulk length",
    [REQUEST_FAULT_COUNT_LINE] = "too big mbulk count string",
    [REQUEST_FAULT_COUNT_STRANGER] = "unauthenticated multibulk length",
    [REQUEST_FAULT_BULK] = "invalid bulk length",
    [REQUEST_FAULT_BULK_LINE] = "too big bulk count string",
    [REQUEST_FAULT_BULK_STRANGER] = "unauthenticated bulk length",
    [REQUEST_FAULT_BULK_EXPECTED] = "expected '$', got '?'",
    [REQUEST_FAULT_LINE_END] = "invalid CRLF in request",
    [REQUEST_FAULT_QUOTES] = "unbalanced quotes in request",
    [REQUEST_FAULT_INLINE_LINE] = "too big inline request",
    [REQUEST_FAULT_MEMORY] = "not enough memory for the request",
};

struct bytes request_fault_text(const struct request_reader *reader,
                                char out[REQUEST_FAULT_TEXT_BYTES_MAX]) {
    static const char start[] = "Protocol error: ";
    const char *text = fault_texts[reader->fault];
    size_t len = sizeof(start) - 1 + strlen(text);
    assert(len <= REQUEST_FAULT_TEXT_BYTES_MAX);
    memcpy(out, start, sizeof(start) - 1);
    memcpy(out + sizeof(start) - 1, text, strlen(text));
    if (reader->fault == REQUEST_FAULT_BULK_EXPECTED) {
        /* An error reply is one line, so an end of line shows as a blank. */
        bool ends_line = reader->unexpected == '\r' || reader->unexpected == '\n';
        out[len - 2] = ends_line ? ' ' : reader->unexpected;
    }
    return bytes_make(out, len);
}

static enum request_status refuse(struct request_reader *reader, enum request_fault fault) {
    reader->fault = fault;
    return REQUEST_REFUSED;
}

static enum request_status incomplete(struct request_reader *reader, size_t missing) {
    reader->missing = missing;
    return REQUEST_INCOMPLETE;
}

/* --- lines with a number -------------------------------------------------------------------- */

/* The number at `at`, up to nine digits and the end of its line; what follows it is returned.
 * NULL: read_line must look, because it is not whole, not usual, or wrong. */
static inline const char *read_number(const char *at, const char *end, size_t *number) {
    if (UNLIKELY(end - at < 3)) return NULL;
    size_t value = (unsigned char)*at - (size_t)'0';
    if (UNLIKELY(value > 9)) return NULL;
    at++;
    if (*at != '\r') {
        if (UNLIKELY(value == 0)) return NULL; /* only "0" itself starts with a zero */
        const char *last = end - at > QUICK_DIGITS_MAX ? at + QUICK_DIGITS_MAX - 1 : end - 1;
        do {
            size_t digit = (unsigned char)*at - (size_t)'0';
            if (UNLIKELY(digit > 9)) return NULL;
            value = value * 10 + digit;
            at++;
            if (UNLIKELY(at > last)) return NULL;
        } while (*at != '\r');
    }
    if (UNLIKELY(end - at < 2 || at[1] != '\n')) return NULL;
    *number = value;
    return at + 2;
}

/* The same for a whole header, `mark` and number. Lengths of one and two digits, which is nearly
 * all there are, are told by one load: where the next argument starts depends on this one's
 * length, so this is the chain that decides how fast a request is read. */
static inline const char *read_header(const char *at, const char *end, char mark, size_t *number) {
    if (LIKELY(end - at >= 8)) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        word = le64toh(word);
        size_t first = (word >> 8 & 0xff) - '0';
        size_t second = (word >> 16 & 0xff) - '0';
        if (UNLIKELY((word & 0xff) != (unsigned char)mark || first > 9)) return NULL;
        if ((word >> 24 & 0xffff) == CRLF && second <= 9 && first > 0) {
            *number = first * 10 + second;
            return at + 5;
        }
        if ((word >> 16 & 0xffff) == CRLF) {
            *number = first;
            return at + 4;
        }
    } else if (end - at < 4 || *at != mark) {
        return NULL;
    }
    return read_number(at + 1, end, number);
}

/* A line "*number" or "$number" at data[start]. COMPLETE: `number` and `after` are set. The search
 * for its end begins `searched` bytes on and says there how far it came. */
struct line {
    size_t start;
    size_t searched;
    enum request_fault too_long;
    enum request_fault wrong;
    int64_t number;
    size_t after;
};

static enum request_status read_line(struct request_reader *reader, struct line *line) {
    const char *text = reader->data + line->start;
    size_t left = reader->len - line->start;
    size_t scan = left <= REQUEST_LINE_BYTES_MAX ? left : REQUEST_LINE_BYTES_MAX + 1;
    const char *end = scan <= line->searched
                          ? NULL
                          : memchr(text + line->searched, '\r', scan - line->searched);
    if (end == NULL) {
        if (left > REQUEST_LINE_BYTES_MAX) return refuse(reader, line->too_long);
        line->searched = left;
        return incomplete(reader, 2);
    }
    size_t len = (size_t)(end - text);
    line->searched = len;
    if (left - len < 2) return incomplete(reader, 1);
    if (line->wrong == REQUEST_FAULT_BULK && text[0] != '$') {
        reader->unexpected = text[0];
        return refuse(reader, REQUEST_FAULT_BULK_EXPECTED);
    }
    if (end[1] != '\n') return refuse(reader, REQUEST_FAULT_LINE_END);
    if (len == 0 || !text_to_integer(bytes_make(text + 1, len - 1), &line->number)) {
        return refuse(reader, line->wrong);
    }
    line->after = line->start + len + 2;
    return REQUEST_COMPLETE;
}

static enum request_status read_count_line(struct request_reader *reader, struct line *line) {
    line->too_long = REQUEST_FAULT_COUNT_LINE;
    line->wrong = REQUEST_FAULT_COUNT;
    enum request_status status = read_line(reader, line);
    if (status != REQUEST_COMPLETE) return status;
    if (line->number > REQUEST_ARGUMENT_COUNT_MAX) return refuse(reader, REQUEST_FAULT_COUNT);
    if (reader->limits->stranger && line->number > REQUEST_STRANGER_COUNT_MAX) {
        return refuse(reader, REQUEST_FAULT_COUNT_STRANGER);
    }
    return REQUEST_COMPLETE;
}

static enum request_status read_bulk_line(struct request_reader *reader, struct line *line) {
    line->too_long = REQUEST_FAULT_BULK_LINE;
    line->wrong = REQUEST_FAULT_BULK;
    enum request_status status = read_line(reader, line);
    if (status != REQUEST_COMPLETE) return status;
    if (line->number < 0 || (uint64_t)line->number > reader->limits->argument_bytes_max) {
        return refuse(reader, REQUEST_FAULT_BULK);
    }
    if (reader->limits->stranger && line->number > REQUEST_STRANGER_BYTES_MAX) {
        return refuse(reader, REQUEST_FAULT_BULK_STRANGER);
    }
    return REQUEST_COMPLETE;
}

/* --- the patient way ------------------------------------------------------------------------ */

/* Hands the finished request over and forgets its state. */
static enum request_status finish(struct request_reader *reader, struct request *request) {
    struct request_partial *partial = reader->partial;
    size_t count = partial->done;
    size_t cells = count + (partial->has_blobs ? (count + 1) / 2 : 0);
    static_assert(sizeof(struct bytes) == 2 * sizeof(struct blob *), "two pointers in a cell");
    struct bytes *argv = request_arguments_take(reader->arguments, cells);
    if (argv == NULL) return refuse(reader, REQUEST_FAULT_MEMORY);
    struct blob **blobs = partial->has_blobs ? (struct blob **)(void *)(argv + count) : NULL;
    const char *start = reader->data + reader->at;
    for (size_t i = 0; i < count; i++) {
        const struct span *span = &partial->spans[i];
        argv[i] = span->blob == NULL ? bytes_make(start + span->at, span->len)
                                     : blob_bytes(span->blob);
        if (blobs != NULL) blobs[i] = span->blob;
    }
    *request = (struct request){.argv = argv,
                                .blobs = blobs,
                                .argc = (int)count,
                                .wire_bytes = partial->scanned + partial->taken};
    reader->at += partial->scanned;
    partial->has_blobs = false; /* the request owns them now */
    request_partial_destroy(&reader->partial);
    return REQUEST_COMPLETE;
}

/* The two bytes behind the argument `done`, which ends at `scanned` + `len`. */
static enum request_status end_argument(struct request_reader *reader, struct span span) {
    struct request_partial *partial = reader->partial;
    const char *end = reader->data + reader->at + partial->scanned;
    size_t inside = span.blob == NULL ? span.len : 0;
    size_t left = reader->len - reader->at - partial->scanned;
    if (left < inside + 2) return incomplete(reader, inside + 2 - left);
    if (end[inside] != '\r' || end[inside + 1] != '\n') {
        return refuse(reader, REQUEST_FAULT_LINE_END);
    }
    if (!add_span(partial, span)) return refuse(reader, REQUEST_FAULT_MEMORY);
    partial->scanned += inside + 2;
    partial->blob = NULL;
    return REQUEST_COMPLETE;
}

static enum request_status read_blob(struct request_reader *reader) {
    struct request_partial *partial = reader->partial;
    if (!feed_blob(reader)) return refuse(reader, REQUEST_FAULT_MEMORY);
    if (partial->blob->len < partial->blob_len) return incomplete(reader, 0);
    return end_argument(reader, (struct span){0, partial->blob_len, partial->blob});
}

static enum request_status read_argument(struct request_reader *reader) {
    struct request_partial *partial = reader->partial;
    size_t start = reader->at + partial->scanned;
    struct line line = {.start = start};
    size_t len;
    const char *body = read_header(reader->data + start, reader->data + reader->len, '$', &len);
    size_t most = reader->limits->stranger ? REQUEST_STRANGER_BYTES_MAX
                                           : (size_t)reader->limits->argument_bytes_max;
    if (UNLIKELY(body == NULL || len > most)) {
        line.searched = partial->searched;
        enum request_status status = read_bulk_line(reader, &line);
        partial->searched = line.searched;
        if (status != REQUEST_COMPLETE) return status;
        len = (size_t)line.number;
    } else {
        line.after = (size_t)(body - reader->data);
    }
    size_t left = reader->len - line.after;
    if (len >= REQUEST_BLOB_MIN && left < len + 2) {
        partial->searched = 0;
        partial->scanned = line.after - reader->at;
        if (!open_blob(partial, len)) return refuse(reader, REQUEST_FAULT_MEMORY);
        return read_blob(reader);
    }
    /* The header of a small bulk is read again when the bulk is whole. */
    if (left < len + 2) return incomplete(reader, len + 2 - left);
    partial->searched = 0;
    partial->scanned = line.after - reader->at;
    return end_argument(reader, (struct span){partial->scanned, len, NULL});
}

static enum request_status read_inline(struct request_reader *reader, struct request *request,
                                       size_t searched);

static enum request_status resume(struct request_reader *reader, struct request *request) {
    struct request_partial *partial = reader->partial;
    if (partial->refused) return refuse(reader, REQUEST_FAULT_MEMORY);
    if (partial->count == 0) return read_inline(reader, request, partial->searched);
    while (partial->done < (uint64_t)partial->count) {
        enum request_status status = partial->blob != NULL ? read_blob(reader)
                                                           : read_argument(reader);
        if (status != REQUEST_COMPLETE) return status;
    }
    return finish(reader, request);
}

/* --- inline --------------------------------------------------------------------------------- */

/* More words than this can't be in the line. */
static size_t count_words_at_most(const char *line, size_t len) {
    size_t count = 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        count += c == ' ' || c == '\0' || (c >= '\t' && c <= '\r');
    }
    return count;
}

static enum request_status split_inline(struct request_reader *reader, struct request *request,
                                        char *line, size_t len) {
    size_t most = count_words_at_most(line, len);
    if (!request_arguments_reserve(reader->arguments, most))
        return refuse(reader, REQUEST_FAULT_MEMORY);
    struct bytes *argv = reader->arguments->cells + reader->arguments->used;
    int count = text_split_words(line, len, argv, (int)most);
    if (count < 0) return refuse(reader, REQUEST_FAULT_QUOTES);
    reader->arguments->used += (size_t)count;
    *request = (struct request){.argv = argv, .argc = count};
    return REQUEST_COMPLETE;
}

/* A line up to '\n'. With argc 0 it was empty. A line with a zero byte in it has no end: whatever
 * speaks in zero bytes speaks no RESP, and nothing that comes behind them must run. */
static enum request_status read_inline(struct request_reader *reader, struct request *request,
                                       size_t searched) {
    char *line = reader->data + reader->at;
    size_t left = reader->len - reader->at;
    size_t scan = left <= REQUEST_LINE_BYTES_MAX ? left : REQUEST_LINE_BYTES_MAX + 1;
    char *end = scan <= searched ? NULL : memchr(line + searched, '\n', scan - searched);
    if (end != NULL && memchr(line, '\0', (size_t)(end - line)) != NULL) end = NULL;
    if (end == NULL) {
        if (left > REQUEST_LINE_BYTES_MAX) return refuse(reader, REQUEST_FAULT_INLINE_LINE);
        if (left > REREAD_LINE_MAX) {
            if (reader->partial == NULL) reader->partial = create_partial(0);
            reader->partial->searched = left;
        }
        return incomplete(reader, 1);
    }
    request_partial_destroy(&reader->partial);
    size_t wire_bytes = (size_t)(end - line) + 1;
    size_t len = wire_bytes - 1;
    if (len > 0 && line[len - 1] == '\r') len--;
    enum request_status status = split_inline(reader, request, line, len);
    if (status != REQUEST_COMPLETE) return status;
    request->wire_bytes = wire_bytes;
    reader->at += wire_bytes;
    return REQUEST_COMPLETE;
}

/* --- the quick way -------------------------------------------------------------------------- */

/* The quick way stopped in an array of `count`, before argument `done`, which starts at `stop`.
 * Either nothing needs to be remembered, or a state is made and the patient way goes on. */
static enum request_status go_slow(struct request_reader *reader, struct request *request,
                                   size_t count, size_t done, const char *stop) {
    const char *start = reader->data + reader->at;
    struct line line = {.start = (size_t)(stop - reader->data)};
    enum request_status status = read_bulk_line(reader, &line);
    if (status == REQUEST_REFUSED) return status;
    if (done <= REREAD_COUNT_MAX) {
        if (status == REQUEST_INCOMPLETE && line.searched <= REREAD_LINE_MAX) return status;
        size_t left = status == REQUEST_COMPLETE ? reader->len - line.after : 0;
        if (status == REQUEST_COMPLETE && line.number < REQUEST_BLOB_MIN &&
            left < (size_t)line.number + 2) {
            return incomplete(reader, (size_t)line.number + 2 - left);
        }
    }
    const struct bytes *argv = reader->arguments->cells + reader->arguments->used;
    struct request_partial *partial = create_partial((int64_t)count);
    reader->partial = partial;
    partial->scanned = (size_t)(stop - start);
    for (size_t i = 0; i < done; i++) {
        struct span span = {(size_t)(argv[i].data - start), argv[i].len, NULL};
        if (!add_span(partial, span)) return refuse(reader, REQUEST_FAULT_MEMORY);
    }
    return resume(reader, request);
}

/* How many of `count` arguments the quick way may read: all, if they can be in the buffer and
 * there is room for the vector; else as many as are read twice without remorse. */
static inline size_t quick_count(struct request_reader *reader, size_t count, size_t left) {
    struct request_arguments *arguments = reader->arguments;
    if (LIKELY(count <= arguments->capacity - arguments->used)) return count;
    if (count > REQUEST_CHUNK_CELLS && count > left / BULK_BYTES_MIN) count = REREAD_COUNT_MAX;
    return request_arguments_reserve(arguments, count) ? count : 0;
}

static enum request_status read_array(struct request_reader *reader, struct request *request,
                                      size_t count, const char *at) {
    const char *end = reader->data + reader->len;
    struct request_arguments *arguments = reader->arguments;
    size_t most = reader->limits->stranger ? REQUEST_STRANGER_BYTES_MAX
                                           : (size_t)reader->limits->argument_bytes_max;
    size_t room = quick_count(reader, count, (size_t)(end - at));
    struct bytes *argv = arguments->cells + arguments->used;
    size_t done = 0;
    for (; done < room; done++) {
        size_t len;
        const char *body = read_header(at, end, '$', &len);
        if (UNLIKELY(body == NULL || len > most)) break;
        if (UNLIKELY((size_t)(end - body) < len + 2)) break;
        if (UNLIKELY(body[len] != '\r' || body[len + 1] != '\n')) break;
        argv[done] = bytes_make(body, len);
        at = body + len + 2;
    }
    if (UNLIKELY(done < count)) return go_slow(reader, request, count, done, at);
    arguments->used += count;
    const char *start = reader->data + reader->at;
    *request = (struct request){
        .argv = argv, .argc = (int)count, .wire_bytes = (size_t)(at - start)};
    reader->at += request->wire_bytes;
    return REQUEST_COMPLETE;
}

/* An array whose count line the quick way did not like. With count 0 it was passed over. */
static enum request_status read_count(struct request_reader *reader, size_t *count,
                                      const char **after) {
    struct line line = {.start = reader->at};
    enum request_status status = read_count_line(reader, &line);
    if (status != REQUEST_COMPLETE) return status;
    *count = line.number > 0 ? (size_t)line.number : 0;
    *after = reader->data + line.after;
    return REQUEST_COMPLETE;
}

enum request_status request_next(struct request_reader *reader, struct request *request) {
    if (UNLIKELY(reader->partial != NULL)) {
        enum request_status status = resume(reader, request);
        if (status != REQUEST_COMPLETE || request->argc > 0) return status;
    }
    size_t quick_max = reader->limits->stranger ? REQUEST_STRANGER_COUNT_MAX : SIZE_MAX;
    while (reader->at < reader->len) {
        const char *start = reader->data + reader->at;
        if (UNLIKELY(*start != '*')) {
            enum request_status status = read_inline(reader, request, 0);
            if (status != REQUEST_COMPLETE || request->argc > 0) return status;
            continue;
        }
        size_t count;
        const char *after = read_header(start, reader->data + reader->len, '*', &count);
        if (UNLIKELY(after == NULL || count > quick_max)) {
            enum request_status status = read_count(reader, &count, &after);
            if (status != REQUEST_COMPLETE) return status;
        }
        if (LIKELY(count > 0)) return read_array(reader, request, count, after);
        reader->at += (size_t)(after - start);
    }
    return incomplete(reader, 1);
}
