/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/help.h"

#include "commands/reply.h"

void reply_help(struct call *call, const char *command, const char *const *lines, size_t count) {
    struct bytes first = arena_format(
        call_arena(call), "%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", command);
    reply_array(call, count + 3);
    resp_status(call->output, first);
    for (size_t i = 0; i < count; i++) resp_status(call->output, bytes_of(lines[i]));
    resp_status(call->output, BYTES("HELP"));
    resp_status(call->output, BYTES("    Print this help."));
    call->reply_pending -= (int64_t)count + 3;
}
