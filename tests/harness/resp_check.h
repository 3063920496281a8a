/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Whether what a client was sent is whole and well-formed RESP. */
#include <stddef.h>

#define RESP_CHECK_MALFORMED ((size_t)-1)

/* How many replies and pushes there are; malformed when one is cut or what stands there is none.
 * Takes the types of RESP2 and RESP3. */
size_t resp_check(const char *data, size_t len);
