/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A value that lies in plain memory: what tests of collections change. Each change of size moves
 * it, so that whoever keeps an old pointer is caught. */
#include "keyspace/value_home.h"

struct memory_home {
    struct value_home home; /* first: the one is the other */
    struct value value;     /* type NULL: nothing */
    uint8_t *block;         /* of an INLINED value */
};

void memory_home_init(struct memory_home *home);
/* Destroys the value. */
void memory_home_deinit(struct memory_home *home);
