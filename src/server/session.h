/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* One client. What only some clients need (a transaction, subscriptions, a name, a partial
 * request, replies that wait) is a part of its own, made on first use.
 *
 * Budget: an idle client costs at most 700 bytes, everything counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/outcome.h"
#include "network/address.h"
#include "protocol/output.h"

struct server;
struct connection;
struct command_entry;

enum session_flags {
    SESSION_AUTHENTICATED = 1 << 0,
    SESSION_CLOSE_AFTER_REPLY = 1 << 1, /* nothing more is read; closed when all is sent */
    SESSION_CLOSING = 1 << 2,           /* on the list of the dead */
    SESSION_MONITOR = 1 << 3,
    SESSION_NO_EVICT = 1 << 4,
    SESSION_NO_TOUCH = 1 << 5,
    SESSION_UNIX = 1 << 6,
    SESSION_REPLY_OFF = 1 << 7,  /* CLIENT REPLY OFF */
    SESSION_REPLY_SKIP = 1 << 8, /* the reply of this command is dropped */
    SESSION_REPLY_SKIP_NEXT = 1 << 9,
    SESSION_SUSPENDED = 1 << 10, /* a call goes on in slices or waits; nothing is read */
    SESSION_PAUSED = 1 << 11,    /* held back by CLIENT PAUSE */
    SESSION_WRITE_ARMED = 1 << 12,
    SESSION_RESUMED = 1 << 13,   /* waits to be looked at again without reading */
    SESSION_DIRTY_CAS = 1 << 14, /* a watched key changed */
    SESSION_PUSHED = 1 << 15,    /* has pending output that the turn must flush at its end */
    SESSION_LOOPBACK = 1 << 16,
    SESSION_INTERNAL = 1 << 17,
    SESSION_IMPORT_SOURCE = 1 << 18,
    SESSION_CAN_REDIRECT = 1 << 19, /* CLIENT CAPA redirect */
};

enum session_class { SESSION_NORMAL, SESSION_REPLICA, SESSION_PUBSUB };

/* What CLIENT LIST shows and few clients have. Strings owned, NULL: none. */
struct session_about {
    char *name;
    char *library_name;
    char *library_version;
};

struct session {
    struct server *server;
    struct connection *connection; /* owned; NULL in tests */
    struct session *previous;
    struct session *next;
    struct session *next_closing;
    struct session *next_pushed;
    struct session *next_resumed;
    uint64_t id;
    uint32_t flags;
    int32_t database;
    uint8_t protocol;
    int64_t created_us; /* wall time */
    int64_t active_us;  /* of the last request */
    /* Input */
    struct request_partial *partial; /* NULL: none */
    char *kept;                      /* the beginning of a request; NULL: none */
    uint32_t kept_len;
    uint32_t kept_capacity;
    /* Output that the socket did not take */
    struct output *pending; /* NULL: none */
    size_t pending_sent;
    struct output *turn_output; /* replies gather here while it has a look in the turn */
    int64_t soft_limit_since_ms;
    /* Parts */
    struct transaction *transaction;
    struct subscriptions *subscriptions;
    struct suspension *suspension;
    struct blocked *blocked; /* waits for something, or for a time */
    struct session_about *about;
    const struct command_entry *last_command;
    uint64_t input_bytes;
    uint64_t output_bytes;
    uint64_t command_count;
    size_t counted_bytes; /* of its memory: what clients.h has added up */
};

/* Takes the connection. NULL when refused. */
struct session *session_create(struct server *server, struct connection *connection);
/* Marks it dead: nothing more is read, run or sent. Freed when the turn ends; safe at any time. */
void session_close(struct session *session);
/* Frees the dead. Between turns only. */
void session_free_closing(struct server *server);
static inline bool session_is_alive(const struct session *session) {
    return (session->flags & SESSION_CLOSING) == 0;
}
enum session_class session_class(const struct session *session);
/* The reply of the command that runs is not wanted (CLIENT REPLY). Pushes are. */
static inline bool session_is_silent(const struct session *session) {
    return (session->flags & (SESSION_REPLY_OFF | SESSION_REPLY_SKIP)) != 0;
}
/* The command after CLIENT REPLY SKIP is over when it has replied: what waits is still skipped. */
void session_skip_on(struct session *session);

/* Appends bytes that did not come from a command of its own (messages, invalidations): they leave
 * at the end of the turn. The session may be closed when it is over its limit. */
struct output *session_push_open(struct session *session);
void session_push_close(struct session *session);
/* Sends what it can; arms writing when some is left. False when the connection is gone. */
bool session_flush(struct session *session);
/* Sends the replies of a turn behind what is pending; what the socket does not take is kept. The
 * output may be used again afterwards (clear it). */
bool session_send(struct session *session, struct output *output);
/* Closes the session when it would be owed more than its hard limit with this reply, of which
 * nothing is sent then, as in Redis, where all replies of a turn are owed until it ends. */
bool session_refuses(struct session *session, const struct output *output);
/* What it is owed and was not sent. */
size_t session_output_bytes(const struct session *session);
/* Enforces client-output-buffer-limit; closes when it is over. */
void session_check_output(struct session *session);

size_t session_memory_bytes(const struct session *session);
/* Input kept plus a partial request. */
size_t session_query_bytes(const struct session *session);
struct session *session_by_id(struct server *server, uint64_t id);
/* "127.0.0.1:5000" and a final zero. */
void session_peer_text(const struct session *session, char out[ADDRESS_TEXT_BYTES_MAX]);
void session_local_text(const struct session *session, char out[ADDRESS_TEXT_BYTES_MAX]);
struct session_about *session_about(struct session *session); /* makes it */
/* Back to how a fresh connection is: RESET. */
void session_reset(struct session *session);
