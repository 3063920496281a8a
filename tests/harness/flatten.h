/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* An output as one text: what it holds with the blobs that are spliced into it. */
#include <stddef.h>

#include "protocol/output.h"

/* Writes all of it to `*text`, which is made as long as needed (from malloc; NULL at first), with a
 * zero behind; gives the length. */
size_t flatten(const struct output *output, char **text);
