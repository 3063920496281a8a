/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in stream_commands.c. */
#include "collections/stream_group.h"
#include "collections/stream_value.h"
#include "commands/edit_home.h"
#include "commands/family.h"

/* stream_add_words.c */
void stream_xadd(struct call *call);
void stream_xtrim(struct call *call);
void stream_xdel(struct call *call);
void stream_xsetid(struct call *call);
/* stream_range_words.c */
void stream_xlen(struct call *call);
void stream_xrange(struct call *call);
void stream_xrevrange(struct call *call);
/* stream_read_words.c */
void stream_xread(struct call *call);
void stream_xreadgroup(struct call *call);
/* stream_group_words.c */
void stream_xgroup_create(struct call *call);
void stream_xgroup_setid(struct call *call);
void stream_xgroup_destroy(struct call *call);
void stream_xgroup_createconsumer(struct call *call);
void stream_xgroup_delconsumer(struct call *call);
void stream_xgroup_help(struct call *call);
void stream_xack(struct call *call);
/* stream_pending_words.c */
void stream_xpending(struct call *call);
/* stream_claim_words.c */
void stream_xclaim(struct call *call);
void stream_xautoclaim(struct call *call);
/* stream_reference_words.c */
void stream_xdelex(struct call *call);
void stream_xackdel(struct call *call);
/* stream_info_words.c */
void stream_xinfo_stream(struct call *call);
void stream_xinfo_groups(struct call *call);
void stream_xinfo_consumers(struct call *call);
void stream_xinfo_help(struct call *call);

/* --- ids (stream_id_words.c) --- */

#define STREAM_ID_TEXT_MAX (2 * TEXT_INTEGER_MAX)
#define STREAM_ID_ERROR "ERR Invalid stream ID specified as stream command argument"

struct bytes stream_id_text(char out[STREAM_ID_TEXT_MAX], struct stream_id id);
/* The same in the call's arena, for effects. */
struct bytes stream_id_arena_text(struct call *call, struct stream_id id);
void stream_reply_id(struct call *call, struct stream_id id);
/* "ms" (then `seq` is `missing_seq`) or "ms-seq". */
bool stream_id_parse(struct bytes text, uint64_t missing_seq, struct stream_id *id) MUST_CHECK;
/* The next argument as one, number 0 where none is given. Latches STREAM_ID_ERROR. */
struct stream_id stream_take_id(struct call *call);
/* The same, or - or +, or, behind a parenthesis, the neighbour on the inner side. */
struct stream_id stream_take_range_start(struct call *call);
struct stream_id stream_take_range_end(struct call *call);

/* --- shared --- */

/* An entry as it is answered: id, and the pairs in one array. */
void stream_reply_entry(struct call *call, const struct stream_entry *entry);

/* Opens a stream, making an empty one when the key is missing and `makes`. NULL: it was replied
 * why, or (the call has not failed) the key is missing; nothing is open then. */
struct stream *stream_open(struct edit *edit, struct call *call, struct bytes key, bool makes);
/* Reads the key as a stream; NULL: it is missing, or (the call failed) holds another type. */
const struct stream *stream_read(struct call *call, struct bytes key);
/* "OOM ..." for what is made beside the value; cancels the edit. */
void stream_refuse_memory(struct edit *edit);

/* Effects, after the commit, for those who listen. */
/* The entry is pending as said: an XCLAIM with everything spelled out. */
void stream_effect_pending(struct call *call, struct bytes key, const struct stream_group *group,
                           const struct stream_pending *pending);
void stream_effect_group(struct call *call, struct bytes key, const struct stream_group *group);
void stream_effect_consumer(struct call *call, struct bytes key, const struct stream_group *group,
                            const struct stream_consumer *consumer);
void stream_effect_ack(struct call *call, struct bytes key, const struct stream_group *group,
                       struct stream_id id);
