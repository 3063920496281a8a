/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/invoke.h"

#include "commands/registry.h"

bool invoke(struct call *call, const struct bytes *argv, int argc, struct bytes *reply) {
    struct executor *executor = call->executor;
    struct command_entry *entry = registry_resolve_declared(executor->registry, argv, argc);
    bool ok = false;
    struct output output;
    output_init(&output, 3);
    if (entry == NULL || !registry_arity_fits(entry, argc)) {
        resp_error(&output, BYTES("ERR unknown command or wrong number of arguments"));
    } else {
        struct call inner;
        call_init(&inner, executor, entry->command, call->database, argv, argc, &output);
        inner.entry = entry;
        if (entry->parent != NULL) inner.arg_at = 2;
        inner.session = call->session;
        inner.argv_passes = true;
        inner.in_transaction = true;
        executor_run(executor, &inner);
        call->changed = call->changed || inner.changed;
        ok = !inner.failed;
    }
    if (reply != NULL) {
        /* Splices are laid out flat: the caller gets plain bytes. */
        size_t size = output_bytes(&output);
        char *flat = arena_try_allocate(call_arena(call), size + 1);
        if (flat == NULL) {
            *reply = BYTES("-OOM command not allowed: no memory for the reply\r\n");
            output_deinit(&output);
            return false;
        }
        size_t at = 0, done = 0;
        for (size_t i = 0; i <= output.splice_count; i++) {
            bool last = i == output.splice_count;
            size_t until = last ? output.len : output.splices[i].offset;
            memcpy(flat + at, output.data + done, until - done);
            at += until - done;
            done = until;
            if (last) break;
            memcpy(flat + at, output.splices[i].blob->data, output.splices[i].blob->len);
            at += output.splices[i].blob->len;
        }
        *reply = bytes_make(flat, at);
    }
    output_deinit(&output);
    return ok;
}
