/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What a key holds, and what a type of value must be able to do.
 *
 * A `struct value` is a view: of a value that lies in the keyspace (valid until the next change
 * of the keyspace), or of one that is about to be stored. There are three ways to lie:
 *   INTEGER  64 bits in the entry itself
 *   INLINED  bytes in the entry itself, behind the key: small strings, packed state
 *   BOXED    an object of the type's own, owned by the entry
 * Storing copies INLINED bytes and takes BOXED objects. Types that keep their state INLINED read
 * and write it through unaligned bytes and cost one allocation together with their key. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/encode.h"
#include "base/outcome.h"

enum value_storage { VALUE_INTEGER, VALUE_INLINED, VALUE_BOXED };

struct value_home;
struct value_type;
struct value {
    const struct value_type *type;
    uint8_t storage;  /* enum value_storage */
    uint8_t encoding; /* 0 to 15, the type's own */
    union {
        int64_t integer;
        struct bytes inlined;
        void *boxed;
    };
};

/* Where a digest is gathered: DEBUG DIGEST. Equal content gives equal digests whatever the
 * encoding. Ordered content is added in sequence, unordered through digest_add_unordered. */
struct value_digest {
    uint8_t sha1[20];
};
void value_digest_add(struct value_digest *digest, struct bytes bytes);           /* in sequence */
void value_digest_add_unordered(struct value_digest *digest, struct bytes bytes); /* in any order */

struct value_type {
    const char *name; /* what TYPE answers */
    /* How it is saved: either `rdb_type`, a type byte of the RDB format with the format's own
     * bytes behind it, or (rdb_type VALUE_RDB_MODULE) a module value under `disk_tag`, nine
     * characters A-Z a-z 0-9 - _, and `disk_version`, 0 to 1023. */
    uint8_t rdb_type;
    /* Where the byte depends on how the value lies, or on what no RDB type can carry: then it is
     * VALUE_RDB_MODULE, and the type has a tag as well. NULL: always `rdb_type`. */
    uint8_t (*rdb_type_of)(const struct value *value);
    char disk_tag[10];
    uint16_t disk_version;
    char event_class; /* the letter of notify-keyspace-events: '$', 'l', ... 'a' for applications */
    bool is_application; /* never taken by allkeys-* eviction unless app-keys-evictable */

    /* BOXED only. May run on another thread when `destroy_anywhere`. */
    void (*destroy)(void *boxed);
    bool destroy_anywhere;
    /* A copy that can be changed apart, owned; NULL when memory was refused. INTEGER and INLINED
     * values copy by themselves. */
    void *(*copy)(const void *boxed);
    /* Bytes that a BOXED value takes, all of its blocks; asked by MEMORY USAGE. `samples` > 0 asks
     * for an estimate from so many elements, 0 for all. */
    size_t (*bytes)(const void *boxed, size_t samples);
    /* How many steps freeing takes: above VALUE_EFFORT_ASYNC it leaves the command thread. */
    size_t (*effort)(const void *boxed);
    /* BOXED only, for types whose parts lie in slabs (which belong to the command thread) or that
     * may be huge: frees about `*steps` elements, taking what was used off it, and the whole at the
     * end: true then. NULL: `destroy` does it in one piece. Only `destroy` may follow a `demolish`
     * that has begun. */
    bool (*demolish)(void *boxed, size_t *steps);
    /* What OBJECT ENCODING answers. */
    const char *(*encoding)(const struct value *value);
    /* Elements; 0 for types without. */
    size_t (*count)(const struct value *value);
    /* The earliest deadline of an element (Unix ms), INT64_MAX for none. NULL: the type's elements
     * have none. What is due is taken out by the family's `expire_members`. */
    int64_t (*next_deadline_ms)(const struct value *value);
    /* For types whose elements are named and may end; NULL otherwise. The deadline of the element
     * `name` (Unix ms), INT64_MAX when it has none; false: it is not there. */
    bool (*member_deadline_ms)(const struct value *value, struct bytes name, int64_t *deadline_ms);
    /* Gives the element `name`, which is there, a deadline, or takes it away (-1). Whoever asks
     * tells the keyspace (edit_note_member_deadline). False: memory was refused (value_home.h). */
    bool (*set_member_deadline)(struct value_home *home, struct bytes name, int64_t deadline_ms);

    /* Appends the value. */
    void (*save)(const struct value *value, struct encoder *encoder);
    /* Reads what `save` (or, for RDB types, any writer of the format) wrote, of RDB type byte
     * `rdb_type` or module version `rdb_type`; validates all of it; never trusts a length. Gives
     * a value to store: INLINED bytes must live in `decoder->scratch` or the input. CORRUPT leaves
     * nothing allocated. */
    enum outcome (*load)(struct decoder *decoder, uint32_t rdb_type, struct value *value);
    void (*digest)(const struct value *value, struct value_digest *digest);
    /* Other RDB type bytes that `load` reads (older encodings), ended by VALUE_RDB_END. */
    const uint8_t *rdb_types_read;
};

#define VALUE_RDB_MODULE 7
#define VALUE_RDB_AS_MODULE 0x10000 /* told to `load`, with the version, by types that have both */
#define VALUE_RDB_END 0xff
#define VALUE_EFFORT_ASYNC 64
