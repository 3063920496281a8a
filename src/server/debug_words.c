/* SPDX-License-Identifier: BSD-3-Clause */
/* DEBUG: what test suites and tools ask of a server. Refused unless enable-debug-command says
 * otherwise. Its words are no subcommands, so one table here names them all. */
#include "server/debug_words.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

/* --- time, errors, ends --- */

/* Holds up everybody: that is what it is for. */
static void debug_sleep(struct call *call) {
    struct bytes text = args_bytes(call);
    double seconds = 0;
    if (!text_to_double(text, &seconds) || !(seconds > 0)) seconds = 0;
    if (seconds > 86400) seconds = 86400;
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
    reply_ok(call);
}

/* Not counted among the errors: nothing went wrong. */
static void debug_error(struct call *call) {
    resp_error(call->output, args_bytes(call));
    call->reply_pending--;
}

static void debug_log(struct call *call) {
    struct bytes text = args_bytes(call);
    log_write(server_of(call)->log, LOG_LEVEL_WARNING, "DEBUG LOG: %.*s",
              (int)(text.len < LOG_MESSAGE_BYTES_MAX ? text.len : LOG_MESSAGE_BYTES_MAX),
              text.data);
    reply_ok(call);
}

static void debug_panic(struct call *call) {
    log_write(server_of(call)->log, LOG_LEVEL_WARNING, "DEBUG %.*s: ends at once",
              (int)call->argv[1].len, call->argv[1].data);
    abort();
}

static void debug_segfault(struct call *call) {
    (void)call;
    raise(SIGSEGV);
}

/* --- how the server behaves --- */

static void debug_set_active_expire(struct call *call) {
    int64_t on = 0;
    if (!text_to_integer(args_bytes(call), &on)) on = 0;
    server_of(call)->expiry_stopped = on == 0;
    reply_ok(call);
}

static void debug_stringmatch_len(struct call *call) {
    struct bytes pattern = args_bytes(call);
    reply_integer(call, text_matches(pattern, args_bytes(call), false));
}

/* Switches of parts that this server does not have. */
static void debug_ignore(struct call *call) { reply_ok(call); }

static void debug_rewrite(struct call *call) {
    char reason[OPTIONS_REASON_MAX];
    if (options_rewrite(server_of(call)->options, reason)) reply_ok(call);
    else reply_error(call, "ERR CONFIG-REWRITE-FORCE-ALL failed: %s", reason);
}

static void debug_packed_threshold(struct call *call) {
    uint64_t bytes;
    if (text_to_memory_bytes(args_bytes(call), &bytes) && bytes < (uint64_t)4 << 30) reply_ok(call);
    else
        reply_error(call, "ERR argument must be a memory value bigger than 1 and smaller than 4gb");
}

/* --- PROTOCOL --- */

static void reply_numbers(struct call *call) {
    for (int i = 0; i < 3; i++) reply_integer(call, i);
}

static void sample_string(struct call *call) { reply_text(call, "Hello World"); }
static void sample_integer(struct call *call) { reply_integer(call, 12345); }
static void sample_double(struct call *call) { reply_double(call, 3.141); }
static void sample_null(struct call *call) { reply_null(call); }
static void sample_true(struct call *call) { reply_boolean(call, true); }
static void sample_false(struct call *call) { reply_boolean(call, false); }

static void sample_array(struct call *call) {
    reply_array(call, 3);
    reply_numbers(call);
}

static void sample_set(struct call *call) {
    reply_set(call, 3);
    reply_numbers(call);
}

static void sample_map(struct call *call) {
    reply_map(call, 3);
    for (int i = 0; i < 3; i++) {
        reply_integer(call, i);
        reply_boolean(call, i == 1);
    }
}

static void sample_attribute(struct call *call) {
    if (call->output->protocol == 3) {
        resp_attribute(call->output, 1);
        call->reply_pending += 2;
        reply_text(call, "key-popularity");
        reply_array(call, 2);
        reply_text(call, "key:123");
        reply_integer(call, 90);
    }
    reply_text(call, "Some real reply following the attribute");
}

static void sample_push(struct call *call) {
    if (call->output->protocol == 2) {
        reply_error(call, "ERR RESP2 is not supported by this command");
        return;
    }
    reply_text(call, "Some real reply following the push reply");
    reply_push(call, 2);
    reply_text(call, "server-cpu-usage");
    reply_integer(call, 42);
}

static void sample_verbatim(struct call *call) {
    reply_verbatim(call, "txt", BYTES("This is a verbatim\nstring"));
}

static void sample_big_number(struct call *call) {
    reply_big_number(call, BYTES("1234567999999999999999999999999999999"));
}

static void debug_protocol(struct call *call) {
    static const struct {
        const char *word;
        void (*reply)(struct call *call);
    } samples[] = {
        {"string", sample_string},     {"integer", sample_integer},   {"double", sample_double},
        {"bignum", sample_big_number}, {"null", sample_null},         {"array", sample_array},
        {"set", sample_set},           {"map", sample_map},           {"attrib", sample_attribute},
        {"push", sample_push},         {"verbatim", sample_verbatim}, {"true", sample_true},
        {"false", sample_false},
    };
    struct bytes word = args_bytes(call);
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        if (!bytes_is(word, samples[i].word)) continue;
        samples[i].reply(call);
        return;
    }
    reply_error(call, "ERR Wrong protocol type name. Please use one of the following: "
                      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|"
                      "false");
}

/* --- the words --- */

static void debug_help(struct call *call);

static const struct word {
    const char *name;
    int8_t min; /* arguments behind the word */
    int8_t max; /* -1: any number */
    void (*handler)(struct call *call);
} words[] = {
    {"AOF-FLUSH-SLEEP", 1, 1, debug_ignore},
    {"ASSERT", 0, 0, debug_panic},
    {"CHANGE-REPL-ID", 0, 0, debug_ignore},
    {"CLIENT-ENFORCE-REPLY-LIST", 1, 1, debug_ignore},
    {"CLOSE-CLUSTER-LINK-ON-PACKET-DROP", 1, 1, debug_ignore},
    {"CONFIG-REWRITE-FORCE-ALL", 0, 0, debug_rewrite},
    {"DELAY-RDB-CLIENT-FREE-SECOND", 1, 1, debug_ignore},
    {"DICT-RESIZING", 1, 1, debug_ignore},
    {"DIGEST", 0, 0, debug_digest},
    {"DIGEST-VALUE", 0, -1, debug_digest_value},
    {"DISABLE-CLUSTER-RANDOM-PING", 1, 1, debug_ignore},
    {"DISABLE-CLUSTER-RECONNECTION", 1, 1, debug_ignore},
    {"DROP-CLUSTER-PACKET-FILTER", 1, 1, debug_ignore},
    {"ERROR", 1, 1, debug_error},
    {"HASHTABLE-CAN-ABORT-SHRINK", 1, 1, debug_ignore},
    {"HELP", 0, 0, debug_help},
    {"HTSTATS", 1, 2, debug_htstats},
    {"HTSTATS-KEY", 1, 2, debug_htstats_key},
    {"LISTPACK", 1, 1, debug_listpack},
    {"LOG", 1, 1, debug_log},
    {"OBJECT", 1, 2, debug_object},
    {"OOM", 0, 0, debug_panic},
    {"PANIC", 0, 0, debug_panic},
    {"PAUSE-AFTER-FORK", 1, 1, debug_ignore},
    {"PAUSE-CRON", 1, 1, debug_ignore},
    {"POPULATE", 1, 3, debug_populate},
    {"PROTOCOL", 1, 1, debug_protocol},
    {"QUICKLIST", 1, 2, debug_quicklist},
    {"QUICKLIST-PACKED-THRESHOLD", 1, 1, debug_packed_threshold},
    {"REPLICATE", 1, -1, debug_ignore},
    {"REPLYBUFFER", 2, 2, debug_ignore},
    {"SDSLEN", 1, 1, debug_sdslen},
    {"SEGFAULT", 0, 0, debug_segfault},
    {"SET-ACTIVE-EXPIRE", 1, 1, debug_set_active_expire},
    {"SET-DISABLE-DENY-SCRIPTS", 1, 1, debug_ignore},
    {"SET-SKIP-CHECKSUM-VALIDATION", 1, 1, debug_ignore},
    {"SLEEP", 1, 1, debug_sleep},
    {"STRINGMATCH-LEN", 2, 2, debug_stringmatch_len},
};

static void debug_help(struct call *call) {
    static const char *const lines[] = {
        "AOF-FLUSH-SLEEP <microsec>, CHANGE-REPL-ID, CLIENT-ENFORCE-REPLY-LIST <0|1>,",
        "CLOSE-CLUSTER-LINK-ON-PACKET-DROP <0|1>, DELAY-RDB-CLIENT-FREE-SECOND <seconds>,",
        "DICT-RESIZING <0|1>, DISABLE-CLUSTER-RANDOM-PING <0|1>,",
        "DISABLE-CLUSTER-RECONNECTION <0|1>, DROP-CLUSTER-PACKET-FILTER <type>,",
        "HASHTABLE-CAN-ABORT-SHRINK <0|1>, PAUSE-AFTER-FORK <0|1>, PAUSE-CRON <0|1>,",
        "REPLICATE <string>, REPLYBUFFER <what> <value>, SET-DISABLE-DENY-SCRIPTS <0|1>,",
        "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
        "    Accepted and without effect.",
        "ASSERT, OOM, PANIC, SEGFAULT",
        "    Ends the server at once, as a fault of ours would.",
        "CONFIG-REWRITE-FORCE-ALL",
        "    As CONFIG REWRITE.",
        "DIGEST",
        "    A fingerprint of all that is stored.",
        "DIGEST-VALUE <key> [<key> ...]",
        "    Fingerprints of the values of these keys.",
        "ERROR <string>",
        "    Replies <string> as an error.",
        "HTSTATS <dbid> [full]",
        "    Figures of the tables of a database.",
        "HTSTATS-KEY <key> [full]",
        "    The same of a value.",
        "LISTPACK <key>, QUICKLIST <key> [<0|1>]",
        "    Writes to the log how a value that is stored so is stored.",
        "LOG <message>",
        "    Writes <message> to the log.",
        "OBJECT <key> [fast]",
        "    How a value is stored; with `fast` without the length it would have in a file.",
        "POPULATE <count> [<prefix>] [<size>]",
        "    Makes <count> strings named <prefix>:<num> (default: key), if they are not there.",
        "PROTOCOL <type>",
        "    Replies with a sample of a type: string, integer, double, bignum, null, array,",
        "    set, map, attrib, push, verbatim, true, false.",
        "QUICKLIST-PACKED-THRESHOLD <size>",
        "    Accepted and without effect.",
        "SDSLEN <key>",
        "    How long a key and its string are, and what memory they take.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    0: keys end only when somebody asks for them; 1: also by themselves.",
        "SLEEP <seconds>",
        "    Stops the server for <seconds>, fractions allowed.",
        "STRINGMATCH-LEN <pattern> <string>",
        "    Whether a pattern fits a string.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

/* "local" trusts this machine: loopback and Unix sockets. */
static bool is_allowed(const struct call *call) {
    const struct options *options = call->executor->options;
    int64_t who = options_integer(options, options_index(options, "enable-debug-command"));
    if (who != 2) return who == 1;
    return call->session == NULL || (call->session->flags & (SESSION_LOOPBACK | SESSION_UNIX)) != 0;
}

static void debug(struct call *call) {
    if (!is_allowed(call)) {
        reply_error(call,
                    "ERR DEBUG command not allowed. If the enable-debug-command option is set to "
                    "\"local\", you can run it from a local connection, otherwise you need to set "
                    "this option in the configuration file, and then restart the server.");
        return;
    }
    struct bytes word = args_bytes(call);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!bytes_is(word, words[i].name)) continue;
        int left = args_left(call);
        if (left < words[i].min || (words[i].max >= 0 && left > words[i].max)) break;
        words[i].handler(call);
        return;
    }
    reply_wrong_subcommand(call);
}

static const struct command commands[] = {
    {
        .name = "DEBUG",
        .handler = debug,
        .summary = "Shows and changes what only tests and tools should.",
        .complexity = "Depends on subcommand.",
        .since = "1.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_NOSCRIPT | COMMAND_STALE,
        .arity = -2,
        .reply = "depends on the subcommand",
        .errors = "ERR unless enable-debug-command allows it",
    },
};

const struct family debug_family = {
    .name = "debug",
    .title = "For tests and tools",
    .group = "server",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
