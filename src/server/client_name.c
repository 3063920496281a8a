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

bool client_set_text(char **field, struct bytes text) {
    char *copy = NULL;
    if (text.len > 0) {
        copy = memory_try_allocate(text.len + 1);
        if (copy == NULL) return false;
        memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
    }
    memory_free(*field);
    *field = copy;
    return true;
}

bool client_set_name(struct session *session, struct bytes name) {
    if (name.len == 0 && session->about == NULL) return true;
    return client_set_text(&session_about(session)->name, name);
}
