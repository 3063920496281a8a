/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of this family's words, and the family itself. */
#include "commands/registry.h"
#include "families/ratelimit/ratelimit_words.h"

#define ALGORITHM                                                                            \
    {                                                                                        \
        .kind = ARG_ONEOF, .name = "algorithm", .token = "ALGO", OPTIONAL, .arg_count = 5,   \
        .args = (const struct arg[]) {                                                       \
            TOKEN("fixed", "fixed"), TOKEN("sliding-log", "sliding-log"),                    \
                TOKEN("sliding-counter", "sliding-counter"),                                 \
                TOKEN("token-bucket", "token-bucket"), TOKEN("leaky-bucket", "leaky-bucket") \
        }                                                                                    \
    }
#define LIMIT_OPTIONS                                                                            \
    ALGORITHM, INTEGER("burst", .token = "BURST", OPTIONAL),                                     \
        INTEGER("queue", .token = "QUEUE", OPTIONAL), STRING("offset", .token = "TZ", OPTIONAL), \
        TOKEN("firsthit", "FIRSTHIT", OPTIONAL)
#define LIMITS ONEOF("limits", STRING("limit", MULTIPLE), STRING("policy", .token = "POLICY"))
#define AT UNIX_TIME("unix-time-milliseconds", .token = "AT", OPTIONAL)
#define CHECK_REPLY                                                                               \
    "[allowed 0|1, limit, remaining, retry_after_ms, reset_after_ms] of the limit that decides; " \
    "wait_ms behind them with BOOK, QUEUE or SHADOW"
#define WRONG_TYPE "WRONGTYPE the key holds another kind of value"
#define LIMIT_ERRORS                                                                          \
    "ERR syntax error, with the word that is wrong; ERR limit is out of range; NOSUCH there " \
    "is no such policy; FULL a key has at most 16 limits; " WRONG_TYPE
#define NOT_INTEGER "ERR value is not an integer or out of range; "
#define HOLDER_ERROR "ERR a holder's name has 1 to 128 bytes; "
#define DURATION_ERROR "ERR syntax: the duration is none (250ms, 30s, 5m, 2h, 7d); "

static void help(struct call *call);

static const struct command policy_commands[] = {
    {
        .name = "SET",
        .handler = ratelimit_word_policy_set,
        .summary = "Stores limits under a name; keys follow at their next check.",
        .complexity = "O(log policies)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(STRING("name"), STRING("limit", MULTIPLE), LIMIT_OPTIONS),
        .reply = "OK",
        .errors =
            "ERR syntax error, with the word that is wrong; FULL there are 1024 policies, or a "
            "policy has more than 16 limits",
        .events = "rl.policy",
        .example = "RL.POLICY SET login 5/1m 20/1h ALGO sliding-log",
    },
    {
        .name = "GET",
        .handler = ratelimit_word_policy_get,
        .summary = "Tells what the limits of a policy are.",
        .complexity = "O(log policies)",
        .since = "0.1.0",
        .access = READS,
        .speed = FAST,
        ARGS(STRING("name")),
        .reply = "a map: name, limits, details (one map a limit: limit, algorithm, burst, queue, "
                 "firsthit, tz_minutes); null when there is no such policy",
        .example = "RL.POLICY GET login",
    },
    {
        .name = "DEL",
        .handler = ratelimit_word_policy_del,
        .summary = "Deletes a policy; the counts of keys stay.",
        .complexity = "O(policies)",
        .since = "0.1.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(STRING("name")),
        .reply = "1 or true when there was one, else 0 or false",
        .events = "rl.policy",
        .example = "RL.POLICY DEL login",
    },
    {
        .name = "LIST",
        .handler = ratelimit_word_policy_list,
        .summary = "Lists the names of all policies of the database, in order.",
        .complexity = "O(policies)",
        .since = "0.1.0",
        .access = READS,
        .speed = SLOW,
        .reply = "an array of names",
        .example = "RL.POLICY LIST",
    },
};

static const struct command commands[] = {
    {
        .name = "CL.THROTTLE",
        .handler = ratelimit_word_throttle,
        .summary = "Takes from a bucket, with redis-cell's arguments, reply and stored value.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        .arity = -1,
        ARGS(KEY("key"), INTEGER("max_burst"), INTEGER("count"), INTEGER("period"),
             INTEGER("quantity", OPTIONAL)),
        .reply = "[limited 0|1, limit, remaining, retry_after_s or -1, reset_after_s]",
        .errors = "Cell error: as redis-cell words it; WRONGTYPE the key holds another kind of "
                  "value",
        .events = "set del",
        .example = "CL.THROTTLE user:42 15 30 60",
    },
    {
        .name = "RL.ACQUIRE",
        .handler = ratelimit_word_acquire,
        .summary = "Takes slots of a concurrency limit until they are released or the lease ends.",
        .complexity = "O(holders)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), INTEGER("limit"), STRING("holder"),
             STRING("duration", .token = "TTL", OPTIONAL),
             INTEGER("slots", .token = "COUNT", OPTIONAL), AT),
        .reply = "[acquired 0|1, limit, remaining, retry_after_ms, lease_ms]",
        .errors = NOT_INTEGER DURATION_ERROR HOLDER_ERROR WRONG_TYPE,
        .events = "rl.acquire",
        .example = "RL.ACQUIRE exports 3 worker-1 TTL 1m",
    },
    {
        .name = "RL.BLOCK",
        .handler = ratelimit_word_block,
        .summary = "Puts a key into the penalty box: every check of it is refused for this long.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), STRING("duration"), STRING("reason", .token = "REASON", OPTIONAL), AT),
        .reply = "the Unix time in milliseconds at which the block ends",
        .errors = DURATION_ERROR "ERR a reason has at most 128 bytes; " WRONG_TYPE,
        .events = "rl.block",
        .example = "RL.BLOCK ip:192.0.2.7 10m REASON scraping",
    },
    {
        .name = "RL.CHECK",
        .handler = ratelimit_word_check,
        .summary = "Charges limits, all or none, and says what is left or how long to wait.",
        .complexity = "O(limits)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), LIMITS, LIMIT_OPTIONS, INTEGER("cost", .token = "COST", OPTIONAL),
             STRING("duration", .token = "BOOK", OPTIONAL), TOKEN("peek", "PEEK", OPTIONAL),
             TOKEN("shadow", "SHADOW", OPTIONAL), TOKEN("withall", "WITHALL", OPTIONAL), AT),
        .reply = CHECK_REPLY ". WITHALL: one such array for each limit",
        .errors = LIMIT_ERRORS,
        .events = "rl.check",
        .example = "RL.CHECK user:42 10/1s 100/1m",
    },
    {
        .name = "RL.HELP",
        .handler = help,
        .summary = "Lists the commands of this family.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = TOUCHES_NO_KEYS,
        .speed = SLOW,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "RL.HELP",
    },
    {
        .name = "RL.MCHECK",
        .handler = ratelimit_word_mcheck,
        .summary = "Charges the same limits of several keys, all or none, and says which refused.",
        .complexity = "O(keys × limits)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(INTEGER("numkeys", .flags = ARG_KEY_COUNT), KEY("key", MULTIPLE), LIMITS,
             LIMIT_OPTIONS, INTEGER("cost", .token = "COST", OPTIONAL),
             STRING("duration", .token = "BOOK", OPTIONAL), TOKEN("peek", "PEEK", OPTIONAL),
             TOKEN("shadow", "SHADOW", OPTIONAL), AT),
        .reply = "[allowed 0|1, [keys that refused], then for each key what RL.CHECK replies]",
        .errors = LIMIT_ERRORS,
        .events = "rl.check",
        .example = "RL.MCHECK 2 user:42 ip:192.0.2.7 100/1m",
    },
    {
        .name = "RL.POLICY",
        .summary = "Named limits: stored once, used by name.",
        .complexity = "Depends on subcommand.",
        .since = "0.1.0",
        .access = WRITES,
        .speed = SLOW,
        SUBCOMMANDS(policy_commands),
    },
    {
        .name = "RL.REFUND",
        .handler = ratelimit_word_refund,
        .summary = "Gives back to all limits of a key, the newest charge first.",
        .complexity = "O(limits), with a sliding log O(requests in it)",
        .since = "0.1.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key"), INTEGER("amount"), AT),
        .reply = "as RL.CHECK, as things stand then; null when the key has no limits",
        .errors = NOT_INTEGER WRONG_TYPE,
        .events = "rl.refund",
        .example = "RL.REFUND user:42 1",
    },
    {
        .name = "RL.RELEASE",
        .handler = ratelimit_word_release,
        .summary = "Gives a holder's slots back.",
        .complexity = "O(holders)",
        .since = "0.1.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key"), STRING("holder"), AT),
        .reply = "how many slots it held; 0 when it held none",
        .errors = HOLDER_ERROR WRONG_TYPE,
        .events = "rl.release",
        .example = "RL.RELEASE exports worker-1",
    },
    {
        .name = "RL.RESERVE",
        .handler = ratelimit_word_reserve,
        .summary = "Takes up to this much of a limit as a block, to be spent elsewhere.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), STRING("limit"), INTEGER("amount"), LIMIT_OPTIONS,
             STRING("duration", .token = "TTL", OPTIONAL), AT),
        .reply = "[granted, limit, remaining, retry_after_ms, reset_after_ms, valid_ms]: spend it "
                 "within valid_ms and give back what is left with RL.REFUND",
        .errors = NOT_INTEGER "ERR syntax error, with the word that is wrong; ERR limit is out of "
                              "range; FULL a key has at most 16 limits; " WRONG_TYPE,
        .events = "rl.reserve",
        .example = "RL.RESERVE tenant:7 10000/1m 500 TTL 5s",
    },
    {
        .name = "RL.RESET",
        .handler = ratelimit_word_reset,
        .summary = "Forgets what was counted; a block and leases stay.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key"), AT),
        .reply = "1 or true when anything was counted, else 0 or false",
        .errors = WRONG_TYPE,
        .events = "rl.reset",
        .example = "RL.RESET user:42",
    },
    {
        .name = "RL.SETTLE",
        .handler = ratelimit_word_settle,
        .summary = "Corrects an estimated cost: gives the difference back, or charges it "
                   "whatever is left.",
        .complexity = "O(limits), with a sliding log O(requests in it)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), INTEGER("reserved"), INTEGER("actual"), AT),
        .reply = "as RL.CHECK, as things stand then; null when the key has no limits",
        .errors = NOT_INTEGER WRONG_TYPE,
        .events = "rl.refund rl.overrun",
        .example = "RL.SETTLE tokens:42 4000 3127",
    },
    {
        .name = "RL.STATS",
        .handler = ratelimit_word_stats,
        .summary = "Counts checks since the start, in all and for each policy.",
        .complexity = "O(policies)",
        .since = "0.1.0",
        .access = READS,
        .speed = SLOW,
        .reply = "a map: checks, allowed, refused, shadow_refused, refused_ratio, policies (a map "
                 "of such maps)",
        .example = "RL.STATS",
    },
    {
        .name = "RL.STATUS",
        .handler = ratelimit_word_status,
        .summary = "Tells how a key stands; charges nothing.",
        .complexity = "O(limits + holders)",
        .since = "0.1.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key"), AT),
        .reply = "a map: algorithm, limits, used, remaining, reset_at_ms (of the limit with "
                 "least remaining), blocked_until_ms, block_reason, leases, details (one map a "
                 "limit); null when the key does not exist",
        .errors = WRONG_TYPE,
        .example = "RL.STATUS user:42",
    },
    {
        .name = "RL.THROTTLE",
        .handler = ratelimit_word_throttle,
        .summary = "CL.THROTTLE under another name.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        .arity = -1,
        ARGS(KEY("key"), INTEGER("max_burst"), INTEGER("count"), INTEGER("period"),
             INTEGER("quantity", OPTIONAL)),
        .reply = "[limited 0|1, limit, remaining, retry_after_s or -1, reset_after_s]",
        .errors = "Cell error: as redis-cell words it; WRONGTYPE the key holds another kind of "
                  "value",
        .events = "set del",
        .example = "RL.THROTTLE user:42 15 30 60",
    },
    {
        .name = "RL.TOP",
        .handler = ratelimit_word_top,
        .summary = "Lists the keys refused most in the last minute and hour, approximately; off "
                   "unless ratelimit-top-keys says how many to watch.",
        .complexity = "O(watched × log watched)",
        .since = "0.1.0",
        .access = TOUCHES_NO_KEYS,
        .speed = SLOW,
        ARGS(INTEGER("count", .token = "COUNT", OPTIONAL)),
        .reply = "an array of [key, refused in the last minute, in the last hour]",
        .example = "RL.TOP COUNT 10",
    },
    {
        .name = "RL.UNBLOCK",
        .handler = ratelimit_word_unblock,
        .summary = "Takes a key out of the penalty box.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES_FREELY,
        .speed = FAST,
        ARGS(KEY("key"), AT),
        .reply = "1 or true when it was in it, else 0 or false",
        .errors = WRONG_TYPE,
        .events = "rl.unblock",
        .example = "RL.UNBLOCK ip:192.0.2.7",
    },
};

static void help_line(struct call *call, const struct command_entry *entry) {
    char usage[1024];
    size_t len = registry_usage(entry, usage, sizeof(usage));
    reply_bulk(call, bytes_make(usage, len < sizeof(usage) ? len : sizeof(usage)));
    reply_bulk(call, arena_format(call_arena(call), "    %s", entry->command->summary));
}

static void help(struct call *call) {
    args_end(call);
    if (args_failed(call)) return;
    struct reply_later later = reply_later_open(call);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct command_entry *entry = registry_find_declared(call->executor->registry,
                                                                   bytes_of(commands[i].name));
        if (commands[i].subcommand_count == 0) help_line(call, entry);
        for (size_t j = 0; j < commands[i].subcommand_count; j++) {
            help_line(call, &entry->children[j]);
        }
    }
    reply_later_close(call, later, '*');
}

static const struct option options[] = {
    {
        .name = "ratelimit-top-keys",
        .kind = OPTION_INTEGER,
        .fallback = "0",
        .min = 0,
        .max = SKETCH_CAPACITY_MAX,
        .help = "How many keys RL.TOP watches for refusals; 0 turns it off.",
    },
};

static const struct value_type *const types[] = {&ratelimit_type, &ratelimit_policies_type};

const struct family ratelimit_family = {
    .name = "ratelimit",
    .title = "Rate limits",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .types = types,
    .type_count = COUNT_OF(types),
    .options = options,
    .option_count = COUNT_OF(options),
    .module_name = "ratelimit",
    .module_version = 1,
    .state_create = ratelimit_statistics_create,
    .state_destroy = ratelimit_statistics_destroy,
    .info = ratelimit_statistics_info,
};
