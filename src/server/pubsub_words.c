/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/family.h"
#include "commands/help.h"
#include "server/pubsub.h"
#include "server/pubsub_internal.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

/* How many topics the last element of a (un)subscribe reply counts. */
static int64_t counted(const struct session *session, enum topic_kind kind) {
    if (kind == TOPIC_SHARD) return (int64_t)pubsub_session_shards(session);
    return (int64_t)(pubsub_session_channels(session) + pubsub_session_patterns(session));
}

/* It is a push, so that who wants no replies gets it all the same. */
static void confirm(struct call *call, const char *word, const struct bytes *name,
                    enum topic_kind kind) {
    struct session *session = call->session;
    bool is_silent = session_is_silent(session);
    struct output *output = is_silent ? session_push_open(session) : call->output;
    resp_push(output, 3);
    resp_bulk(output, bytes_of(word));
    if (name == NULL) resp_null(output);
    else resp_bulk(output, *name);
    resp_integer(output, counted(session, kind));
    if (is_silent) session_push_close(session);
}

static void subscribe_to(struct call *call, enum topic_kind kind, const char *word) {
    while (args_left(call) > 0) {
        struct bytes name = args_bytes(call);
        if (!subscription_add(call->session, kind, name)) {
            reply_no_memory(call, "the channel");
            break;
        }
        confirm(call, word, &name, kind);
    }
    reply_none(call);
}

static void unsubscribe_from(struct call *call, enum topic_kind kind, const char *word) {
    struct session *session = call->session;
    if (args_left(call) == 0) {
        struct topic *topic = subscription_any(session, kind);
        if (topic == NULL) confirm(call, word, NULL, kind);
        for (; topic != NULL; topic = subscription_any(session, kind)) {
            struct bytes name = bytes_make(topic->name, topic->name_len);
            topic_hold(topic);
            subscription_remove(session, kind, name);
            confirm(call, word, &name, kind);
            topic_let_go(session->server->pubsub, topic);
        }
    }
    while (args_left(call) > 0) {
        struct bytes name = args_bytes(call);
        subscription_remove(session, kind, name);
        confirm(call, word, &name, kind);
    }
    if (pubsub_session_count(session) == 0) pubsub_forget(session);
    reply_none(call);
}

static void subscribe(struct call *call) { subscribe_to(call, TOPIC_CHANNEL, "subscribe"); }

static void psubscribe(struct call *call) { subscribe_to(call, TOPIC_PATTERN, "psubscribe"); }

/* Of the three, shard channels alone are not subscribed to in a transaction. */
static void ssubscribe(struct call *call) {
    if (call->in_transaction)
        reply_error(call, "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    else subscribe_to(call, TOPIC_SHARD, "ssubscribe");
}

static void unsubscribe(struct call *call) { unsubscribe_from(call, TOPIC_CHANNEL, "unsubscribe"); }

static void punsubscribe(struct call *call) {
    unsubscribe_from(call, TOPIC_PATTERN, "punsubscribe");
}

static void sunsubscribe(struct call *call) { unsubscribe_from(call, TOPIC_SHARD, "sunsubscribe"); }

static void publish_to(struct call *call, bool sharded) {
    struct bytes channel = args_bytes(call);
    struct bytes message = args_bytes(call);
    size_t count = pubsub_publish(server_of(call), channel, message, sharded);
    reply_integer(call, (int64_t)count);
}

static void publish(struct call *call) { publish_to(call, false); }

static void spublish(struct call *call) { publish_to(call, true); }

/* --- PUBSUB --- */

struct listing {
    struct call *call;
    struct bytes pattern; /* data NULL: all */
};

static void list_topic(void *context, void *item) {
    struct listing *listing = context;
    const struct topic *topic = item;
    struct bytes name = bytes_make(topic->name, topic->name_len);
    if (listing->pattern.data != NULL && !topic_matches(listing->pattern, name)) return;
    reply_bulk(listing->call, name);
}

static void list_topics(struct call *call, enum topic_kind kind) {
    const struct hash_table *table = &server_of(call)->pubsub->topics[kind];
    struct listing listing = {.call = call};
    if (args_left(call) > 1) {
        reply_wrong_subcommand(call);
        return;
    }
    if (args_left(call) > 0) listing.pattern = args_bytes(call);
    struct reply_later later = reply_later_open(call);
    for (size_t i = 0; i < table->bucket_count; i++)
        hash_table_visit_bucket(table, i, list_topic, &listing);
    reply_later_close(call, later, '*');
}

static void count_topics(struct call *call, enum topic_kind kind) {
    const struct hash_table *table = &server_of(call)->pubsub->topics[kind];
    reply_array(call, (size_t)args_left(call) * 2);
    while (args_left(call) > 0) {
        struct bytes name = args_bytes(call);
        const struct topic *topic = hash_table_find(table, hash_bytes(name), name, NULL);
        reply_bulk(call, name);
        reply_integer(call, topic == NULL ? 0 : (int64_t)topic->subscriber_count);
    }
}

static void pubsub_channels(struct call *call) { list_topics(call, TOPIC_CHANNEL); }

static void pubsub_shardchannels(struct call *call) { list_topics(call, TOPIC_SHARD); }

static void pubsub_numsub(struct call *call) { count_topics(call, TOPIC_CHANNEL); }

static void pubsub_shardnumsub(struct call *call) { count_topics(call, TOPIC_SHARD); }

static void pubsub_numpat(struct call *call) {
    reply_integer(call, (int64_t)pubsub_pattern_count(server_of(call)->pubsub));
}

static void pubsub_help(struct call *call) {
    static const char *const lines[] = {
        "CHANNELS [<pattern>]",
        "    The channels that somebody listens to (default pattern: '*').",
        "NUMPAT",
        "    How many patterns are subscribed to.",
        "NUMSUB [<channel> ...]",
        "    How many listen to each channel by its name.",
        "SHARDCHANNELS [<pattern>]",
        "    The shard channels that somebody listens to.",
        "SHARDNUMSUB [<shardchannel> ...]",
        "    How many listen to each shard channel.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}

#define LISTENS \
    COMMAND_PUBSUB | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_ALLOW_RESP2_PUBSUB

static const struct command subcommands[] = {
    {
        .name = "CHANNELS",
        .handler = pubsub_channels,
        .summary = "Lists the channels that somebody listens to.",
        .complexity = "O(N) for N channels",
        .since = "2.8.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
        ARGS(PATTERN("pattern", OPTIONAL)),
        .reply = "an array of names",
        .example = "PUBSUB CHANNELS news.*",
    },
    {
        .name = "HELP",
        .handler = pubsub_help,
        .summary = "Lists the subcommands of PUBSUB.",
        .complexity = "O(1)",
        .since = "6.2.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_LOADING | COMMAND_STALE,
        .reply = "an array of lines",
        .example = "PUBSUB HELP",
    },
    {
        .name = "NUMPAT",
        .handler = pubsub_numpat,
        .summary = "Counts the patterns that somebody listens to.",
        .complexity = "O(1)",
        .since = "2.8.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
        .reply = "the count",
        .example = "PUBSUB NUMPAT",
    },
    {
        .name = "NUMSUB",
        .handler = pubsub_numsub,
        .summary = "Counts who listens to each channel by its name.",
        .complexity = "O(N) for N channels asked for",
        .since = "2.8.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
        ARGS(STRING("channel", OPTIONAL_MULTIPLE)),
        .reply = "an array: name, count, name, count ...",
        .example = "PUBSUB NUMSUB news",
    },
    {
        .name = "SHARDCHANNELS",
        .handler = pubsub_shardchannels,
        .summary = "Lists the shard channels that somebody listens to.",
        .complexity = "O(N) for N shard channels",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
        ARGS(PATTERN("pattern", OPTIONAL)),
        .reply = "an array of names",
        .example = "PUBSUB SHARDCHANNELS",
    },
    {
        .name = "SHARDNUMSUB",
        .handler = pubsub_shardnumsub,
        .summary = "Counts who listens to each shard channel.",
        .complexity = "O(N) for N shard channels asked for",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
        ARGS(STRING("shardchannel", OPTIONAL_MULTIPLE)),
        .reply = "an array: name, count, name, count ...",
        .example = "PUBSUB SHARDNUMSUB news",
    },
};

static const struct command commands[] = {
    {
        .name = "PSUBSCRIBE",
        .handler = psubscribe,
        .summary = "Listens to all channels whose names match the patterns.",
        .complexity = "O(N) for N patterns",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(PATTERN("pattern", MULTIPLE)),
        .reply = "one push a pattern: psubscribe, pattern, count of subscriptions",
        .example = "PSUBSCRIBE news.*",
    },
    {
        .name = "PUBLISH",
        .handler = publish,
        .summary = "Sends a message to all who listen to a channel.",
        .complexity = "O(N+M) for N who listen to the channel and M patterns of all",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE | COMMAND_MAY_REPLICATE,
        ARGS(STRING("channel"), STRING("message")),
        .reply = "how many clients got it",
        .example = "PUBLISH news hello",
    },
    {
        .name = "PUBSUB",
        .summary = "Tells who listens to what.",
        .complexity = "Depends on the subcommand.",
        .since = "2.8.0",
        .access = TOUCHES_NO_KEYS,
        SUBCOMMANDS(subcommands),
    },
    {
        .name = "PUNSUBSCRIBE",
        .handler = punsubscribe,
        .summary = "Stops listening to patterns, or to all patterns.",
        .complexity = "O(N) for N patterns",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(PATTERN("pattern", OPTIONAL_MULTIPLE)),
        .reply = "one push a pattern: punsubscribe, pattern, count of subscriptions",
        .example = "PUNSUBSCRIBE news.*",
    },
    {
        .name = "SPUBLISH",
        .handler = spublish,
        .summary = "Sends a message to all who listen to a shard channel.",
        .complexity = "O(N) for N who listen to the shard channel",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE | COMMAND_MAY_REPLICATE,
        ARGS(KEY("shardchannel", .key_use = KEY_NOT_A_KEY), STRING("message")),
        .reply = "how many clients got it",
        .example = "SPUBLISH news hello",
    },
    {
        .name = "SSUBSCRIBE",
        .handler = ssubscribe,
        .summary = "Listens to shard channels.",
        .complexity = "O(N) for N shard channels",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(KEY("shardchannel", MULTIPLE, .key_use = KEY_NOT_A_KEY)),
        .reply = "one push a channel: ssubscribe, channel, count of shard subscriptions",
        .example = "SSUBSCRIBE news",
    },
    {
        .name = "SUBSCRIBE",
        .handler = subscribe,
        .summary = "Listens to channels.",
        .complexity = "O(N) for N channels",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(STRING("channel", MULTIPLE)),
        .reply = "one push a channel: subscribe, channel, count of subscriptions",
        .example = "SUBSCRIBE news",
    },
    {
        .name = "SUNSUBSCRIBE",
        .handler = sunsubscribe,
        .summary = "Stops listening to shard channels, or to all of them.",
        .complexity = "O(N) for N shard channels",
        .since = "7.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(KEY("shardchannel", OPTIONAL_MULTIPLE, .key_use = KEY_NOT_A_KEY)),
        .reply = "one push a channel: sunsubscribe, channel, count of shard subscriptions",
        .example = "SUNSUBSCRIBE news",
    },
    {
        .name = "UNSUBSCRIBE",
        .handler = unsubscribe,
        .summary = "Stops listening to channels, or to all channels.",
        .complexity = "O(N) for N channels",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .flags = LISTENS,
        ARGS(STRING("channel", OPTIONAL_MULTIPLE)),
        .reply = "one push a channel: unsubscribe, channel, count of subscriptions",
        .example = "UNSUBSCRIBE news",
    },
};

const struct family pubsub_family = {
    .name = "pubsub",
    .title = "Publish and subscribe",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
