/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The list of families, made from families.def. The only place that knows their names. */
#include <stddef.h>

struct family;
/* All families, in the order of the file. */
const struct family *const *families_all(size_t *count);
