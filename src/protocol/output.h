/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Replies on their way out: bytes written so far, and big blobs spliced in between.
 *
 * One contiguous buffer that grows by doubling, plus a list of splices ("at this offset comes this
 * blob"), so that a big value leaves without being copied: the splice holds a reference. The
 * RESP functions append one element each (RESP2 and RESP3, https://redis.io/docs/reference/
 * protocol-spec); a double, map, set, null and so on know both protocols.
 *
 * How much a client asks for is its own choice, so memory can be refused: then `refused` is set,
 * what was to be appended is not, and what is there means nothing until the owner has cut it
 * (output_truncate) and said what happened. Up to OUTPUT_SURE_BYTES nothing is refused, so that
 * there is room to say it.
 *
 * Budget: no allocation once the buffer is warm; a bulk reply is one reserve, one memcpy. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/outcome.h"

/* A bulk of at least this many bytes is spliced when it comes as a blob. */
#define OUTPUT_SPLICE_MIN (16 * 1024)
#define OUTPUT_SURE_BYTES ((size_t)2 * OUTPUT_SPLICE_MIN)

struct output_splice {
    size_t offset; /* in `data`: before the byte at this offset */
    struct blob *blob;
};

struct output {
    char *data;
    size_t len;
    size_t capacity;
    struct output_splice *splices;
    size_t splice_count;
    size_t splice_capacity;
    size_t splice_bytes; /* sum of the blobs' lengths */
    uint8_t protocol;    /* 2 or 3 */
    bool refused;
};

void output_init(struct output *output, uint8_t protocol);
void output_deinit(struct output *output);
/* Empties it; keeps the buffer unless it is larger than `keep`. */
void output_clear(struct output *output, size_t keep);
/* Bytes that are to be sent. */
static inline size_t output_bytes(const struct output *output) {
    return output->len + output->splice_bytes;
}
/* Bytes of memory held. */
size_t output_memory_bytes(const struct output *output);
/* Appends `from` to `output`, taking its splices, and clears it, refused or not. */
void output_move(struct output *output, struct output *from);
/* Lets go of what has been sent: pieces before the first `sent` bytes are over. Says how many
 * of those bytes lie in a splice that is not over yet; skip them from now on. O(bytes left). */
size_t output_discard(struct output *output, size_t sent);
/* Cuts everything from byte `len` of the contiguous part on, with the splices behind it; nothing is
 * refused any more. */
void output_truncate(struct output *output, size_t len);

/* Room for `size` bytes at the end; the caller writes them and adds to len. NULL: refused. */
bool output_grow(struct output *output, size_t size) MUST_CHECK;
static inline char *output_reserve(struct output *output, size_t size) {
    bool room = output->capacity - output->len >= size;
    if (UNLIKELY(!room) && !output_grow(output, size)) return NULL;
    return output->data + output->len;
}
void output_raw(struct output *output, struct bytes bytes);
/* Appends what a blob holds without copying it; takes the reference. */
void output_splice_take(struct output *output, struct blob *blob);
/* Inserts bytes at an earlier place (a header whose count is known only now). O(bytes behind). */
void output_insert(struct output *output, size_t offset, struct bytes bytes);

/* One iovec a piece, at most `max`, skipping the first `skip` bytes. Returns how many. */
struct iovec;
int output_vector(const struct output *output, size_t skip, struct iovec *vector, int max);

void resp_status(struct output *output, struct bytes text);
void resp_error(struct output *output,
                struct bytes text); /* text without '-'; line ends → blanks, last ones go */
void resp_integer(struct output *output, int64_t value);
void resp_bulk(struct output *output, struct bytes bytes);
void resp_bulk_blob(struct output *output, struct blob *blob); /* looks; refs when it splices */
void resp_null(struct output *output);
void resp_null_array(struct output *output);
void resp_array(struct output *output, size_t count);
void resp_map(struct output *output, size_t pairs); /* RESP2: an array of twice as many */
void resp_set(struct output *output, size_t count);
void resp_push(struct output *output, size_t count);
void resp_attribute(struct output *output, size_t pairs); /* RESP3 only */
void resp_boolean(struct output *output, bool value);     /* RESP2: an integer */
void resp_double(struct output *output, double value);    /* RESP2: a bulk */
void resp_big_number(struct output *output, struct bytes digits);
void resp_verbatim(struct output *output, const char format[3], struct bytes text);
/* A header of the kind '*', '%', '~' or '>' as it stands in this protocol. Returns its length. */
size_t resp_header(char out[32], uint8_t protocol, char kind, size_t count);
