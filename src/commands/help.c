/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/help.h"

#include "commands/reply.h"

#define WORD_SHOWN_BYTES 128

/* The name as it was called by, for rename-command may have given it another; HELP does not come
 * without one. */
static struct bytes upper_name(struct call *call) {
    struct bytes name = arena_copy(call_arena(call), call->argv[0]);
    char *letters = (char *)(uintptr_t)name.data; /* just made here */
    for (size_t i = 0; i < name.len; i++) letters[i] = ascii_upper(letters[i]);
    return name;
}

void reply_help(struct call *call, const char *const *lines, size_t count) {
    struct bytes name = upper_name(call);
    struct bytes first = arena_format(
        call_arena(call),
        "%.*s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", (int)name.len, name.data);
    reply_array(call, count + 3);
    resp_status(call->output, first);
    for (size_t i = 0; i < count; i++) resp_status(call->output, bytes_of(lines[i]));
    resp_status(call->output, BYTES("HELP"));
    resp_status(call->output, BYTES("    Print this help."));
    call->reply_pending -= (int64_t)count + 3;
}

void reply_wrong_subcommand(struct call *call) {
    struct bytes name = upper_name(call);
    struct bytes word = call->argv[1];
    reply_error(call,
                "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %.*s HELP.",
                (int)(word.len < WORD_SHOWN_BYTES ? word.len : WORD_SHOWN_BYTES), word.data,
                (int)name.len, name.data);
}
