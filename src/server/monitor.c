/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "protocol/output.h"
#include "server/observe.h"
#include "server/secrets.h"
#include "server/server.h"
#include "server/session.h"

struct monitors {
    struct session **sessions;
    size_t count;
    size_t capacity;
};

struct monitors *monitors_create(void) {
    return memory_allocate_zero(sizeof(struct monitors));
}

void monitors_destroy(struct monitors **monitors) {
    if (*monitors != NULL) memory_free((*monitors)->sessions);
    memory_free(*monitors);
    *monitors = NULL;
}

bool monitors_any(const struct monitors *monitors) { return monitors->count > 0; }

void monitors_add(struct server *server, struct session *session) {
    struct monitors *monitors = server->monitors;
    if ((session->flags & SESSION_MONITOR) != 0) return;
    if (monitors->count == monitors->capacity) {
        monitors->capacity = monitors->capacity == 0 ? 4 : monitors->capacity * 2;
        monitors->sessions = memory_reallocate(monitors->sessions,
                                               monitors->capacity * sizeof(*monitors->sessions));
    }
    monitors->sessions[monitors->count++] = session;
    session->flags |= SESSION_MONITOR;
}

void monitors_remove(struct server *server, struct session *session) {
    struct monitors *monitors = server->monitors;
    size_t kept = 0;
    for (size_t i = 0; i < monitors->count; i++) {
        if (monitors->sessions[i] != session) monitors->sessions[kept++] = monitors->sessions[i];
    }
    monitors->count = kept;
    session->flags &= ~(uint32_t)SESSION_MONITOR;
}

/* +seconds.microseconds [database address] "name" "argument" ... */
static void write_line(struct output *line, const struct server *server,
                       const struct session *session, int32_t database,
                       const struct command_entry *entry, const struct bytes *argv, int argc) {
    char head[ADDRESS_TEXT_BYTES_MAX + 64];
    char peer[ADDRESS_TEXT_BYTES_MAX] = "lua";
    bool local = false;
    if (session != NULL) {
        session_peer_text(session, peer);
        local = (session->flags & SESSION_UNIX) != 0;
    }
    int64_t now_us = server->executor.now_us;
    int len = snprintf(head, sizeof(head), "+%" PRId64 ".%06" PRId64 " [%d %s%s]", now_us / 1000000,
                       now_us % 1000000, database, local ? "unix:" : "", peer);
    output_raw(line, bytes_make(head, (size_t)len));
    bool secrets = secrets_any(entry);
    for (int i = 0; i < argc; i++) {
        struct bytes arg = secrets ? secrets_shown(server, entry, argv, argc, i) : argv[i];
        output_raw(line, BYTES(" "));
        size_t capacity = arg.len * 4 + 2;
        char *at = output_reserve(line, capacity);
        if (at != NULL) line->len += text_quote(at, capacity, arg);
    }
    output_raw(line, BYTES("\r\n"));
}

void monitors_feed(struct server *server, const struct session *session, int32_t database,
                   const struct command_entry *entry, const struct bytes *argv, int argc) {
    const struct monitors *monitors = server->monitors;
    struct output line;
    output_init(&line, 2);
    write_line(&line, server, session, database, entry, argv, argc);
    for (size_t i = 0; i < monitors->count; i++) {
        struct session *monitor = monitors->sessions[i];
        if (!session_is_alive(monitor)) continue;
        struct output *output = session_push_open(monitor);
        output_raw(output, bytes_make(line.data, line.len));
        output->refused |= line.refused;
        session_push_close(monitor);
    }
    output_deinit(&line);
}
