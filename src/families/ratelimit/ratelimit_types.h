/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The types of value and the family: for this family's own files. */
struct value_type;
struct family;

extern const struct value_type ratelimit_type;          /* INLINED: packed, see ratelimit.h */
extern const struct value_type ratelimit_policies_type; /* BOXED struct ratelimit_policies */
extern const struct family ratelimit_family;
