/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Which clients CLIENT LIST and CLIENT KILL mean: pairs of a word and a value, all of which must
 * hold; behind NOT- none may. The words are those of Valkey 9, of which Redis 8 has some. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

enum client_kind { CLIENT_NORMAL, CLIENT_MASTER, CLIENT_REPLICA, CLIENT_SUBSCRIBER };

/* What is known of a client. Texts borrowed; empty where there is none. */
struct client_facts {
    uint64_t id;
    enum client_kind kind;
    const char *flags; /* letters, as CLIENT LIST shows them */
    const char *capabilities;
    struct bytes user;
    struct bytes peer; /* "127.0.0.1:5000" */
    struct bytes local;
    struct bytes name;
    struct bytes library_name;
    struct bytes library_version;
    int32_t database;
    int64_t age_s;
    int64_t idle_s;
};

enum client_condition {
    CLIENT_ID,
    CLIENT_TYPE,
    CLIENT_USER,
    CLIENT_PEER,
    CLIENT_LOCAL,
    CLIENT_NAME,
    CLIENT_FLAGS,
    CLIENT_LIBRARY_NAME,
    CLIENT_LIBRARY_VERSION,
    CLIENT_DATABASE,
    CLIENT_CAPABILITY,
    CLIENT_IP,
    CLIENT_IDLE,
    CLIENT_MAX_AGE,
    CLIENT_SKIP_ME,
};

struct client_conditions {
    uint32_t present; /* bits of enum client_condition */
    int64_t *ids;
    size_t id_count;
    enum client_kind kind;
    int64_t database;
    struct bytes texts[CLIENT_IP + 1];
};

struct client_filter {
    struct client_conditions wanted;
    struct client_conditions unwanted;
    int64_t idle_s;    /* at least; 0: any */
    int64_t max_age_s; /* at least so old; 0: any */
    bool skips_me;
};

enum client_filter_use { CLIENT_FILTER_LIST, CLIENT_FILTER_KILL };

/* Reads words; NULL, or the error with its code. Memory from the arena; texts are borrowed. */
const char *client_filter_read(struct client_filter *filter, enum client_filter_use use,
                               const struct bytes *words, int count, int32_t database_count,
                               struct arena *arena);
/* Nothing but ids was asked for. */
bool client_filter_is_by_ids(const struct client_filter *filter);
/* Of client `me` the filter may skip itself. */
bool client_filter_matches(const struct client_filter *filter, const struct client_facts *facts,
                           uint64_t me);
