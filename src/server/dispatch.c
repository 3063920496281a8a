/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/dispatch.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "commands/call.h"
#include "commands/reply.h"
#include "network/address.h"
#include "server/default_user.h"
#include "server/memory_limit.h"
#include "server/observe.h"
#include "server/pause.h"
#include "server/server.h"
#include "server/session.h"
#include "server/ticks.h"
#include "server/transaction.h"

#define ARGS_SHOWN_BYTES 128
#define TEXT_BYTES_MAX 512                       /* of an error */
#define BROWSER_LOG_PAUSE_US ((int64_t)60000000) /* between two lines in the log */

void dispatch_prepare(struct session *session, struct dispatch_request *request) {
    const struct command_entry *last = session->last_command;
    struct bytes name = request->argv[0];
    /* Clients repeat themselves. */
    if (last != NULL && last->parent == NULL && last->command->subcommand_count == 0 &&
        bytes_equal_fold(last->called, name))
        request->entry = (struct command_entry *)(uintptr_t)last;
    else
        request->entry = registry_resolve(session->server->registry, request->argv, request->argc,
                                          NULL);
    request->hash_count = 0;
    const struct command_entry *entry = request->entry;
    if (entry == NULL || entry->key_first <= 0) return;
    int first = entry->key_first;
    int last_index = entry->key_last < 0 ? request->argc + entry->key_last : entry->key_last;
    int step = entry->key_step > 0 ? entry->key_step : 1;
    if (last_index >= request->argc) last_index = request->argc - 1;
    request->hash_first = (int16_t)first;
    request->hash_step = (int16_t)step;
    for (int i = first; i <= last_index && request->hash_count < DISPATCH_HASHES_MAX; i += step)
        request->hashes[request->hash_count++] = hash_bytes(request->argv[i]);
}

/* --- refusing --- */

static bool is_exec(const struct command_entry *entry) {
    return entry != NULL && strcmp(entry->full_name, "exec") == 0;
}

/* A refusal counts against the command and aborts the transaction it would have been part of.
 * Whoever wanted EXEC is told that there is no transaction any more. */
static void refuse(struct session *session, struct command_entry *entry, struct output *output,
                   struct bytes text) {
    char whole[TEXT_BYTES_MAX];
    if (entry != NULL) entry->stats.rejected++;
    if (is_exec(entry)) {
        size_t skipped = text.len > 4 && memcmp(text.data, "ERR ", 4) == 0 ? 4 : 0;
        int len = snprintf(whole, sizeof(whole), "EXECABORT Transaction discarded because of: %.*s",
                           (int)(text.len - skipped), text.data + skipped);
        text = bytes_make(whole, (size_t)len);
        transaction_end(session);
    } else if (transaction_is_active(session->transaction)) {
        session->transaction->aborted = true;
    }
    session->server->counters.errors++;
    error_stats_note(session->server, text);
    resp_error(output, text);
}

/* A web browser that was tricked into talking to us sends one of these words with its request, and
 * what follows was chosen by a stranger: nothing of it may run. */
static bool comes_from_browser(struct bytes name) {
    return bytes_is(name, "POST") || bytes_is(name, "Host:");
}

static void refuse_browser(struct session *session) {
    struct server *server = session->server;
    int64_t now_us = server->executor.now_us;
    if (now_us - server->browser_logged_us >= BROWSER_LOG_PAUSE_US) {
        char peer[ADDRESS_TEXT_BYTES_MAX];
        session_peer_text(session, peer);
        log_write(server->log, LOG_LEVEL_WARNING,
                  "%s sent an HTTP request (POST or Host:), perhaps by the trick of a web page: "
                  "the connection is closed",
                  peer);
        server->browser_logged_us = now_us;
    }
    session_close(session);
}

static void refuse_unknown(struct session *session, const struct dispatch_request *request,
                           struct output *output) {
    struct command_entry *container = NULL;
    registry_resolve(session->server->registry, request->argv, request->argc, &container);
    char text[TEXT_BYTES_MAX];
    int len;
    if (container != NULL) {
        char upper[128];
        struct bytes name = request->argv[0];
        if (name.len > sizeof(upper)) name.len = sizeof(upper);
        for (size_t i = 0; i < name.len; i++) upper[i] = ascii_upper(name.data[i]);
        struct bytes word = request->argv[1];
        len = snprintf(text, sizeof(text), "ERR unknown subcommand '%.*s'. Try %.*s HELP.",
                       (int)(word.len < 128 ? word.len : 128), word.data, (int)name.len, upper);
    } else {
        struct bytes word = request->argv[0];
        len = snprintf(text, sizeof(text), "ERR unknown command '%.*s', with args beginning with: ",
                       (int)(word.len < 128 ? word.len : 128), word.data);
        int start = len;
        for (int i = 1; i < request->argc && len - start < ARGS_SHOWN_BYTES; i++) {
            size_t room = (size_t)(ARGS_SHOWN_BYTES - (len - start));
            struct bytes arg = request->argv[i];
            len += snprintf(text + len, sizeof(text) - (size_t)len, "'%.*s' ",
                            (int)(arg.len < room ? arg.len : room), arg.data);
        }
    }
    refuse(session, NULL, output, bytes_make(text, (size_t)len));
}

static void refuse_arity(struct session *session, struct command_entry *entry,
                         struct output *output) {
    char text[160];
    int len = snprintf(text, sizeof(text), "ERR wrong number of arguments for '%s' command",
                       entry->full_name);
    refuse(session, entry, output, bytes_make(text, (size_t)len));
}

static void refuse_pubsub(struct session *session, struct command_entry *entry,
                          struct output *output) {
    char text[256];
    int len = snprintf(text, sizeof(text),
                       "ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / "
                       "QUIT / RESET are allowed in this context",
                       entry->full_name);
    refuse(session, entry, output, bytes_make(text, (size_t)len));
}

/* --- checks --- */

static bool must_authenticate(const struct session *session, const struct command_entry *entry) {
    return (session->flags & SESSION_AUTHENTICATED) == 0 &&
           session->server->settings.password_required && (entry->flags & COMMAND_NO_AUTH) == 0;
}

/* In RESP2 a subscriber's connection carries messages; only a few words make sense on it. */
static bool only_subscribes(const struct session *session, const struct command_entry *entry) {
    return session->subscriptions != NULL && session->protocol == 2 &&
           session_class(session) == SESSION_PUBSUB &&
           (entry->flags & COMMAND_ALLOW_RESP2_PUBSUB) == 0;
}

/* Peers count whoever monitors as a replica. */
static bool touches_keyspace(const struct command_entry *entry) {
    return entry->reads || entry->writes || (entry->flags & COMMAND_MAY_REPLICATE) != 0;
}

/* These words work on a transaction instead of being queued into it. */
static bool is_queued(const struct command_entry *entry) {
    static const char *const direct[] = {"exec", "discard", "multi", "watch", "quit", "reset"};
    for (size_t i = 0; i < COUNT_OF(direct); i++) {
        if (strcmp(entry->full_name, direct[i]) == 0) return false;
    }
    return true;
}

/* What is kept from the user "default", if anything; see default_user.h. */
static bool is_forbidden(struct session *session, struct command_entry *entry,
                         const struct dispatch_request *request, struct output *output) {
    static const char *const speaking[] = {"publish", "spublish", "subscribe", "psubscribe",
                                           "ssubscribe"};
    const struct default_user *user = session->server->default_user;
    char text[160] = "";
    bool uses_channels = false;
    for (size_t i = 0; i < COUNT_OF(speaking); i++)
        uses_channels = uses_channels || strcmp(entry->full_name, speaking[i]) == 0;
    if ((entry->flags & COMMAND_NO_AUTH) != 0) return false;
    if (!user->all_commands)
        snprintf(text, sizeof(text),
                 "NOPERM User default has no permissions to run the '%s' command",
                 entry->full_name);
    else if (!user->all_keys && registry_has_keys(entry) &&
             registry_keys(entry, request->argv, request->argc, NULL, 0) != 0)
        snprintf(text, sizeof(text), "NOPERM No permissions to access a key");
    else if (!user->all_channels && uses_channels)
        snprintf(text, sizeof(text), "NOPERM No permissions to access a channel");
    if (text[0] == '\0') return false;
    refuse(session, entry, output, bytes_of(text));
    return true;
}

static bool passes(struct session *session, struct command_entry *entry,
                   const struct dispatch_request *request, struct output *output) {
    struct server *server = session->server;
    if (UNLIKELY(!registry_arity_fits(entry, request->argc))) {
        refuse_arity(session, entry, output);
        return false;
    }
    if (UNLIKELY(must_authenticate(session, entry))) {
        refuse(session, entry, output, BYTES("NOAUTH Authentication required."));
        return false;
    }
    bool in_multi = transaction_is_active(session->transaction);
    if (UNLIKELY(in_multi && (entry->flags & COMMAND_NO_MULTI) != 0)) {
        refuse(session, entry, output, BYTES("ERR Command not allowed inside a transaction"));
        return false;
    }
    if (UNLIKELY(server->settings.user_limited) && is_forbidden(session, entry, request, output))
        return false;
    if (UNLIKELY(memory_limit_is_set(server))) {
        bool may_write = entry->denies_oom ||
                         (in_multi && session->transaction->denies_oom && is_exec(entry));
        if (!memory_limit_make_room(server) && may_write) {
            server->counters.oom_refusals++;
            refuse(session, entry, output,
                   BYTES("OOM command not allowed when used memory > 'maxmemory'."));
            return false;
        }
        if (!session_is_alive(session)) return false;
    }
    if (UNLIKELY(session->subscriptions != NULL) && only_subscribes(session, entry)) {
        refuse_pubsub(session, entry, output);
        return false;
    }
    if (UNLIKELY((session->flags & SESSION_MONITOR) != 0) && touches_keyspace(entry)) {
        refuse(session, entry, output, BYTES("ERR Replica can't interact with the keyspace"));
        return false;
    }
    return true;
}

void dispatch(struct session *session, const struct dispatch_request *request,
              struct output *output) {
    struct command_entry *entry = request->entry;
    size_t start = output->len;
    if (UNLIKELY(entry == NULL)) {
        if (comes_from_browser(request->argv[0])) refuse_browser(session);
        else refuse_unknown(session, request, output);
        goto silent;
    }
    session->last_command = entry;
    if (!passes(session, entry, request, output)) {
        /* MONITOR has shown the MULTI: it shows, too, that the transaction is over. */
        if (monitors_any(session->server->monitors) && is_exec(entry))
            monitors_feed(session->server, session, session->database, entry, request->argv,
                          request->argc);
        goto silent;
    }
    if (UNLIKELY(transaction_is_active(session->transaction)) && is_queued(entry)) {
        if (transaction_queue(session, entry, request->argv, request->argc))
            output_raw(output, BYTES("+QUEUED\r\n"));
        else
            refuse(session, entry, output, BYTES("OOM command not allowed: no memory to queue it"));
        goto silent;
    }
    dispatch_run(session, entry, request->argv, request->argc, request->blobs, output, false,
                 request);
silent:
    if (UNLIKELY(session_is_silent(session))) output_truncate(output, start);
    if (UNLIKELY((session->flags & (SESSION_REPLY_SKIP | SESSION_REPLY_SKIP_NEXT)) != 0))
        session_skip_on(session);
}

/* --- running --- */

void dispatch_finish(struct server *server, struct session *session, struct command_entry *entry,
                     const struct bytes *argv, int argc, uint64_t ticks, bool failed) {
    const struct tick_rate *rate = &server->tick_rate;
    entry->stats.calls++;
    entry->stats.ticks += ticks;
    server->counters.command_ticks += ticks;
    server->counters.commands_processed++;
    if (UNLIKELY(failed)) entry->stats.failed++;
    if (server->settings.latency_tracking)
        command_histogram_note(&entry->stats, (uint64_t)((double)ticks * rate->ns_per_tick));
    if (UNLIKELY(ticks >= server->settings.slow_ticks)) {
        int64_t us = (int64_t)ticks_to_us(rate, ticks);
        if (server->settings.slowlog_slower_than_us >= 0 &&
            us >= server->settings.slowlog_slower_than_us &&
            (entry->flags & COMMAND_SKIP_SLOWLOG) == 0)
            slowlog_note(server, session, entry, argv, argc, us);
        if (server->settings.latency_threshold_ms > 0)
            latency_note(server, (entry->command->speed == FAST) ? "fast-command" : "command", us);
    }
}

void dispatch_run(struct session *session, struct command_entry *entry, const struct bytes *argv,
                  int argc, struct blob **blobs, struct output *output, bool in_transaction,
                  const struct dispatch_request *prepared) {
    struct server *server = session->server;
    struct executor *executor = &server->executor;
    struct call call;
    call_init(&call, executor, entry->command, &executor->keyspace.databases[session->database],
              argv, argc, output);
    call.session = session;
    call.blobs = blobs;
    call.entry = entry;
    call.in_transaction = in_transaction;
    if (prepared != NULL) {
        call.hashes = prepared->hashes;
        call.hash_count = prepared->hash_count;
        call.hash_first = prepared->hash_first;
        call.hash_step = prepared->hash_step;
    }
    if (entry->parent != NULL) call.arg_at = 2;
    executor->keyspace.access.held = UNLIKELY((session->flags & SESSION_NO_TOUCH) != 0) &&
                                     strcmp(entry->full_name, "touch") != 0;
    size_t start = output->len;
    uint64_t before = ticks_now();
    executor_run(executor, &call);
    uint64_t ticks = ticks_now() - before;
    /* Afterwards, so that EXEC is shown behind what it ran, and SELECT with what it selected. */
    if (UNLIKELY(monitors_any(server->monitors)) &&
        (entry->flags & (COMMAND_SKIP_MONITOR | COMMAND_ADMIN)) == 0)
        monitors_feed(server, session, session->database, entry, argv, argc);
    if (UNLIKELY(call.failed)) {
        server->counters.errors++;
        const char *end = memchr(output->data + start, '\r', output->len - start);
        if (end != NULL && output->data[start] == '-')
            error_stats_note(server, bytes_make(output->data + start + 1,
                                                (size_t)(end - (output->data + start + 1))));
    }
    if (UNLIKELY((session->flags & SESSION_SUSPENDED) != 0)) return;
    dispatch_finish(server, session, entry, argv, argc, ticks, call.failed);
}
