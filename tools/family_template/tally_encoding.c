/* SPDX-License-Identifier: BSD-3-Clause */
/* How a tally is kept: bytes in, bytes out, no files.
 * One module value with one field, the count.
 *
 * Whoever changes what `save` writes raises disk_version, and lets `load` read both. */
#include "base/encode.h"
#include "commands/family.h"
#include "families/tally/tally.h"
#include "families/tally/tally_types.h"

static void destroy(void *boxed) {
    struct tally *tally = boxed;
    tally_destroy(&tally);
}

static void *copy(const void *boxed) { return tally_copy(boxed); }

static size_t bytes(const void *boxed, size_t samples) {
    (void)samples;
    return tally_bytes(boxed);
}

static const char *encoding(const struct value *value) {
    (void)value;
    return "tally";
}

static void save(const struct value *value, struct encoder *encoder) {
    encode_field_signed(encoder, tally_count(value->boxed));
    encode_field_end(encoder);
}

static enum outcome load(struct decoder *decoder, uint32_t version, struct value *value) {
    int64_t count = decode_field_signed(decoder);
    decode_field_end(decoder);
    if (decoder->failed || version != tally_type.disk_version) return OUTCOME_CORRUPT;

    struct tally *tally = tally_create();
    if (!tally_add(tally, count)) { /* what no save has written */
        tally_destroy(&tally);
        return OUTCOME_CORRUPT;
    }
    *value = (struct value){.type = &tally_type, .storage = VALUE_BOXED, .boxed = tally};
    return OUTCOME_OK;
}

/* Digests are compared between machines: decimal text has one form everywhere. */
static void digest(const struct value *value, struct value_digest *digest) {
    char text[TEXT_INTEGER_MAX];
    size_t len = text_from_integer(text, tally_count(value->boxed));
    value_digest_add(digest, bytes_make(text, len));
}

const struct value_type tally_type = {
    .name = "tally",
    .rdb_type = VALUE_RDB_MODULE,
    .disk_tag = "tally----",
    .disk_version = 1,
    .event_class = 'a',
    .is_application = true,
    .destroy = destroy,
    .destroy_anywhere = true,
    .copy = copy,
    .bytes = bytes,
    .encoding = encoding,
    .save = save,
    .load = load,
    .digest = digest,
};
