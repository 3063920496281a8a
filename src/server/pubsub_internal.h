/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What pubsub.c and its words share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "structures/hash_table.h"

struct session;

enum topic_kind { TOPIC_CHANNEL, TOPIC_PATTERN, TOPIC_SHARD, TOPIC_KINDS };

/* A session's interest in a topic: on the topic's list, and in the session's table by name. */
struct subscription {
    struct topic *topic;
    struct session *session;
    struct subscription *next;
    struct subscription *previous;
};

struct topic {
    enum topic_kind kind;
    uint32_t name_len;
    size_t subscriber_count;
    struct subscription *first; /* in the order they came */
    struct subscription *last;
    struct topic *next_pattern;
    struct topic *previous_pattern;
    char name[];
};

struct pubsub {
    struct hash_table topics[TOPIC_KINDS];
    struct topic *first_pattern;
};

/* The part of a session that subscribes. */
struct subscriptions {
    struct hash_table tables[TOPIC_KINDS];
};

/* False: memory was refused. It may have listened already. */
bool subscription_add(struct session *session, enum topic_kind kind, struct bytes name) MUST_CHECK;
/* False: it did not listen. */
bool subscription_remove(struct session *session, enum topic_kind kind, struct bytes name);
/* A topic stays, and its name, even with nobody left to listen, until it is let go. */
void topic_hold(struct topic *topic);
void topic_let_go(struct pubsub *pubsub, struct topic *topic);
/* As KEYS matches names, but for the empty one: only the empty pattern matches it, and not "*". */
bool topic_matches(struct bytes pattern, struct bytes name);
/* One of those that are left; NULL: none. */
struct topic *subscription_any(const struct session *session, enum topic_kind kind);
