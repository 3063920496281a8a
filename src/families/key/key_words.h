/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers of the family, by file. */
#include "commands/family.h"

/* key_expiry_words.c */
void key_expire(struct call *call);
void key_pexpire(struct call *call);
void key_expireat(struct call *call);
void key_pexpireat(struct call *call);
void key_persist(struct call *call);
void key_ttl(struct call *call);
void key_pttl(struct call *call);
void key_expiretime(struct call *call);
void key_pexpiretime(struct call *call);

/* key_walk_words.c */
void key_keys(struct call *call);
void key_scan(struct call *call);
void key_randomkey(struct call *call);
void key_dbsize(struct call *call);
void key_flushdb(struct call *call);
void key_flushall(struct call *call);
