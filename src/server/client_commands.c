/* SPDX-License-Identifier: BSD-3-Clause */
/* CLIENT's words, declared. */
#include "commands/family.h"
#include "commands/help.h"
#include "server/client_words.h"

/* long: a table of text */
static void client_help(struct call *call) {
    static const char *const lines[] = {
        "CACHING (YES|NO)",
        "    Says whether the keys of the next command are tracked (OPTIN and OPTOUT).",
        "CAPA <option> [options...]",
        "    Says what the client can do. Known options:",
        "    * REDIRECT",
        "      It follows a server that sends it elsewhere.",
        "GETREDIR",
        "    The id of the client that invalidations go to.",
        "GETNAME",
        "    The name of this connection.",
        "ID",
        "    The id of this connection.",
        "INFO",
        "    What LIST shows of this connection.",
        "KILL <ip:port>",
        "    Ends the connection that comes from <ip:port>.",
        "KILL <option> <value> [<option> <value> [...]]",
        "    Ends connections. All options must hold, none of those behind NOT- may:",
        "    * [NOT-]ADDR (<ip:port>|<unixsocket>:0)",
        "      Where the connection comes from.",
        "    * [NOT-]LADDR (<ip:port>|<unixsocket>:0)",
        "      Where it arrived.",
        "    * [NOT-]IP <ip>",
        "      Where it comes from, whatever the port.",
        "    * [NOT-]TYPE (NORMAL|PRIMARY|REPLICA|PUBSUB)",
        "      What kind of client it is.",
        "    * [NOT-]USER <username>",
        "      Who it authenticated as.",
        "    * [NOT-]ID <client-id> [<client-id>...]",
        "      Its id.",
        "    * [NOT-]NAME <client-name>",
        "      Its name.",
        "    * [NOT-]LIB-NAME <lib-name>, [NOT-]LIB-VER <lib-version>",
        "      Its library.",
        "    * [NOT-]FLAGS <flags>",
        "      All of these letters are among its flags.",
        "    * [NOT-]CAPA <capa>",
        "      What it can do.",
        "    * [NOT-]DB <db-id>",
        "      Its selected database.",
        "    * MAXAGE <seconds>, IDLE <seconds>",
        "      It is at least so old, or has been silent for at least so long.",
        "    * SKIPME (YES|NO)",
        "      Leaves out the connection that asks (default: yes).",
        "LIST [options ...]",
        "    One line for each connection. Options as for KILL, SKIPME being no.",
        "UNPAUSE",
        "    Ends a pause.",
        "PAUSE <timeout> [WRITE|ALL]",
        "    Lets all clients, or those that write, wait for <timeout> milliseconds.",
        "REPLY (ON|OFF|SKIP)",
        "    Says whether this connection wants replies.",
        "SETNAME <name>",
        "    Gives this connection a name.",
        "SETINFO <option> <value>",
        "    Says which library speaks. Options are:",
        "    * LIB-NAME: its name.",
        "    * LIB-VER: its version.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]",
        "    Ends the waiting of a client.",
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
        "         [OPTIN] [OPTOUT] [NOLOOP]",
        "    Client-side caching.",
        "TRACKINGINFO",
        "    What TRACKING has set for this connection.",
        "IMPORT-SOURCE (ON|OFF)",
        "    Says that this connection brings data from elsewhere, in import mode.",
        "NO-EVICT (ON|OFF)",
        "    Spares this connection when clients take too much memory.",
        "NO-TOUCH (ON|OFF)",
        "    Leaves the access times of keys alone.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

#define ORDINARY \
    .access = TOUCHES_NO_KEYS, .flags = COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE
#define OPERATORS              \
    .access = TOUCHES_NO_KEYS, \
    .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE
#define SWITCH ONEOF("enabled", TOKEN("on", "ON"), TOKEN("off", "OFF"))

static const struct arg kinds[] = {
    TOKEN("normal", "NORMAL"),
    TOKEN("master", "MASTER", .since = "3.2.0"),
    TOKEN("primary", "PRIMARY", .since = "8.0.0"),
    TOKEN("slave", "SLAVE"),
    TOKEN("replica", "REPLICA", .since = "5.0.0"),
    TOKEN("pubsub", "PUBSUB"),
};
#define TYPED(name_, token_, ...)                                                     \
    {                                                                                 \
        .kind = ARG_ONEOF, .name = (name_), .token = (token_), .flags = ARG_OPTIONAL, \
        .args = kinds, .arg_count = COUNT_OF(kinds), ##__VA_ARGS__                    \
    }
#define YES_OR_NO                                                                            \
    {                                                                                        \
        .kind = ARG_ONEOF, .name = "skipme", .token = "SKIPME", .flags = ARG_OPTIONAL,       \
        .args = (const struct arg[]){TOKEN("yes", "YES"), TOKEN("no", "NO")}, .arg_count = 2 \
    }
#define VALUE(name_, token_, ...) STRING(name_, .token = (token_), OPTIONAL, ##__VA_ARGS__)
#define NUMBER(name_, token_, ...) INTEGER(name_, .token = (token_), OPTIONAL, ##__VA_ARGS__)
/* Behind type, id, user, address and age, which are older in KILL than in LIST. */
#define LATER_FILTERS                                                                        \
    VALUE("name", "NAME", .since = "9.0.0"), NUMBER("idle", "IDLE", .since = "9.0.0"),       \
        VALUE("flags", "FLAGS", .since = "9.0.0"),                                           \
        VALUE("lib-name", "LIB-NAME", .since = "9.0.0"),                                     \
        VALUE("lib-ver", "LIB-VER", .since = "9.0.0"), NUMBER("db", "DB", .since = "9.0.0"), \
        VALUE("capa", "CAPA", .since = "9.0.0"), VALUE("ip", "IP", .since = "9.0.0"),        \
        TYPED("not-client-type", "NOT-TYPE", .since = "9.0.0"),                              \
        INTEGER("not-client-id", .token = "NOT-ID", OPTIONAL_MULTIPLE, .since = "9.0.0"),    \
        VALUE("not-username", "NOT-USER", .since = "9.0.0"),                                 \
        VALUE("not-addr", "NOT-ADDR", .since = "9.0.0"),                                     \
        VALUE("not-laddr", "NOT-LADDR", .since = "9.0.0"),                                   \
        VALUE("not-name", "NOT-NAME", .since = "9.0.0"),                                     \
        VALUE("not-flags", "NOT-FLAGS", .since = "9.0.0"),                                   \
        VALUE("not-lib-name", "NOT-LIB-NAME", .since = "9.0.0"),                             \
        VALUE("not-lib-ver", "NOT-LIB-VER", .since = "9.0.0"),                               \
        NUMBER("not-db", "NOT-DB", .since = "9.0.0"),                                        \
        VALUE("not-capa", "NOT-CAPA", .since = "9.0.0"),                                     \
        VALUE("not-ip", "NOT-IP", .since = "9.0.0")

static const struct arg kill_filters[] = {
    INTEGER("client-id", .token = "ID", OPTIONAL_MULTIPLE, .since = "2.8.12"),
    TYPED("client-type", "TYPE", .since = "2.8.12"),
    VALUE("username", "USER"),
    VALUE("addr", "ADDR"),
    VALUE("laddr", "LADDR", .since = "6.2.0"),
    YES_OR_NO,
    NUMBER("maxage", "MAXAGE", .since = "7.4.0"),
    LATER_FILTERS,
};

static const struct arg pause_modes[] = {TOKEN("write", "WRITE"), TOKEN("all", "ALL")};

static const struct command subcommands[] = {
    {
        .name = "CACHING",
        .handler = client_caching,
        .summary = "Says whether the keys of the next command are to be tracked.",
        .complexity = "O(1)",
        .since = "6.0.0",
        ORDINARY,
        ARGS(ONEOF("mode", TOKEN("yes", "YES"), TOKEN("no", "NO"))),
        .reply = "an error: nothing is tracked",
    },
    {
        .name = "CAPA",
        .handler = client_capa,
        .summary = "Tells the server what the client is able to do.",
        .complexity = "O(1)",
        .since = "8.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ALLOW_BUSY | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE,
        ARGS(STRING("capability", MULTIPLE)),
        .reply = "OK",
        .example = "CLIENT CAPA redirect",
    },
    {
        .name = "GETNAME",
        .handler = client_getname,
        .summary = "Tells the name of the connection.",
        .complexity = "O(1)",
        .since = "2.6.9",
        ORDINARY,
        .reply = "the name, or null",
        .example = "CLIENT GETNAME",
    },
    {
        .name = "GETREDIR",
        .handler = client_getredir,
        .summary = "Tells which client the connection's invalidations go to.",
        .complexity = "O(1)",
        .since = "6.0.0",
        ORDINARY,
        .reply = "-1: nothing is tracked",
        .example = "CLIENT GETREDIR",
    },
    {
        .name = "HELP",
        .handler = client_help,
        .summary = "Lists the subcommands of CLIENT.",
        .complexity = "O(1)",
        .since = "5.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "CLIENT HELP",
    },
    {
        .name = "ID",
        .handler = client_id,
        .summary = "Tells the id of the connection, which no other has had or will have.",
        .complexity = "O(1)",
        .since = "5.0.0",
        ORDINARY,
        .reply = "the id",
        .example = "CLIENT ID",
    },
    {
        .name = "IMPORT-SOURCE",
        .handler = client_import_source,
        .summary = "Says that this connection brings data from another server.",
        .complexity = "O(1)",
        .since = "8.1.0",
        ORDINARY,
        ARGS(SWITCH),
        .reply = "OK",
    },
    {
        .name = "INFO",
        .handler = client_info,
        .summary = "Tells what the server knows of this connection.",
        .complexity = "O(1)",
        .since = "6.2.0",
        ORDINARY,
        .reply = "a line of field=value",
        .example = "CLIENT INFO",
        .tips = "nondeterministic_output",
    },
    {
        .name = "KILL",
        .handler = client_kill,
        .summary = "Ends connections.",
        .complexity = "O(N) for N connections",
        .since = "2.4.0",
        OPERATORS,
        ARGS(ONEOF("filter", STRING("old-format"),
                   {.kind = ARG_ONEOF,
                    .name = "new-format",
                    .flags = ARG_MULTIPLE,
                    .args = kill_filters,
                    .arg_count = COUNT_OF(kill_filters)})),
        .arity = -3,
        .reply = "how many were ended; OK in the old form",
    },
    {
        .name = "LIST",
        .handler = client_list,
        .summary = "Lists connections.",
        .complexity = "O(N) for N connections",
        .since = "2.4.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE |
                 COMMAND_MAY_SUSPEND,
        ARGS(TYPED("client-type", "TYPE", .since = "5.0.0"),
             INTEGER("client-id", .token = "ID", OPTIONAL_MULTIPLE, .since = "6.2.0"),
             VALUE("username", "USER", .since = "8.1.0"), VALUE("addr", "ADDR", .since = "8.1.0"),
             VALUE("laddr", "LADDR", .since = "8.1.0"), YES_OR_NO,
             NUMBER("maxage", "MAXAGE", .since = "8.1.0"), LATER_FILTERS),
        .reply = "a line of field=value for each",
        .example = "CLIENT LIST",
        .tips = "nondeterministic_output",
    },
    {
        .name = "NO-EVICT",
        .handler = client_no_evict,
        .summary = "Spares this connection when clients take too much memory.",
        .complexity = "O(1)",
        .since = "7.0.0",
        OPERATORS,
        ARGS(SWITCH),
        .reply = "OK",
        .example = "CLIENT NO-EVICT on",
    },
    {
        .name = "NO-TOUCH",
        .handler = client_no_touch,
        .summary = "Lets this connection's reads leave the access times of keys alone.",
        .complexity = "O(1)",
        .since = "7.2.0",
        ORDINARY,
        ARGS(SWITCH),
        .reply = "OK",
        .example = "CLIENT NO-TOUCH on",
    },
    {
        .name = "PAUSE",
        .handler = client_pause,
        .summary = "Holds all clients back for a while, or only those that write.",
        .complexity = "O(1)",
        .since = "3.0.0",
        OPERATORS,
        ARGS(INTEGER("timeout"), {.kind = ARG_ONEOF,
                                  .name = "mode",
                                  .flags = ARG_OPTIONAL,
                                  .since = "6.2.0",
                                  .args = pause_modes,
                                  .arg_count = COUNT_OF(pause_modes)}),
        .arity = -3,
        .reply = "OK",
    },
    {
        .name = "REPLY",
        .handler = client_reply,
        .summary = "Says whether this connection wants replies.",
        .complexity = "O(1)",
        .since = "3.2.0",
        ORDINARY,
        ARGS(ONEOF("action", TOKEN("on", "ON"), TOKEN("off", "OFF"), TOKEN("skip", "SKIP"))),
        .reply = "OK for ON, nothing for the others",
    },
    {
        .name = "SETINFO",
        .handler = client_setinfo,
        .summary = "Tells the server which library the client uses.",
        .complexity = "O(1)",
        .since = "7.2.0",
        ORDINARY,
        ARGS(ONEOF("attr", STRING("libname", .token = "LIB-NAME"),
                   STRING("libver", .token = "LIB-VER"))),
        .reply = "OK",
        .example = "CLIENT SETINFO LIB-NAME some-library",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
    {
        .name = "SETNAME",
        .handler = client_setname,
        .summary = "Gives the connection a name.",
        .complexity = "O(1)",
        .since = "2.6.9",
        ORDINARY,
        ARGS(STRING("connection-name")),
        .reply = "OK",
        .example = "CLIENT SETNAME worker-1",
        .tips = "request_policy:all_nodes response_policy:all_succeeded",
    },
    {
        .name = "TRACKING",
        .handler = client_tracking,
        .summary = "Switches client-side caching, which is not there yet.",
        .complexity = "O(1)",
        .since = "6.0.0",
        ORDINARY,
        ARGS(ONEOF("status", TOKEN("on", "ON"), TOKEN("off", "OFF")),
             INTEGER("client-id", .token = "REDIRECT", OPTIONAL),
             STRING("prefix", .token = "PREFIX",
                    .flags = ARG_OPTIONAL | ARG_MULTIPLE | ARG_MULTIPLE_TOKEN),
             TOKEN("bcast", "BCAST", OPTIONAL), TOKEN("optin", "OPTIN", OPTIONAL),
             TOKEN("optout", "OPTOUT", OPTIONAL), TOKEN("noloop", "NOLOOP", OPTIONAL)),
        .reply = "OK for OFF, an error for ON",
        .example = "CLIENT TRACKING off",
    },
    {
        .name = "TRACKINGINFO",
        .handler = client_trackinginfo,
        .summary = "Tells what TRACKING has set.",
        .complexity = "O(1)",
        .since = "6.2.0",
        ORDINARY,
        .reply = "a map: flags, redirect, prefixes",
        .example = "CLIENT TRACKINGINFO",
    },
    {
        .name = "UNBLOCK",
        .handler = client_unblock,
        .summary = "Ends the waiting of a client.",
        .complexity = "O(N) for N connections",
        .since = "5.0.0",
        OPERATORS,
        ARGS(INTEGER("client-id"),
             ONEOF_OPTIONAL("unblock-type", TOKEN("timeout", "TIMEOUT"), TOKEN("error", "ERROR"))),
        .arity = -3,
        .reply = "1 when it waited, else 0",
        .example = "CLIENT UNBLOCK 1",
    },
    {
        .name = "UNPAUSE",
        .handler = client_unpause,
        .summary = "Ends a pause.",
        .complexity = "O(N) for N clients that wait",
        .since = "6.2.0",
        OPERATORS,
        .reply = "OK",
        .example = "CLIENT UNPAUSE",
    },
};

static const struct command commands[] = {
    {
        .name = "CLIENT",
        .summary = "Tells about connections and changes them.",
        .complexity = "Depends on subcommand.",
        .since = "2.4.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(subcommands),
    },
};

const struct family client_family = {
    .name = "client",
    .title = "Clients",
    .group = "connection",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
