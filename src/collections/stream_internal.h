/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Blocks of a stream as listpacks: for stream_encoding.c. */
#include "base/encode.h"
#include "collections/stream_value.h"

/* Appends the block as the saved format has it: a string of 16 bytes, the block's id, and one that
 * is a listpack: count, deleted, fields, name ..., 0, then for each entry flags, ms and number
 * counted from the block's id, (count of fields,) pairs or values, count of the elements before. */
void stream_listpack_save(const struct stream_block *block, struct encoder *encoder);
/* Reads one into entries at the end of `stream`; false: it is none, or its ids are not above those
 * that are there, or no memory. */
bool stream_listpack_load(struct stream *stream, struct decoder *decoder) MUST_CHECK;
