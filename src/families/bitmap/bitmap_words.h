/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and what they share. Declared as commands in bitmap_commands.c. */
#include "commands/family.h"
#include "commands/string_edit.h"

/* bitmap_bit_words.c */
void bitmap_setbit(struct call *call);
void bitmap_getbit(struct call *call);
/* bitmap_search_words.c */
void bitmap_bitcount(struct call *call);
void bitmap_bitpos(struct call *call);
/* bitmap_combine_words.c */
void bitmap_bitop(struct call *call);
/* bitmap_field_words.c */
void bitmap_bitfield(struct call *call);
void bitmap_bitfield_ro(struct call *call);

/* Takes a place in bits. `unit` other than 0: "#n" is allowed and means n times as many bits. */
uint64_t bitmap_take_offset(struct call *call, uint8_t unit);
