/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command. Declared as commands in key_commands.c. */
#include "commands/family.h"

/* key_presence_words.c */
void key_word_del(struct call *call);
void key_word_exists(struct call *call);
void key_word_touch(struct call *call);
void key_word_type(struct call *call);
void key_word_randomkey(struct call *call);
/* key_expiry_words.c */
void key_word_expire(struct call *call);
void key_word_pexpire(struct call *call);
void key_word_expireat(struct call *call);
void key_word_pexpireat(struct call *call);
void key_word_ttl(struct call *call);
void key_word_pttl(struct call *call);
void key_word_expiretime(struct call *call);
void key_word_pexpiretime(struct call *call);
void key_word_persist(struct call *call);
/* key_place_words.c */
void key_word_rename(struct call *call);
void key_word_renamenx(struct call *call);
void key_word_copy(struct call *call);
void key_word_move(struct call *call);
/* key_walk_words.c */
void key_word_keys(struct call *call);
void key_word_scan(struct call *call);
/* key_object_words.c */
void key_word_object_encoding(struct call *call);
void key_word_object_freq(struct call *call);
void key_word_object_help(struct call *call);
void key_word_object_idletime(struct call *call);
void key_word_object_refcount(struct call *call);
/* key_payload_words.c */
void key_word_dump(struct call *call);
void key_word_restore(struct call *call);
/* key_database_words.c */
void key_word_dbsize(struct call *call);
void key_word_flushdb(struct call *call);
void key_word_flushall(struct call *call);
void key_word_swapdb(struct call *call);
