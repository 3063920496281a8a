/* SPDX-License-Identifier: BSD-3-Clause */
/* The words with which a connection begins, is tried and ends. */
#include "commands/family.h"
#include "server/client_name.h"
#include "server/default_user.h"
#include "server/modules.h"
#include "server/options.h"
#include "server/pubsub.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

/* --- AUTH --- */

static bool authenticate(struct call *call, struct bytes user, struct bytes password) {
    struct server *server = server_of(call);
    bool known = bytes_equal(user, BYTES("default"));
    if (known && default_user_accepts(server->default_user, password)) {
        call->session->flags |= SESSION_AUTHENTICATED;
        return true;
    }
    server->counters.auth_failures++;
    reply_error(call, "WRONGPASS invalid username-password pair or user is disabled.");
    return false;
}

static void auth(struct call *call) {
    if (args_left(call) > 2) {
        args_syntax_error(call);
        return;
    }
    struct bytes user = BYTES("default");
    if (args_left(call) == 2) {
        user = args_bytes(call);
    } else if (default_user_takes_any(server_of(call)->default_user)) {
        reply_error(call, "ERR AUTH <password> called without any password configured for the "
                          "default user. Are you sure your configuration is correct?");
        return;
    }
    struct bytes password = args_bytes(call);
    if (authenticate(call, user, password)) reply_ok(call);
}

/* --- HELLO --- */

struct hello {
    uint8_t protocol; /* 0: as it is */
    bool authenticates;
    bool has_name;
    struct bytes user;
    struct bytes password;
    struct bytes name;
};

static bool read_hello(struct call *call, struct hello *hello) {
    if (args_left(call) > 0) {
        int64_t version = args_integer_or(call, INT64_MIN, INT64_MAX,
                                          "Protocol version is not an integer or out of range");
        if (args_failed(call)) return false;
        if (version < 2 || version > 3) {
            args_fail(call, "NOPROTO unsupported protocol version");
            return false;
        }
        hello->protocol = (uint8_t)version;
    }
    while (args_left(call) > 0) {
        struct bytes word = args_peek(call, 0);
        if (args_left(call) > 2 && args_word(call, "AUTH")) {
            hello->authenticates = true;
            hello->user = args_bytes(call);
            hello->password = args_bytes(call);
        } else if (args_left(call) > 1 && args_word(call, "SETNAME")) {
            hello->has_name = true;
            hello->name = args_bytes(call);
            if (!client_text_is_plain(hello->name))
                args_fail(call, "ERR Client names cannot contain spaces, newlines or special "
                                "characters.");
        } else {
            args_fail(call, "ERR Syntax error in HELLO option '%.*s'",
                      (int)(word.len < 128 ? word.len : 128), word.data);
        }
    }
    return !args_failed(call);
}

static void introduce(struct call *call) {
    const struct options *options = server_of(call)->options;
    reply_map(call, 7);
    reply_text(call, "server");
    reply_text(call, "redis");
    reply_text(call, "version");
    reply_text(call, options_text(options, options_index(options, "redis-version")));
    reply_text(call, "proto");
    reply_integer(call, call->session->protocol);
    reply_text(call, "id");
    reply_integer(call, (int64_t)call->session->id);
    reply_text(call, "mode");
    reply_text(call, "standalone");
    reply_text(call, "role");
    reply_text(call, "master");
    reply_text(call, "modules");
    modules_reply(call);
}

static void hello(struct call *call) {
    struct session *session = call->session;
    struct hello asked = {0};
    if (!read_hello(call, &asked)) return;
    if (asked.authenticates && !authenticate(call, asked.user, asked.password)) return;
    if ((session->flags & SESSION_AUTHENTICATED) == 0) {
        reply_error(call, "NOAUTH HELLO must be called with the client already authenticated, "
                          "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to "
                          "authenticate the client and select the RESP protocol version at the "
                          "same time");
        return;
    }
    if (asked.has_name && !client_set_name(session, asked.name)) {
        reply_no_memory(call, "the name");
        return;
    }
    if (asked.protocol != 0) session->protocol = asked.protocol;
    call->output->protocol = session->protocol;
    introduce(call);
}

/* --- the rest --- */

static void ping(struct call *call) {
    struct session *session = call->session;
    if (args_left(call) > 1) {
        args_wrong_number(call);
        return;
    }
    bool has_message = args_left(call) > 0;
    struct bytes message = has_message ? args_bytes(call) : BYTES("");
    if (session->protocol == 2 && session_class(session) == SESSION_PUBSUB) {
        reply_array(call, 2);
        reply_text(call, "pong");
        reply_bulk(call, message);
    } else if (has_message) {
        reply_bulk(call, message);
    } else {
        reply_status(call, "PONG");
    }
}

static void echo(struct call *call) {
    int index = args_index(call);
    struct bytes message = args_bytes(call);
    if (call->blobs != NULL && call->blobs[index] != NULL) reply_blob(call, call->blobs[index]);
    else reply_bulk(call, message);
}

static void select_database(struct call *call) {
    int64_t index = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;
    if (index < INT32_MIN || index > INT32_MAX) {
        reply_error(call,
                    "ERR value is out of range, value must between -2147483648 and 2147483647");
        return;
    }
    if (index < 0 || index >= call->executor->keyspace.database_count) {
        reply_error(call, "ERR DB index is out of range");
        return;
    }
    call->session->database = (int32_t)index;
    reply_ok(call);
}

static void quit(struct call *call) {
    call->session->flags |= SESSION_CLOSE_AFTER_REPLY;
    reply_ok(call);
}

static void reset(struct call *call) {
    session_reset(call->session);
    call->output->protocol = call->session->protocol;
    reply_status(call, "RESET");
}

#define BEGINS \
    COMMAND_ALLOW_BUSY | COMMAND_LOADING | COMMAND_NO_AUTH | COMMAND_NOSCRIPT | COMMAND_STALE

static const struct command commands[] = {
    {
        .name = "AUTH",
        .handler = auth,
        .summary = "Proves who the client is, with a password.",
        .complexity = "O(N) for a password of N bytes",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = BEGINS,
        ARGS(STRING("username", .flags = ARG_OPTIONAL | ARG_SECRET, .since = "6.0.0"),
             STRING("password", .flags = ARG_SECRET)),
        .reply = "OK",
        .errors = "WRONGPASS no such user, or another password; ERR no password is configured",
    },
    {
        .name = "ECHO",
        .handler = echo,
        .summary = "Returns its argument.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        ARGS(STRING("message")),
        .reply = "the message",
        .example = "ECHO hello",
    },
    {
        .name = "HELLO",
        .handler = hello,
        .summary = "Chooses the protocol, says who the client is, and tells about the server.",
        .complexity = "O(1)",
        .since = "6.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = BEGINS,
        ARGS(BLOCK_OPTIONAL("arguments", NULL, INTEGER("protover"),
                            BLOCK_OPTIONAL("auth", "AUTH", STRING("username", .flags = ARG_SECRET),
                                           STRING("password", .flags = ARG_SECRET)),
                            STRING("clientname", .token = "SETNAME", OPTIONAL))),
        .reply = "a map: server, version, proto, id, mode, role, modules",
        .errors = "NOPROTO the protocol is neither 2 nor 3; NOAUTH a password is needed first",
        .example = "HELLO 3",
    },
    {
        .name = "PING",
        .handler = ping,
        .summary = "Answers PONG, to show that the server is there.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_ALLOW_RESP2_PUBSUB,
        ARGS(STRING("message", OPTIONAL)),
        .reply = "PONG, or the message",
        .example = "PING",
        .tips = "request_policy:all_shards response_policy:all_succeeded",
    },
    {
        .name = "QUIT",
        .handler = quit,
        .summary = "Closes the connection when all replies have left.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = BEGINS | COMMAND_ALLOW_RESP2_PUBSUB | COMMAND_DEPRECATED,
        .arity = -1,
        .reply = "OK",
        .deprecated_since = "7.2.0",
        .replaced_by = "just closing the connection",
    },
    {
        .name = "RESET",
        .handler = reset,
        .summary = "Makes the connection as it was when it was opened: database, protocol, user, "
                   "subscriptions.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = BEGINS | COMMAND_ALLOW_RESP2_PUBSUB,
        .reply = "RESET",
        .example = "RESET",
    },
    {
        .name = "SELECT",
        .handler = select_database,
        .summary = "Chooses the database that the connection works on.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        ARGS(INTEGER("index")),
        .reply = "OK",
        .example = "SELECT 0",
    },
};

const struct family connection_family = {
    .name = "connection",
    .title = "Connections",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
