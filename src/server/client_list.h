/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A client as CLIENT LIST shows it: one line of field=value. */
#include "network/address.h"
#include "protocol/output.h"
#include "server/client_filter.h"

struct session;

#define CLIENT_FLAGS_MAX 24

/* Facts with the room that their texts need. */
struct client_portrait {
    struct client_facts facts;
    char flags[CLIENT_FLAGS_MAX];
    char peer[ADDRESS_TEXT_BYTES_MAX];
    char local[ADDRESS_TEXT_BYTES_MAX];
};

/* Asks the system for both addresses. */
void client_portray(const struct session *session, struct client_portrait *portrait);
/* `argument_bytes`: of the request that runs, if it is this client's. */
void client_line(struct output *output, const struct session *session,
                 const struct client_portrait *portrait, size_t argument_bytes);
