/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/secrets.h"

#include "server/observe.h"
#include "server/options.h"
#include "server/server.h"

static bool holds_secret(const struct arg *arg) {
    if ((arg->flags & ARG_SECRET) != 0) return true;
    for (uint8_t i = 0; i < arg->arg_count; i++) {
        if (holds_secret(&arg->args[i])) return true;
    }
    return false;
}

/* Is the word `ahead` places behind this argument's token one of its secrets? */
static bool is_secret_behind(const struct arg *arg, int ahead) {
    if (arg->kind != ARG_BLOCK) return ahead == 1 && (arg->flags & ARG_SECRET) != 0;
    return ahead <= arg->arg_count && holds_secret(&arg->args[ahead - 1]);
}

/* An argument without a token lies somewhere between where it would be with and without the
 * optional ones before it: rather hide a word too many. */
static bool is_secret_in(const struct arg *args, size_t count, const struct bytes *argv, int first,
                         int index) {
    int earliest = first;
    int latest = first;
    for (size_t i = 0; i < count; i++) {
        const struct arg *arg = &args[i];
        if (arg->token != NULL) {
            for (int at = 1; at < index && holds_secret(arg); at++) {
                if (bytes_is(argv[at], arg->token) && is_secret_behind(arg, index - at))
                    return true;
            }
        } else if (arg->arg_count > 0) {
            if (is_secret_in(arg->args, arg->arg_count, argv, first, index)) return true;
        } else if ((arg->flags & ARG_SECRET) != 0 && index >= earliest) {
            if (index <= latest || (arg->flags & ARG_MULTIPLE) != 0) return true;
        }
        if ((arg->flags & ARG_OPTIONAL) == 0) earliest++;
        latest++;
    }
    return false;
}

bool argument_is_secret(const struct command_entry *entry, const struct bytes *argv, int argc,
                        int index) {
    if (entry == NULL || index <= 0 || index >= argc) return false;
    const struct command *command = entry->command;
    return is_secret_in(command->args, command->arg_count, argv, entry->parent == NULL ? 1 : 2,
                        index);
}

bool secrets_any(const struct command_entry *entry) {
    if (entry == NULL) return false;
    for (uint8_t i = 0; i < entry->command->arg_count; i++) {
        if (holds_secret(&entry->command->args[i])) return true;
    }
    return strcmp(entry->full_name, "config|set") == 0;
}

struct bytes secrets_shown(const struct server *server, const struct command_entry *entry,
                           const struct bytes *argv, int argc, int index) {
    bool hidden = argument_is_secret(entry, argv, argc, index) ||
                  (strcmp(entry->full_name, "config|set") == 0 &&
                   options_argument_is_secret(server->options, argv, argc, index));
    return hidden ? BYTES("(redacted)") : argv[index];
}
