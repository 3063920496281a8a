/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* An open edit as the home of a value (keyspace/value_home.h), for what is in `collections/`. When
 * one of its verbs is refused memory the client has its error and the edit is cancelled: the
 * handler returns. */
#include "commands/edit.h"
#include "keyspace/value_home.h"

struct edit_home {
    struct value_home home;
    struct edit *edit;
};

/* Borrows the edit, which is open. */
struct value_home *edit_home_init(struct edit_home *home, struct edit *edit);
