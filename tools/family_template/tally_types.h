/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The type of value that a key holding a tally has: for this family's own files. */
struct value_type;

extern const struct value_type tally_type;
