/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_list.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "network/connection.h"
#include "server/pubsub.h"
#include "server/server.h"
#include "server/session.h"
#include "server/transaction.h"

#define LINE_BYTES_MAX 1024 /* beside names and addresses */

static void write_flags(const struct session *session, char out[CLIENT_FLAGS_MAX]) {
    const struct {
        bool is_set;
        char letter;
    } flags[] = {
        {(session->flags & SESSION_MONITOR) != 0, 'O'},
        {session_class(session) == SESSION_PUBSUB, 'P'},
        {transaction_is_active(session->transaction), 'x'},
        {session->blocked != NULL || (session->flags & SESSION_PAUSED) != 0, 'b'},
        {(session->flags & SESSION_DIRTY_CAS) != 0, 'd'},
        {(session->flags & SESSION_CLOSE_AFTER_REPLY) != 0, 'c'},
        {(session->flags & SESSION_CLOSING) != 0, 'A'},
        {(session->flags & SESSION_UNIX) != 0, 'U'},
        {(session->flags & SESSION_NO_EVICT) != 0, 'e'},
        {(session->flags & SESSION_NO_TOUCH) != 0, 'T'},
        {(session->flags & SESSION_IMPORT_SOURCE) != 0, 'I'},
    };
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (flags[i].is_set) out[len++] = flags[i].letter;
    }
    if (len == 0) out[len++] = 'N';
    out[len] = '\0';
}

static struct bytes text_or_empty(const char *text) { return bytes_of(text == NULL ? "" : text); }

void client_portray(const struct session *session, struct client_portrait *portrait) {
    static const struct session_about nothing;
    const struct session_about *about = session->about == NULL ? &nothing : session->about;
    int64_t now_us = session->server->executor.now_us;
    write_flags(session, portrait->flags);
    session_peer_text(session, portrait->peer);
    session_local_text(session, portrait->local);
    portrait->facts = (struct client_facts){
        .id = session->id,
        .kind = session_class(session) == SESSION_PUBSUB ? CLIENT_SUBSCRIBER : CLIENT_NORMAL,
        .flags = portrait->flags,
        .capabilities = (session->flags & SESSION_CAN_REDIRECT) != 0 ? "r" : "",
        .user = BYTES("default"),
        .peer = bytes_of(portrait->peer),
        .local = bytes_of(portrait->local),
        .name = text_or_empty(about->name),
        .library_name = text_or_empty(about->library_name),
        .library_version = text_or_empty(about->library_version),
        .database = session->database,
        .age_s = (now_us - session->created_us) / 1000000,
        .idle_s = (now_us - session->active_us) / 1000000,
    };
}

static void add(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
static void add(struct output *output, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *at = output_reserve(output, LINE_BYTES_MAX);
    int len = at == NULL ? 0 : vsnprintf(at, LINE_BYTES_MAX, format, list);
    va_end(list);
    output->len += (size_t)(len < LINE_BYTES_MAX ? len : LINE_BYTES_MAX - 1);
}

static void add_text(struct output *output, const char *name, struct bytes text) {
    output_raw(output, bytes_of(name));
    output_raw(output, text);
}

static void add_sizes(struct output *output, const struct session *session, size_t argument_bytes) {
    const struct transaction *transaction = session->transaction;
    size_t pending = session_output_bytes(session);
    bool queues = transaction_is_active(transaction);
    add(output, " db=%d sub=%zu psub=%zu ssub=%zu", session->database,
        pubsub_session_channels(session), pubsub_session_patterns(session),
        pubsub_session_shards(session));
    add(output, " multi=%d watch=%zu", queues ? (int)transaction->count : -1,
        transaction == NULL ? 0 : transaction->watch_count);
    add(output, " qbuf=%zu qbuf-free=%u argv-mem=%zu multi-mem=%zu", session_query_bytes(session),
        session->kept_capacity - session->kept_len, argument_bytes,
        transaction == NULL ? 0 : transaction->memory_bytes);
    add(output, " rbs=0 rbp=0 obl=0 oll=%d omem=%zu tot-mem=%zu", pending > 0, pending,
        session_memory_bytes(session) + argument_bytes);
}

void client_line(struct output *output, const struct session *session,
                 const struct client_portrait *portrait, size_t argument_bytes) {
    const struct client_facts *facts = &portrait->facts;
    add(output, "id=%" PRIu64 " addr=%s laddr=%s fd=%d", facts->id, portrait->peer, portrait->local,
        session->connection == NULL ? -1 : connection_fd(session->connection));
    add_text(output, " name=", facts->name);
    add(output, " age=%" PRId64 " idle=%" PRId64 " flags=%s", facts->age_s, facts->idle_s,
        portrait->flags);
    add_sizes(output, session, argument_bytes);
    const struct command_entry *last = session->last_command;
    add(output, " events=%s cmd=%s user=default redir=-1 resp=%d",
        (session->flags & SESSION_WRITE_ARMED) != 0 ? "rw" : "r",
        last == NULL ? "NULL" : last->full_name, session->protocol);
    add_text(output, " lib-name=", facts->library_name);
    add_text(output, " lib-ver=", facts->library_version);
    add(output,
        " io-thread=0 tot-net-in=%" PRIu64 " tot-net-out=%" PRIu64 " tot-cmds=%" PRIu64 "\n",
        session->input_bytes, session->output_bytes, session->command_count);
}
