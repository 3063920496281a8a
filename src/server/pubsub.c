/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/pubsub.h"

#include <stdio.h>

#include "base/blob.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/executor.h"
#include "server/pubsub_internal.h"
#include "server/server.h"
#include "server/session.h"

static struct bytes topic_key(const void *item) {
    const struct topic *topic = item;
    return bytes_make(topic->name, topic->name_len);
}

static struct bytes subscription_key(const void *item) {
    const struct subscription *subscription = item;
    return topic_key(subscription->topic);
}

struct pubsub *pubsub_create(void) {
    struct pubsub *pubsub = memory_allocate_zero(sizeof(*pubsub));
    for (int i = 0; i < TOPIC_KINDS; i++) hash_table_init(&pubsub->topics[i], topic_key);
    return pubsub;
}

void pubsub_destroy(struct pubsub **pubsub) {
    if (*pubsub == NULL) return;
    for (int i = 0; i < TOPIC_KINDS; i++) hash_table_deinit(&(*pubsub)->topics[i]);
    memory_free(*pubsub);
    *pubsub = NULL;
}

/* --- subscribing --- */

static struct subscriptions *subscriptions_of(struct session *session) {
    if (session->subscriptions == NULL) {
        session->subscriptions = memory_allocate_zero(sizeof(*session->subscriptions));
        for (int i = 0; i < TOPIC_KINDS; i++)
            hash_table_init(&session->subscriptions->tables[i], subscription_key);
    }
    return session->subscriptions;
}

/* NULL: memory was refused. */
static struct topic *topic_make(struct pubsub *pubsub, enum topic_kind kind, struct bytes name,
                                uint64_t hash) {
    struct topic *topic = hash_table_find(&pubsub->topics[kind], hash, name, NULL);
    if (topic != NULL) return topic;
    topic = memory_try_allocate(sizeof(*topic) + name.len);
    if (topic == NULL) return NULL;
    *topic = (struct topic){.kind = kind, .name_len = (uint32_t)name.len};
    if (name.len > 0) memcpy(topic->name, name.data, name.len);
    hash_table_insert(&pubsub->topics[kind], hash, topic);
    if (kind == TOPIC_PATTERN) {
        topic->next_pattern = pubsub->first_pattern;
        if (pubsub->first_pattern != NULL) pubsub->first_pattern->previous_pattern = topic;
        pubsub->first_pattern = topic;
    }
    return topic;
}

static void topic_drop(struct pubsub *pubsub, struct topic *topic) {
    struct hash_place place;
    struct bytes name = topic_key(topic);
    hash_table_find(&pubsub->topics[topic->kind], hash_bytes(name), name, &place);
    hash_table_remove(&pubsub->topics[topic->kind], place);
    if (topic->kind == TOPIC_PATTERN) {
        if (topic->previous_pattern != NULL)
            topic->previous_pattern->next_pattern = topic->next_pattern;
        else pubsub->first_pattern = topic->next_pattern;
        if (topic->next_pattern != NULL)
            topic->next_pattern->previous_pattern = topic->previous_pattern;
    }
    memory_free(topic);
}

void topic_hold(struct topic *topic) { topic->subscriber_count++; }

void topic_let_go(struct pubsub *pubsub, struct topic *topic) {
    if (--topic->subscriber_count == 0) topic_drop(pubsub, topic);
}

bool subscription_add(struct session *session, enum topic_kind kind, struct bytes name) {
    struct subscriptions *subscriptions = subscriptions_of(session);
    uint64_t hash = hash_bytes(name);
    if (hash_table_find(&subscriptions->tables[kind], hash, name, NULL) != NULL) return true;
    struct topic *topic = topic_make(session->server->pubsub, kind, name, hash);
    if (topic == NULL) return false;
    struct subscription *subscription = memory_allocate(sizeof(*subscription));
    *subscription = (struct subscription){
        .topic = topic, .session = session, .previous = topic->last, .next = NULL};
    if (topic->last != NULL) topic->last->next = subscription;
    else topic->first = subscription;
    topic->last = subscription;
    topic->subscriber_count++;
    hash_table_insert(&subscriptions->tables[kind], hash, subscription);
    return true;
}

bool subscription_remove(struct session *session, enum topic_kind kind, struct bytes name) {
    if (session->subscriptions == NULL) return false;
    struct hash_table *table = &session->subscriptions->tables[kind];
    struct hash_place place;
    struct subscription *subscription = hash_table_find(table, hash_bytes(name), name, &place);
    if (subscription == NULL) return false;
    hash_table_remove(table, place);
    struct topic *topic = subscription->topic;
    if (subscription->previous != NULL) subscription->previous->next = subscription->next;
    else topic->first = subscription->next;
    if (subscription->next != NULL) subscription->next->previous = subscription->previous;
    else topic->last = subscription->previous;
    memory_free(subscription);
    topic_let_go(session->server->pubsub, topic);
    return true;
}

struct finding {
    struct subscription *found;
};

static void find_any(void *context, void *item) { ((struct finding *)context)->found = item; }

struct topic *subscription_any(const struct session *session, enum topic_kind kind) {
    if (session->subscriptions == NULL) return NULL;
    const struct hash_table *table = &session->subscriptions->tables[kind];
    struct finding finding = {NULL};
    for (size_t i = 0; i < table->bucket_count && finding.found == NULL; i++)
        hash_table_visit_bucket(table, i, find_any, &finding);
    return finding.found == NULL ? NULL : finding.found->topic;
}

void pubsub_forget(struct session *session) {
    if (session->subscriptions == NULL) return;
    for (int kind = 0; kind < TOPIC_KINDS; kind++) {
        struct topic *topic;
        while ((topic = subscription_any(session, (enum topic_kind)kind)) != NULL)
            subscription_remove(session, (enum topic_kind)kind, topic_key(topic));
        hash_table_deinit(&session->subscriptions->tables[kind]);
    }
    memory_free(session->subscriptions);
    session->subscriptions = NULL;
}

/* --- counting --- */

static size_t count_of(const struct session *session, enum topic_kind kind) {
    return session->subscriptions == NULL ? 0 : session->subscriptions->tables[kind].item_count;
}

size_t pubsub_session_channels(const struct session *session) {
    return count_of(session, TOPIC_CHANNEL);
}

size_t pubsub_session_patterns(const struct session *session) {
    return count_of(session, TOPIC_PATTERN);
}

size_t pubsub_session_shards(const struct session *session) {
    return count_of(session, TOPIC_SHARD);
}

size_t pubsub_session_count(const struct session *session) {
    return count_of(session, TOPIC_CHANNEL) + count_of(session, TOPIC_PATTERN) +
           count_of(session, TOPIC_SHARD);
}

size_t pubsub_session_bytes(const struct session *session) {
    if (session->subscriptions == NULL) return 0;
    size_t bytes = memory_block_bytes(session->subscriptions);
    for (int i = 0; i < TOPIC_KINDS; i++) {
        const struct hash_table *table = &session->subscriptions->tables[i];
        bytes += hash_table_memory_bytes(table) + table->item_count * sizeof(struct subscription);
    }
    return bytes;
}

size_t pubsub_channel_count(const struct pubsub *pubsub) {
    return pubsub->topics[TOPIC_CHANNEL].item_count;
}

size_t pubsub_pattern_count(const struct pubsub *pubsub) {
    return pubsub->topics[TOPIC_PATTERN].item_count;
}

size_t pubsub_shard_count(const struct pubsub *pubsub) {
    return pubsub->topics[TOPIC_SHARD].item_count;
}

/* --- publishing --- */

bool topic_matches(struct bytes pattern, struct bytes name) {
    return name.len == 0 ? pattern.len == 0 : text_matches(pattern, name, false);
}

/* One message, laid out at most once for each protocol. */
struct message {
    const char *kind;     /* message, pmessage, smessage */
    struct bytes pattern; /* data NULL: none */
    struct bytes channel;
    struct bytes payload;
    struct blob *blob; /* of a big payload: shared by all who get it */
    struct output laid[2];
};

static void lay_out(struct message *message, struct output *output) {
    resp_push(output, message->pattern.data == NULL ? 3 : 4);
    resp_bulk(output, bytes_of(message->kind));
    if (message->pattern.data != NULL) resp_bulk(output, message->pattern);
    resp_bulk(output, message->channel);
    if (message->blob != NULL) resp_bulk_blob(output, message->blob);
    else resp_bulk(output, message->payload);
}

static void deliver(struct session *session, struct message *message) {
    if (!session_is_alive(session)) return;
    struct output *laid = &message->laid[session->protocol == 3];
    if (laid->len == 0) {
        laid->protocol = session->protocol;
        lay_out(message, laid);
    }
    struct output *output = session_push_open(session);
    if (message->blob != NULL || laid->refused) lay_out(message, output);
    else output_raw(output, bytes_make(laid->data, laid->len));
    session_push_close(session);
}

static size_t deliver_all(struct topic *topic, struct message *message) {
    output_init(&message->laid[0], 2);
    output_init(&message->laid[1], 3);
    size_t count = 0;
    for (struct subscription *at = topic->first; at != NULL; at = at->next) {
        deliver(at->session, message);
        count++;
    }
    output_deinit(&message->laid[0]);
    output_deinit(&message->laid[1]);
    return count;
}

size_t pubsub_publish(struct server *server, struct bytes channel, struct bytes payload,
                      bool sharded) {
    struct pubsub *pubsub = server->pubsub;
    enum topic_kind kind = sharded ? TOPIC_SHARD : TOPIC_CHANNEL;
    struct message message = {
        .kind = sharded ? "smessage" : "message", .channel = channel, .payload = payload};
    if (payload.len >= OUTPUT_SPLICE_MIN) message.blob = blob_try_copy(payload);
    size_t count = 0;
    struct topic *topic = hash_table_find(&pubsub->topics[kind], hash_bytes(channel), channel,
                                          NULL);
    if (topic != NULL) count += deliver_all(topic, &message);
    for (topic = sharded ? NULL : pubsub->first_pattern; topic != NULL;
         topic = topic->next_pattern) {
        if (!topic_matches(topic_key(topic), channel)) continue;
        message.kind = "pmessage";
        message.pattern = topic_key(topic);
        count += deliver_all(topic, &message);
    }
    if (message.blob != NULL) blob_unref(message.blob);
    return count;
}

void pubsub_event(struct server *server, uint32_t event_class, struct bytes event, struct bytes key,
                  int32_t database) {
    (void)event_class;
    struct pubsub *pubsub = server->pubsub;
    if (pubsub->topics[TOPIC_CHANNEL].item_count + pubsub->topics[TOPIC_PATTERN].item_count == 0)
        return;
    struct arena *arena = &server->executor.arena;
    if ((server->executor.event_mask & EVENT_KEYSPACE) != 0) {
        struct bytes channel = arena_format(arena, "__keyspace@%d__:%.*s", database, 0, "");
        char *whole = arena_try_allocate(arena, channel.len + key.len + 1);
        if (whole != NULL) { /* else nobody hears of it: messages are sent at most once */
            memcpy(whole, channel.data, channel.len);
            if (key.len > 0) memcpy(whole + channel.len, key.data, key.len);
            pubsub_publish(server, bytes_make(whole, channel.len + key.len), event, false);
        }
    }
    if ((server->executor.event_mask & EVENT_KEYEVENT) != 0) {
        struct bytes channel = arena_format(arena, "__keyevent@%d__:%.*s", database, (int)event.len,
                                            event.data);
        pubsub_publish(server, channel, key, false);
    }
}
