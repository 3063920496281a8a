/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/modules.h"

#include "commands/reply.h"
#include "server/server.h"
#include "server/words.h"

void modules_reply(struct call *call) {
    const struct registry *registry = server_of(call)->registry;
    struct reply_later later = reply_later_open(call);
    for (size_t i = 0; i < registry_family_count(registry); i++) {
        const struct family *family = registry_family_at(registry, i);
        if (family->module_name == NULL) continue;
        reply_map(call, 4);
        reply_text(call, "name");
        reply_text(call, family->module_name);
        reply_text(call, "ver");
        reply_integer(call, family->module_version);
        reply_text(call, "path");
        reply_text(call, "");
        reply_text(call, "args");
        reply_array(call, 0);
    }
    reply_later_close(call, later, '*');
}
