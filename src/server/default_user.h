/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The user "default", the only one there is: whether it may come in, what proves that it is it,
 * and what it may do, which is all or nothing of commands, of keys and of channels.
 *
 * It is what the line `user default ...` says, in the rules of ACL SETUSER, or, without one, a
 * user that may do everything. A rule that says more than this can hold is refused with the line,
 * so that nobody gets more than was asked. `requirepass` replaces the line's passwords while it is
 * not empty; at start the line wins, as in Redis. Passwords are kept as SHA-256. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"

struct options;
struct options_error;

struct default_user {
    bool is_on;
    bool needs_no_password;
    bool all_commands;
    bool all_keys;
    bool all_channels;
    bool has_required; /* requirepass is not empty */
    uint8_t required[DIGEST_SHA256_BYTES];
    size_t password_count;
    uint8_t (*passwords)[DIGEST_SHA256_BYTES];
};

/* From the options and their lines. NULL with the report when a line cannot be honoured. A line
 * empties requirepass, which would say something else. */
struct default_user *default_user_create(struct options *options, struct options_error *error);
void default_user_destroy(struct default_user **user);
/* requirepass changed; "" gives back what the line said. */
void default_user_require(struct default_user *user, struct bytes password);

/* Whether a fresh connection has to say who it is. */
bool default_user_is_guarded(const struct default_user *user);
/* Whether any password will do: `nopass`. */
bool default_user_takes_any(const struct default_user *user);
/* Takes as long for a wrong password as for the right one. */
bool default_user_accepts(const struct default_user *user, struct bytes password);
/* Whether anything is kept from it. */
bool default_user_is_limited(const struct default_user *user);
