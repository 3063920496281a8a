/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Words of DEBUG about what is stored (debug_value_words.c), for the table in debug_words.c. */
struct call;

void debug_digest(struct call *call);
void debug_digest_value(struct call *call);
void debug_object(struct call *call);
void debug_populate(struct call *call);
void debug_htstats(struct call *call);
void debug_htstats_key(struct call *call);
void debug_listpack(struct call *call);
void debug_quicklist(struct call *call);
void debug_sdslen(struct call *call);
