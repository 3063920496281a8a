/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_name.h"

#include "base/memory.h"
#include "server/session.h"

bool client_text_is_plain(struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '!' || text.data[i] > '~') return false;
    }
    return true;
}

void client_set_text(char **field, struct bytes text) {
    memory_free(*field);
    *field = NULL;
    if (text.len == 0) return;
    *field = memory_allocate(text.len + 1);
    memcpy(*field, text.data, text.len);
    (*field)[text.len] = '\0';
}

bool client_set_name(struct session *session, struct bytes name) {
    if (!client_text_is_plain(name)) return false;
    if (name.len > 0 || session->about != NULL)
        client_set_text(&session_about(session)->name, name);
    return true;
}
