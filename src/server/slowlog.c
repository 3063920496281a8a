/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/slowlog.h"

#include <stdio.h>

#include "base/memory.h"
#include "server/observe.h"
#include "server/secrets.h"
#include "server/server.h"
#include "server/session.h"

#define CUT_BYTES_MAX 48 /* of "... (N more bytes)" */

struct slowlog {
    struct slowlog_entry *newest;
    struct slowlog_entry *oldest;
    size_t length;
    int64_t next_id; /* goes on over a reset */
};

struct slowlog *slowlog_create(void) {
    return memory_allocate_zero(sizeof(struct slowlog));
}

static void drop_oldest(struct slowlog *slowlog) {
    struct slowlog_entry *entry = slowlog->oldest;
    slowlog->oldest = entry->newer;
    if (slowlog->oldest != NULL) slowlog->oldest->older = NULL;
    else slowlog->newest = NULL;
    slowlog->length--;
    memory_free(entry);
}

void slowlog_reset(struct slowlog *slowlog) {
    while (slowlog->oldest != NULL) drop_oldest(slowlog);
}

void slowlog_destroy(struct slowlog **slowlog) {
    if (*slowlog != NULL) slowlog_reset(*slowlog);
    memory_free(*slowlog);
    *slowlog = NULL;
}

const struct slowlog_entry *slowlog_newest(const struct slowlog *slowlog) {
    return slowlog->newest;
}

size_t slowlog_length(const struct slowlog *slowlog) { return slowlog->length; }

/* --- adding --- */

/* How much of an argument is kept, and the words that stand for the rest. */
static size_t cut_argument(struct bytes arg, char cut[CUT_BYTES_MAX], size_t *cut_len) {
    *cut_len = 0;
    if (arg.len <= SLOWLOG_ARG_BYTES_MAX) return arg.len;
    *cut_len = (size_t)snprintf(cut, CUT_BYTES_MAX, "... (%zu more bytes)",
                                arg.len - SLOWLOG_ARG_BYTES_MAX);
    return SLOWLOG_ARG_BYTES_MAX;
}

static struct bytes append(char **at, struct bytes bytes) {
    struct bytes copy = bytes_make(*at, bytes.len);
    if (bytes.len > 0) memcpy(*at, bytes.data, bytes.len);
    *at += bytes.len;
    return copy;
}

static struct slowlog_entry *make_entry(const struct bytes *argv, int argc, struct bytes peer,
                                        struct bytes name) {
    int kept = argc < SLOWLOG_ARGS_MAX ? argc : SLOWLOG_ARGS_MAX;
    int whole = argc > SLOWLOG_ARGS_MAX ? kept - 1 : kept;
    char cut[CUT_BYTES_MAX];
    size_t cut_len;
    size_t size = sizeof(struct slowlog_entry) + (size_t)kept * sizeof(struct bytes);
    size += peer.len + name.len + CUT_BYTES_MAX;
    for (int i = 0; i < whole; i++) {
        size += cut_argument(argv[i], cut, &cut_len);
        size += cut_len;
    }
    struct slowlog_entry *entry = memory_allocate(size);
    char *at = (char *)(entry->argv + kept);
    entry->argc = kept;
    entry->peer = append(&at, peer);
    entry->name = append(&at, name);
    for (int i = 0; i < whole; i++) {
        size_t len = cut_argument(argv[i], cut, &cut_len);
        entry->argv[i] = append(&at, bytes_make(argv[i].data, len));
        append(&at, bytes_make(cut, cut_len));
        entry->argv[i].len += cut_len;
    }
    if (whole < kept) {
        cut_len = (size_t)snprintf(cut, sizeof(cut), "... (%d more arguments)", argc - whole);
        entry->argv[whole] = append(&at, bytes_make(cut, cut_len));
    }
    return entry;
}

void slowlog_add(struct slowlog *slowlog, const struct bytes *argv, int argc, struct bytes peer,
                 struct bytes name, int64_t time_s, int64_t duration_us, size_t length_max) {
    struct slowlog_entry *entry = make_entry(argv, argc, peer, name);
    entry->id = slowlog->next_id++;
    entry->time_s = time_s;
    entry->duration_us = duration_us;
    entry->newer = NULL;
    entry->older = slowlog->newest;
    if (slowlog->newest != NULL) slowlog->newest->newer = entry;
    else slowlog->oldest = entry;
    slowlog->newest = entry;
    slowlog->length++;
    while (slowlog->length > length_max) drop_oldest(slowlog);
}

void slowlog_note(struct server *server, const struct session *session,
                  const struct command_entry *entry, const struct bytes *argv, int argc,
                  int64_t duration_us) {
    struct bytes shown[SLOWLOG_ARGS_MAX];
    if (secrets_any(entry)) {
        /* Secrets stand early: what lies behind the last argument kept is cut anyway. */
        for (int i = 0; i < argc && i < SLOWLOG_ARGS_MAX; i++)
            shown[i] = secrets_shown(server, entry, argv, argc, i);
        argv = shown;
    }
    char peer[ADDRESS_TEXT_BYTES_MAX] = "";
    const char *name = "";
    if (session != NULL) {
        session_peer_text(session, peer);
        if (session->about != NULL && session->about->name != NULL) name = session->about->name;
    }
    slowlog_add(server->slowlog, argv, argc, bytes_of(peer), bytes_of(name),
                server->executor.now_us / 1000000, duration_us,
                server->settings.slowlog_length_max);
}
