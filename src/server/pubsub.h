/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Who listens to which channel: SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and PUBLISH.
 *
 * Channels and patterns are tables of the server; a session's own part lists what it listens to.
 * Publishing costs O(subscribers + patterns); a message is laid out once per protocol. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct server;
struct session;
struct pubsub;

struct pubsub *pubsub_create(void);
void pubsub_destroy(struct pubsub **pubsub);
/* Sends to all who listen; returns how many got it. */
size_t pubsub_publish(struct server *server, struct bytes channel, struct bytes message,
                      bool sharded);
/* The hook of the executor: "__keyspace@0__:key" and "__keyevent@0__:event". */
void pubsub_event(struct server *server, uint32_t event_class, struct bytes event, struct bytes key,
                  int32_t database);
/* The session is leaving, or starts anew: no messages, no replies. */
void pubsub_forget(struct session *session);
size_t pubsub_session_count(const struct session *session); /* of all three kinds */
size_t pubsub_session_channels(const struct session *session);
size_t pubsub_session_patterns(const struct session *session);
size_t pubsub_session_shards(const struct session *session);
size_t pubsub_session_bytes(const struct session *session);
size_t pubsub_channel_count(const struct pubsub *pubsub);
size_t pubsub_pattern_count(const struct pubsub *pubsub);
size_t pubsub_shard_count(const struct pubsub *pubsub);
