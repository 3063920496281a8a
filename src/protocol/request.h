/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Requests on their way in: RESP arrays of bulk strings, and inline lines
 * (https://redis.io/docs/reference/protocol-spec).
 *
 * Nothing is copied: an argument points into the caller's buffer, which must stay as it is until
 * the request has been executed. The vectors of a whole batch lie in one `request_arguments`, so
 * many requests of many connections can be parsed before the first is executed.
 *
 * A connection costs one pointer between requests. A partial request gets a state of its own only
 * when reading it again from its start would cost something: many arguments, a long line, or a
 * bulk of REQUEST_BLOB_MIN bytes and more that is not whole in the buffer. Such a bulk goes into
 * its own blob, which grows as bytes come: announcing 512 MB costs nothing.
 *
 * Cost: linear in the bytes, however they are cut. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/outcome.h"
#include "protocol/request_arguments.h"

#define REQUEST_BLOB_MIN (32 * 1024)
#define REQUEST_ARGUMENT_COUNT_MAX INT32_MAX
#define REQUEST_LINE_BYTES_MAX (64 * 1024)
#define REQUEST_STRANGER_COUNT_MAX 10 /* before AUTH */
#define REQUEST_STRANGER_BYTES_MAX 16384
#define REQUEST_FAULT_TEXT_BYTES_MAX 80

struct request_limits {
    uint64_t argument_bytes_max; /* proto-max-bulk-len */
    /* The connection has not proved who it is. What follows an AUTH in the same buffer is judged
     * by what AUTH did: execute each request of a stranger before parsing the next. */
    bool stranger;
};

/* --- requests ------------------------------------------------------------------------------- */

struct request {
    struct bytes *argv;  /* valid until the arguments are reset and while the buffer stays */
    struct blob **blobs; /* NULL: none; else one per argument, NULL where it lies in the buffer */
    int argc;            /* at least 1 */
    size_t wire_bytes;
};

/* Lets go of the blobs. Call it when the request has been executed; who keeps a blob refs it. */
void request_release(struct request *request);

struct request_partial;

enum request_status {
    REQUEST_COMPLETE,
    REQUEST_INCOMPLETE, /* more bytes needed */
    REQUEST_REFUSED,    /* say request_fault_text and close: the stream means nothing from here */
};

enum request_fault {
    REQUEST_FAULT_NONE,
    REQUEST_FAULT_COUNT,
    REQUEST_FAULT_COUNT_LINE,
    REQUEST_FAULT_COUNT_STRANGER,
    REQUEST_FAULT_BULK,
    REQUEST_FAULT_BULK_LINE,
    REQUEST_FAULT_BULK_STRANGER,
    REQUEST_FAULT_BULK_EXPECTED, /* another byte stood in the place of '$' */
    REQUEST_FAULT_LINE_END,
    REQUEST_FAULT_QUOTES,
    REQUEST_FAULT_INLINE_LINE,
    REQUEST_FAULT_MEMORY,
};

/* One look at one connection's buffer. The caller fills data, len, at = 0, partial, arguments
 * and limits, calls request_next until it is not COMPLETE, and then keeps data[at..len) as the
 * beginning of the next look, and partial. */
struct request_reader {
    char *data; /* inline requests are decoded in place */
    size_t len; /* may come back smaller: the bytes of a big bulk went into its blob */
    size_t at;  /* the first byte not given yet */
    struct request_partial *partial; /* owned by the connection; NULL: none */
    struct request_arguments *arguments;
    const struct request_limits *limits;
    size_t missing; /* when INCOMPLETE: at least so many bytes are to come into the buffer */
    enum request_fault fault;
    char unexpected;
};

/* The next request of the buffer. Empty lines and arrays without elements are passed over. */
enum request_status request_next(struct request_reader *reader, struct request *request);

/* What the client is told, without "ERR ": any byte can be in it. */
struct bytes request_fault_text(const struct request_reader *reader,
                                char out[REQUEST_FAULT_TEXT_BYTES_MAX]);

/* --- big arguments -------------------------------------------------------------------------- */

/* Where the next bytes from the wire belong if a big bulk is being read: `room` bytes at the
 * returned place. NULL: into the buffer, behind what was kept. Whatever was read beyond `room`
 * (readv) goes there too. */
char *request_blob_room(struct request_partial *partial, size_t *room);
/* Whether that room is the last of the bulk; else it grows when it is full. */
bool request_blob_ends(const struct request_partial *partial);
/* `len` bytes were read there. */
void request_blob_filled(struct request_partial *partial, size_t len);

/* Memory held, the blobs included. */
size_t request_partial_bytes(const struct request_partial *partial);
void request_partial_destroy(struct request_partial **partial);
