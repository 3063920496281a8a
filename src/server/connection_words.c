/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "commands/family.h"
#include "server/options.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

static void ping(struct call *call) {
    if (call->argc > 2) {
        args_wrong_number(call);
        return;
    }
    struct session *session = call->session;
    if (session->protocol == 2 && session_class(session) == SESSION_PUBSUB) {
        reply_array(call, 2);
        reply_text(call, "pong");
        reply_bulk(call, args_left(call) > 0 ? args_bytes(call) : BYTES(""));
    } else if (args_left(call) > 0) {
        reply_bulk(call, args_bytes(call));
    } else {
        reply_status(call, "PONG");
    }
}

static void echo(struct call *call) { reply_bulk(call, args_bytes(call)); }

static void select_database(struct call *call) {
    int64_t index = args_integer(call, INT32_MIN, INT32_MAX);
    if (!args_failed(call) && (index < 0 || index >= call->executor->keyspace.database_count))
        args_fail(call, "ERR DB index is out of range");
    if (args_failed(call)) return;
    call->session->database = (int32_t)index;
    reply_ok(call);
}

/* As long for a wrong password as for a right one, whatever the first wrong byte. */
static bool same_secret(struct bytes a, struct bytes b) {
    unsigned differs = a.len != b.len;
    for (size_t i = 0; i < a.len; i++)
        differs |= (unsigned char)(a.data[i] ^ (b.len > 0 ? b.data[i % b.len] : 1));
    return differs == 0;
}

static bool authenticate(struct call *call, struct bytes user, struct bytes password) {
    struct server *server = server_of(call);
    const struct settings *settings = &server->settings;
    bool right = bytes_equal(user, BYTES("default")) &&
                 (!settings->password_required ||
                  same_secret(password, bytes_of(settings->password)));
    if (right) {
        call->session->flags |= SESSION_AUTHENTICATED;
        return true;
    }
    server->counters.auth_failures++;
    reply_error(call, "WRONGPASS invalid username-password pair or user is disabled.");
    return false;
}

static void auth(struct call *call) {
    if (call->argc > 3) {
        args_syntax_error(call);
        return;
    }
    if (call->argc == 2 && !server_of(call)->settings.password_required) {
        reply_error(call, "ERR AUTH <password> called without any password configured for the "
                          "default user. Are you sure your configuration is correct?");
        return;
    }
    struct bytes user = call->argc == 3 ? args_bytes(call) : BYTES("default");
    if (authenticate(call, user, args_bytes(call))) reply_ok(call);
}

static void reply_greeting(struct call *call) {
    struct server *server = server_of(call);
    int version = options_find(server->options, BYTES("redis-version"));
    reply_map(call, 7);
    reply_text(call, "server");
    reply_text(call, "redis");
    reply_text(call, "version");
    reply_text(call, version < 0 ? "7.4.0" : options_text(server->options, version));
    reply_text(call, "proto");
    reply_integer(call, call->session->protocol);
    reply_text(call, "id");
    reply_integer(call, (int64_t)call->session->id);
    reply_text(call, "mode");
    reply_text(call, "standalone");
    reply_text(call, "role");
    reply_text(call, "master");
    reply_text(call, "modules");
    reply_array(call, 0);
}

static bool name_is_plain(struct bytes name) {
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < '!' || name.data[i] > '~') return false;
    }
    return true;
}

static void set_name(struct session *session, struct bytes name) {
    struct session_about *about = session_about(session);
    memory_free(about->name);
    about->name = NULL;
    if (name.len == 0) return;
    about->name = memory_allocate(name.len + 1);
    memcpy(about->name, name.data, name.len);
    about->name[name.len] = '\0';
}

static void hello(struct call *call) {
    struct session *session = call->session;
    int64_t protocol = session->protocol;
    if (args_left(call) > 0)
        protocol = args_integer_or(call, INT64_MIN, INT64_MAX,
                                   "Protocol version is not an integer or out of range");
    if (!args_failed(call) && protocol != 2 && protocol != 3)
        args_fail(call, "NOPROTO unsupported protocol version");
    struct bytes user = {0}, password = {0}, name = {0};
    while (args_left(call) > 0) {
        if (args_left(call) >= 3 && args_word(call, "AUTH")) {
            user = args_bytes(call);
            password = args_bytes(call);
        } else if (args_left(call) >= 2 && args_word(call, "SETNAME")) {
            name = args_bytes(call);
            if (!name_is_plain(name))
                args_fail(call, "ERR Client names cannot contain spaces, newlines or special "
                                "characters.");
        } else {
            args_fail(call, "ERR Syntax error in HELLO option '%.*s'", (int)args_peek(call, 0).len,
                      args_peek(call, 0).data);
        }
    }
    if (args_failed(call)) return;
    if (user.data != NULL && !authenticate(call, user, password)) return;
    if ((session->flags & SESSION_AUTHENTICATED) == 0) {
        reply_error(call, "NOAUTH HELLO must be called with the client already authenticated, "
                          "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to "
                          "authenticate the client and select the RESP protocol version at the "
                          "same time");
        return;
    }
    if (name.data != NULL) set_name(session, name);
    session->protocol = (uint8_t)protocol;
    call->output->protocol = (uint8_t)protocol;
    reply_greeting(call);
}

static void quit(struct call *call) {
    call->session->flags |= SESSION_CLOSE_AFTER_REPLY;
    reply_ok(call);
}

static void reset(struct call *call) {
    session_reset(call->session);
    call->output->protocol = 2;
    reply_status(call, "RESET");
}

#define STRANGERS_TOO \
    COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_NO_AUTH | COMMAND_ALLOW_BUSY

static const struct command commands[] = {
    {
        .name = "AUTH",
        .handler = auth,
        .summary = "Proves who the client is.",
        .complexity = "O(N), N being the length of the password",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = STRANGERS_TOO,
        ARGS(STRING("username", OPTIONAL), STRING("password", .flags = ARG_SECRET)),
        .reply = "OK",
        .errors = "WRONGPASS the pair is wrong",
    },
    {
        .name = "ECHO",
        .handler = echo,
        .summary = "Gives back what it is given.",
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
        .summary = "Chooses the protocol, and tells who is here.",
        .complexity = "O(1)",
        .since = "6.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = STRANGERS_TOO,
        ARGS(BLOCK_OPTIONAL("arguments", NULL, INTEGER("protover"),
                            BLOCK_OPTIONAL("auth", "AUTH", STRING("username"),
                                           STRING("password", .flags = ARG_SECRET)),
                            STRING("clientname", .token = "SETNAME", OPTIONAL))),
        .reply = "map: server, version, proto, id, mode, role, modules",
        .errors = "NOPROTO neither 2 nor 3",
    },
    {
        .name = "PING",
        .handler = ping,
        .summary = "Asks whether the server is there.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_ALLOW_RESP2_PUBSUB,
        ARGS(STRING("message", OPTIONAL)),
        .reply = "PONG, or the message",
        .example = "PING",
    },
    {
        .name = "QUIT",
        .handler = quit,
        .summary = "Ends the connection.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = STRANGERS_TOO | COMMAND_ALLOW_RESP2_PUBSUB | COMMAND_DEPRECATED,
        .arity = -1,
        .reply = "OK",
        .deprecated_since = "7.2.0",
        .replaced_by = "just closing the connection",
    },
    {
        .name = "RESET",
        .handler = reset,
        .summary = "Makes the connection as it was when it was new.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = STRANGERS_TOO | COMMAND_ALLOW_RESP2_PUBSUB,
        .reply = "RESET",
    },
    {
        .name = "SELECT",
        .handler = select_database,
        .summary = "Changes the selected database.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        ARGS(INTEGER("index")),
        .reply = "OK",
    },
};

const struct family connection_family = {
    .name = "connection",
    .title = "Connections",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
